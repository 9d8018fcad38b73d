"""Save and load models: safely, checksummed, atomically.

The bytes are the business of `snet`, and putting them in the place of others that of `replacement`;
this file opens and checks. Classes that can be saved give and take a `Record`, and are found by
name when a file needs them.
"""

from __future__ import annotations

import errno
import importlib
import os
import stat
from typing import Any, Protocol

from .._native.arrays import check_real
from .overwriting import snet_file
from .replacement import replace_file
from .snet import HEADER, ModelFormatError, Record, check_header, chunks, decode

# kind of record -> the package and the class in it that reads them; a file can name nothing else
_CLASSES = {
    "classifier": ("estimators", "ShallowNetClassifier"),
    "model": ("tables", "Model"),
    "parameters": ("network", "Parameters"),
    "regressor": ("estimators", "ShallowNetRegressor"),
}


class Saveable(Protocol):
    """What `save` takes."""

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of it."""


def save(model: Saveable, path: str | os.PathLike[str]) -> None:
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
    >>> from shallownet_native import Parameters
    >>> parameters = Parameters([[1.0, 2.0]], [[0.5]], [[3.0]], [[0.0]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.snet")
    ...     save(parameters, path)
    ...     load(path) == parameters
    True
    """
    if not hasattr(type(model), "to_record"):
        raise TypeError(
            "save takes Parameters, a Model or an estimator, or a TrainingResult, got "
            f"{type(model).__name__}{_instead(model)}"
        )
    replace_file(os.fsdecode(path), chunks(model.to_record()), snet_file())


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
    if record.kind == "checkpoint":
        raise ModelFormatError(
            "the file holds a checkpoint, which is not to be loaded: train again with "
            "checkpoint=, and training goes on from it"
        )
    if record.kind not in _CLASSES:
        raise ModelFormatError(f"the file holds a {record.kind[:40]!r}, which is unknown here")
    package, name = _CLASSES[record.kind]
    found = getattr(importlib.import_module(f"shallownet_native.{package}"), name)
    return found.from_record(record)


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
