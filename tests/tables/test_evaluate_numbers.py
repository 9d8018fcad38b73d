"""What `evaluate` prints is what scikit-learn's metrics give for the predictions of `predict`."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

M = 300
CLOSE = 1e-9  # relative: sums of M float64 terms in another order, or of float32 outputs


def write(task: str, path: str = "t.csv", seed: int = 0) -> Any:
    """Write a table of this task and return its target."""
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, M)).round(4)
    colour = np.array(["red", "blue"])[rng.integers(2, size=M)]
    y: Any = {
        "binary": lambda: np.where(x + noise > 0, "yes", "no"),
        "multiclass": lambda: np.array(["low", "mid", "top"])[
            np.digitize(x + 0.5 * noise, [-0.7, 0.7])
        ],
        "regression": lambda: (5000 + 300 * x + 100 * noise).round(3),
        "count": lambda: rng.poisson(np.exp(1 + 0.5 * x)),
    }[task]()
    lines = [f"{a},{b},{c}\n" for a, b, c in zip(x, colour, y, strict=True)]
    Path(path).write_text("x,colour,y\n" + "".join(lines))
    return y


def flat(report: Any, prefix: str = "") -> dict[str, Any]:
    """Return the values of nested objects by their lower-case names without marks."""
    if not isinstance(report, dict):
        return {prefix: report}
    found: dict[str, Any] = {}
    for name, value in report.items():
        key = re.sub(r"[^a-z0-9]", "", name.lower())
        found.update({key: value, **flat(value, key)})
    return found


def evaluate(run: Any, path: str = "t.csv", *options: str) -> dict[str, Any]:
    done = run("evaluate", "m.snet", path, "--json", *options)
    assert done.code == 0, done
    return flat(json.loads(done.out))


def value(report: dict[str, Any], *names: str) -> Any:
    """Return the measure that goes by one of these names."""
    found = [report[name] for name in names if name in report]
    assert found, f"none of {names} in {report}"
    return found[0]


def predicted(run: Any, *options: str) -> Any:
    """Return the cells of the predictions."""
    done = run("predict", "m.snet", "t.csv", *options)
    header, *rows = csv.reader(io.StringIO(done.out))
    return header, np.array(rows)


def learn(task: str, train: Any) -> Any:
    y = write(task)
    kind = {"binary": "classification", "multiclass": "classification"}.get(task, task)
    quick = ("--epochs", "20", "--learning-rate", "0.01")
    train("t.csv", "--task", kind, *quick, target="y")
    return y


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_evaluate_classes(folder: Path, train: Any, run: Any, task: str) -> None:
    y = learn(task, train)
    header, cells = predicted(run, "--probabilities")
    labels, probabilities = cells[:, 0], cells[:, 1:].astype(float)
    names = [name.partition("_")[2] for name in header[1:]]
    report = evaluate(run)
    accuracy = metrics.accuracy_score(y, labels)
    assert 0.5 < accuracy < 1
    assert value(report, "accuracy") == pytest.approx(accuracy, rel=CLOSE)
    loss = metrics.log_loss(
        y, probabilities / probabilities.sum(axis=1, keepdims=True), labels=names
    )
    assert value(report, "logloss") == pytest.approx(loss, rel=1e-6)  # clipping and rounding
    scores = probabilities[:, 1] if task == "binary" else probabilities
    auc = metrics.roc_auc_score(
        y, scores, multi_class="ovr", labels=names if task != "binary" else None
    )
    got = value(report, "auc", "rocauc")
    assert got == pytest.approx(auc, rel=CLOSE)
    confusion = metrics.confusion_matrix(y, labels, labels=names)
    table = value(report, "confusion", "confusiontable", "confusionmatrix")
    if isinstance(table, dict):
        table = [[table[a][b] for b in names] for a in names]
    assert np.array_equal(table, confusion)
    assert value(report, "rows", "nrows", "m", "n") == M


@pytest.mark.parametrize("task", ["regression", "count"])
def test_evaluate_numbers(folder: Path, train: Any, run: Any, task: str) -> None:
    """In the unit of the target."""
    y = learn(task, train)
    got = predicted(run)[1][:, 0].astype(float)
    report = evaluate(run)
    expected = {
        "r2": metrics.r2_score(y, got),
        "rmse": metrics.mean_squared_error(y, got) ** 0.5,
        "mae": metrics.mean_absolute_error(y, got),
    }
    if task == "count":
        expected["poissondeviance"] = metrics.mean_poisson_deviance(y, got)
    for name, measure in expected.items():
        names = (name, f"mean{name}", name.replace("poisson", ""))
        assert value(report, *names) == pytest.approx(measure, rel=1e-6)


def test_evaluate_prints_the_same_numbers(folder: Path, train: Any, run: Any) -> None:
    learn("binary", train)
    report = evaluate(run)
    printed = run("evaluate", "m.snet", "t.csv").out
    for names in (("accuracy",), ("logloss",), ("auc", "rocauc")):
        assert f"{value(report, *names):.4f}"[:5] in printed
    assert "yes" in printed and "no" in printed


def test_evaluate_leaves_out_rows_without_a_target(folder: Path, train: Any, run: Any) -> None:
    learn("binary", train)
    whole = evaluate(run)
    with open("t.csv", "a") as stream:
        stream.write("1.5,red,\n" * 7)
    report = evaluate(run)
    assert report["accuracy"] == whole["accuracy"]
    assert "7" in run("evaluate", "m.snet", "t.csv").said


def test_evaluate_needs_the_target(folder: Path, train: Any, refused: Any) -> None:
    learn("binary", train)
    refused("evaluate", "m.snet", "-", stdin=b"x,colour\n1,red\n", says=("'y'",))


def test_evaluate_refuses_or_counts_labels_it_cannot_know(
    folder: Path, train: Any, run: Any
) -> None:
    """A label that no prediction can be right about is no silent hit, nor left out unsaid."""
    learn("binary", train)
    done = run("evaluate", "m.snet", "-", stdin=b"x,colour,y\n1,red,yes\n-1,red,perhaps\n")
    assert done.code in (0, 2) and "perhaps" in done.said


def test_evaluate_agrees_with_what_training_printed(folder: Path, train: Any, run: Any) -> None:
    """With all rows fitted, the training measure is evaluate's on the same file."""
    import shallownet_native as sn

    write("binary")
    train("t.csv", "--held-out", "0", target="y")
    measures = sn.load("m.snet").table_["training"]
    own = [v for name, v in measures.items() if "accuracy" in name and isinstance(v, float)]
    assert own == [pytest.approx(evaluate(run)["accuracy"], rel=CLOSE)]
