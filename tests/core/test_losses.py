"""The output units and their losses, computed from the logit: extremes, limits, the delta."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native.reference.method import delta as delta_of

BOTH = (np.float32, np.float64)


def loss_and_delta(core: Any, output: str, z: Any, y: Any, dtype: Any) -> tuple[float, Any, Any]:
    """Return loss, output and dZ2 of one example with logits `z` (n_y,) and targets `y` (n_y,).

    Without a hidden layer, with W2 the unit matrix and b2 = 0, the inputs are the logits.
    """
    n_y = len(z)
    theta = np.concatenate([np.eye(n_y).ravel(), np.zeros(n_y)]).astype(dtype)
    shape = (n_y, 0, n_y)
    x, y = np.array([z], dtype), np.array([y], dtype)
    loss = core.cost(theta, shape, x, y, None, "", output, 0.0, 0.0, 1)
    same, _, dx = core.gradients(theta, shape, x, y, None, "", output, 0.0, 0.0, 1, True)
    np.testing.assert_equal(same, loss)
    return loss, core.predict(theta, shape, x, "", output, 0.0, 1)[0], dx[0]


def test_losses_equal_the_oracle(make_problem: Any, core: Any, output: str, dtype: Any) -> None:
    unit, loss = reference.OUTPUTS[output]
    limit = {4: 2e-6, 8: 1e-12}[dtype.itemsize]
    for n_y in (1, 2, 3, 5, 8, 10, 16, 17, 33):
        problem = make_problem((n_y, 0, n_y), 8, "", output, dtype)
        for x, y in zip(problem.X.T, problem.Y.T, strict=True):
            got, a, delta = loss_and_delta(core, output, x, y, dtype)
            z = x[:, None].astype(dtype).astype(float)
            np.testing.assert_allclose(got, loss(z, y[:, None]).item(), rtol=limit, atol=limit)
            np.testing.assert_allclose(a, unit(z)[:, 0], rtol=limit)
            expected = delta_of(output, unit(z)[:, 0], y, 0.5)
            np.testing.assert_allclose(delta, expected, rtol=0, atol=limit * (1 + y.max()))


@pytest.mark.parametrize("dtype", BOTH)
@pytest.mark.parametrize("z", [30.0, 89.0, 200.0, 1000.0, 1e5, 1e30])
def test_losses_at_extreme_logits_are_exact(core: Any, z: float, dtype: Any) -> None:
    z = float(dtype(z))
    tail = np.log1p(np.exp(-z))  # the loss left on the right side, 0 from about 745 (104) on
    for logits, targets, expected in [
        ([z], [0], z + tail), ([z], [1], tail), ([-z], [1], z + tail), ([-z], [0], tail),
        ([z, -z], [0, 1], 2 * (z + tail)),
    ]:  # fmt: skip
        loss, a, delta = loss_and_delta(core, "sigmoid", logits, targets, dtype)
        tiny = float(np.finfo(dtype).smallest_subnormal)
        np.testing.assert_allclose(loss, expected, rtol=8 * np.finfo(dtype).eps, atol=tiny)
        assert np.isfinite(a).all()
        limits = (np.array(logits) > 0) - np.array(targets)  # 1 - y above, 0 - y below
        np.testing.assert_allclose(delta, limits, rtol=0, atol=1.01 * tail + tiny)
    for logits, targets, expected in [
        ([z, 0], [1, 0], 0), ([z, 0], [0, 1], z), ([0, -z], [0, 1], z), ([z, z], [0, 1], np.log(2)),
        ([-z, -z, -z], [0, 1, 0], np.log(3)), ([0, z, -z], [0, 0, 1], 2 * z),
    ]:  # fmt: skip
        loss, a, delta = loss_and_delta(core, "softmax", logits, targets, dtype)
        # Here 1 + tail is rounded before the logarithm: an absolute error of eps.
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(loss, expected + 0.0, rtol=4 * eps, atol=max(eps, 2 * tail))
        assert np.isfinite(a).all() and np.isfinite(delta).all()
        assert abs(a.sum() - 1) <= 4 * eps


@pytest.mark.parametrize("dtype", BOTH)
def test_losses_stay_finite_up_to_the_largest_logits(core: Any, dtype: Any) -> None:
    # Half the largest number, so that the softmax's differences stay finite themselves.
    far = float(np.finfo(dtype).max) / 2
    for output, logits, targets, expected in [
        ("sigmoid", [far], [0], far), ("sigmoid", [far], [1], 0.0), ("sigmoid", [-far], [0], 0.0),
        ("softmax", [far, -far], [1, 0], 0.0), ("softmax", [far, -far], [0, 1], 2 * far),
        ("softmax", [-far, -far], [0, 1], np.log(2)),
    ]:  # fmt: skip
        loss, a, delta = loss_and_delta(core, output, logits, targets, dtype)
        np.testing.assert_allclose(loss, expected, rtol=4 * np.finfo(dtype).eps, atol=0)
        assert np.isfinite(a).all() and np.isfinite(delta).all()


def test_losses_small_ones_keep_their_digits(core: Any, dtype: Any) -> None:
    for z in (5.0, 10.0, 20.0, 40.0, 80.0):
        expected = np.log1p(np.exp(-z))
        loss, _, _ = loss_and_delta(core, "sigmoid", [z], [1], dtype)
        np.testing.assert_allclose(loss, expected, rtol=16 * np.finfo(dtype).eps)
        # a and 1 - a: the small one of the two is not rounded away
        _, a, _ = loss_and_delta(core, "sigmoid", [-z], [0], dtype)
        small = np.exp(-z) / (1 + np.exp(-z))
        np.testing.assert_allclose(a[0], small, rtol=4 * np.finfo(dtype).eps)


def test_losses_softmax_ignores_a_common_shift(core: Any, dtype: Any) -> None:
    z, y = np.array([0.5, -1.25, 2.0, 0.0]), [0, 0.25, 0.5, 0.25]
    loss, a, delta = loss_and_delta(core, "softmax", z, y, dtype)
    for shift in (-1024.0, 512.0, 0.5):  # exact in both types, so the bits agree too
        moved, a_moved, delta_moved = loss_and_delta(core, "softmax", z + shift, y, dtype)
        np.testing.assert_allclose(moved, loss, rtol=4 * np.finfo(dtype).eps)
        assert (a_moved == a).all() and (delta_moved == delta).all()


def test_losses_softmax_of_two_is_the_sigmoid(core: Any, dtype: Any) -> None:
    eps = np.finfo(dtype).eps
    for z in np.linspace(-30, 30, 121):
        for y in (0.0, 0.25, 1.0):
            one, a, _ = loss_and_delta(core, "sigmoid", [z], [y], dtype)
            two, both, _ = loss_and_delta(core, "softmax", [z, 0.0], [y, 1 - y], dtype)
            np.testing.assert_allclose(two, one, rtol=8 * eps, atol=2 * eps)
            np.testing.assert_allclose(both[0], a[0], rtol=16 * eps)


def test_losses_exp_may_overflow_but_never_lies(core: Any, dtype: Any) -> None:
    loss, a, _ = loss_and_delta(core, "exp", [1000.0], [3.0], dtype)
    assert loss == a[0] == np.inf
    loss, a, delta = loss_and_delta(core, "exp", [-1000.0], [3.0], dtype)
    assert (loss, a[0], delta[0]) == (3000.0, 0.0, -3.0)


def test_losses_nan_shows(core: Any, output: str, dtype: Any) -> None:
    loss, a, delta = loss_and_delta(core, output, [np.nan], [1.0], dtype)
    assert np.isnan(loss) and np.isnan(a).all() and np.isnan(delta).all()
