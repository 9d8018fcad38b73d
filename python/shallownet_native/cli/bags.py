"""What is known of bags of networks for tables: as `info --json` prints it, and as lines."""

from __future__ import annotations

from typing import Any

WORDS = {"plain": "on the columns", "piecewise": "on the columns and codes of numbers by bins"}
UNSEEN = "each predicted only by networks that had not seen it"


def is_bag(model: Any) -> bool:
    """Tell whether this is a fitted estimator for tables."""
    return hasattr(model, "encoder_")


def bag_facts(model: Any) -> dict[str, Any]:
    """Return the facts of a fitted estimator for tables."""
    n_folds, n_networks = model._left_out.patterns.shape
    views = [
        {
            "view": view,
            "networks": n_networks,
            "weight": model.encoding_weights_[view],
            "best_epoch": model.best_epoch_[view],
            "parameters": members.size,
        }
        for view, members in model._members.items()
    ]
    return {
        "views": views,
        "hidden": model._n_hidden,
        "activation": "mish",
        "output": model._outputs.unit,
        "folds": n_folds,
    }


def left_out_score(model: Any) -> dict[str, Any]:
    """Return the one measure that an estimator itself knows, of so many rows left out."""
    name = "accuracy" if hasattr(model, "classes_") else "r2"
    return {"rows": len(model._left_out.scores), name: model.oob_score_}


def bag_lines(facts: dict[str, Any]) -> list[str]:
    """Return lines on the networks of each view."""
    lines = [
        f"{one['networks']} {WORDS[one['view']]}: weight {one['weight']:.2f}, best epoch "
        f"{one['best_epoch']}"
        for one in facts["views"]
    ]
    units = f"of {facts['hidden']} {facts['activation']} units each, {facts['output']} output"
    rows = f"{facts['folds']} folds of the rows, each network without one of them"
    return [f"{'' if k else 'networks':<10}{line}" for k, line in enumerate([*lines, units, rows])]
