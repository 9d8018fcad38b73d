#!/usr/bin/env python3
"""Hold the stubs of the compiled modules against every build of them that can run here.

All levels of the core share `_core.pyi`; stubtest looks for a stub by the module's own name. So it
is given a temporary copy of the package, in which every level has a copy of the shared stub.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "shallownet_native"
SOURCES = Path(__file__).resolve().parents[1] / "python" / PACKAGE


def compiled_modules() -> list[str]:
    """Name every level of the core that this processor can run, and the module that asks it."""
    levels = importlib.import_module("shallownet_native._native.backend").available_levels()
    return [*(f"_core_{level.replace('-', '_')}" for level in levels), "_cpu"]


def main() -> int:
    """Run stubtest over all of them; answer with its exit code."""
    modules = compiled_modules()
    with tempfile.TemporaryDirectory() as folder:
        stubs = Path(folder) / PACKAGE
        shutil.copytree(SOURCES, stubs, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        for name in modules:
            if name.startswith("_core_"):
                shutil.copy(SOURCES / "_core.pyi", stubs / f"{name}.pyi")
        names = [f"{PACKAGE}.{name}" for name in modules]
        settings = f"--mypy-config-file={SOURCES.parents[1] / 'pyproject.toml'}"  # foreign imports
        command = [sys.executable, "-m", "mypy.stubtest", "--concise", settings, *names]
        print("stubtest:", ", ".join(modules), flush=True)
        return subprocess.call(command, env={**os.environ, "MYPYPATH": folder})


if __name__ == "__main__":
    sys.exit(main())
