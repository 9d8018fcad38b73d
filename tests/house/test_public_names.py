"""Public modules show their public names and no others, with scikit-learn and without it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import shallownet_native as sn
from absent import without

MODULES = [m.name for m in pkgutil.iter_modules(sn.__path__) if not m.name.startswith("_")]
ESTIMATORS = ["DivergenceWarning", "ShallowNetClassifier", "ShallowNetClassifierCV",
              "ShallowNetRegressor", "ShallowNetRegressorCV", "TableEncoder",
              "TabularShallowNetClassifier", "TabularShallowNetRegressor"]  # fmt: skip

MISSING = " needs scikit-learn, which is not installed: pip install 'shallownet-native[sklearn]'"


def without_sklearn(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", without("sklearn") + program]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_what_dir_lists(name: str) -> None:
    module = importlib.import_module(f"shallownet_native.{name}")
    assert dir(module) == sorted(module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        value = getattr(module, public)
        assert not isinstance(value, ModuleType) and not public.startswith("_")
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__module__.startswith("shallownet_native")


def test_public_names_of_the_package_are_what_dir_lists() -> None:
    assert dir(sn) == sorted([*sn.__all__, *ESTIMATORS])
    dir(sn).clear()  # each call has its own list
    assert "train" in dir(sn)
    members = dict(inspect.getmembers(sn))
    assert set(members) == set(dir(sn))


@pytest.mark.parametrize("name", ["", *(f".{name}" for name in MODULES)])
def test_public_names_can_be_imported_all_at_once(name: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"from shallownet_native{name} import *", namespace)
    module = importlib.import_module(f"shallownet_native{name}")
    assert set(namespace) - {"__builtins__"} == set(module.__all__)


LOOKS = {
    "dir": "import shallownet_native as sn; print(dir(sn))",
    "getmembers": "import inspect, shallownet_native as sn; print(dict(inspect.getmembers(sn)))",
    "help": "import shallownet_native as sn; help(sn)",
    "pydoc": (
        "import pydoc, sys\nsys.argv = ['pydoc', 'shallownet_native']\n"
        "sys.stdout.isatty = lambda: False\npydoc.cli()"
    ),
    "doctest": (
        "import doctest, shallownet_native as sn\n"
        "print([test.name for test in doctest.DocTestFinder().find(sn)], 'train')"
    ),
    "star": "from shallownet_native import *; print(train)",
    "completion": (
        "import rlcompleter, shallownet_native as sn\n"
        "print(rlcompleter.Completer({'sn': sn}).attr_matches('sn.'))"
    ),
    "autospec": (
        "import unittest.mock, shallownet_native as sn\n"
        "print(unittest.mock.create_autospec(sn).train)"
    ),
}


@pytest.mark.parametrize("program", LOOKS.values(), ids=LOOKS)
def test_public_names_without_scikit_learn_can_be_looked_at(program: str) -> None:
    done = without_sklearn(program)
    assert (done.returncode, done.stderr) == (0, "")
    assert "train" in done.stdout


@pytest.mark.parametrize("name", ESTIMATORS)
def test_public_names_without_scikit_learn_are_absent_and_say_why(name: str) -> None:
    package = "tables" if name == "TableEncoder" else "estimators"
    program = f"""
import shallownet_native as sn
assert not hasattr(sn, {name!r}) and getattr(sn, {name!r}, None) is None
try:
    getattr(sn, {name!r})
except AttributeError as error:
    assert isinstance(error.__cause__, ModuleNotFoundError)
    print(error)
try:
    sn.{name}
except ModuleNotFoundError as error:
    print(error)
try:
    sn.{name}(1)
except ModuleNotFoundError as error:
    print(error)
try:
    from shallownet_native import {name}
except ModuleNotFoundError as error:
    print(error)
try:
    from shallownet_native.{package} import {name}
except ModuleNotFoundError as error:
    print(error)
"""
    done = without_sklearn(program)
    assert (done.returncode, done.stderr) == (0, "")
    needs = name if package == "tables" else "shallownet_native.estimators"
    assert done.stdout.splitlines() == [needs + MISSING] * 5


def test_public_names_that_do_not_exist_are_no_question_of_packages() -> None:
    program = "from shallownet_native import ShallowNetClasifier"
    assert "cannot import name 'ShallowNetClasifier'" in without_sklearn(program).stderr
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        sn.trian  # noqa: B018


def test_public_names_with_scikit_learn_broken_show_its_own_error() -> None:
    program = """
import sys, types
sys.modules["sklearn"] = types.ModuleType("sklearn")  # without the parts that a package has
import shallownet_native as sn
sn.ShallowNetClassifier
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "sklearn" in done.stderr and "pip install" not in done.stderr
