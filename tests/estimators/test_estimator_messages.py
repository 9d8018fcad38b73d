"""What the estimators say of data they cannot take: the name, the row, what came, the way out.

That the advice works is in test_advice.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shallownet_native import ShallowNetClassifier, ShallowNetRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

M = 60
X = np.random.default_rng(0).normal(size=(M, 2))
T = (X[:, 0] > 0).astype(int)
DAYS = pd.date_range("2024-01-01", periods=M)
FRAME = pd.DataFrame({"w": X[:, 0], "colour": ["red", "blue"] * (M // 2)})


def classifier(**parameters: Any) -> ShallowNetClassifier:
    return ShallowNetClassifier((3,), **{"max_iter": 2, "random_state": 0, **parameters})


def regressor(**parameters: Any) -> ShallowNetRegressor:
    return ShallowNetRegressor(
        hidden_layer_sizes=(3,), **{"max_iter": 2, "random_state": 0, **parameters}
    )


def with_gap(gap: Any, values: Any, dtype: Any = object) -> Any:
    labels = np.array(values, dtype)
    labels[3] = gap
    return labels


WORDS = ["a", "b"] * (M // 2)
MIXED = np.array([1, "A"] * (M // 2), object)
TEXT = "holds text ('red' in row 0)"
BAD_ROWS: dict[str, tuple[Any, type[Exception], list[str]]] = {
    "text": (FRAME, ValueError, [f"column 'colour' of X {TEXT}", "X.drop("]),
    "categories": (FRAME.astype({"colour": "category"}), ValueError, [f"'colour' of X {TEXT}"]),
    "strings": (FRAME.convert_dtypes(), ValueError, [f"column 'colour' of X {TEXT}"]),
    "two columns": (FRAME.assign(z="q"), ValueError, ["columns 'colour', 'z' of X hold text"]),
    "later text": (pd.DataFrame({"w": [*range(59), "x"]}), ValueError, ["'w'", "('x' in row 59)"]),
    "objects": (FRAME.to_numpy(), ValueError, [f"column 1 of X {TEXT}", "np.delete(X, [1]"]),
    "lists": (FRAME.to_numpy().tolist(), ValueError, [f"column 1 of X {TEXT}"]),
    "letters": (FRAME.to_numpy().astype(str), ValueError, ["column 1 of X holds text", "'red'"]),
    "dates": (FRAME[["w"]].assign(d=DAYS), TypeError, ["column 'd' of X holds dates", "2024-"]),
    "dates alone": (pd.DataFrame({"d": DAYS}), TypeError, ["column 'd' of X holds dates"]),
    "zones": (pd.DataFrame({"d": DAYS.tz_localize("UTC")}), TypeError, ["column 'd'", "dates"]),
    "durations": (pd.DataFrame({"d": DAYS - DAYS[0]}), TypeError, ["column 'd'", "durations"]),
    "an array of dates": (DAYS.to_numpy()[:, None], TypeError, ["column 0 of X holds dates"]),
    "Python's dates": (np.array([[1, DAYS[0]]] * M, object), TypeError, ["column 1", "dates"]),
}  # fmt: skip


@pytest.mark.parametrize("make", [classifier, regressor])
@pytest.mark.parametrize("name", BAD_ROWS)
def test_estimator_messages_name_the_column(name: str, make: Callable[..., Any]) -> None:
    rows, error, parts = BAD_ROWS[name]
    with pytest.raises(error) as caught:
        make().fit(rows, T)
    for part in parts:
        assert part in str(caught.value)
    assert len(str(caught.value)) < 400


def test_estimator_messages_name_the_column_in_predict_and_validation_too() -> None:
    model = classifier().fit(FRAME.assign(colour=1.0), T)
    with pytest.raises(ValueError, match=r"column 'colour' of X holds text") as caught:
        model.predict(FRAME)
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(ValueError, match="of X_val and y_val: column 'colour' of X holds text"):
        model.fit(FRAME.assign(colour=1.0), T, X_val=FRAME, y_val=T)
    with pytest.raises(TypeError, match="of X_val and y_val: y mixes int and str"):
        classifier().fit(X, T, X_val=X, y_val=MIXED)


def test_estimator_messages_leave_numbers_in_text_to_scikit_learn() -> None:
    digits = pd.DataFrame({"w": X[:, 0].astype(str), "v": ["1", "2"] * (M // 2)})
    assert classifier().fit(digits, T).n_features_in_ == 2
    with pytest.raises(ValueError, match="inhomogeneous"):
        classifier().fit([[1, "red"], [1]] * (M // 2), T)


BAD_LABELS: dict[str, tuple[Any, type[Exception], str]] = {
    "mixed": (MIXED, TypeError, "y mixes int and str (rows 0, 1)"),
    "a mixed list": (list(MIXED), TypeError, "y mixes int and str (rows 0, 1)"),
    "a mixed Series": (pd.Series(MIXED), TypeError, "y mixes int and str (rows 0, 1)"),
    "late": ([1] * 59 + ["A"], TypeError, "y mixes int and str (rows 0, 59)"),
    "bool and str": (with_gap(True, WORDS), TypeError, "y mixes str and bool (rows 0, 3)"),
    "None": (with_gap(None, WORDS), TypeError, "y has no label in row 3, but None"),
    "None in a list": ([*WORDS[:3], None, *WORDS[4:]], TypeError, "no label in row 3, but None"),
    "None among numbers": (with_gap(None, T), TypeError, "y has no label in row 3, but None"),
    "nan": (with_gap(np.nan, T, float), ValueError, "y has no label in row 3, but nan"),
    "nan in a Series": (pd.Series(with_gap(np.nan, T, float)), ValueError, "no label in row 3"),
    "nan among words": (with_gap(np.nan, WORDS), ValueError, "y has no label in row 3, but nan"),
    "NaT": (pd.Series(DAYS).mask(pd.Series(range(M)) == 3), ValueError, "row 3, but NaT"),
    "NA": (pd.Series(with_gap(pd.NA, T), dtype="Int64"), ValueError, "row 3, but <NA>"),
    "no category": (pd.Series(with_gap(None, WORDS), dtype="category"), ValueError, "in row 3"),
    "several": ([None, "a"] * (M // 2), TypeError, "no label in rows 0, 2, 4 and 27 more"),
    "several labels": (np.where(X > 9, 1.0, np.nan), ValueError, "rows 0, 1, 2 and 57 more"),
    "continuous": (X[:, 0], ValueError, "no classes (continuous; 0.1257302210933933 in row 0)"),
    "a continuous list": (list(X[:, 0]), ValueError, "use ShallowNetRegressor, or make classes"),
    "continuous objects": (X[:, 0].astype(object), ValueError, "use ShallowNetRegressor"),
    "one broken": (with_gap(0.5, T, float), ValueError, "(continuous; 0.5 in row 3)"),
    "continuous columns": (X, ValueError, "use ShallowNetRegressor, or make classes"),
    "ints as objects": (T.astype(object), ValueError, "y holds int as Python objects"),
    "bools as objects": (T.astype(bool).astype(object), ValueError, "use y.astype(bool)"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_LABELS)
def test_estimator_messages_name_the_row_of_a_bad_label(name: str) -> None:
    labels, error, part = BAD_LABELS[name]
    with pytest.raises(error) as caught:
        classifier().fit(X, labels)
    assert part in str(caught.value) and len(str(caught.value)) < 300
    with pytest.raises((error, RuntimeWarning)) as caught:  # the latter is scikit-learn's
        classifier().partial_fit(X, labels, classes=[0, 1])
    if not isinstance(caught.value, RuntimeWarning):
        assert part in str(caught.value)


GOOD_LABELS: dict[str, Any] = {
    "words": WORDS,
    "objects": np.array(WORDS, object),
    "floats": T.astype(np.float32),
    "nullable": pd.Series(T, dtype="Int64"),
    "nullable bools": pd.Series(T, dtype="boolean"),
    "strings": pd.Series(WORDS, dtype="string"),
    "categories": pd.Series(T, dtype="category"),
    "a Categorical": pd.Categorical(WORDS),
    "ints and bools in a list": [True, 2] * (M // 2),
    "labels of two columns": np.eye(2)[T],
    "dates": DAYS[T],
}


@pytest.mark.parametrize("name", GOOD_LABELS)
def test_estimator_messages_are_none_for_good_labels(name: str) -> None:
    with np.errstate(all="ignore"):
        assert len(classifier().fit(X, GOOD_LABELS[name]).classes_) == 2


def test_estimator_messages_of_numbers_that_are_missing() -> None:
    missing = with_gap(np.nan, T, float)
    with pytest.raises(ValueError, match="y has no number in row 3, but nan"):
        regressor().fit(X, missing)
    with pytest.raises(ValueError, match="of X_val and y_val: y has no number in row 3"):
        regressor().fit(X, T, X_val=X, y_val=missing)


FEW = "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
NEEDED = f"{FEW} It has {{}} rows, and 2 are needed"
AT_LEAST = ": set validation_fraction (at least {}), or pass X_val and y_val to fit."
SPLITS: dict[str, tuple[Any, int, list[str]]] = {
    "classes": (
        classifier(), 10,
        [NEEDED.format("1 of 10"), ", one of each of 2 classes", AT_LEAST.format(0.2)],
    ),
    "numbers": (regressor(), 10, [NEEDED.format("1 of 10") + AT_LEAST.format(0.2)]),
    "none": (
        regressor(validation_fraction=0.0), M, [NEEDED.format("0 of 60") + AT_LEAST.format(0.034)]
    ),
    "all": (
        regressor(validation_fraction=0.99), M,
        [
            "The rest to train on is too small: validation_fraction=0.99 of 60 rows leaves 0, ",
            "and 2 are needed. Decrease it, or pass X_val and y_val to fit.",
        ],
    ),
    "no rows": (regressor(), 1, [NEEDED.format("1 of 1")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SPLITS)
def test_estimator_messages_say_how_to_validate_on_little_data(name: str) -> None:
    model, n_rows, parts = SPLITS[name]
    with pytest.raises(ValueError, match="too small") as caught:
        model.set_params(early_stopping=True).fit(X[:n_rows], T[:n_rows])
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("labels", [["ok", "fraud"], [0, 7], [False, True]])
def test_estimator_messages_name_the_class_that_has_a_single_row(labels: list[Any]) -> None:
    y = np.repeat(labels, [59, 1])
    with pytest.raises(ValueError, match="The validation set is too small") as caught:
        classifier(early_stopping=True).fit(X, y)
    rare = f"The least populated class, {labels[1]!r}, has a single row, which cannot be on both"
    assert rare in str(caught.value)
    assert ": set stratify_validation=False, or pass X_val and y_val to fit." in str(caught.value)


@pytest.mark.parametrize("first", [(10,), 10, [10]], ids=str)
def test_estimator_messages_say_what_stands_first(first: Any) -> None:
    with pytest.raises(ValueError, match="The 'loss' parameter") as caught:
        ShallowNetRegressor(first).fit(X, T)
    assert f"write hidden_layer_sizes={first!r}" in str(caught.value)
