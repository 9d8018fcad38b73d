"""What the tests of `train_many` share: five networks on one problem, and what each is alone."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

import shallownet_native as sn

M, N_X, N = 60, 3, 5
SIZES = (4, 1, 17, 3, 8)
RATES = (0.05, 0.02, 0.1, 0.03, 0.07)
DECAYS = (0.0, 1e-3, 0.01, 0.1, 0.003)
SEEDS = (3, 0, 3, 2**40, 7)
NEVER = 10**6  # epochs in a row that must stall: training goes on to its end


def draw(n_y: int = 1, output: str = "sigmoid", dtype: Any = np.float64, m: int = M) -> Any:
    """Return X (3, m) and Y (n_y, m): noise but for a little, so that more training is worse."""
    random = np.random.default_rng([m, n_y])
    X = random.standard_normal((N_X, m)).astype(dtype)
    score = X[0] - X[1] * X[2] + 1.5 * random.standard_normal(m)
    if output == "softmax":
        Y = np.eye(n_y)[np.digitize(score, np.linspace(-1, 1, n_y - 1))].T
    elif output == "sigmoid":
        Y = np.stack([score > shift for shift in range(n_y)]).astype(float)
    else:
        Y = np.stack([np.abs(score + shift) for shift in range(n_y)])
    return X, Y.astype(dtype)


def draw_starts(n_y: int = 1, dtype: Any = np.float64, sizes: Any = SIZES) -> list[sn.Parameters]:
    """Return a start of each size."""
    return [
        sn.initialize(N_X, n_h, n_y, "glorot_uniform", seed=seed, dtype=dtype)
        for seed, n_h in enumerate(sizes)
    ]


def draw_masks(n: int = N, m: int = M) -> Any:
    """Return (n, m) bool: folds, the last of which overlaps with the others and is larger."""
    fold = np.random.default_rng(1).permutation(m) % max(n - 1, 2)
    masks = np.stack([fold == k for k in range(n)])
    masks[-1] = fold < (2 if n > 3 else 1)
    return masks


def one_of(option: Any, k: int) -> Any:
    """Return network k's own of an option that may have one for each."""
    return option[k] if isinstance(option, (tuple, list, np.ndarray)) else option


def arguments_alone(k: int, X: Any, Y: Any, options: dict[str, Any]) -> Any:
    """Return X, Y and the options by which `sn.train` trains network k."""
    options = dict(options)
    seeds, masks = options.pop("seeds", None), options.pop("held_out", None)
    best = options.pop("best", None)
    for name in ("learning_rate", "l2"):
        if name in options:
            options[name] = one_of(options[name], k)
    options["seed"] = None if seeds is None else seeds[k]
    if masks is None:
        return X, Y, options
    out = np.asarray(masks)[k]
    if options.get("example_weights") is not None:
        options["example_weights"] = np.asarray(options["example_weights"])[~out]
    if best is not None:
        options["validation"] = (X[:, out], Y[:, out])
        options["early_stopping"] = best == "own"
        if options.get("tol") is None:
            options["n_iter_no_change"] = NEVER
    return X[:, ~out], Y[:, ~out], options


def train_alone(start: Any, k: int, X: Any, Y: Any, **options: Any) -> sn.TrainingResult:
    """Return what `sn.train` makes of network k; if it diverges, what it had before."""
    X, Y, options = arguments_alone(k, X, Y, options)
    try:
        return sn.train(start, X, Y, **options)
    except sn.DivergenceError as error:
        return error.result


def same(one: Any, other: Any) -> bool:
    """Whether two values have the same bits; NaN is NaN."""
    if isinstance(one, sn.Parameters):
        known = one.known_units == other.known_units
        return known and one.shape == other.shape and same(one.flat, other.flat)
    if isinstance(one, np.ndarray):
        alike = (one.dtype, one.shape) == (other.dtype, other.shape)
        return alike and one.tobytes() == other.tobytes()
    return type(one) is type(other) and (one == other or (one != one and other != other))


def differing(one: sn.TrainingResult, other: sn.TrainingResult) -> list[str]:
    """Return in which attributes two results differ, but for the time that they took."""
    names = [field.name for field in fields(sn.TrainingResult) if field.name != "seconds"]
    return [name for name in names if not same(getattr(one, name), getattr(other, name))]


def assert_as_alone(starts: Any, X: Any, Y: Any, n_threads: int | None, **options: Any) -> Any:
    """Train all at once and each alone; every bit of the results must be the same."""
    results = sn.train_many(starts, X, Y, n_threads=n_threads, **options)
    assert len(results) == len(starts)
    for k, start in enumerate(starts):
        alone = train_alone(start, k, X, Y, **options)
        assert differing(results[k], alone) == [], f"network {k}"
    assert results.stopped_by.tolist() == [result.stopped_by for result in results]
    return results
