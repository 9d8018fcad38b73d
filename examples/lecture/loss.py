"""
The loss
========

One number says how wrong the network is. The cross-entropy charges for confidence in the wrong
answer, and computed from the logit it never meets the logarithm of 0.

Run: python examples/lecture/loss.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# What a wrong answer costs
# -------------------------
# The network says that ``y = 1`` has the probability ``a``. So the truth that came to pass had,
# in its eyes, the probability ``a`` if ``y = 1`` and ``1 - a`` if ``y = 0``. The loss is minus the
# logarithm of that: 0 for certainty that was right, and more and more the surer the error.

for a in (0.99, 0.9, 0.5, 0.1, 0.01):
    print(f"a = {a:4}: loss {-np.log(a):.4f} if y = 1, {-np.log(1 - a):.4f} if y = 0")

# %%
# The cost ``J`` is the mean over the examples. Three of them, with the logits 2, -1 and 1/2:

Z2 = np.array([[2.0, -1.0, 0.5]])
Y = np.array([[1, 0, 0]])
A2 = 1 / (1 + np.exp(-Z2))
losses = -Y * np.log(A2) - (1 - Y) * np.log(1 - A2)
print("losses", losses[0].round(6), f"J = {losses.mean():.6f}")

through = sn.Parameters(None, None, [[1.0]], [[0.0]], output="sigmoid")  # its logit is its input
print(f"by the core J = {sn.cost(through, Z2, Y):.6f}")

# %%
# A network that knows nothing says 1/2 to everything, which costs ``log 2``. That is why training
# from small weights begins at 0.693:

X, Y = sn.datasets.flower()
start = sn.initialize(2, 4, 1, seed=3)
print(f"log 2 = {np.log(2):.6f}, the flower's first cost {sn.cost(start, X, Y):.6f}")

# %%
# From the logit, not from the probability
# ----------------------------------------
# A logit of -800 with ``y = 1`` should cost 800. But ``sigmoid(-800)`` is rounded to 0, whose
# logarithm is infinite. Putting ``a = sigmoid(z)`` into the loss and simplifying leads to a form
# in which nothing overflows: ``max(z, 0) - y z + log(1 + exp(-abs(z)))``.

z, y = -800.0, 1
with np.errstate(over="ignore", divide="ignore"):
    naive = -np.log(1 / (1 + np.exp(-z)))
stable = max(z, 0) - y * z + np.log1p(np.exp(-abs(z)))
print(f"from the probability {naive}, from the logit {stable}")
print(f"by the core {sn.cost(through, [[z]], [[y]])}")

# %%
# Why not the squared error?
# --------------------------
# With a sigmoid output, ``(a - y)^2 / 2`` has the slope ``(a - y) a (1 - a)`` by the logit. The
# last two factors vanish where the unit saturates, also where it is wrong: the worst errors
# correct themselves slowest. The cross-entropy's slope is just ``a - y``.

for z in (0.0, -2.0, -10.0):
    a = 1 / (1 + np.exp(-z))
    squared = (a - 1) * a * (1 - a)
    print(f"y = 1, z = {z:3g}: slope {a - 1:9.6f} of cross-entropy, {squared:9.6f} of the square")

# %%
# The same delta for all
# ----------------------
# The library pairs every output unit with the loss that belongs to it, and for each pair the
# derivative by the logit is the same, ``dZ2 = A2 - Y``; only the loss of quantiles, with a kink
# where it is least, is none of them. By the complex step, for one example of three outputs:

Z = np.array([[0.3], [-1.2], [0.8]])
Y3 = np.array([[0.0], [1.0], [0.0]])
h = 1e-20
for name in ("exp", "identity", "sigmoid", "softmax"):
    unit, loss = sn.reference.OUTPUTS[name]
    by_step = [loss(Z + 1j * h * np.eye(3)[:, [k]], Y3)[0].imag / h for k in range(3)]
    difference = np.abs(unit(Z)[:, 0] - Y3[:, 0] - by_step).max()
    print(f"{name:8}: A2 - Y differs from the complex step by {difference:.0e}")

# %%
# Pictures of cost
# ----------------
# Left, both losses over the logit, for ``y = 1``. Right, what training sees: the cost over two
# weights of a single neuron. Of the cross-entropy of a single neuron it is a bowl with one
# lowest place (which lies infinitely far away if a line parts the classes without an error). With
# hidden units it is no bowl, as :doc:`gradient_descent` shows.

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
z = np.linspace(-6, 6, 241)
a = 1 / (1 + np.exp(-z))
left.plot(z, -np.log(a), label="cross-entropy")
left.plot(z, (a - 1) ** 2 / 2, label="squared error")
left.set(xlabel="logit z", ylabel="loss for y = 1")
left.legend()

X, Y = sn.datasets.blobs(200, spread=2.0, seed=2)
neuron = sn.train(sn.initialize(2, 0, 1, scheme="zeros"), X, Y, learning_rate=0.3, n_iterations=500)
sn.plotting.cost_surface(neuron, X, Y, weights=("W2[0,0]", "W2[0,1]"), ax=right)
right.set_title("the cost of one neuron")
plt.show()
