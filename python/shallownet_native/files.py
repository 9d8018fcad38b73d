"""Save and load models: safely, checksummed, atomically.

The bytes are `_snet`'s business, and putting them in the place of others `_replacement`'s; this
file opens and checks. It knows `network.Parameters`; other classes that can be saved are found by
name, when a file needs them, and give and take a `Record`. Imports these and `network`.
"""

from __future__ import annotations

import errno
import importlib
import os
import stat
from typing import Any, Protocol

from ._overwriting import snet
from ._replacement import replace_file
from ._snet import (
    HEADER,
    ModelFormatError,
    Record,
    check_header,
    chunks,
    decode,
    require_keys,
)
from ._units import UNKNOWN, KnownUnits
from ._validation import check_real
from .network import Parameters, check_parameters

__all__ = ["ModelFormatError", "load", "save"]
__dir__ = sorted(__all__).copy

# kind of record -> where its class lives; a file can name nothing else
_CLASSES = {
    "classifier": ("classifier", "ShallowNetClassifier"),
    "model": ("model", "Model"),
    "regressor": ("regressor", "ShallowNetRegressor"),
}


class Saveable(Protocol):
    """What `save` takes besides `Parameters`."""

    def to_record(self) -> Record: ...


def save(model: Parameters | Saveable, path: str | os.PathLike[str]) -> None:
    """Write a model to a `.snet` file, wholly or not at all.

    Parameters
    ----------
    model : Parameters, TrainingResult, Model, ShallowNetClassifier or ShallowNetRegressor
        What to save: parameters with the activations that they know; of a TrainingResult its
        parameters; a model with the columns it reads; or an estimator, fitted or not, with all
        that its later fits go on from.
    path : str or os.PathLike
        File to write. An existing `.snet` file, or an empty one, is replaced in one step, and
        nothing else is; of a symbolic link, the file that it points to.

    Raises
    ------
    TypeError
        If `model` is of another class; if a parameter of an estimator is a callable, a RandomState
        or any other object but None, bool, int, float, str and lists, tuples, dicts of them.
    ValueError
        If a weight is NaN or infinite, an estimator is not as its constructor and `fit` leave it,
        or the path does not end in a name.
    FileExistsError
        If the file that is there is no `.snet` file.
    PermissionError
        If it is read-only, for a superuser, too.
    OSError
        If the file cannot be written. An older file of that name is then untouched, unless all that
        failed was the last step, the sync of the folder: then the new file is there, whole.

    Notes
    -----
    The bytes go to a temporary file in the same folder, are synced, and take the place of the old
    file by a rename, which is synced too. Ctrl-C and other signals wait some milliseconds, until
    they leave the old file or the new one, whole, and nothing else. An estimator's `checkpoint` is
    left out: no file chooses where a later fit writes.

    Examples
    --------
    >>> import tempfile, os
    >>> parameters = Parameters([[1.0, 2.0]], [[0.5]], [[3.0]], [[0.0]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.snet")
    ...     save(parameters, path)
    ...     load(path) == parameters
    True
    """
    if isinstance(model, Parameters):
        record = parameters_record(model)
    elif hasattr(type(model), "to_record"):
        record = model.to_record()
    else:
        raise TypeError(
            "save takes Parameters, a Model or an estimator, or a TrainingResult, got "
            f"{type(model).__name__}{_instead(model)}"
        )
    replace_file(os.fsdecode(path), chunks(record), snet())


def _instead(model: Any) -> str:
    """Return what to save in the place of one of scikit-learn's wrappers, if it is one."""
    if hasattr(model, "best_estimator_"):
        return ": of a search, save its best_estimator_"
    steps = [(n, s) for n, s in getattr(model, "steps", []) if s not in (None, "passthrough")]
    if not steps:
        return ""
    if len(steps) == 1:
        return ": of a Pipeline, its last step is all there is here: save pipeline[-1]"
    lost = ", ".join(repr(name) for name, _ in steps[:-1])
    return (
        f": of a Pipeline, its last step alone would lose the steps before it ({lost}). Give the "
        "estimator standardize=True in place of a StandardScaler, fit it on the data as they are "
        "and save that, or keep the Pipeline whole with joblib.dump(pipeline, path)"
    )


def load(path: str | os.PathLike[str], *, max_bytes: int = 2**30) -> Any:
    """Read a model from a `.snet` file.

    Parameters
    ----------
    path : str or os.PathLike
        File to read. Loading runs no code from the file and opens no other file.
    max_bytes : int, default 2**30
        Refuse a larger file before reading it; math.inf refuses none.

    Returns
    -------
    Parameters, Model, ShallowNetClassifier or ShallowNetRegressor
        What was saved, equal to the last bit.

    Raises
    ------
    ModelFormatError
        If the file is no whole, undamaged `.snet` file, or no regular file at all.
    MissingPackageError
        If it holds an estimator, and scikit-learn is not installed.
    OSError
        If it cannot be opened or read.
    TypeError, ValueError
        If `max_bytes` is no number >= 0.
    """
    name = os.fsdecode(path)
    check_real(max_bytes, "max_bytes", "[0, inf]")
    try:
        return _from_record(decode(read_file(name, max_bytes)))
    except ModelFormatError as error:
        raise ModelFormatError(f"{name}: {error}") from error


def _from_record(record: Record) -> Any:
    if record.kind == "parameters":
        return _parameters_from(record)
    if record.kind == "checkpoint":
        raise ModelFormatError(
            "the file holds a checkpoint, which is not to be loaded: train again with "
            "checkpoint=, and training goes on from it"
        )
    if record.kind not in _CLASSES:
        raise ModelFormatError(f"the file holds a {record.kind[:40]!r}, which is unknown here")
    module, name = _CLASSES[record.kind]
    found = getattr(importlib.import_module(f".{module}", __package__), name)
    return found.from_record(record)


def parameters_record(parameters: Parameters) -> Record:
    """Return what a file holds of parameters: in version 2, if they know their activations."""
    sizes, arrays = pack_parameters(parameters)
    known = parameters.known_units
    if known == UNKNOWN:
        return Record("parameters", sizes, arrays)
    return Record("parameters", {**sizes, **known._asdict()}, arrays, version=2)


def _parameters_from(record: Record) -> Parameters:
    known: dict[str, Any] = {}
    fields = record.fields
    if record.version == 2:
        names = {"n_x", "n_h", "n_y", *KnownUnits._fields}
        fields = dict(require_keys(fields, names, "the network"))
        known = {name: fields.pop(name) for name in KnownUnits._fields}
    return unpack_parameters(fields, record.arrays, **known)


def pack_parameters(parameters: Parameters) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields and the array that stand for parameters in a record."""
    n_x, n_h, n_y = check_parameters(parameters).shape
    return {"n_x": n_x, "n_h": n_h, "n_y": n_y}, {"theta": parameters.flat}


def unpack_parameters(fields: dict[str, Any], arrays: dict[str, Any], **known: Any) -> Parameters:
    """Return the parameters that `pack_parameters` packed, or raise ModelFormatError.

    `known` are their activations, as `Parameters.from_flat` takes them.
    """
    require_keys(fields, {"n_x", "n_h", "n_y"}, "the network's sizes")
    if any(type(size) is not int for size in fields.values()):
        raise ModelFormatError("the network's sizes are not whole numbers")
    theta = require_keys(arrays, {"theta"}, "the arrays")["theta"]
    if theta.dtype.kind != "f":
        raise ModelFormatError(f"the parameters are {theta.dtype}, not floating point")
    try:
        return Parameters.from_flat(theta, (fields["n_x"], fields["n_h"], fields["n_y"]), **known)
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"the parameters do not fit: {error}") from error


def read_file(name: str, max_bytes: int) -> bytes:
    """Read a regular file whose header is right; wait for nobody, allocate nothing unchecked."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(name, flags)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, a device without a driver
            raise ModelFormatError("not a regular file") from error
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ModelFormatError("not a regular file")
    except BaseException:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as stream:
        check_header(stream.read(HEADER.size), status.st_size)
        if status.st_size > max_bytes:
            raise ModelFormatError(
                f"the file has {status.st_size} bytes, {max_bytes} are allowed: raise max_bytes"
            )
        stream.seek(0)
        # one byte more than it should have: a file that grows meanwhile is refused, too
        return stream.read(status.st_size + 1)
