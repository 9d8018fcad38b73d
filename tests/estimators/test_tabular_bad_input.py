"""Awkward tables and targets: predicted rightly, or refused with what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from tabular_data import (
    KINDS,
    classifier,
    fitted,
    labels_of,
    numbers_of,
    regressor,
    table,
    targets_of,
    unfitted,
    values,
)  # fmt: skip

RNG = np.random.default_rng(0)


def learn(kind: str, X: Any, y: Any = None, **parameters: Any) -> Any:
    """Return a model fitted to numbers, or to two classes of them."""
    y = np.arange(len(X)) % 2 if y is None else y
    return unfitted(kind, **parameters).fit(X, y)


TABLES: dict[str, Any] = {
    "fewer rows than folds": RNG.normal(size=(3, 2)),
    "two rows": RNG.normal(size=(2, 2)),
    "all constant": np.ones((20, 3)),
    "only categories": pd.DataFrame({"a": list("abcd") * 5, "b": ["x", "y", "x", "x", "z"] * 4}),
    "only constant categories": pd.DataFrame({"a": ["x"] * 20}),
    "only missing": np.full((20, 2), np.nan),
    "only missing categories": pd.DataFrame({"a": pd.Series([None] * 20, dtype="category")}),
    "one column": np.arange(20.0)[:, None],
    "one column of truth": (np.arange(20) % 2 == 0)[:, None],
    "5,000 columns": RNG.normal(size=(20, 5000)),
    "infinite": np.where(RNG.random((20, 2)) < 0.2, np.inf, RNG.normal(size=(20, 2))),
    "enormous": RNG.normal(size=(20, 2)) * 1e300,
    "tiny": RNG.normal(size=(20, 2)) * 1e-300,
    "every row another level": pd.DataFrame({"a": [f"level {k}" for k in range(20)]}),
    "integers as objects": np.array([[k, str(k % 3)] for k in range(20)], object),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TABLES)
def test_tabular_bad_input_of_tables_is_learned_from(kind: str, name: str) -> None:
    X = TABLES[name]
    model = learn(kind, X, n_hidden=8, max_epochs=3)
    found = values(model, X)
    assert np.isfinite(found).all() and len(found) == len(X) and model.n_features_in_ == X.shape[1]
    if kind == "classifier":
        labels, chosen = model.predict_set(X)
        assert chosen.shape == (len(X), 2, 1) and set(labels) <= {0, 1}
    else:
        assert not np.isnan(model.predict_interval(X)[1]).any()
        assert 0 <= found.min() and found.max() <= 1  # nothing beyond the targets


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_bad_input_of_nothing_to_learn_predicts_the_mean(kind: str) -> None:
    model = learn(kind, np.ones((40, 2)), np.repeat([0, 1], [10, 30]), max_epochs=32)
    found = values(model, np.ones((1, 2)))
    assert found.ravel()[-1] == pytest.approx(0.75, abs=0.1)


@pytest.mark.parametrize("y", [7.25, 0.0, -1e300, 1e-300])
def test_tabular_bad_input_of_a_constant_target_is_predicted(y: float) -> None:
    model = regressor(max_epochs=2).fit(table(), np.full(120, y))
    points, deviations = model.predict(table(), return_std=True)
    assert (points == y).all() and (model.oob_prediction_ == y).all() and (deviations == 0).all()
    assert (model.predict_interval(table())[1] == y).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e290])
def test_tabular_bad_input_of_targets_of_any_size_is_learned(scale: float) -> None:
    X = table()
    one = regressor().fit(X, numbers_of(X))
    other = regressor().fit(X, numbers_of(X) * scale)
    np.testing.assert_allclose(other.predict(X) / scale, one.predict(X), rtol=1e-4)


def test_tabular_bad_input_of_one_class_is_predicted() -> None:
    model = classifier(max_epochs=2).fit(table(), ["only"] * 120)
    assert (model.predict(table()) == "only").all() and (model.predict_proba(table()) == 1).all()
    assert model.oob_score_ == 1 and model.predict_set(table())[1].all()


def test_tabular_bad_input_of_a_class_with_one_row_is_learned() -> None:
    X = table()
    y = labels_of(X)
    y[17] = "alone"
    model = classifier().fit(X, y)
    assert model.classes_.tolist() == ["alone", "low", "middle", "top"]
    assert model.oob_decision_function_.shape == (120, 4)
    assert model.predict_set(X, 0.9)[1][:, 0].all()  # of one row nothing can be said


def test_tabular_bad_input_of_a_class_without_weight_is_known_and_not_predicted() -> None:
    X = table()
    y = labels_of(X)
    model = classifier().fit(X, y, (y != "top").astype(float))
    assert model.classes_.tolist() == ["low", "middle", "top"]
    assert set(model.predict(X)) == {"low", "middle"}


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_bad_input_of_unseen_levels_counts_as_missing(kind: str) -> None:
    X = table()
    model = fitted(kind, X)
    unseen, missing = X.copy(), X.copy()
    for column in ("colour", "sort"):
        unseen[column] = [f"new {k}" for k in range(120)]
        missing[column] = pd.Series([None] * 120, dtype=object)
    assert np.array_equal(values(model, unseen), values(model, missing))


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_bad_input_of_columns_is_found_by_name(kind: str) -> None:
    X = table()
    model = fitted(kind, X)
    assert np.array_equal(values(model, X[X.columns[::-1]]), values(model, X))
    name = type(model).__name__
    with pytest.raises(ValueError, match=f"X lacks what {name} was fitted to: column 'sort'"):
        model.predict(X.drop(columns="sort"))
    with pytest.raises(ValueError, match=f"X has column 'more', to which {name} was not fitted"):
        model.predict(X.assign(more=1))
    with pytest.raises(ValueError, match=f"X has 2 features, but {name} is expecting 3"):
        learn(kind, np.ones((9, 3)), max_epochs=1).predict(np.ones((9, 2)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("X", "error", "match"), [
    (sparse.eye(20, format="csr"), TypeError, "[Ss]parse data was passed.*dense data is required"),
    (np.empty((0, 2)), ValueError, "0 sample"),
    (np.empty((20, 0)), ValueError, r"0 feature"),
    (np.arange(20.0), ValueError, "Expected 2D array"),
    (pd.DataFrame({"day": pd.date_range("2020", periods=20)}), TypeError, "'day' holds dates"),
    (np.ones((1, 2)), ValueError, "at least 2 rows with weight"),
    (np.array([["a", 1j]] * 20, object), TypeError, "must be a string, a truth value or a real"),
    ({"a": list(range(20))}, TypeError, "X is a dict: make a table of it"),
])  # fmt: skip
def test_tabular_bad_input_of_no_table_is_refused(
    kind: str, X: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        learn(kind, X, np.arange(1 if np.shape(X) == (1, 2) else 20) % 2)


@pytest.mark.parametrize(("y", "error", "match"), [
    (None, ValueError, "requires y to be passed"),
    (np.zeros((120, 2)), ValueError, r"one number for each row, got \(120, 2\)"),
    (np.zeros(7), ValueError, "inconsistent numbers of samples"),
    (["a"] * 120, TypeError, "y must"),
    ([1.0, np.nan] * 60, ValueError, "y has no number in rows 1, 3, 5"),
    ([1.0, np.inf] * 60, ValueError, "infinity"),
    (np.array(["2020-01-01"] * 120, "M8[D]"), TypeError, "y must"),
])  # fmt: skip
def test_tabular_bad_input_of_no_numbers_is_refused(
    y: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        regressor().fit(table(), y)


@pytest.mark.parametrize(("y", "error", "match"), [
    (None, ValueError, "requires y to be passed"),
    (np.zeros((120, 2), int), ValueError, r"one label for each row, got \(120, 2\)"),
    (np.zeros(7), ValueError, "inconsistent numbers of samples"),
    (np.linspace(0, 1, 120), ValueError, "no classes .*: use TabularShallowNetRegressor"),
    (["a", None] * 60, TypeError, "y has no label in rows 1, 3, 5"),
    (["a", 1] * 60, TypeError, "y mixes str and int"),
])  # fmt: skip
def test_tabular_bad_input_of_no_labels_is_refused(
    y: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        classifier().fit(table(), y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("weight", "match"), [
    (np.zeros(120), "at least one non-zero"),
    (np.full(120, -1.0), "[Nn]egative"),
    (np.full(120, np.nan), "NaN"),
    (np.full(120, np.inf), "infinity"),
    (np.ones(7), "inconsistent numbers of samples|sample_weight.shape"),
    (np.eye(1, 120)[0], "at least 2 rows with weight"),
])  # fmt: skip
def test_tabular_bad_input_of_weights_is_refused(kind: str, weight: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        fitted(kind, table(), weight)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("power", [-1000, 1000])
def test_tabular_bad_input_of_weights_of_any_size_is_learned_from(kind: str, power: int) -> None:
    weight = np.linspace(1, 2, 120)
    one, other = (fitted(kind, table(), w) for w in (weight, weight * 2.0**power))
    assert np.array_equal(values(one, table()), values(other, table()))


@pytest.mark.parametrize(("parameters", "match"), [
    ({"n_networks": 1}, "n_networks"), ({"n_networks": "many"}, "n_networks"),
    ({"n_hidden": 0}, "n_hidden"), ({"encoding": "codes"}, "encoding"), ({"n_bins": 3}, "n_bins"),
    ({"max_epochs": 0}, "max_epochs"), ({"batch_size": 0}, "batch_size"),
    ({"weight_decay": -1.0}, "weight_decay"), ({"average": 1.0}, "average"),
    ({"learning_rate_init": 0}, "learning_rate_init"), ({"n_threads": 0}, "n_threads"),
    ({"random_state": "x"}, "random_state"), ({"callbacks": [3]}, "callbacks"),
    ({"cv": 1.5}, "cv"), ({"categorical_features": ["no such"]}, "categorical_features"),
    ({"categorical_features": 3}, "categorical_features"),
])  # fmt: skip
@pytest.mark.parametrize("kind", KINDS)
def test_tabular_bad_input_of_parameters_is_refused(
    kind: str, parameters: dict[str, Any], match: str
) -> None:
    X = table()
    model = fitted(kind, X, max_epochs=1)
    before = dict(vars(model))
    with pytest.raises((ValueError, TypeError), match=match):
        model.set_params(**parameters).fit(X, targets_of(kind, X))
    assert all(vars(model)[n] is v for n, v in before.items() if n not in parameters)


@pytest.mark.parametrize("wrong", ["heavy", {"low": -1.0}, {"none": 2.0}, 3])
def test_tabular_bad_input_of_class_weight_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="class_weight"):
        classifier(class_weight=wrong).fit(table(), labels_of(table()))


def test_tabular_bad_input_of_a_column_of_targets_is_taken_with_a_warning() -> None:
    X = table()
    with pytest.warns(DataConversionWarning, match="column-vector"):
        model = regressor().fit(X, numbers_of(X)[:, None])
    assert np.array_equal(model.predict(X), fitted("regressor", X).predict(X))
