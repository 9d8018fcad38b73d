"""Initial parameters: the distributions they promise, and the same ones from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native.streams import random_stream

STREAMS = {
    "int": lambda: 7,
    "numpy int": lambda: np.int64(7),
    "Generator": lambda: np.random.default_rng(7),
    "RandomState": lambda: np.random.RandomState(7),
}
N_X, N_H, N_Y = 50, 400, 100  # 20,000 and 40,000 weights


@pytest.fixture(params=sn.INITIALIZERS)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("make", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("shape", [(2, 4, 1), (3, 0, 2)])
def test_initialization_repeats_with_the_seed(scheme: str, make: Any, shape: Any) -> None:
    first, second = (sn.initialize(*shape, scheme, seed=make()) for _ in range(2))
    assert first == second
    assert first.shape == shape and first.dtype == np.float64
    if scheme != "zeros" and (scheme, shape[1]) != ("ntk", 0):
        assert first != sn.initialize(*shape, scheme, seed=8)
        assert first != sn.initialize(*shape, scheme)


def test_initialization_moves_a_given_stream_on(scheme: str) -> None:
    stream = np.random.default_rng(7)
    first, second = (sn.initialize(2, 4, 1, scheme, seed=stream) for _ in range(2))
    assert (first == second) == (scheme == "zeros")


def test_initialization_float32_is_float64_rounded(scheme: str) -> None:
    single = sn.initialize(5, 4, 3, scheme, seed=0, dtype=np.float32)
    assert single == sn.initialize(5, 4, 3, scheme, seed=0).astype(np.float32)


def test_initialization_none_hidden_units_is_no_hidden_layer(scheme: str) -> None:
    parameters = sn.initialize(3, None, 2, scheme, seed=0)
    assert parameters.W1 is None and parameters.W2.shape == (2, 3)
    assert not parameters.b2.any()


DEVIATIONS = {
    "glorot_normal": (np.sqrt(2 / (N_X + N_H)), np.sqrt(2 / (N_H + N_Y))),
    "glorot_uniform": (np.sqrt(2 / (N_X + N_H)), np.sqrt(2 / (N_H + N_Y))),
    "he_normal": (np.sqrt(2 / N_X), np.sqrt(2 / N_H)),
    "he_uniform": (np.sqrt(2 / N_X), np.sqrt(2 / N_H)),
    "small_normal": (0.01, 0.01),
    "zeros": (0.0, 0.0),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_initialization_weights_have_their_deviation_and_biases_are_zero(name: str) -> None:
    parameters = sn.initialize(N_X, N_H, N_Y, name, seed=0)
    assert not parameters.b1.any() and not parameters.b2.any()
    for W, deviation in zip((parameters.W1, parameters.W2), DEVIATIONS[name], strict=True):
        # 20,000 draws fix a deviation to 0.5 % and a mean to 0.7 % of it; five times that is safe
        assert abs(W.std() - deviation) <= 0.025 * deviation
        assert abs(W.mean()) <= 0.035 * deviation
        bound = np.sqrt(3) * deviation  # of a uniform distribution
        assert (np.abs(W).max() <= bound) == (name.endswith("uniform") or name == "zeros")


def test_initialization_every_scheme_has_its_distribution_tested() -> None:
    assert {*DEVIATIONS, "nguyen_widrow", "ntk"} == set(sn.INITIALIZERS)


def test_initialization_nguyen_widrow_spreads_the_hidden_units() -> None:
    parameters = sn.initialize(N_X, N_H, N_Y, "nguyen_widrow", seed=0)
    length = 0.7 * N_H ** (1 / N_X)
    norms = np.linalg.norm(parameters.W1, axis=1)
    # a norm is a sum over n_x squares: n_x eps at most
    assert np.abs(norms / length - 1).max() <= N_X * np.finfo(float).eps
    assert np.abs(parameters.W1.mean(axis=0)).max() < 0.15 * length  # no direction is preferred
    assert 0.95 * length < np.abs(parameters.b1).max() <= length
    assert 0.49 < np.abs(parameters.W2).max() <= 0.5
    assert not parameters.b2.any()


def test_initialization_ntk_gives_units_of_deviation_one_and_outputs_of_zero() -> None:
    parameters = sn.initialize(N_X, N_H, N_Y, "ntk", seed=0)
    # as above; the 400 biases fix their deviation to 3.5 %, and their mean to 5 %
    assert abs(parameters.W1.std() * np.sqrt(N_X) - 1) <= 0.025
    assert abs(parameters.b1.std() - 1) <= 0.18 and abs(parameters.b1.mean()) <= 0.25
    assert not parameters.W2.any() and not parameters.b2.any()
    assert not sn.initialize(N_X, 0, N_Y, "ntk", seed=0).flat.any()


def test_initialization_small_normal_draws_as_the_assignment_does() -> None:
    stream = np.random.RandomState(2)
    W1, W2 = stream.randn(4, 2) * 0.01, stream.randn(1, 4) * 0.01
    zeros = np.zeros((4, 1)), np.zeros((1, 1))
    drawn = sn.initialize(2, 4, 1, seed=np.random.RandomState(2))
    assert drawn == sn.Parameters(W1, zeros[0], W2, zeros[1])


BAD_ARGUMENTS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "zero inputs": ({"n_x": 0}, ValueError, "n_x must be >= 1, got 0"),
    "negative hidden": ({"n_h": -1}, ValueError, "n_h must be >= 0, got -1"),
    "zero outputs": ({"n_y": 0}, ValueError, "n_y must be >= 1, got 0"),
    "fraction": ({"n_h": 4.0}, TypeError, r"n_h must be an integer, got 4\.0 \(float\)"),
    "truth": ({"n_h": True}, TypeError, "n_h must be an integer, got the truth value True"),
    "text": ({"n_x": "2"}, TypeError, "n_x must be an integer"),
    "2^31": ({"n_h": 2**31}, ValueError, "n_h must be <= 2147483647"),
    "2^63": ({"n_x": 2**63}, ValueError, "n_x must be <= 2147483647"),
    "2^64 weights": ({"n_x": 2**31 - 1, "n_h": 2**31 - 1}, ValueError, "choose a smaller n_h"),
    "near name": ({"scheme": "glorot"}, ValueError, "did you mean 'glorot_"),
    "far name": ({"scheme": "qq"}, ValueError, "scheme must be one of 'glorot_normal', .*'qq'$"),
    "no name": ({"scheme": 3}, TypeError, "scheme must be a string"),
    "dtype": ({"dtype": np.float16}, TypeError, "dtype must be float32 or float64, got float16"),
    "no dtype": ({"dtype": "float7"}, TypeError, "dtype must be float32 or float64"),
    "negative seed": ({"seed": -1}, ValueError, "seed must be >= 0, got -1"),
    "text seed": ({"seed": "1"}, TypeError, "seed must be an int, a numpy.random.Generator"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_initialization_bad_arguments_are_explained(case: Any) -> None:
    changes, error, words = case
    with pytest.raises(error, match=words):
        sn.initialize(**{"n_x": 2, "n_h": 4, "n_y": 1, **changes})


def test_initialization_streams_pass_through() -> None:
    for stream in (np.random.default_rng(0), np.random.RandomState(0)):
        assert random_stream(stream) is stream
    assert isinstance(random_stream(None), np.random.Generator)
