"""The playground at its limits: slow epochs, long trainings, odd numbers, hostile addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from checks import DESKTOP, Visitor
from playing import PATH, Playground

SLOW = "#batch=1&hidden=50&rate=0.01"
TOO_OFTEN = """
history.replaceState = history.pushState = () => { throw new DOMException("too often") }
"""


def said(playground: Playground) -> str:
    return playground.find("status").inner_text()


def problem(playground: Playground) -> str:
    shown = playground.find("problem")
    return shown.inner_text() if shown.is_visible() else ""


def go(playground: Playground, state: str) -> None:
    """Open an address without waiting until it has trained as long as it asks."""
    playground.page.goto("about:blank")
    playground.page.goto(f"{playground.tab.origin}/{PATH}{state}")
    playground.page.wait_for_function("() => window.playground?.run?.epochs > 0")


def test_playground_limits_first_epoch_of_a_run_is_tried_alone(playground: Playground) -> None:
    """Nobody knows yet how long it takes: a thousand of them might hold the page for seconds."""
    playground.step(2000)  # epochs that are quick
    for state in (SLOW, "#data=xor&batch=1&hidden=50&rate=0.01"):
        playground.page.evaluate("state => { location.hash = state }", state)
        playground.page.wait_for_function("() => playground.settings.batch === 1")
        playground.read(
            "(window.calls = [], window.advance = run.advance, "
            "run.advance = function (n) { calls.push(n); return advance.call(run, n) }, 0)"
        )
        playground.step(40)
        calls = playground.page.evaluate("() => calls")
        assert calls[0] == 1 and sum(calls) == 40
        playground.page.evaluate("() => { location.hash = '#data=flower' }")
        playground.page.wait_for_function("() => playground.settings.batch === 0")


def test_playground_limits_a_long_training_says_so_and_can_be_paused(
    playground: Playground,
) -> None:
    go(playground, "#hidden=50&trained=1500000")
    assert "trained must be a whole number from 0 to 1,000,000" in problem(playground)
    assert "1,000,000 iterations" in said(playground)
    assert playground.find("run").inner_text() == "Pause"
    playground.find("run").click()
    assert said(playground).startswith("Paused after ")
    assert playground.find("run").inner_text() == "Run"
    paused = playground.read("run.epochs")
    playground.page.wait_for_timeout(200)
    assert playground.read("run.epochs") == paused
    playground.set(steps=100_000)
    playground.find("step").click()
    assert playground.find("run").inner_text() == "Pause"
    playground.find("reset").click()
    assert playground.find("run").inner_text() == "Run"
    assert said(playground) == "Back at the start."


LIMITS = {
    "noise": ("1.5", "a number from 0 to 1,"), "hidden": ("51", "from 0 to 50,"),
    "rate": ("1e7", "above 0 and at most 1,000,000,"), "l2": ("1e9", "from 0 to 1,000,000,"),
    "batch": ("1e9", "from 0 to 1,000,000,"), "seed": ("4294967296", "from 0 to 4,294,967,295,"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_playground_limits_are_told_at_both_ends(playground: Playground, name: str) -> None:
    value, expected = LIMITS[name]
    playground.open(f"#{name}={value}")
    assert expected in problem(playground) and value in problem(playground)
    if playground.find(name).get_attribute("type") == "number":
        playground.open()
        for wrong in (value, "", "-1"):
            playground.set(**{name: wrong})
            assert expected in problem(playground)
            assert playground.find(name).get_attribute("aria-invalid") == "true"
            assert str(playground.settings[name]) in problem(playground)


MANY = "#" + "&".join(f"word{k}=1" for k in range(5000))


@pytest.mark.parametrize("state", ["#{}", "#rate={}", "#data={}", "#{}={}", "#trained={}", MANY])
def test_playground_limits_an_endless_address_is_not_repeated(
    playground: Playground, state: str
) -> None:
    playground.open(state.replace("{}", 100_000 * "a"))
    assert 0 < len(problem(playground)) < 400


def test_playground_limits_the_lectures_start_with_another_seed(playground: Playground) -> None:
    """One word of an address that does not fit must not cost all the others."""
    playground.open("#hidden=9&scheme=lecture&seed=7&rate=0.5")
    settings = playground.settings
    assert {name: settings[name] for name in ("hidden", "scheme", "seed", "rate")} == {
        "hidden": 9, "scheme": "small_normal", "seed": 7, "rate": 0.5,
    }  # fmt: skip
    assert "seeds 2 and 3" in problem(playground)


def test_playground_limits_the_browser_may_refuse_addresses(visitor: Visitor) -> None:
    """As some do after a hundred within half a minute."""
    visitor.page.add_init_script(TOO_OFTEN)
    playground = Playground(visitor)
    playground.open()
    playground.step(10)
    assert said(playground).startswith("After 10 iterations")
    playground.set(hidden=9)
    assert playground.number("iterations") == 0
    assert said(playground) == "Started again."
    assert playground.text("parameters") == "37"
    assert visitor.take_complaints() == []


def test_playground_limits_the_map_fits_a_phone_on_its_side(playground: Playground) -> None:
    playground.tab.resize((740, 360))
    playground.open()
    box: Any = playground.find("map").bounding_box()
    playground.tab.resize(DESKTOP)
    assert 250 <= box["height"] <= 340
    assert box["width"] == pytest.approx(box["height"], abs=1)


def test_playground_limits_reloading_takes_the_training_along(playground: Playground) -> None:
    playground.find("run").click()
    playground.page.wait_for_function("() => /trained=/.test(location.hash)")
    assert playground.find("run").inner_text() == "Pause"
    playground.page.reload()
    playground.wait()
    assert (playground.number("iterations") or 0) > 0


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("#data=flower&hidden=0&output=identity&rate=0.1", r"class 1 \(orange\) -?\d\.\d\d"),
        ("#data=blobs&hidden=0&output=identity&rate=1e6", r"class 0 \(blue\) -?\d\.\de\d+, .*"),
        ("#data=curve&hidden=0&output=identity&rate=1e6", r"y = -?\d\.\de\d+"),
        ("#data=flower", r"class 1 \(orange\) \d+\.\d%"),
    ],
)
def test_playground_limits_outputs_of_any_size_are_short(
    playground: Playground, state: str, expected: str
) -> None:
    """And per cent are said of probabilities only."""
    playground.open(state)
    playground.step(10)
    playground.find("map").hover(position={"x": 60, "y": 60})
    said = playground.find("readout").inner_text().replace("\u2212", "-")
    assert re.fullmatch(expected, said.partition(": ")[2]), said


@pytest.mark.parametrize(("low", "high"), [(5e-324, 1), (0.2, 0.7), (1e-9, 1e200), (0.5, 400)])
def test_playground_limits_a_log_scale_has_few_marks(
    playground: Playground, low: float, high: float
) -> None:
    marks = playground.page.evaluate(
        "([low, high]) => import('./js/views/axes.js').then(m => m.logTicks(low, high))",
        [low, high],
    )
    assert 2 <= len(marks) <= 9
    assert all(low <= mark <= high for mark in marks)
    assert marks == sorted(set(marks))


def test_playground_limits_changes_while_it_runs(playground: Playground) -> None:
    playground.find("speed").select_option("Infinity")
    playground.find("run").click()
    for state in (
        {"hidden": 0}, {"hidden": 50}, {"rate": 1e6}, {"solver": "adam"}, {"data": "blobs"},
        {"output": "identity"}, {"data": "own"}, {"data": "curve"}, {"batch": 1}, {"l2": 1e6},
    ):  # fmt: skip
        playground.set(**state)
        if playground.read("run") and playground.find("run").inner_text() == "Run":
            playground.find("run").click()  # it had diverged, or there were no points
    playground.open()
    assert said(playground) == "Press Run."


def test_playground_limits_memory_is_given_back(playground: Playground) -> None:
    playground.set(hidden=50)
    before = playground.read("engine.bytes")
    playground.page.evaluate(
        "() => { for (let i = 0; i < 200; i++) document.getElementById('reset').click() }"
    )
    assert playground.read("engine.bytes") == before
