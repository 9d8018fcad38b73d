"""Our training, once for each CPU level that was built and that this processor runs."""

from __future__ import annotations

from shallownet_native._native import backend
from shallownet_native.bench.rivals import native as make
from shallownet_native.bench.rivals import serve

VARIANTS = {level: {"SHALLOWNET_LEVEL": level} for level in backend.available_levels()}


def versions() -> str:
    return f"shallownet-native {backend.core.version}"


if __name__ == "__main__":
    serve(make)
