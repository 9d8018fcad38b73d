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
from collections.abc import Callable
from typing import Any, Protocol

from .._messages.remedies import as_parameters, kind_of
from .._messages.wording import quoted
from .._native.arrays import check_real
from .overwriting import snet_file
from .replacement import replace_file
from .snet import HEADER, ModelFormatError, Record, check_header, chunks, decode

# kind of record -> the module and the class in it that reads them, or None where functions of the
# module do, for a class of scikit-learn's; a file can name nothing else
_READERS = {
    "classifier": ("estimators", "ShallowNetClassifier"),
    "model": ("tables", "Model"),
    "parameters": ("network", "Parameters"),
    "pipeline": ("estimators.saving.pipelines", None),
    "regressor": ("estimators", "ShallowNetRegressor"),
    "standard scaler": ("estimators.saving.scaler", None),
    "table classifier": ("estimators", "TabularShallowNetClassifier"),
    "table encoder": ("tables", "TableEncoder"),
    "table regressor": ("estimators", "TabularShallowNetRegressor"),
}
# a class of scikit-learn's, by name -> its kind of record
_FOREIGN = {"Pipeline": "pipeline", "StandardScaler": "standard scaler"}


class Saveable(Protocol):
    """What `save` takes."""

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of it."""


def save(model: Saveable, path: str | os.PathLike[str]) -> None:
    """Write a model to a `.snet` file, wholly or not at all.

    Parameters
    ----------
    model : Parameters, TrainingResult, ShallowNetClassifier, ShallowNetRegressor, \
            TabularShallowNetClassifier, TabularShallowNetRegressor, TableEncoder, \
            StandardScaler or Pipeline
        What to save: parameters with the activations that they know; of a TrainingResult its
        parameters; an estimator, fitted or not, with all that its later fits go on from; a
        TableEncoder; scikit-learn's StandardScaler; or its Pipeline of these. Also a model that
        was loaded from a file of version 0.1.0.
    path : str or os.PathLike
        File to write. An existing `.snet` file, or an empty one, is replaced in one step, and
        nothing else is; of a symbolic link, the file that it points to.

    Raises
    ------
    TypeError
        If `model`, or a step of a Pipeline, is of another class, a subclass among them; if a
        parameter of an estimator is a callable, a RandomState or any other object but None, bool,
        int, float, str and lists, tuples, dicts of them.
    ValueError
        If a weight is NaN or infinite, an estimator is not as its constructor and `fit` leave it,
        the steps of a Pipeline do not fit each other or it has a `memory`, or the path does not
        end in a name.
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
    replace_file(os.fsdecode(path), chunks(record_of(model)), snet_file())


def record_of(model: Any) -> Record:
    """Return what a file holds of a model, or raise what `save` raises about it."""
    writer = _writer(model)
    if writer is None:
        raise TypeError(
            "save takes Parameters, a TrainingResult, an estimator, a TableEncoder, a "
            "StandardScaler or a Pipeline of these, got "
            f"{kind_of(model)}{_instead_of(model, 'model')}"
        )
    return writer(model)


def _writer(model: Any) -> Callable[[Any], Record] | None:
    """Return what makes a record of a model, None if nothing does."""
    class_ = type(model)
    if class_.__module__.startswith("sklearn.") and class_.__name__ in _FOREIGN:
        return _reader(_FOREIGN[class_.__name__]).to_record  # type: ignore[no-any-return]
    return getattr(class_, "to_record", None)


def check_step(name: str, step: Any) -> None:
    """Raise TypeError unless a step of a Pipeline is of a class that a file holds."""
    if _writer(step) is None:
        raise TypeError(
            f"step {quoted(name)} of the Pipeline is a {type(step).__name__}, which no .snet file "
            f"holds{_instead_of(step, 'pipeline')}"
        )


# what cannot be saved -> what does its work and can
_INSTEAD = {
    "TableEncoder()": (  # codes categories, fills in what is missing
        "ColumnTransformer", "FeatureUnion", "KNNImputer", "MissingIndicator", "OneHotEncoder",
        "OrdinalEncoder", "SimpleImputer", "TableVectorizer", "TargetEncoder",
    ),
    "TableEncoder(encoding='piecewise')": (  # codes numbers by bins
        "KBinsDiscretizer", "SplineTransformer",
    ),
    "StandardScaler()": (
        "MaxAbsScaler", "MinMaxScaler", "PowerTransformer", "QuantileTransformer", "RobustScaler",
    ),
}  # fmt: skip


def _instead_of(model: Any, whole: str) -> str:
    """Return how to save what is of another class; `whole` is what code calls all of it."""
    if isinstance(model, dict) and "W2" in model:  # parameters, as the course has them
        return f": save {as_parameters(model, whole, 'sn.Parameters')}"
    if hasattr(model, "best_estimator_"):
        return ": of a search, save its best_estimator_"
    if hasattr(model, "steps"):
        return ": of a subclass of Pipeline, save Pipeline(model.steps), scikit-learn's own"
    kept = f"keep the {whole} with joblib.dump({whole}, path)"
    name = type(model).__name__
    for other, names in _INSTEAD.items():
        if name in names:
            return f": {other} does its work, or {kept}"
    return f": {kept}" if hasattr(type(model), "get_params") else ""


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
    Parameters, one of the estimators, TableEncoder, StandardScaler or Pipeline
        What was saved, equal to the last bit. Of what the command line writes, an estimator for
        tables, or a Pipeline; of what that of version 0.1.0 wrote, a model with `predict`,
        `columns`, `classes` and `target`.

    Raises
    ------
    ModelFormatError
        If the file is no whole, undamaged `.snet` file, or no regular file at all.
    MissingPackageError
        If it holds more than parameters, and scikit-learn is not installed.
    OSError
        If it cannot be opened or read.
    TypeError, ValueError
        If `max_bytes` is no number >= 0.
    """
    name = os.fsdecode(path)
    check_real(max_bytes, "max_bytes", "[0, inf]")
    try:
        return model_of(decode(read_file(name, max_bytes)))
    except ModelFormatError as error:
        raise ModelFormatError(f"{name}: {error}") from error


def model_of(record: Record) -> Any:
    """Return the model that a file holds, or raise ModelFormatError."""
    if record.kind == "checkpoint":
        raise ModelFormatError(
            "the file holds a checkpoint, which is not to be loaded: train again with "
            "checkpoint=, and training goes on from it"
        )
    if record.kind not in _READERS:
        raise ModelFormatError(
            f"the file holds a {record.kind[:40]!r}, which is unknown here: a later release may "
            "know it"
        )
    return _reader(record.kind).from_record(record)


def _reader(kind: str) -> Any:
    """Return what has `from_record` for this kind: a class of ours, or the module for another's."""
    path, name = _READERS[kind]
    module = importlib.import_module(f"shallownet_native.{path}")
    return getattr(module, name) if name else module


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
