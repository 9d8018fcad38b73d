"""The oracle: the whole method in plain NumPy, for reading and for checking the native core.

`method` has passes, losses and gradients, `descent` training by them, `derivatives` what lies
beyond the gradient, `second_order` what steps by it, `evidence` which decays the data speak for,
`tables` the network of tables. It imports nothing of the package: it shares data with the core,
never code.
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
from .descent import OPTIMIZERS, SCHEDULES, train
from .evidence import effective_parameters, log_evidence, maximise_evidence
from .method import (
    ACTIVATIONS,
    OF_INPUT,
    OUTPUTS,
    cost,
    delta,
    forward,
    forward_by_example,
    forward_by_neuron,
    gradients,
    gradients_by_example,
    sigmoid,
    slopes,
    softmax,
)
from .second_order import Minimum, levenberg_marquardt
from .tables import (
    multiply_out,
    table_cost,
    table_forward,
    table_gradients,
    table_hidden,
    table_outputs,
    train_bag,
    train_member,
)

__all__ = [
    "ACTIVATIONS", "CURVATURES", "OF_INPUT", "OPTIMIZERS", "OUTPUTS", "OUTPUT_SLOPES", "SCHEDULES",
    "Minimum", "cost", "delta", "effective_parameters", "example_gradients", "forward",
    "forward_by_example", "forward_by_neuron", "gauss_newton", "gradients", "gradients_by_example",
    "hessian", "hessian_vector_product", "jacobian", "largest_curvature", "levenberg_marquardt",
    "log_evidence", "maximise_evidence", "multiply_out", "sigmoid", "slopes", "softmax",
    "table_cost", "table_forward", "table_gradients", "table_hidden", "table_outputs", "train",
    "train_bag", "train_member",
]  # fmt: skip
__dir__ = sorted(__all__).copy
