"""Class labels from a network's outputs, and the logarithms of its probabilities from logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import LabelBinarizer, type_of_target
from ..._native.arrays import Doubles, Floats
from ..._native.sparse import check_foreign
from .checks import check_labels


def decide(A2: npt.NDArray[Any], classes: npt.NDArray[Any], activation: str) -> npt.NDArray[Any]:
    """Return the labels (m,) that outputs (m, n_y) stand for; of several labels (m, n_y) 0 and 1.

    Parameters
    ----------
    A2 : ndarray, shape (m, n_y)
        Or the truth itself, coded as bool.
    classes : ndarray
        One per column; two, or a single one, for one column.
    activation : {"logistic", "softmax"}
        Of the outputs; several logistic ones are labels of their own.
    """
    if activation == "logistic" and A2.shape[1] > 1:
        return (A2 > 0.5).astype(int)
    if activation == "softmax":
        indices = A2.argmax(axis=1)
    else:
        indices = np.minimum(A2[:, 0] > 0.5, len(classes) - 1)
    labels: npt.NDArray[Any] = classes.take(indices)
    return labels


def probabilities(A2: Floats, n_classes: int) -> Floats:
    """Return a column of each class: what one output leaves is the first one's; of one class, 1."""
    if n_classes == 1:
        return np.ones_like(A2)
    return np.hstack((1 - A2, A2)) if A2.shape[1] == 1 else A2


def log_probabilities(Z2: Floats, n_classes: int, activation: str) -> Floats:
    """Return the logarithm of each column of `probabilities`, from the logits."""
    if n_classes == 1:
        return np.zeros_like(Z2)
    if activation == "softmax":
        return log_softmax(Z2)
    return log_sigmoid(np.hstack((-Z2, Z2)) if Z2.shape[1] == 1 else Z2)


def is_multilabel(y: Any) -> bool:
    """Tell whether each row has labels of its own, 0 or 1 in several columns."""
    check_foreign(y, "y")
    if getattr(y, "dtype", None) not in (np.float32, np.float64):  # these are looked at later
        check_labels(y)
    return str(type_of_target(y)).startswith("multilabel")


def first_binarizer(y: Any, classes: Any) -> Any:
    """Return the LabelBinarizer of all labels that will come, None if nobody has said which."""
    if classes is None:
        return None
    return LabelBinarizer().fit(y if is_multilabel(y) else classes)


def check_same_classes(given: npt.NDArray[Any], known: npt.NDArray[Any], warm_start: bool) -> None:
    """Refuse labels that the network has no output for, and with `warm_start` also fewer."""
    if warm_start and set(given) != set(known):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous call "
            f"to fit. Previously got {known}, `y` has {given}"
        )
    if np.setdiff1d(given, known, assume_unique=True).size:
        raise ValueError(
            f"`y` has classes not in `self.classes_`. `self.classes_` has {known}. 'y' has {given}."
        )


def check_known_classes(held_out: npt.NDArray[Any], known: npt.NDArray[Any]) -> None:
    """Refuse labels to validate on that the network has no output for."""
    unseen = np.setdiff1d(held_out, known)
    if unseen.size:
        raise ValueError(f"y_val has classes that y does not have: {unseen}")


def check_not_balanced(class_weight: Any) -> None:
    """Refuse weights that depend on how often each class occurs in data that come bit by bit."""
    if class_weight == "balanced":
        raise ValueError(
            "class_weight='balanced' is not supported by partial_fit, which never sees all "
            "rows: give a dict, from sklearn.utils.class_weight.compute_class_weight"
        )


def softmax(z: Doubles) -> Doubles:
    """Return exp(z) over its sum along the last axis, (..., n)."""
    parts: Doubles = np.exp(z - z.max(axis=-1, keepdims=True))
    parts /= parts.sum(axis=-1, keepdims=True)
    return parts


def sigmoid(z: Doubles) -> Doubles:
    """Return 1 / (1 + exp(-z)) of each element, without overflow."""
    e = np.exp(-np.abs(z))
    A: Doubles = np.where(z < 0, e, 1) / (1 + e)
    return A


def log_softmax(Z2: Floats) -> Floats:
    """Return the logarithm of each row's softmax, (m, n_y)."""
    shifted = Z2 - Z2.max(axis=1, keepdims=True)
    logarithm: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithm


def log_sigmoid(Z2: Floats) -> Floats:
    """Return log sigmoid of each element, min(z, 0) - log(1 + e^-|z|): finite for all finite z."""
    logarithm: Floats = np.minimum(Z2, 0) - np.log1p(np.exp(-np.abs(Z2)))
    return logarithm
