"""The playground trains: known digits, controls, own points, addresses, buttons."""

from __future__ import annotations

import math
from typing import Any

import pytest

from checks import Visitor
from playing import CONTROLS, NUMBERS, Playground, run_lines

# Of 10,000 iterations of gradient descent on the flower, four tanh units, as the lecture starts.
FLOWER = {0: "0.693162", 1000: "0.258625", 2000: "0.239334", 3000: "0.230802", 4000: "0.225528"}


def assert_sane(playground: Playground) -> None:
    """The numbers shown are those of the run, and numbers. Own points may be too few for one."""
    if not playground.read("run"):
        assert playground.settings["data"] == "own"
        return
    for name, source in NUMBERS.items():
        shown, meant = playground.number(name), playground.read(source)
        if meant is None:
            assert shown is None, name
        else:
            assert math.isfinite(meant), name
            # As many digits as are shown: six of a cost, a tenth of a per cent.
            assert shown == pytest.approx(meant, rel=1e-5, abs=5e-4), name
    cost, accuracy = playground.number("cost"), playground.number("accuracy")
    assert cost is not None and cost >= 0
    assert accuracy is None or 0 <= accuracy <= 1


def test_playground_trains_the_flower_to_the_known_digits(playground: Playground) -> None:
    playground.set(steps=1000)
    for iteration, cost in FLOWER.items():
        assert playground.number("iterations") == iteration
        assert playground.text("cost") == cost
        assert f"{playground.read('run.cost()'):.6f}" == cost
        playground.step()
    curve = playground.read("run.curve")
    assert 10 <= len(curve) <= 500
    assert curve[0][0] == 0 and f"{curve[0][1]:.6f}" == FLOWER[0]
    assert curve[-1][0] == 5000 and curve[-1][1] == playground.read("run.cost()")


def settable(playground: Playground, name: str) -> list[str]:
    """Return the values that a list offers, () for a number."""
    options = playground.find(name).locator("option:not([disabled])")
    return [str(value) for value in options.evaluate_all("all => all.map(o => o.value)")]


def test_playground_offers_what_the_engine_has(playground: Playground) -> None:
    names = playground.read("engine.datasets.map(d => d.name)")
    assert set(settable(playground, "data")) == set(names)
    assert {"flower", "xor", "blobs", "own"} <= set(names)
    for control, source in (
        ("activation", "engine.activations"), ("solver", "engine.solvers"),
        ("scheme", "engine.schemes"),
    ):  # fmt: skip
        listed = playground.read(f"{source}.map(s => s.name ?? s)")
        assert set(settable(playground, control)) <= set(listed)
        assert len(settable(playground, control)) > 1


@pytest.mark.parametrize("control", ["data", "activation", "solver", "scheme"])
def test_playground_trains_with_everything_that_a_list_offers(
    playground: Playground, control: str
) -> None:
    for value in settable(playground, control):
        playground.set(**{control: value})
        assert playground.settings[control] == value
        outputs = settable(playground, "output")  # of these data
        for output in outputs if control == "data" else outputs[:1]:
            playground.set(output=output)
            assert_sane(playground)
            if value != "own":
                playground.step(20)
                assert_sane(playground)
                assert playground.number("iterations") == 20


@pytest.mark.parametrize(
    ("control", "value"),
    [
        ("noise", 0.2), ("hidden", 0), ("hidden", 1), ("hidden", 50), ("rate", 0.3), ("l2", 0.1),
        ("batch", 50), ("seed", 11), ("output", "sigmoid"),
    ],
)  # fmt: skip
def test_playground_trains_after_every_control(
    playground: Playground, control: str, value: Any
) -> None:
    if control == "output":
        playground.set(data="blobs")
        assert playground.settings["output"] == "softmax"
    playground.step(10)
    before = playground.number("cost")
    playground.set(**{control: value})
    assert playground.settings[control] == value
    assert playground.number("iterations") == 0  # another training begins
    playground.step(10)
    assert_sane(playground)
    assert playground.number("cost") != before


def test_playground_steps_runs_pauses_and_resets(playground: Playground) -> None:
    start = playground.text("cost")
    playground.step(7)
    assert playground.number("iterations") == 7
    playground.find("run").click()
    playground.page.wait_for_function("() => playground.run.iterations > 100")
    playground.find("run").click()  # now it reads "Pause"
    playground.wait()
    stopped = playground.number("iterations")
    playground.page.wait_for_timeout(200)
    assert playground.number("iterations") == stopped == playground.read("run.iterations")
    assert_sane(playground)
    playground.find("reset").click()
    playground.wait()
    assert playground.number("iterations") == 0
    assert playground.text("cost") == start


def test_playground_has_solvers_that_find_their_steps(playground: Playground) -> None:
    for solver in playground.read("engine.minimizers"):
        playground.open("#batch=32&rate=0.7&l2=0.001")
        playground.set(solver=solver)
        said = playground.find("status").inner_text()
        assert f"{solver} finds its steps by itself, on all examples at once" in said
        assert playground.find("steps-unit").inner_text() == "iterations"
        for control in ("rate", "batch"):
            assert playground.find(control).is_disabled()
        playground.step(5)
        assert playground.number("iterations") == playground.number("epochs") == 5
        playground.step(5000)
        said = playground.find("status").inner_text()
        assert said.startswith("Finished after ") and f"{solver} finds no way further down" in said
        assert playground.find("run").inner_text() == "Run"
        assert 5 < (playground.number("iterations") or 0) < 5000
        assert_sane(playground)
        ended = playground.weights
        playground.page.reload()
        playground.wait()
        assert playground.weights == ended
        playground.set(solver="gd")  # with the rate and the batches of before
        assert not playground.find("rate").is_disabled()
        assert {k: playground.settings[k] for k in ("rate", "batch")} == {"rate": 0.7, "batch": 32}


def test_playground_has_a_usual_rate_again_after_a_minimizer(playground: Playground) -> None:
    playground.set(solver="adam")
    usual = playground.settings["rate"]
    playground.set(solver="lbfgs")
    playground.set(solver="gd")
    assert playground.settings["rate"] == 1.2 != usual


def test_playground_copies_the_lines_it_shows(playground: Playground) -> None:
    playground.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    playground.step(3)
    playground.find("copy").click()
    copied = playground.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.strip() == playground.lines.strip() == playground.read("run.python()").strip()
    assert "import shallownet_native as sn" in copied
    run_lines(copied, None)


# The address holds the state.

SHARED = {
    "data": "noisy_moons", "noise": 0.1, "hidden": 7, "activation": "relu", "solver": "adam",
    "rate": 0.02, "l2": 0.001, "batch": 32, "seed": 9, "scheme": "he_normal",
}  # fmt: skip


def test_playground_opens_from_its_address(playground: Playground, visitor: Visitor) -> None:
    playground.set(**SHARED)
    playground.step(50)
    again = Playground(visitor)
    again.open(playground.page.evaluate("() => location.hash"))
    for _ in range(2):  # opened, and then reloaded
        assert {name: again.settings[name] for name in SHARED} == SHARED
        assert again.settings == playground.settings
        for name in CONTROLS:
            assert again.find(name).input_value() == playground.find(name).input_value(), name
        assert again.read("run.epochs") == 50
        assert again.weights == playground.weights
        again.page.reload()
        again.wait()
    assert visitor.take_complaints() == []


def test_playground_goes_back_and_forward(playground: Playground) -> None:
    first = playground.settings
    playground.set(hidden=9)
    playground.set(data="xor")
    last = playground.settings
    playground.page.go_back()
    playground.page.wait_for_function("() => playground.settings.data === 'flower'")
    assert playground.settings == {**first, "hidden": 9}
    playground.page.go_back()
    playground.page.wait_for_function("() => playground.settings.hidden === 4")
    assert playground.settings == first
    for _ in range(2):
        playground.page.go_forward()
    playground.page.wait_for_function("() => playground.settings.data === 'xor'")
    playground.wait()
    assert playground.settings == last
    assert_sane(playground)


@pytest.mark.parametrize(
    "state",
    [
        "#", "#nonsense", "#hidden=9999&rate=NaN&data=none", "#batch=-1&seed=1e99", "#%E0%A4%A",
        "#data=own&points=x", "#data=constructor&solver=__proto__", "#hidden=&rate=&l2=-5",
        "#rate=1e308", "#output=softmax&data=curve", "#noise=Infinity", "#seed=0.5&hidden=2.5",
    ],
)  # fmt: skip
def test_playground_opens_with_any_address(playground: Playground, state: str) -> None:
    playground.open(state)
    assert_sane(playground)
    settings = playground.settings
    assert 0 <= settings["hidden"] <= 50 and settings["hidden"] == int(settings["hidden"])
    assert playground.page.locator("#problem").is_visible() == (state != "#")


def test_playground_says_that_training_diverged(playground: Playground) -> None:
    playground.set(data="curve", solver="gd", hidden=50, activation="relu", rate=1000)
    playground.step(200)
    assert "Diverged" in playground.find("status").inner_text()
    playground.set(rate=0.01)
    playground.step(20)
    assert_sane(playground)
