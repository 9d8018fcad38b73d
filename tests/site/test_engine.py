"""The playground's engine outside a browser: what it learns, draws, refuses and gives back."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine import ask


def test_engine_health_counts_flat_units(engine_folder: Path) -> None:
    points = [[1, 1, 1], [2, 1, 0], [1, 2, 1], [2, 2, 0]]
    settings = {"data": "own", "points": points, "hidden": 8, "seed": 1, "scheme": "he_normal"}
    alive, same = ask(
        engine_folder,
        {"what": "train", "settings": {**settings, "activation": "relu"}, "calls": []},
        {"what": "train", "settings": {**settings, "activation": "identity"}, "calls": []},
    )
    X = np.array(points)[:, :2].T
    A1 = np.maximum(np.array(alive["parameters"]["W1"]) @ X, 0)  # (n_h, m)
    assert 0 < (A1 == 0).all(axis=1).sum() < 8
    expected = {"saturated": (A1 == 0).mean(), "dead": (A1 == 0).all(axis=1).sum()}
    assert alive["health"] == expected
    assert same["health"] == {"saturated": 0, "dead": 0}


def test_engine_own_points_have_three_decimals(engine_folder: Path) -> None:
    points = [[0.12345, -7.0004, 0], [-0.0004, 3, 1]]
    [run] = ask(
        engine_folder, {"what": "train", "settings": {"data": "own", "points": points}, "calls": []}
    )
    assert run["data"]["X"] == [0.123, -7.0, 0, 3]
    assert "(0.123, -7), (0, 3)" in run["python"]
    assert run["data"]["box"][2] < -7


def test_engine_suggested_settings_learn(engine_folder: Path) -> None:
    [lists] = ask(engine_folder, {"what": "lists"})
    sets = [d for d in lists["datasets"] if d["name"] != "own"]
    assert len(sets) >= 8
    runs = [{"what": "train", "settings": d["settings"], "calls": [1500]} for d in sets]
    for data_set, run in zip(sets, ask(engine_folder, *runs), strict=True):
        assert run["testCost"] < run["curve"][0][2] / 2, data_set["name"]
        if data_set["kind"] == "classes":
            assert run["testAccuracy"] > 0.8, data_set["name"]


def test_engine_flower_costs_the_known_digits(engine_folder: Path) -> None:
    [run] = ask(engine_folder, {"what": "train", "settings": {}, "calls": [1000] * 6})
    at = {k: f"{cost:.6f}" for k, cost, _ in run["curve"]}
    known = ["0.693162", "0.258625", "0.239334", "0.230802", "0.225528", "0.221845", "0.219094"]
    points = [0, 6000] + [k for k in (1000, 2000, 3000, 4000, 5000) if k in at]
    assert {k: at[k] for k in points} == {k: known[k // 1000] for k in points}
    assert len(run["curve"]) <= 501
    assert run["accuracy"] == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("batch", [0, 100])
def test_engine_curve_is_dense_early_and_sparse_late(engine_folder: Path, batch: int) -> None:
    calls = [[3000], [1, 126, 2, 1, 870, 2000]]
    settings = {"batch": batch, "hidden": 1}
    runs = [{"what": "train", "settings": settings, "calls": one} for one in calls]
    at_once, in_parts = ask(engine_folder, *runs)
    assert at_once["curve"] == in_parts["curve"]
    steps = at_once["iterations"] / at_once["epochs"]
    epochs = [k / steps for k, _, _ in at_once["curve"]]
    assert epochs[:128] == list(range(128))
    assert epochs[-1] == 3000
    assert all(b - a <= max(1, a / 64) for a, b in pairwise(epochs))
    assert len(epochs) == 128 + 4 * 64 + 30 + 1  # doublings to 2048, every 32nd, the present one


MISTAKES = {
    "The data set must be one of flower, .*, own, not rose.": {"data": "rose"},
    "number of hidden units must be a whole number from 0 to 50, not 51.": {"hidden": 51},
    "number of hidden units must be .* not 2.5.": {"hidden": 2.5},
    "activation must be one of .*tanh.* not exp.": {"activation": "exp"},
    "output for Curve must be one of identity, not sigmoid.": {"data": "curve"},
    "solver must be one of gd, .*lbfgs, lm.* not newton.": {"solver": "newton"},
    "learning rate must be a number above 0 .* not 0.": {"rate": 0},
    "learning rate must be .* not fast.": {"rate": "fast"},
    "l2 must be a number from 0 .* not -1.": {"l2": -1},
    "noise must be .* not -0.1.": {"noise": -0.1},
    "batch size must be a whole number from 0 .* not -2.": {"batch": -2},
    "seed must be a whole number from 0 .* not 9007199254740992.": {"seed": 2**53},
    "start must be one of .*zeros.* not random.": {"scheme": "random"},
    "kept for the seeds 2 and 3 only, not for 4: choose .* small_normal.": {"seed": 4},
    "There are no points yet: put at least one on the map.": {"data": "own"},
    "at most, not 501.": {"data": "own", "points": [[0, 0, 1]] * 501},
    "class of a point must be .* from 0 to 2, not 3.": {"data": "own", "points": [[0, 0, 3]]},
    "coordinate of a point must be .* not 1e": {"data": "own", "points": [[0, "1e", 1]]},
}


@pytest.mark.parametrize("message", MISTAKES)
def test_engine_mistakes_are_told_to_people(engine_folder: Path, message: str) -> None:
    told, none = ask(
        engine_folder,
        {"what": "error", "settings": MISTAKES[message]},
        {"what": "error", "settings": {}},
    )
    assert none is None
    with pytest.raises(ValueError, match=message):
        raise ValueError(told)


def test_engine_memory_is_given_back(engine_folder: Path) -> None:
    settings = {"batch": 100}
    [[before, after], told] = ask(
        engine_folder,
        {"what": "memory", "settings": settings, "n": 2500},
        {"what": "used_after_free"},
    )
    assert after == before
    assert told == "This training has been given up: start another one."


SEEDS = [0, 1, 3, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**64, 2**128 - 1, *range(40, 4000, 77)]
SIZES = [1, 2, 3, 4, 5, 7, 10, 16, 31, 64, 65, 100, 150, 200, 399, 400, 1000]


def test_engine_random_numbers_are_numpys(engine_folder: Path) -> None:
    draw = {"what": "draws", "normals": 4000, "uniforms": 50, "sizes": SIZES}
    answers = ask(engine_folder, *({**draw, "seed": str(seed)} for seed in SEEDS))
    n_beyond = 0
    for seed, drawn in zip(SEEDS, answers, strict=True):
        assert np.random.SeedSequence(seed).generate_state(8).tolist() == drawn["words"]
        generator = np.random.default_rng(seed)
        normals = generator.standard_normal(4000)
        assert normals.tolist() == drawn["normals"], seed
        assert generator.uniform(-0.3, 0.7, 50).tolist() == drawn["uniforms"], seed
        permutations = [generator.permutation(n).tolist() for n in SIZES]
        assert permutations == drawn["permutations"], seed
        assert generator.standard_normal() == drawn["last"], seed
        n_beyond += int((np.abs(normals) > 3.6542).sum())
    assert n_beyond > 10  # the tail has a rule of its own


def test_engine_stored_numbers_are_few(engine_folder: Path) -> None:
    index = json.loads((engine_folder / "data.json").read_text(encoding="utf-8"))
    assert set(index) == {"normals", "sets", "ziggurat"}
    assert (engine_folder / "data.bin").stat().st_size < 100_000
    assert (engine_folder / "core.wasm").stat().st_size < 350_000
