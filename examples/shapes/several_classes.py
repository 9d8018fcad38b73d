"""
More than two classes
=====================

One output for each class, and softmax makes probabilities of them: rings, and the arms of a
spiral.

Run: python examples/shapes/several_classes.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# With three classes the targets have three rows; the column of an example has a 1 in the row of
# its class. Softmax turns three logits into three positive numbers that sum to 1:
# ``exp(z_k) / sum_j exp(z_j)``.

z = np.array([2.0, 1.0, 0.0])
print("softmax of 2, 1, 0:", (np.exp(z) / np.exp(z).sum()).round(4))

X, Y = sn.datasets.gaussian_quantiles(300, n_classes=3, seed=0)
print("X", X.shape, "Y", Y.shape, "the first example's column:", Y[:, 0])

# %%
# With two classes softmax says nothing new: it is the sigmoid of the difference of the logits.

softmax = np.exp(z[0]) / (np.exp(z[0]) + np.exp(z[1]))
print(f"softmax of 2, 1: {softmax:.6f}, sigmoid(2 - 1): {1 / (1 + np.exp(-1)):.6f}")

# %%
# Rings and arms
# --------------
# Three shells of one cloud, and three arms of a spiral. Ten units are enough for the first; the
# arms take more, and Adam, which adapts the step of each parameter, gets there sooner than plain
# descent. ``sn.predict`` returns the number of the most probable class.

tasks = {
    "rings": (X, Y, 10),
    "spirals": (*sn.datasets.spirals(300, n_classes=3, seed=0), 40),
}
figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for one, (name, (X, Y, n_h)) in zip(axes, tasks.items(), strict=True):
    start = sn.initialize(2, n_h, 3, scheme="glorot_uniform", seed=0)
    result = sn.train(
        start, X, Y, output="softmax", optimizer="adam", learning_rate=0.02, n_iterations=3000
    )
    outputs = sn.forward(result.parameters, X).A2
    right = (sn.predict(result.parameters, X) == Y.argmax(axis=0)).mean()
    print(
        f"{name:7}: {n_h} units, cost {result.costs[-1]:.3f} (log 3 = {np.log(3):.3f} at first), "
        f"accuracy {right:.1%}, columns sum to {outputs.sum(axis=0).min():.6f}"
    )
    sn.plotting.decision_boundary(result, X, Y, ax=one)
    one.set_title(name)
    one.locator_params(axis="x", nbins=6)
plt.show()
