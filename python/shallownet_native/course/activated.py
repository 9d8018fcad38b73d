"""Dictionaries of arrays that know their hidden activation, and Parameters made of them.

What the caller says, what parameters know, and what a cache or gradients were computed with must
not contradict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .._native.arrays import Floats, check_name
from .._native.backend import core
from ..network import NAMES, Forward, Gradients, Parameters
from ..training import TrainingResult
from .checks import REMADE, Arrays, GivenArrays, check_entries

GivenParameters: TypeAlias = GivenArrays | Parameters | TrainingResult
GivenCache: TypeAlias = GivenArrays | Forward
GivenGradients: TypeAlias = GivenArrays | Gradients


class ActivatedArrays(dict[str, Floats]):
    """A dictionary of arrays that knows which hidden activation, other than tanh, they are for.

    `negative_slope` is that of leaky_relu, None where it is the usual one.
    """

    def __init__(self, arrays: Arrays, hidden: str, negative_slope: float | None = None) -> None:
        super().__init__(arrays)
        self.hidden = hidden
        self.negative_slope = negative_slope

    def copy(self) -> ActivatedArrays:
        """Return a dictionary of the same arrays that knows the same."""
        return ActivatedArrays(self, self.hidden, self.negative_slope)

    @classmethod
    def fromkeys(cls, names: Iterable[Any], value: Any = None) -> dict[Any, Any]:
        """Return a plain dictionary: nothing is known of such values."""
        return dict.fromkeys(names, value)

    def __or__(self, other: Any) -> Any:
        return self._knowing(dict(self) | other) if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return self._knowing(other | dict(self)) if isinstance(other, dict) else NotImplemented

    def _knowing(self, arrays: Arrays) -> ActivatedArrays:
        return ActivatedArrays(arrays, self.hidden, self.negative_slope)


class _Known(NamedTuple):
    """A hidden activation and its slope left of 0, None where it is not known."""

    hidden: str | None = None
    slope: float | None = None


def to_parameters(
    given: Any,
    signature: str,
    hidden: str | None = None,
    made: Mapping[str, Any] | tuple[Any, ...] | None = None,
    role: str = "cache",
) -> Parameters:
    """Return a dictionary of the four arrays, or what holds them, as Parameters with activations.

    `hidden` is the one that the call asks for; None: as the parameters know, or what was `made`
    with them, a cache or grads; else tanh.
    """
    given = given.parameters if isinstance(given, TrainingResult) else given
    if isinstance(given, Parameters) and not given.n_h:
        raise ValueError(
            "these parameters have no hidden layer, and the course's functions are for networks "
            "with one: sn.forward, sn.gradients and sn.predict are for both"
        )
    arrays = check_entries(given, "parameters", signature)
    output = getattr(given, "output", None)
    if output not in (None, "sigmoid"):
        raise ValueError(
            f"these parameters are known to have output={output!r}, and the course's functions are "
            "for 'sigmoid': sn.forward, sn.gradients and sn.predict are for all outputs"
        )
    own = _Known(getattr(given, "hidden", None), getattr(given, "negative_slope", None))
    unit = _agreed(hidden, own, _known_by(made), role)
    return Parameters(
        *(arrays[name] for name in NAMES),
        hidden=unit.hidden or "tanh",
        output="sigmoid",
        negative_slope=unit.slope,
    )


def to_dict(network: Parameters, arrays: Arrays | None = None) -> Arrays:
    """Return these arrays, or the network's own, as a dictionary.

    It knows the hidden activation where that is not the course's.
    """
    own = {name: array for name, array in network.as_dict().items() if array is not None}
    found = own if arrays is None else arrays
    if network.hidden in (None, "tanh"):
        return found
    return ActivatedArrays(found, network.hidden or "", network.negative_slope)


def as_wide_as(network: Parameters, X: Any) -> Parameters:
    """Return the network in float64 where the inputs are: NumPy of the learner's own does so.

    Numbers in lists have no dtype of theirs and take the network's.
    """
    if network.dtype == np.float64 or isinstance(X, (list, tuple)):
        return network
    dtype = getattr(X, "dtype", None)
    try:
        is_double = np.dtype(np.asarray(X).dtype if dtype is None else dtype) == np.float64
    except (TypeError, ValueError):  # ragged, or a dtype of another library: the checks say it
        return network
    return network.astype(np.float64) if is_double else network


def _known_by(made: object) -> _Known:
    """Return what a cache or gradients were computed with."""
    if not isinstance(made, ActivatedArrays):
        return _Known()
    is_leaky = made.hidden == "leaky_relu"
    usual = 0.01 if made.negative_slope is None else made.negative_slope
    return _Known(made.hidden, usual if is_leaky else None)


def _agreed(asked: str | None, own: _Known, made: _Known, role: str) -> _Known:
    """Return the activation that is asked for or known, if no two of them contradict."""
    verb = "was" if role == "cache" else "were"
    if asked is not None:
        check_name(asked, "hidden", core.activations)
        whose = (
            (f"the {role} {verb} computed with", made),
            ("these parameters are known to have", own),
        )
        for words, known in whose:
            if known.hidden not in (None, asked):
                raise ValueError(
                    f"the call is for hidden={asked!r}, but {words} hidden={known.hidden!r}: leave "
                    "hidden out, or begin with other parameters"
                )
    for name, one, other in (
        ("hidden", made.hidden, own.hidden),
        ("negative_slope", made.slope, own.slope if own.hidden == made.hidden else None),
    ):
        if None not in (one, other) and one != other:
            raise ValueError(
                f"the {role} {verb} computed with {name}={one!r} and the parameters have "
                f"{name}={other!r}: {REMADE[role]}"
            )
    slope = made.slope if own.slope is None else own.slope
    return _Known(asked or made.hidden or own.hidden, slope)
