"""More data than memory: partial_fit on one block after another, and going on after a break.

A file of 120,000 rows is read 4,000 at a time. Each block is predicted first and learned from
after, so that the accuracy shown is always one on rows not seen before. Half way through, the model
goes through a pickle, as if the program had been stopped and started again. standardize=True learns
the scale of the columns from the first block and keeps to it.

Run: python examples/out_of_core.py
Needs scikit-learn: pip install 'shallownet-native[sklearn]'
"""

import os
import pickle
import tempfile

import numpy as np

import shallownet_native as sn

N_ROWS, N_FEATURES, BLOCK = 120_000, 30, 4_000


def write_rows(path: str) -> None:
    """Write a file of rows: inputs on very different scales, and in the last column the class."""
    rng = np.random.default_rng(0)
    file = np.lib.format.open_memmap(path, "w+", np.float32, (N_ROWS, N_FEATURES + 1))
    directions = rng.standard_normal((N_FEATURES, 3))
    for begin in range(0, N_ROWS, BLOCK):
        x = rng.standard_normal((BLOCK, N_FEATURES))
        z = np.abs(x @ directions) + 0.5 * rng.standard_normal((BLOCK, 3))
        file[begin : begin + BLOCK, :-1] = x * np.logspace(-3, 3, N_FEATURES) + 7
        file[begin : begin + BLOCK, -1] = z.argmax(axis=1)


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "rows.npy")
    write_rows(path)
    rows = np.load(path, mmap_mode="r")
    print(
        f"{os.path.getsize(path) / 1e6:.0f} MB in the file, {rows[:BLOCK].nbytes / 1e6:.1f} at once"
    )

    model = sn.ShallowNetClassifier(
        (64,), learning_rate_init=0.01, batch_size=100, standardize=True, random_state=0
    )
    accuracies = []
    for n_blocks, begin in enumerate(range(0, N_ROWS, BLOCK), 1):
        block = np.array(rows[begin : begin + BLOCK])
        x, y = block[:, :-1], block[:, -1].astype(int)
        if begin > 0:
            accuracies.append((model.predict(x) == y).mean())
        model.partial_fit(x, y, classes=[0, 1, 2])
        if n_blocks % 6 == 0:
            recent = np.mean(accuracies[-5:])
            print(f"after {begin + BLOCK:6} rows: accuracy on the latest ones {recent:.3f}")
        if n_blocks == 15:
            stored = pickle.dumps(model)
            model = pickle.loads(stored)  # with Adam's moments and the scale of the columns
            print(f"stopped and started again from {len(stored) / 1e3:.0f} kB")
    print(f"float32 in, {model.coefs_[0].dtype} kept; {model.t_} rows learned from")
    del rows
