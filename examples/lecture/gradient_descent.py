"""
Gradient descent
================

Predict, take the gradients, move every parameter a little against its gradient; repeat. What
"a little" may be is decided by how curved the cost is.

Run: python examples/lecture/gradient_descent.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# One parameter
# -------------
# Take the plainest cost there is, ``J(w) = c w^2 / 2``, whose gradient is ``c w``. A step of
# descent multiplies ``w`` by ``1 - r c``, with ``r`` the learning rate. That factor says it all:
# below ``r = 1 / c`` the steps creep, at ``1 / c`` one step arrives, up to ``2 / c`` they overshoot
# and still come nearer, and beyond that every step leads further away.

c = 2.0
for rate in (0.1, 0.5, 0.9, 1.1):
    w, path = 1.0, []
    for _ in range(10):
        w = w - rate * c * w
        path.append(w)
    first, second, tenth = path[0], path[1], path[9]
    print(
        f"rate {rate} = {rate * c:.1f} / c: w after 1, 2 and 10 steps "
        f"{first:.2g}, {second:.2g}, {tenth:.2g}"
    )

# %%
# A network: the loop by hand
# ---------------------------
# The same with all parameters of a network, on the flower, from the well-known start (seed 3) and
# with its rate of 1.2. Note that *all four* arrays move at once, by gradients that were taken at
# one and the same place.

X, Y = sn.datasets.flower()
m = X.shape[1]
start = sn.initialize(2, 4, 1, seed=np.random.RandomState(3))


def gradients(W1, b1, W2, b2):
    """Return the cost and the four gradients at a place, as in the lesson before."""
    A1 = np.tanh(W1 @ X + b1)
    Z2 = W2 @ A1 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    J = (np.maximum(Z2, 0) - Y * Z2 + np.log1p(np.exp(-np.abs(Z2)))).mean()
    dZ2 = A2 - Y
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    dW1, dW2 = dZ1 @ X.T / m, dZ2 @ A1.T / m
    db1, db2 = dZ1.sum(axis=1, keepdims=True) / m, dZ2.sum(axis=1, keepdims=True) / m
    return J, (dW1, db1, dW2, db2)


P = tuple(start)
costs = []
for _ in range(2001):
    J, dP = gradients(*P)
    costs.append(J)
    P = tuple(p - 1.2 * dp for p, dp in zip(P, dP, strict=True))
for iteration in (0, 1000, 2000):
    print(f"by hand: cost after iteration {iteration}: {costs[iteration]:.6f}")

# %%
# ``sn.train`` is this loop, run inside the core. (Its costs, like ours, are taken before the step.)

result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=2001)
for iteration in (0, 1000, 2000):
    print(f"sn.train: cost after iteration {iteration}: {result.costs[iteration]:.6f}")
print(f"largest difference of a cost on the way: {np.abs(result.costs - costs).max():.0e}")

# %%
# The learning rate
# -----------------
# Too small a rate wastes steps. Too large a one overshoots: the cost jumps about, and, with no
# bowl around to come back to, may stay high for good. Training that ends above its first cost says
# so by a ``ConvergenceWarning``, which is expected here.

runs = {}
for rate in (0.01, 0.1, 1.2, 40.0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sn.ConvergenceWarning)
        runs[rate] = sn.train(start, X, Y, learning_rate=rate, n_iterations=2001)
    print(f"rate {rate:5}: cost after iteration 2000: {runs[rate].costs[-1]:.3f}")

# %%
# The landscape
# -------------
# Left, the curves. Right, a slice through the cost: the plane through the place that training has
# come to and two others, in which hidden units have changed places. The order of hidden units
# makes no difference to the answers, so all of them are equally good, and so is the fourth corner
# of the square, with both exchanges; between them are ridges. The cost of a network is no bowl with
# one lowest place. Descent only sees the slope where it stands, and where it ends depends on where
# it began.


def reordered(parameters: sn.Parameters, order: list[int]) -> sn.Parameters:
    """Return the same network with its hidden units in another order."""
    W1, b1, W2, b2 = parameters
    return sn.Parameters(W1[order], b1[order], W2[:, order], b2)


here = result.parameters
others = [reordered(here, [1, 0, 2, 3]), reordered(here, [0, 1, 3, 2])]
between = sn.Parameters.from_flat((here.flat + others[0].flat) / 2, here.shape)
for name, place in {
    "where training has come to": here,
    "units 1 and 2 exchanged": others[0],
    "units 3 and 4 exchanged": others[1],
    "both": reordered(here, [1, 0, 3, 2]),
    "half way to the first": between,
}.items():
    print(f"{name:26}: cost {sn.cost(place, X, Y):.6f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for rate, run in runs.items():
    left.plot(run.costs, label=f"rate {rate:g}", linewidth=1, alpha=0.4 if rate > 10 else 1)
left.set(xlabel="iteration", ylabel="cost", ylim=(0, 1.5))
left.legend(loc="lower left", ncols=2)
directions = [place.flat - here.flat for place in others]
sn.plotting.cost_surface(result, X, Y, directions=directions, reach=1.5, ax=right)
right.plot([1, 0, 1], [0, 1, 1], "w*", markersize=10)
right.set(title="four places alike", xlabel="units 1 and 2 change places", ylabel="units 3 and 4")
plt.show()
