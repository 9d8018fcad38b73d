"""What benchmarks/ says of predictions: how they are judged, and what a report makes of losses."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

MODULES = ("tables_data", "tables_rivals", "tables_report", "tables")
NAMES = (
    "ours", "linear", "MLP raw", "MLP", "HistGradientBoosting", "forest", "LightGBM", "XGBoost",
    "CatBoost",
)  # fmt: skip


@pytest.fixture
def data(programs: Any) -> ModuleType:
    return programs.tables_data


def frame(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"a": rng.normal(size=n), "b": rng.integers(0, 9, n), "kind": rng.choice(["x", "y"], n)}
    )
    table.loc[3, ["a", "kind"]] = None
    return table


def tables(data: Any) -> list[Any]:
    X = data.as_columns(frame())
    y = np.nan_to_num(X.a.to_numpy()) + 0.1 * np.sin(X.b.to_numpy())
    classes = np.digitize(y, [-0.5, 0.5])
    return [data.Table("numbers", False, X, y), data.Table("classes", True, X, classes)]


def test_estimator_comparison_has_the_models_that_are_told_of(programs: Any) -> None:
    assert tuple(programs.tables_rivals.RIVALS) == NAMES
    assert len(programs.tables_data.NAMES) == 20


def test_estimator_comparison_takes_columns_as_they_are(data: Any) -> None:
    X = data.as_columns(frame().assign(yes=True))
    assert [str(dtype) for dtype in X.dtypes] == ["float64", "float64", "category", "category"]
    assert X.isna().sum().tolist() == [1, 0, 1, 0]
    assert list(X.kind.cat.categories) == ["x", "y"]


def test_estimator_comparison_splits_by_class(data: Any) -> None:
    for table in tables(data):
        split = data.split(table, 1)
        assert (len(split.X), len(split.X_test)) == (90, 30) == (len(split.y), len(split.y_test))
        assert data.n_splits(table) == 10
        again = data.split(table, 1)
        assert again.X.equals(split.X) and not data.split(table, 2).X.equals(split.X)
    counts = np.bincount(split.y_test)
    assert np.abs(counts - np.bincount(split.y) / 3).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_estimator_comparison_measures_every_model_that_is_installed(
    name: str, programs: Any, data: Any
) -> None:
    rival = programs.tables_rivals.RIVALS[name]
    if not rival.is_installed:
        assert name in ("LightGBM", "XGBoost", "CatBoost")
        return
    for table in tables(data):
        found = programs.tables_rivals.measure(rival, table, data.split(table, 0), 0, 1)
        assert 0 < found["loss"] < 1.2 and found["seconds"] >= 0 and found["threads"] == 1
        if name == "ours":
            assert sum(found["n"]) == 30 and 20 <= sum(found["covered"]) <= 30


def test_estimator_comparison_judges_by_hand(programs: Any) -> None:
    rivals = programs.tables_rivals
    likely = np.array([[0.5, 0.5], [1.0, 0.0]])
    loss = rivals.log_loss(likely, np.array([0, 1]))
    assert loss == pytest.approx((np.log(2) + 7 * np.log(10)) / 2)
    with pytest.raises(AssertionError, match="no probabilities"):
        rivals.log_loss(2 * likely, np.array([0, 1]))
    y = np.array([1.0, -1.0])
    assert rivals.relative_error(np.zeros((2, 1)), y) == 1
    assert rivals.relative_error(y / 2, y) == 0.5


def test_estimator_comparison_counts_what_is_covered(programs: Any, data: Any) -> None:
    numbers, classes = tables(data)
    split = data.split(numbers, 0)
    y = split.y_test

    class Wide:
        def predict_interval(self, X: Any, confidence_level: float) -> Any:
            assert confidence_level == 0.9
            low = np.where(np.arange(len(y)) < 6, y + 1, y - 1)  # six miss
            return y, np.stack([low, low + 2 * y.std()], axis=1)[:, :, None]

    found = programs.tables_rivals.covered(Wide(), numbers, split)
    assert found["n"] == [30] and found["width"] == pytest.approx(2)
    assert found["covered"] == [24]
    of_classes = data.split(classes, 0)

    class First:
        def predict_set(self, X: Any, confidence_level: float) -> Any:
            sets = np.zeros((len(X), 3, 1), bool)
            sets[:, 0] = sets[:, 1] = True
            return np.zeros(len(X)), sets

    found = programs.tables_rivals.covered(First(), classes, of_classes)
    n = np.bincount(of_classes.y_test)
    assert found["n"] == n.tolist() and found["covered"] == [n[0], n[1], 0]
    assert found["width"] == 2


def results() -> dict[str, Any]:
    """Two tables; the second's first split failed once, the other's losses are 2 and 4 times."""

    def run(loss: float, **more: Any) -> dict[str, Any]:
        return {"loss": loss, "seconds": loss, "cpu": 2 * loss, "threads": 2, **more}

    cover = {"n": [10, 20], "covered": [5, 18], "width": 1.5}
    return {
        "heart": {
            "ours": {"0": run(0.5, **cover), "1": run(0.5, **cover)},
            "linear": {"0": run(0.25), "1": run(0.25)},
            "CatBoost": {"0": run(1.0), "1": run(1.0)},
        },
        "auto": {
            "ours": {"0": run(9.0), "1": run(4.0)},
            "linear": {"0": {"error": "ValueError: none"}, "1": run(5.0)},
            "CatBoost": {"0": run(2.0), "1": run(1.0)},
        },
    }


def test_estimator_comparison_reports_by_hand(programs: Any) -> None:
    report = programs.tables_report
    models = ["ours", "linear", "CatBoost", "LightGBM"]
    losses = report.Losses(results(), models)
    assert losses.models == models[:3], "nothing is known of the last"
    assert losses.tables == ["heart", "auto"]
    assert losses.matrix.tolist() == [[0.5, 0.25, 1], [4, 5, 1]], "splits that all have"
    _, *rows = report.summary(losses, "CatBoost")
    by_name = {row[0]: row[1:] for row in rows}
    # ratios 1/2 and 4: ranks 2 and 2; medians of 0.5 and 4 seconds
    assert by_name["ours"][:3] == ["0.500", "4.000", "1-1"]
    assert by_name["ours"][4:] == ["2.00", "2.25", "4.50"]
    assert by_name["CatBoost"][:4] == ["1.000", "1.000", "0-0", "-"]
    said, worst = report.beside_linear(losses, "ours")
    assert said.endswith("1 above 1.15, 1 above 1.4") and "heart 2.000, auto 0.800" in worst
    _, row = report.covers(losses, "ours")
    assert row == ["heart", "0.767", "0.500", "20", "1.50"]
    text = report.report(results(), models, "CatBoost")
    assert text.endswith("failed:\nauto, linear, split 0: ValueError: none")
    assert "2 tables, 3 splits" in text


def test_estimator_comparison_goes_on_where_it_was(
    programs: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = programs.tables
    monkeypatch.setattr(program, "load", lambda name: name)
    monkeypatch.setattr(program, "n_splits", lambda table: 2)
    options = program.parsed(["--tables", "heart", "auto", "--threads", "1"])
    models = ["ours", "linear", "CatBoost"]
    (left,) = program.tasks(options, models, results())
    assert left == ("auto", "linear", 0, 1), "what failed is tried again"
    options.again = True
    assert len(list(program.tasks(options, models, results()))) == 12
    assert len(list(program.tasks(program.parsed(["--quick"]), models, {}))) == 12
    path = tmp_path / "folder" / "tables.json"
    program.save(path, results())
    assert json.loads(path.read_text())["results"] == results()
    assert [file.name for file in path.parent.iterdir()] == ["tables.json"]
