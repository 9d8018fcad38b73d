"""What `interrupted_calls` breaks off, and what may be left of it."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native.cli import program
from shallownet_native.files.snet import decode

N = 4  # epochs
RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
LABELS = np.array(["a", "b", "c"])[RNG.integers(3, size=40)]
OLD_X, OLD_LABELS = RNG.standard_normal((30, 2)), RNG.integers(2, size=30)
START = sn.initialize(3, 4, 1, "glorot_uniform", seed=0)
NUMBERS = ("n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_", "n_features_in_",
           "_no_improvement_count", "loss_curve_", "validation_scores_", "out_activation_",
           "validation_loss_curve_")  # fmt: skip


class Subject:
    """A call, and what must hold when it has been broken off."""

    def prepare(self, folder: Path) -> None:
        """Bring the world to where it was before the call."""

    def call(self) -> None:
        """Do what is broken off."""
        raise NotImplementedError

    def check(self, error: BaseException | None) -> str:
        """Say what is there after the call, which raised `error`."""
        raise NotImplementedError


class FitSubject(Subject):
    """A fit that is new, goes on with `earlier` ones, or comes after one of other data."""

    def __init__(self, *, is_refit: bool = False, method: str = "fit", **parameters: Any) -> None:
        self.is_refit = is_refit
        self.method = method
        self.parameters = {"max_iter": N, "tol": 0.0, "random_state": 0, **parameters}
        self.told: list[int] = []
        self.start: dict[str, Any] | None = None
        self.whole = cache(self.reference)

    def new(self, **more: Any) -> Any:
        model = sn.ShallowNetClassifier((4,), **{**self.parameters, **more})
        if self.is_refit:
            model.fit(OLD_X, OLD_LABELS)
        if self.method == "partial_fit" or model.warm_start:
            self.fit(model)
        return model

    def fit(self, model: Any) -> None:
        classes = {"classes": ["a", "b", "c"]} if self.method == "partial_fit" else {}
        getattr(model, self.method)(X, LABELS, **classes)

    def reference(self, n_epochs: int | None) -> dict[str, Any]:
        """Return the state after so many epochs, as a callback's interrupt leaves it, or all."""
        model = self.new()
        n_earlier = len(getattr(model, "loss_curve_", [])) if self.goes_on else 0
        if n_epochs is not None:
            model.set_params(callbacks=breaking_off(n_earlier + n_epochs - 1))
        with contextlib.suppress(KeyboardInterrupt):
            self.fit(model)
        return state_of(model)

    def is_start(self, found: dict[str, Any]) -> bool:
        """Whether this is the state that a fit begins with: always the same, and no epoch's."""
        self.start = self.start or found
        has_curves = found["loss_curve_"] or found["validation_scores_"]
        return not (has_curves or found["t_"] or differences(found, self.start))

    @property
    def goes_on(self) -> bool:
        return self.method == "partial_fit" or bool(self.parameters.get("warm_start"))

    def prepare(self, folder: Path) -> None:
        self.model = self.new()
        self.before = dict(vars(self.model))
        self.n_earlier = len(getattr(self.model, "loss_curve_", [])) if self.goes_on else 0
        self.told.clear()
        self.model.callbacks = lambda state: self.told.append(state.epoch - self.n_earlier)
        self.before["callbacks"] = self.model.callbacks

    def call(self) -> None:
        self.fit(self.model)

    def check(self, error: BaseException | None) -> str:
        now = vars(self.model)
        is_same = now.keys() == self.before.keys() and all(
            now[name] is value for name, value in self.before.items()
        )
        if is_same:
            return "WRONG: a complete epoch is lost" if self.told else "the estimator as it was"
        n_epochs = self.model.n_iter_
        if self.told and n_epochs < self.told[-1] + 1:
            return "WRONG: the last complete epoch is lost"
        self.model.predict(X)
        if error is None:
            return "the end"
        found = state_of(self.model)
        if n_epochs == 0:
            fits = not self.is_refit and not self.goes_on and self.is_start(found)
            return "the start" if fits else "WRONG: no whole start"
        wrong = differences(found, self.whole(n_epochs))
        if wrong and not differences(found, self.whole(None)):
            return "all of it"  # with the best parameters, after which only a warning was to come
        return f"WRONG: mixed state, {wrong}" if wrong else "the last complete epoch"


def state_of(model: Any) -> dict[str, Any]:
    """Return all of a fitted state that can be compared."""
    state = {name: getattr(model, name, None) for name in NUMBERS}
    optimizer = vars(model).get("_optimizer")
    if optimizer is not None:
        state.update(slots=optimizer.state, steps=optimizer.t, rate=optimizer.rate)
    scaling = vars(model).get("_standardization")
    state["centre"] = None if scaling is None else scaling.centre
    state["classes"] = model.classes_
    for k, array in enumerate([*model.coefs_, *model.intercepts_]):
        state[f"array {k}"] = array
    return state


def differences(found: dict[str, Any], right: dict[str, Any]) -> list[str]:
    return [name for name in right if not same(found.get(name), right[name])]


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and np.array_equal(one, other, equal_nan=is_number(one))


def is_number(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "f"


class TrainSubject(Subject):
    """A training, maybe with a checkpoint."""

    def __init__(self, *, has_checkpoint: bool = False, **options: Any) -> None:
        self.has_checkpoint = has_checkpoint
        self.options = options
        self.told: list[int] = []
        self.whole = cache(self.reference)

    def train(self, **more: Any) -> sn.TrainingResult:
        return sn.train(START, X.T, X[:, :1].T > 0, **{**self.options, **more})

    def reference(self, n_epochs: int) -> sn.TrainingResult:
        """Return the result after so many epochs."""
        if n_epochs == 0:
            return self.train(callback=lambda state: True)  # only its start is compared
        try:
            return self.train(callback=breaking_off(n_epochs - 1))
        except sn.TrainingInterrupted as error:
            return error.result

    def prepare(self, folder: Path) -> None:
        self.told.clear()
        self.path = folder / "training.snet"
        self.path.unlink(missing_ok=True)
        self.ended = False

    def call(self) -> None:
        kept = {"checkpoint": self.path, "every": 2} if self.has_checkpoint else {}
        self.train(callback=lambda state: self.told.append(state.epoch), **kept)
        self.ended = True

    def check(self, error: BaseException | None) -> str:
        if self.has_checkpoint:
            again = self.train(checkpoint=self.path)
            if again.parameters != self.train().parameters:
                return "WRONG: the checkpoint leads elsewhere"
        if error is None or self.ended:
            return "the end"
        if not hasattr(error, "result"):
            return "WRONG: no result" if self.told else "broken off before it began"
        result: sn.TrainingResult = error.result
        if self.told and result.n_epochs < self.told[-1] + 1:
            return "WRONG: the last complete epoch is lost"
        if result.n_epochs == 0:
            fits = result.parameters == START and not len(result.costs)
            return "no epoch yet" if fits else "WRONG: mixed result"
        right = self.whole(result.n_epochs)
        fits = result.parameters == right.parameters and all(
            np.array_equal(getattr(result, name), getattr(right, name))
            for name in ("costs", "validation_costs", "n_iterations", "learning_rate")
        )
        return "the last complete epoch" if fits else "WRONG: mixed result"


class FileSubject(Subject):
    """A call that replaces a file."""

    def __init__(self, write: Callable[[Path, int], Any], name: str, *, is_new: bool) -> None:
        self.write = write
        self.name = name
        self.is_new = is_new

    def prepare(self, folder: Path) -> None:
        self.path = folder / self.name
        self.path.unlink(missing_ok=True)
        self.write(self.path, 1)
        self.new = self.path.read_bytes()
        self.path.unlink()
        if not self.is_new:
            self.write(self.path, 0)
        self.old = None if self.is_new else self.path.read_bytes()

    def call(self) -> None:
        self.write(self.path, 1)

    def check(self, error: BaseException | None) -> str:
        content = self.path.read_bytes() if self.path.exists() else None
        if content == self.new:
            return "the end" if error is None else "the new file"
        return "the old file" if content == self.old else "WRONG: neither file"


def save_parameters(path: Path, which: int) -> None:
    sn.save(sn.initialize(3, 4 + which, 1, seed=0), path)


def predict(path: Path, which: int) -> None:
    """Let the command line write predictions."""
    folder = path.parent
    if not (folder / "m.snet").exists():
        (folder / "t.csv").write_text("w,k\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
        run("train", folder / "t.csv", "--target", "k", "--epochs", "1", "--out", folder / "m.snet")
    more = ["--probabilities"] * which
    run("predict", folder / "m.snet", folder / "t.csv", "--out", path, *more)


def run(*arguments: object) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = program.main([os.fspath(a) if isinstance(a, Path) else str(a) for a in arguments])
    if code == program.INTERRUPTED:
        raise KeyboardInterrupt
    assert code == 0


def fields(path: Path) -> dict[str, Any]:
    return decode(path.read_bytes()).fields


BATCHES = {"n_epochs": N, "batch_size": 13, "seed": 0, "optimizer": "adam"}
SUBJECTS: dict[str, Callable[[], Subject]] = {
    "fit": FitSubject,
    "fit in batches": lambda: FitSubject(batch_size=13, standardize=True),
    "fit with early stopping": lambda: FitSubject(early_stopping=True, solver="sgd"),
    "fit by lbfgs": lambda: FitSubject(solver="lbfgs"),
    "fit by lm": lambda: FitSubject(solver="lm"),
    "refit": lambda: FitSubject(is_refit=True),
    "refit by lbfgs": lambda: FitSubject(is_refit=True, solver="lbfgs"),
    "warm start": lambda: FitSubject(warm_start=True),
    "partial fit": lambda: FitSubject(method="partial_fit"),
    "train": lambda: TrainSubject(n_iterations=N),
    "train in batches": lambda: TrainSubject(**BATCHES),
    "train with validation": lambda: TrainSubject(**BATCHES, validation=0.3),
    "train with checkpoints": lambda: TrainSubject(**BATCHES, has_checkpoint=True),
    "save": lambda: FileSubject(save_parameters, "m.snet", is_new=False),
    "save anew": lambda: FileSubject(save_parameters, "m.snet", is_new=True),
    "predict": lambda: FileSubject(predict, "p.csv", is_new=False),
}
