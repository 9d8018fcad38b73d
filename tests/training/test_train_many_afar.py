"""Calls of `train_many` on other machines, each with some of the networks: the same bits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
from distributed import Client, LocalCluster
import shallownet_native as sn

rng = np.random.default_rng(0)
X = rng.standard_normal((3, 60))
Y = (X[:1] * X[1:2] > 0).astype(float)
STARTS = [sn.initialize(3, n_h, 1, "glorot_uniform", seed=n_h) for n_h in (1, 4, 9, 17)]
MASKS = rng.random((4, 60)) < 0.25
RATES, DECAYS = np.array([0.1, 0.3, 0.05, 0.2]), np.array([0.0, 1e-3, 0.1, 1e-2])
WAYS = [
    {"n_iterations": 40, "learning_rate": RATES},
    {"n_epochs": 8, "batch_size": 13, "seeds": np.arange(4), "held_out": MASKS},
    {"optimizer": "adam", "n_epochs": 8, "batch_size": 13, "seeds": np.arange(4), "l2": DECAYS},
    {"n_iterations": 60, "held_out": MASKS, "best": "own", "learning_rate": RATES},
    {"optimizer": "lbfgs", "n_iterations": 60, "l2": DECAYS},
    {"optimizer": "lm", "n_iterations": 40, "held_out": MASKS, "l2": DECAYS + 1e-4},
]

def some(options, part):
    return {k: v[part] if isinstance(v, np.ndarray) else v for k, v in options.items()}

def main():
    parts = [[0, 3], [1, 2]]
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        for way in WAYS:
            here = sn.train_many(STARTS, X, Y, n_threads=2, **way)
            tasks = [
                client.submit(sn.train_many, [STARTS[k] for k in part], X, Y, **some(way, part))
                for part in parts
            ]
            for part, afar in zip(parts, client.gather(tasks)):
                for k, one in zip(part, afar):
                    assert np.array_equal(one.parameters.flat, here[k].parameters.flat), way
                    assert np.array_equal(one.costs, here[k].costs), way
                    assert one.stopped_by == here[k].stopped_by == here.stopped_by[k], way
                if "held_out" in way:
                    outputs = here.held_out_outputs[part]
                    assert np.array_equal(afar.held_out_outputs, outputs, equal_nan=True), way
    print("same")

if __name__ == "__main__":
    main()
"""


def test_train_many_afar_gives_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("same\n")
