"""An estimator for tables as a record of a `.snet` file: encoder, networks, rows left out.

Nothing that a record holds is trusted: every part is checked, alone and against the others, before
an estimator gets any of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._native.arrays import MAX_UNITS, check_integer
from ...files import ModelFormatError, Record, pack_value, require_keys, unpack_value
from ...network import Parameters
from ...tables.encoding import input_places, pack_encoder, plain_width, unpack_encoder
from ..parameters import check_callbacks
from ..saving.facts import check_facts, check_fit
from ..saving.parts import pack_labels, read_labels
from .bags import VIEWS
from .intervals import LeftOut
from .outputs import ClassOutputs, NumberOutputs, Outputs, folded

Arrays = dict[str, npt.NDArray[Any]]

KEYS = {"parameters", "fitted"}
FITTED_KEYS = {"encoder", "classes", "numbers", "n_hidden", "views", "oob_score", "deviation"}
ROWS = ("pattern", "scores", "places")
OF_ENCODER, OF_VIEW = "encoder.", "networks."
DTYPES = {
    "shares": np.float64, "patterns": np.int64, "pattern": np.int64, "scores": np.float64,
    "places": np.int64, "oob": np.float64,
}  # fmt: skip
MAX_EPOCH = 2**53


def networks(estimator: Any) -> dict[str, list[Parameters]]:
    """Return the networks of each view as ordinary ones, whose inputs are the encoder's outputs."""
    encoder, found = estimator.encoder_, {}
    for view, members in estimator._members.items():
        places, n_x = input_places(encoder), len(encoder.get_feature_names_out())
        if view == "plain":
            n_x = plain_width(encoder)
            places = places[places < n_x]
        outputs, H = estimator._outputs, estimator._n_hidden
        found[view] = [folded(outputs, one, H, places, n_x) for one in members]
    return found


def pack(estimator: Any) -> Record:
    """Return what a file holds of an estimator, fitted or not.

    Raises
    ------
    TypeError
        If its class is another, or a parameter's value an object that no file can hold.
    ValueError
        If `fit` would refuse a parameter's value, or the fitted state is not one that it leaves.
    """
    if "_kind" not in vars(type(estimator)):
        raise TypeError(
            f"{type(estimator).__name__} is a subclass of ours, which a .snet file cannot name: "
            "use pickle"
        )
    check_settings(estimator)
    values = dict(estimator.get_params(deep=False))
    if not isinstance(values["categorical_features"], (str, tuple)):
        values["categorical_features"] = list(values["categorical_features"])
    parameters = {name: pack_value(value, name) for name, value in values.items()}
    if "encoder_" not in vars(estimator):
        return Record(estimator._kind, {"parameters": parameters, "fitted": None})
    fields, arrays = _pack_fitted(estimator)
    try:
        _read_fitted(estimator._kind, fields, arrays)
    except (TypeError, ValueError) as error:  # what cannot be read must not be written
        raise ValueError(f"the {estimator._kind} is not as fit leaves it: {error}") from error
    table = {}
    if "table_" in vars(estimator):
        try:
            table = {"table": _checked_table(estimator.table_, estimator)}
        except ModelFormatError as error:
            raise ValueError(
                f"the estimator's table_ is of another fit, {error}: save it after del "
                "estimator.table_"
            ) from error
    return Record(estimator._kind, {"parameters": parameters, "fitted": fields, **table}, arrays)


def unpack(class_: Any, record: Record) -> Any:
    """Return the estimator that `pack` packed, or raise ModelFormatError."""
    has_table = "table" in record.fields  # which the command line has written
    keys = KEYS | {"table"} if has_table else KEYS
    fields = require_keys(record.fields, keys, "the estimator")
    values = fields["parameters"]
    if not isinstance(values, dict) or not values.keys() <= set(class_._get_param_names()):
        raise ModelFormatError("the estimator has parameters that are unknown here")
    try:
        # what is not there came with a later release than the file's, and has its default
        estimator = class_(**{name: unpack_value(value) for name, value in values.items()})
        check_settings(estimator)
        if fields["fitted"] is not None:
            attributes = _read_fitted(class_._kind, fields["fitted"], record.arrays)
            vars(estimator).update(attributes)
            if has_table:
                estimator.table_ = _checked_table(fields["table"], estimator)
        elif record.arrays or has_table:
            raise ModelFormatError("an estimator that is not fitted has no arrays and no table")
    except (TypeError, ValueError) as error:
        text = " ".join(str(error).split())
        raise ModelFormatError(f"the estimator's parts do not fit: {text}"[:500]) from error
    return estimator


def check_settings(estimator: Any) -> None:
    """Raise what `fit` would raise about the constructor's parameters, whatever the data."""
    estimator._validate_params()
    check_callbacks(estimator.callbacks)


def _checked_table(facts: Any, estimator: Any) -> dict[str, Any]:
    """Return what is known of the table, or raise TypeError or ValueError."""
    table = check_facts(facts)
    is_classifier = estimator._kind == "table classifier"
    check_fit(table, estimator.encoder_, estimator, is_classifier=is_classifier)
    return table


def _pack_fitted(estimator: Any) -> tuple[dict[str, Any], Arrays]:
    left_out, outputs = estimator._left_out, estimator._outputs
    encoder = pack_encoder(estimator.encoder_)
    classes = getattr(estimator, "classes_", None)
    fields = {
        "encoder": encoder.fields,
        "classes": None if classes is None else pack_labels(classes, False),
        "numbers": list(outputs) if classes is None else None,
        "n_hidden": estimator._n_hidden,
        "views": dict(estimator.best_epoch_),
        "oob_score": pack_value(estimator.oob_score_, "oob_score_"),
        "deviation": left_out.deviation,
    }
    oob = estimator.oob_prediction_ if classes is None else estimator.oob_decision_function_
    values = {
        "shares": list(estimator.encoding_weights_.values()),
        "patterns": left_out.patterns,
        **{name: getattr(left_out, name) for name in ROWS},
        "oob": oob,
    }
    arrays = {name: np.asarray(values[name], dtype) for name, dtype in DTYPES.items()}
    arrays.update({OF_ENCODER + name: array for name, array in encoder.arrays.items()})
    arrays.update({OF_VIEW + view: one for view, one in estimator._members.items()})
    return fields, arrays


def _read_fitted(kind: str, fields: Any, arrays: Arrays) -> dict[str, Any]:
    """Return the attributes of a fitted state, or raise TypeError or ValueError."""
    fields = require_keys(fields, FITTED_KEYS, "the fitted state")
    of_encoder = _taken(arrays, OF_ENCODER)
    members = _taken(arrays, OF_VIEW)
    own = {n: a for n, a in arrays.items() if not n.startswith((OF_ENCODER, OF_VIEW))}
    require_keys(own, set(DTYPES), "the estimator's arrays")
    for name, dtype in DTYPES.items():
        if own[name].dtype != dtype or not np.isfinite(own[name]).all():
            raise ModelFormatError(f"{name} must be finite numbers of {np.dtype(dtype).name}")
    encoder = unpack_encoder(Record("table encoder", fields["encoder"], of_encoder))
    if not hasattr(encoder, "n_features_in_"):
        raise ModelFormatError("the encoder is not fitted")
    outputs, labels = _read_outputs(kind, fields)
    check_integer(fields["n_hidden"], "n_hidden", 1, MAX_UNITS)
    views = _read_views(fields["views"])
    left_out = _read_left_out(own, fields["deviation"], outputs)
    n_inputs = {"piecewise": len(input_places(encoder)), "plain": 0}
    n_inputs["plain"] = int(np.count_nonzero(input_places(encoder) < plain_width(encoder)))
    _check_members(members, views, n_inputs, fields["n_hidden"], outputs, left_out)
    shares = own["shares"]
    if shares.shape != (len(views),) or (shares < 0).any() or abs(shares.sum() - 1) > 1e-6:
        raise ModelFormatError("the views' weights are not as many, or not parts of one")
    attributes: dict[str, Any] = {
        "encoder_": encoder,
        "n_features_in_": encoder.n_features_in_,
        **labels,
        "best_epoch_": views,
        "encoding_weights_": dict(zip(views, shares.tolist(), strict=True)),
        "oob_score_": _real(fields["oob_score"], "oob_score_", nan=True),
        **_read_oob(own["oob"], outputs, len(left_out.scores)),
        "_members": {view: members[view] for view in views},
        "_outputs": outputs,
        "_left_out": left_out,
        "_n_hidden": fields["n_hidden"],
    }
    if hasattr(encoder, "feature_names_in_"):
        attributes["feature_names_in_"] = encoder.feature_names_in_.copy()
    return attributes


def _taken(arrays: Arrays, prefix: str) -> Arrays:
    return {n[len(prefix) :]: array for n, array in arrays.items() if n.startswith(prefix)}


def _real(value: Any, name: str, *, nan: bool = False) -> float:
    value = unpack_value(value)
    if type(value) not in (int, float) or not (math.isfinite(value) or (nan and value != value)):
        raise ModelFormatError(f"{name} must be a finite number")
    return float(value)


def _read_outputs(kind: str, fields: Any) -> tuple[Outputs, dict[str, Any]]:
    """Return what logits stand for, and the attribute of the labels."""
    if kind == "table regressor":
        numbers = fields["numbers"]
        if not isinstance(numbers, list) or len(numbers) != 4 or fields["classes"] is not None:
            raise ModelFormatError("a regressor has four numbers of its targets, and no classes")
        found = NumberOutputs(*(_real(value, "a number of the targets") for value in numbers))
        if found.scale <= 0 or found.low > found.high:
            raise ModelFormatError("the targets' scale or range is none")
        return found, {}
    if fields["numbers"] is not None:
        raise ModelFormatError("a classifier has classes, and no numbers of its targets")
    listed = fields["classes"]
    n = len(listed["labels"]) if isinstance(listed, dict) and "labels" in listed else 0
    outputs = ClassOutputs(n)
    unit = "logistic" if n <= 2 else "softmax"
    classes = read_labels(listed, unit, outputs.n_outputs)["classes_"]
    return outputs, {"classes_": classes}


def _read_views(best: Any) -> dict[str, int]:
    """Return the best epoch of each view, in their order."""
    if not isinstance(best, dict) or not best or not best.keys() <= set(VIEWS):
        raise ModelFormatError("the views are none, or others than those that there are")
    for epoch in best.values():
        check_integer(epoch, "best_epoch_", 0, MAX_EPOCH)
    return {view: best[view] for view in VIEWS if view in best}


def _read_left_out(own: Arrays, deviation: Any, outputs: Outputs) -> LeftOut:
    patterns, scores = own["patterns"], own["scores"]
    n_places = outputs.n_values if isinstance(outputs, ClassOutputs) else 1
    is_right = (
        patterns.ndim == 2
        and patterns.size > 0
        and bool(np.isin(patterns, (0, 1)).all() and patterns.any(axis=1).all())
        and all(own[name].shape == scores.shape for name in ROWS)
        and scores.ndim == 1
        and scores.size > 0
        and bool((scores >= 0).all())
        and bool(np.isin(own["pattern"], np.arange(len(patterns))).all())
        and bool(((own["places"] >= 0) & (own["places"] < n_places)).all())
    )
    if not is_right:
        raise ModelFormatError("what is known of rows left out does not fit")
    if _real(deviation, "deviation") < 0:
        raise ModelFormatError("the deviation of rows left out is negative")
    return LeftOut(
        patterns.astype(np.bool_), own["pattern"], scores, own["places"], float(deviation)
    )


def _check_members(
    members: Arrays,
    views: dict[str, int],
    n_inputs: dict[str, int],
    n_hidden: int,
    outputs: Outputs,
    left_out: LeftOut,
) -> None:
    require_keys(members, set(views), "the networks")
    for view, one in members.items():
        D, H, K = n_inputs[view], n_hidden, outputs.n_outputs
        shape = left_out.patterns.shape[1], D * H + H + K * H + K + D
        if one.shape != shape or one.dtype != np.float32 or not np.isfinite(one).all():
            raise ModelFormatError(f"the {view} networks are not {shape} finite float32 numbers")


def _read_oob(oob: npt.NDArray[Any], outputs: Outputs, n: int) -> dict[str, Any]:
    """Return the attribute of what networks make of rows that they have left out."""
    is_classes = isinstance(outputs, ClassOutputs)
    shape = (len(oob), outputs.n_values) if is_classes else (oob.size,)
    if oob.shape != shape or len(oob) < n:
        raise ModelFormatError("the predictions of rows left out are not those of all rows")
    return {"oob_decision_function_" if is_classes else "oob_prediction_": oob}
