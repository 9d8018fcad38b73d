"""Sparse inputs: forward gives the bits of dense ones, gradients and training agree to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.bad_array_sparse import BAD, SPARSE, doubled
from test_nonzeros import problem

sparse = pytest.importorskip("scipy.sparse")  # comes with scikit-learn, which the tests require

SHAPES = [(50, 4, 1), (50, 4, 3), (50, 40, 1), (300, 100, 5), (50, 0, 1), (50, 0, 20)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("form", ["csc_matrix", "csr_array", "coo_array"])
def test_sparse_forward_has_the_bits_of_dense(
    shape: tuple[int, int, int], form: str, dtype: Any
) -> None:
    parameters, X, _ = problem(shape, dtype)
    S = getattr(sparse, form)(X)
    for dense, thin in zip(sn.forward(parameters, X), sn.forward(parameters, S), strict=True):
        assert (dense is None and thin is None) or dense.tobytes() == thin.tobytes()
    assert (sn.predict(parameters, X) == sn.predict(parameters, S)).all()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sparse_gradients_are_those_of_dense(shape: tuple[int, int, int], dtype: Any) -> None:
    parameters, X, Y = problem(shape, dtype)
    weights = np.random.default_rng(1).uniform(0, 2, X.shape[1])
    options: dict[str, Any] = {"l2": 0.1, "example_weights": weights, "want_dX": True}
    J, dense = sn.gradients(parameters, X, Y, **options)
    J_thin, thin = sn.gradients(parameters, sparse.csc_array(X), Y, **options)
    assert J == J_thin
    for a, b in zip(dense, thin, strict=True):
        if a is not None and b is not None:
            # sums over 203 examples in another order
            assert np.abs(a - b).max() <= 203 * np.finfo(dtype).eps * np.abs(a).max()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("batch_size", [None, 32])
def test_sparse_training_is_that_of_dense(
    shape: tuple[int, int, int], batch_size: int | None
) -> None:
    parameters, X, Y = problem(shape, np.float64)
    length = {"n_iterations": 20} if batch_size is None else {"n_epochs": 3}
    options: dict[str, Any] = {"batch_size": batch_size, "seed": 0, "optimizer": "sgd", **length}
    dense = sn.train(parameters, X, Y, **options)
    one, many = (
        sn.train(parameters, sparse.csc_array(X), Y, n_threads=n, **options) for n in (1, 3)
    )
    np.testing.assert_allclose(one.parameters.flat, dense.parameters.flat, rtol=1e-10, atol=1e-13)
    assert one.parameters == many.parameters


def test_sparse_validation_fraction_splits_like_dense() -> None:
    parameters, X, Y = problem((50, 40, 1), np.float64)
    options: dict[str, Any] = {"validation": 0.25, "seed": 3, "n_iterations": 5}
    dense = sn.train(parameters, X, Y, **options)
    thin = sn.train(parameters, sparse.csr_array(X), Y, **options)
    np.testing.assert_allclose(thin.validation_costs, dense.validation_costs, rtol=1e-12)


def test_sparse_duplicates_are_added_and_nothing_of_the_user_changes() -> None:
    parameters = sn.initialize(3, 20, 1, "glorot_uniform", seed=0)
    rows, columns, numbers = [0, 0, 2, 1], [0, 0, 1, 0], [1.0, 2.0, -1.0, 4.0]
    doubled = sparse.csc_matrix((numbers, (rows, columns)), shape=(3, 2))
    raw = sparse.csc_matrix(([4.0, 1.0, 2.0, -1.0], [1, 0, 0, 2], [0, 3, 4]), shape=(3, 2))
    before = (raw.data.copy(), raw.indices.copy(), raw.indptr.copy())
    want = sn.forward(parameters, doubled.toarray()).A2
    for S in (doubled, raw):
        assert (sn.forward(parameters, S).A2 == want).all()
    for old, new in zip(before, (raw.data, raw.indices, raw.indptr), strict=True):
        assert (old == new).all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda S: S.T, ValueError, r"use X\.T"),
        (lambda S: S[:, :0], ValueError, "at least one example"),
        (lambda S: S * np.nan, ValueError, "finite"),
        (lambda S: S * 1j, TypeError, "real numbers"),
    ],
)
def test_sparse_bad_input_is_named(change: Any, error: type[Exception], message: str) -> None:
    parameters, X, _ = problem((50, 4, 1), np.float64)
    with pytest.raises(error, match=message):
        sn.forward(parameters, change(sparse.csc_array(X)))


def test_sparse_indices_outside_the_matrix_are_refused() -> None:
    parameters, X, _ = problem((50, 4, 1), np.float64)
    S = sparse.csc_matrix(X)
    for bad in (-1, 50, 2**31 - 1):
        broken = S.copy()
        broken.indices[5] = bad
        with pytest.raises((IndexError, ValueError)):
            sn.forward(parameters, broken)


@pytest.mark.filterwarnings("ignore:.*reached")
def test_sparse_duplicates_do_not_change_the_scale_of_an_estimators_inputs() -> None:
    _, X, Y = problem((50, 4, 1), np.float64)
    X = np.round(4 * X) / 4
    fits = [
        sn.ShallowNetRegressor(
            hidden_layer_sizes=(3,), max_iter=2, standardize=True, random_state=0
        ).fit(S, Y[0])
        for S in (sparse.csr_matrix(X.T), doubled(X.T))
    ]
    for one, two in zip(*(model.coefs_ for model in fits), strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("kind", [k for k in SPARSE if k.sort == BAD], ids=lambda k: k.name)
def test_sparse_matrices_that_fit_nowhere_are_refused_before_scipy_follows_them(kind: Any) -> None:
    parameters, X, _ = problem((50, 4, 1), np.float64)
    with pytest.raises((TypeError, ValueError)):
        sn.forward(parameters, kind.make(X))
