"""What may be wrong with a page, seen by opening it: each check returns its faults in words.

`Visitor` opens the pages of one folder and keeps what the browser complained about; `crawl` opens
all; `dead_links` then says which links lead nowhere. The checks' own tests: test_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

import page_scripts

PHONE, DESKTOP = (360, 740), (1280, 900)


@dataclass
class Seen:
    """One page as it was found."""

    path: str  # from the folder, as "guides/table.html"
    faults: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)  # whole addresses
    anchors: set[str] = field(default_factory=set)


class Visitor:
    """A tab of the browser that writes down what goes wrong in it."""

    def __init__(self, browser: Browser, origin: str, size: tuple[int, int] = DESKTOP) -> None:
        self.origin = origin
        width, height = size
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.complaints: list[str] = []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.note(f"page error: {error}"))
        self.page.on("request", self.look_where)
        self.page.on("requestfailed", self.look_at_failure)
        self.page.on("response", self.look_at_status)
        self.page.on("dialog", lambda dialog: (self.note("a dialog"), dialog.dismiss()))

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *error: Any) -> None:
        self.page.context.close()

    def note(self, fault: str) -> None:
        if fault not in self.complaints:
            self.complaints.append(fault)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.note(f"console {message.type}: {message.text}")

    def look_where(self, request: Request) -> None:
        self.look_at_host(request.url)

    def look_at_host(self, url: str) -> None:
        if url.startswith(("http", "ws")) and not url.startswith(f"{self.origin}/"):
            self.note(f"asks another host: {url}")

    def look_at_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # which is what leaving a page does to its rest
            self.note(f"failed request: {request.url}")

    def look_at_status(self, response: Response) -> None:
        if response.status >= 400:
            self.note(f"failed request: {response.url} ({response.status})")

    def take_complaints(self) -> list[str]:
        """Return what was noted since the last time."""
        taken, self.complaints = self.complaints, []
        return taken

    def resize(self, size: tuple[int, int]) -> None:
        width, height = size
        self.page.set_viewport_size({"width": width, "height": height})

    def look(self, path: str) -> Seen:
        """Open one page at desktop and phone width, and look at all that can be wrong with it."""
        self.resize(DESKTOP)
        self.page.goto(f"{self.origin}/{path}", wait_until="load")
        seen = Seen(path)
        found = self.page.evaluate(page_scripts.REFERENCES)
        seen.links, seen.anchors = found["links"], set(found["anchors"])
        for url in found["loaded"]:
            self.look_at_host(url)
        faults = self.page.evaluate(page_scripts.PICTURES)
        faults += self.page.evaluate(page_scripts.NAMELESS)
        for size in (DESKTOP, PHONE):
            self.resize(size)
            faults += self.page.evaluate(page_scripts.SIDEWAYS)
        seen.faults = [*self.take_complaints(), *faults]
        return seen

    def contrast_faults(self) -> list[str]:
        """Return the texts of the open page that are too pale, in light and dark mode."""
        faults: list[str] = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = self.page.evaluate(page_scripts.CONTRAST)
            faults += [f"{scheme}: {fault}" for fault in found]
        self.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        return faults


def crawl(visitor: Visitor, folder: Path) -> dict[str, Seen]:
    """Open every page of a folder: those that lie in it; links only lead to them or are dead."""
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))
    return {path: visitor.look(path) for path in paths if not path.startswith("_static/")}


def inside(url: str, origin: str) -> str | None:
    """Return the path from the folder that an address of our own means, None for another's."""
    if not url.startswith(f"{origin}/"):
        return None
    path = unquote(urlsplit(url).path).lstrip("/")
    return f"{path}index.html" if not path or path.endswith("/") else path


def dead_links(seen: Seen, pages: dict[str, Seen], folder: Path, origin: str) -> list[str]:
    """Return the links of a page that lead to no file, or to no place in the page they name."""
    faults = []
    for url in dict.fromkeys(seen.links):
        path, anchor = inside(url, origin), unquote(urldefrag(url).fragment)
        if path is None:
            if not url.startswith(("https://", "mailto:")):
                faults.append(f"odd link: {url}")
        elif not (folder / path).is_file():
            faults.append(f"dead link: {path}")
        # What follows # in the playground's addresses is its state, "#=..." or "#a=b&c=d".
        elif anchor and "=" not in anchor and path in pages and anchor not in pages[path].anchors:
            faults.append(f"dead anchor: {path}#{anchor}")
    return faults


def unreached(pages: dict[str, Seen], origin: str, front: str = "index.html") -> set[str]:
    """Return the pages to which no path of links leads from the front page."""
    reached, waiting = {front}, [front]
    while waiting:
        for url in pages[waiting.pop()].links:
            path = inside(url, origin)
            if path in pages and path not in reached:
                reached.add(path)
                waiting.append(path)
    return set(pages) - reached


def accessible(page: Page) -> list[tuple[str, str]]:
    """Return role and name of everything that a screen reader meets."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    told: Iterable[dict[str, Any]] = (node for node in nodes if not node["ignored"])
    return [(str(n["role"]["value"]).lower(), str(n["name"]["value"]).strip()) for n in told]
