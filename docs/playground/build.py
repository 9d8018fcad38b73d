"""Build the playground: the core as WebAssembly, its numbers, and the page, into one folder.

``python docs/playground/build.py FOLDER``, with the package installed. The page needs nothing else
than what stands in that folder. Needs em++ (Debian package `emscripten`) and Eigen's headers.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import shallownet_native as sn

HERE = Path(__file__).resolve().parent
CPP = HERE.parents[1] / "src" / "cpp"
FUNCTIONS = [
    "error", "activations", "outputs", "optimizers", "minimizers", "allocate", "release",
    "training_new", "training_free", "training_x", "training_y", "training_theta",
    "training_parameters", "training_epochs", "training_steps", "training_advance",
    "training_cost", "training_forward",
]  # fmt: skip

TWO, THREE = ["sigmoid", "softmax", "identity"], ["softmax", "sigmoid", "identity"]
ROUND_X = "X, X_test = X.round(12), X_test.round(12)  # the same digits on every machine"
ROUND_Y = "Y, Y_test = Y.round(12), Y_test.round(12)  # the same digits on every machine"
# The page shows these lines, and here they make its data: training set, test set, rounding.
DATA_SETS: list[dict[str, Any]] = [
    {
        "name": "flower", "title": "Flower", "n_classes": 2, "outputs": TWO,
        "lines": ["X, Y = sn.datasets.flower()", "X_test, Y_test = sn.datasets.flower(seed=1)"],
        "settings": {"hidden": 4, "rate": 1.2, "scheme": "lecture", "seed": 3},
    },
    {
        "name": "noisy_moons", "title": "Moons", "n_classes": 2, "outputs": TWO,
        "lines": [
            "X, Y = sn.datasets.noisy_moons(seed=0)",
            "X_test, Y_test = sn.datasets.noisy_moons(seed=1)",
        ],
        "settings": {"hidden": 8, "rate": 1.0, "scheme": "glorot_uniform", "seed": 0},
    },
    {
        "name": "noisy_circles", "title": "Circles", "n_classes": 2, "outputs": TWO,
        "lines": [
            "X, Y = sn.datasets.noisy_circles(seed=0)",
            "X_test, Y_test = sn.datasets.noisy_circles(seed=1)",
        ],
        "settings": {"hidden": 6, "rate": 1.0, "scheme": "glorot_uniform", "seed": 0},
    },
    {
        "name": "xor", "title": "XOR", "n_classes": 2, "outputs": TWO,
        "lines": ["X, Y = sn.datasets.xor(seed=0)", "X_test, Y_test = sn.datasets.xor(seed=1)"],
        "settings": {"hidden": 4, "rate": 1.0, "scheme": "glorot_uniform", "seed": 0},
    },
    {
        "name": "blobs", "title": "Blobs, three classes", "n_classes": 3, "outputs": THREE,
        "lines": [
            "X, Y = sn.datasets.blobs(300, n_classes=3, seed=4)",
            "X, Y, X_test, Y_test = X[:, ::2], Y[:, ::2], X[:, 1::2], Y[:, 1::2]",
        ],
        "settings": {"hidden": 4, "rate": 0.3, "scheme": "glorot_uniform", "seed": 0},
    },
    {
        "name": "gaussian_quantiles", "title": "Rings, three classes", "n_classes": 3,
        "outputs": THREE,
        "lines": [
            "X, Y = sn.datasets.gaussian_quantiles(n_classes=3, seed=0)",
            "X_test, Y_test = sn.datasets.gaussian_quantiles(n_classes=3, seed=1)",
        ],
        "settings": {"hidden": 8, "rate": 1.0, "scheme": "glorot_uniform", "seed": 0},
    },
    {
        "name": "spirals", "title": "Spirals", "n_classes": 2, "outputs": TWO,
        "lines": [
            "X, Y = sn.datasets.spirals(seed=0)",
            "X_test, Y_test = sn.datasets.spirals(seed=1)",
        ],
        "settings": {"hidden": 20, "rate": 0.03, "solver": "adam", "scheme": "glorot_uniform",
                     "seed": 0},
    },
    {
        "name": "curve", "title": "Curve", "n_classes": 0, "outputs": ["identity"],
        "lines": [
            "rng = np.random.default_rng(0)",
            "X, X_test = rng.uniform(-3, 3, (2, 1, 150)).round(3)",
            "Y = np.sin(2 * X) + 0.2 * rng.standard_normal(X.shape)",
            "Y_test = np.sin(2 * X_test) + 0.2 * rng.standard_normal(X_test.shape)",
        ],
        "settings": {"hidden": 12, "rate": 0.1, "scheme": "glorot_uniform", "seed": 0},
    },
]  # fmt: skip

LECTURE_SEEDS = (2, 3)
N_NORMALS = 400  # of each: more than any network of the page has weights


class BuildError(Exception):
    """What is missing, in one line."""


def build(folder: Path) -> None:
    """Build the whole playground into `folder`, over what stands there.

    Raises
    ------
    BuildError
        If a tool is missing, or the core does not compile.
    """
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(HERE, folder, ignore=ignored, dirs_exist_ok=True)
    compile_core(folder / "core.wasm")
    write_numbers(folder)


def compile_core(target: Path) -> None:
    """Compile the core to a module whose bits are those of the level x86-64-v2: no FMA."""
    compiler = shutil.which("em++")
    if compiler is None:
        raise BuildError("em++ is missing: install emscripten (apt-get install emscripten)")
    exported = ",".join(f"_{name}" for name in FUNCTIONS)
    command = [
        compiler, "-std=c++17", "-O2", "-msimd128", "-ffp-contract=off", "-fwasm-exceptions",
        "-DNDEBUG", "-I", str(CPP), "-isystem", str(eigen_folder()),
        str(CPP / "bindings" / "browser.cpp"), "--no-entry", "-s", "STANDALONE_WASM",
        "-s", "ALLOW_MEMORY_GROWTH=1", "-s", f"EXPORTED_FUNCTIONS={exported}", "-o", str(target),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"em++ has failed with code {done.returncode}:\n{done.stderr}")


def eigen_folder() -> Path:
    """Return the folder of Eigen's headers: the package cmeel-eigen's, or the system's."""
    folders = [Path("/usr/include/eigen3"), Path("/usr/local/include/eigen3")]
    try:
        package = distribution("cmeel-eigen")
        folders.insert(0, Path(str(package.locate_file("cmeel.prefix/include/eigen3"))))
    except PackageNotFoundError:
        pass
    for folder in folders:
        if (folder / "Eigen" / "Core").is_file():
            return folder
    raise BuildError("Eigen's headers are missing: pip install cmeel-eigen")


def write_numbers(folder: Path) -> None:
    """Write the numbers that the page cannot draw itself: data.bin, and data.json, its index."""
    numbers = Numbers()
    index = {
        "sets": [stored(numbers, data_set) for data_set in DATA_SETS],
        "normals": {
            seed: numbers.add(np.random.RandomState(seed).standard_normal(N_NORMALS))
            for seed in LECTURE_SEEDS
        },
        "ziggurat": ziggurat(numbers),
    }
    (folder / "data.bin").write_bytes(np.concatenate(numbers.arrays).astype("<f8").tobytes())
    (folder / "data.json").write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


class Numbers:
    """Arrays of float64 one after the other."""

    def __init__(self) -> None:
        self.arrays: list[npt.NDArray[np.float64]] = []
        self.size = 0

    def add(self, array: npt.ArrayLike) -> list[int]:
        """Add an array in C order; return where it begins, and its length."""
        flat = np.asarray(array, np.float64).ravel()
        self.arrays.append(flat)
        self.size += flat.size
        return [self.size - flat.size, flat.size]


def stored(numbers: Numbers, data_set: dict[str, Any]) -> dict[str, Any]:
    """Run the lines of a data set, store what they make, and return what the page is told."""
    is_curve = data_set["n_classes"] == 0
    lines = [*data_set["lines"], ROUND_Y if is_curve else ROUND_X]
    made: dict[str, Any] = {"np": np, "sn": sn}
    exec("\n".join(lines), made)
    told = {**data_set, "lines": lines, "kind": "curve" if is_curve else "classes"}
    for part, suffix in (("train", ""), ("test", "_test")):
        X, Y = made[f"X{suffix}"], made[f"Y{suffix}"]
        y = Y if is_curve else labels_of(Y)
        told |= {"n_x": len(X), part: {"X": numbers.add(X.T), "y": numbers.add(y)}}
    return told


def labels_of(Y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return class numbers (m,) of targets (1, m) or one-hot (n_classes, m)."""
    return (Y[0] if len(Y) == 1 else Y.argmax(axis=0)).astype(np.float64)


# NumPy draws normal numbers by the ziggurat of Marsaglia and Tsang: from 64 random bits come a
# strip (8 bits), a sign and a whole number n < 2^52. The number is n w[strip], at once if
# n < k[strip]; else further bits decide. These tables are asked of NumPy, which is told what it
# draws next.

MULTIPLIER = (
    0x2360ED051FC65DA44385DF649FCCF645  # of PCG64's generator: state = MULTIPLIER state + inc
)
STRIPS = 256


def ziggurat(numbers: Numbers) -> dict[str, Any]:
    """Return where the tables stand, and where the tail begins."""
    w = np.array([ask(strip, 1)[0] for strip in range(STRIPS)])
    k = [first_slow(strip) for strip in range(STRIPS)]
    edges = w * 2.0**52
    f = [1.0, *(math.exp(-0.5 * x * x) for x in edges[1:])]  # the density at the strips' edges
    return {"w": numbers.add(w), "k": numbers.add(k), "f": numbers.add(f), "r": tail()}


def first_slow(strip: int) -> int:
    """Return the least whole number for which a strip needs further bits."""
    low, high = 0, 2**52
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if ask(strip, middle)[1] else (low, middle)
    return low


def tail() -> float:
    """Return where the tail begins: the number that is drawn there with 0 to go."""
    return abs(ask(0, 2**52 - 1, inc_to_zero=True)[0])


def ask(strip: int, n: int, inc_to_zero: bool = False) -> tuple[float, bool]:
    """Return what NumPy draws from a strip and n, and whether these bits were enough."""
    after = strip | n << 9  # a state whose upper half is 0: its lower half is what comes out
    inc = 1
    if inc_to_zero:  # of the next state 1 comes 1, too: the double 0
        inc = (1 - MULTIPLIER * after) % 2**128
    before = (after - inc) * pow(MULTIPLIER, -1, 2**128) % 2**128
    generator = np.random.PCG64(0)
    generator.state = {
        "bit_generator": "PCG64", "state": {"state": before, "inc": inc},
        "has_uint32": 0, "uinteger": 0,
    }  # fmt: skip
    drawn = float(np.random.Generator(generator).standard_normal())
    return drawn, generator.state["state"]["state"] == after


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to")
    try:
        build(parser.parse_args().folder)
    except BuildError as error:
        parser.exit(1, f"playground: {error}\n")


if __name__ == "__main__":
    main()
