"""Plant one fault after another and run the tests that should see it: all must be killed.

The project is copied to a temporary folder. Faults in C++ are compiled there all at once, each
behind a switch that the environment turns, for one CPU level and with little optimisation, which
changes no result; faults in Python are written into the copy one by one. At first all tests must
pass with every switch off. What builds the package must be installed: cmake, ninja, pybind11,
cmeel-eigen.

Run it as ``python tests/campaigns/mutation.py [--quick]``; ``--only`` takes words of the faults.
It fails unless every fault makes a test fail.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native
from campaigns.mutants import CPP, Mutant
from campaigns.mutants_derivatives import DERIVATIVES
from campaigns.mutants_lbfgs import LBFGS
from campaigns.mutants_lm import LM
from campaigns.mutants_many import MANY
from campaigns.mutants_python import PYTHON
from campaigns.mutants_tables import TABLES
from shallownet_native import _cpu
from shallownet_native._native import backend

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = [*CPP, *LBFGS, *LM, *PYTHON, *TABLES, *DERIVATIVES, *MANY]
QUICK = ("l2 off", "patience one too short", "relu has slope 1")  # to be found in `what`
SWITCH = """// Which fault is on: a number in the environment, read when the module is loaded.
#include <cstdlib>
inline const char* const fault_text = std::getenv("SHALLOWNET_FAULT");
inline const int fault = fault_text ? std::atoi(fault_text) : 0;
inline bool fault_is(int number) { return fault == number; }
"""
TIMEOUT = 1800.0  # seconds; only an endless loop takes as long, and is a way to be killed

PASSES = (
    "passes", "narrow", "losses", "activations", "nonzeros", "sparse", "layouts", "predict_one",
)  # fmt: skip
TRAINING = ("optimizers", "stopping", "training", "determinism")
ESTIMATORS = (
    "estimator_epochs", "estimator_standardize", "estimator_trajectory", "estimator_lbfgs",
    "estimator_validation", "estimator_additions",
)  # fmt: skip
TABLE_SUBJECTS = (
    "encoder", "encoder_files", "kinds", "reading", "types", "pipeline_files", "predict_options",
)  # fmt: skip
MANY_SUBJECTS = (
    "train_many", "train_many_held_out", "train_many_results", "train_many_inputs",
    "train_many_interruption", "train_many_company", "train_many_hostile",
    "starts",
)  # fmt: skip
# file -> subjects of the tests to run, where it is not what its kind is tested by
SUBJECTS = {
    **dict.fromkeys(
        ("solvers/lbfgs.hpp", "solvers/line_search.hpp", "sums/objective.hpp"),
        ("lbfgs_search", "lbfgs", "estimator_lbfgs"),
    ),
    "solvers/descent.hpp": ("optimizers", "moved", "stopping", *TRAINING, *ESTIMATORS),
    "solvers/input_scale.hpp": ("moved", "moved_training"),
    "training/loop.py": ("stopping", "training", "interruption", *ESTIMATORS),
    "training/solvers/first_order.py": ("stopping", "training", *ESTIMATORS),
    "training/checkpoints/record.py": ("checkpoint",),
    "training/checkpoints/resuming.py": ("checkpoint",),
    "training/solvers/quasi_newton.py": ("lbfgs", "estimator_lbfgs"),
    "training/outcome.py": ("lbfgs", "stopping", "training", "interruption"),
    "_native/streams.py": ("training", "estimator_trajectory"),
    "training/options.py": ("stopping", "training"),
    "network/initialization.py": ("initialization",),
    "kernels/nonzeros.hpp": ("nonzeros",),
    "registry/losses.hpp": ("losses", "quantiles", *PASSES, *TRAINING),
    "registry/optimizers.hpp": ("optimizers", "moved", "training"),
    "network/passes.py": PASSES,
    "bindings/predict_one.hpp": ("predict_one",),
    "sums/unit_parallel.hpp": ("training", "determinism"),
    "solvers/optimizer_step.hpp": ("optimizers", "moved", "stopping", *TRAINING, *ESTIMATORS),
    "training/stopping.py": ("stopping", "training", *ESTIMATORS),
    "solvers/team_step.hpp": ("optimizers", "stopping", *TRAINING, *ESTIMATORS),
    "kernels/examples.hpp": ("validation", "estimator_inputs", *PASSES, *TRAINING),
    "kernels/tiles.hpp": ("validation", "estimator_inputs", *PASSES, *TRAINING),
    "training/single.py": ("stopping", "training"),
}


def subjects(mutant: Mutant) -> tuple[str, ...]:
    """Return the subjects of the tests that are to see a fault."""
    if mutant in TABLES:
        return TABLE_SUBJECTS
    if mutant in MANY:
        return MANY_SUBJECTS
    if mutant in LM:
        return ("lm_core", "fit_lm", "lm", "derivatives")
    if mutant in DERIVATIVES:
        return ("derivatives_calls", "derivatives")
    if mutant.file in SUBJECTS:
        return tuple(dict.fromkeys(SUBJECTS[mutant.file]))
    if mutant.is_python:
        return (
            ESTIMATORS if mutant.file.startswith(("estimators/", "network/objective")) else TRAINING
        )
    return PASSES + TRAINING


def packages() -> list[str]:
    """Return the folders of packages that this process imports from."""
    return [
        folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")
    ]


def pybind11_folder() -> str:
    """Return where CMake finds pybind11, which only those who build a copy have installed."""
    command = [sys.executable, "-m", "pybind11", "--cmakedir"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"faults in C++ are compiled with pybind11, the extra 'dev':\n{done.stderr}")
    return done.stdout.strip()


class Copy:
    """A copy of the project, with all C++ faults in it, and an interpreter that imports it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        for name in ("python", "src", "tests"):
            ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
            shutil.copytree(ROOT / name, self.root / name, ignore=ignored)
        for name in ("CMakeLists.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, self.root)
        # A folder on the path, unlike a second installation, hides whatever is installed.
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        self.python = folder / "venv" / "bin" / "python"
        site = next((folder / "venv" / "lib").glob("python*/site-packages"))
        lines = [str(self.root / "python"), *packages()]
        (site / "mutated.pth").write_text("\n".join(lines), encoding="utf-8")

    def borrow(self) -> None:
        """Take the compiled modules of this process, which have no faults in C++."""
        for module in (_cpu, backend.core):
            shutil.copy(str(module.__file__), self.root / "python" / "shallownet_native")

    def build(self, folder: Path) -> None:
        """Put a switch around every fault in C++, and compile the level that this process uses."""
        for number, mutant in enumerate(MUTANTS, 1):
            if not mutant.is_python:
                self.plant(mutant, number)
        switch = folder / "switch.hpp"
        switch.write_text(SWITCH)
        # cmake and ninja may have come with this interpreter's packages
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        settings = {
            "CMAKE_BUILD_TYPE": "Mutant",  # none that has optimisation of its own
            "CMAKE_CXX_FLAGS": f"-O1 -include {switch}",
            "Python_EXECUTABLE": sys.executable,
            "pybind11_DIR": pybind11_folder(),
            "SHALLOWNET_EIGEN_DIR": ";".join(packages()),
            "SHALLOWNET_LEVELS": backend.level,
            "SKBUILD_PROJECT_VERSION": shallownet_native.__version__,
        }
        defined = [f"-D{name}={value}" for name, value in settings.items()]
        for command in (
            ["cmake", "-S", self.root, "-B", folder / "build", "-G", "Ninja", *defined],
            ["cmake", "--build", folder / "build", "--parallel", "1"],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"the build failed:\n{done.stdout}{done.stderr}")
        for module in (folder / "build").glob("*.so"):
            shutil.copy(module, self.root / "python" / "shallownet_native")

    def plant(self, mutant: Mutant, number: int = 0) -> str:
        """Put a fault into its file; return what stood there before."""
        path = self.root / mutant.path
        source = path.read_text(encoding="utf-8")
        path.write_text(mutant.applied(source, number), encoding="utf-8")
        return source

    def file_of(self, subject: str) -> Path:
        """Return the one test file of a subject, in whichever folder it lies."""
        [file] = (self.root / "tests").rglob(f"test_{subject}.py")
        return file.relative_to(self.root)

    def failing_test(self, names: Iterable[str], fault: int = 0) -> str:
        """Run the tests of some subjects up to the first that fails; return its name or ""."""
        files = [self.file_of(name) for name in names]
        command = [self.python, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
        command += ["-k", "not terminals"]  # which needs another program to be quick
        environment = {
            **os.environ,
            "SHALLOWNET_FAULT": str(fault),
            # a compiled file may be taken for that of a source changed within the same second
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            done = subprocess.run(
                [*command, *files], cwd=self.root, env=environment, timeout=TIMEOUT,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return "(endless)"
        if done.returncode == 0:
            return ""
        if done.returncode < 0:
            return f"(signal {-done.returncode})"
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
        if done.returncode != 1 or not failed:
            sys.exit(f"the tests could not be run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return failed[0].split()[1].removeprefix("tests/")

    def killer(self, mutant: Mutant) -> str:
        """Return the test that fails with a fault, or "" if none does."""
        if not mutant.is_python:
            return self.failing_test(subjects(mutant), MUTANTS.index(mutant) + 1)
        source = self.plant(mutant)
        try:
            return self.failing_test(subjects(mutant))
        finally:
            (self.root / mutant.path).write_text(source, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three faults only")
    parser.add_argument("--only", nargs="+", metavar="WORDS", help="faults with these words")
    options = parser.parse_args()
    wanted = QUICK if options.quick else options.only
    chosen = [m for m in MUTANTS if not wanted or any(w in f"{m.file}: {m.what}" for w in wanted)]
    if options.quick:
        chosen = [next(m for m in chosen if word in m.what) for word in QUICK]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        copy.build(Path(folder))
        used = dict.fromkeys(name for mutant in chosen for name in subjects(mutant))
        if failed := copy.failing_test(used):
            sys.exit(f"{failed} fails without any fault")
        for mutant in chosen:
            began = time.perf_counter()
            by = copy.killer(mutant)
            seconds = time.perf_counter() - began
            outcome = f"killed by {by}" if by else "SURVIVED"
            print(f"{mutant.file}: {mutant.what}: {outcome} ({seconds:.0f} s)", flush=True)
            survivors += not by
    killed = len(chosen) - survivors
    print(f"{len(chosen)} faults planted: {killed} killed, {survivors} survived")
    return survivors > 0


if __name__ == "__main__":
    sys.exit(main())
