"""One network: plain parameters, and functions of them that keep nothing.

`parameters` have `shapes`, `units` that may be known, and a first value by `initialization`;
`records` are their form in files. `examples` checks a network on data, where every call begins,
`passes` are the public stages, which hand back `pass_results`, `derivatives` what lies beyond the
gradient, and `objective` is loss and gradient of one vector. Imports `files`, `_native`,
`_messages`.
"""

from __future__ import annotations

from .derivatives import (
    example_gradients,
    gauss_newton,
    hessian,
    hessian_vector_product,
    jacobian,
    laplace_covariance,
    largest_curvature,
    logit_covariance,
    parameter_counts,
)
from .examples import (
    CheckedProblem,
    Examples,
    check_parameters,
    check_problem,
    check_rows,
    check_units,
)
from .initialization import INITIALIZERS, initialize
from .objective import Objective
from .parameters import Parameters
from .pass_results import Forward, Gradients
from .passes import activate, cost, forward, gradients, outputs, predict
from .shapes import NAMES, array_shapes, layers_of, split
from .units import KnownUnits, Units, check_smooth, chosen_units

__all__ = [
    "INITIALIZERS", "Forward", "Gradients", "Parameters", "activate", "cost", "example_gradients",
    "forward", "gauss_newton", "gradients", "hessian", "hessian_vector_product", "initialize",
    "jacobian", "largest_curvature", "predict",
]  # fmt: skip
__dir__ = sorted(__all__).copy
