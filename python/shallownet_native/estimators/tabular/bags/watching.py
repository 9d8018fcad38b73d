"""Who is told of epochs, and what is said of a training that went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...._extras.progress import Advance
from ...._messages.caller import warn_caller
from ....training import DivergenceError
from ...fitting.fit_warnings import DivergenceWarning
from .problem import BestEpoch


class TableEpoch(NamedTuple):
    """What a callback sees after an epoch of a view's networks.

    Attributes
    ----------
    view : str
        "plain" or "piecewise".
    epoch, n_epochs : int
        The epoch that has just ended, counted from 0; how many there are at most.
    left_out_loss : float
        The mean loss of rows on the networks that never see them.
    best_epoch : int
        The last one of least loss so far.
    """

    view: str
    epoch: int
    n_epochs: int
    left_out_loss: float
    best_epoch: int


def listen(
    view: str,
    estimator: Any,
    callbacks: Sequence[Any],
    advance: Advance | None,
    epoch: int,
    loss: float,
    best_epoch: int,
) -> bool:
    """Tell of an epoch; return whether a callback asks to stop."""
    state = TableEpoch(view, epoch, int(estimator.max_epochs), loss, best_epoch)
    if estimator.verbose:
        print(f"{view}: epoch {epoch}, left-out loss {loss:.6f} (best: {best_epoch})")
    if advance is not None:
        advance(1, left_out_loss=loss)
    answers = [bool(callback(state)) for callback in callbacks]  # all are told
    return any(answers)


def warn_of_divergence(view: str, best: BestEpoch) -> None:
    """Say that training has left the finite numbers, or raise it if there is nothing to keep."""
    advice = "lower learning_rate_init"
    if best.epoch < 0:
        raise DivergenceError(
            f"training diverged in its first epoch, encoding {view!r}: {advice}", None
        )
    warn_caller(
        f"training diverged, encoding {view!r}, after epoch {best.epoch}, whose networks are kept: "
        f"{advice}",
        DivergenceWarning,
    )
