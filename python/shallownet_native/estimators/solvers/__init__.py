"""Solvers that come from elsewhere, as guests of the training loop.

`lbfgs` is SciPy's; `blas` keeps its linear algebra on one thread. Imports `training`, `network`,
`_extras`, `_native`, `_messages`.
"""

from __future__ import annotations

from .lbfgs import Lbfgs
