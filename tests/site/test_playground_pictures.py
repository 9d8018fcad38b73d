"""What the playground draws is what its network says, and changes when that does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route

from checks import Visitor
from playing import Playground, parse

PICTURES = ("map", "units", "diagram", "curve")

# The colour of a canvas at a place given in shares of its width and height: the mean of 5 x 5.
COLOUR = """([id, x, y]) => {
  const canvas = document.getElementById(id), small = new OffscreenCanvas(1, 1)
  const pen = small.getContext("2d"), left = canvas.width * x - 2, top = canvas.height * y - 2
  pen.drawImage(canvas, left, top, 5, 5, 0, 0, 1, 1)
  return [...pen.getImageData(0, 0, 1, 1).data]
}"""
# Away from the flower's petals, so that no point lies there.
PLACES = [(0.03, 0.25), (0.03, 0.75), (0.97, 0.25), (0.97, 0.75), (0.3, 0.03), (0.7, 0.03)]


def drawn(playground: Playground, name: str) -> str:
    """Return all pixels of a canvas, as a text."""
    return str(playground.find(name).evaluate("e => e.toDataURL()"))


def point_at(playground: Playground, x: float, y: float) -> str:
    """Move the mouse to a place of the map; return what the page says of it."""
    place = playground.find("map")
    box = place.bounding_box()
    assert box
    position: Any = {"x": box["width"] * x, "y": box["height"] * y}
    place.hover(position=position)
    return playground.find("readout").inner_text()


def numbers(text: str) -> list[float]:
    return [float(n.replace("\u2212", "-")) for n in re.findall(r"[-\u2212]?\d+\.\d+", text)]


def test_playground_pictures_follow_the_training(playground: Playground) -> None:
    before = {name: drawn(playground, name) for name in PICTURES}
    playground.step(500)
    after = {name: drawn(playground, name) for name in PICTURES}
    assert all(before[name] != after[name] for name in PICTURES)
    playground.find("reset").click()
    playground.wait()
    again = {name: drawn(playground, name) for name in PICTURES}
    assert again == before


@pytest.mark.parametrize(
    ("switch", "picture"), [("log-cost", "curve"), ("show-test", "map")], ids=["log", "test"]
)
def test_playground_pictures_follow_their_switches(
    playground: Playground, switch: str, picture: str
) -> None:
    playground.step(500)
    before = drawn(playground, picture)
    playground.find(switch).click()
    playground.wait()
    assert drawn(playground, picture) != before
    playground.find(switch).click()
    playground.wait()
    assert drawn(playground, picture) == before


def test_playground_pictures_show_the_outputs_at_their_places(playground: Playground) -> None:
    playground.step(3000)
    sides = set()
    for x, y in PLACES:
        said = point_at(playground, x, y)
        x1, x2, percent = numbers(said)
        x0, x_end, y0, y_end = playground.read("run.data.box")
        assert x1 == pytest.approx(x0 + x * (x_end - x0), abs=0.02 * (x_end - x0))
        assert x2 == pytest.approx(y_end - y * (y_end - y0), abs=0.02 * (y_end - y0))
        output = playground.read(f"run.outputs(Float64Array.of({x1}, {x2}))[0]")
        assert percent / 100 == pytest.approx(output, abs=0.02)
        red, _, blue, _ = playground.page.evaluate(COLOUR, ["map", x, y])
        assert (red > blue) == (output > 0.5), said  # orange is class 1
        sides.add(output > 0.5)
    assert sides == {True, False}


@pytest.mark.parametrize("n", [0, 1, 50])
def test_playground_pictures_of_any_number_of_units(playground: Playground, n: int) -> None:
    playground.set(hidden=n)
    playground.step(50)
    assert playground.find("units").get_attribute("aria-valuemax") == str(n)
    assert f"{n} hidden unit" in (playground.find("diagram").get_attribute("aria-label") or "")
    parameters = parse(playground.find("number-parameters").inner_text())
    assert parameters == playground.read("run.n_parameters") == (4 * n + 1 if n else 3)


def test_playground_pictures_name_saturated_and_dead_units(playground: Playground) -> None:
    playground.set(activation="relu", seed=2, rate=5)
    playground.step(300)
    health = playground.read("run.health()")
    saturated = parse(playground.find("number-saturated").inner_text())
    assert saturated == pytest.approx(health["saturated"], abs=0.006)
    assert parse(playground.find("number-dead").inner_text()) == health["dead"]


def test_playground_pictures_of_all_that_the_page_proposes(playground: Playground) -> None:
    proposed = playground.page.locator("#try-list a")
    assert proposed.count() >= 5
    for k in range(proposed.count()):
        link = proposed.nth(k)
        asked = (link.get_attribute("href") or "").lstrip("#")
        before = drawn(playground, "map")
        link.click()
        playground.wait()
        settings = playground.settings
        for key, value in (part.split("=") for part in asked.split("&")):
            if key not in ("points", "trained"):
                assert str(settings[key]) == value, asked
        assert drawn(playground, "map") != before
        assert not playground.page.locator("#problem").is_visible()


def test_playground_pictures_are_missed_in_words(visitor: Visitor) -> None:
    """Where the core cannot be loaded the page says so."""

    def refuse(route: Route) -> None:
        route.abort()

    visitor.page.route("**/*.wasm", refuse)
    visitor.page.goto(f"{visitor.origin}/playground/index.html")
    problem = visitor.page.locator("#problem")
    problem.wait_for(state="visible")
    assert "not start" in problem.inner_text()
    assert not visitor.page.locator("#loading").is_visible()
