"""Print a digest of what each of many trainings leaves, to be compared before and after a change.

Weights, costs, scores and predictions of functions, estimators and resumed checkpoints, drawn from
fixed seeds and reached through public names only, so that the same program runs on both sides of a
change that is to move no bit. Numbers of threads must not change a digest either.

Run it as ``python tests/campaigns/bits.py [--threads 1 2 8] [--out FILE]``, once for each CPU level
(``SHALLOWNET_LEVEL``), and compare two outputs with ``--against FILE``. It fails if threads or the
other output disagree.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import digest

Run = Callable[[int], Any]  # from a number of threads to arrays and numbers

HIDDEN = ("tanh", "relu", "leaky_relu", "sigmoid", "identity")
OUTPUTS = ("sigmoid", "softmax", "identity", "exp")
SOLVERS = ("adam", "sgd", "gd", "lbfgs", "lm")
BATCHES = {"optimizer": "sgd", "batch_size": 40, "n_epochs": 4, "seed": 2}


def columns(output: str, dtype: Any, m: int = 300, n_x: int = 7, n_y: int = 3) -> tuple[Any, Any]:
    rng = np.random.RandomState(5)
    X = rng.normal(size=(n_x, m)).astype(dtype)
    if output == "softmax":
        Y = np.eye(n_y)[rng.randint(n_y, size=m)].T
    elif output == "sigmoid":
        Y = (rng.random_sample((n_y, m)) < 0.4).astype(float)
    else:
        Y = rng.poisson(2.0, size=(n_y, m)).astype(float)
    return X, Y


def of_result(result: Any) -> tuple[Any, ...]:
    return (
        result.parameters.flat, result.costs, result.validation_costs, result.n_iterations,
        result.n_epochs, result.learning_rate, result.best_epoch,
    )  # fmt: skip


def train(hidden: str, output: str, dtype: str, options: dict[str, Any], n_threads: int) -> Any:
    X, Y = columns(output, dtype)
    start = sn.initialize(7, 20, 3, "glorot_uniform", seed=np.random.RandomState(1), dtype=dtype)
    weights = options.get("example_weights")
    options = {**options, "example_weights": None if weights is None else weights(X.shape[1])}
    result = sn.train(start, X, Y, hidden=hidden, output=output, n_threads=n_threads, **options)
    passed = sn.forward(result.parameters, X, hidden, output, n_threads=n_threads)
    J, parts = sn.gradients(
        result.parameters, X, Y, hidden, output, l2=0.1, want_dX=True, n_threads=n_threads
    )
    predicted = sn.predict(result.parameters, X, hidden, output, n_threads=n_threads)
    return (*of_result(result), *passed, J, *parts, predicted)


def resumed(options: dict[str, Any], lengths: tuple[int, int], n_threads: int) -> Any:
    """Train a part, and go on from the checkpoint: to the bits of a training at one go."""
    X, Y = columns("softmax", "float64")
    start = sn.initialize(7, 20, 3, "glorot_uniform", seed=np.random.RandomState(1))
    counted = "n_epochs" if "batch_size" in options else "n_iterations"
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "c.snet"))
        for length in lengths:
            result = sn.train(
                start, X, Y, output="softmax", checkpoint=path, every=3, n_threads=n_threads,
                **{counted: length}, **options,
            )  # fmt: skip
    return of_result(result)


def rows(kind: str, dtype: str) -> tuple[Any, Any]:
    rng = np.random.RandomState(3)
    X = rng.normal(size=(350, 6)).astype(dtype)
    score = X[:, 0] - X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=350)
    targets = {
        "binary": np.where(score > 0, "yes", "no"),
        "classes": np.digitize(score, [-0.5, 0.5]),
        "labels": (np.c_[score, -score, X[:, 0]] > 0.2).astype(int),
        "numbers": score,
        "outputs": np.c_[score, X[:, 1]],
        "counts": rng.poisson(np.exp(np.clip(score, -2, 2))).astype(float),
    }
    return X, targets[kind]


def of_estimator(model: Any, X: Any) -> tuple[Any, ...]:
    names = ("loss_", "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")
    found = [getattr(model, name, None) for name in names]
    looks = getattr(model, "validation_loss_curve_", None)
    return (
        *model.coefs_,
        *model.intercepts_,
        *found,
        looks,
        model.n_iter_,
        model.t_,
        of_rows(model, X),
    )


def of_rows(model: Any, X: Any) -> Any:
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def estimator(kind: str, dtype: str, options: dict[str, Any], how: str, n_threads: int) -> Any:
    X, y = rows(kind, dtype)
    is_class = kind in ("binary", "classes", "labels")
    made = sn.ShallowNetClassifier if is_class else sn.ShallowNetRegressor
    loss = {"loss": "poisson"} if kind == "counts" else {}
    options = {"hidden_layer_sizes": (15,), "max_iter": 12, "random_state": 7, **loss, **options}
    model = made(n_threads=n_threads, **options)
    if how == "partial":
        for _ in range(3):
            model.partial_fit(X, y, **({"classes": np.unique(y)} if kind == "classes" else {}))
    elif how == "checkpoint":
        with tempfile.TemporaryDirectory() as folder:
            model.set_params(
                checkpoint=str(Path(folder, "c.snet")), checkpoint_every=2, max_iter=5
            ).fit(X, y)
            model.set_params(max_iter=12).fit(X, y)
    elif how == "warm":
        model.set_params(warm_start=True).fit(X, y).fit(X, y)
    elif how == "validation":
        model.fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    elif how == "weights":
        model.fit(X, y, sample_weight=np.arange(350) % 3)
    else:
        model.fit(X, y)
    return of_estimator(model, X)


def of_functions() -> Iterator[tuple[str, Run]]:
    weights = {"example_weights": lambda m: np.arange(m) % 4 / 2}
    ways: dict[str, dict[str, Any]] = {
        "gd": {"n_iterations": 30, "l2": 0.01},
        "gd weighted": {"n_iterations": 15, **weights},
        "gd adaptive tol": {
            "n_iterations": 60, "schedule": "adaptive", "tol": 1e-3, "n_iter_no_change": 2,
        },
        "sgd": BATCHES,
        "sgd invscaling": {**BATCHES, "schedule": "invscaling", "nesterov": False},
        "adam": {**BATCHES, "optimizer": "adam", "l2": 0.01},
        "adam stopping": {
            **BATCHES, "optimizer": "adam", "n_epochs": 40, "learning_rate": 0.05,
            "validation": 0.2, "early_stopping": True, "n_iter_no_change": 3,
        },
        "gd looks": {"n_iterations": 40, "cost_every": 7, "validation": 0.25, "seed": 1},
    }  # fmt: skip
    for (name, options), output, dtype in itertools.product(
        ways.items(), OUTPUTS, ("float32", "float64")
    ):
        yield f"train {name}, {output}, {dtype}", partial(train, "tanh", output, dtype, options)
    for hidden in HIDDEN:
        yield f"train {hidden}", partial(train, hidden, "softmax", "float64", ways["adam"])
    for name in ("gd", "sgd", "sgd invscaling", "adam"):
        options = {k: v for k, v in ways[name].items() if k not in ("n_iterations", "n_epochs")}
        yield f"resumed {name}", partial(resumed, options, (5, 11))
    stopping = {k: v for k, v in ways["adam stopping"].items() if k != "n_epochs"}
    yield "resumed adam stopping", partial(resumed, stopping, (4, 40))


def of_estimators() -> Iterator[tuple[str, Run]]:
    kinds = ("binary", "classes", "labels", "numbers", "outputs", "counts")
    for kind, solver, dtype in itertools.product(kinds, SOLVERS, ("float32", "float64")):
        options = {"solver": solver, "learning_rate_init": 0.01}
        yield f"fit {kind}, {solver}, {dtype}", partial(estimator, kind, dtype, options, "fit")
    stopping = {
        "early_stopping": True,
        "learning_rate_init": 0.05,
        "n_iter_no_change": 2,
        "max_iter": 40,
    }
    for kind, solver in itertools.product(("binary", "classes", "numbers"), SOLVERS):
        yield (
            f"stopping {kind}, {solver}",
            partial(estimator, kind, "float64", {"solver": solver, **stopping}, "fit"),
        )
    for schedule in ("invscaling", "adaptive"):
        options = {
            "solver": "sgd",
            "learning_rate": schedule,
            "tol": 0.05,
            "n_iter_no_change": 2,
            "max_iter": 40,
        }
        for how in ("fit", "warm", "checkpoint", "partial"):
            yield f"{schedule} {how}", partial(estimator, "classes", "float64", options, how)
    for how in ("partial", "checkpoint", "warm", "validation", "weights"):
        for solver, kind in (("adam", "classes"), ("sgd", "numbers")):
            options = {
                "solver": solver,
                "standardize": True,
                "activation": "tanh",
                "learning_rate_init": 0.01,
            }
            yield f"{how} {solver}, {kind}", partial(estimator, kind, "float64", options, how)
    yield (
        "class_weight",
        partial(estimator, "binary", "float64", {"class_weight": "balanced"}, "fit"),
    )
    yield (
        "no hidden layer",
        partial(estimator, "classes", "float64", {"hidden_layer_sizes": ()}, "fit"),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 8])
    parser.add_argument("--out", type=Path, help="write the lines to this file, too")
    parser.add_argument("--against", type=Path, help="an earlier output to compare with")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    lines, wrong = [], 0
    for name, run in itertools.chain(of_functions(), of_estimators()):
        found = {digest(run(n)) for n in options.threads}
        wrong += len(found) > 1
        lines.append(f"{'/'.join(sorted(found))}  {name}")
    text = "\n".join(lines) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text, end="")
    print(f"{len(lines)} configurations, threads {options.threads}: {wrong} depend on them")
    if options.against:
        earlier = options.against.read_text(encoding="utf-8").splitlines()
        moved = sorted(set(lines) ^ set(earlier))
        print(*moved, f"{len(moved)} lines differ from {options.against}", sep="\n")
        wrong += len(moved)
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
