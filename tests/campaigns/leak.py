"""Many fits, predictions, saves, loads and raised errors: memory grows by no more than 1 MiB.

Each kind of call is made 10,000 times after a warm-up; growth is that of the process's resident
memory, and, over a tenth as many calls, of what Python's allocators have handed out.
`python tests/campaigns/leak.py [--quick] [--calls N]`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import MEMORY, resident
from campaigns.forgery import old_model
from shallownet_native.tables import Model

LIMIT = 2**20  # bytes
KIB = 1024

Call = Callable[[], Any]


def refuses(error: type[BaseException], call: Call) -> Call:
    """Return a call that must raise."""

    def refused() -> None:
        try:
            call()
        except error:
            return
        raise AssertionError(f"no {error.__name__}")

    return refused


def native_calls() -> dict[str, Call]:
    rng = np.random.default_rng(0)
    X, start = rng.standard_normal((5, 200)), sn.initialize(5, 9, 1, seed=0)
    Y, one = (X[:1] > 0).astype(float), X[:, 0].copy()

    def train(**options: Any) -> sn.TrainingResult:
        return sn.train(start, X, Y, **options)

    def stop(_: sn.EpochState) -> None:
        raise ZeroDivisionError

    batches: dict[str, Any] = {"n_epochs": 1, "batch_size": 50, "seed": 0}
    wild = {"hidden": "identity", "output": "identity"}
    return {
        "train": lambda: train(n_iterations=2),
        "train in threads": lambda: train(n_iterations=2, n_threads=4),
        "train sgd": lambda: train(optimizer="sgd", **batches),
        "train adam, validated": lambda: train(optimizer="adam", validation=0.2, **batches),
        "gradients": lambda: sn.gradients(start, X, Y, want_dX=True),
        "forward": lambda: sn.forward(start, X),
        "predict": lambda: sn.predict(start, X, n_threads=2),
        "predict_one": lambda: sn.predict_one(start, one),
        "initialize": lambda: sn.initialize(5, 9, 1, seed=0),
        "refused shape": refuses(ValueError, lambda: sn.forward(start, X[:3])),
        "refused type": refuses(TypeError, lambda: sn.train(start, X, Y, l2=[0.1])),  # type: ignore[arg-type]
        "refused name": refuses(ValueError, lambda: sn.forward(start, X, "tahn")),
        "refused row": refuses(ValueError, lambda: sn.predict_one(start, one[:2])),
        "refused by the core": refuses(ValueError, lambda: sn.core.n_parameters((0, 1, 1))),
        "diverged": refuses(sn.DivergenceError, lambda: train(learning_rate=1e300, **wild)),
        "callback's error": refuses(ZeroDivisionError, lambda: train(callback=stop)),
    }  # fmt: skip


def file_calls(folder: Path) -> dict[str, Call]:
    parameters = sn.initialize(5, 9, 1, seed=0)
    model = Model.from_record(old_model())
    for name, thing in (("parameters", parameters), ("model", model)):
        sn.save(thing, folder / name)
    (folder / "damaged").write_bytes((folder / "model").read_bytes()[:-1] + b"\0")
    nowhere = folder / "nowhere" / "file"
    return {
        "save parameters": lambda: sn.save(parameters, folder / "parameters"),
        "save model": lambda: sn.save(model, folder / "model"),
        "load parameters": lambda: sn.load(folder / "parameters"),
        "load model": lambda: sn.load(folder / "model"),
        "refused file": refuses(sn.ModelFormatError, lambda: sn.load(folder / "damaged")),
        "no file": refuses(OSError, lambda: sn.load(nowhere)),
        "no folder": refuses(OSError, lambda: sn.save(parameters, nowhere)),
        "not to be saved": refuses(TypeError, lambda: sn.save(3, nowhere)),  # type: ignore[arg-type]
    }


def estimator_calls(folder: Path) -> dict[str, Call]:
    with contextlib.suppress(ImportError):
        import sklearn as sklearn
    if "sklearn" not in sys.modules:
        print("scikit-learn is not installed: the estimators are not run")
        return {}
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 5))
    y = np.where(X[:, 0] > 0, "yes", "no")

    def model(**options: Any) -> Any:
        return sn.ShallowNetClassifier((9,), max_iter=2, random_state=0, **options)

    def regressor(solver: str, **options: Any) -> Any:
        return sn.ShallowNetRegressor(hidden_layer_sizes=(9,), solver=solver, max_iter=2, **options)

    from pipeline_subjects import encoder, frame, numbers, subject

    fitted = model().fit(X, y)
    pipeline, table = subject("of a table"), frame()
    sn.save(pipeline, folder / "pipeline")
    coding = encoder(encoding="piecewise")
    return {
        "fit": lambda: model().fit(X, y),
        "fit, stopping early": lambda: model(early_stopping=True).fit(X, y),
        "fit by lbfgs": lambda: regressor("lbfgs").fit(X, X[:, 1]),
        "fit by lm": lambda: regressor("lm").fit(X, X[:, 1]),
        "fit from several starts": lambda: regressor("lm", n_restarts=3).fit(X, X[:, 1]),
        "partial_fit": lambda: model().partial_fit(X, y, classes=["no", "yes"]),
        "predict of an estimator": lambda: fitted.predict(X),
        "predict_proba": lambda: fitted.predict_proba(X),
        "fit of an encoder": lambda: coding.fit(table),
        "predict of a Pipeline": lambda: pipeline.predict(table),
        "refused table": refuses(ValueError, lambda: pipeline.predict(numbers())),
        "save a Pipeline": lambda: sn.save(pipeline, folder / "pipeline"),
        "load a Pipeline": lambda: sn.load(folder / "pipeline"),
        "refused fit": refuses(ValueError, lambda: model().fit(X, y[:5])),
        "refused solver": refuses(ValueError, lambda: model(solver="newton").fit(X, y)),
    }


def repeat(call: Call, n: int) -> None:
    for _ in range(n):
        call()


def growth(call: Call, n_calls: int) -> tuple[int, int]:
    """Return by how many bytes resident memory, and Python's blocks, grow with so many calls."""
    repeat(call, max(n_calls // 10, 300))  # until the allocators have got what they keep
    before = resident()
    repeat(call, n_calls)
    in_memory = resident() - before
    tracemalloc.start()
    repeat(call, max(n_calls // 100, 5))
    gc.collect()
    blocks, _ = tracemalloc.get_traced_memory()
    repeat(call, max(n_calls // 10, 20))
    gc.collect()
    in_blocks = tracemalloc.get_traced_memory()[0] - blocks
    tracemalloc.stop()
    return in_memory, in_blocks


def grown(
    n_calls: int, log: Callable[[str], object] = lambda _: None
) -> dict[str, tuple[int, int]]:
    """Return the growths of every kind of call."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        calls = {**native_calls(), **file_calls(Path(folder)), **estimator_calls(Path(folder))}
        result = {}
        for name, call in calls.items():
            result[name] = growth(call, n_calls)
            resident_kib, blocks = result[name][0] // KIB, result[name][1]
            log(f"{name:26} {resident_kib:6} KiB resident, {blocks:7} bytes in blocks")
        return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 calls of each kind")
    parser.add_argument("--calls", type=int, default=10_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # that two epochs are few
    started = time.perf_counter()
    n_calls = 300 if options.quick else options.calls
    result = grown(n_calls, lambda line: print(line, flush=True))
    worst = max(result, key=lambda name: result[name][0])
    dearest = max(result, key=lambda name: result[name][1])
    total = sum(in_memory for in_memory, _ in result.values())
    print(
        f"{len(result)} kinds of calls, {n_calls} of each: resident memory grew by at most "
        f"{result[worst][0] // KIB} KiB ({worst}), by {total // KIB} KiB in all; Python's blocks "
        f"by at most {result[dearest][1] / KIB:.1f} KiB ({dearest}) "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return int(max(total, result[worst][0], result[dearest][1]) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
