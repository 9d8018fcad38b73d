"""How an estimator is copied: cloned, pickled, and as the record of a `.snet` file.

A pickle is plain: the network as one vector and its shape, all else as ordinary attributes, and
nothing in it but NumPy's and Python's own types, and what the user has put there. So it is small,
depends on no version of scikit-learn, and takes any label and any weight.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..._extras.scikit_learn import fitted_binarizer
from ...files import ModelFormatError, Record, decode
from ...network import Parameters
from ..fitting import Standardization, store, untouched
from ..solvers import Optimizer
from .parts import CURVES
from .record import pack_estimator, unpack_estimator, unpack_fitted

NETWORK = "_network"  # in a pickle: the vector and its shape, in place of coefs_ and intercepts_
SCALINGS = ("_standardization", "_target_standardization")
OLD_RECORD = "_fitted"  # in pickles of earlier versions: the bytes of a record


class Copied:
    """The part of an estimator that makes copies of it; a base of `ShallowNet`."""

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this estimator; see `save`."""
        if "_kind" not in vars(type(self)):
            raise TypeError(
                f"{type(self).__name__} is a subclass of ours, which a .snet file cannot name: "
                "use pickle"
            )
        return pack_estimator(self)

    @classmethod
    def from_record(cls, record: Record) -> Any:
        """Return the estimator that a file holds, or raise ModelFormatError."""
        return unpack_estimator(cls, record)

    def __copy__(self) -> Any:
        """Return an estimator with the same attributes: a copy that shares its arrays."""
        twin: Any = type(self).__new__(type(self))
        vars(twin).update(vars(self))
        return twin

    def __sklearn_clone__(self) -> Any:
        """Return an estimator that is not fitted and shares the callbacks.

        scikit-learn would copy them deeply: then a search would fail of an open file, and leave a
        list of epochs empty.
        """
        bare: Any = copy.copy(self)
        bare.callbacks = None
        twin = super(Copied, bare).__sklearn_clone__()  # type: ignore[misc]
        twin.callbacks = vars(self)["callbacks"]
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return plain_state(super().__getstate__())  # type: ignore[misc]

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        record, network = state.pop(OLD_RECORD, None), state.pop(NETWORK, None)
        super().__setstate__(living_state(state))  # type: ignore[misc]
        if network is not None:
            vector, shape = network
            store(self, Parameters.adopt(_own(vector), tuple(shape)))
        if record is not None:
            _read_old(self, record)


def plain_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes to pickle, those that are objects of ours in plain parts."""
    plain = dict(state)
    plain.pop("_random_state", None)  # what every fit begins with
    network = untouched(plain)
    if plain.pop("_stored", None) is not None and network is not None:
        del plain["coefs_"], plain["intercepts_"]
        plain[NETWORK] = network.flat, network.shape
    if plain.get("_optimizer") is not None:
        plain["_optimizer"] = dict(vars(plain["_optimizer"]))
    for name in SCALINGS:
        if plain.get(name) is not None:
            plain[name] = tuple(plain[name])
    if "_label_binarizer" in plain:
        binarizer = plain["_label_binarizer"]
        plain["_label_binarizer"] = binarizer.classes_, binarizer.y_type_, binarizer.sparse_input_
    for name in CURVES:
        if isinstance(plain.get(name), list):
            plain[name] = [v.item() if isinstance(v, np.generic) else v for v in plain[name]]
    return plain


def living_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that `plain_state` took apart, but for the network."""
    if state.get("_optimizer") is not None:
        optimizer = Optimizer.__new__(Optimizer)
        vars(optimizer).update(state["_optimizer"])
        optimizer.state = _own(optimizer.state)
        state["_optimizer"] = optimizer
    for name in SCALINGS:
        if state.get(name) is not None:
            state[name] = Standardization(*state[name])
    if "_label_binarizer" in state:
        state["_label_binarizer"] = fitted_binarizer(*state["_label_binarizer"])
    if isinstance(losses := state.get("loss_curve_"), list):  # NumPy's numbers, as a fit has them
        state["loss_curve_"] = [np.float64(v) if type(v) is float else v for v in losses]
    return state


def _own(array: Any) -> Any:
    """Return an array to write into: joblib hands large ones to its workers as maps of a file."""
    return np.require(array, requirements=["C", "A", "W"])


def _read_old(estimator: Any, content: Any) -> None:
    """Give an estimator the fitted state of a pickle of earlier versions: the bytes of a record."""
    if not isinstance(content, bytes):
        raise ModelFormatError("the pickled state holds its network in another form than bytes")
    record = decode(content, max_metadata=None)
    if record.kind != f"fitted {estimator._kind}":
        raise ModelFormatError(f"the pickled state is that of another kind: {record.kind[:40]!r}")
    unpack_fitted(estimator, record.fields, record.arrays)
