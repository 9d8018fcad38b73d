"""Derivatives beyond the gradient, for looking at a network: each call returns one new array.

`second_order` has the Hessian, its Gauss-Newton part and its product with a vector, `curvature` its
largest eigenvalue, `jacobians` what single examples say, `laplace` what a minimum says of how sure
parameters and logits are, and `memory` refuses what would not fit.
Imports `_native`, `_messages`.
"""

from __future__ import annotations

from .curvature import largest_curvature
from .jacobians import example_gradients, jacobian
from .laplace import laplace_covariance, logit_covariance, parameter_counts
from .second_order import gauss_newton, hessian, hessian_vector_product

__all__ = [
    "example_gradients", "gauss_newton", "hessian", "hessian_vector_product", "jacobian",
    "largest_curvature",
]  # fmt: skip
__dir__ = sorted(__all__).copy
