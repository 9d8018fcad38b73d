"""The core's activations and slopes against the oracle, their limits, and awkward arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference

# Lengths around every vector width, so that whole vectors and tails are met.
LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100]


def draw_z(size: int, dtype: Any, seed: int = 0) -> Any:
    z = np.random.default_rng(seed).normal(scale=3.0, size=size).astype(dtype)
    z[: min(size, 2)] = [0.0, -40.0][: min(size, 2)]
    return z


def slope_source(hidden: str, z: Any, a: Any) -> Any:
    """Return what an activation's slope is written from."""
    return z if hidden in reference.OF_INPUT else a


@pytest.mark.parametrize("negative_slope", [0.0, 0.01, 0.5, 2.0])
def test_activations_equal_the_oracle(
    core: Any, hidden: str, dtype: Any, negative_slope: float
) -> None:
    value, slope = reference.ACTIVATIONS[hidden]
    c = float(dtype.type(negative_slope))  # what the core computes with
    # The vector functions promise 3 ulp, at most 3 eps, mish and silu 4.5 and 3.5; the oracle's
    # own rounding adds one.
    eps, ulp = np.finfo(dtype).eps, {"mish": 4.5, "silu": 3.5}.get(hidden, 3)
    for size in LENGTHS:
        z = draw_z(size, dtype)
        a = core.activate(z, hidden, negative_slope)
        assert a.dtype == dtype and a.shape == z.shape
        np.testing.assert_allclose(a, value(z.astype(float), c), rtol=(ulp + 1) * eps, atol=0)
        source = slope_source(hidden, z, a)
        g = core.slope(source, hidden, negative_slope)
        assert g.dtype == dtype and g.shape == z.shape
        expected = slope(source.astype(float), c)  # 1 - a^2 cancels: absolute, not relative
        # From z, of up to 10, that product is multiplied by z.
        np.testing.assert_allclose(g, expected, rtol=0, atol=(4 if source is z else 1) * eps)


def test_activations_the_oracle_knows_what_slopes_are_written_from(core: Any) -> None:
    assert core.slopes_of_input == reference.OF_INPUT


def test_activations_at_zero_and_far_out(core: Any, dtype: Any) -> None:
    z = np.array([-1000.0, 0.0, 1000.0], dtype)
    for name, values, slopes in [
        ("sigmoid", [0, 0.5, 1], [0, 0.25, 0]),
        ("tanh", [-1, 0, 1], [0, 1, 0]),
        ("relu", [0, 0, 1000], [0, 0, 1]),
        ("leaky_relu", [-250, 0, 1000], [0.25, 0.25, 1]),
        ("identity", [-1000, 0, 1000], [1, 1, 1]),
        ("mish", [0, 0, 1000], [0, 0.6, 1]),
        ("silu", [0, 0, 1000], [0, 0.5, 1]),
    ]:
        a = core.activate(z, name, 0.25)
        assert a.tolist() == values, name
        g = core.slope(slope_source(name, z, a), name, 0.25)
        # tanh(log 2) = 3/5 is not exact: a bit of it may be lost.
        np.testing.assert_allclose(g, slopes, rtol=np.finfo(dtype).eps, atol=0, err_msg=name)


@pytest.mark.parametrize("name", reference.OF_INPUT)
def test_activations_of_input_at_both_infinities(core: Any, dtype: Any, name: str) -> None:
    z = np.array([-np.inf, -1e30, -0.0, np.inf, 1e30], dtype)
    a, g = core.activate(z, name, 0.0), core.slope(z, name, 0.0)
    assert a.tolist() == [0, 0, 0, np.inf, z[4]]
    assert np.signbit(a).tolist() == [True, True, True, False, False]
    assert g[[0, 1, 3, 4]].tolist() == [0, 0, 1, 1] and g[2] > 0.4


def test_activations_leaky_relu_is_not_a_maximum(core: Any, dtype: Any) -> None:
    z = np.array([-2.0, 3.0], dtype)
    assert core.activate(z, "leaky_relu", 4.0).tolist() == [-8.0, 3.0]
    assert core.slope(np.array([-8.0, 3.0], dtype), "leaky_relu", 4.0).tolist() == [4.0, 1.0]


def test_activations_keep_their_range(core: Any, dtype: Any) -> None:
    z = np.concatenate([np.linspace(-50, 50, 20001), np.linspace(-2, 2, 20001)]).astype(dtype)
    a = core.activate(z, "sigmoid", 0.0)
    assert (a > 0).all() and (a <= 1).all()
    a = core.activate(z, "tanh", 0.0)
    assert (np.abs(a) <= 1).all() and (np.sign(a) == np.sign(z)).all()


def test_activations_tanh_is_two_sigmoids(core: Any, dtype: Any) -> None:
    z = np.linspace(-5, 5, 1001).astype(dtype)
    two_sigmoids = 2 * core.activate(2 * z, "sigmoid", 0.0) - 1
    # 3 ulp of a sigmoid below 1 is at most 3 eps / 2, doubled; tanh's own 3 ulp and the rounding.
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(core.activate(z, "tanh", 0.0), two_sigmoids, rtol=0, atol=6 * eps)


def test_activations_pass_nan_on(core: Any, hidden: str, dtype: Any) -> None:
    for size in (1, 5, 16, 40):
        z = draw_z(size, dtype)
        z[size // 2] = np.nan
        a = core.activate(z, hidden, 0.01)
        assert np.flatnonzero(np.isnan(a)).tolist() == [size // 2]


def test_activations_mutate_no_argument(core: Any, hidden: str, dtype: Any) -> None:
    z = draw_z(60, dtype).reshape(3, 4, 5)
    a = core.activate(z, hidden, 0.01)
    before = z.copy(), a.copy()
    z.flags.writeable = a.flags.writeable = False
    core.activate(z, hidden, 0.01)
    core.slope(slope_source(hidden, z, a), hidden, 0.01)
    assert (z == before[0]).all() and (a == before[1]).all()


def test_activations_public_function_takes_any_layout(core: Any, hidden: str, dtype: Any) -> None:
    clean = draw_z(60, dtype).reshape(3, 4, 5)
    expected = core.activate(clean, hidden, 0.2)
    wide = np.zeros((3, 4, 10), dtype)
    wide[..., ::2] = clean
    backwards = clean[::-1, :, ::-1].copy()[::-1, :, ::-1]
    for Z in (clean, np.asfortranarray(clean), wide[..., ::2], backwards):
        A = sn.activate(Z, hidden, negative_slope=0.2)
        assert A.dtype == dtype and A.shape == clean.shape and (A == expected).all()
