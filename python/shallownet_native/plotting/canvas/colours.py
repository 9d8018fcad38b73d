"""Colours that people of any sight tell apart: Okabe and Ito's, blue and orange first."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from .axes import colour_map, part

BLUE, ORANGE = "#0072B2", "#D55E00"
CLASSES = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#7F7F7F")
NEUTRAL = "#F7F7F7"

Colours = npt.NDArray[np.float64]  # (..., 3), red, green and blue in [0, 1]


def class_colours(n: int) -> Colours:
    """Return the colours (n, 3) of classes; of more than eight, steps from dark blue to yellow."""
    if n > len(CLASSES):
        steps: Colours = colour_map("viridis")(np.linspace(0, 1, n))[:, :3]
        return steps
    to_rgb = part("colors").to_rgb
    return np.array([to_rgb(name) for name in CLASSES[:n]]).reshape(n, 3)


@functools.cache
def diverging() -> Any:
    """Return the map from blue by nearly white to orange, of lines and circles."""
    return _map_of("blue_orange", [BLUE, "#7FB8DA", NEUTRAL, "#EEAE7C", ORANGE])


@functools.cache
def shaded() -> Any:
    """Return the paler map of grounds, on which blue and orange examples are still seen."""
    return _map_of("pale_blue_orange", ["#74B0D6", "#B5D4E8", NEUTRAL, "#F3CBAA", "#E89E6C"])


def _map_of(name: str, stops: list[str]) -> Any:
    return part("colors").LinearSegmentedColormap.from_list(f"shallownet_{name}", stops)


def sequential() -> Any:
    """Return the map of numbers that have no middle."""
    return colour_map("viridis")


def mixed(colours: Colours, shares: npt.NDArray[Any], strength: float) -> Colours:
    """Return white with colours (k, 3) laid over it, each as thick as its share (..., k) says."""
    thickness = strength * np.asarray(shares, np.float64)[..., np.newaxis]
    mixed: Colours = np.prod(1 - thickness * (1 - colours), axis=-2)
    return mixed
