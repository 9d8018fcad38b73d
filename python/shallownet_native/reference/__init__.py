"""The oracle: the whole method in plain NumPy, for reading and for checking the native core.

`method` has passes, losses, gradients, optimizers and training, `derivatives` what lies beyond the
gradient, `second_order` what steps by it, `evidence` which decays the data speak for. It imports
nothing of the package: it shares data with the core, never code.
"""

from __future__ import annotations

from .derivatives import (
    CURVATURES,
    OUTPUT_SLOPES,
    example_gradients,
    gauss_newton,
    hessian,
    hessian_vector_product,
    jacobian,
    largest_curvature,
)
from .evidence import effective_parameters, log_evidence, maximise_evidence
from .method import (
    ACTIVATIONS,
    OPTIMIZERS,
    OUTPUTS,
    cost,
    forward,
    forward_by_example,
    forward_by_neuron,
    gradients,
    gradients_by_example,
    sigmoid,
    softmax,
    train,
)
from .second_order import Minimum, levenberg_marquardt

__all__ = [
    "ACTIVATIONS", "CURVATURES", "OPTIMIZERS", "OUTPUTS", "OUTPUT_SLOPES", "Minimum", "cost",
    "effective_parameters", "example_gradients", "forward", "forward_by_example",
    "forward_by_neuron", "gauss_newton", "gradients", "gradients_by_example", "hessian",
    "hessian_vector_product", "jacobian", "largest_curvature", "levenberg_marquardt",
    "log_evidence", "maximise_evidence", "sigmoid", "softmax", "train",
]  # fmt: skip
__dir__ = sorted(__all__).copy
