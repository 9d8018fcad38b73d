"""
Training as a film
==================

A network is trained, and its decisions on the way become a GIF, by ``sn.plotting.animate``: how a
spiral is wound up.

Run: python examples/shapes/film.py [film.gif]

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import os
import sys
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import shallownet_native as sn

# %%
# Two arms of a spiral, 30 tanh units, Adam. ``animate`` takes what ``sn.train`` takes, and runs it
# itself, stopping for a picture at moments spread evenly over the training. The file goes where
# the command line says, or else to a folder that is removed in the end.

X, Y = sn.datasets.spirals(200, seed=0)
start = sn.initialize(2, 30, 1, scheme="glorot_uniform", seed=0)

folder = tempfile.TemporaryDirectory()
path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(folder.name, "film.gif")
sn.plotting.animate(
    start, X, Y, path, n_frames=8, optimizer="adam", learning_rate=0.02, n_iterations=1200
)

# %%
# A GIF on a page would never stop moving, so here are the left halves of its frames, side by side;
# the right halves hold the learning curve. With the default of 40 frames the film runs for four
# seconds and a half.

frames = []
with Image.open(path) as film:
    for number in range(film.n_frames):
        film.seek(number)
        frames.append(np.asarray(film.convert("RGB")))
print(f"{os.path.basename(path)}: {len(frames)} frames, the start and 8 more")
height, width, _ = frames[0].shape
print(f"{width} by {height} pixels each, {os.path.getsize(path) / 1e3:.0f} kB")
folder.cleanup()

figure, axes = plt.subplots(3, 3, figsize=(9, 8.4), layout="constrained")
for one, frame in zip(axes.ravel(), frames, strict=True):
    one.imshow(frame[:, : width // 2])
    one.set_axis_off()
plt.show()
