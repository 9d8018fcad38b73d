"""Each line of code that an error advises is executed, in the place of what failed.

The last test looks for advice in the package's sources that no case meets.
"""

from __future__ import annotations

import ast
import re
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from advice_cases import CASES, Case, names
from shallownet_native import ShallowNetRegressor
from shallownet_native.cli import program

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "shallownet_native"


def message_of(case: Case) -> str:
    with pytest.raises((TypeError, ValueError)) as caught:
        exec(case.fails, names())
    return str(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_advice_in_an_error_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    case = CASES[name]
    found = re.search(case.advice, message_of(case))
    assert found is not None, message_of(case)
    exec(case.works.format(*found.groups()), names())


# the command line: a table, the arguments that fail, the pattern, the arguments that work
WORDS = "".join(f"{k},{'ab'[k % 2]}\n" for k in range(20))
MANY = "".join(f"x{k % 1001},{k},{'ab'[k % 2]}\n" for k in range(2002))
DECIMALS = "w,k\n" + "".join(f'"{k},5",{"ab"[k % 2]}\n' for k in range(20))
COMMANDS = {
    "semicolons": (("w;k\n" + WORDS).replace(",", ";"), [], r"use (--delimiter) ('.*')", "k"),
    "tabs": (("w;k\n" + WORDS).replace(";", "\t").replace(",", "\t"), [],
             r"use (--delimiter) ('.*')", "k"),
    "a word among numbers": ("w,k\n12cm,a\n" + WORDS, [], r"say (--categorical) (w)", "k"),
    "a name to quote": ("it's w,k\n12cm,a\n" + WORDS, [], r"say (--categorical) (.+)$", "k"),
    "too many categories": ("id,w,k\n" + MANY, [], r"with (--drop) (id)", "k"),
    "a decimal comma": (DECIMALS, [], r"say (--decimal ',')(),", "k"),
    "thousands": (DECIMALS.replace(",5", ",500"), [], r" or (--thousands ',')(),", "k"),
    "gaps": ("w,k\n,a\n" + WORDS, ["--missing", "error"], r"say (--missing fill)()", "k"),
    "gaps to drop": ("w,k\n,a\n" + WORDS, ["--missing", "error"], r"(--missing drop)()", "k"),
    "too many classes": ("w,k\n" + "".join(f"{k},{k}\n" for k in range(1001)),
                         ["--task", "classification"], r"use (--task) (regression)", "k"),
    "below 0": ("w,k\n" + "".join(f"{k},{k - 1}\n" for k in range(20)),
                ["--model", "network", "--task", "count"],
                r"use (--task) (regression)", "k"),
    "a misspelled target": ("w,Kind\n" + WORDS, [], r"did you mean ('Kind')()", "kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_advice_of_the_command_line_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    table, more, pattern, target = COMMANDS[name]
    Path("t.csv").write_text(table)
    train = ["train", "t.csv", "--out", "m.snet", "--epochs", "1", "--target", target]
    assert program.main([*train, *more]) == 2
    found = re.search(pattern, capsys.readouterr().err.strip())
    assert found is not None
    words = " ".join(found.groups())
    words = words if words.startswith("--") else f"--target {words}"
    given = subprocess.run(  # as a shell reads it
        ["bash", "-c", f"printf '%s\\n' {words}"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert program.main([*train, *given]) == 0


def test_advice_to_install_names_an_extra() -> None:
    extras = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    named = {
        keyword.value.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_optional")
        for keyword in node.keywords
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Constant)
    }
    assert named and named <= set(extras)


def test_advice_in_a_warning_works() -> None:
    X = np.random.default_rng(0).uniform(0, 10, (300, 3))
    y = 200_000 + 30_000 * X[:, 0]
    model = ShallowNetRegressor(standardize=True, early_stopping=True, random_state=0)
    with pytest.warns(ConvergenceWarning, match="set standardize_target=True"):
        model.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        assert model.set_params(standardize_target=True).fit(X, y).score(X, y) > 0.9


def test_advice_in_a_warning_of_scales_works() -> None:
    X = np.random.default_rng(0).uniform(0, 10, (300, 3)) * [1, 1e4, 1]
    y = X[:, 0] + np.sin(X[:, 2])
    model = ShallowNetRegressor(max_iter=30, learning_rate_init=0.02, random_state=0)
    with pytest.warns(ConvergenceWarning, match="take standardize=True, or Tab"):
        model.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert model.set_params(standardize=True).fit(X, y).score(X, y) > 0.7
    assert sn.TabularShallowNetRegressor(random_state=0).fit(X, y).score(X, y) > 0.9


# in strings of errors: words of advice, and then something that only code has
ADVICE = re.compile(r"(\b(?:use|as with|write|set|call|take|save) (?:its )?[^ ]+[.(=\[]\w[^ ,]*)")
ELSEWHERE = {
    "take sn.Parameters(*parameters,",  # "other units than known"; what follows is put in
    "as with make_pipeline(TableEncoder(categorical_features=",  # "text"
    "set PYTHONIOENCODING=utf-8",  # test_cli_output.py
    "use X.collect(",  # of polars' lazy frames: tests/tables
    "set standardize_target=True",
    "take standardize=True",  # the tests above
}


def test_advice_is_all_in_the_table() -> None:
    """Every piece of a raised error's text that advises code is met by a case."""
    messages = "\n".join(message_of(case) for case in CASES.values())
    missing = set()
    remedies = PACKAGE / "_messages" / "remedies.py"
    for path in {*PACKAGE.rglob("*.py")} - {remedies}:  # test_remedies.py has these
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if "\n" in node.value:
                    continue  # docstrings
                missing |= {
                    found.rstrip(":;)")
                    for found in ADVICE.findall(node.value)
                    if found.rstrip(":;)") not in messages
                }
    assert missing <= ELSEWHERE
