"""The network in an estimator's attributes: lists of arrays outside, one vector for the core.

`coefs_` holds (inputs, units) and `intercepts_` (units,) arrays. They are views of one vector, so
writing into them counts; arrays that the user has put in their place count as well.
"""

from __future__ import annotations

from operator import is_
from typing import Any, NamedTuple

import numpy as np

from ..._extras.scikit_learn import get_config
from ..._native.arrays import Floats, check_finite, check_floats
from ..._native.backend import core
from ..._native.blocks import copied
from ..._native.sparse import Rows, is_sparse, sparse_rows
from ...network import Parameters, layers_of


class StoredNetwork(NamedTuple):
    """A network and the views of it that were handed out, coefs_ and then intercepts_."""

    parameters: Parameters
    views: tuple[Floats, ...]


def store(estimator: Any, parameters: Parameters) -> None:
    """Make `parameters` the estimator's network, with views of them as its attributes."""
    vars(estimator).update(stored_attributes(parameters))


def stored_attributes(parameters: Parameters) -> dict[str, Any]:
    """Return all attributes that make `parameters` an estimator's network.

    What they know of their activations is left out: those are the estimator's own attributes.
    """
    network = Parameters.adopt(parameters.flat, parameters.shape)
    coefs, intercepts = views(network)
    return {
        "coefs_": coefs,
        "intercepts_": intercepts,
        "_stored": StoredNetwork(network, (*coefs, *intercepts)),
    }


def stored(estimator: Any) -> Parameters:
    """Return the network that the estimator's attributes hold, copied only if it is not in one."""
    kept = untouched(vars(estimator))
    return pack(estimator.coefs_, estimator.intercepts_) if kept is None else kept


def untouched(attributes: dict[str, Any]) -> Parameters | None:
    """Return the network that was stored, if `attributes` still hold the views of it, or None."""
    kept: StoredNetwork | None = attributes.get("_stored")
    if kept is None:
        return None
    given = (*attributes.get("coefs_", ()), *attributes.get("intercepts_", ()))
    is_same = len(given) == len(kept.views) and all(map(is_, given, kept.views))
    return kept.parameters if is_same else None


def check_stored(estimator: Any, parameters: Parameters) -> None:
    """Refuse the estimator's network, these parameters, if it holds a NaN or an infinity.

    Not where scikit-learn is told to assume that there are none.
    """
    if core.all_finite(parameters.flat) or get_config()["assume_finite"]:
        return
    for name in ("coefs_", "intercepts_"):
        for layer, array in enumerate(getattr(estimator, name)):
            check_finite(check_floats(array, name), f"{name}[{layer}]")


def in_one_dtype(parameters: Parameters, X: Any) -> tuple[Parameters, Rows]:
    """Return a network and the rows for it, dense or sparse, in float32 if that holds both.

    float16, bool and integers of up to 16 bits fit into float32, as NumPy has it. X holds numbers.
    """
    is_narrow = np.result_type(X.dtype, parameters.dtype) == np.float32
    dtype = np.dtype(np.float32 if is_narrow else np.float64)
    if dtype != parameters.dtype:  # wider, so that nothing overflows
        flat = copied(parameters.flat, dtype)
        parameters = Parameters.adopt(flat, parameters.shape, parameters.known_units)
    return parameters, sparse_rows(X, dtype) if is_sparse(X) else X.astype(dtype, copy=False)


def views(parameters: Parameters) -> tuple[list[Floats], list[Floats]]:
    """Return coefs_ and intercepts_ as views of the parameters."""
    layers = layers_of(parameters)
    return [W.T for W, _ in layers], [b[:, 0] for _, b in layers]


def pack(coefs: list[Any], intercepts: list[Any]) -> Parameters:
    """Copy coefs_ and intercepts_ into one vector, float32 if all of them are.

    Raises
    ------
    ValueError
        If they do not make one network with one hidden layer, or none.
    """
    if not len(coefs) == len(intercepts) in (1, 2):
        raise ValueError(
            f"coefs_ and intercepts_ must hold one or two arrays each, got {len(coefs)} and "
            f"{len(intercepts)}: more than one hidden layer is not supported"
        )
    W2, b2 = np.asarray(coefs[-1]).T, np.reshape(intercepts[-1], (-1, 1))
    if len(coefs) == 1:
        return Parameters(None, None, W2, b2)
    return Parameters(np.asarray(coefs[0]).T, np.reshape(intercepts[0], (-1, 1)), W2, b2)
