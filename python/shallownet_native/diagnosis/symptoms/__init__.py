"""What may be wrong with a training: a function for each symptom, which finds it or says nothing.

`finding` is what becomes of what they say. `runs` reads what a model knows of its training,
`scores` what a network explains, `scaling` how training saw the data, and `facts` has all of that,
each computed once; `limits` are those of a rate. By these `data`, `units`, `descent` and `fitting`
tell their symptoms, with thresholds that healthy runs were measured against.
Imports `training`, `models`, `network`, `_native`, `_messages`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .data import (
    constant_column,
    contradicting_labels,
    duplicate_column,
    imbalance,
    unscaled_inputs,
    unscaled_target,
)
from .descent import diverged, learning_rate, plateau
from .facts import Facts
from .finding import Finding, Told
from .fitting import few_restarts, overfitting, underfitting
from .runs import model_and_run
from .units import dead_units, saturated_units, symmetric_units

# in the order in which they are reported, causes first; a finding has its function's name
SYMPTOMS: tuple[Callable[[Facts], Iterator[Told]], ...] = (
    diverged, learning_rate, unscaled_inputs, unscaled_target, symmetric_units, dead_units,
    saturated_units, plateau, underfitting, overfitting, few_restarts, imbalance,
    contradicting_labels, constant_column, duplicate_column,
)  # fmt: skip
