"""The solvers: guests of the training loop, which knows none of them.

`first_order` runs epochs of gd, sgd, adam and adamw; `quasi_newton` (lbfgs) and `second_order` (lm)
find their steps by themselves, and share `minimizer`. `evidence` is lm that finds its `decays`.
Imports `network`, `_native`.
"""

from __future__ import annotations

from .evidence import Evidence
from .first_order import FirstOrder, slots_for
from .minimizer import Minimizer, StoppingRule, start_slots
from .quasi_newton import QuasiNewton
from .second_order import FLAT, LevenbergMarquardt
