"""Pictures of models and of their training, drawn by matplotlib (extra "plot"), never shown.

`boundary` has decision_boundary, `curve` learning_curve, `units` hidden_units, `diagram`
network_diagram, `bars` importance, `sweep` hidden_size_sweep, `surface` cost_surface, `animation`
animate, and `figure` the picture of the demo. `canvas` is what is drawn with, and `trainings` run
side by side.
Imports `training`, `diagnosis`, `models`, `network`, `files`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .animation import animate
from .bars import importance
from .boundary import decision_boundary
from .curve import learning_curve
from .diagram import network_diagram
from .figure import check_format, draw
from .surface import cost_surface
from .sweep import hidden_size_sweep
from .units import hidden_units

__all__ = [
    "animate", "cost_surface", "decision_boundary", "hidden_size_sweep", "hidden_units",
    "importance", "learning_curve", "network_diagram",
]  # fmt: skip
__dir__ = sorted(__all__).copy
