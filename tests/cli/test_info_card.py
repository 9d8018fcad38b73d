"""`shallownet info`: a card and a JSON object for every kind of file, and for the installation."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor
from shallownet_native.cli import report
from shallownet_native.tables import TableEncoder

GOLDEN = Path(__file__).parents[1] / "golden"

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = [f"{k or ''},{'ab'[k % 2]},x{k},{'cup' if k > 30 else 'plate'}" for k in range(60)]


def facts(command: Any, *arguments: object) -> Any:
    done = command("info", *arguments, "--json")
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1) and done.out.isascii()
    return json.loads(done.out)


def test_info_of_a_model_is_a_card(command: Any, table: Any) -> None:
    table("w,side,key,kind", ROWS)
    given = ["train", "t.csv", "--target", "kind", "--out", "m.snet", "--epochs", "5"]
    assert command(*given, "--model", "network", "--missing", "drop").code == 0
    card = command("info", "m.snet").out.splitlines()
    assert card[:4] == [
        "target    'kind', classification, classes 'cup', 'plate'",
        "columns   1 number: 'w'",
        "          1 category: 'side'",
        card[3],
    ]
    assert card[3].startswith("left out  'key': 60 different")
    assert card[4] == "missing   rows with a missing cell are not predicted"
    assert card[5] == "network   2 - 32 tanh - 1 logistic, 129 parameters, float32"
    found = facts(command, "m.snet")
    for line, (name, part) in zip(card[6:8], found["measures"].items(), strict=True):
        assert line.startswith(
            f"{name.replace('_', '-')}  accuracy {part['accuracy']:.4f}, log-loss"
        )
        assert line.endswith(f"on {part['rows']} rows")
    assert card[8].startswith("trained   optimizer adam, ") and len(card) == 9


def test_info_of_a_model_is_one_json_object(command: Any, table: Any) -> None:
    table("w,side,key,kind", ROWS)
    given = ["train", "t.csv", "--target", "kind", "--out", "m.snet", "--epochs", "5"]
    one = ["--model", "network", "--held-out", "0"]
    assert command(*given, *one, "--decimal", ".").code == 0
    found = facts(command, "m.snet")
    number, category = found["columns"]
    assert (found["file"], found["kind"], found["target"]) == ("m.snet", "Pipeline", "kind")
    assert found["labels"] == ["cup", "plate"] and found["missing"] == "fill"
    assert found["format"]["decimal"] == "." and "key" in found["left_out"]
    assert (number["name"], number["kind"], number["had_missing"]) == ("w", "number", True)
    assert number["mean"] == pytest.approx(np.mean(range(1, 60)))
    assert category == {"name": "side", "kind": "category", "categories": ["a", "b"]}
    assert found["measures"]["training"]["rows"] == 60 and "held_out" not in found["measures"]
    assert found["network"]["inputs"] == 3 and found["training"]["epochs"] == 5


FRAME = pd.DataFrame({"w": np.arange(40.0), "side": ["a", "b"] * 20})
Y = FRAME["side"].map({"a": 3, "b": 7})


def network(**more: Any) -> Any:
    return ShallowNetClassifier((4,), max_iter=2, random_state=0, **more)


KINDS = {
    "parameters": (
        lambda: sn.initialize(2, 3, 1, seed=0), ["Parameters(n_x=2, n_h=3, n_y=1"], "Parameters"
    ),
    "not fitted": (network, ["ShallowNetClassifier(", "not fitted"], "ShallowNetClassifier"),
    "array": (
        lambda: network().fit(FRAME[["w"]].to_numpy(), Y),
        ["classes   3, 7", "columns   1, without names", "network   1 - 4 relu - 1 logistic"],
        "ShallowNetClassifier",
    ),
    "no hidden layer": (
        lambda: ShallowNetRegressor(hidden_layer_sizes=(), max_iter=2).fit(FRAME[["w"]], Y),
        ["columns   1, 'w'", "network   1 - 1 identity, 2 parameters"], "ShallowNetRegressor",
    ),
    "encoder": (
        lambda: TableEncoder().fit(FRAME), ["TableEncoder()", "columns   2, 'w', 'side'"],
        "TableEncoder",
    ),
    "scaler": (
        lambda: StandardScaler().fit(FRAME[["w"]]), ["StandardScaler()", "columns   1, 'w'"],
        "StandardScaler",
    ),
    "pipeline": (
        lambda: make_pipeline(TableEncoder(), "passthrough", network()).fit(FRAME, Y),
        ["step      'tableencoder', a TableEncoder", "columns   2, 'w', 'side'",
         "step      'shallownetclassifier', a ShallowNetClassifier", "network   2 - 4 relu - 1"],
        "Pipeline",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_info_of_whatever_python_saves(kind: str, command: Any) -> None:
    make, lines, name = KINDS[kind]
    sn.save(make(), "p.snet")
    done = command("info", "p.snet")
    assert (done.code, done.err) == (0, "")
    for line in lines:
        assert line in done.out
    assert facts(command, "p.snet")["kind"] == name


def test_info_of_a_model_of_version_0_1(command: Any) -> None:
    shown = command("info", GOLDEN / "model-1.snet").out
    assert "columns   1 number: 'größe'\n          1 category: 'sex'" in shown
    assert "missing   refused" in shown and "network   3 - 2 leaky_relu - 1 sigmoid" in shown
    found = facts(command, GOLDEN / "model-1.snet")
    assert [column["kind"] for column in found["columns"]] == ["category", "number"]


def test_info_lists_a_few_of_many_columns(command: Any, table: Any) -> None:
    names = [f"n{k}" for k in range(30)] + [f"key{k}" for k in range(9)]
    rows = [",".join(["1"] * 30 + [f"x{k}"] * 9 + ["ab"[k % 2]]) for k in range(40)]
    table(",".join([*names, "kind"]), rows)
    given = ["train", "t.csv", "--target", "kind", "--out", "m.snet", "--epochs", "1"]
    assert command(*given).code == 0
    shown = command("info", "m.snet").out
    assert "columns   30 numbers: 'n0'" in shown and "and 24 more" in shown
    assert shown.count("left out") == 7 and "left out  3 more: see --json" in shown
    assert len(facts(command, "m.snet")["left_out"]) == 9


def test_info_of_the_installation(command: Any) -> None:
    found = facts(command)
    assert found["name"] == "shallownet-native" and found["version"] == sn.__version__
    assert found["level"] == sn._native.backend.level
    shown = command("info").out
    assert all(f"{name:<17} {value}" in shown for name, value in [*found.items()][2:])


def test_info_and_bench_need_numpy_alone() -> None:
    code = (
        "import sys\n"
        "for name in ('pandas', 'sklearn', 'scipy', 'tqdm', 'narwhals'): sys.modules[name] = None\n"
        "from shallownet_native.cli import main\n"
        f"codes = [main(['info', path]) for path in {[str(p) for p in NUMPY_ALONE]!r}]\n"
        "codes += [main(['info', '--json'])]\n"
        "try: main(['bench', '--help'])\n"
        "except SystemExit as stop: codes += [stop.code]\n"
        "sys.exit(any(codes))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


NUMPY_ALONE = [GOLDEN / "parameters-2.snet", GOLDEN / "model-1.snet"]


def test_report_json_has_finite_numbers_and_ascii_only(capsys: Any) -> None:
    day, strange = np.datetime64("2024-01-02").tolist(), "\x7fé\x1b\udce4"
    facts = {"a": np.float32(1.5), "b": [np.nan, -np.inf, np.int64(2)], "c": strange, "d": day}
    report.say_json(facts)
    text = capsys.readouterr().out
    assert text.isascii() and text[:-1].isprintable() and text.endswith("}\n")
    plain = {"a": 1.5, "b": [None, None, 2], "c": strange, "d": "2024-01-02"}
    assert json.loads(text) == plain


def test_info_of_a_search_by_evidence_says_so_and_names_no_rate(command: Any, table: Any) -> None:
    table("w,side,key,kind", ROWS)
    given = ["train", "t.csv", "--target", "kind", "--out", "m.snet", "--hidden-units", "2"]
    one = ["--model", "network", "--optimizer", "lm", "--l2", "evidence"]
    done = command(*given, *one)
    assert done.code == 0
    card = command("info", "m.snet").out
    assert "trained   optimizer lm, l2 evidence, seed 0" in card
    assert "learning_rate" not in card and "None" not in card
    assert sn.load("m.snet").named_steps["network"].alpha == "evidence"
