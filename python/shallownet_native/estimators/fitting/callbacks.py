"""scikit-learn's own callbacks (`set_callbacks`, new in 1.9) on a fit and each of its epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._extras.scikit_learn import has_callback_protocol
from ...network import Parameters
from ...training import EpochState


class FitTasks:
    """The task of a whole fit, and one within it for every epoch.

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
