"""The vector functions: error in units in the last place, special values, independent lanes.

The reference is the C library's long double (float32: also double would do), whose 64-bit mantissa
has 11 more bits than the results.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

Wide = np.longdouble
HAS_WIDE = np.finfo(Wide).nmant >= 63
MAX_ULP = 3.0  # what vector_math.hpp promises
INF, NAN = float("inf"), float("nan")


def wide_sigmoid(z: Any) -> Any:
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def wide_softplus(z: Any) -> Any:
    return np.where(z > 0, z, 0 * z) + np.log1p(np.exp(-np.abs(z)))


# name -> (exact function, lowest argument of its domain, pairs of an argument and its exact result)
FUNCTIONS: dict[str, tuple[Any, float, list[tuple[float, float]]]] = {
    "exp": (np.exp, -INF, [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, 0), (-1e4, 0), (1e4, INF)]),
    "expm1": (np.expm1, -INF, [(INF, INF), (-INF, -1), (-1e4, -1), (1e4, INF)]),
    "log": (
        np.log,
        0.0,
        [(1.0, 0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN)],
    ),
    "log1p": (np.log1p, -1.0, [(-1.0, -INF), (INF, INF), (-2.0, NAN), (-INF, NAN)]),
    "sigmoid": (
        wide_sigmoid,
        -INF,
        [(0.0, 0.5), (-0.0, 0.5), (INF, 1), (-INF, 0), (-1e4, 0), (1e4, 1)],
    ),
    "softplus": (wide_softplus, -INF, [(INF, INF), (-INF, 0), (-1e4, 0), (1e4, 1e4)]),
    "tanh": (np.tanh, -INF, [(INF, 1), (-INF, -1), (1e4, 1), (-1e4, -1)]),
}
ODD_AT_ZERO = ("expm1", "log1p", "tanh")  # f(-0) is -0, f(x) has the sign of x


@pytest.fixture(params=FUNCTIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def bit_patterns(dtype: Any) -> Any:
    """Return every 9973rd float32, or as many spread float64: all exponents, NaN and subnormals."""
    if dtype.itemsize == 4:
        return np.arange(0, 2**32, 9973, dtype=np.uint32).view(np.float32)
    return np.random.default_rng(0).integers(2**64, size=400_000, dtype=np.uint64).view(np.float64)


def dense_samples(dtype: Any) -> Any:
    """Return arguments over all numbers and, densely, where the functions bend."""
    info = np.finfo(dtype)
    powers = np.linspace(np.log2(float(info.smallest_subnormal)), info.maxexp - 1, 20_000)
    magnitudes = np.exp2(powers.astype(Wide)).astype(dtype)
    far = -np.log(float(info.smallest_subnormal)) + 5  # where exp has become 0
    lines = [np.linspace(-w, w, 100_001) for w in (0.01, 1.0, 10.0, far)]
    near_minus_one = -1 + np.geomspace(float(info.eps), 0.5, 5_000)
    parts = [bit_patterns(dtype), magnitudes, -magnitudes, *lines, near_minus_one]
    return np.concatenate([part.astype(dtype) for part in parts])


def ulps(got: Any, exact: Any) -> Any:
    """Return |got - exact| in units in the last place of the exact result rounded to got's type.

    Infinity counts as the next power of two, so that overflowing a little early or late is a
    matter of ulps and overflowing much too early is a large error.
    """
    info = np.finfo(got.dtype)
    top = np.exp2(Wide(info.maxexp))
    exact = np.clip(exact, -top, top)
    nearest = np.clip(exact, -Wide(info.max), Wide(info.max)).astype(got.dtype)
    return np.abs(np.clip(got.astype(Wide), -top, top) - exact) / np.spacing(np.abs(nearest))


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_vector_math_error_is_at_most_three_ulp(core: Any, name: str, dtype: Any) -> None:
    if not (HAS_WIDE or dtype.itemsize == 4):
        pytest.skip("this platform has no type wider than float64 to compare with")
    function, lowest, _ = FUNCTIONS[name]
    x = dense_samples(dtype)
    x = x[x > lowest]
    error = ulps(core.math(x, name), function(x.astype(Wide)))
    worst = int(np.argmax(error))
    assert error[worst] <= MAX_ULP, f"{name}({x[worst]!r}) is off by {error[worst]:.2f} ulp"


def test_vector_math_special_values(core: Any, name: str, dtype: Any) -> None:
    for argument, expected in FUNCTIONS[name][2]:
        for size in (1, 16, 19):  # alone, in whole vectors, in a tail
            got = core.math(np.full(size, argument, dtype), name)
            np.testing.assert_array_equal(got, np.full(size, expected, dtype), f"{argument}")


def test_vector_math_nan_stays_in_its_lane(core: Any, name: str, dtype: Any) -> None:
    clean = np.linspace(0.25, 0.75, 37).astype(dtype)
    for place in (0, 5, 36):
        x = clean.copy()
        x[place] = np.nan
        got = core.math(x, name)
        expected = core.math(clean, name)
        expected[place] = np.nan
        np.testing.assert_array_equal(got, expected)
    assert np.isnan(core.math(np.array([-np.nan], dtype), name)).all()


def test_vector_math_signs_and_tiny_arguments(core: Any, dtype: Any) -> None:
    info = np.finfo(dtype)
    tiny = np.array([0.0, info.smallest_subnormal, 3 * info.smallest_subnormal, info.tiny], dtype)
    for name in ODD_AT_ZERO:  # f(x) = x + O(x^2): the nearest number is x itself
        for x in (tiny, -tiny):
            got = core.math(x, name)
            assert (got == x).all() and (np.signbit(got) == np.signbit(x)).all(), name


def test_vector_math_keeps_subnormal_results(core: Any, dtype: Any) -> None:
    info = np.finfo(dtype)
    x = np.linspace(np.log(float(info.smallest_subnormal)) + 0.5, np.log(float(info.tiny)), 99)
    x = x.astype(dtype)
    for name in ("exp", "sigmoid", "softplus"):  # all three are e^x there
        got = core.math(x, name)
        assert (got > 0).all() and (got[:-1] < info.tiny).all(), name


def test_vector_math_keeps_its_range(core: Any, name: str, dtype: Any) -> None:
    x = dense_samples(dtype)
    x = x[x > FUNCTIONS[name][1]]
    got = core.math(x, name)
    lowest, highest = {"exp": (0, INF), "expm1": (-1, INF), "sigmoid": (0, 1), "tanh": (-1, 1),
                       "softplus": (np.maximum(x, 0), INF)}.get(name, (-INF, INF))  # fmt: skip
    assert (got >= lowest).all() and (got <= highest).all()
    if name in ODD_AT_ZERO:
        assert (np.sign(got) == np.sign(x)).all()


def test_vector_math_hardly_ever_steps_down(core: Any, name: str, dtype: Any) -> None:
    starts = [1e-30, 1e-3, 0.2, 0.34657, 0.5, 0.70710, 1.0, 1.5, 5.0, 9.0, 20.0, 80.0]
    whole = {4: np.uint32, 8: np.uint64}[dtype.itemsize]
    for start in [*starts, *(-s for s in starts)]:
        first = np.array(start, dtype).view(whole)
        x = np.sort((first + np.arange(2000, dtype=whole)).view(dtype))  # neighbours
        y = core.math(x[x > FUNCTIONS[name][1]], name)
        assert (y[1:] - y[:-1] >= -2 * np.spacing(np.abs(y[:-1]))).all(), start


def test_vector_math_does_not_depend_on_place(core: Any, name: str, dtype: Any) -> None:
    x = np.random.default_rng(3).uniform(0.0, 4.0, size=83).astype(dtype)
    whole = core.math(x, name)
    for offset in range(34):
        for size in (1, 2, 3, 7, 16, 40):
            part = core.math(x[offset : offset + size], name)  # at any alignment
            assert (part == whole[offset : offset + size]).all(), (offset, size)
