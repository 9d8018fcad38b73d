"""What the estimators bring to the training loop.

`optimizer` is a first-order optimizer between fits, `lbfgs` SciPy's solver as a guest of the loop,
and `blas` keeps its linear algebra on one thread. Imports `training`, `network`, `_extras`,
`_native`, `_messages`.
"""

from __future__ import annotations

from ...training import FirstOrder
from ..parameters import STOCHASTIC
from .lbfgs import Lbfgs
from .optimizer import Optimizer

# by the estimators' names; what they are is asked of them
SOLVERS: dict[str, type[FirstOrder] | type[Lbfgs]] = {
    "lbfgs": Lbfgs,
    **dict.fromkeys(STOCHASTIC, FirstOrder),
}
