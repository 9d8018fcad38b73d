"""Parameters as records of a `.snet` file, and so as parts of other records."""

from __future__ import annotations

from typing import Any

from ..files import ModelFormatError, Record, require_keys
from .examples import check_parameters
from .parameters import Parameters
from .units import UNKNOWN, KnownUnits


def parameters_record(parameters: Parameters) -> Record:
    """Return what a file holds of parameters: in version 2, if they know their activations.

    In version 3, if also a quantile.
    """
    n_x, n_h, n_y = check_parameters(parameters).shape
    sizes, arrays = {"n_x": n_x, "n_h": n_h, "n_y": n_y}, {"theta": parameters.flat}
    known = parameters.known_units
    if known == UNKNOWN:
        return Record("parameters", sizes, arrays)
    told = known._asdict()
    version = 3
    if known.quantile is None:
        del told["quantile"]
        version = 2
    return Record("parameters", {**sizes, **told}, arrays, version=version)


def parameters_from(record: Record) -> Parameters:
    """Return the parameters that a file holds, or raise ModelFormatError."""
    known: dict[str, Any] = {}
    fields = record.fields
    if record.version > 1:
        units = {*KnownUnits._fields} - ({"quantile"} if record.version == 2 else set())
        fields = dict(require_keys(fields, {"n_x", "n_h", "n_y", *units}, "the network"))
        known = {name: fields.pop(name) for name in units}
    require_keys(fields, {"n_x", "n_h", "n_y"}, "the network's sizes")
    if any(type(size) is not int for size in fields.values()):
        raise ModelFormatError("the network's sizes are not whole numbers")
    theta = require_keys(record.arrays, {"theta"}, "the arrays")["theta"]
    if theta.dtype.kind != "f":
        raise ModelFormatError(f"the parameters are {theta.dtype}, not floating point")
    try:
        return Parameters.from_flat(theta, (fields["n_x"], fields["n_h"], fields["n_y"]), **known)
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"the parameters do not fit: {error}") from error
