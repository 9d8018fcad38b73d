"""Each example runs as a script, says nothing on standard error, and shows what it claims."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from example_runs import FOLDER, SCRIPTS, found, numbers, python, run

TESTS = sorted(Path(__file__).parent.glob("test_examples*.py"))


def test_examples_all_have_a_test_and_a_row_in_their_table() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in TESTS)
    tested = re.findall(r"run\(\"(\w+/\w+\.py)\"", tests)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+\.py)\]\((\w+)/\1\)", readme, re.MULTILINE)
    assert SCRIPTS == sorted(set(tested)) == sorted(f"{folder}/{name}" for name, folder in listed)


def test_examples_folders_are_sections_of_the_gallery() -> None:
    for folder in (FOLDER, *{(FOLDER / name).parent for name in SCRIPTS}):
        assert re.match(r"[A-Z].+\n([-=])\1+\n\n", (folder / "GALLERY_HEADER.rst").read_text())


@pytest.mark.parametrize("name", SCRIPTS)
def test_examples_have_a_title_and_say_how_to_run_them(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    title, line = re.match(r'"""\n(.+)\n(=+)\n\n[A-Z]', text).groups()
    assert len(title) == len(line)
    assert re.search(rf'\n\nRun: python examples/{name}( \[.+\])?\n(\n|""")', text)
    needs = re.search(
        r"\nNeeds, in the project's folder: ``pip install '\.\[(.+)\]'``\n\"\"\"", text
    )
    assert "plot" in needs[1] and ("sklearn" not in text or re.search("cli|sklearn", needs[1]))
    assert text.count("\n# %%\n") >= 2
    assert text.endswith("\nplt.show()\n")


def test_examples_run_as_scripts_from_any_folder() -> None:
    assert python(FOLDER / "lecture/a_layer.py").startswith("one by one: z1 =")


# The lecture


def test_examples_one_neuron_is_the_same_by_hand_core_and_oracle() -> None:
    lines = run("lecture/one_neuron.py")
    assert lines[:2] == ["z = 2 * 3 + 1 * 4 - 8 = 2", "a = sigmoid(2) = 0.880797"]
    assert lines[2].endswith(" 7.3891 times")  # e^2
    assert lines[3].endswith(" 0.8944")  # 2 / sqrt(5)
    assert [line.split()[-1] for line in lines[5:7]] == ["0.880797"] * 2
    assert numbers(lines[7])[0] > 95


def test_examples_a_layer_is_a_product() -> None:
    lines = run("lecture/a_layer.py")
    assert lines[0].split("z1 = ")[1] == lines[1].split("z1 = ")[1] == "[1.  0.5 0.5]"
    assert lines[2].split() == ["right:", "(3,", "1)", "wrong:", "(3,", "3)"]
    assert numbers(lines[4])[-2:] == numbers(lines[5])[-2:] == [2, 0.542005]
    assert numbers(lines[6])[-1] == 3 * 3 + 4
    assert lines[7].startswith("ValueError: b1 must have shape (3, 1), got (3,)")


def test_examples_many_examples_are_one_product() -> None:
    lines = run("lecture/many_examples.py")
    # sums of two or three products of size 1
    assert max(numbers(line)[-1] for line in lines[1:5]) < 1e-15
    assert lines[5].endswith("True")
    assert "A2 - Y.T: (6, 6)" in lines[6] and lines[7].endswith("use Y.T")
    assert numbers(lines[8]) == [1, 1, 1, 1] and "True" in lines[9]


def test_examples_activations_have_the_slopes_they_are_said_to_have() -> None:
    lines = run("lecture/activations.py")
    assert max(numbers(line)[-1] for line in lines[:5]) < 2e-15  # of slopes up to 1
    assert lines[5].endswith("a = 0.500000, slope 0.250000")
    assert lines[8].endswith("a = 0.000000, slope 1.000000")
    assert lines[10].endswith("a = 1.000000, slope 0.000000")
    assert numbers(lines[11])[-1] < 2e-15
    assert [line.endswith("True") for line in lines[12:]] == [True, True, False]


def test_examples_identity_is_one_linear_map() -> None:
    difference, units, logistic, bent = run("lecture/why_nonlinear.py")
    # outputs below 1, sums over 20 units of size 1: some tens of roundings of 1.1e-16
    assert numbers(difference)[-1] < 1e-14
    assert numbers(units)[-2:] == numbers(logistic)[-2:]
    assert numbers(bent)[-1] > 0.88 > 0.6 > numbers(logistic)[-1]


def test_examples_the_loss_is_that_of_the_core_and_stays_finite() -> None:
    lines = run("lecture/loss.py")
    assert "y = 1" in lines[2] and found(r"loss (\S+) if", lines[:5])[2] == 0.6931
    assert lines[5].endswith("J = 0.471422") and lines[6].endswith("J = 0.471422")
    assert "log 2 = 0.693147" in lines[7] and abs(numbers(lines[7])[-1] - 0.693147) < 1e-4
    assert lines[8] == "from the probability inf, from the logit 800.0"
    assert lines[9] == "by the core 800.0"
    assert re.findall(r"-0\.\d+", lines[12]) == ["-0.999955", "-0.000045"]
    differences = found(r"complex step by (\S+)", lines)
    assert len(differences) == 4 and max(differences) < 2e-15


def test_examples_gradients_by_hand_are_those_of_oracle_core_and_complex_step() -> None:
    lines = run("lecture/gradients.py")
    for other in ("oracle", "core", "complex step"):
        differences = found(rf"from the {other} by ([^,\s]+)", lines)
        assert len(differences) == 4 and max(differences) < 1e-15  # entries of size 0.1
    assert max(found(r"gradients: differs by (\S+)", lines)) < 1e-15
    correct, *wrong = found(r"relative error (\S+)", lines)
    assert correct < 1e-14 and len(wrong) == 4 and min(wrong) > 0.01
    one_sided, two_sided, by_complex_step = found(r"best error (\S+),", lines)
    assert by_complex_step < 1e-14 < two_sided < one_sided < 1e-6
    assert found(r"of 1e-16 (\S+)", lines)[2] < 1e-14


def test_examples_descent_by_hand_is_that_of_the_core() -> None:
    lines = run("lecture/gradient_descent.py")
    steps = [numbers(line)[-1] for line in lines[:4]]
    assert steps[1] == 0 and steps[0] < 0.2 and abs(steps[2]) < 0.2 < 1 < abs(steps[3])
    costs = [line.split(": ")[-1] for line in lines[4:10]]
    assert costs == ["0.693162", "0.258625", "0.239334"] * 2
    assert numbers(lines[10])[-1] < 1e-10  # 2000 steps of rounding
    small, slow, good, large = (numbers(line)[-1] for line in lines[11:15])
    assert good < slow < small < large
    reached, *exchanged, between = (numbers(line)[-1] for line in lines[15:])
    assert exchanged == [reached] * 3 and between > 1


def test_examples_equal_units_stay_equal() -> None:
    lines = run("lecture/symmetry.py")
    assert lines[0].endswith("True") and lines[1].endswith("True")
    assert [line.split()[-1] for line in lines[2:6]] == ["0"] * 4
    zeros, alike, random = (
        (int(re.search(r"(\d+) different", line)[1]), float(re.search(r"by (\S+),", line)[1]))
        for line in lines[6:]
    )
    assert zeros == (1, 0.0)  # not even a bit
    assert alike[0] == 1 and alike[1] > 0.1
    assert random[0] == 4
    assert numbers(lines[8])[-1] > 0.88 > 0.7 > numbers(lines[7])[-1]


def test_examples_large_weights_saturate() -> None:
    lines = run("lecture/saturation.py")
    saturated, slopes = found(r"(\d+)% saturated", lines), found(r"mean slope (\S+),", lines)
    gradients, costs = found(r"largest dW1 (\S+),", lines), found(r", cost (\S+)", lines)
    assert saturated[0] == 0 and saturated[-1] > 90
    assert slopes[0] > 0.9 and slopes[-1] < 0.05
    assert gradients[-1] < gradients[0] / 10
    assert costs[0] < 0.35 and costs[-1] > 0.5
    deviations = found(r"Glorot .*Z1\s+(\S+),", lines)
    assert len(deviations) == 3 and 0.9 < min(deviations) and max(deviations) < 1.1  # "near 1"
    assert found(r" randn .*Z1\s+(\S+),", lines)[-1] > 20


def test_examples_flower_prints_the_well_known_costs() -> None:
    lines = run("lecture/flower.py")
    assert [line.split(": ")[1] for line in lines[1:6]] == [
        "0.693162", "0.258625", "0.239334", "0.230802", "0.225528",
    ]  # fmt: skip
    assert numbers(lines[6])[0] > 88
    assert [line.split(": ")[1] for line in lines[7:11]] == [
        "0.693048", "0.288083", "0.254385", "0.233864",
    ]  # fmt: skip
    costs = found(r"iterations: cost (\S+),", lines)
    assert len(costs) == 4 and costs == sorted(costs, reverse=True)
    assert costs[0] > 0.67 and abs(costs[3] - 0.222) < 0.001


def test_examples_logistic_regression_cannot_part_the_flower() -> None:
    lines = run("lecture/hidden_sizes.py")
    logistic, one, two, *more = found(r"accuracy (.*)%", lines)
    assert abs(logistic - 47.0) < 0.5  # of 400 points: the optimum is unique, two points' room
    assert abs(one - 67.5) < 0.5 and abs(two - 67.25) < 0.5
    assert len(more) == 5 and 89 < min(more) and max(more) < 92.5
    seen, new = found(r"cost (\S+) seen", lines), found(r"seen, (\S+) new;", lines)
    assert len(seen) == 8 and new[-1] - seen[-1] > new[3] - seen[3]  # 50 units, 3 units
