"""Parameters: one vector with four views, and errors that explain shapes."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native.network.shapes import array_shapes

SHAPES = [(2, 4, 1), (3, 1, 2), (1, 5, 3), (4, 0, 2), (1, 0, 1)]


def draw(shape: tuple[int, int, int], dtype: Any = np.float64) -> sn.Parameters:
    return sn.initialize(*shape, "glorot_uniform", seed=0, dtype=dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_network_arrays_are_views_of_one_vector(shape: tuple[int, int, int], dtype: Any) -> None:
    parameters = draw(shape, dtype)
    arrays = [array for array in parameters if array is not None]
    assert parameters.flat.dtype == parameters.dtype == dtype
    assert parameters.size == sum(array.size for array in arrays)
    assert [a.shape for a in arrays] == list(array_shapes(*shape).values())
    assert np.array_equal(np.concatenate([a.ravel() for a in arrays]), parameters.flat)
    for number, array in enumerate(arrays):
        array[-1, -1] = number + 0.5
        assert number + 0.5 in parameters.flat


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "duplicate",
    [
        lambda p: p.copy(),
        lambda p: copy.deepcopy(p),
        lambda p: pickle.loads(pickle.dumps(p)),
        lambda p: sn.Parameters(*p),
        lambda p: sn.Parameters(**p.as_dict()),
        lambda p: sn.Parameters.from_flat(p.flat, p.shape),
        lambda p: p.astype(p.dtype),
    ],
)
def test_network_copies_are_equal_and_independent(
    shape: tuple[int, int, int], dtype: Any, duplicate: Any
) -> None:
    parameters = draw(shape, dtype)
    again = duplicate(parameters)
    assert again == parameters
    assert (again.shape, again.dtype) == (parameters.shape, parameters.dtype)
    again.W2[0, 0] += 1
    assert again != parameters


def test_network_equality_is_of_bits_shape_and_dtype() -> None:
    zero = sn.Parameters(None, None, [[0.0]], [[0.0]])
    assert zero == sn.Parameters(None, None, [[0.0]], [[0.0]])
    assert zero != sn.Parameters(None, None, [[-0.0]], [[0.0]])
    assert zero != zero.astype(np.float32)
    assert zero != "zero"
    square = sn.initialize(2, 2, 1, "zeros")
    assert square != sn.initialize(square.size - 1, None, 1, "zeros")  # as many zeros, another net
    with pytest.raises(TypeError, match="unhashable"):
        hash(zero)


def test_network_augmented_assignment_writes_into_the_vector() -> None:
    parameters = draw((2, 4, 1))
    expected = parameters.flat - 0.5
    for name in ("W1", "b1", "W2", "b2"):
        setattr(parameters, name, getattr(parameters, name) - 0.5)
    assert np.array_equal(parameters.flat, expected)
    parameters.flat *= 2
    assert np.array_equal(parameters.W2.ravel(), 2 * expected[-5:-1])


def test_network_dtype_is_float32_only_if_all_arrays_are() -> None:
    one = np.ones((1, 1))
    half, single = one.astype(np.float16), one.astype(np.float32)
    assert sn.Parameters(single, single, single, single).dtype == np.float32
    assert sn.Parameters(single, single, one, single).dtype == np.float64
    assert sn.Parameters(half, half, half, half).dtype == np.float64
    assert sn.Parameters([[1]], [[True]], one.astype(int), single).dtype == np.float64


def test_network_repr_gives_sizes_and_dtype() -> None:
    assert repr(draw((2, 4, 1), np.float32)) == "Parameters(n_x=2, n_h=4, n_y=1, dtype=float32)"
    parameters = draw((2, 0, 3))
    assert (parameters.n_x, parameters.n_h, parameters.n_y) == (2, 0, 3)


BAD_ARRAYS = {
    "flat bias": ((4, 2), (4,), (1, 4), (1, 1), r"b1 must have shape \(4, 1\).*reshape\(-1, 1\)"),
    "row bias": ((4, 2), (1, 4), (1, 4), (1, 1), r"b1 must have shape \(4, 1\), got \(1, 4\)"),
    "output bias": ((4, 2), (4, 1), (1, 4), (2, 1), r"b2 must have shape \(1, 1\), got \(2, 1\)"),
    "hidden sizes": ((4, 2), (4, 1), (1, 5), (1, 1), "rows of W1 and the columns of W2"),
    "transposed": ((2, 4), (4, 1), (1, 4), (1, 1), "rows of W1 and the columns of W2"),
    "rank 1": ((4,), (4, 1), (1, 4), (1, 1), r"W1 must have shape \(units, inputs\)"),
    "rank 3": ((4, 2), (4, 1), (1, 4, 1), (1, 1), r"W2 must have shape \(units, inputs\)"),
    "rank 0": ((4, 2), (4, 1), (), (1, 1), r"W2 must have shape \(units, inputs\)"),
    "empty": ((4, 0), (4, 1), (1, 4), (1, 1), "both at least 1"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_network_wrong_shapes_are_explained(case: Any) -> None:
    *sizes, words = case
    with pytest.raises(ValueError, match=words):
        sn.Parameters(*(np.ones(size) for size in sizes))


def test_network_other_bad_values_are_refused() -> None:
    one = [[1.0]]
    with pytest.raises(TypeError, match="got only W2"):
        sn.Parameters(None, None, one, None)
    with pytest.raises(TypeError, match="got only W1, W2, b2"):
        sn.Parameters(one, None, one, one)
    with pytest.raises(ValueError, match=r"b1 must be finite, got nan at \[0, 0\]"):
        sn.Parameters(one, [[np.nan]], one, one)
    with pytest.raises(TypeError, match=r"W2 must hold real numbers.*complex128"):
        sn.Parameters(one, one, [[1j]], one)
    with pytest.raises(
        ValueError, match=r"flat must have shape \(5,\) for \(2, 1, 1\), got \(4,\)"
    ):
        sn.Parameters.from_flat(np.ones(4), (2, 1, 1))
    with pytest.raises(ValueError, match="n_x must be >= 1, got 0"):
        sn.Parameters.from_flat(np.ones(4), (0, 1, 1))
    with pytest.raises(ValueError, match="flat must be finite, got inf"):
        sn.Parameters.from_flat([np.inf, 0.0], (1, 0, 1))


def test_network_assignments_that_would_break_it_are_refused() -> None:
    parameters = draw((2, 4, 1))
    before = parameters.copy()
    with pytest.raises(ValueError, match=r"W1 must have shape \(4, 2\), got \(2, 4\)"):
        parameters.W1 = np.ones((2, 4))
    with pytest.raises(AttributeError, match="shape cannot be assigned"):
        parameters.shape = (1, 1, 1)
    with pytest.raises(AttributeError, match="W1 cannot be assigned"):
        draw((2, 0, 1)).W1 = np.ones((4, 2))
    with pytest.raises(AttributeError):
        parameters.W3 = np.ones((4, 2))
    assert parameters == before


def test_network_astype_refuses_what_overflows() -> None:
    huge = sn.Parameters(None, None, [[1e300]], [[0.0]])
    with pytest.raises(ValueError, match="must be finite, got inf"):
        huge.astype(np.float32)
    with pytest.raises(TypeError, match="float32 or float64, got int64"):
        huge.astype(np.int64)


@pytest.mark.parametrize("shape", [(3, 5, 2), (3, 0, 2)])
def test_network_stages_return_columns_as_the_oracle_does(
    make_problem: Any, assert_agree: Any, hidden: str, output: str, shape: Any, dtype: Any
) -> None:
    problem = make_problem(shape, 40, hidden, output, dtype, weighted=True, l2=0.1)
    parameters = problem.start
    X, Y, s = (array.astype(dtype) for array in (problem.X, problem.Y, problem.example_weights))
    kind = {"hidden": hidden, "output": output}
    assert_agree(sn.forward(parameters, X, **kind), problem.oracle_forward(), dtype)
    expected = problem.oracle_gradients()
    weighted = {**kind, "l2": 0.1, "example_weights": s}
    J, gradients = sn.gradients(parameters, X, Y, want_dX=True, **weighted)
    assert_agree((J, *gradients), expected, dtype)
    assert sn.gradients(parameters, X, Y, **weighted)[1].dX is None
    assert_agree([sn.cost(parameters, X, Y, **weighted)], expected[:1], dtype)


def test_network_predict_gives_labels_or_numbers(make_problem: Any, output: str) -> None:
    problem = make_problem((3, 5, 4), 40, "tanh", output)
    parameters = problem.start
    labels = sn.predict(parameters, problem.X, output=output)
    A2 = problem.oracle_forward()[-1]
    if output == "sigmoid":
        assert labels.dtype == bool and np.array_equal(labels, A2 > 0.5)
    elif output == "softmax":
        assert labels.dtype == np.int64 and np.array_equal(labels, A2.argmax(axis=0))
    else:
        forward = sn.forward(parameters, problem.X, output=output).A2
        assert labels.shape == (4, 40) and np.array_equal(labels, forward)


def test_network_activate_is_elementwise_in_any_shape(hidden: str, dtype: Any) -> None:
    Z = np.linspace(-4, 4, 24).astype(dtype).reshape(2, 3, 4)
    expected = reference.ACTIVATIONS[hidden][0](Z.astype(np.float64), 0.2)
    A = sn.activate(Z, hidden, negative_slope=0.2)
    assert A.shape == Z.shape and A.dtype == dtype
    # 3 units in the last place, the bound of the vector functions, and one of rounding
    assert np.all(np.abs(A - expected) <= 4 * np.finfo(dtype).eps * np.abs(expected))
    assert np.array_equal(sn.activate(Z[:, ::-1, ::2], hidden, negative_slope=0.2), A[:, ::-1, ::2])
    assert sn.activate([], hidden).shape == (0,)
