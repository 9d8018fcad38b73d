"""
Many examples at once
=====================

Put the examples side by side as the columns of a matrix, and the same product serves all of them.
The loop over examples has gone; the numbers have not changed.

Run: python examples/lecture/many_examples.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Column by column
# ----------------
# ``X`` has one row for each input and one column for each example: ``n_x = 2``, ``m = 6``.

random = np.random.default_rng(0)
X = random.standard_normal((2, 6))
network = sn.initialize(2, 3, 1, scheme="glorot_normal", seed=1)
network.b1 = [[0.5], [0.0], [-1.0]]  # a start has zeros here, which would not show in the picture
W1, b1, W2, b2 = network

by_example = np.empty((3, 6))
for i in range(6):
    by_example[:, [i]] = W1 @ X[:, [i]] + b1  # a layer for one example

Z1 = W1 @ X + b1  # column i of W1 X is W1 times column i of X; b1 is added to each
print("shapes: W1", W1.shape, "X", X.shape, "b1", b1.shape, "-> Z1", Z1.shape)
print(f"largest difference from the loop: {np.abs(Z1 - by_example).max():.1e}")

# %%
# A row of ``Z1`` is one neuron's view of all the examples, a column is one example as all the
# neurons see it. The picture shows who is multiplied with whom: the product runs along a row of
# ``W1`` and down a column of ``X``.

figure, panels = plt.subplots(
    1, 4, figsize=(9, 2.2), layout="constrained", width_ratios=[2, 6, 1, 6]
)
for axes, (name, matrix) in zip(
    panels, {"W1": W1, "X": X, "b1": b1, "Z1 = W1 X + b1": Z1}.items(), strict=True
):
    axes.imshow(matrix, cmap="RdBu_r", vmin=-2, vmax=2)
    axes.set(ylim=(2.5, -0.5), xticks=[], yticks=[], frame_on=False)  # room for three rows in each
    axes.set_title(f"{name}\n{matrix.shape}", fontsize=10)
    for (row, column), value in np.ndenumerate(matrix):
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=8)

# %%
# Three ways to write one thing
# -----------------------------
# The oracle has the whole network in all three forms: neuron by neuron, example by example, and
# as matrices. The native core has a fourth, in tiles of examples. They add the same terms in
# different orders, so they agree to rounding, which is a few times 1e-16 here.

A2 = sn.forward(network, X, hidden="tanh", output="sigmoid").A2
forms = {
    "neuron by neuron": sn.reference.forward_by_neuron(*network, X),
    "example by example": sn.reference.forward_by_example(*network, X),
    "matrices": sn.reference.forward(*network, X)[-1],
}
for name, outputs in forms.items():
    print(f"{name:18}: differs from the core by {np.abs(outputs - A2).max():.1e}")

# %%
# The core promises a little more: an example gets the same answer, bit for bit, alone and in
# company.

alone = np.hstack([sn.forward(network, X[:, [i]]).A2 for i in range(6)])
print("alone and in company, the same bits:", bool((alone == A2).all()))

# %%
# Shapes to watch
# ---------------
# The usual trap is a target that stands upright, (m, 1) instead of (1, m). NumPy broadcasts the
# difference ``A2 - Y`` to a matrix of all pairs, and goes on as if nothing had happened. The
# library says what is wrong.

Y = np.array([[0, 1, 1, 0, 1, 0]])
print("A2 - Y:", (A2 - Y).shape, "  A2 - Y.T:", (A2 - Y.T).shape)
try:
    sn.cost(network, X, Y.T)
except ValueError as error:
    print("ValueError:", error)

# %%
# The second trap is a sum over examples that drops its axis; ``keepdims=True`` leaves a bias a
# column.

print(
    "sum(axis=1):", (A2 - Y).sum(axis=1).shape,
    "  with keepdims:", (A2 - Y).sum(axis=1, keepdims=True).shape,
)  # fmt: skip

# %%
# Rows or columns?
# ----------------
# Tables, and scikit-learn, have an example in each *row*. That is the same memory read the other
# way: the transpose of a NumPy array copies nothing, and the core reads it in place.

rows = random.standard_normal((1000, 2))  # 1000 examples, as a table has them
print("X = rows.T shares its memory:", np.shares_memory(rows, rows.T), rows.T.shape)

plt.show()
