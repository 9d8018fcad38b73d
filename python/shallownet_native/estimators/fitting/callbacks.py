"""Who is told of a fit and its epochs: who reads along, and scikit-learn's callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._extras.scikit_learn import has_callback_protocol
from ...network import Parameters
from ...training import EpochState, Patience


class EpochPrinter:
    """Prints what scikit-learn prints of epochs.

    Parameters
    ----------
    patience : Patience
    stops_early, is_adaptive : bool
    n_earlier : int
        Epochs of earlier fits.
    """

    def __init__(
        self, patience: Patience, *, stops_early: bool, is_adaptive: bool, n_earlier: int
    ) -> None:
        self.what = "Validation score" if stops_early else "Training loss"
        self.patience = patience
        self.is_adaptive = is_adaptive
        self.n_earlier = n_earlier

    def end_epoch(self, state: EpochState) -> None:
        """Print an epoch."""
        print(f"Iteration {state.epoch + 1 - self.n_earlier}, loss = {state.cost:.8f}")
        if state.validation_score is not None:
            print(f"Validation score: {state.validation_score:f}")

    def stall(self, rate: float | None) -> None:
        """Print that nothing improves, and the rate to go on with, or None: it ends."""
        end = "Learning rate too small. Stopping." if self.is_adaptive else "Stopping."
        print(
            f"{self.what} did not improve more than tol={self.patience.tol:f} for "
            f"{self.patience.limit:.0f} consecutive epochs.",
            end if rate is None else f"Setting learning rate to {rate:f}",
        )


class SklearnCallbacks:
    """scikit-learn's own (`set_callbacks`, new in 1.9): a task of the fit, one of every epoch.

    Where scikit-learn has no such callbacks, or nobody has set any, epochs are not listened to.

    Parameters
    ----------
    estimator : estimator
    max_epochs : int
    X, y, metadata
        What callbacks are shown: the data as they were given to `fit`.
    attributes : callable
        From Parameters to the fitted attributes, by name, of a model that has them.
    """

    def __init__(
        self,
        estimator: Any,
        max_epochs: int,
        *,
        X: Any,
        y: Any,
        metadata: dict[str, Any] | None,
        attributes: Callable[[Parameters], dict[str, Any]],
    ) -> None:
        self.attributes = attributes
        self.listens = has_callback_protocol and hasattr(estimator, "_skl_callbacks")
        self.shown = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.epoch: Any = None  # the context of the one under way
        self.fit: Any = None
        if has_callback_protocol:
            self.fit = estimator._init_callback_context(max_subtasks=max_epochs)
            self.fit.call_on_fit_task_begin(**self.shown)

    def begin_epoch(self) -> None:
        """Say that an epoch begins, unless one is under way."""
        if self.epoch is None:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(**self.shown)

    def end_epoch(self, state: EpochState) -> bool:
        """Say that the epoch has ended, and return whether a callback asks to stop."""
        epoch, self.epoch = self.epoch, None
        attributes = {"reconstruction_attributes": lambda: self.attributes(state.parameters)}
        return bool(epoch.call_on_fit_task_end(**self.shown, **attributes))

    def end(self) -> None:
        """Say that the fit has ended, and first that an epoch broken off has."""
        if self.epoch is not None:
            self.epoch.call_on_fit_task_end(estimator=self.shown["estimator"])
        if self.fit is not None:
            self.fit.call_on_fit_task_end(**self.shown, reconstruction_attributes={})
