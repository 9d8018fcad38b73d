"""Steps of a narrow network with several outputs, timed with the package that Python finds.

`many.py` runs this file as a program, with the build here and with an older one, and asks both by
turns: for each number of steps on standard input it prints the seconds that they took.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import shallownet_native as sn

NETWORK, M = (4, 10, 3), 150  # of iris
CLOSE = 1e-5  # float32 against the oracle after five steps: some dozens of its epsilon, 1.2e-7


def main() -> None:
    n_x, _, n_y = NETWORK
    random = np.random.default_rng(0)
    X = random.standard_normal((n_x, M)).astype(np.float32)
    Y = np.eye(n_y, dtype=np.float32)[random.integers(n_y, size=M)].T
    start = sn.initialize(*NETWORK, "glorot_uniform", seed=0, dtype=np.float32)

    def run(n: int) -> sn.Parameters:
        return sn.train(
            start, X, Y, hidden="tanh", output="softmax", learning_rate=0.1, n_iterations=n,
            cost_every=0, n_threads=1,
        ).parameters  # fmt: skip

    wide = [np.asarray(array, np.float64) for array in (*start, X, Y)]
    expected, _ = sn.reference.train(*wide, "tanh", "softmax", n_epochs=5, learning_rate=0.1)
    for mine, theirs in zip(run(5), expected, strict=True):
        if np.abs(mine - theirs).max() > CLOSE * np.abs(theirs).max():
            raise SystemExit("wrong answer: the oracle has other parameters")
    for line in sys.stdin:
        begin = time.perf_counter()
        run(int(line))
        print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main()
