"""What is wrong with a training, in sentences: `diagnose`, and its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._messages.reprs import shown
from ..models import View, innermost, view_of
from .symptoms import SYMPTOMS, Facts, Finding, model_and_run


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What `diagnose` has found.

    Attributes
    ----------
    findings : tuple of Finding
        Each has a `name` of the vocabulary, a `value`, which is the figure that it was told by, and
        a `sentence`. There are none of a healthy training.
    text : str
        Their sentences, one a line; of a healthy training one sentence that says so. `print` shows
        the same.
    """

    __module__ = "shallownet_native"

    findings: tuple[Finding, ...]
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the findings, in their order: what may be the cause of others first."""
        return tuple(finding.name for finding in self.findings)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return shown("Diagnosis", {"findings": self.names})


def diagnose(model_or_result: Any, X: Any, y: Any = None) -> Diagnosis:
    """Say what is wrong with a training, in plain sentences with figures and what to do.

    Parameters
    ----------
    model_or_result : Parameters, TrainingResult, TrainingResults or fitted estimator
        An estimator of ours or scikit-learn's with at most one hidden layer, a Pipeline that ends
        in one, a finished search; of the error of a broken training its `result` is taken. The more
        it remembers of its training, the more can be told: of Parameters no curve and no rate.
    X : array_like or DataFrame
        What the network was trained on, as it was given then: columns (n_x, m) to functions, rows
        (m, n_x) to estimators.
    y : array_like, optional
        What it should give for X, as it was given then. None: what needs no targets is told.

    Returns
    -------
    Diagnosis
        Its `findings` are data, its `text` is for reading.

    Raises
    ------
    TypeError
        If the model is something else, or several networks.
    ValueError
        If X or y does not fit the model, or is not finite.

    Notes
    -----
    The vocabulary, and what `value` is: *diverged*, the last cost over the first;
    *learning_rate*, the rate over its limit 2 / lambda, lambda being the largest curvature (of
    adam, over its default); *unscaled_inputs*, the ratio of two columns' deviations, a root mean
    square, how far a mean is off, or a deviation; *unscaled_target*, a root mean square, or a
    deviation; *symmetric_units*, how many have a twin; *dead_units*, how many are 0 for all of X;
    *saturated_units*, the share of cases without slope; *plateau*, the cost over that of a constant
    answer; *underfitting*, the score; *overfitting*, the validation cost over the lowest, or over
    that of training, or the score without such data; *few_restarts*,
    how many there were; *imbalance*, the share of the rarest class; *contradicting_labels*, how
    many examples; *constant_column*, *duplicate_column*, how many columns. The page on diagnosis
    has the thresholds, and what they were measured against.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.flower()
    >>> start = sn.initialize(n_x=2, n_h=4, n_y=1, scheme="zeros")
    >>> result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=500)
    >>> report = sn.diagnose(result, X, Y)
    >>> report
    Diagnosis(findings=('symmetric_units', 'plateau', 'underfitting'))
    >>> report.findings[0].value
    4
    """
    if hasattr(model_or_result, "predict"):
        _check_one_network(model_or_result, view_of(model_or_result, X))
    model, run = model_and_run(model_or_result)
    view = view_of(model, X)
    with np.errstate(all="ignore"):  # of a training that has run away squares may overflow
        facts = Facts(view, run, X, y)
        for symptom in SYMPTOMS:
            name = symptom.__name__
            facts.findings += [Finding(name, *told) for told in symptom(facts)]
        findings = tuple(facts.findings)
        text = "\n".join(found.sentence for found in findings) or _healthy(facts)
    return Diagnosis(findings, text)


def _check_one_network(model: Any, view: View) -> None:
    """Raise TypeError if an estimator is none that has the weights of one network."""
    last = innermost(model)[1]
    if hasattr(last, "regressor_"):
        raise TypeError(
            f"diagnose looks at one network, and {view.name} holds it: pass its regressor_, with "
            "the target as that was trained on it, model.transformer_.transform(y[:, np.newaxis])"
        )
    if hasattr(last, "coefs_"):
        return
    if any(hasattr(each, "coefs_") for each in getattr(last, "estimators_", ())):
        raise TypeError(
            f"diagnose looks at one network with at most one hidden layer, and {view.name} is a "
            "bag of several: take a ShallowNetClassifier or ShallowNetRegressor; of a bag, "
            "oob_score_ tells how good it is"
        )
    raise TypeError(
        f"diagnose looks at one network with at most one hidden layer, and {view.name} is none: "
        "take a ShallowNetClassifier or ShallowNetRegressor, or scikit-learn's MLPClassifier or "
        "MLPRegressor"
    )


def _healthy(facts: Facts) -> str:
    """Return the one sentence on a training without symptoms."""
    if facts.score is None:
        return f"Nothing is wrong as far as these {facts.m} examples tell."
    told = facts.measure.told
    return (
        f"Nothing is wrong as far as these {facts.m} examples tell: the network comes to "
        f"{told(facts.score)}, where one answer for all has {told(facts.constant_score)}."
    )
