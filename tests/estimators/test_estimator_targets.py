"""A regressor's targets are numbers: dates, durations and text are refused, not converted."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from mlp_pairs import data, ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = data("regression", m=60)
DAYS = np.datetime64("2024-01-01") + np.arange(60)


def no_numbers() -> dict[str, Any]:
    pd = pytest.importorskip("pandas")
    dates = pd.Series(pd.date_range("2024-01-01", periods=60))
    return {
        "dates": DAYS, "dates in ns": DAYS.astype("M8[ns]"), "a series of dates": dates,
        "dates with a zone": dates.dt.tz_localize("UTC"), "a list of dates": list(DAYS),
        "Python's dates": [datetime.date(2024, 1, 1 + k % 28) for k in range(60)],
        "timestamps": np.array(list(dates), object), "a frame": pd.DataFrame({"a": Y, "b": dates}),
        "durations": pd.Series(pd.to_timedelta(range(60), unit="h")), "time": DAYS - DAYS[0],
        "Python's durations": [datetime.timedelta(k) for k in range(60)],
        "text": np.array(["12", "7"] * 30), "bytes": np.array([b"12", b"7"] * 30),
        "objects of text": np.array(["12", "7"] * 30, object), "a list of text": ["12"] * 60,
        "a series of text": pd.Series(["12"] * 60),
        "pandas' strings": pd.Series(["1"] * 60, dtype="string"),
        "a category": pd.Series(["12", "7"] * 30, dtype="category"), "one text": [1.0] * 59 + ["7"],
        "one of bytes": np.array([1.0] * 59 + [b"7"], object),
    }  # fmt: skip


@pytest.mark.parametrize("case", no_numbers())
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_estimator_targets_that_are_no_numbers_are_refused(case: str, loss: str) -> None:
    y = no_numbers()[case]
    model = sn.ShallowNetRegressor(loss, max_iter=1)
    for method in (model.fit, model.partial_fit):
        with pytest.raises(TypeError, match=r"^y must hold real numbers.* got dtype .*: (use|co)"):
            method(X, y)
    with pytest.raises(TypeError, match=r"^y_val must hold real numbers"):
        model.fit(X, np.abs(Y), X_val=X, y_val=y)
    assert not hasattr(model, "coefs_")


def test_estimator_targets_are_converted_as_the_error_says() -> None:
    def advice(y: Any) -> Any:
        with pytest.raises(TypeError) as caught:
            ours("regression").fit(X, y)
        code = str(caught.value).rsplit(": use ", 1)[1].removesuffix(", days")
        return eval(code, {"np": np, "y": y})

    for y in (DAYS, DAYS.astype("M8[ns]"), DAYS - DAYS[0], np.array(["12", "7"] * 30)):
        numbers = advice(y)
        assert numbers.dtype == np.float64
        assert np.isfinite(ours("regression", max_iter=2).fit(X, numbers).predict(X)).all()


def test_estimator_targets_that_functions_refuse_in_the_same_words() -> None:
    parameters = sn.initialize(4, 2, 1, seed=0)
    for y in (DAYS, np.array(["12", "7"] * 30)):
        with pytest.raises(TypeError) as ours_:
            ours("regression").fit(X, y)
        with pytest.raises(TypeError) as functions:
            sn.train(parameters, X.T, y[None, :], output="identity", n_iterations=1)
        said = str(ours_.value).replace("y must", "Y must").replace("(y", "(Y")
        assert said == str(functions.value)


def test_estimator_targets_of_every_numeric_kind_are_taken() -> None:
    pd = pytest.importorskip("pandas")
    counts = np.arange(60) % 5
    same = [
        counts, counts.tolist(), counts.astype(np.int8), counts.astype(np.float16),
        counts.astype(object), pd.Series(counts), pd.Series(counts, dtype="Int64"),
        np.array([float(k) for k in counts], object), pd.DataFrame({"y": counts}).to_numpy()[:, 0],
    ]  # fmt: skip
    expected = ours("regression", max_iter=3).fit(X, counts.astype(float)).coefs_[0]
    for y in same:
        assert np.array_equal(ours("regression", max_iter=3).fit(X, y).coefs_[0], expected)
    assert ours("regression", max_iter=3).fit(X, counts > 2).score(X, counts > 2) < 1


@pytest.mark.parametrize("early_stopping", [False, True])
def test_estimator_targets_that_are_missing_are_named(early_stopping: bool) -> None:
    """scikit-learn, too, finds NaN among objects, but not None: it trains with NaN."""
    model = ours("regression", early_stopping=early_stopping)
    column = [None if i == 7 else y for i, y in enumerate(Y)]
    pairs = [[y, gap] for y, gap in zip(Y, column, strict=True)]
    for missing in (column, np.array(column), pairs, np.array(pairs), [[y] for y in column]):
        with pytest.raises(ValueError, match="y has no number in row 7, but None"):
            model.fit(X, missing)
    assert not hasattr(model, "coefs_")
    model.fit(X, Y.astype(object))
