"""network"""

from __future__ import annotations

from .examples import Examples, check_examples, check_inputs, check_rows, check_units
from .initialization import INITIALIZERS, Seed, Stream, initialize, random_stream
from .objective import Task
from .parameters import Parameters
from .pass_results import Forward, Gradients
from .passes import activate, cost, forward, gradients, predict
from .records import pack_parameters, unpack_parameters
from .shapes import NAMES, shapes
from .units import KnownUnits, Units, chosen_units
