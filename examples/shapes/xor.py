"""
Exclusive or
============

The smallest task that no single neuron can do. Two hidden units solve it, and their weights can be
found by thinking.

Run: python examples/shapes/xor.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Four points; the class is 1 where exactly one input is 1. A neuron's answer changes across a
# straight line, and no line has (0, 1) and (1, 0) on one side and (0, 0) and (1, 1) on the other.
# The best that a trained neuron can say is "one half" to all:

X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
Y = np.array([[0, 1, 1, 0]])

start = sn.initialize(2, 0, 1, seed=0)
neuron = sn.train(start, X, Y, learning_rate=1.0, n_iterations=2000).parameters
print("one neuron: ", sn.forward(neuron, X).A2[0].round(3), f"cost {sn.cost(neuron, X, Y):.4f}")

# %%
# By thinking
# -----------
# Let both hidden units see ``s = x1 + x2``, which is 0, 1 or 2. The first, ``relu(s)``, counts.
# The second, ``relu(s - 1)``, fires only if both inputs are 1. The first minus twice the second is
# 0, 1, 0: the exclusive or.

by_thinking = sn.Parameters(
    W1=[[1.0, 1.0], [1.0, 1.0]],
    b1=[[0.0], [-1.0]],
    W2=[[1.0, -2.0]],
    b2=[[0.0]],
    hidden="relu",
    output="identity",
)
stages = sn.forward(by_thinking, X)
print("hidden units:", stages.A1[0], stages.A1[1])
print("by thinking:", stages.A2[0])

# %%
# By descent
# ----------
# The same size of network, with tanh and a sigmoid, from random starts. Not every start
# succeeds: with so few units, descent may end in a place where two of the points share an answer.
# A few more units than needed make it easy.

for n_h in (2, 4, 8):
    solved = 0
    for seed in range(20):
        start = sn.initialize(2, n_h, 1, scheme="glorot_normal", seed=seed)
        found = sn.train(start, X, Y, learning_rate=1.0, n_iterations=3000).parameters
        solved += bool((sn.predict(found, X) == Y).all())
    print(f"{n_h} hidden units: solved from {solved} of 20 starts")

# %%
# The network that was thought out, and the last one that was trained, on a square full of points.

X, Y = sn.datasets.xor(400, noise=0.05, seed=0)
start = sn.initialize(2, 8, 1, scheme="glorot_normal", seed=0)
trained = sn.train(start, X, Y, learning_rate=1.0, n_iterations=3000)
print(f"400 points: {(sn.predict(trained.parameters, X) == Y).mean():.1%} right")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
sn.plotting.network_diagram(by_thinking, ax=left, feature_names=["x1", "x2"])
left.set_title("exclusive or, by thinking")
sn.plotting.decision_boundary(trained, X, Y, ax=right)
right.set_title("8 tanh units, by descent")
plt.show()
