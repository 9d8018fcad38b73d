"""Train a network on real data, measure it on examples it has not seen, save it, load it.

Run: python examples/quickstart.py
The data come with scikit-learn: pip install 'shallownet-native[sklearn]'
"""

import os
import tempfile

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.load_breast_cancer()  # X (30, 569): columns are examples; Y (1, 569): 0 or 1

# Hold out every fifth example, and scale the inputs by what the others show.
held_out = np.arange(X.shape[1]) % 5 == 0
mean, deviation = X[:, ~held_out].mean(1, keepdims=True), X[:, ~held_out].std(1, keepdims=True)
X = (X - mean) / deviation

# 16 hidden tanh units and one sigmoid output; Glorot's scheme suits tanh.
start = sn.initialize(n_x=30, n_h=16, n_y=1, scheme="glorot_uniform", seed=0)
result = sn.train(
    start, X[:, ~held_out], Y[:, ~held_out],
    optimizer="adam", n_epochs=30, batch_size=32, l2=1e-3, seed=0,
)  # fmt: skip
print(f"cost {result.costs[0]:.3f} in the first epoch, {result.costs[-1]:.3f} in the last")

labels = sn.predict(result.parameters, X[:, held_out])
print(f"held-out accuracy {(labels == Y[:, held_out]).mean():.3f}")

# A file holds the parameters to the last bit, and nothing that could run.
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "tumours.snet")
    sn.save(result.parameters, path)
    print("loaded the same parameters:", sn.load(path) == result.parameters)
