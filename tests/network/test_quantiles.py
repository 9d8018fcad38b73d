"""The output "quantile": its loss and what follows from it, its quantile, and what it refuses."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference

GOLDEN = Path(__file__).parents[1] / "golden" / "parameters-3.snet"
LEVELS = [0.05, 0.5, 0.9]
ONE = sn.Parameters(None, None, [[1.0]], [[0.0]])  # its logit is its input


def draw(seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2, 400))
    return X, np.sin(2 * X[:1]) + rng.gumbel(size=(1, 400)) / 2


# the loss


@pytest.mark.parametrize("level", LEVELS)
def test_quantiles_loss_by_hand(level: float) -> None:
    # Targets 2 above the outputs cost 2 q, targets 2 below them 2 (1 - q).
    for x, y, loss, delta in [
        (1.0, 3.0, 2 * level, -level), (1.0, -1.0, 2 * (1 - level), 1 - level),
        (1.0, 1.0, 0.0, 1 - level),
    ]:  # fmt: skip
        given: dict[str, Any] = {"output": "quantile", "quantile": level}
        J, gradients = sn.gradients(ONE, [[x]], [[y]], **given)
        assert pytest.approx(loss, rel=1e-15) == J == sn.cost(ONE, [[x]], [[y]], **given)
        assert gradients.db2 == pytest.approx(delta, rel=1e-15)


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("shape", [(3, 4, 1), (3, 5, 2), (2, 40, 3), (4, 0, 2)], ids=str)
def test_quantiles_gradients_equal_the_oracle(
    make_problem: Any, assert_agree: Any, dtype: Any, shape: Any, level: float, weighted: bool
) -> None:
    problem = make_problem(shape, 150, "silu", "quantile", dtype, weighted=weighted, l2=0.1)
    kind = (problem.hidden or "identity", "quantile", 0.01)
    given = (*problem.parameters, problem.X, problem.Y, *kind)
    expected = reference.gradients(*given, 0.1, problem.example_weights, level)
    data = (problem.start, problem.X.astype(dtype), problem.Y.astype(dtype))
    options: dict[str, Any] = {"hidden": "silu", "output": "quantile", "quantile": level}
    weights = {"l2": 0.1, "example_weights": problem.example_weights}
    J, found = sn.gradients(*data, **options, **weights, want_dX=True)
    assert_agree((J, *found), expected, dtype)
    rows = reference.example_gradients(*given, level)
    assert_agree([sn.example_gradients(*data, **options)], [rows], dtype)
    J_of = sn.jacobian(problem.start, data[1], hidden="silu", output="quantile")
    logits = sn.jacobian(problem.start, data[1], hidden="silu", output="quantile", of="logits")
    assert (J_of == logits).all()


@pytest.mark.parametrize("level", LEVELS)
def test_quantiles_oracle_is_the_complex_step(make_problem: Any, level: float) -> None:
    problem = make_problem((3, 4, 2), 30, "mish", "quantile", weighted=True)
    rest = ("mish", "quantile", 0.01, 0.1, problem.example_weights, level)
    derivatives = reference.gradients(*problem.parameters, problem.X, problem.Y, *rest)[1:5]
    for k, dP in enumerate(derivatives):
        for index in np.ndindex(dP.shape):
            arrays = [P.astype(complex) for P in problem.parameters]
            arrays[k][index] += 1e-20j
            step = np.imag(reference.cost(*arrays, problem.X, problem.Y, *rest)) / 1e-20
            assert dP[index] == pytest.approx(step, rel=1e-12, abs=1e-15)


def test_quantiles_keep_what_is_no_number(core: Any, dtype: Any) -> None:
    theta = np.array([1.0, 0.0], dtype)
    x, y = np.array([[np.nan], [np.inf]], dtype), np.zeros((2, 1), dtype)
    given = (None, "", "quantile", 0.0, 0.0, 1)
    assert np.isnan(core.cost(theta, (1, 0, 1), x[:1], y[:1], *given))
    assert np.isnan(core.gradients(theta, (1, 0, 1), x[:1], y[:1], *given, False)[1]).all()
    assert core.cost(theta, (1, 0, 1), x[1:], y[1:], *given) == np.inf


# training


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_quantiles_are_what_so_many_targets_lie_below(level: float, optimizer: str) -> None:
    X, Y = draw()
    start = sn.initialize(2, 6, 1, "glorot_uniform", seed=0)
    rate = {"learning_rate": 0.02} if optimizer == "adam" else {}
    result = sn.train(
        start, X, Y, hidden="silu", output="quantile", quantile=level, optimizer=optimizer,
        n_iterations=1500, **rate,
    )  # fmt: skip
    share = np.mean(Y < sn.predict(result.parameters, X))
    # At a minimum some outputs stand on targets, at most one for each of the 25 parameters, and
    # adam's steps go on.
    assert abs(share - level) <= 0.03
    assert result.costs[-1] < 0.8 * result.costs[0]
    # what the result knows is what the cost was of
    assert sn.cost(result.parameters, X, Y) == pytest.approx(min(result.costs), rel=1e-2)


def test_quantiles_held_out_costs_and_choices_of_starts_are_of_the_same_quantile() -> None:
    X, Y = draw()
    low, high = (sn.Parameters(None, None, [[0.0, 0.0]], [[b]]) for b in (0.0, 3.0))
    how: dict[str, Any] = {"output": "quantile", "learning_rate": 1e-9, "n_iterations": 2}
    for level, better in ((0.1, low), (0.95, high)):
        result = sn.train(None, X, Y, starts=[low, high], quantile=level, **how)
        assert np.allclose(result.parameters.flat, better.flat)
        held_out = (X[:, :50], Y[:, :50])
        result = sn.train(low, X, Y, quantile=level, validation=held_out, **how)
        cost = sn.cost(low, *held_out, output="quantile", quantile=level)
        assert result.validation_costs[0] == pytest.approx(cost, rel=1e-6)


def test_quantiles_many_networks_are_those_alone() -> None:
    X, Y = draw()
    starts = [sn.initialize(2, 4, 1, "glorot_uniform", seed=seed) for seed in range(3)]
    how: dict[str, Any] = {"output": "quantile", "quantile": 0.8, "n_iterations": 20}
    for one, start in zip(sn.train_many(starts, X, Y, **how), starts, strict=True):
        alone = sn.train(start, X, Y, **how)
        assert (one.parameters.flat == alone.parameters.flat).all()
        assert one.parameters.quantile == 0.8 and list(one.costs) == list(alone.costs)


@pytest.mark.parametrize("optimizer", ["gd", "lbfgs"])
def test_quantiles_go_on_from_a_checkpoint_of_the_same_quantile(
    optimizer: str, tmp_path: Path
) -> None:
    X, Y = draw()
    start = sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
    how: dict[str, Any] = {"output": "quantile", "optimizer": optimizer, "every": 4}
    path = tmp_path / "c.snet"
    whole = sn.train(start, X, Y, quantile=0.8, n_iterations=12, **how)
    for n in (6, 12):
        result = sn.train(start, X, Y, quantile=0.8, n_iterations=n, checkpoint=path, **how)
    assert (result.parameters.flat == whole.parameters.flat).all()
    with pytest.raises(ValueError, match="differs in its options"):
        sn.train(start, X, Y, quantile=0.7, n_iterations=12, checkpoint=path, **how)


# what is refused


def test_quantiles_have_no_second_derivatives() -> None:
    X, Y = draw()
    start = sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
    words = r"second derivatives of the loss.*'quantile' has a kink at each target: use"
    for call in (sn.hessian, sn.gauss_newton, sn.largest_curvature):
        with pytest.raises(ValueError, match=words):
            call(start, X, Y, output="quantile")
    with pytest.raises(ValueError, match=words):
        sn.hessian_vector_product(start, X, Y, start.flat, output="quantile")
    for l2 in (0.1, "evidence"):
        with pytest.raises(ValueError, match=r"lm needs second derivatives.*use lbfgs or adam"):
            sn.train(start, X, Y, output="quantile", optimizer="lm", l2=l2)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, np.nan])
def test_quantiles_lie_between_0_and_1(level: float) -> None:
    with pytest.raises(ValueError, match=r"quantile must be in \(0, 1\)"):
        sn.cost(ONE, [[1.0]], [[1.0]], output="quantile", quantile=level)
    with pytest.raises(ValueError, match=r"quantile must be in \(0, 1\)"):
        sn.Parameters(*ONE, output="quantile", quantile=level)


# what parameters know

COPIES: dict[str, Any] = {
    "copy": lambda p: p.copy(),
    "deep copy": copy.deepcopy,
    "pickle": lambda p: pickle.loads(pickle.dumps(p)),
    "astype": lambda p: p.astype(np.float64),
    "frozen": lambda p: p.copy().freeze(),
    "record": lambda p: sn.Parameters.from_record(p.to_record()),
}


@pytest.mark.parametrize("kept", COPIES.values(), ids=COPIES)
def test_quantiles_are_known(kept: Any) -> None:
    parameters = sn.Parameters(*ONE, output="quantile", quantile=0.9)
    again = kept(parameters)
    assert again == parameters and again.quantile == 0.9
    assert repr(again).endswith("output='quantile', quantile=0.9)")
    assert sn.cost(again, [[0.0]], [[1.0]]) == 0.9
    assert again != sn.Parameters(*ONE, output="quantile", quantile=0.8)
    with pytest.raises(ValueError, match=r"quantile=0\.3 was given.*quantile=0\.9: leave"):
        sn.cost(again, [[0.0]], [[1.0]], quantile=0.3)


def test_quantiles_are_none_of_other_outputs() -> None:
    same = (ONE, [[0.5]], [[1.0]], "tanh", "identity")
    assert sn.cost(*same, quantile=0.9) == sn.cost(*same)
    result = sn.train(*same[:3], output="identity", quantile=0.9, n_iterations=2)
    assert result.parameters.quantile is None
    known = sn.Parameters(*ONE, output="identity", quantile=0.9)
    assert known == sn.Parameters(*ONE, output="identity") and "quantile" not in repr(known)


def test_quantiles_golden_file_of_version_3_keeps_loading(tmp_path: Path) -> None:
    """The file was written when the version came and stays as it is."""
    expected = sn.Parameters(
        [[1.0, 2.0]], [[-0.5]], [[3.0]], [[0.25]], hidden="silu", output="quantile", quantile=0.9
    )
    loaded = sn.load(GOLDEN)
    assert loaded == expected and (loaded.hidden, loaded.quantile) == ("silu", 0.9)
    sn.save(loaded, tmp_path / "again.snet")
    assert (tmp_path / "again.snet").read_bytes() == GOLDEN.read_bytes()


@pytest.mark.parametrize("change", [{"quantile": 1.0}, {"quantile": "0.9"}, {"quantile": True}])
def test_quantiles_that_a_file_makes_up_are_refused(change: Any) -> None:
    record = sn.load(GOLDEN).to_record()
    made = replace(record, fields={**record.fields, **change})
    with pytest.raises(sn.ModelFormatError, match="quantile must be"):
        sn.Parameters.from_record(made)
