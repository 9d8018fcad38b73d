"""The site that `--site FOLDER` names, served, and a browser to open it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from checks import Visitor
    from playing import Playground


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page_path" in metafunc.fixturenames:
        folder = metafunc.config.getoption("--site")
        pages = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))
        pages = [path for path in pages if not path.startswith("_static/")]
        metafunc.parametrize("page_path", pages)


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Path:
    """The folder of the built site."""
    return Path(request.config.getoption("--site")).resolve()


@pytest.fixture(scope="session")
def engine_folder(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built playground, as node takes it."""
    from engine import module_folder

    return module_folder(site, tmp_path_factory.mktemp("engine") / "playground")


@pytest.fixture(scope="session")
def origin(site: Path) -> Iterator[str]:
    """The site's address on this machine."""
    from browsing import served

    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    from browsing import opened_browser

    with opened_browser() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser, origin: str) -> Iterator[Visitor]:
    """A new tab without memories, of desktop size."""
    from checks import Visitor

    with Visitor(browser, origin) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def tab(browser: Browser, origin: str) -> Iterator[Visitor]:
    """A tab that the tests of one file share."""
    from checks import Visitor

    with Visitor(browser, origin) as visitor:
        yield visitor


@pytest.fixture
def playground(tab: Visitor) -> Iterator[Playground]:
    """The playground, newly opened; what the browser complained of meanwhile is a failure."""
    from playing import Playground

    playground = Playground(tab)
    playground.open()
    yield playground
    assert tab.take_complaints() == []


@pytest.fixture
def keep_picture(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function that saves what a page shows, if `--screenshots FOLDER` asks for it."""
    folder = request.config.getoption("--screenshots")
    name = re.sub(r"\W+", "-", request.node.name)

    def keep(page: Any, suffix: str = "", *, full_page: bool = True) -> None:
        if folder:
            path = folder / f"{name}{suffix}.png"
            page.screenshot(path=path, full_page=full_page, animations="disabled")

    return keep
