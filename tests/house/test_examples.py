"""Each example runs as a script, says nothing on standard error, and shows what it claims."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


def run(name, *arguments, folder):
    """Run an example in an empty folder and return its lines."""
    done = subprocess.run(
        [sys.executable, FOLDER / name, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def numbers(line):
    return [float(text) for text in re.findall(NUMBER, line)]


def test_examples_all_have_a_test_and_a_row_in_their_table():
    names = {path.name for path in FOLDER.glob("*.py")}
    tested = set(re.findall(r"run\(\"(\w+\.py)\"", Path(__file__).read_text(encoding="utf-8")))
    listed = set(re.findall(r"^\| \[(\w+\.py)\]", (FOLDER / "README.md").read_text(), re.MULTILINE))
    assert names == tested == listed


def test_examples_quickstart_learns_and_saves(tmp_path):
    cost, accuracy, loaded = run("quickstart.py", folder=tmp_path)
    first, last = numbers(cost)
    assert last < first / 4
    assert numbers(accuracy)[-1] > 0.94
    assert loaded.endswith("True")
    assert not list(tmp_path.iterdir())


def test_examples_flower_prints_the_well_known_costs(tmp_path):
    lines = run("flower.py", folder=tmp_path)
    assert [line.split(": ")[1] for line in lines[:5]] == [
        "0.693162", "0.258625", "0.239334", "0.230802", "0.225528",
    ]  # fmt: skip
    assert numbers(lines[5])[0] > 88
    picture = lines[6:]
    assert len(picture) == 24 and {len(row) for row in picture} == {60}
    assert 0.3 < "".join(picture).count("#") / (24 * 60) < 0.7


def test_examples_flower_draws_a_picture(tmp_path):
    lines = run("flower.py", "flower.png", folder=tmp_path)
    assert lines[-1] == "wrote flower.png"
    assert (tmp_path / "flower.png").read_bytes().startswith(b"\x89PNG")


def test_examples_logistic_regression_cannot_part_the_flower(tmp_path):
    lines = run("logistic_vs_network.py", folder=tmp_path)
    accuracies = [float(re.search(r"accuracy (.*)%", line)[1]) for line in lines]
    logistic, one, two, *more = accuracies
    assert abs(logistic - 47.0) < 0.5  # of 400 points: the optimum is unique, two points' room
    assert one < 70 and two < 70
    assert min(more) > 88


def test_examples_equal_units_stay_equal(tmp_path):
    lines = run("symmetry_zeros.py", folder=tmp_path)
    zeros, alike, random = (
        (int(re.search(r"(\d+) different", line)[1]), float(re.search(r"by (\S+),", line)[1]))
        for line in lines
    )
    assert zeros == (1, 0.0)  # not even a bit
    assert alike[0] == 1 and alike[1] > 0.1
    assert random[0] == 4
    assert numbers(lines[2])[-1] > 0.88 > 0.7 > numbers(lines[1])[-1]


def test_examples_large_weights_saturate(tmp_path):
    lines = run("large_weights_saturate.py", folder=tmp_path)
    saturated = [float(re.search(r"(\d+)% saturated", line)[1]) for line in lines]
    slopes = [float(re.search(r"mean slope (\S+),", line)[1]) for line in lines]
    gradients = [float(re.search(r"largest dW1 (\S+),", line)[1]) for line in lines]
    costs = [numbers(line)[-1] for line in lines]
    assert saturated[0] == 0 and saturated[-1] > 90
    assert slopes[0] > 0.9 and slopes[-1] < 0.05
    assert gradients[-1] < gradients[0] / 10
    assert costs[0] < 0.35 and costs[-1] > 0.5


def test_examples_identity_is_one_linear_map(tmp_path):
    difference, units, logistic, bent = run("identity_collapses.py", folder=tmp_path)
    # outputs below 1, sums over 20 units of size 1: some tens of roundings of 1.1e-16
    assert numbers(difference)[-1] < 1e-14
    assert numbers(units)[-2:] == numbers(logistic)[-2:]
    assert numbers(bent)[-1] > 0.88 > 0.6 > numbers(logistic)[-1]


def test_examples_relu_dies_and_leaky_relu_comes_back(tmp_path):
    lines = [line for line in run("dying_relu.py", folder=tmp_path) if "dead, accuracy" in line]
    dead = [int(re.search(r"(\d+) of 16", line)[1]) for line in lines]
    accuracy = [numbers(line)[-1] for line in lines]
    alive, hurt, later, start, relu, leaky = dead
    assert alive == 0 and hurt >= 8 and later >= hurt
    assert start == relu == 16 and accuracy[4] == 0.5
    assert leaky <= 4 and accuracy[5] > 0.9


def test_examples_a_grid_search_finds_a_good_network_and_scikit_learns_weights(tmp_path):
    *settings, held_out, difference = run("pipeline_grid_search.py", folder=tmp_path)
    assert len(settings) == 8 and all("cross-validated accuracy" in line for line in settings)
    assert max(numbers(line)[-1] for line in settings) > 0.95
    assert numbers(held_out)[-1] > 0.95
    # some hundred steps of Adam in another order of summation
    assert numbers(difference)[-1] < 1e-9


def test_examples_class_weight_finds_the_rare_class(tmp_path):
    share, *settings = run("imbalanced_classes.py", folder=tmp_path)
    assert numbers(share)[0] == 2.0
    recall = [float(re.search(r"recall (\S+)", line)[1]) for line in settings]
    accuracy = [float(re.search(r" accuracy (\S+)  \(", line)[1]) for line in settings]
    balanced = [float(re.search(r"balanced accuracy (\S+)", line)[1]) for line in settings]
    assert recall[0] < 0.6 and min(recall[1:]) > recall[0] and recall[-1] > 0.7
    assert balanced[-1] > balanced[0] + 0.1
    assert accuracy[0] == max(accuracy) > 0.97, "and yet it finds least"


def test_examples_out_of_core_learns_block_by_block(tmp_path):
    lines = run("out_of_core.py", folder=tmp_path)
    assert numbers(lines[0]) == [15, 0.5]
    scores = [numbers(line)[-1] for line in lines if line.startswith("after")]
    # The last ones differ by thousandths, which float32 rounding decides.
    assert len(scores) == 5 and scores[0] < 0.88 and min(scores[2:]) > 0.9
    assert "stopped and started again" in lines[3] and scores[2] > scores[1]
    assert lines[-1] == "float32 in, float32 kept; 120000 rows learned from"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_examples_say_how_to_run_them(path):
    assert f"Run: python examples/{path.name}" in path.read_text(encoding="utf-8")
