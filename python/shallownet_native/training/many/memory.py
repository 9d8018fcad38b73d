"""Whether the machine has room for what many networks come to, asked before the work begins."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Floats
from ..._native.backend import core
from ...network import CheckedProblem

OBJECTS = 3000  # bytes of a network's Python objects, about
PAIRS = 22  # vectors of doubles that lbfgs remembers


def check_memory(
    thetas: Sequence[Floats],
    optimizer: object,
    n_more_rows: int,
    problem: CheckedProblem,
    masks: npt.NDArray[np.bool_] | None,
) -> None:
    """Refuse networks that need more memory than the machine has.

    Raises
    ------
    MemoryError
    """
    has = physical_memory()
    if has is None:
        return
    each = bytes_per_parameter(optimizer, n_more_rows, problem.theta.itemsize)
    needs = OBJECTS * len(thetas) + each * sum(theta.size for theta in thetas)
    if masks is not None:
        needs += masks.nbytes + problem.shape[2] * masks.size * problem.theta.itemsize
        if needs <= has:  # else it is told already; a mask unlike others has its copy of the data
            different = {hash(row.tobytes()) for row in masks}
            needs += len(different) * (problem.examples.x.nbytes + problem.examples.y.nbytes)
    if needs > has:
        raise MemoryError(
            f"{len(thetas):,} networks with all that is kept of them need about "
            f"{needs / 1e9:,.1f} GB, and this machine has {has / 1e9:,.1f} GB: train fewer at a "
            "time"
        )


def bytes_per_parameter(optimizer: object, n_more_rows: int, itemsize: int) -> int:
    """Return about how much memory a network takes while it is trained, and its result."""
    if isinstance(optimizer, str) and optimizer in core.optimizers:
        n_slots: int = core.optimizers[optimizer] + n_more_rows
        return (2 + 2 * n_slots) * itemsize
    return 2 * itemsize + 8 * (PAIRS if optimizer == "lbfgs" else 2)


def physical_memory() -> int | None:
    """Return how many bytes of memory the machine has; None where it does not say."""
    try:
        sizes: list[int] = [os.sysconf(name) for name in ("SC_PHYS_PAGES", "SC_PAGE_SIZE")]
    except (AttributeError, OSError, ValueError):
        return None
    return sizes[0] * sizes[1]
