"""`learning_curve`: every cost where it was taken, of functions and of estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier, reference

curve = sn.plotting.learning_curve


def train(**options: Any) -> Any:
    X, Y = sn.datasets.flower()
    start = sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
    return sn.train(start, X, Y, seed=0, **options)


def points(ax: Any) -> dict[str, Any]:
    return {line.get_label(): np.array(line.get_data(), float) for line in ax.lines}


@pytest.mark.parametrize("every", [1, 10, 7])
def test_curve_has_each_cost_at_its_iteration(every: int) -> None:
    """What stands at iteration k is the oracle's cost of the parameters after k steps."""
    result = train(n_iterations=31, cost_every=every)
    ax = curve(result)
    x, costs = points(ax)["training"]
    assert np.array_equal(x, np.arange(0, 31, every)) and ax.get_xlabel() == "iteration"
    X, Y = sn.datasets.flower()
    for k in (0, len(x) - 1):
        parameters = train(n_iterations=int(x[k])).parameters if x[k] else None
        parameters = parameters or sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
        assert costs[k] == pytest.approx(reference.cost(*parameters, X, Y, "tanh", "sigmoid"))


def test_curve_of_mini_batches_and_validation_shares_one_axis() -> None:
    result = train(n_epochs=6, batch_size=100, validation=0.25, learning_rate=0.3)
    drawn = points(curve(result))
    assert np.array_equal(drawn["validation"][0], 3.0 * np.arange(1, 7)), "after 3 steps each"
    assert np.array_equal(drawn["validation"][1], result.validation_costs)
    x, costs = drawn["training"]
    assert np.array_equal(costs, result.costs) and np.array_equal(x, 3.0 * np.arange(6) + 1)


def test_curve_marks_the_best_of_early_stopping() -> None:
    result = train(n_iterations=3000, validation=0.2, learning_rate=9.0, n_iter_no_change=20)
    assert result.stopped_by == "early_stopping"
    drawn = points(curve(result))
    [label] = set(drawn) - {"training", "validation"}
    best = drawn[label][0][0]
    assert best == result.best_epoch + 1 and label == f"best: iteration {best:g}"
    x, costs = drawn["validation"]
    assert costs[x == best] == costs.min()


@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")
def test_curve_without_costs_of_training_has_those_of_validation(refused: Any) -> None:
    drawn = points(curve(train(n_iterations=5, cost_every=0, validation=0.2)))
    assert set(drawn) == {"validation", "best: iteration 5"}


def test_curve_of_nothing_is_an_error(refused: Any) -> None:
    for result in (train(n_iterations=5, cost_every=0), train(n_iterations=0)):
        assert "has recorded no costs" in refused(ValueError, curve, result)
    message = refused(TypeError, curve, sn.initialize(2, 3, 1))
    assert message.endswith(
        "got Parameters: the costs are in the TrainingResult, whose parameters these are"
    )
    assert "got int" in refused(TypeError, curve, 3)
    assert "log must be True or False" in refused(TypeError, curve, train(n_iterations=3), log="y")


def test_curve_of_one_cost_is_a_point() -> None:
    [line] = curve(train(n_iterations=1)).lines
    assert line.get_marker() == "o" and len(line.get_xdata()) == 1
    assert curve(train(n_iterations=2)).lines[0].get_marker() == "None"


def test_curve_may_be_logarithmic() -> None:
    result = train(n_iterations=20)
    assert curve(result).get_yscale() == "linear" and curve(result, log=True).get_yscale() == "log"


def test_curve_of_a_divergence_ends_where_it_ended() -> None:
    with pytest.raises(sn.DivergenceError) as caught:
        train(n_iterations=50, learning_rate=1e200, output="identity")
    x, costs = points(curve(caught.value.result))["training"]
    assert len(x) == len(caught.value.result.costs) >= 1 and np.isfinite(costs[0])


def test_curve_of_estimators_counts_epochs(fitted: Any) -> None:
    X, y = sn.datasets.noisy_moons(seed=0, return_rows=True)
    model = ShallowNetClassifier((5,), max_iter=12, early_stopping=True, random_state=0)
    fitted(make_pipeline(StandardScaler(), model), X, y)
    pipeline = fitted(make_pipeline(StandardScaler(), model), X, y)
    ax = curve(pipeline)
    drawn = points(ax)
    assert ax.get_xlabel() == "epoch" and set(drawn) == {"training", "validation"}
    losses, after = pipeline[-1].loss_curve_, pipeline[-1].validation_loss_curve_
    assert np.array_equal(drawn["training"], (np.arange(len(losses)) + 0.5, losses))
    assert np.array_equal(drawn["validation"], (np.arange(len(after)) + 1, after))


@pytest.mark.parametrize(("solver", "first"), [("gd", 0), ("lbfgs", 1)])
def test_curve_of_full_batches_has_equal_costs_at_equal_places(
    fitted: Any, solver: str, first: int
) -> None:
    X, y = sn.datasets.noisy_moons(seed=0, return_rows=True)
    model = ShallowNetClassifier((5,), solver=solver, max_iter=9, alpha=0.0, random_state=0)
    ax = curve(fitted(model, X, y, X_val=X, y_val=y))  # the very data of the training
    drawn = points(ax)
    assert ax.get_xlabel() == "iteration"
    costs, after = (dict(zip(*drawn[label], strict=True)) for label in ("training", "validation"))
    assert min(costs) == first and min(after) == 1
    shared = sorted(costs.keys() & after.keys())
    assert len(shared) == 8 + first
    # the same sums, divided in another order
    assert np.allclose([costs[x] for x in shared], [after[x] for x in shared], rtol=1e-12, atol=0)
