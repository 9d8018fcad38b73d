"""One list in the core is the registry; the oracle and the headers must keep up with it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native.training import options

ROOT = Path(__file__).resolve().parents[2]
ORACLE = "python/shallownet_native/reference"
KINDS = {
    "activations": (reference.ACTIVATIONS, "ACTIVATIONS", "src/cpp/registry/activations.hpp"),
    "outputs": (reference.OUTPUTS, "OUTPUTS", "src/cpp/registry/losses.hpp"),
    "optimizers": (reference.OPTIMIZERS, "OPTIMIZERS", "src/cpp/registry/optimizers.hpp"),
    "schedules": (reference.SCHEDULES, "SCHEDULES", "src/cpp/registry/schedules.hpp"),
}
WHERE = {"optimizers": "descent", "schedules": "descent"}  # else in method


DOCUMENTED = [  # where a parameter's docstring lists names: those of the core
    ("activate", "name", "activations"),
    ("forward", "hidden", "activations"),
    ("forward", "output", "outputs"),
    ("train", "optimizer", "optimizers"),
    ("train", "schedule", "schedules"),
]


# names that Python has besides
BESIDES = {"optimizers": {"lbfgs", "lm"}, "schedules": {"adaptive", "invscaling"}}


def oracle(kind: str) -> str:
    """Return the file of the oracle's rows."""
    return f"{ORACLE}/{WHERE.get(kind, 'method')}.py"


def complaint(kind: str, core_names: set[str]) -> str:
    """Return what to do where the oracle's rows and the core's names differ, or nothing."""
    rows, table, header = KINDS[kind]
    words = []
    if missing := sorted(core_names - set(rows)):
        words.append(f"{oracle(kind)} lacks {', '.join(missing)}: add a row to {table} there")
    if surplus := sorted(set(rows) - core_names):
        words.append(f"{header} lacks {', '.join(surplus)}: enrol it in the list at its end")
    return "; ".join(words)


@pytest.mark.parametrize("kind", KINDS)
def test_registry_oracle_has_a_row_for_every_name(core: Any, kind: str) -> None:
    assert not complaint(kind, set(getattr(core, kind)))


def test_registry_oracle_bends_every_activation_and_output(core: Any) -> None:
    assert set(reference.CURVATURES) == set(core.activations)
    assert set(reference.OUTPUT_SLOPES) == set(core.outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_registry_guard_names_the_file_to_edit(core: Any, kind: str) -> None:
    names = set(getattr(core, kind))
    _, table, header = KINDS[kind]
    assert (
        complaint(kind, names | {"new"}) == f"{oracle(kind)} lacks new: add a row to {table} there"
    )
    fewer = names - {min(names)}
    assert complaint(kind, fewer).startswith(f"{header} lacks {min(names)}")


@pytest.mark.skipif(not (ROOT / "src").exists(), reason="no source tree beside these tests")
@pytest.mark.parametrize("kind", KINDS)
def test_registry_names_stand_in_their_header(core: Any, kind: str) -> None:
    text = (ROOT / KINDS[kind][2]).read_text(encoding="utf-8")
    for name in getattr(core, kind):
        assert f'"{name}"' in text, f"{KINDS[kind][2]} does not spell out {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_registry_names_are_sorted_and_unique(core: Any, kind: str) -> None:
    names = list(getattr(core, kind))
    assert names == sorted(set(names))


def test_registry_optimizers_keep_as_many_arrays_as_they_say(core: Any, optimizer: str) -> None:
    one = np.ones(1)
    _, state = reference.OPTIMIZERS[optimizer](one, one, (), 1, 0.1)
    assert len(state) == core.optimizers[optimizer]


def test_registry_estimators_know_every_name(core: Any) -> None:
    parameters = pytest.importorskip("shallownet_native.estimators.parameters")
    record = pytest.importorskip("shallownet_native.estimators.saving.record")
    assert set(parameters.HIDDEN.values()) == set(core.activations)
    assert set(parameters.OUTPUTS.values()) == set(core.outputs)
    assert set(parameters.STOCHASTIC) == set(core.optimizers) - set(options.DECOUPLED)
    assert set(parameters.SCHEDULED) <= set(core.optimizers)
    assert set().union(*record.OUTPUTS.values()) <= set(parameters.OUTPUTS)


def documented(of: Any, parameter: str) -> set[str]:
    """Return the names in quotes with which a docstring describes a parameter."""
    lines = rf"^{parameter} : (.*\n(?: .*\n)*)"
    [words] = re.findall(lines, inspect.getdoc(of) or "", re.MULTILINE)
    return set(re.findall(r'"(\w+)"', words))


@pytest.mark.parametrize(("function", "parameter", "kind"), DOCUMENTED)
def test_registry_docstrings_list_every_name(
    core: Any, function: str, parameter: str, kind: str
) -> None:
    names = {*getattr(core, kind)} | BESIDES.get(kind, set())
    assert documented(getattr(sn, function), parameter) == names


@pytest.mark.parametrize("parameter", ["activation", "solver"])
def test_registry_estimators_docstring_lists_every_name(parameter: str) -> None:
    pytest.importorskip("sklearn")
    [allowed] = sn.ShallowNetClassifier._parameter_constraints[parameter]
    assert documented(sn.ShallowNetClassifier, parameter) == allowed.options


def test_registry_core_refuses_unknown_names(core: Any, make_problem: Any) -> None:
    z = np.zeros(3)
    for call in (
        lambda: core.activate(z, "tahn", 0.01),
        lambda: core.slope(z, "tahn", 0.01),
        lambda: core.math(z, "tahn"),
        lambda: core.gradients(
            *make_problem((2, 3, 1), 4, "tahn", "sigmoid").core_data(), 1, False
        ),
        lambda: core.cost(*make_problem((2, 3, 1), 4, "tanh", "tahn").core_data(), 1),
    ):
        with pytest.raises(ValueError, match="tahn"):
            call()
