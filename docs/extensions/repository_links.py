"""Links between files of the project, as code hosts follow them, become links between pages.

A Markdown page links to `../CONTRIBUTING.md`, `../examples/lecture/flower.py` or `tables.md#types`
from where it lies in the repository. On the site the first is a page that includes the file, the
second one of the gallery. Whatever else exists (a source file, a test) is offered for download.
Links that lead nowhere stay as they are, and the build, to which a warning is an error, names them.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent

# Markdown files that lie outside of docs/, or are included by a page: file -> page
PAGES = {
    "README.md": "start.md",
    "CHANGELOG.md": "about/changelog.md",
    "CONTRIBUTING.md": "about/contributing.md",
    "SECURITY.md": "about/security.md",
    "benchmarks/README.md": "about/benchmarks.md",
    "docs": "index.md",
    "docs/README.md": "index.md",
    "examples": "gallery/index.rst",
    "examples/README.md": "gallery/index.rst",
    "src/cpp/README.md": "about/core.md",
}

FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
# What stands beside Sphinx's pages: file of the repository -> address from the site's root
BESIDE = {"docs/playground/index.html": "playground/index.html"}

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^()\s#]+)(#[^()\s]*)?(?=\))")


def page_of(path: PurePosixPath) -> str | None:
    """Return the page, below docs/, that shows this file of the repository, or None."""
    if page := PAGES.get(str(path)):
        return page
    if path.parts[0] == "docs":
        return str(PurePosixPath(*path.parts[1:]))
    if path.parts[0] == "examples":
        inside = PurePosixPath("gallery", *path.parts[1:])
        return str(inside.with_suffix(".rst") if path.suffix == ".py" else inside / "index.rst")
    return None


def lead_to_pages(text: str, source: Path, docname: str) -> str:
    """Return the text of a Markdown file with its links rewritten, code blocks left alone."""

    def moved(match: re.Match[str]) -> str:
        target, anchor = match[1], match[2] or ""
        path = (source.parent / target).resolve()
        if not path.exists() or not path.is_relative_to(ROOT):
            return match[0]
        file = path.relative_to(ROOT).as_posix()
        if file in BESIDE:
            return "site:" + "../" * docname.count("/") + BESIDE[file]
        page = page_of(PurePosixPath(file))
        return f"/../{file}" if page is None else f"/{page}{anchor}"

    parts, end = [], 0
    for block in FENCED.finditer(text):
        parts += [LINK.sub(moved, text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, LINK.sub(moved, text[end:])])


def on_source_read(app: Any, docname: str, content: list[str]) -> None:
    """Rewrite a page of docs/."""
    source = Path(app.env.doc2path(docname))
    if source.suffix == ".md":
        content[0] = lead_to_pages(content[0], source, docname)


def on_include_read(app: Any, path: Path, parent: str, content: list[str]) -> None:
    """Rewrite a file that a page includes, from where it lies."""
    if path.suffix == ".md":
        source = (Path(app.srcdir) / path).resolve()
        content[0] = lead_to_pages(content[0], source, app.env.docname)


def setup(app: Any) -> dict[str, bool]:
    """Take part in the build."""
    app.connect("source-read", on_source_read)
    app.connect("include-read", on_include_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
