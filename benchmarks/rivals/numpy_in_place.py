"""NumPy as fast as one writes it: every operation in place. The rival of `shallownet bench`."""

from __future__ import annotations

import numpy as np

from shallownet_native.bench.numpy_rival import numpy_in_place as make
from shallownet_native.bench.rivals import serve


def versions() -> str:
    return f"NumPy {np.__version__}"


if __name__ == "__main__":
    serve(make)
