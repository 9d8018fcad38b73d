"""What the estimators bring to the training loop.

`optimizer` is a first-order optimizer between fits, `minimizer` lbfgs and lm by its rules,
`posterior` what a search for the evidence leaves.
Imports `training`, `network`, `_native`.
"""

from __future__ import annotations

from .minimizer import minimizer
from .optimizer import Optimizer
from .posterior import posterior_attributes
