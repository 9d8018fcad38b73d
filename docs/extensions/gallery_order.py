"""The gallery's order is that of the tables in examples/README.md; what is not there comes last.

That page is for code hosts. The gallery's own texts are the files GALLERY_HEADER.rst, which
sphinx-gallery would look for after a README.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LISTED = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def place(path: Path) -> tuple[int, str]:
    """Return where a script, or the first of a folder's, is named."""
    name = path.relative_to(EXAMPLES).as_posix()
    found = LISTED.find(f"]({name}")
    return (found if found >= 0 else len(LISTED), name)


def subsection(folder: str) -> tuple[int, str]:
    """Sort the folders."""
    return place((EXAMPLES.parent / "docs" / folder).resolve())


class example:  # noqa: N801 - named as a setting, called with a folder, then with its scripts
    """Sort the scripts of a folder."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder).resolve()

    def __call__(self, name: str) -> tuple[int, str]:
        """Sort by the place of this script."""
        return place(self.folder / name)

    def __repr__(self) -> str:
        return "example"  # no address: Sphinx compares settings by their text


def take_headers_from_rst(app: Any, config: Any) -> None:
    """Leave README.md to code hosts."""
    config.sphinx_gallery_conf["source_suffix"] = {".rst": "restructuredtext"}


def setup(app: Any) -> dict[str, bool]:
    """Take part in the build, after sphinx-gallery has read its settings."""
    app.connect("config-inited", take_headers_from_rst, priority=20)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
