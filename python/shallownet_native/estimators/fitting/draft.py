"""A copy of an estimator that a fit works on, and the way back: all at once, or not at all.

Imports nothing of the package.
"""

from __future__ import annotations

import copy
from typing import Any


class Draft:
    """An estimator and the copy that is being fitted in its stead.

    Attributes
    ----------
    owner : estimator
        Stays as it is until `publish`.
    estimator : estimator
        The copy; it shares all objects with the owner, and must change none of them.
    """

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.before = dict(vars(owner))
        self.estimator = copy.copy(owner)

    @property
    def was_fitted(self) -> bool:
        """Whether the owner has a network to lose."""
        return "coefs_" in self.before

    def publish(self, fitted: dict[str, Any]) -> None:
        """Give the owner the copy's attributes and these, and take what the copy has lost.

        What else has become of the owner meanwhile stays. The last step is one assignment: before
        it nothing has changed, and after it everything.
        """
        there = vars(self.estimator)
        old = {k: v for k, v in vars(self.owner).items() if k in there or k not in self.before}
        self.owner.__dict__ = {**old, **self.changes(), **fitted}

    def changes(self) -> dict[str, Any]:
        """Return the attributes of the copy that are new or others."""
        nothing = object()
        there = vars(self.estimator)
        return {k: v for k, v in there.items() if self.before.get(k, nothing) is not v}
