"""The package's front door: public names, what is loaded when, types for checkers."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import shallownet_native as sn

LAZY = ["course", "datasets", "files", "reference"]


def python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_package_names_are_all_there() -> None:
    assert len(set(sn.__all__)) == len(sn.__all__)
    for name in sn.__all__:
        assert getattr(sn, name) is not None
    assert set(sn.__all__) <= set(dir(sn))
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        sn.trian  # noqa: B018


def test_package_version_is_that_of_the_distribution() -> None:
    assert sn.__version__ == metadata.version("shallownet-native")


def test_package_loads_its_heavy_parts_on_demand() -> None:
    program = "import sys, shallownet_native; print(*sys.modules)"
    loaded = python(program).split()
    assert not {f"shallownet_native.{name}" for name in LAZY} & set(loaded)
    numpy_loads = python("import sys, numpy; print(*sys.modules)").split()
    assert "numpy.random" not in loaded or "numpy.random" in numpy_loads
    for name in LAZY:
        attribute = "load" if name == "files" else name
        program = f"import sys, shallownet_native as sn; sn.{attribute}; print(*sys.modules)"
        assert f"shallownet_native.{name}" in python(program).split()


def test_package_needs_no_optional_package_to_load() -> None:
    loaded = python("import sys, shallownet_native; print(*sys.modules)").split()
    assert not {"sklearn", "scipy", "matplotlib", "pandas", "tqdm"} & set(loaded)


def test_package_is_marked_as_typed() -> None:
    assert (Path(sn.__file__).parent / "py.typed").is_file()
