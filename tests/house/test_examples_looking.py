"""The examples that look inside: each finds what it says it finds."""

from __future__ import annotations

import re

from example_runs import numbers, run


def test_examples_wrong_gradients_are_named_and_mended() -> None:
    lines = run("looking/wrong_gradients.py")
    [said] = [line for line in lines if line.startswith("slips: ")]
    assert said == ("slips: missing_bias, wrong_m, slope_of_wrong_activation, sum_over_wrong_axis")
    assert sum(line.startswith("The backward pass is right") for line in lines) == 1
    right, *wrong = [numbers(line)[-1] for line in lines if ": cost" in line]
    assert len(wrong) == 2 and right < 0.06 and min(wrong) > 4 * right


def test_examples_sick_run_is_diagnosed_and_mended() -> None:
    lines = run("looking/sick_run.py")
    names = [line.split()[0] for line in lines if re.fullmatch(r"[a-z_]+ +[\d.e+]+", line)]
    assert {"learning_rate", "unscaled_inputs", "saturated_units"} < set(names)
    assert lines[names.index("learning_rate")].startswith("learning_rate 60 is ")
    assert sum(line.startswith("learning_rate 60 is ") for line in lines) == 2
    assert sum(line.startswith("The inputs differ in scale") for line in lines) == 1
    assert sum(line.startswith("Nothing is wrong") for line in lines) == 1
    sick, better, mended = (numbers(line)[-1] for line in lines if " cost " in line[20:27])
    assert mended < better < 0.01 * sick
