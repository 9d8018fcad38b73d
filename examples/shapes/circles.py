"""
A circle in a circle
====================

How straight lines, bent and added, close around a disc: one hidden unit is a step, two are a strip,
three can close.

Run: python examples/shapes/circles.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt

import shallownet_native as sn

# %%
# The inner circle is class 1, the outer class 0. Each hidden unit parts the plane along a line. To
# fence in a disc takes three lines at least, as to fence in a field takes three straight fences.
# So the accuracy should jump at three units, and it does:

X, Y = sn.datasets.noisy_circles(400, seed=1)

trained = {}
for n_h in (1, 2, 3, 4):
    start = sn.initialize(2, n_h, 1, scheme="glorot_normal", seed=0)
    trained[n_h] = sn.train(start, X, Y, learning_rate=1.0, n_iterations=5000).parameters
    accuracy = (sn.predict(trained[n_h], X) == Y).mean()
    print(f"hidden units {n_h}: cost {sn.cost(trained[n_h], X, Y):.3f}, accuracy {accuracy:.1%}")

figure, axes = plt.subplots(1, 4, figsize=(12, 3.3), layout="constrained")
for one, (n_h, parameters) in zip(axes, trained.items(), strict=True):
    sn.plotting.decision_boundary(parameters, X, Y, ax=one)
    one.set_title(f"{n_h} hidden unit" + "s" * (n_h > 1))

# %%
# The three units of the third picture, each alone: three bent edges, that together make a fence
# with round corners.

sn.plotting.hidden_units(trained[3], X, Y)

# %%
# A better input is worth many units
# ----------------------------------
# The distance from the centre is all that matters here. Give it to a single neuron, as the one
# input ``x1^2 + x2^2``, and no hidden layer is needed.

R = (X**2).sum(axis=0, keepdims=True)  # (1, m)
start = sn.initialize(1, 0, 1, scheme="zeros")
neuron = sn.train(start, R, Y, learning_rate=1.0, n_iterations=5000).parameters
accuracy = (sn.predict(neuron, R) == Y).mean()
print(f"one neuron that sees x1^2 + x2^2: accuracy {accuracy:.1%}, {neuron.size} parameters")
plt.show()
