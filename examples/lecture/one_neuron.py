"""
One neuron
==========

A neuron weighs its inputs, adds a bias and bends the sum: three lines of arithmetic. Everything
that follows is made of this.

Run: python examples/lecture/one_neuron.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Suppose that a neuron guesses whether somebody passes an exam, from ``x1`` hours of study and
# ``x2`` hours of sleep. It has one weight for each input, and one bias:
#
# .. code-block:: text
#
#     z = w1 x1 + w2 x2 + b        the weighted sum
#     a = g(z)                     its activation
#
# With the sigmoid ``g(z) = 1 / (1 + exp(-z))``, the output lies between 0 and 1, and we read it
# as the probability of a pass.

w = np.array([2.0, 1.0])
b = -8.0
x = np.array([3.0, 4.0])

z = w[0] * x[0] + w[1] * x[1] + b
a = 1 / (1 + np.exp(-z))
print(f"z = 2 * 3 + 1 * 4 - 8 = {z:g}")
print(f"a = sigmoid({z:g}) = {a:.6f}")

# %%
# What the weights mean
# ---------------------
# Solve ``a = sigmoid(z)`` for ``z`` and you get ``z = log(a / (1 - a))``: the neuron adds up
# *log-odds*. One more hour of study adds ``w1 = 2`` to them, so it multiplies the odds
# ``a / (1 - a)`` by ``exp(2)``, whatever the other input is.

odds = a / (1 - a)
a_more = 1 / (1 + np.exp(-(z + w[0])))
odds_more = a_more / (1 - a_more)
print(f"odds {odds:.4f}, after another hour of study {odds_more:.4f}: {odds_more / odds:.4f} times")

# %%
# Where it changes its mind
# -------------------------
# ``a = 0.5`` where ``z = 0``, and for two inputs that is a straight line. The weights stand at a
# right angle to it, and ``z / |w|`` is the distance of a point from it. So a neuron is a line with
# a direction, and the length of ``w`` says how sharply the answer changes across the line.

print(f"distance of x from the line: {z / np.linalg.norm(w):.4f}")

# %%
# The same, by the library
# ------------------------
# A network without a hidden layer is this neuron: ``W2`` holds its weights as a row, ``b2`` its
# bias. Examples are columns, so that one example of two inputs has the shape (2, 1). The oracle,
# ``sn.reference``, is the same method in plain NumPy, to read and to check against.

neuron = sn.Parameters(None, None, W2=w[None, :], b2=[[b]], output="sigmoid")
X = x[:, None]
print("shapes: W2", neuron.W2.shape, "b2", neuron.b2.shape, "X", X.shape)
print(f"by the core   {sn.forward(neuron, X).A2[0, 0]:.6f}")
print(f"by the oracle {sn.reference.forward_by_neuron(*neuron, X)[0, 0]:.6f}")

# %%
# A neuron that learns
# --------------------
# Nobody chooses weights by hand. Given examples with known answers, ``sn.train`` finds weights
# that fit them; how is the subject of this series. A single sigmoid neuron that was trained is
# known as *logistic regression*.

X, Y = sn.datasets.blobs(200, spread=1.5, seed=2)
start = sn.initialize(2, 0, 1, scheme="zeros")
trained = sn.train(start, X, Y, learning_rate=0.5, n_iterations=500).parameters
print(f"two blobs: {(sn.predict(trained, X) == Y).mean():.1%} right")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
hours, passed = np.array([[3.0, 1.0, 5.0, 0.0], [4.0, 3.0, 7.0, 8.5]]), np.array([[1, 0, 1, 1]])
sn.plotting.decision_boundary(neuron, hours, passed, ax=left)
left.set(title="chosen by hand", xlabel="hours of study", ylabel="hours of sleep")
sn.plotting.decision_boundary(trained, X, Y, ax=right)
right.set_title("trained on two blobs")
plt.show()
