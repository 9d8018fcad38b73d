"""
Quickstart: real data
=====================

Train a network on real data, measure it on examples it has not seen, save it, load it.

Run: python examples/tables/quickstart.py

Needs, in the project's folder: ``pip install '.[sklearn,plot]'``
"""

import os
import tempfile

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# 569 tumours, 30 measurements each; the class says whether it was benign. Columns are examples.

X, Y = sn.datasets.load_breast_cancer()
print("X", X.shape, "Y", Y.shape, f"{Y.mean():.0%} benign")

# %%
# Hold out every fifth example, and scale the inputs by what the *others* show. Unscaled, an
# area of 600 would drown a smoothness of 0.1.

held_out = np.arange(X.shape[1]) % 5 == 0
mean, deviation = X[:, ~held_out].mean(1, keepdims=True), X[:, ~held_out].std(1, keepdims=True)
X = (X - mean) / deviation

# %%
# 16 hidden tanh units and one sigmoid output; Glorot's scheme suits tanh. Adam in batches of 32,
# with a small penalty on large weights.

start = sn.initialize(n_x=30, n_h=16, n_y=1, scheme="glorot_uniform", seed=0)
result = sn.train(
    start, X[:, ~held_out], Y[:, ~held_out], validation=(X[:, held_out], Y[:, held_out]),
    early_stopping=False, optimizer="adam", n_epochs=30, batch_size=32, l2=1e-3, seed=0,
)  # fmt: skip
print(f"cost {result.costs[0]:.3f} in the first epoch, {result.costs[-1]:.3f} in the last")

labels = sn.predict(result.parameters, X[:, held_out])
print(f"held-out accuracy {(labels == Y[:, held_out]).mean():.3f}")

# %%
# The held-out examples were watched (``validation``), but nothing was decided by them: with
# ``early_stopping=False`` all 30 epochs are run. Both curves fall, and stay together.

axes = sn.plotting.learning_curve(result)
axes.set_title("breast cancer, 16 hidden units")

# %%
# A file holds the parameters to the last bit, their activations, and nothing that could run.

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "tumours.snet")
    sn.save(result.parameters, path)
    print("loaded the same parameters:", sn.load(path) == result.parameters)
plt.show()
