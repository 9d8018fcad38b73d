"""The lecture's functions under their well-known names, on dictionaries of arrays.

`functions` has them, `model` the one that trains, and `planar` what their notebook brings along.
`formulas` are the lecture's own; `checks` and `examples` explain what is wrong with what is given,
and `activated` keeps the hidden activation with the arrays.
Imports `training`, `datasets`, `network`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .functions import (
    backward_propagation,
    compute_cost,
    forward_propagation,
    initialize_parameters,
    layer_sizes,
    predict,
    update_parameters,
)
from .model import nn_model
from .planar import load_extra_datasets, load_planar_dataset, plot_decision_boundary, sigmoid

__all__ = [
    "backward_propagation", "compute_cost", "forward_propagation", "initialize_parameters",
    "layer_sizes", "load_extra_datasets", "load_planar_dataset", "nn_model",
    "plot_decision_boundary", "predict", "sigmoid", "update_parameters",
]  # fmt: skip
__dir__ = sorted(__all__).copy
