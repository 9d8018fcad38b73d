"""Which wrong formulas make the numbers that were found, and what they are called.

`backward` and `forward` name the slips of the two passes, `formulas` are the ways to the arrays of
the backward pass, `early` those after an update before its time, `words` the vocabulary.
Imports `reference`, `_native`.
"""

from __future__ import annotations

from .backward import slips_of
from .forward import forward_slips_of
from .words import SLIPS, advice, in_order
