"""The examples of tasks: shapes, tables, with scikit-learn; each shows what it claims."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from example_runs import FOLDER, found, numbers, python, run

# Shapes


def test_examples_exclusive_or_takes_two_units() -> None:
    lines = run("shapes/xor.py")
    assert numbers(lines[0])[:4] == [0.5] * 4 and numbers(lines[0])[-1] == 0.6931
    assert lines[1:3] == ["hidden units: [0. 1. 1. 2.] [0. 0. 0. 1.]", "by thinking: [0. 1. 1. 0.]"]
    two, four, eight = found(r"from (\d+) of 20", lines)
    assert 0 < two < four == eight == 20
    assert numbers(lines[-1])[-1] > 95


def test_examples_three_units_close_around_a_disc() -> None:
    lines = run("shapes/circles.py")
    one, two, three, four = found(r"cost .*accuracy (.*)%", lines)
    assert one < 70 and two < 85 < 97 < min(three, four)
    assert numbers(lines[-1])[-1] == 2 and found(r"accuracy (.*)%", lines)[-1] > 98


def test_examples_a_large_network_learns_the_noise_of_the_moons() -> None:
    lines = run("shapes/moons.py")
    seen, new = found(r"cost (\S+) seen", lines), found(r"(\S+) new;", lines)
    assert len(new) == 3 and seen[0] < 0.05 and new[0] > 1
    assert max(new[1:]) < 0.4 and min(seen[1:]) > 0.15
    assert lines[2].endswith("stopped by early_stopping")


def test_examples_softmax_parts_three_classes() -> None:
    lines = run("shapes/several_classes.py")
    assert numbers(lines[0])[-3:] == [0.6652, 0.2447, 0.09]
    assert re.findall(r"0\.\d{6}", lines[2]) == ["0.731059"] * 2
    assert min(found(r"accuracy (.*)%", lines)) > 95
    assert found(r"sum to (\S+)", lines) == [1, 1]


def test_examples_relu_draws_a_broken_line() -> None:
    lines = run("shapes/curve.py")
    errors = found(r"error (\S+),", lines)
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.12
    by_weights, seen = (numbers(line.split(":")[1]) for line in lines[-2:])
    assert len(by_weights) >= 3 and by_weights == pytest.approx(seen, abs=0.011)  # rounded to 0.01


def test_examples_relu_dies_and_leaky_relu_comes_back() -> None:
    lines = [line for line in run("shapes/dying_relu.py") if "dead, accuracy" in line]
    dead = [int(re.search(r"(\d+) of 16", line)[1]) for line in lines]
    accuracy = [numbers(line)[-1] for line in lines]
    alive, hurt, later, start, relu, leaky = dead
    assert alive == 0 and hurt >= 8 and later >= hurt
    assert start == relu == 16 and accuracy[4] == 0.5
    assert leaky <= 4 and accuracy[5] > 0.9


def test_examples_lm_reaches_a_minimum_that_evidence_does_not_want() -> None:
    lines = run("shapes/solvers.py")
    cost = dict(zip(("gd", "adam", "lbfgs", "lm"), found(r"cost (\S+),", lines), strict=True))
    assert max(cost["lbfgs"], cost["lm"]) < min(cost["gd"], cost["adam"])
    slopes, n_iterations = found(r"gradient (\S+)$", lines), found(r"(\d+) iterations", lines)
    assert max(slopes[2:]) <= 1e-6 < 1e-5 < min(slopes[:2])
    assert n_iterations[:2] == [5000, 5000] and n_iterations[3] < n_iterations[2] < 5000
    [(lowest, highest), (flattest, _)] = [numbers(line) for line in lines[4:6]]
    assert lowest < flattest and 0 < flattest and 1.4 < highest < 1.8  # about 2 / 1.2
    costs = re.findall(r"0\.\d+", lines[6])
    assert len(costs) == 8 and float(costs[0]) < 0.172 and costs == sorted(costs)
    seen, new = found(r"loss (\S+) seen", lines), found(r"seen, (\S+) new", lines)
    assert seen[1] == min(seen) and new[1] == max(new), "the lowest minimum has learned the noise"
    assert new[3] < min(new[1:3])
    assert 10 < numbers(lines[-1])[-2] < 60


def test_examples_film_has_a_frame_for_each_moment() -> None:
    frames, size = run("shapes/film.py")
    assert frames == "film.gif: 9 frames, the start and 8 more"
    assert size.endswith(" kB") and min(numbers(size)) > 50


def test_examples_film_goes_where_it_is_told(tmp_path: Path) -> None:
    python(FOLDER / "shapes/film.py", tmp_path / "spiral.gif")
    assert (tmp_path / "spiral.gif").read_bytes().startswith(b"GIF89a")


# Tables


def test_examples_quickstart_learns_and_saves() -> None:
    _, cost, accuracy, loaded = run("tables/quickstart.py")
    first, last = numbers(cost)
    assert last < first / 4
    assert numbers(accuracy)[-1] > 0.94
    assert loaded.endswith("True")


def test_examples_a_csv_file_becomes_predictions() -> None:
    lines = run("tables/csv_to_predictions.py")
    assert lines[0] == "order,item,payment,age,days,returned"
    [held_out], [guess] = found(r"accuracy (0\.\d{3})$", lines), found(r"right in (\S+)", lines)
    assert held_out > guess + 0.05
    assert min(found(r"falls by (\S+)", lines)) > 0
    assert "same predictions: True" in lines
    quick, late, old = found(r"with probability (\S+)", lines)
    assert min(quick, late) > 0.5 > 0.2 > old
    # the commands, as they are shown, and what they said
    text = (FOLDER / "tables/csv_to_predictions.py").read_text(encoding="utf-8")
    commands = re.findall(r"^#     (\$ shallownet .+)$", text, re.MULTILINE)
    assert commands == [line for line in lines if line.startswith("$ ")]
    assert any(line.startswith("column 'order' is left out") for line in lines)
    assert "wrote orders.snet" in lines
    assert [line.split(",")[0] for line in lines[-3:]] == ["yes", "yes", "no"]


def test_examples_intervals_cover_what_was_asked_for() -> None:
    lines = run("tables/intervals.py")
    levels, within = found(r"^level (\d+)%", lines), found(r"^level \S+ (\S+)% within", lines)
    widths = found(r"mean width (\d+)", lines)
    assert len(levels) == 6 and widths == sorted(widths)
    # 442 rows: a deviation is 2.4 points at most
    assert max(abs(a - b) for a, b in zip(levels, within, strict=True)) < 5
    lowest, _, highest = found(r"third of predictions: (\S+)% within", lines)
    assert lowest > 93 > 90 > highest, "all together, and not each"
    assert found(r"deviations of the networks: (\S+)%", lines)[0] < 20
    [(std, error)] = [numbers(line) for line in lines if line.startswith("mean of std")]
    assert abs(std - error) < 0.1 * error
    by_class, together = (numbers(line) for line in lines if line.startswith("class_conditional"))
    assert min(by_class[:3]) > 86 and together[0] > min(together[1:3]) + 10
    sure, surer = (numbers(line)[1:] for line in lines if line.startswith("sets of"))
    assert sure[0] > surer[0] and sure[2] < surer[2]


def test_examples_class_weight_finds_the_rare_class() -> None:
    share, *settings = run("tables/imbalanced_classes.py")
    assert numbers(share)[0] == 2.0
    recall, accuracy = found(r"recall (\S+)", settings), found(r" accuracy (\S+)  \(", settings)
    balanced = found(r"balanced accuracy (\S+)", settings)
    assert recall[0] < 0.6 and min(recall[1:]) > recall[0] and recall[-1] > 0.7
    assert balanced[-1] > balanced[0] + 0.1
    assert accuracy[0] == max(accuracy) > 0.97, "and yet it finds least"


def test_examples_out_of_core_learns_block_by_block() -> None:
    lines = run("tables/out_of_core.py")
    assert numbers(lines[0]) == [15, 0.5]
    scores = [numbers(line)[-1] for line in lines if line.startswith("after")]
    # The last ones differ by thousandths, which float32 rounding decides.
    assert len(scores) == 5 and scores[0] < 0.88 and min(scores[2:]) > 0.9
    assert "stopped and started again" in lines[3] and scores[2] > scores[1]
    assert lines[-1] == "float32 in, float32 kept; 120000 rows learned from"


# Looking at a network


def test_examples_importance_is_told_by_four_measures_and_missed_by_one() -> None:
    lines = run("looking/importance.py")
    assert numbers(lines[0])[0] > 0.45
    for line in (lines[1], lines[3]):  # olden and gradient
        named = {part.rpartition(" ")[0] for part in line.split(": ")[1].split(", ")}
        assert named == {"body mass", "lipids", "pressure"}
    assert "sex" in lines[2]
    olden, garson, gradient = (
        [float(score) for score in re.findall(r"x\d (\S+?)(?:,|$)", line)] for line in lines[4:7]
    )
    assert abs(olden[0]) < 0.05 < 1 < olden[1], "the most important one is missed"
    assert garson[0] > garson[1] > max(garson[2:]) and gradient[0] > gradient[1] > 0.5
    assert max(gradient[2:]) < 0.1
    assert [line.split("without ")[1].split(":")[0].strip() for line in lines[7:10]] == [
        "body mass", "lipids", "pressure"
    ]  # fmt: skip


# With scikit-learn


def test_examples_migration_takes_the_same_steps() -> None:
    lines = run("scikit_learn/migration.py")
    theirs, ours = numbers(lines[0])
    assert theirs == ours and lines[1].endswith("True") and lines[3].endswith("True")
    assert max(numbers(lines[2])) < 1e-9  # some hundred steps of Adam in another order of summation
    missed, alarms = found(r"(\d+) malignant", lines), found(r"(\d+) false", lines)
    assert missed[0] > missed[2] and alarms[0] < alarms[2]
    epochs, seen = numbers(lines[7])
    assert epochs == seen == numbers(lines[9])[0] < 300 and numbers(lines[8])[0] < 0.02


def test_examples_a_grid_search_finds_a_good_network_and_scikit_learns_weights() -> None:
    *settings, held_out, difference = run("scikit_learn/pipeline_grid_search.py")
    assert len(settings) == 8 and all("cross-validated accuracy" in line for line in settings)
    assert max(numbers(line)[-1] for line in settings) > 0.95
    assert numbers(held_out)[-1] > 0.95
    # some hundred steps of Adam in another order of summation
    assert numbers(difference)[-1] < 1e-9
