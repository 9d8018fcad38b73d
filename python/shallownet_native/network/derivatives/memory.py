"""How large an array of derivatives may be."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

LIMIT = 4 * 2**30  # bytes


def check_room(what: str, sizes: dict[str, int], dtype: npt.DTypeLike, hint: str) -> None:
    """Refuse an array too large to be meant, before anything is computed.

    Parameters
    ----------
    what : str
        What the array is called in the error.
    sizes : dict of int
        Its sizes by their names, which begin with a letter; repeated ones end in other signs.
    dtype : float32 or float64
    hint : str
        What to do instead.

    Raises
    ------
    ValueError
        If it takes more than `LIMIT` bytes.
    """
    itemsize = np.dtype(dtype).itemsize
    n_bytes = math.prod(sizes.values()) * itemsize
    if n_bytes <= LIMIT:
        return
    shape = ", ".join(str(size) for size in sizes.values())
    names = " * ".join(name.rstrip("'") for name in sizes)
    raise ValueError(
        f"{what} would have shape ({shape}) and take {names} * {itemsize} = {n_bytes} bytes, more "
        f"than the limit of {LIMIT}: {hint}"
    )
