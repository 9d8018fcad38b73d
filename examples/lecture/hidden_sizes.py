"""
How many hidden units?
======================

None, and the network is logistic regression; a few, and it begins to follow the data; many, and it
begins to follow the noise.

Run: python examples/lecture/hidden_sizes.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Logistic regression runs through the same functions: ``n_h=0`` is a network without a hidden
# layer, which can only part the plane by a straight line. On the flower it does no better than
# guessing. The starts are those of the exercise (:doc:`/course`), with its seed 2, so that its
# accuracies appear: 67.5 % for one unit, 67.25 % for two, about 90 % from three on. Their last half
# per cent is a matter of rounding.

X, Y = sn.datasets.flower()

trained = {}
for n_h in (0, 1, 2, 3, 4, 5, 20, 50):
    start = sn.initialize(2, n_h, 1, seed=np.random.RandomState(2))
    result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000)
    trained[n_h] = result.parameters
    accuracy = (sn.predict(result.parameters, X) == Y).mean()
    name = f"{n_h:2} hidden unit{'s' * (n_h > 1)}" if n_h else "logistic regression"
    print(f"{name:19}: cost {result.costs[-1]:.3f}, accuracy {accuracy:.2%}")

# %%
# More is not better
# ------------------
# That was the accuracy on the points that the networks have learned from. Their
# cost falls, on the whole, with every unit. What counts is how they do on new points, of another
# draw:

X_new, Y_new = sn.datasets.flower(seed=7)
for n_h, parameters in trained.items():
    cost, new_cost = sn.cost(parameters, X, Y), sn.cost(parameters, X_new, Y_new)
    right = (sn.predict(parameters, X_new) == Y_new).mean()
    print(f"units {n_h:2}: cost {cost:.3f} seen, {new_cost:.3f} new; {right:.1%} of the new right")

# %%
# From three units on nine points of ten are right, and it stays at that: the rest is noise, which
# nothing can learn. What grows is the gap between the costs. The large networks have learned
# the noise of the points seen, and are sure of it.
#
# One call trains and draws the whole sweep, several networks at a time, from the same starts. (It
# computes in float32, of which a picture shows nothing.)

sn.plotting.hidden_size_sweep(
    X, Y, sizes=[1, 2, 3, 4, 5, 10, 20, 50], n_columns=4,
    seed=np.random.RandomState(2), learning_rate=1.2, n_iterations=5000,
)  # fmt: skip
plt.show()
