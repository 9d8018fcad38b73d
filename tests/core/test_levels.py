"""Every CPU level that this machine runs, each in a process of its own, gives the same results."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import _cpu
from shallownet_native._native import backend

LEVELS = backend.available_levels()
# every stage, and trainings too short for rounding to grow
PROGRAM = """
import json, sys
import numpy as np
import shallownet_native as sn
from shallownet_native import _cpu
from shallownet_native._native import backend

core = backend.core
rng = np.random.default_rng(0)
results = {}
for dtype in (np.float32, np.float64):
    X = rng.standard_normal((7, 203)).astype(dtype)
    targets = {
        "exp": rng.poisson(2.0, (3, 203)),
        "identity": rng.standard_normal((3, 203)),
        "quantile": 9 * rng.standard_normal((3, 203)),
        "sigmoid": rng.integers(2, size=(3, 203)),
        "softmax": np.eye(3)[rng.integers(3, size=203)].T,
    }
    for output in core.outputs:
        Y = targets[output].astype(dtype)
        for n_h, hidden in [(0, "tanh"), *((n, h) for h in core.activations for n in (4, 21))]:
            start = sn.initialize(7, n_h, 3, "glorot_uniform", seed=1, dtype=dtype)
            J, gradients = sn.gradients(start, X, Y, hidden, output, l2=0.1, want_dX=True)
            arrays = [*sn.forward(start, X, hidden, output), J, *gradients]
            kind = {"hidden": hidden, "output": output, "learning_rate": 0.01}
            arrays.append(sn.train(start, X, Y, n_iterations=5, **kind).parameters.flat)
            for optimizer in core.optimizers if dtype is np.float64 else ():
                arrays.append(sn.train(start, X, Y, n_epochs=2, batch_size=30, seed=0,
                                       optimizer=optimizer, **kind).parameters.flat)
            results[f"{np.dtype(dtype)} {output} {hidden} {n_h}"] = [
                np.ravel(a).tolist() for a in arrays if a is not None
            ]
json.dump({"level": core.level, "results": results}, sys.stdout)
"""


def run_at(level: str | None, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "SHALLOWNET_LEVEL"}
    if level is not None:
        environment["SHALLOWNET_LEVEL"] = level
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def lowest() -> Any:
    done = run_at(LEVELS[0])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["results"]


@pytest.mark.parametrize("level", LEVELS)
def test_levels_give_the_same_results_to_rounding(level: str, lowest: Any) -> None:
    done = run_at(level)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["level"] == level
    assert answer["results"].keys() == lowest.keys() and len(lowest) > 50
    for name, arrays in answer["results"].items():
        # the sums are over at most 203 examples, each of a few roundings
        limit = 200 * np.finfo(name.split()[0]).eps
        for mine, first in zip(arrays, lowest[name], strict=True):
            scale = max(map(abs, first))
            assert np.abs(np.subtract(mine, first)).max() <= limit * scale, name


def test_levels_best_one_is_chosen() -> None:
    program = "from shallownet_native._native import backend as b; print(b.level, b.core.level)"
    done = run_at(None, program)
    assert done.stdout.split() == [LEVELS[-1], LEVELS[-1]], done.stderr


@pytest.mark.parametrize("wrong", ["x86-64-v9", "core", "../x"])
def test_levels_forced_one_that_does_not_exist_is_an_error(wrong: str) -> None:
    done = run_at(wrong, "import shallownet_native")
    assert done.returncode == 1 and "ImportError" in done.stderr
    assert wrong in done.stderr and LEVELS[0] in done.stderr


def test_levels_broken_build_is_an_error_not_a_slower_one() -> None:
    module = f"shallownet_native._core_{LEVELS[-1].replace('-', '_')}"
    program = f"import sys; sys.modules[{module!r}] = None; import shallownet_native"
    done = run_at(None, program)
    assert done.returncode == 1 and "_core_" in done.stderr


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="one plain level there")
def test_levels_of_this_processor_are_in_order() -> None:
    assert list(LEVELS) == sorted(LEVELS)
    assert {"level", "compiler", "flags", "version", "vector_bytes"} <= vars(backend.core).keys()
    if backend.core.level.startswith("x86-64-v"):
        expected = {"x86-64-v2": 16, "x86-64-v3": 32, "x86-64-v4": 64}[backend.core.level]
        assert backend.core.vector_bytes == expected


def test_levels_show_config_names_what_runs(capsys: pytest.CaptureFixture[str]) -> None:
    sn.show_config()
    printed = capsys.readouterr().out
    core = backend.core
    assert printed == backend.config_text() + "\n"
    for word in (core.level, *LEVELS, core.compiler, core.flags, core.version, sn.__version__):
        assert word in printed
    for version in (core.eigen_version, core.pybind11_version, np.__version__,
                    platform.python_version()):  # fmt: skip
        assert version in printed
    assert f"threads           {sn.get_num_threads()}\n" in printed


# The features of each level in the words of /proc/cpuinfo: the psABI's list.
FEATURES = {
    "x86-64-v2": {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"},
    "x86-64-v3": {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"},
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="asks Linux for the processor")
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="one plain level there")
def test_levels_supported_are_those_whose_features_linux_lists() -> None:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = set(next(line for line in lines if line.startswith("flags")).split())
    expected, wanted = [], set()
    for level, features in FEATURES.items():
        wanted |= features
        if wanted <= flags:
            expected.append(level)
    known = [level for level in _cpu.supported_levels() if level in FEATURES]
    assert known == [level for level in expected if level in _cpu.built_levels()]
