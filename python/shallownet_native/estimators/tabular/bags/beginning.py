"""The first values of networks, each drawn by its own Generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...._native.backend import core
from ..folds import Fold
from .problem import Singles, Standing, ViewProblem

ROWS_LOOKED_AT = 512  # by which first weights are scaled


def begin(problem: ViewProblem, folds: Sequence[Fold], seeds: Sequence[Any]) -> Standing:
    """Return the first values of networks, each drawn by its own Generator."""
    D, H, K = problem.sizes
    M, P = len(seeds), D * H + H + K * H + K + D
    generators = [np.random.default_rng(seed) for seed in seeds]
    parameters = np.zeros((M, P), np.float32)
    for one, fold, generator in zip(parameters, folds, generators, strict=True):
        draw_first(problem, fold, generator, one)
    moments = np.zeros((M, 2, P), np.float32)
    return Standing(parameters, moments, parameters.copy(), np.zeros(M, np.int64), generators)


def draw_first(
    problem: ViewProblem, fold: Fold, generator: np.random.Generator, out: Singles
) -> None:
    """Draw a network's first values into `out` (P,), which is all zeros.

    Notes
    -----
    W1 ~ N(0, 1), then each unit's weights are scaled so that its sum has deviation 1 over some of
    the rows; b1 ~ N(0, 1); W2, b2 are 0, and the scales of the inputs 1.
    """
    D, H, K = problem.sizes
    W1, b1 = out[: D * H].reshape(D, H), out[D * H : D * H + H]
    generator.standard_normal(out=W1, dtype=np.float32)
    out[-D:] = 1
    rows = fold.learned
    if len(rows) > ROWS_LOOKED_AT:
        rows = np.sort(generator.choice(rows, ROWS_LOOKED_AT, replace=False, shuffle=False))
    Z1 = core.table_hidden(tuple(problem.inputs.rows(rows)), out[None], H, K).astype(np.float64)
    deviations = Z1.std(axis=0)
    W1 *= np.where(deviations > 1e-6, 1 / np.maximum(deviations, 1e-6), 1.0).astype(np.float32)
    generator.standard_normal(out=b1, dtype=np.float32)
