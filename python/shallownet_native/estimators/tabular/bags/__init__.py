"""The networks of a view, trained together: here, or by joblib's workers with the same bits.

`problem` is what they learn and how epochs are run, `recipe` by which numbers, `beginning` their
first values, `cycles` how long they are trained, `afar` where else, `watching` who is told.
Imports `tables`, `training`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .afar import Afar
from .cycles import Here, train
from .problem import BestEpoch, ViewProblem
from .recipe import HIDDEN, VIEWS, options_of
from .watching import TableEpoch, listen, warn_of_divergence
