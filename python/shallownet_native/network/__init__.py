"""One network: its parameters, their first values, checked examples, and the passes.

`parameters`, `shapes`, `units`, `initialization`, `examples`, `passes`, `pass_results`,
`objective` (cost and gradient of one vector), `records` (for files). Imports `_native`,
`_messages`, and `files` when something is saved.
"""

from __future__ import annotations

from .examples import Examples, check_examples, check_inputs, check_rows, check_units
from .initialization import INITIALIZERS, initialize
from .objective import Objective
from .parameters import Parameters
from .pass_results import Forward, Gradients
from .passes import activate, cost, forward, gradients, predict
from .shapes import NAMES, array_shapes, split
from .units import KnownUnits, Units, chosen_units

__all__ = [
    "INITIALIZERS",
    "Forward",
    "Gradients",
    "Parameters",
    "activate",
    "cost",
    "forward",
    "gradients",
    "initialize",
    "predict",
]
__dir__ = sorted(__all__).copy
