"""What users give as X and y, checked, and what a network learns of it.

`rows` of X, `checks` of y; `coding` is classes or quantities with all that depends on which,
`labels` the way back from outputs, `class_weight` a factor for each row.
Imports `network`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .checks import of_validation_data
from .coding import ClassTargets, QuantityTargets, Targets
