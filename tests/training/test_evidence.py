"""l2="evidence": against the oracle, and against what is known of one linear layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native import reference
from shallownet_native.network import Examples, Units, laplace_covariance, logit_covariance
from shallownet_native.network.derivatives.laplace import inverse
from shallownet_native.training import Evidence, StoppingRule, TrainingState
from shallownet_native.training.solvers.evidence import FIRST, Progress, progress_of
from shallownet_native.training.steps import alone


def search(problem: Any, **options: Any) -> sn.TrainingResult:
    result: sn.TrainingResult = problem.train(
        optimizer="lm", l2="evidence", example_weights=problem.example_weights, **options
    )
    return result


def guest(problem: Any, n_threads: int = 1) -> Evidence:
    examples = Examples(problem.rows(problem.X), problem.rows(problem.Y), problem.weights)
    units = Units(problem.hidden or "identity", problem.output, problem.negative_slope)
    rule = StoppingRule(1e-6)
    return Evidence(problem.shape, units, examples, n_threads=n_threads, rule=rule)


def iterations(solver: Evidence, theta: Any, n: int) -> list[TrainingState]:
    """Return the states after so many iterations."""
    states: list[TrainingState] = []

    def take(state: TrainingState, costs: Any) -> TrainingState:
        states.append(state._replace(loss=float(costs[-1])))
        return states[-1]

    alone(solver.advance(TrainingState(theta.copy(), np.empty(0)), n, take))
    return states


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("shape", [(3, 4, 2), (3, 0, 2)], ids=str)
def test_evidence_goes_as_the_oracle(
    make_problem: Any, smooth_output: str, shape: Any, weighted: bool
) -> None:
    problem = make_problem(shape, 60, "tanh", smooth_output, weighted=weighted)
    kind = (problem.hidden or "identity", smooth_output, problem.negative_slope)
    data = (*problem.parameters, problem.X, problem.Y, *kind, problem.example_weights)
    steps = reference.maximise_evidence(*data, first=FIRST[0], is_shared=True, n_steps=3)
    states = iterations(guest(problem), problem.theta, len(steps))[1:]
    best = -math.inf
    for step, state in zip(steps, states, strict=True):
        found = progress_of(state)
        best = max(best, step.log_evidence)
        # each minimisation ends where a step gains less than 1e-6 of the cost: some 1e-4 of theta,
        # but both walk the same steps until rounding tells
        assert found.log_evidence == pytest.approx(best, rel=1e-6)
        if step.log_evidence == best:
            decays = (step.decays[0] if shape[1] else found.best_decay_1, step.decays[2])
            assert (found.best_decay_1, found.best_decay_2) == pytest.approx(decays, rel=1e-5)
            assert found.n_effective == pytest.approx(step.effective.sum(), rel=1e-5)
            assert found.best_noise == pytest.approx(step.noise, rel=1e-5)


def test_evidence_covariance_is_the_inverse_of_the_oracle_s_matrix(
    make_problem: Any, output: str
) -> None:
    problem = make_problem((3, 4, 2), 50, "tanh", output, weighted=True)
    kind = (problem.hidden, output, problem.negative_slope)
    decays, n = (0.1, 0.2, 0.3, 0.4), 7.0
    examples = Examples(problem.rows(problem.X), problem.rows(problem.Y), problem.weights)
    found, log_det = laplace_covariance(
        problem.theta, problem.shape, examples, Units(*kind), decays, n, 2
    )
    G = reference.gauss_newton(
        *problem.parameters, problem.X, problem.Y, *kind, 0.0, problem.example_weights
    )
    sizes = [P.size for P in problem.parameters]
    expected = np.linalg.inv(n * (G + np.diag(np.repeat(decays, sizes))))
    assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max()
    assert log_det == pytest.approx(-np.linalg.slogdet(expected)[1], rel=1e-12)
    J = reference.jacobian(*problem.parameters, problem.X, *kind, of="logits")
    spread = logit_covariance(
        problem.theta, problem.shape, problem.rows(problem.X), Units(*kind), expected, 1
    )
    assert spread == pytest.approx(J @ expected @ np.swapaxes(J, 1, 2), rel=1e-10)


def test_evidence_inverse_holds_for_badly_scaled_matrices() -> None:
    rng = np.random.default_rng(0)
    scale = 10.0 ** rng.uniform(-8, 8, size=30)
    A = rng.standard_normal((30, 40))
    matrix = (A @ A.T) * scale * scale[:, None]
    found, log_det = inverse(matrix, np.full(30, 1e-300))
    identity = (found * scale * scale[:, None]) @ (A @ A.T)
    assert np.abs(identity - np.eye(30)).max() < 1e-9  # its condition times eps
    assert (found == found.T).all()
    expected = np.linalg.slogdet(A @ A.T)[1] + 2 * np.log(scale).sum()
    assert log_det == pytest.approx(expected, rel=1e-10)


def test_evidence_of_a_linear_layer_ends_at_the_exact_maximum() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3, 80))
    Y = np.array([[1.0, -2.0, 0.5]]) @ X + rng.standard_normal((1, 80))
    start = sn.Parameters(None, None, np.zeros((1, 3)), np.zeros((1, 1)))
    result = sn.train(start, X, Y, output="identity", optimizer="lm", l2="evidence")
    assert result.stopped_by == "tol" and result.log_evidence is not None
    size = (Y**2).mean()
    inputs = np.vstack([X, np.ones((1, 80))])

    def log_likelihood(alpha: float, noise: float) -> float:
        precisions = np.array([alpha] * 3 + [0.01 / size])
        C = np.eye(80) / noise + inputs.T @ (inputs / precisions[:, None])
        y = Y[0]
        return float(-(y @ np.linalg.solve(C, y) + np.linalg.slogdet(2 * np.pi * C)[1]) / 2)

    grid = [(a, b) for a in np.linspace(0.05, 3, 120) for b in np.linspace(0.3, 3, 120)]
    highest = max(log_likelihood(*point) for point in grid)
    # decays are taken as found when they change by less than a hundredth: flat to second order
    assert result.log_evidence == pytest.approx(highest, abs=2e-3)


def test_evidence_of_noise_leaves_nothing_determined() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((5, 200)), rng.standard_normal((1, 200))
    start = sn.initialize(5, 4, 1, "glorot_uniform", seed=0)
    result = sn.train(start, X, Y, output="identity", optimizer="lm", l2="evidence")
    assert result.n_effective_parameters is not None and result.n_effective_parameters < 8
    fitted = sn.forward(result.parameters, X).A2
    assert fitted.var() < 0.1  # an ordinary fit takes 29 parameters and 0.3 of the variance


@pytest.mark.parametrize("output", ["sigmoid", "identity"])
def test_evidence_bits_do_not_depend_on_threads(make_problem: Any, output: str) -> None:
    problem = make_problem((3, 4, 2), 300, "tanh", output)
    one, *others = [search(problem, n_iterations=8, n_threads=n) for n in (1, 2, 3)]
    for other in others:
        assert np.array_equal(one.parameters.flat, other.parameters.flat)
        assert np.array_equal(one.costs, other.costs)
        assert (one.l2, one.log_evidence) == (other.l2, other.log_evidence)


def test_evidence_goes_on_wherever_it_is_cut(make_problem: Any) -> None:
    problem = make_problem((3, 4, 2), 60, "tanh", "sigmoid")
    seen: list[Any] = []
    whole = search(problem, callback=lambda state: seen.append(state.parameters))
    assert whole.stopped_by == "tol" and whole.n_iterations == len(seen) == len(whole.costs) - 1
    short = search(problem, n_iterations=5)
    assert short.stopped_by == "n_iterations"
    assert np.array_equal(short.parameters.flat, seen[4].flat)
    assert np.array_equal(short.costs, whole.costs[:6])
    assert short.log_evidence <= whole.log_evidence
    assert short.n_solves < whole.n_solves


def test_evidence_hands_out_the_highest_and_its_cost(make_problem: Any) -> None:
    problem = make_problem((3, 4, 1), 60, "tanh", "sigmoid")
    solver = guest(problem)
    states = iterations(solver, problem.theta, 1000)
    evidences = [progress_of(state).log_evidence for state in states[1:]]
    assert np.all(np.diff(evidences) >= 0)
    assert progress_of(states[-1]).way == 5
    found = progress_of(states[-1])
    J = sn.cost(sn.Parameters.from_flat(states[-1].theta, problem.shape), problem.X, problem.Y)
    arrays = np.split(states[-1].theta, np.cumsum([12, 4, 4]))
    decays = solver.precisions.decays(*found[7:10])
    penalty = sum(d * (P**2).sum() for d, P in zip(decays, arrays, strict=True)) / 2
    assert states[-1].loss == pytest.approx(J + penalty, rel=1e-12)


def test_evidence_goes_every_way_from_the_start(make_problem: Any) -> None:
    problem = make_problem((3, 4, 1), 60, "tanh", "identity")
    solver, p = guest(problem), problem.theta.size
    states = iterations(solver, problem.theta, 1000)
    begins = [state for state in states if progress_of(state).n_updates == 0]
    assert [progress_of(state).way for state in begins] == [0, 1, 2, 3, 4, 5]
    spread = float(problem.Y.var(axis=1).mean())
    for state, first in zip(begins, FIRST * 2, strict=True):
        assert np.array_equal(state.slots[:p], problem.theta)
        decays = progress_of(state)[3:6]
        assert decays == pytest.approx((first * spread, first, 1 / spread), rel=1e-12)
    # of the last three, each layer has a decay of its own
    ratios = [decays.decay_1 / decays.decay_2 for decays in map(progress_of, states[1:])]
    ways = [progress_of(state).way for state in states[1:]]
    for way in range(3):
        assert np.ptp([r for r, w in zip(ratios, ways, strict=True) if w == way]) < 1e-9
        assert np.ptp([r for r, w in zip(ratios, ways, strict=True) if w == way + 3]) > 1e-3


def test_evidence_without_iterations_is_the_start(make_problem: Any) -> None:
    problem = make_problem((3, 4, 1), 60, "tanh", "sigmoid")
    result = search(problem, n_iterations=0)
    assert np.array_equal(result.parameters.flat, problem.theta)
    assert result.n_iterations == 0 and result.log_evidence is None
    assert result.l2 is None and result.n_effective_parameters is None


def test_evidence_interrupted_has_the_best_until_then(make_problem: Any) -> None:
    problem = make_problem((3, 4, 2), 60, "tanh", "sigmoid")
    with pytest.raises(sn.TrainingInterrupted) as caught:
        search(problem, callback=breaking_off(3))
    expected = search(problem, n_iterations=4)
    got = caught.value.result
    assert np.array_equal(got.parameters.flat, expected.parameters.flat)
    assert got.log_evidence == expected.log_evidence


def test_evidence_of_float32_is_that_of_float64(make_problem: Any) -> None:
    problem = make_problem((3, 4, 2), 60, "tanh", "sigmoid", np.float32)
    single = search(problem)
    double = search(problem.changed(dtype=np.dtype(np.float64)))
    assert single.parameters.dtype == np.float32
    assert single.log_evidence == double.log_evidence
    assert np.array_equal(single.parameters.flat, double.parameters.flat.astype(np.float32))


@pytest.mark.parametrize("case", ["constant targets", "one example", "zero column", "huge inputs"])
def test_evidence_of_awkward_data_is_finite(case: str) -> None:
    rng = np.random.default_rng(0)
    m = 1 if case == "one example" else 20
    X, Y = rng.standard_normal((2, m)), rng.standard_normal((1, m))
    if case == "constant targets":
        Y = np.full((1, m), 3.0)
    elif case == "zero column":
        X[1] = 0
    elif case == "huge inputs":
        X *= 1e6
    start = sn.initialize(2, 3, 1, "glorot_uniform", seed=0)
    result = sn.train(start, X, Y, output="identity", optimizer="lm", l2="evidence")
    assert np.isfinite(result.parameters.flat).all() and np.isfinite(result.log_evidence)
    assert isinstance(result.l2, tuple) and all(decay > 0 for decay in result.l2)
    assert 0 <= result.n_effective_parameters <= 13


def test_evidence_progress_fits_behind_the_parameters(make_problem: Any) -> None:
    problem = make_problem((3, 4, 1), 60, "tanh", "sigmoid")
    state = iterations(guest(problem), problem.theta, 1)[-1]
    assert state.slots.size == 2 * problem.theta.size + len(Progress())


def test_evidence_of_columns_that_are_alike_determines_no_more_than_there_is() -> None:
    J = np.ones((2, 6)) * 1e9
    least = np.array([1e-3, 1e-3, 1.0, 1.0, 1e3, 1e3])
    covariance, log_det = inverse(J.T @ J + np.diag(least), least)
    assert np.isfinite(covariance).all() and np.isfinite(log_det)
    assert (covariance.diagonal() >= 0).all()
    assert (covariance.diagonal() <= 1 / least).all()
    assert np.linalg.eigvalsh(covariance)[0] > -1e-3 * covariance.diagonal().max()
    x = np.random.default_rng(0).standard_normal((1, 40))
    X, Y = np.vstack([x * 1e8, x * 1e8, x]), (x > 0).astype(float)
    result = sn.train(sn.initialize(3, 5, 1, seed=0), X, Y, optimizer="lm", l2="evidence")
    assert result.n_effective_parameters is not None
    assert 0 <= result.n_effective_parameters <= result.parameters.size


@pytest.mark.filterwarnings("error")
def test_evidence_passes_over_decays_under_which_there_is_nothing_to_begin_with() -> None:
    X, Y = sn.datasets.noisy_moons(40, seed=0)
    start = sn.initialize(2, 3, 1, "glorot_uniform", seed=0)
    start.flat[:] *= 1e155  # its square is a number times 1e-3, and none times 1e-1
    result = sn.train(start, X, Y, optimizer="lm", l2="evidence", n_iterations=400)
    assert result.stopped_by == "tol" and np.isfinite(result.parameters.flat).all()
    with pytest.raises(sn.DivergenceError, match="where training begins"):
        sn.train(start, X * 1e160, Y, optimizer="lm", l2="evidence", hidden="relu")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-155, 1e155])
def test_evidence_refuses_targets_and_weights_that_it_cannot_count_with(size: float) -> None:
    X = np.linspace(-1, 1, 30)[np.newaxis, :]
    start = sn.initialize(1, 3, 1, "glorot_uniform", seed=0)
    settings: Any = {"output": "identity", "optimizer": "lm", "l2": "evidence"}
    with pytest.raises(ValueError, match=r"squares are numbers.* divide them by"):
        sn.train(start, X, X * size, **settings)
    with pytest.raises(ValueError, match=r"add up to between 1e-06 and 1e\+12.* rescale them"):
        sn.train(start, X, X, example_weights=np.full(30, size), **settings)


@pytest.mark.filterwarnings("error")
def test_evidence_warns_of_no_rise_of_costs_under_other_decays() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2, 30)), rng.standard_normal((1, 30))
    start = sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
    settings: Any = {"output": "identity", "optimizer": "lm"}
    minimum = sn.train(start, X, Y, l2=1e-4, **settings).parameters  # of next to no decay
    result = sn.train(minimum, X, Y, l2="evidence", **settings)
    assert result.costs[-1] > result.costs[0]
