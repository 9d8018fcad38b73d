"""The playground for everybody: by keyboard, by ear, with little contrast, on a phone, at night."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import page_scripts
from checks import DESKTOP, PHONE, Visitor, accessible
from focus import unmarked
from playing import BUTTONS, CONTROLS, NUMBERS, Playground

Keep = Callable[..., Any]


def test_playground_access_every_control_has_a_name_of_its_own(playground: Playground) -> None:
    assert playground.page.evaluate(page_scripts.NAMELESS) == []
    ours = ("button", "checkbox", "combobox", "link", "slider", "spinbutton", "switch")
    named = [name for role, name in accessible(playground.page) if role in ours]
    assert all(named)
    assert len(named) == len(set(named)) >= len(CONTROLS) + len(BUTTONS)


def test_playground_access_every_picture_has_words(playground: Playground) -> None:
    for n in (30, 70):
        playground.step(n)
        for name in ("map", "curve"):  # these tell what they show
            words = playground.find(name).get_attribute("aria-label") or ""
            assert playground.text("cost") in words, name
            assert f"{playground.text('iterations')} iterations" in words, name
    assert "4 hidden units" in (playground.find("diagram").get_attribute("aria-label") or "")
    assert playground.find("units").get_attribute("aria-label")


def test_playground_access_numbers_have_labels(playground: Playground) -> None:
    for name in NUMBERS:
        number = playground.find(f"number-{name}")
        assert number.evaluate("e => e.localName") == "output"


@pytest.mark.parametrize("state", ["", "#data=blobs", "#data=curve", "#data=own", "#hidden=0"])
def test_playground_access_texts_are_dark_enough_to_read(
    playground: Playground, state: str
) -> None:
    playground.open(state)
    assert playground.tab.contrast_faults() == []


def test_playground_access_the_switch_turns_the_light_off_and_on(visitor: Visitor) -> None:
    playground, page = Playground(visitor), visitor.page
    playground.open()
    ground = "() => getComputedStyle(document.body).backgroundColor"
    seen = [page.evaluate(ground)]
    for _ in range(2):
        playground.find("theme").click()
        playground.wait()
        assert page.evaluate(page_scripts.CONTRAST) == []
        page.reload()  # what was chosen stays
        playground.wait()
        seen.append(page.evaluate(ground))
    assert seen[0] == seen[2] != seen[1]
    assert visitor.take_complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_playground_access_the_system_decides_light_or_dark(
    playground: Playground, scheme: Any, keep_picture: Keep
) -> None:
    page = playground.page
    page.emulate_media(color_scheme=scheme)
    playground.open()
    red = page.evaluate("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert (int(red) > 128) == (scheme == "light")
    playground.step(2000)
    for size in (DESKTOP, PHONE):
        playground.tab.resize(size)
        playground.wait()
        assert page.evaluate(page_scripts.SIDEWAYS) == []
        keep_picture(page, f"-{size[0]}")
    playground.tab.resize(DESKTOP)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("state", ["#hidden=50", "#hidden=0", "#data=curve", "#data=own"])
def test_playground_access_nothing_is_too_wide_for_a_phone(
    playground: Playground, state: str, keep_picture: Keep
) -> None:
    playground.tab.resize(PHONE)
    playground.open(state)
    if playground.read("run"):
        playground.step(200)
    assert playground.page.evaluate(page_scripts.SIDEWAYS) == []
    keep_picture(playground.page)
    playground.tab.resize(DESKTOP)
    playground.wait()
    keep_picture(playground.page, "-desktop")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_playground_access_the_keyboard_reaches_everything(
    playground: Playground, size: tuple[int, int]
) -> None:
    playground.tab.resize(size)
    faults, way = unmarked(playground.page)
    playground.tab.resize(DESKTOP)
    assert faults == []
    assert {*CONTROLS, *BUTTONS, "steps", "map"} <= set(way)


def press(playground: Playground, name: str, *keys: str) -> None:
    """Put the focus on a control as Tab does, and press keys."""
    playground.find(name).focus()
    for key in keys:
        playground.page.keyboard.press(key)
    playground.wait()


def test_playground_access_the_keyboard_trains(playground: Playground) -> None:
    press(playground, "hidden", "ArrowUp", "Tab")
    assert playground.settings["hidden"] == 5
    press(playground, "activation", "ArrowDown", "Tab")
    assert playground.settings["activation"] != "tanh"
    press(playground, "step", "Enter")
    stepped = playground.number("iterations")
    assert stepped is not None and stepped > 0
    press(playground, "run", "Space")
    playground.page.wait_for_function(f"() => playground.run.iterations > {stepped}")
    press(playground, "run", "Space")
    press(playground, "reset", "Enter")
    assert playground.number("iterations") == 0


def test_playground_access_points_by_mouse_and_by_keyboard(playground: Playground) -> None:
    playground.set(data="own")
    before = len(playground.settings["points"])
    box = playground.find("map").bounding_box()
    assert box
    playground.find("map").click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.5})
    playground.wait()
    x1, x2, label = playground.settings["points"][-1]
    x0, x_end, y0, y_end = playground.read("run.data.box")
    assert x1 == pytest.approx(x0 + 0.25 * (x_end - x0), abs=0.05 * (x_end - x0))
    assert x2 == pytest.approx((y0 + y_end) / 2, abs=0.05 * (y_end - y0))
    assert label in (0, 1)
    assert len(playground.settings["points"]) == before + 1
    press(playground, "map", "ArrowRight", "ArrowRight", "ArrowUp", "Enter")
    assert len(playground.settings["points"]) == before + 2
    assert playground.settings["points"][-1] != playground.settings["points"][-2]
    assert playground.read("run.data.m") == before + 2
    playground.step(50)
    assert playground.number("iterations") == 50


def test_playground_access_asks_for_less_motion(playground: Playground) -> None:
    page = playground.page
    page.emulate_media(reduced_motion="reduce")
    playground.open()
    moving = "() => document.getAnimations().filter(a => a.playState === 'running').length"
    playground.find("run").click()
    page.wait_for_function("() => playground.run.iterations > 50")
    assert page.evaluate(moving) == 0
    playground.find("run").click()
    page.emulate_media(reduced_motion="no-preference")
