"""The native derivatives against the oracle, their properties, and the same bits on any threads.

Float64 agrees to 1e-12 and float32 to 2e-6 of each array's largest entry (`assert_agree`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference

SHAPES = [((3, 4, 2), 50), ((7, 20, 3), 300), ((2, 33, 1), 17), ((5, 0, 2), 50), ((1, 1, 1), 1)]


class Subject:
    """A problem as the functions and the oracle take it."""

    def __init__(self, problem: Any, n_threads: int | None = None) -> None:
        dtype = problem.dtype
        self.problem = problem
        self.network = (problem.start, problem.X.astype(dtype))
        self.Y = problem.Y.astype(dtype)
        self.kind = {
            "hidden": problem.hidden or "tanh",
            "output": problem.output,
            "negative_slope": problem.negative_slope,
            "n_threads": n_threads,
        }
        self.cost = {"l2": problem.l2, "example_weights": problem.example_weights}
        self.oracle = (*problem.parameters, problem.X)
        self.oracle_kind = (problem.hidden or "identity", problem.output, problem.negative_slope)
        self.oracle_cost = (problem.l2, problem.example_weights)
        rng = np.random.default_rng(5)
        self.vector = rng.standard_normal(problem.theta.size).astype(dtype)

    def native(self) -> dict[str, Any]:
        """Return every derivative by its name."""
        whole = {**self.kind, **self.cost}
        found = {
            "hessian": sn.hessian(*self.network, self.Y, **whole),
            "gauss_newton": sn.gauss_newton(*self.network, self.Y, **whole),
            "product": sn.hessian_vector_product(*self.network, self.Y, self.vector, **whole),
            "examples": sn.example_gradients(*self.network, self.Y, **self.kind),
        }
        for wrt in ("parameters", "inputs"):
            for of in ("outputs", "logits"):
                found[f"{wrt} {of}"] = sn.jacobian(*self.network, wrt=wrt, of=of, **self.kind)
        return found

    def expected(self) -> dict[str, Any]:
        Y, kind, cost = self.problem.Y, self.oracle_kind, self.oracle_cost
        v = self.vector.astype(np.float64)
        found = {
            "hessian": reference.hessian(*self.oracle, Y, *kind, *cost),
            "gauss_newton": reference.gauss_newton(*self.oracle, Y, *kind, *cost),
            "product": reference.hessian_vector_product(*self.oracle, Y, v, *kind, *cost),
            "examples": reference.example_gradients(*self.oracle, Y, *kind),
        }
        for wrt in ("parameters", "inputs"):
            for of in ("outputs", "logits"):
                found[f"{wrt} {of}"] = reference.jacobian(*self.oracle, *kind, wrt=wrt, of=of)
        return found


def assert_derivatives_agree(problem: Any, assert_agree: Any) -> None:
    subject = Subject(problem)
    found, expected = subject.native(), subject.expected()
    assert {array.dtype for array in found.values()} == {problem.dtype}
    assert_agree(found.values(), expected.values(), problem.dtype)


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("l2", [0.0, 0.125])
def test_derivatives_equal_the_oracle(
    make_problem: Any, assert_agree: Any, hidden: str, smooth_output: str, dtype: Any, l2: float,
    weighted: bool,
) -> None:  # fmt: skip
    for shape, m in SHAPES:
        problem = make_problem(shape, m, hidden, smooth_output, dtype, weighted=weighted, l2=l2)
        assert_derivatives_agree(problem, assert_agree)


@pytest.mark.parametrize("n_h", [*range(11), 15, 16, 17, 31, 32, 33])
def test_derivatives_hold_for_every_size(
    make_problem: Any, assert_agree: Any, core: Any, dtype: Any, n_h: int
) -> None:
    for k, hidden in enumerate(core.activations):
        output = core.smooth_outputs[(n_h + k) % len(core.smooth_outputs)]
        shape = (1 + (7 * n_h + k) % 13, n_h, 1 + (n_h + 5 * k) % 7)
        m = [1, 2, 15, 16, 17, 64, 127, 128, 129, 257][(3 * n_h + k) % 10]
        assert_derivatives_agree(make_problem(shape, m, hidden, output, dtype), assert_agree)


def test_derivatives_hold_for_more_tiles_than_are_kept(
    make_problem: Any, assert_agree: Any, dtype: Any
) -> None:
    for shape in ((2, 3, 2), (2, 0, 3)):  # 16 tiles of 128 examples have their values kept at once
        problem = make_problem(shape, 5003, "tanh", "softmax", dtype, weighted=True, l2=0.01)
        assert_derivatives_agree(problem, assert_agree)


@pytest.mark.parametrize("negative_slope", [0.0, 0.5, 2.0])
def test_derivatives_take_the_negative_slope(
    make_problem: Any, assert_agree: Any, smooth_output: str, negative_slope: float
) -> None:
    problem = make_problem(
        (3, 9, 2), 40, "leaky_relu", smooth_output, negative_slope=negative_slope
    )
    assert_derivatives_agree(problem, assert_agree)


@pytest.mark.parametrize("shape", [(3, 5, 2), (6, 40, 3), (4, 0, 2)], ids=str)
def test_derivatives_have_the_same_bits_for_any_threads_and_layout(
    make_problem: Any, dtype: Any, shape: tuple[int, int, int]
) -> None:
    problem = make_problem(shape, 2500, "sigmoid", "softmax", dtype, weighted=True, l2=0.1)
    alone = Subject(problem, 1)
    expected = alone.native()
    for n_threads in (2, 3, 8):
        found = Subject(problem, n_threads).native()
        assert all(found[name].tobytes() == array.tobytes() for name, array in expected.items())
    alone.network = (alone.network[0], np.asfortranarray(alone.network[1]))
    found = alone.native()
    assert all(found[name].tobytes() == array.tobytes() for name, array in expected.items())


def test_derivatives_of_sparse_inputs_are_those_of_the_dense_array(make_problem: Any) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    subject = Subject(make_problem((40, 6, 2), 150, "tanh", "sigmoid", weighted=True))
    X = np.where(np.random.default_rng(0).random((40, 150)) < 0.1, subject.network[1], 0)
    subject.network = (subject.network[0], X)
    expected = subject.native()
    subject.network = (subject.network[0], sparse.csc_array(X))
    found = subject.native()
    assert all(found[name].tobytes() == array.tobytes() for name, array in expected.items())


# Properties


@pytest.mark.parametrize("shape", [(3, 5, 2), (4, 0, 2)], ids=str)
def test_derivatives_hessian_is_the_finite_difference_of_the_gradient(
    make_problem: Any, hidden: str, smooth_output: str, shape: tuple[int, int, int]
) -> None:
    problem = make_problem(shape, 50, hidden, smooth_output, l2=0.1, weighted=True)
    subject = Subject(problem)
    whole = {**subject.kind, **subject.cost}
    H, v, h = subject.native()["hessian"], subject.vector, 1e-6
    gradients = []
    for step in (h, -h):  # moves no unit over its kink: those are 1e-4 away
        moved = sn.Parameters.from_flat(problem.theta + step * v, shape)
        _, parts = sn.gradients(moved, subject.network[1], subject.Y, **whole)
        gradients.append(np.concatenate([d.ravel() for d in parts if d is not None]))
    # Central difference: h^2 times a third derivative, and 2 eps of a gradient / h of rounding.
    scale = np.abs(H @ v).max() + 1
    np.testing.assert_allclose((gradients[0] - gradients[1]) / (2 * h), H @ v, atol=2e-8 * scale)


def test_derivatives_product_is_that_of_the_matrix(
    make_problem: Any, assert_agree: Any, hidden: str, smooth_output: str, dtype: Any
) -> None:
    for shape in ((3, 5, 2), (9, 21, 3), (4, 0, 2)):
        subject = Subject(
            make_problem(shape, 200, hidden, smooth_output, dtype, l2=0.1, weighted=True)
        )
        found = subject.native()
        product = found["hessian"].astype(np.float64) @ subject.vector
        assert_agree([found["product"]], [product], dtype)


def test_derivatives_matrices_are_symmetric_and_gauss_newton_has_no_negative_eigenvalue(
    make_problem: Any, hidden: str, smooth_output: str, dtype: Any
) -> None:
    for shape in ((3, 5, 2), (9, 21, 3), (4, 0, 2)):
        found = Subject(make_problem(shape, 100, hidden, smooth_output, dtype)).native()
        for H in (found["hessian"], found["gauss_newton"]):
            assert (H == H.T).all()
        eigenvalues = np.linalg.eigvalsh(found["gauss_newton"].astype(np.float64))
        # Entries wrong by some eps of the largest move an eigenvalue by at most p times that.
        assert eigenvalues[0] >= -8 * np.finfo(dtype).eps * len(eigenvalues) * eigenvalues[-1]


def test_derivatives_hessian_is_gauss_newton_where_logits_are_linear_or_fit(
    make_problem: Any, smooth_output: str
) -> None:
    found = Subject(make_problem((4, 0, 2), 90, "tanh", smooth_output)).native()
    assert (found["hessian"] == found["gauss_newton"]).all()
    subject = Subject(make_problem((3, 6, 2), 90, "tanh", smooth_output))
    A2 = sn.forward(*subject.network, "tanh", smooth_output).A2
    subject.Y = A2 / A2.sum(axis=0) if smooth_output == "softmax" else A2
    found = subject.native()  # residuals of 0, but for rounding, leave nothing else
    np.testing.assert_allclose(found["hessian"], found["gauss_newton"], atol=1e-14)


def test_derivatives_of_examples_have_the_gradient_as_their_weighted_mean(
    make_problem: Any, assert_agree: Any, hidden: str, smooth_output: str, dtype: Any
) -> None:
    for shape in ((3, 5, 2), (9, 21, 3), (4, 0, 2)):
        problem = make_problem(shape, 200, hidden, smooth_output, dtype, weighted=True)
        rows = Subject(problem).native()["examples"].astype(np.float64)
        mean = np.average(rows, axis=0, weights=problem.example_weights)
        parts = [d.ravel() for d in problem.oracle_gradients()[1:5] if d is not None]
        gradient = np.concatenate(parts)
        assert_agree([mean], [gradient], dtype)


def test_derivatives_leave_out_examples_of_weight_zero(make_problem: Any) -> None:
    for n_h in (4, 0):
        problem = make_problem((2, n_h, 1), 40, "identity", "exp", weighted=True)
        s, X = problem.example_weights.copy(), problem.X.copy()
        s[7] = 0
        problem = problem.changed(example_weights=s)
        few = problem.changed(
            X=np.delete(X, 7, 1), Y=np.delete(problem.Y, 7, 1), example_weights=np.delete(s, 7)
        )
        expected = Subject(few).native()
        W1, _, W2, _ = problem.parameters
        X[:, 7] = 1e6 * np.sign(W2 @ W1 if n_h else W2)[0]  # its output overflows
        assert np.isinf(problem.changed(X=X).core_forward()[-1][0, 7])
        found = Subject(problem.changed(X=X)).native()
        for name in ("hessian", "gauss_newton", "product"):
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-12)


def test_derivatives_of_a_dead_unit_are_exactly_zero(make_problem: Any, dtype: Any) -> None:
    problem = make_problem((2, 9, 1), 50, "relu", "sigmoid", dtype)
    W1, b1, W2, b2 = problem.parameters
    b1 = b1.copy()
    b1[1] = -100.0
    found = Subject(problem.changed(parameters=(W1, b1, W2, b2))).native()
    for name in ("hessian", "gauss_newton"):
        H = found[name]
        assert not H[2:4].any() and not H[:, 19].any() and not H[28].any()  # W1[1], b1[1], W2[:, 1]
        assert H[0].any()
