"""What the site is made of: links between pages, and a reference that lists all that is public.

`python docs/build.py` itself takes a warning for an error; tests/site opens what it has built.
"""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import shallownet_native as sn
from docs_pages import BLOCK, LINKING, PAGES, ROOT, page_id


@pytest.mark.parametrize("page", [*PAGES, *LINKING], ids=page_id)
def test_docs_links_lead_somewhere(page):
    text = re.sub(BLOCK, "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w\- ]", "", h).lower().replace(" ", "-") for h in headings
            }


def listed_in_reference():
    """Return the names that the reference page lists, with their modules."""
    text = (ROOT / "docs/reference/index.md").read_text(encoding="utf-8")
    module, found = "", set()
    for line in text.splitlines():
        if current := re.match(r"\.\. currentmodule:: ([\w.]+)", line):
            module = current[1]
        elif name := re.match(r"(?:   |\.\. py:data:: )(\w+)$", line):
            found.add(f"{module}.{name[1]}")
    return found


@pytest.mark.parametrize(
    "module", [sn, sn.course, sn.datasets, sn.plotting, sn.reference], ids=lambda m: m.__name__
)
def test_docs_reference_lists_everything_public(module):
    names = {
        f"{module.__name__}.{name}"
        for name in dir(module)
        if not inspect.ismodule(getattr(module, name)) and name != "__version__"
    }
    assert names == {
        name for name in listed_in_reference() if name.rpartition(".")[0] == module.__name__
    }


@pytest.mark.parametrize(
    ("page", "link", "leads_to"),
    [
        ("docs/guides/learner.md", "../course.md#the-loop-by-hand", "/course.md#the-loop-by-hand"),
        ("docs/design.md", "../CONTRIBUTING.md", "/about/contributing.md"),
        ("README.md", "docs/growth.svg", "/growth.svg"),
        ("README.md", "examples/README.md", "/gallery/index.rst"),
        ("docs/course.md", "../examples/shapes/dying_relu.py", "/gallery/shapes/dying_relu.rst"),
        ("README.md", "python/shallownet_native/reference/method.py", None),
        ("docs/playground.md", "playground/index.html", "site:playground/index.html"),
        ("docs/design.md", "no-such-page.md", "no-such-page.md"),
    ],
)
def test_docs_links_of_the_repository_lead_to_pages_of_the_site(page, link, leads_to, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs/extensions")
    links = importlib.import_module("repository_links")
    leads_to = leads_to or f"/../{link}"
    text = f"[text]({link})\n```python\n[text]({link})\n```\n"
    docname = Path(page).stem
    assert links.lead_to_pages(text, ROOT / page, docname) == text.replace(link, leads_to, 1)


def test_docs_docstrings_are_escaped_and_lead_to_the_pages_that_they_name(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs/extensions")
    lines = ["coefs_ and docs/method.md tell.", ">>> coefs_  # docs/method.md"]
    importlib.import_module("public_reference").on_docstring(None, "", "", None, None, lines)
    assert lines == ["coefs\\_ and :doc:`/method` tell.", ">>> coefs_  # docs/method.md"]
