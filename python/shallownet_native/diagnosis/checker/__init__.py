"""A learner's passes held against the oracle: what differs, and which slip makes it differ.

`checking` has check_gradients; `problem` the network and examples to try, `calling` how functions
are called, `answers` what they return, `judging` whether it is right, `slips` which of the known
wrong formulas it is, `report` what is handed back.
Imports `network`, `reference`, `_native`, `_messages`.
"""

from __future__ import annotations

from .checking import check_gradients
from .report import GradientReport
from .slips import SLIPS
