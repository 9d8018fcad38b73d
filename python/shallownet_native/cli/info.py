"""`shallownet info`: describe this installation, or a saved model."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from .. import files
from .._messages.output import say
from .._messages.wording import quoted, shortened
from .._native.backend import config_text
from ..network import Parameters
from ..tables import MEASURES, Model

HELP = "describe this installation (CPU level, threads, versions), or a saved model"
DESCRIPTION = HELP.capitalize() + "."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("model", nargs="?", help="a .snet file")


def run(given: argparse.Namespace) -> None:
    """Describe this installation, or a saved model."""
    if given.model is None:
        say(*config_text().splitlines())
        return
    model = files.load(given.model, max_bytes=sys.maxsize)
    if isinstance(model, Parameters):
        say(f"{given.model}: {model!r}")
    else:
        say(*(describe_model if isinstance(model, Model) else describe_estimator)(model))


def describe_model(model: Model) -> list[str]:
    """Return a few lines on a model: what it predicts, from what, and how well."""
    n_x, n_h, n_y = model.parameters.shape
    hidden = f"{n_h} {model.hidden} - " if n_h else ""
    facts = dict(model.training)
    task = facts.pop("task", "model")
    classes = f", classes {shortened(model.classes)}" if model.classes else ""
    names = shortened(column.name for column in model.columns)
    n_categorical = sum(column.categories is not None for column in model.columns)
    size = f"{model.parameters.size} parameters, {model.parameters.dtype}"
    lines = [
        f"target    {quoted(model.target)}, {task}{classes}",
        f"columns   {len(model.columns)}, of which {n_categorical} categorical: {names}",
        f"network   {n_x} - {hidden}{n_y} {model.output}, {size}",
    ]
    measure = MEASURES.get(str(task), "")
    for part, label in (("training", "training"), ("held_out", "held-out")):
        n_rows, score = facts.pop(f"{part}_rows", 0), facts.pop(f"{part}_{measure}", None)
        if isinstance(score, float):
            lines.append(f"{label}  {measure} {score:.4f} on {n_rows} rows")
    return [*lines, *_trained(facts)]


def describe_estimator(model: Any) -> list[str]:
    """Return a few lines on an estimator: its parameters, what it reads, its network, its fit."""
    lines = [" ".join(repr(model).split())]
    if not hasattr(model, "coefs_"):
        return [*lines, "not fitted"]
    if hasattr(model, "classes_"):
        lines.append(f"classes   {shortened(model.classes_.tolist())}")
    names = getattr(model, "feature_names_in_", None)
    named = "without names" if names is None else shortened(names)
    lines.append(f"columns   {model.n_features_in_}, {named}")
    hidden = f"{len(model.intercepts_[0])} {model.activation} - " if model.n_layers_ > 2 else ""
    arrays = [*model.coefs_, *model.intercepts_]
    size = f"{sum(array.size for array in arrays)} parameters, {arrays[0].dtype}"
    sizes = f"{model.n_features_in_} - {hidden}{model.n_outputs_} {model.out_activation_}"
    lines.append(f"network   {sizes}, {size}")
    facts = {
        "epochs": getattr(model, "n_iter_", None),
        "loss": getattr(model, "loss_", None),
        "best validation score": getattr(model, "best_validation_score_", None),
    }
    return [*lines, *_trained({k: float(v) for k, v in facts.items() if v is not None})]


def _trained(facts: dict[str, Any]) -> list[str]:
    shown = [f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in facts.items()]
    return [f"trained   {', '.join(shown)}"] if shown else []
