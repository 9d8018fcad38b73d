"""The lecture's functions under their well-known names, on dictionaries of arrays.

`functions` has them, `checks` explains what is wrong with what they are given.
Imports `training`, `network`, `_native`.
"""

from __future__ import annotations

from .functions import (
    backward_propagation,
    compute_cost,
    forward_propagation,
    initialize_parameters,
    layer_sizes,
    nn_model,
    predict,
    update_parameters,
)

__all__ = [
    "backward_propagation", "compute_cost", "forward_propagation", "initialize_parameters",
    "layer_sizes", "nn_model", "predict", "update_parameters",
]  # fmt: skip
__dir__ = sorted(__all__).copy
