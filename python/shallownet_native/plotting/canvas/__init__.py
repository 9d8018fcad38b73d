"""What pictures are drawn with: matplotlib (extra "plot"), without a state or a backend of ours.

`axes` makes Axes where none are given, `maps` the points of a plane and the shading of outputs over
it, `colours` which are told apart by all, `points` the examples, and `mosaic` many small maps in
one. Imports `_extras`, `_native`.
"""

from __future__ import annotations

from .axes import axes_on, check_axes, part
from .colours import BLUE, ORANGE, class_colours, diverging, sequential, shaded
from .maps import (
    Box,
    Shading,
    box_of,
    draw_boundaries,
    draw_shading,
    grid_over,
    line_over,
    shade,
    side_of,
)
from .mosaic import Mosaic, check_columns_of, check_pixels
from .points import draw_curves, draw_points, draw_points_of_one_input, point_colours

__all__ = ["Box", "Mosaic", "axes_on", "check_axes"]
__dir__ = sorted(__all__).copy
