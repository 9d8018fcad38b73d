"""Every page of the built site in a browser: nothing missing, nothing dead, nothing too wide.

A test for each page, on what one crawl found: at desktop and phone width, in both colour schemes.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks import PHONE, Seen, Visitor, crawl, dead_links, unreached
from focus import unmarked

FRONT = ("index.html", "start.html", "playground.html", "gallery/index.html")


@pytest.fixture(scope="module")
def pages(tab: Visitor, site: Path) -> dict[str, Seen]:
    """What was found on every page of the site."""
    return crawl(tab, site)


def test_pages_open_without_a_fault(pages: dict[str, Seen], page_path: str) -> None:
    assert pages[page_path].faults == []


def test_pages_lead_somewhere(
    pages: dict[str, Seen], page_path: str, site: Path, origin: str
) -> None:
    assert dead_links(pages[page_path], pages, site, origin) == []


def test_pages_can_all_be_reached_from_the_front(pages: dict[str, Seen], origin: str) -> None:
    assert unreached(pages, origin) <= {"404.html", "_modules/index.html"}


def test_pages_are_small_files_of_known_kinds(site: Path) -> None:
    """Nothing over 3 MB, and no cache of the builder, is published."""
    files = [path for path in site.rglob("*") if path.is_file()]
    assert [path for path in files if path.stat().st_size > 3e6] == []
    assert [path for path in files if path.suffix in (".doctree", ".pickle")] == []


def test_pages_have_titles_of_their_own(site: Path) -> None:
    """In search, history and tabs, `cost` and the oracle's `reference.cost` are told apart."""
    pages = [page for page in site.rglob("*.html") if "_modules" not in page.parts]
    titles = [
        re.search(r"<title>(.*?)</title>", page.read_text(encoding="utf-8"), re.DOTALL)[1]
        for page in pages
    ]
    assert [title for title in set(titles) if titles.count(title) > 1] == []


def test_pages_playground_with_the_core_is_under_300_kb_compressed(site: Path) -> None:
    files = [path for path in (site / "playground").rglob("*") if path.is_file()]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= 300_000


@pytest.mark.parametrize("word", ["learning_rate", "playground", "softmax"])
def test_pages_search_finds_a_word(visitor: Visitor, origin: str, word: str) -> None:
    page = visitor.page
    page.goto(f"{origin}/index.html")
    box = page.locator("input[name=q]:visible").first
    box.fill(word)
    box.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    page.locator("#search-results li a").first.click()
    page.wait_for_url(re.compile(r"^(?!.*search\.html)"))
    assert word.lower() in page.locator("body").inner_text().lower()
    assert visitor.take_complaints() == []


def test_pages_search_says_that_it_found_nothing(visitor: Visitor, origin: str) -> None:
    visitor.page.goto(f"{origin}/search.html?q=xylophone")
    visitor.page.get_by_text("did not match any documents").wait_for()
    assert visitor.take_complaints() == []


def test_pages_menu_opens_on_a_phone(visitor: Visitor, origin: str) -> None:
    visitor.resize(PHONE)
    page = visitor.page
    page.goto(f"{origin}/index.html")
    box = page.locator(".sidebar-drawer input[name=q]")
    assert box.bounding_box()["x"] < 0  # type: ignore[index]
    page.locator("label.nav-overlay-icon:visible").click()
    page.wait_for_function("() => document.querySelector('.sidebar-drawer').offsetLeft === 0")
    box.fill("sigmoid")
    box.press("Enter")
    page.locator("#search-results li a").first.wait_for()


@pytest.mark.parametrize("path", FRONT)
def test_pages_texts_are_dark_enough_to_read(
    visitor: Visitor, path: str, keep_picture: Callable[..., Any]
) -> None:
    visitor.look(path)
    assert visitor.contrast_faults() == []
    keep_picture(visitor.page, "-phone")
    visitor.page.emulate_media(color_scheme="dark")
    visitor.resize((1280, 900))
    keep_picture(visitor.page, "-dark")
    visitor.page.emulate_media(color_scheme="light")
    keep_picture(visitor.page)


@pytest.mark.parametrize("path", FRONT)
def test_pages_show_where_the_keyboard_is(visitor: Visitor, path: str) -> None:
    visitor.look(path)
    visitor.resize((1280, 900))
    faults, way = unmarked(visitor.page, most=60)
    assert faults == []
    assert len(way) > 10
