"""Parameters as records of a `.snet` file, and so as parts of other records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .._native.arrays import Floats, check_finite
from ..files import ModelFormatError, Record, require_keys
from .units import UNKNOWN, KnownUnits

Built = TypeVar("Built")


def parameters_record(theta: Floats, shape: tuple[int, int, int], known: KnownUnits) -> Record:
    """Return what a file holds of parameters: in version 2, if they know their activations.

    In version 3, if also a quantile.
    """
    check_finite(theta, "parameters.flat")
    sizes, arrays = dict(zip(("n_x", "n_h", "n_y"), shape, strict=True)), {"theta": theta}
    if known == UNKNOWN:
        return Record("parameters", sizes, arrays)
    told = known._asdict()
    version = 3
    if known.quantile is None:
        del told["quantile"]
        version = 2
    return Record("parameters", {**sizes, **told}, arrays, version=version)


def read_parameters(record: Record, build: Callable[..., Built]) -> Built:
    """Return what `build` makes of vector, shape and activations, or raise ModelFormatError."""
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
        return build(theta, (fields["n_x"], fields["n_h"], fields["n_y"]), **known)
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"the parameters do not fit: {error}") from error
