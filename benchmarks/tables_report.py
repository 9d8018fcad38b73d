"""What measured losses say: ratios, ranks, times, and what intervals and sets cover.

A table's loss is the mean over its splits. Ratios of two models are taken per table, and their
geometric mean over tables, so that no table's scale weighs more than another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tables_data import KEEL, NAMES

Results = dict[str, dict[str, dict[str, dict[str, Any]]]]  # table, model, seed
LIMITS = 1.15, 1.4  # times the linear model's loss


class Losses:
    """The losses of the models on the tables that all of them were fitted to."""

    def __init__(self, results: Results, models: Sequence[str]) -> None:
        self.results = results
        self.models = [model for model in models if has_loss(results, model)]
        self.tables = [name for name in NAMES if self.is_whole(name)]
        self.matrix = np.array(  # (tables, models)
            [[self.mean(name, model) for model in self.models] for name in self.tables]
        ).reshape(len(self.tables), len(self.models))

    def runs(self, table: str, model: str) -> list[dict[str, Any]]:
        """Return what is known of the splits on which no model failed."""
        row = self.results.get(table, {})
        measured = [
            {seed for seed, run in row[m].items() if "loss" in run} for m in self.models if m in row
        ]
        seeds = set.intersection(*measured) if measured else set()
        return [row[model][seed] for seed in sorted(seeds, key=int)] if model in row else []

    def is_whole(self, table: str) -> bool:
        return all(self.runs(table, model) for model in self.models)

    def mean(self, table: str, model: str) -> float:
        return float(np.mean([run["loss"] for run in self.runs(table, model)]))

    def of(self, model: str) -> Any:
        return self.matrix[:, self.models.index(model)]

    def median(self, model: str, what: str) -> float:
        """Return the median over tables of the mean over splits."""
        return float(
            np.median(
                [np.mean([run[what] for run in self.runs(name, model)]) for name in self.tables]
            )
        )


def has_loss(results: Results, model: str) -> bool:
    return any("loss" in run for row in results.values() for run in row.get(model, {}).values())


def ratio(ratios: Any) -> str:
    return f"{np.exp(np.log(ratios).mean()):.3f}" if len(ratios) else "-"


def p_value(ratios: Any) -> str:
    """Return Wilcoxon's p of the ratios' logarithms: how likely chance alone makes such signs."""
    from scipy.stats import wilcoxon

    logs = np.log(ratios)
    return f"{wilcoxon(logs).pvalue:.3f}" if len(logs) > 1 and np.any(logs != 0) else "-"


def mean_ranks(losses: Losses) -> Any:
    """Return each model's mean place among all: 1 is the lowest loss, equals share their places."""
    from scipy.stats import rankdata

    return rankdata(losses.matrix, axis=1).mean(axis=0)


def summary(losses: Losses, reference: str) -> list[list[str]]:
    """Return a row per model, beside the reference's losses."""
    threads = {
        run["threads"] for t in losses.tables for m in losses.models for run in losses.runs(t, m)
    }
    counts = "/".join(map(str, sorted(threads)))
    head = [
        "model",
        "log-loss",
        "RMSE",
        "wins-losses",
        "p",
        "mean rank",
        f"fit s ({counts} threads)",
        "CPU s",
    ]
    is_class = np.array([name in KEEL for name in losses.tables])
    ranks = mean_ranks(losses)
    rows = []
    for k, model in enumerate(losses.models):
        ratios = losses.of(model) / losses.of(reference)
        wins, losts = int((ratios < 1).sum()), int((ratios > 1).sum())
        times = [f"{losses.median(model, what):.2f}" for what in ("seconds", "cpu")]
        rows.append([
            model, ratio(ratios[is_class]), ratio(ratios[~is_class]), f"{wins}-{losts}",
            p_value(ratios), f"{ranks[k]:.2f}", *times,
        ])  # fmt: skip
    return [head, *sorted(rows, key=lambda row: float(row[5]))]


def per_table(losses: Losses) -> list[list[str]]:
    """Return a row per table with each model's loss."""
    rows = [["table", "loss", *losses.models]]
    for name, row in zip(losses.tables, losses.matrix, strict=True):
        measure = "log-loss" if name in KEEL else "RMSE/sd"
        rows.append([name, measure, *(f"{loss:.4f}" for loss in row)])
    return rows


def beside_linear(losses: Losses, model: str) -> list[str]:
    """Return sentences on the model's loss as a ratio to the linear model's, table by table."""
    ratios = losses.of(model) / losses.of("linear")
    order = np.argsort(-ratios)
    worst = ", ".join(f"{losses.tables[k]} {ratios[k]:.3f}" for k in order)
    counts = ", ".join(f"{int((ratios > limit).sum())} above {limit}" for limit in LIMITS)
    return [f"{model} over linear: {counts}", f"  {worst}"]


def covers(losses: Losses, model: str) -> list[list[str]]:
    """Return what 90 % intervals cover, or 90 % sets of their worst class: rows of all splits."""
    rows = [["table", "covered", "worst class", "rows of it", "width (sd, or classes)"]]
    for name in losses.tables:
        runs = [run for run in losses.runs(name, model) if "covered" in run]
        if not runs:
            continue
        n = np.sum([run["n"] for run in runs], axis=0)
        part = np.sum([run["covered"] for run in runs], axis=0) / n
        worst = int(part.argmin())
        overall = (part * n).sum() / n.sum()
        one = [f"{part[worst]:.3f}", str(n[worst])] if len(n) > 1 else ["", ""]
        width = float(np.mean([run["width"] for run in runs]))
        rows.append([name, f"{overall:.3f}", *one, f"{width:.2f}"])
    return rows


def failures(results: Results, models: Iterable[str]) -> list[str]:
    """Return a line for each fit that ended in an error."""
    return [
        f"{name}, {model}, split {seed}: {run['error']}"
        for name, row in results.items()
        for model in models
        for seed, run in row.get(model, {}).items()
        if "error" in run
    ]


def aligned(rows: list[list[str]]) -> str:
    """Return a table in Markdown, words to the left and numbers to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    line = ["-" * w if k == 0 else "-" * (w - 1) + ":" for k, w in enumerate(widths)]
    cells = [rows[0], line, *rows[1:]]

    def padded(row: list[str]) -> str:
        rest = (cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))
        return f"| {' | '.join([row[0].ljust(widths[0]), *rest])} |"

    return "\n".join(map(padded, cells))


def report(results: Results, models: Sequence[str], against: str) -> str:
    """Return all tables and sentences."""
    losses = Losses(results, models)
    parts: list[str] = []
    if losses.tables:
        reference = against if against in losses.models else losses.models[0]
        n = sum(len(losses.runs(name, losses.models[0])) for name in losses.tables)
        what = f"losses over those of {reference}, geometric means; median seconds of a fit"
        said = f"{len(losses.tables)} tables, {n} splits; {what}"
        parts = [aligned(per_table(losses)), said, aligned(summary(losses, reference))]
        first = losses.models[0]
        if "linear" in losses.models and first != "linear":
            parts.append("\n".join(beside_linear(losses, first)))
        if len(rows := covers(losses, first)) > 1:
            parts += [f"90 % intervals and sets of {first}", aligned(rows)]
    failed = failures(results, models)
    return "\n\n".join(parts + (["failed:\n" + "\n".join(failed)] if failed else []))
