"""An estimator as a record: what a `.snet` file holds of it.

Nothing that a record holds is trusted: every part is checked, alone and against the others, before
an estimator gets any of it.
"""

from __future__ import annotations

from typing import Any

from ..._native.arrays import check_name
from ...files import ModelFormatError, Record, pack_value, require_keys, unpack_value
from ...network import Parameters
from ..fitting import store, stored
from ..parameters import check_callbacks, check_hidden_size
from .parts import (
    Arrays,
    pack_labels,
    pack_names,
    pack_optimizer,
    pack_progress,
    pack_standardization,
    read_labels,
    read_names,
    read_optimizer,
    read_posterior,
    read_progress,
    read_standardization,
)

OUTPUTS = {"classifier": ("logistic", "softmax"), "regressor": ("exp", "identity")}
# a path means something on one machine only, and no file may choose what a later fit writes to
NOT_STORED = frozenset({"checkpoint"})
# parameters that earlier versions did not know: they can read the files of those that do not use it
LATER = {"n_restarts": 1, "quantile": 0.5}
FITTED_KEYS = {"network", "out_activation", "feature_names", "classes", "progress", "optimizer"}


def pack_estimator(estimator: Any) -> Record:
    """Return what a file holds of an estimator, fitted or not.

    Raises
    ------
    TypeError
        If a parameter's value is an object that no file can hold.
    ValueError
        If `fit` would refuse a parameter's value, or the fitted state is not one that it leaves.
    """
    check_settings(estimator)
    parameters = {
        name: pack_value(value, name)
        for name, value in estimator.get_params(deep=False).items()
        if name not in NOT_STORED and not (name in LATER and value == LATER[name])
    }
    fitted, arrays = pack_fitted(estimator) if "coefs_" in vars(estimator) else (None, {})
    return Record(estimator._kind, {"parameters": parameters, "fitted": fitted}, arrays)


def unpack_estimator(class_: Any, record: Record) -> Any:
    """Return the estimator that `pack_estimator` packed, or raise ModelFormatError."""
    fields = require_keys(record.fields, {"parameters", "fitted"}, "the estimator")
    values = fields["parameters"]
    known = set(class_._get_param_names()) - NOT_STORED
    if not isinstance(values, dict) or not values.keys() <= known:
        raise ModelFormatError("the estimator has parameters that are unknown here")
    try:
        # what is not there came with a later release than the file's, and has its default
        estimator = class_(**{name: unpack_value(value) for name, value in values.items()})
        check_settings(estimator)
    except (TypeError, ValueError) as error:
        raise _misfit(error) from error
    if fields["fitted"] is not None:
        unpack_fitted(estimator, fields["fitted"], record.arrays)
    elif record.arrays:
        raise ModelFormatError("an estimator that is not fitted has no arrays")
    return estimator


def check_settings(estimator: Any) -> None:
    """Raise what `fit` would raise about the constructor's parameters."""
    estimator._validate_params()
    check_hidden_size(estimator.hidden_layer_sizes, type(estimator).__name__)
    check_callbacks(estimator.callbacks)


def pack_fitted(estimator: Any) -> tuple[dict[str, Any], Arrays]:
    """Return the fields and arrays that stand for what fits have left in an estimator.

    Raises
    ------
    TypeError, ValueError
        If an attribute is not what a fit leaves, or does not fit the others.
    """
    attributes = vars(estimator)
    parameters = stored(estimator)
    _check_sizes(attributes, parameters)
    network = parameters.to_record()
    arrays = dict(network.arrays)
    classes = attributes.get("classes_")
    came_sparse = getattr(attributes.get("_label_binarizer"), "sparse_input_", False)
    pack_standardization(attributes.get("_standardization"), arrays)
    pack_standardization(attributes.get("_target_standardization"), arrays, "target_")
    fields = {
        "network": network.fields,
        "out_activation": attributes.get("out_activation_"),
        "feature_names": pack_names(attributes.get("feature_names_in_")),
        "classes": None if classes is None else pack_labels(classes, came_sparse),
        "progress": pack_progress(attributes, arrays),
        "optimizer": pack_optimizer(attributes.get("_optimizer"), parameters.dtype, arrays),
    }
    try:
        _read_fitted(estimator._kind, fields, arrays)
    except ModelFormatError as error:  # what cannot be read must not be written
        raise ValueError(f"the {estimator._kind} is not as fit leaves it: {error}") from error
    return fields, arrays


def unpack_fitted(estimator: Any, fields: Any, arrays: Arrays) -> None:
    """Give an estimator the fitted state that `pack_fitted` packed.

    Raises
    ------
    ModelFormatError
        If any part of it is wrong; the estimator is then as it was.
    """
    parameters, attributes = _read_fitted(estimator._kind, fields, arrays)
    vars(estimator).update(attributes)
    store(estimator, parameters)


def _check_sizes(attributes: dict[str, Any], parameters: Parameters) -> None:
    """Refuse an estimator whose last fit failed after it had taken in data of another size."""
    n_x, n_h, n_y = parameters.shape
    sizes = {"n_features_in_": n_x, "n_outputs_": n_y, "n_layers_": 3 if n_h else 2}
    for name, size in sizes.items():
        if attributes.get(name) != size:
            raise ValueError(
                f"{name} is {attributes.get(name)}, but by coefs_ it should be {size}: fit anew"
            )


def _read_fitted(kind: str, fields: Any, arrays: Arrays) -> tuple[Parameters, dict[str, Any]]:
    """Return the network and the attributes of a fitted state, or raise ModelFormatError."""
    fields = require_keys(fields, FITTED_KEYS, "the fitted state")
    arrays = dict(arrays)
    theta = {"theta": arrays.pop("theta")} if "theta" in arrays else {}
    parameters = Parameters.from_record(Record("parameters", fields["network"], theta))
    n_x, n_h, n_y = parameters.shape
    output = fields["out_activation"]
    try:
        check_name(output, "out_activation", OUTPUTS[kind])
        attributes = {
            "n_features_in_": n_x,
            "n_outputs_": n_y,
            "n_layers_": 3 if n_h else 2,
            "out_activation_": output,
            "_standardization": read_standardization(arrays, n_x),
            "_target_standardization": read_standardization(arrays, n_y, "target_"),
            **read_names(fields["feature_names"], n_x),
            **read_progress(fields["progress"], arrays),
            **read_optimizer(fields["optimizer"], arrays, parameters.flat),
        }
        noise, p = attributes.get("noise_variance_"), parameters.flat.size
        attributes.update(read_posterior(arrays, p, n_y, noise))
        if arrays:
            raise ModelFormatError(f"there are unknown arrays {sorted(arrays)}"[:300])
        if kind == "classifier":
            attributes.update(read_labels(fields["classes"], output, n_y))
        elif fields["classes"] is not None:
            raise ModelFormatError("a regressor has no classes")
    except (TypeError, ValueError) as error:
        raise _misfit(error) from error
    return parameters, attributes


def _misfit(error: Exception) -> ModelFormatError:
    """Return an error of reading, in one short line, for one that some check has raised."""
    text = " ".join(str(error).split())
    return ModelFormatError(f"the estimator's parts do not fit: {text}"[:500])
