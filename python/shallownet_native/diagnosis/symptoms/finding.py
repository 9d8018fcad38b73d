"""One thing that is wrong, and how its sentence lists names."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One symptom that `diagnose` has found.

    Attributes
    ----------
    name : str
        A word of the vocabulary that `diagnose` lists.
    value : float
        The figure that it was told by.
    sentence : str
        The figure in words, and what to do.
    """

    name: str
    value: float
    sentence: str


Finding.__module__ = "shallownet_native"


class Told(NamedTuple):
    """What the function of a symptom says of one that is there; its name is the finding's."""

    value: float
    sentence: str


def listed(names: list[str]) -> str:
    """Return names as a sentence has them, a few of many."""
    few = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return few[0] if len(few) == 1 else f"{', '.join(few[:-1])} and {few[-1]}"
