"""Who is told of a fit and its epochs: who reads along, and scikit-learn's callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..._extras.progress import Advance, progress
from ..._extras.scikit_learn import has_callback_protocol
from ...training import EpochState, Patience
from ..parameters import check_callbacks
from .coefs import stored_attributes
from .publishing import Draft


class EpochPrinter:
    """Prints what scikit-learn prints of epochs.

    Parameters
    ----------
    patience : Patience
    is_adaptive : bool
    n_earlier : int
        Epochs of earlier fits.
    label : str
        Before each line: which fit it is of, if there are several.
    """

    def __init__(self, patience: Patience, is_adaptive: bool, n_earlier: int, label: str) -> None:
        self.what = "Validation score" if patience.watches == "scores" else "Training loss"
        self.patience = patience
        self.is_adaptive = is_adaptive
        self.n_earlier = n_earlier
        self.label = label

    def end_epoch(self, state: EpochState) -> None:
        """Print an epoch."""
        epoch = state.epoch + 1 - self.n_earlier
        print(f"{self.label}Iteration {epoch}, loss = {state.cost:.8f}")
        if state.validation_score is not None:
            print(f"{self.label}Validation score: {state.validation_score:f}")

    def stall(self, rate: float | None) -> None:
        """Print that nothing improves, and the rate to go on with, or None: it ends."""
        end = "Learning rate too small. Stopping." if self.is_adaptive else "Stopping."
        print(
            f"{self.label}{self.what} did not improve more than tol={self.patience.tol:f} for "
            f"{self.patience.limit:.0f} consecutive epochs.",
            end if rate is None else f"Setting learning rate to {rate:f}",
        )


class Listeners:
    """All that listen to the fits of one call, of which there may be many side by side.

    scikit-learn's own callbacks (`set_callbacks`, new in 1.9) have a task for the call, and in it
    one for every epoch. Where there are none, or nobody has set any, epochs have no tasks.

    Parameters
    ----------
    estimator : estimator
        Whose fit was called.
    n_epochs : int
        At most, of all fits.
    X, y, sample_weight
        What callbacks are shown: the data as they were given to `fit`.
    """

    def __init__(self, estimator: Any, n_epochs: int, X: Any, y: Any, sample_weight: Any) -> None:
        self.callbacks = check_callbacks(estimator.callbacks)
        self.has_tasks = has_callback_protocol and hasattr(estimator, "_skl_callbacks")
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.shown = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.advance: Advance | None = None  # of a progress bar, if there is one
        self.epochs: list[EpochTasks] = []
        self.fit: Any = None
        if has_callback_protocol:
            self.fit = estimator._init_callback_context(max_subtasks=n_epochs)
            self.fit.call_on_fit_task_begin(**self.shown)

    @property
    def look(self) -> bool:
        """Whether somebody looks at epochs, other than a progress bar."""
        return self.has_tasks or bool(self.callbacks)

    def of(self, draft: Draft) -> dict[str, Any]:
        """Return who is to be told of the epochs of one fit, as `Fit` takes them."""
        callbacks, on_begin = list(self.callbacks), None
        if self.has_tasks:
            tasks = EpochTasks(draft, self.fit, self.shown)
            self.epochs.append(tasks)
            callbacks.append(tasks.end_epoch)
            on_begin = tasks.begin_epoch
        return {"callbacks": callbacks, "on_begin": on_begin}

    def end(self) -> None:
        """Say that the fit has ended, and first that epochs broken off have."""
        for tasks in self.epochs:
            tasks.end()
        if self.fit is not None:
            self.fit.call_on_fit_task_end(**self.shown, reconstruction_attributes={})


@contextmanager
def listening(
    estimator: Any, n_epochs: int, X: Any, y: Any, sample_weight: Any, label: str = "training"
) -> Iterator[Listeners]:
    """Gather all that listen to a call of `fit`, show its progress, and say when it has ended."""
    listeners = Listeners(estimator, n_epochs, X, y, sample_weight)
    with progress(n_epochs, label, is_shown=estimator.progress) as advance:
        listeners.advance = advance
        yield listeners
    listeners.end()


class EpochTasks:
    """The epochs of one fit, to scikit-learn's callbacks."""

    def __init__(self, draft: Draft, fit: Any, shown: dict[str, Any]) -> None:
        self.draft = draft
        self.fit = fit
        self.shown = shown
        self.epoch: Any = None  # the context of the one under way

    def begin_epoch(self) -> None:
        """Say that an epoch begins, unless one is under way."""
        if self.epoch is None:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.shown)

    def end_epoch(self, state: EpochState) -> bool:
        """Say that the epoch has ended, and return whether a callback asks to stop."""
        epoch, self.epoch = self.epoch, None

        def attributes() -> dict[str, Any]:
            return {**self.draft.changes(), **stored_attributes(state.parameters)}

        return bool(epoch.call_on_fit_task_end(**self.shown, reconstruction_attributes=attributes))

    def end(self) -> None:
        """Say that an epoch broken off has ended."""
        if self.epoch is not None:
            self.epoch.call_on_fit_task_end(estimator=self.shown["estimator"])
