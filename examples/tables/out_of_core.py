"""
More data than memory
=====================

A model that learns from one block of rows after another, by ``partial_fit``, and goes on after a
break.

Run: python examples/tables/out_of_core.py

Needs, in the project's folder: ``pip install '.[sklearn,plot]'``
"""

import os
import pickle
import tempfile

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# A file of 120,000 rows will be read 4,000 at a time. Its inputs are on very different scales;
# the last column is the class.

N_ROWS, N_FEATURES, BLOCK = 120_000, 30, 4_000


def write_rows(path: str) -> None:
    """Write the file, a block at a time as well."""
    rng = np.random.default_rng(0)
    file = np.lib.format.open_memmap(path, "w+", np.float32, (N_ROWS, N_FEATURES + 1))
    directions = rng.standard_normal((N_FEATURES, 3))
    for begin in range(0, N_ROWS, BLOCK):
        x = rng.standard_normal((BLOCK, N_FEATURES))
        z = np.abs(x @ directions) + 0.5 * rng.standard_normal((BLOCK, 3))
        file[begin : begin + BLOCK, :-1] = x * np.logspace(-3, 3, N_FEATURES) + 7
        file[begin : begin + BLOCK, -1] = z.argmax(axis=1)


folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "rows.npy")
write_rows(path)
rows = np.load(path, mmap_mode="r")
print(f"{os.path.getsize(path) / 1e6:.0f} MB in the file, {rows[:BLOCK].nbytes / 1e6:.1f} at once")

# %%
# Predict first, then learn
# -------------------------
# Each block is predicted first and learned from after, so that the accuracy shown is always one
# on rows not seen before. ``standardize=True`` learns the scale of the columns from the first block
# and keeps to it. Half way through, the model goes through a pickle, as if the program had
# been stopped and started again: Adam's moments and the scale of the columns go with it.

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
        model = pickle.loads(stored)
        print(f"stopped and started again from {len(stored) / 1e3:.0f} kB")
print(f"float32 in, {model.coefs_[0].dtype} kept; {model.t_} rows learned from")
del rows
folder.cleanup()

# %%
# Accuracy on each block before it was learned from. Most is learned from the first few blocks;
# the break leaves no trace.

figure, axes = plt.subplots(figsize=(6.5, 3.5), layout="constrained")
axes.plot(np.arange(2, 31) * BLOCK, accuracies, "o-", markersize=3)
axes.axvline(15 * BLOCK, color="0.6", linestyle=":")
axes.annotate("stopped and started again", (15.3 * BLOCK, min(accuracies)), color="0.3")
axes.set(xlabel="rows seen", ylabel="accuracy on the next block")
plt.show()
