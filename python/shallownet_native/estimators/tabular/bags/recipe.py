"""How networks of tables are trained: numbers that were found by trying."""

from __future__ import annotations

from typing import Any

from ..outputs import Outputs

HIDDEN = "mish"
RECIPE = {
    "hidden": HIDDEN, "schedule": "coslog4", "bias_rate": 0.1, "scale_rate": 6.0, "beta_1": 0.9,
    "beta_2": 0.95, "epsilon": 1e-8, "average_every": 8,
}  # fmt: skip
DECAYS = {"plain": 0.02, "piecewise": 0.05}  # of weights, by view
VIEWS = tuple(DECAYS)
BATCHES = ((1024, 64), (8192, 128))  # up to so many rows, the rows of a batch
LARGEST_BATCH = 256


def options_of(estimator: Any, view: str, outputs: Outputs, n: int) -> dict[str, Any]:
    """Return the core's options for a view of n rows, as the estimator's parameters ask."""
    batch, decay = estimator.batch_size, estimator.weight_decay
    if batch == "auto":
        batch = next((size for most, size in BATCHES if n <= most), LARGEST_BATCH)
    return {
        **RECIPE,
        "output": outputs.unit,
        "output_range": outputs.range,
        "n_hidden": int(estimator.n_hidden),
        "batch_size": int(batch),
        "max_epochs": int(estimator.max_epochs),
        "learning_rate": float(estimator.learning_rate_init),
        "weight_decay": float(DECAYS[view] if decay == "auto" else decay),
        "average": float(estimator.average),
    }
