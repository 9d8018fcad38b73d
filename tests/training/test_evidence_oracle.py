"""The oracle of the evidence, where it is known exactly: one linear layer with squared error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native.reference.evidence import Scales

DECAYS = (0.0, 0.0, 0.03, 0.002)  # of W1, b1, W2, b2
NOISE = 2.5


def linear_problem(n_y: int = 1, m: int = 40) -> tuple[Any, Any, Any]:
    """Return X (3, m), Y (n_y, m) and weights (m,)."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3, m))
    Y = rng.standard_normal((n_y, 3)) @ X + 0.6 * rng.standard_normal((n_y, m)) + 1
    return X, Y, rng.choice([1.0, 2.0], size=m)


def minimum(X: Any, Y: Any, weights: Any = None) -> tuple[Any, ...]:
    n_y, n_x = len(Y), len(X)
    start = (None, None, np.zeros((n_y, n_x)), np.zeros((n_y, 1)))
    found = reference.levenberg_marquardt(
        *start, X, Y, output="identity", decays=DECAYS, example_weights=weights, tol=1e-12
    )
    return found.parameters


@pytest.mark.parametrize("n_y", [1, 2])
def test_evidence_oracle_of_a_linear_layer_is_its_marginal_likelihood(n_y: int) -> None:
    X, Y, _ = linear_problem(n_y)
    m = X.shape[1]
    value = reference.log_evidence(
        *minimum(X, Y), X, Y, output="identity", decays=DECAYS, noise=NOISE
    )
    # y = X~^T w + noise, w normal: y is normal, and each output by itself
    inputs = np.vstack([X, np.ones((1, m))])
    alpha = NOISE * m * np.array([DECAYS[2]] * 3 + [DECAYS[3]])
    C = np.eye(m) / NOISE + inputs.T @ (inputs / alpha[:, None])
    _, log_det = np.linalg.slogdet(2 * np.pi * C)
    expected = sum(-(y @ np.linalg.solve(C, y) + log_det) / 2 for y in Y)
    assert value == pytest.approx(expected, rel=1e-10)


def test_evidence_oracle_takes_weights_for_repetitions() -> None:
    X, Y, weights = linear_problem()
    often = np.repeat(np.arange(len(weights)), weights.astype(int))
    network = minimum(X, Y, weights)
    options: dict[str, Any] = {"output": "identity", "decays": DECAYS}
    once = reference.log_evidence(*network, X, Y, **options, example_weights=weights, noise=NOISE)
    repeated = reference.log_evidence(*network, X[:, often], Y[:, often], **options, noise=NOISE)
    assert once == pytest.approx(repeated, rel=1e-12)
    determined = reference.effective_parameters(*network, X, Y, **options, example_weights=weights)
    again = reference.effective_parameters(*network, X[:, often], Y[:, often], **options)
    assert determined == pytest.approx(again, rel=1e-12)


def test_evidence_oracle_counts_between_none_and_all_parameters() -> None:
    X, Y, _ = linear_problem()
    counts = [
        reference.effective_parameters(
            *minimum(X, Y), X, Y, output="identity", decays=(0, 0, decay, 1e-12)
        )
        for decay in (1e-12, 1.0, 1e12)
    ]
    assert counts[0] == pytest.approx([0, 0, 3, 1], abs=1e-9)
    assert 0.5 < counts[1][2] < 2.5
    assert counts[2] == pytest.approx([0, 0, 0, 1], abs=1e-9)


def test_evidence_oracle_ends_where_mackay_s_equations_hold() -> None:
    X, Y, _ = linear_problem()
    start = (None, None, np.zeros((1, 3)), np.zeros((1, 1)))
    step = reference.maximise_evidence(*start, X, Y, output="identity", first=0.1)[-1]
    W2 = step.parameters[2]
    m = X.shape[1]
    alpha = step.decays[2] * step.noise * m
    # gamma = alpha |w|^2, and the noise's variance is what is left over for each free example
    assert step.effective[2] == pytest.approx(alpha * (W2**2).sum(), rel=0.01)
    rest = Y - reference.forward(*step.parameters, X, output="identity")[3]
    assert (rest**2).sum() * step.noise == pytest.approx(m - step.effective.sum(), rel=0.01)
    # and there the evidence is highest
    values = [
        reference.log_evidence(
            *minimum_under(X, Y, factor * step.decays[2], step.decays[3]), X, Y,
            output="identity", decays=(0, 0, factor * step.decays[2], step.decays[3]),
            noise=step.noise,
        )
        for factor in (0.5, 1, 2)
    ]  # fmt: skip
    assert values[1] == max(values)


def minimum_under(X: Any, Y: Any, decay: float, bias: float) -> tuple[Any, ...]:
    return reference.levenberg_marquardt(
        None, None, np.zeros((1, 3)), np.zeros((1, 1)), X, Y, output="identity",
        decays=(0, 0, decay, bias), tol=1e-12,
    ).parameters  # fmt: skip


def test_evidence_oracle_finds_one_network_in_any_unit_of_the_targets() -> None:
    X, Y, _ = linear_problem()
    start = (None, None, np.full((1, 3), 0.1), np.zeros((1, 1)))
    steps = reference.maximise_evidence(*start, X, Y, output="identity")
    scaled = (None, None, np.full((1, 3), 100.0), np.zeros((1, 1)))
    others = reference.maximise_evidence(*scaled, X, 1000 * Y, output="identity")
    assert len(steps) == len(others)
    for one, other in zip(steps, others, strict=True):
        # each minimisation ends within 1e-6 of the cost
        assert other.parameters[2] == pytest.approx(1000 * one.parameters[2], rel=1e-3)
        assert other.decays[2] == pytest.approx(one.decays[2], rel=1e-3)
        # densities of Y: in a unit a thousand times smaller, each is a thousand times lower
        shift = -Y.size * np.log(1000)
        assert other.log_evidence == pytest.approx(one.log_evidence + shift, abs=1e-3)


def test_evidence_oracle_scales_are_moments_of_targets_with_noise_alone() -> None:
    Y, s = np.array([[1.0, 5.0]]), np.array([3.0, 1.0])
    assert Scales.of(Y, s, "identity") == (3.0, 7.0)  # around 2; (3 + 25) / 4
    assert Scales.of(Y, s, "exp") == (1.0, 1.0)
    assert Scales.of(0 * Y, s, "identity") == (1.0, 1.0)
