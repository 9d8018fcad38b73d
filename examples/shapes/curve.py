"""
A curve
=======

Regression: with relu units and a linear output the network draws a broken line, and each unit owns
one of its corners.

Run: python examples/shapes/curve.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# One input, one output, squared error: points on a wave, with noise.

random = np.random.default_rng(0)
X = random.uniform(-3, 3, (1, 200))
Y = np.sin(2 * X) + 0.1 * X**2 + 0.1 * random.standard_normal(X.shape)

# %%
# A relu unit of one input, ``max(0, w x + b)``, has a corner at ``x = -b / w`` and is straight
# elsewhere. The output adds the units up, so that the network is a broken line with at most as
# many corners as units. The units start with their corners spread by chance, and training moves
# corners and slopes. More corners, closer curve:

trained = {}
for n_h in (2, 5, 40):
    start = sn.initialize(1, n_h, 1, scheme="he_normal", seed=1)
    start.b1 = np.random.default_rng(1).uniform(-3, 3, (n_h, 1))
    trained[n_h] = sn.train(
        start, X, Y, hidden="relu", output="identity",
        optimizer="adam", learning_rate=0.01, n_iterations=5000,
    ).parameters  # fmt: skip
    error = np.sqrt(2 * sn.cost(trained[n_h], X, Y))  # the cost is half the mean squared error
    W1, b1, _, _ = trained[n_h]
    corners = -b1 / W1
    n_inside = int((np.abs(corners) < 3).sum())
    print(f"{n_h:2} units: typical error {error:.3f}, corners among the points: {n_inside}")

# %%
# The noise has a deviation of 0.1. An error below that, as with 40 units, is no merit: the line has
# begun to follow the noise.
#
# Is it a broken line? Between two neighbouring corners the second differences of the output must
# be 0. With five units, the places where they are not are the corners:

line = np.linspace(-3, 3, 6001)[None, :]
A2 = sn.forward(trained[5], line).A2[0]
bends = np.abs(np.diff(A2, 2)) > 1e-9
found = line[0, 1:-1][bends]
groups = np.split(found, np.flatnonzero(np.diff(found) > 0.0015) + 1)
W1, b1, _, _ = trained[5]
corners = np.sort((-b1 / W1).ravel())
print("corners by -b / w:", corners[np.abs(corners) < 3].round(2))
print("seen in the curve:", np.array([group.mean() for group in groups]).round(2))

# %%
# Outside of the points nothing holds the line: it goes on straight, whatever the truth does.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
wide = np.linspace(-4, 4, 801)[None, :]
for one, (n_h, parameters) in zip(axes, trained.items(), strict=True):
    one.plot(X[0], Y[0], ".", color="0.7", markersize=4)
    one.plot(wide[0], sn.forward(parameters, wide).A2[0], "C0", linewidth=2)
    corners = (-parameters.b1 / parameters.W1).T  # (1, n_h)
    corners = corners[:, np.abs(corners[0]) < 4]
    one.plot(corners[0], sn.forward(parameters, corners).A2[0], "C1o", markersize=4)
    one.set(title=f"{n_h} relu units", xlabel="x", ylim=(-2, 3))
plt.show()
