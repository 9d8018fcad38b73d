"""What the estimators bring to the training loop.

`optimizer` is a first-order optimizer between fits, `minimizer` lbfgs by scikit-learn's rules.
Imports `training`, `network`, `_native`.
"""

from __future__ import annotations

from ...training import FirstOrder, QuasiNewton
from ..parameters import STOCHASTIC
from .minimizer import minimizer
from .optimizer import Optimizer

# by the estimators' names; what they are is asked of them
SOLVERS: dict[str, type[FirstOrder] | type[QuasiNewton]] = {
    "lbfgs": QuasiNewton,
    **dict.fromkeys(STOCHASTIC, FirstOrder),
}
