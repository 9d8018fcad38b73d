"""The checks find what is wrong: pages made to fail, one fault each, beside one that is sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import browsing
from browsing import served
from checks import Seen, Visitor, accessible, crawl, dead_links, unreached
from focus import unmarked
from playing import parse, run_lines

HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>'
    '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
)
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="9"/></svg>'
SOUND = (
    f'{HEAD}<h1 id="top">Sound</h1><img src="dot.svg" alt=""><a href="#top">up</a>'
    '<a href="other.html#there">other</a><a href="https://example.org/">away</a>'
    '<button>go</button><div style="overflow-x: auto"><pre style="width: 3000px">wide</pre></div>'
)

Look = Callable[..., Seen]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two sound pages."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "dot.svg").write_text(DOT, encoding="utf-8")
    (folder / "index.html").write_text(SOUND, encoding="utf-8")
    other = f'{HEAD}<p id="there"><a name="old" href="./">back</a>'
    (folder / "other.html").write_text(other, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def its_tab(folder: Path, browser: Browser) -> Iterator[Visitor]:
    """A tab for the pages of this file."""
    with served(folder) as address, Visitor(browser, address) as visitor:
        yield visitor


@pytest.fixture
def look(folder: Path, its_tab: Visitor) -> Iterator[Look]:
    """A function that looks at a page of the given text."""

    def look(text: str) -> Seen:
        (folder / "page.html").write_text(HEAD + text, encoding="utf-8")
        return its_tab.look("page.html")

    yield look
    (folder / "page.html").unlink(missing_ok=True)


def test_checks_find_nothing_in_sound_pages(folder: Path, its_tab: Visitor) -> None:
    pages = crawl(its_tab, folder)
    assert [seen.faults for seen in pages.values()] == [[], []]
    for seen in pages.values():
        assert dead_links(seen, pages, folder, its_tab.origin) == []
    assert unreached(pages, its_tab.origin) == set()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<script>console.error('oh')</script>", "console error: oh"),
        ("<script>console.warn('hm')</script>", "console warning: hm"),
        ("<script>throw new Error('thrown')</script>", "page error: thrown"),
        ("<script>Promise.reject(new Error('late'))</script>", "page error: late"),
        ("<script src='none.js'></script>", "failed request: "),
        ("<p style='background: url(none.png)'>behind</p>", "none.png (404)"),
        ("<img src='none.png' alt=''>", "missing picture: none.png"),
        ("<p style='height: 9999px'></p><img loading=lazy src=none.png alt=''>", "missing picture"),
        ("<img src='dot.svg'>", "picture without alt: dot.svg"),
        ("<img src='http://pictures.example/a.png' alt=''>", "another host: http://pictures"),
        ("<script>fetch('https://x.example/').catch(() => 0)</script>", "another host: https://x"),
        ("<link rel='preconnect' href='https://fonts.example'>", "another host: https://fonts"),
        ("<pre style='width: 1500px'>wide</pre>", "sideways: 1508 px in 1280 px: <pre"),
        ("<p id='much' style='width: 700px'>wide</p>", 'px in 360 px: <p id="much"'),
        ("<button></button>", 'no name: <button class=""> submit'),
        ("<input type='range'>", 'no name: <input class=""> range'),
        ("<a href='#'><img src='dot.svg' alt=''></a>", 'no name: <a class=""> #'),
        ("<a href='#'><b style='display: none'>hidden</b></a>", 'no name: <a class=""> #'),
        ("<script>alert('stop')</script>", "a dialog"),
    ],
)
def test_checks_find_what_is_wrong(look: Look, text: str, fault: str) -> None:
    assert any(fault in found for found in look(text).faults)
    assert look("<p>sound").faults == []  # nothing stays from one page to the next


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("gone.html", "dead link: gone.html"),
        ("gone/", "dead link: gone/index.html"),
        ("other.html#gone", "dead anchor: other.html#gone"),
        ("#gone", "dead anchor: page.html#gone"),
        ("file:///tmp/x.html", "odd link: file:///tmp/x.html"),
        ("http://127.0.0.1:1/", "odd link: http://127.0.0.1:1/"),
        ("other.html#there", None),
        ("other.html#old", None),
        ("other.html?x=1", None),
        ("#", None),
    ],
)
def test_checks_find_dead_links(
    look: Look, folder: Path, its_tab: Visitor, link: str, fault: str | None
) -> None:
    seen = look(f"<a href='{link}'>there</a>")
    pages = {"page.html": seen, "other.html": Seen("other.html", anchors={"there", "old"})}
    assert dead_links(seen, pages, folder, its_tab.origin) == ([fault] if fault else [])


def test_checks_find_pages_that_nothing_leads_to(its_tab: Visitor) -> None:
    pages = {name: Seen(name) for name in ("index.html", "a/index.html", "b.html", "c.html")}
    pages["index.html"].links = [f"{its_tab.origin}/a/"]
    pages["a/index.html"].links = [f"{its_tab.origin}/b.html#x"]
    assert unreached(pages, its_tab.origin) == {"c.html"}


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        ("color: #777", "contrast 4.48"),
        ("color: #767676", ""),
        ("color: #949494; font-size: 24px", ""),
        ("color: #949494; font-size: 20px", "contrast 3.03"),
        ("color: rgb(0 0 0 / 40%)", "contrast 2.8"),
        ("opacity: 0.4", "contrast 2.8"),
        ("color: #333; background: rgb(0 0 0 / 70%)", "contrast 1."),
        ("color: #777; visibility: hidden", ""),
    ],
)
def test_checks_measure_contrast(look: Look, its_tab: Visitor, style: str, fault: str) -> None:
    look(f"<style>html {{background: #fff}}</style><p style='{style}'>words</p>")
    faults = its_tab.contrast_faults()
    assert [f.split()[0] for f in faults] == (["light:", "dark:"] if fault else [])
    assert all(fault in found for found in faults)


def test_checks_measure_contrast_in_dark_mode(look: Look, its_tab: Visitor) -> None:
    dark = "@media (prefers-color-scheme: dark) { p { background: #111; color: #555 } }"
    look(f"<style>{dark}</style><p>words</p>")
    [fault] = its_tab.contrast_faults()
    assert fault.startswith("dark: contrast 2.5")


def test_checks_see_whether_focus_shows(look: Look, its_tab: Visitor) -> None:
    buttons = "<button id=a>a</button><button id=b>b</button><a href='#'>c</a>"
    look(buttons)
    assert unmarked(its_tab.page) == ([], ["a", "b", ""])
    look(f"<style>#b:focus {{outline: none}}</style>{buttons}")
    assert unmarked(its_tab.page) == (['unseen: <button id="b" class="">'], ["a", "b", ""])
    look(f"<style>#b:focus {{outline: none; background: #0077bb}}</style>{buttons}")
    assert unmarked(its_tab.page)[0] == []
    bar = "position: fixed; left: 0; right: 0; bottom: 0; height: 60px; background: #fff"
    look(f"<div style='height: 2000px'></div>{buttons}<div style='{bar}'></div>")
    assert unmarked(its_tab.page)[0] == [
        'covered: <button id="a" class="">', 'covered: <button id="b" class="">',
        'covered: <a id="" class="">',
    ]  # fmt: skip


def test_checks_read_names_as_a_screen_reader_does(look: Look, its_tab: Visitor) -> None:
    named = "<label for=x>rate</label><input id=x><button aria-label='stop'>x</button>"
    assert look(named).faults == []
    assert {("textbox", "rate"), ("button", "stop")} <= set(accessible(its_tab.page))
    look("<input>")
    assert ("textbox", "") in accessible(its_tab.page)


def test_checks_say_in_one_line_that_there_is_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=r"^no browser: none of chromium, .* install chromium$"):
        browsing.find_browser()


def test_checks_serve_a_module_as_browsers_want_it(its_tab: Visitor, folder: Path) -> None:
    (folder / "one.js").write_text("export const one = 1", encoding="utf-8")
    (folder / "page.wasm").write_bytes(b"\0asm\1\0\0\0")  # the smallest module
    its_tab.look("other.html")
    program = """async () => (await import("/one.js")).one +
        Number((await WebAssembly.instantiateStreaming(fetch("/page.wasm"))).module !== null)"""
    assert its_tab.page.evaluate(program) == 2


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10,000", 10000), (" 0.693162 ", 0.693162), ("98.5 %", 0.985), ("97%", 0.97),
        ("1.5e-7", 1.5e-7), ("\u22122", -2), ("\u2013", None), ("", None), ("2\u2009000", 2000),
    ],
)  # fmt: skip
def test_checks_read_numbers_as_they_are_shown(text: str, number: float | None) -> None:
    assert parse(text) == (None if number is None else pytest.approx(number))


def test_checks_run_lines_and_see_their_weights_and_warnings() -> None:
    lines = "import shallownet_native as sn\nX = Y = [[0.0, 1.0]]\nstart = sn.initialize(1, 0, 1)\n"
    train = "result = sn.train(start, X, Y, n_iterations=2)\nprint(result.costs[-1])\n"
    found = run_lines(lines + train, None)
    assert set(found["weights"]) == {"W2", "b2"} and float(found["printed"]) > 0
    with pytest.raises(AssertionError, match="UserWarning: loud"):
        run_lines(f"{lines}import warnings; warnings.warn('loud')\n{train}", None)
