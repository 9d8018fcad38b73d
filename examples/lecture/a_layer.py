"""
A layer of neurons
==================

Several neurons that look at the same inputs are a layer. Their weights, one row for each neuron,
make a matrix, and the loop over the neurons becomes a product.

Run: python examples/lecture/a_layer.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# One neuron after the other
# --------------------------
# Three hidden neurons, two inputs. Row ``j`` of ``W1`` holds the weights of neuron ``j``, and
# entry ``j`` of ``b1`` its bias: first index *which neuron*, second index *which input*.

W1 = np.array([[1.0, -1.0], [0.5, 0.5], [-1.0, 2.0]])  # (n_h, n_x) = (3, 2)
b1 = np.array([[0.0], [-1.0], [0.5]])  # (n_h, 1)
x = np.array([2.0, 1.0])

z1 = np.zeros(3)
for j in range(3):
    z1[j] = b1[j, 0]
    for k in range(2):
        z1[j] += W1[j, k] * x[k]
print("one by one: z1 =", z1)

# %%
# All at once
# -----------
# Entry ``j`` of the product of a matrix and a vector *is* that sum over ``k``. Nothing new is
# computed; it is only written, and run, at once.

print("a product:  z1 =", W1 @ x + b1[:, 0])

# %%
# In the library an example is a column of shape (n_x, 1), and so are the biases. Mind the shapes:
# a column plus a flat vector is not an error in NumPy. It is *broadcast* to a matrix, and the
# mistake shows up much later, or never.

column = x[:, None]  # (2, 1)
print("right: ", (W1 @ column + b1).shape, "  wrong: ", (W1 @ column + b1[:, 0]).shape)

# %%
# The whole network
# -----------------
# Bend the hidden sums, ``a1 = tanh(z1)``. Then one more neuron looks at the three hidden
# activations as its inputs, and its sigmoid is the answer:
#
# .. code-block:: text
#
#     z1 = W1 x + b1       a1 = tanh(z1)
#     z2 = W2 a1 + b2      a2 = sigmoid(z2)

W2 = np.array([[1.0, -2.0, 0.5]])  # (n_y, n_h) = (1, 3)
b2 = np.array([[0.1]])  # (n_y, 1)

a1 = np.tanh(W1 @ column + b1)  # (3, 1)
z2 = W2 @ a1 + b2  # (1, 1)
a2 = 1 / (1 + np.exp(-z2))
print("a1 =", a1[:, 0].round(6))
print(f"z2 = {z2[0, 0]:.6f}, a2 = {a2[0, 0]:.6f}")

# %%
# The library's ``sn.forward`` returns all four of them, and ``sn.Parameters`` checks that the
# shapes fit. It also counts: a neuron has a weight for each of its inputs, and a bias. That makes
# ``n_h (n_x + 1) + n_y (n_h + 1)`` numbers, here 3 * 3 + 1 * 4.

network = sn.Parameters(W1, b1, W2, b2, hidden="tanh", output="sigmoid")
stages = sn.forward(network, column)
print(f"by the core: Z2 = {stages.Z2[0, 0]:.6f}, A2 = {stages.A2[0, 0]:.6f}")
print("n_x, n_h, n_y =", network.shape, "and", network.size, "parameters")

try:
    sn.Parameters(W1, b1[:, 0], W2, b2)
except ValueError as error:
    print("ValueError:", error)

# %%
# A picture of it: each line is a weight, its width the size and its colour the sign. The colour in
# a circle is that neuron's bias.

axes = sn.plotting.network_diagram(network)
axes.set_title(f"{network.size} parameters")
plt.show()
