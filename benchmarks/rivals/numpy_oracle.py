"""NumPy as one reads it: the oracle itself, which also computes the cost of every step."""

from __future__ import annotations

import numpy as np

from shallownet_native.bench.rivals import serve
from shallownet_native.bench.timing import oracle as make


def versions() -> str:
    return f"NumPy {np.__version__}"


if __name__ == "__main__":
    serve(make)
