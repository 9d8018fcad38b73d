"""Inputs that scikit-learn takes: awkward data, every layout, weights set by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection import KFold, cross_val_predict

from mlp_pairs import (
    KINDS,
    N_X,
    M,
    assert_same_path,
    data,
    every_solver,
    fit_both,
    judged_kinds,
    kinds,
    ours,
    pair,
    weights_of,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@kinds("binary", "multiclass", "regression", "multioutput")
@every_solver
def test_estimator_inputs_takes_awkward_data(kind: str, solver: str) -> None:
    x, y = data(kind)
    constant = np.full_like(x, 3.0)
    for rows, targets in ((x[:1], y[:1]), (constant, y), (x, np.repeat(y[:1], M, axis=0))):
        model = ours(kind, solver=solver, standardize=solver == "gd")
        predicted = model.fit(rows, targets).predict(x)
        assert predicted.shape == y.shape and np.isfinite(model.loss_)
        if kind in ("binary", "multiclass") and len(set(targets.tolist())) == 1:
            assert model.classes_.tolist() == [targets[0]]
            assert np.array_equal(predicted, np.full(M, targets[0]))


def test_estimator_inputs_fits_a_single_class_as_scikit_learn_does() -> None:
    """With early stopping, too, where the right label scores, not the coded one."""
    x, _ = data("binary")
    text, number = np.full(M, "only"), np.full(M, 7)  # scikit-learn 1.7 cannot stop early on text
    early: dict[str, Any] = {"early_stopping": True}
    for y, options in ((text, {}), (number, early), (number, {**early, "solver": "sgd"})):
        mine, theirs = (m.fit(x, y) for m in pair("binary", learning_rate_init=1e-4, **options))
        assert_same_path(mine, theirs)
        assert np.array_equal(mine.predict(x), theirs.predict(x))


def test_estimator_inputs_is_sure_of_a_single_class() -> None:
    x, _ = data("binary")
    model = ours("binary").fit(x, np.full(M, "only"))
    for rows in (x, x[:1], x.tolist()):
        assert model.predict_proba(rows).tolist() == [[1.0]] * len(rows)
        assert model.predict_log_proba(rows).tolist() == [[0.0]] * len(rows)
        assert model.decision_function(rows).shape == (len(rows),)
    model = ours("binary").partial_fit(x, np.full(M, "only"), classes=["only", "other"])
    assert model.predict_proba(x).shape == (M, 2)
    with pytest.warns(RuntimeWarning, match="does not match"):
        found = cross_val_predict(
            ours("binary"), x, np.repeat([0, 1], M // 2), cv=KFold(2), method="predict_proba"
        )
    assert found.tolist() == [[0, 1]] * (M // 2) + [[1, 0]] * (M // 2)


@kinds(*KINDS)
def test_estimator_inputs_predicts_alike_in_every_layout(kind: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = data(kind)
    model = ours(kind).fit(x, y)
    expected = model.predict(x)
    layouts = [
        np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], x.tolist(), x.astype(object),
        sparse.csr_array(x), sparse.csc_matrix(x),
    ]  # fmt: skip
    for rows in layouts:
        assert np.array_equal(model.predict(rows), expected)
    assert np.array_equal(np.concatenate([model.predict(x[k : k + 1]) for k in range(M)]), expected)
    kept = x.copy()
    kept.setflags(write=False)
    assert np.array_equal(model.predict(kept), expected)
    integers = (10 * x).astype(int)
    assert np.array_equal(model.predict(integers), model.predict(integers.astype(float)))


@kinds("binary", "multiclass", "regression")
@pytest.mark.parametrize("hidden", [(), (3,), (40,)])
def test_estimator_inputs_refuses_a_single_number_that_is_not_finite(
    kind: str, hidden: tuple[int, ...]
) -> None:
    x, y = data(kind)
    model = ours(kind, hidden_layer_sizes=hidden, max_iter=1).fit(x, y)
    many = np.tile(x, (-(-300 // M), 1))[:300]
    for place in ((0, 0), (0, N_X - 1), (127, 2), (128, 0), (299, N_X - 1)):
        for bad, words in ((np.nan, "contains NaN"), (-np.inf, "contains infinity")):
            rows = many.copy()
            rows[place] = bad
            for method in ("predict", "predict_proba"):
                if hasattr(model, method):
                    with pytest.raises(ValueError, match=words):
                        getattr(model, method)(rows)


@judged_kinds(*KINDS)
def test_estimator_inputs_predicts_with_weights_set_by_hand(kind: str) -> None:
    x, y = data(kind)
    mine, theirs = (model.fit(x, y) for model in pair(kind))
    for change in ("in place", "arrays", "lists"):
        for model in (mine, theirs):
            if change == "in place":
                model.coefs_[0] *= -1
                model.intercepts_[1] += 0.5
            elif change == "arrays":
                model.coefs_[1] = np.ascontiguousarray(-model.coefs_[1])
            else:
                model.coefs_ = [2 * w for w in model.coefs_]
                model.intercepts_ = [w + 1 for w in model.intercepts_]
        got, expected = mine.predict(x), theirs.predict(x)
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8)
        for model in (mine, theirs):
            model.partial_fit(x, y)
        np.testing.assert_allclose(weights_of(mine), weights_of(theirs), rtol=1e-7, atol=1e-9)


# dtypes and shapes, as scikit-learn


@judged_kinds("binary", "multiclass", "regression", "poisson")
@pytest.mark.parametrize("fitted", ["f4", "f8"])
@pytest.mark.parametrize("asked", ["f2", "f4", "f8", ">f8", "i1", "i8", "?"])
def test_estimator_inputs_outputs_have_scikit_learns_dtype(
    kind: str, fitted: str, asked: str
) -> None:
    x, y = data(kind)
    models = [model.fit(x.astype(fitted), y) for model in pair(kind)]
    for name in ("predict", "predict_proba", "predict_log_proba"):
        if hasattr(models[0], name):
            mine, theirs = (getattr(model, name)((3 * x).astype(asked)) for model in models)
            assert mine.dtype == theirs.dtype
            if mine.dtype.kind == "f":
                np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-3)


@judged_kinds("binary", "regression")
@pytest.mark.parametrize("asked", ["M8[s]", "m8[s]", "U"])
def test_estimator_inputs_predicts_from_numbers_only(kind: str, asked: str) -> None:
    """As scikit-learn: dates and text are none, even where fit would have made numbers of them."""
    x, y = data(kind)
    for model in (model.fit(x, y) for model in pair(kind)):
        for rows in (x.astype(int).astype(asked), x[:1].astype(int).astype(asked)):
            with pytest.raises((TypeError, ValueError)):
                model.predict(rows)


@judged_kinds("regression", "poisson")
@pytest.mark.parametrize("dtype", ["i4", "f4", ">f8", "O"])
def test_estimator_inputs_targets_of_any_dtype(kind: str, dtype: str) -> None:
    x, y = data(kind)
    targets = np.round(3 * np.abs(y)).astype(dtype)
    assert_same_path(*fit_both(kind, x, targets))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_estimator_inputs_a_column_of_targets_is_warned_of(kind: str) -> None:
    x, y = data(kind)
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        model = ours(kind).fit(x, y[:, None])
    assert np.array_equal(weights_of(model), weights_of(ours(kind).fit(x, y)))
    assert model.predict(x).shape == (M,)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_estimator_inputs_clipped_batches_are_warned_of(solver: str) -> None:
    x, y = data("binary")
    text = "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped"
    for parameters in ({"batch_size": M + 1}, {"batch_size": M, "early_stopping": True}):
        with pytest.warns(UserWarning, match=text) as caught:
            model = ours("binary", solver=solver, **parameters).fit(x, y)
        assert [str(w.message) for w in caught if w.category is UserWarning] == [text]
        whole = ours("binary", solver=solver, **{**parameters, "batch_size": "auto"}).fit(x, y)
        assert np.array_equal(weights_of(model), weights_of(whole))
    with pytest.warns(UserWarning, match=text):
        ours("regression", solver=solver, batch_size=M + 1).partial_fit(*data("regression"))


def test_estimator_inputs_gd_takes_no_batches() -> None:
    with pytest.raises(ValueError, match="batch_size"):
        ours("binary", solver="gd", batch_size=10).fit(*data("binary"))


@kinds(*KINDS)
@every_solver
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_estimator_inputs_layout_changes_no_bit_of_a_fit(
    kind: str, solver: str, dtype: Any
) -> None:
    x, y = data(kind)
    x = x.astype(dtype)
    unchanged, frozen = x.copy(), x.copy()
    frozen.setflags(write=False)
    layouts = (np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], np.repeat(x, 2, axis=1)[:, ::2],
               x[:, ::-1][:, ::-1], frozen)  # fmt: skip
    for standardize in (False, True):
        model = ours(kind, solver=solver, standardize=standardize)
        expected = weights_of(model.fit(x, y))
        for rows in layouts:
            assert np.array_equal(weights_of(model.fit(rows, y)), expected)
    assert np.array_equal(x, unchanged)


@kinds("binary", "regression")
def test_estimator_inputs_fits_in_threads_do_not_meet(kind: str) -> None:
    x, y = np.tile(data(kind)[0], (20, 1)), np.tile(data(kind)[1], 20)
    seeds = range(6)

    def fit(seed: int) -> Any:
        return weights_of(ours(kind, random_state=seed, max_iter=10).fit(x, y))

    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(fit, seeds))
    assert all(np.array_equal(a, fit(seed)) for a, seed in zip(together, seeds, strict=True))


def test_estimator_inputs_without_hidden_layer() -> None:
    x, y = data("multiclass")
    model = ours("multiclass", hidden_layer_sizes=()).fit(x, y)
    assert model.n_layers_ == 2 and model.coefs_[0].shape == (N_X, 3)
    logits = x @ model.coefs_[0] + model.intercepts_[0]
    np.testing.assert_allclose(model.decision_function(x), logits, rtol=1e-12)
    with pytest.raises((AttributeError, ValueError), match="no hidden layer"):
        model.transform(x)


# labels


def test_estimator_inputs_sparse_labels_come_back_sparse() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = data("multilabel")
    mine, theirs = (model.fit(x, sparse.csr_array(y)) for model in pair("multilabel"))
    for rows in (x, x[:1]):
        got, expected = mine.predict(rows), theirs.predict(rows)
        assert type(got) is type(expected) and got.dtype == expected.dtype
        assert np.array_equal(got.toarray(), expected.toarray())
    assert mine.score(x, y) == theirs.score(x, y)
    for early in (False, True):
        dense = ours("multilabel", early_stopping=early).fit(x, y)
        same = ours("multilabel", early_stopping=early).fit(x, sparse.csr_array(y))
        assert np.array_equal(weights_of(same), weights_of(dense))


@pytest.mark.parametrize("dtype", ["O", "U", "bool", "i1", "f8", "categorical", "string"])
def test_estimator_inputs_labels_of_any_dtype(dtype: str) -> None:
    pd = pytest.importorskip("pandas")
    x, y = data("binary")
    names = np.where(y == 7, "yes", "no")
    labels = {
        "O": names.astype(object), "U": names, "bool": y == 7, "i1": y.astype("i1"),
        "f8": y.astype(float), "categorical": pd.Series(pd.Categorical(names)),
        "string": pd.Series(names, dtype="string"),
    }[dtype]  # fmt: skip
    mine, theirs = (model.fit(x, labels) for model in pair("binary"))
    got, expected = mine.predict(x), theirs.predict(x)
    assert got.dtype == expected.dtype and np.array_equal(got, expected)
    assert mine.classes_.dtype == theirs.classes_.dtype


def test_estimator_inputs_frames_reach_the_scorer_without_a_warning() -> None:
    pd = pytest.importorskip("pandas")
    x, y = data("binary")
    frame = pd.DataFrame(x, columns=list("abcd"))
    early = {"early_stopping": True, "scoring": "roc_auc", "standardize": True}
    expected = ours("binary", **early).fit(x, y)
    assert ours("binary", **early).fit(frame, y).validation_scores_ == expected.validation_scores_
    held_out = ours("binary", **early).fit(frame, y, X_val=frame[:40], y_val=y[:40])
    assert len(held_out.validation_scores_) == held_out.n_iter_
