"""predict_one: the bits of forward, a cache that is never stale, the checks of other functions."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

SHAPES = [(30, 16, 1), (64, 100, 10), (2, 4, 1), (5, 3, 2), (7, 40, 3), (9, 0, 1), (3, 0, 40)]


def network(shape: tuple[int, int, int], dtype: Any = np.float64) -> sn.Parameters:
    return sn.initialize(*shape, "glorot_uniform", seed=1, dtype=dtype)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("output", sn._native.backend.core.outputs)
def test_predict_one_is_the_column_of_forward(
    shape: tuple[int, int, int], output: str, dtype: Any
) -> None:
    parameters = network(shape, dtype)
    X = np.random.default_rng(0).normal(size=(shape[0], 37)).astype(dtype)
    A2 = sn.forward(parameters, X, "relu", output).A2
    for i in range(37):
        one = sn.predict_one(parameters, X.T[i].copy(), "relu", output)
        assert one.dtype == dtype and one.tobytes() == A2[:, i].tobytes()


def test_predict_one_sees_changed_parameters_names_and_slopes() -> None:
    parameters = network((3, 20, 1))
    x = np.array([0.5, -1.0, 2.0])

    def expected(*names: str, **options: float) -> Any:
        return sn.forward(parameters, x[:, np.newaxis], *names, **options).A2[:, 0]

    for _ in range(2):
        assert (sn.predict_one(parameters, x) == expected()).all()
        parameters.W1[3, 1] += 0.25
        assert (sn.predict_one(parameters, x) == expected()).all()
        names = ("leaky_relu", "identity")
        for slope in (0.01, 0.5):
            got = sn.predict_one(parameters, x, *names, negative_slope=slope)
            assert (got == expected(*names, negative_slope=slope)).all()
        assert (sn.predict_one(parameters, x, output="exp") == expected("tanh", "exp")).all()
        parameters.b2 += 1.0


def test_predict_one_frozen_parameters_cannot_change() -> None:
    parameters = network((3, 20, 1)).freeze()
    x = np.zeros(3)
    before = sn.predict_one(parameters, x)
    with pytest.raises(ValueError, match="read-only"):
        parameters.W1[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        parameters.b2 += 1.0
    assert (sn.predict_one(parameters, x) == before).all()


def test_predict_one_frozen_parameters_have_memory_of_their_own() -> None:
    parameters = network((3, 20, 1))
    x = np.array([0.5, -1.0, 2.0])
    flat, row = parameters.flat, parameters.W1[0]
    sn.predict_one(parameters, x)
    row[:] = 2.0  # after the predictor was made, before it is frozen: it counts
    want = sn.forward(parameters, x[:, np.newaxis]).A2[:, 0]
    assert parameters.freeze() is parameters
    for _ in range(2):
        assert sn.predict_one(parameters, x).tobytes() == want.tobytes()
        row[:] = 5.0  # writes to memory that is no longer theirs
        flat[:] = 7.0
        assert sn.forward(parameters, x[:, np.newaxis]).A2[:, 0].tobytes() == want.tobytes()
    memory = parameters.flat
    assert parameters.freeze().flat is memory


@pytest.mark.parametrize("shape", [(3, 20, 1), (4, 0, 2)])
def test_predict_one_frozen_parameters_stay_frozen(shape: tuple[int, int, int], dtype: Any) -> None:
    parameters = network(shape, dtype).freeze()
    for array in (parameters.flat, *parameters):
        while isinstance(array, np.ndarray):  # down to what holds the memory
            assert not array.flags.writeable
            with pytest.raises(ValueError, match="cannot set WRITEABLE"):
                array.flags.writeable = True
            array = array.base
        assert array is None or isinstance(array, bytes)
    for other in (parameters.copy(), copy.deepcopy(parameters), parameters.astype(dtype)):
        other.b2 += 1.0  # copies are not


def test_predict_one_looks_at_read_only_parameters_that_others_may_write() -> None:
    parameters = network((3, 20, 1))
    x = np.ones(3)
    parameters.flat.flags.writeable = False
    before = sn.predict_one(parameters, x)
    parameters.b2[...] += 1.0  # this view is older, and still writes
    after = sn.predict_one(parameters, x)
    assert (after == sn.forward(parameters, x[:, np.newaxis]).A2[:, 0]).all() and after != before


def test_predict_one_of_an_estimator_sees_what_is_written_to_its_arrays() -> None:
    X = np.random.default_rng(0).normal(size=(40, 3))
    model = sn.ShallowNetRegressor(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0)
    model.fit(X, X[:, 0])
    row = model.coefs_[0][0]
    for array in (model.coefs_[0], model.coefs_[0].base):
        model.predict(X[:1])
        array.flags.writeable = False
        row += 1.0
        assert model.predict(X[:1])[0] == model.predict(X)[0]


def test_predict_one_copies_do_not_share_what_is_prepared() -> None:
    parameters = network((3, 4, 1))
    x = np.ones(3)
    sn.predict_one(parameters, x)
    for other in (
        parameters.copy(),
        copy.deepcopy(parameters),
        pickle.loads(pickle.dumps(parameters)),
    ):
        other.b2 += 1.0
        want = sn.forward(other, x[:, np.newaxis]).A2[:, 0]
        assert (sn.predict_one(other, x) == want).all()


@pytest.mark.parametrize(
    "x",
    [
        [1, 2, 3],
        np.array([1, 2, 3], np.int8),
        np.array([1.0, 9.0, 2.0, 9.0, 3.0])[::2],
        np.array([3.0, 2.0, 1.0])[::-1],
        np.array([1.0, 2.0, 3.0], ">f8"),
        np.frombuffer(b"x" + np.array([1.0, 2.0, 3.0]).tobytes(), np.uint8)[1:].view("<f8"),
        np.array([1.0, 2.0, 3.0], np.float32),
    ],
    ids=["list", "int8", "strided", "reversed", "swapped", "misaligned", "float32"],
)
def test_predict_one_other_layouts_give_the_same_bits(x: Any) -> None:
    parameters = network((3, 20, 2))
    assert (sn.predict_one(parameters, x) == sn.predict_one(parameters, np.arange(1.0, 4.0))).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (lambda p: (p, np.zeros(4)), ValueError, r"shape \(3,\), got \(4,\)"),
        (lambda p: (p, np.zeros((3, 1))), ValueError, r"use \.ravel\(\)"),
        (lambda p: (p, np.array([0, np.nan, 0])), ValueError, "finite"),
        (lambda p: (p, np.zeros(3, complex)), TypeError, "real numbers"),
        (lambda p: (p, np.ma.array(np.zeros(3), mask=[0, 1, 0])), TypeError, "masked"),
        (lambda p: (p, None), TypeError, "real numbers"),
        (lambda p: (p.astype(np.float32), np.zeros(3)), TypeError, "float64"),
        (lambda p: (p.as_dict(), np.zeros(3)), TypeError, "Parameters"),
        (lambda p: (None, np.zeros(3)), TypeError, "Parameters"),
        (lambda p: (p,), TypeError, "predict_one takes"),
        (lambda p: (p, np.zeros(3), "tanhh"), ValueError, "did you mean 'tanh'"),
        (lambda p: (p, np.zeros(3), "tanh", 3), TypeError, "output must be a string"),
    ],
)
def test_predict_one_refuses_what_forward_refuses(
    arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sn.predict_one(*arguments(network((3, 4, 1))))


def test_predict_one_refuses_unknown_and_double_arguments() -> None:
    parameters = network((3, 4, 1))
    for options in ({"hiden": "tanh"}, {"hidden": "tanh"}):
        with pytest.raises(TypeError, match="no argument"):
            sn.predict_one(parameters, np.zeros(3), "tanh", **options)
    with pytest.raises(ValueError, match="negative_slope"):
        sn.predict_one(parameters, np.zeros(3), negative_slope=-1.0)


def test_predict_one_from_many_threads() -> None:
    parameters = network((30, 100, 10))
    X = np.random.default_rng(0).normal(size=(50, 30))
    want = sn.forward(parameters, X.T, output="softmax").A2.T.copy()
    wrong = []

    def work() -> None:
        for _ in range(40):
            for x, y in zip(X, want, strict=True):
                if sn.predict_one(parameters, x, output="softmax").tobytes() != y.tobytes():
                    wrong.append(x)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert not wrong
