"""class_weight: by the labels as they are given, and numbers that can weigh."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from mlp_pairs import M, data, ours, weights_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
DAYS = np.array(["2020-01-01", "2021-01-01"], "M8[D]")
PAIRS: dict[str, tuple[Any, list[Any]]] = {  # labels, and how a dict names them
    "digits as strings": (np.array(["0", "1"]), ["0", "1"]),
    "words": (np.array(["no", "yes"]), ["no", "yes"]),
    "objects": (np.array(["1", "2"], object), ["1", "2"]),
    "int": (np.array([3, 7]), [3, 7]),
    "int by floats": (np.array([3, 7]), [3.0, 7.0]),
    "float": (np.array([1.0, 2.0]), [1, 2]),
    "bool": (np.array([False, True]), [False, True]),
    "dates": (DAYS, list(DAYS)),
}


@pytest.mark.parametrize("case", PAIRS)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_estimator_class_weight_goes_by_the_labels_given(case: str, method: str) -> None:
    labels, keys = PAIRS[case]
    x, y = data("binary")
    side = (y == 7).astype(int)
    classes = {"classes": labels} if method == "partial_fit" else {}
    for weights in ({keys[0]: 0.5, keys[1]: 20}, {keys[1]: 20.0}):
        model = ours("binary", class_weight=weights, max_iter=3)
        getattr(model, method)(x, labels[side], **classes)
        factors = np.array([weights.get(keys[0], 1), 20.0])[side]
        other = ours("binary", max_iter=3)
        getattr(other, method)(x, labels[side], sample_weight=factors, **classes)
        assert np.array_equal(weights_of(model), weights_of(other))


def test_estimator_class_weight_of_classes_that_are_not_there() -> None:
    """As elsewhere in scikit-learn a class of no weight weighs 1, and a weight too many is none."""
    x, y = data("binary")
    model = ours("binary", class_weight={3: 1, 7: 2, 99: 5}).fit(x, y)
    assert np.array_equal(
        weights_of(model), weights_of(ours("binary", class_weight={7: 2}).fit(x, y))
    )
    only = ours("binary", class_weight={7: 5.0}).partial_fit(x, y, classes=[3, 7])
    only.partial_fit(x[y == 3], y[y == 3])  # a part without the class that is named
    with pytest.raises(ValueError, match=r"balanced.*partial_fit"):
        ours("binary", class_weight="balanced").partial_fit(x, y, classes=[3, 7])


@pytest.mark.parametrize(
    ("labels", "weights", "words"),
    [
        (["0", "1"], {0: 1, 1: 20}, r"names 0 \(int\), which is no class.*'0', '1' \(str\)"),
        ([0, 1], {"0": 1, "1": 20}, r"names '0' \(str\), which is no class.*0, 1 \(int\)"),
        (["a", "b"], {"a": 1, "c": 2}, "names 'c'"),
        ([3, 7], {3: 1.0, 99: 2.0}, "names 99"),
    ],
)
def test_estimator_class_weight_names_what_is_no_class(
    labels: Any, weights: Any, words: str
) -> None:
    x, y = data("binary")
    with pytest.raises(ValueError, match=words):
        ours("binary", class_weight=weights).fit(x, np.array(labels)[(y == 7).astype(int)])


@pytest.mark.parametrize(
    "weight", [np.nan, np.inf, -1.0, None, "2", datetime.timedelta(1), 1j], ids=repr
)
def test_estimator_class_weight_refuses_what_cannot_weigh(weight: Any) -> None:
    x, y = data("binary")
    words = r"class_weight must give each class a finite number >= 0, got .* for 7"
    with pytest.raises(ValueError, match=words):
        sn.ShallowNetClassifier(class_weight={3: 1, 7: weight}).fit(x, y)
    with pytest.raises(ValueError, match=words):
        sn.ShallowNetClassifier(class_weight={3: 1, 7: weight}).partial_fit(x, y, classes=[3, 7])
    x, y = data("multilabel")
    with pytest.raises(ValueError, match=r"class_weight must give .* for 1"):
        sn.ShallowNetClassifier(class_weight=[{0: 1, 1: weight}, {}, {}]).fit(x, y)


def test_estimator_class_weight_of_zero_leaves_a_class_out() -> None:
    x, y = data("binary")
    model = ours("binary", class_weight={3: 0}).fit(x, y)
    other = ours("binary").fit(x, y, sample_weight=(y == 7).astype(float))
    assert np.array_equal(weights_of(model), weights_of(other)) and len(y) == M
    with pytest.raises(ValueError, match="list of dicts only"):
        ours("binary", class_weight=[{3: 1}]).fit(x, y)
