"""
Random starts: symmetry
=======================

Why initial weights are random: hidden units that start equal stay equal for ever.

Run: python examples/lecture/symmetry.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Hidden units with the same weights compute the same, so they get the same gradient, so they have
# the same weights after the step. One step shows it: four units that start alike, and the rows of
# ``dW1`` and entries of ``dW2`` that they get.

X, Y = sn.datasets.flower()
n_h = 4
alike = sn.Parameters([[0.01, -0.02]] * n_h, np.zeros((n_h, 1)), [[0.01] * n_h], [[0.0]])
_, gradients = sn.gradients(alike, X, Y)
print("rows of dW1 are all the same:", bool((gradients.dW1 == gradients.dW1[0]).all()))
print("entries of dW2 are all the same:", bool((gradients.dW2 == gradients.dW2[0, 0]).all()))

# %%
# From zeros it is worse still: the hidden activations are 0, so ``dW2 = dZ2 A1^T / m`` is 0, and
# ``W2`` is 0, so nothing comes back to ``W1``. Only ``b2`` could move, and here, with as many
# examples of each class, not even that.

zeros = sn.initialize(2, n_h, 1, scheme="zeros")
_, gradients = sn.gradients(zeros, X, Y)
for name in ("dW1", "db1", "dW2", "db2"):
    print(f"from zeros: largest entry of {name} {np.abs(getattr(gradients, name)).max():g}")

# %%
# Five thousand steps later
# -------------------------
# Three starts: all weights 0; all units alike; small random numbers. Equal means equal to the
# last bit.


def n_different_units(parameters: sn.Parameters) -> int:
    """Count the hidden units that differ in any bit: rows of [W1 b1]."""
    return len(np.unique(np.hstack((parameters.W1, parameters.b1)), axis=0))


random = sn.initialize(2, n_h, 1, seed=3)
trained = {}
for name, start in (("zeros", zeros), ("alike", alike), ("random", random)):
    trained[name] = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000).parameters
    accuracy = (sn.predict(trained[name], X) == Y).mean()
    print(
        f"{name:6} start: {n_different_units(trained[name])} different hidden units, "
        f"W1 moved by {np.abs(trained[name].W1 - start.W1).max():.2g}, accuracy {accuracy:.2f}"
    )

# %%
# Four units alike are worth one: the network in the middle has one bend to offer. Random
# numbers break the tie. The biases may start at 0, as the units already differ by their weights.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
for one, (name, parameters) in zip(axes, trained.items(), strict=True):
    sn.plotting.decision_boundary(parameters, X, Y, ax=one)
    one.set_title(f"from a start of {name}" if name == "zeros" else f"{name} start")
plt.show()
