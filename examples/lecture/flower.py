"""
The flower
==========

All of the lecture in a few lines: 400 points, four hidden units, and the costs that a well-known
exercise prints.

Run: python examples/lecture/flower.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# The data are two classes on the petals of a rose, 200 points each. No straight line parts them.

X, Y = sn.datasets.flower()
print("X", X.shape, "Y", Y.shape)

# %%
# Four tanh units, one sigmoid, plain gradient descent with the rate 1.2, from the well-known start:
# ``numpy.random.seed(3)``, weights 0.01 times a standard normal.

start = sn.initialize(2, 4, 1, seed=np.random.RandomState(3))
result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000)
for iteration in range(0, 5000, 1000):
    print(f"Cost after iteration {iteration}: {result.costs[iteration]:.6f}")
print(f"accuracy {(sn.predict(result.parameters, X) == Y).mean():.1%}")

# %%
# An older version of that exercise has the seed 2. ``sn.course`` has its functions under their own
# names, with their own printed lines, on the same core (:doc:`/course`):

parameters = sn.course.nn_model(X, Y, n_h=4, num_iterations=3001, print_cost=True, seed=2)

# %%
# Learning is not steady. A long plateau at the beginning, while the units are still nearly equal
# and nearly linear; then they part, and the cost falls. Each panel goes on where the last one
# stopped. Plain descent has no memory, so that the pieces make the same steps as one run.

figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained")
reached = start
done = 0
for one, iterations in zip(axes, (20, 100, 400, 5000), strict=True):
    reached = sn.train(reached, X, Y, learning_rate=1.2, n_iterations=iterations - done).parameters
    done = iterations
    sn.plotting.decision_boundary(reached, X, Y, ax=one)
    cost, accuracy = sn.cost(reached, X, Y), (sn.predict(reached, X) == Y).mean()
    print(f"after {iterations} iterations: cost {cost:.3f}, accuracy {accuracy:.1%}")
    one.set_title(f"{iterations} iterations")

# %%
# The learning curve, and what the hidden units have become. Each is a bent line through the plane;
# the output adds four of them up.

sn.plotting.learning_curve(result)
sn.plotting.hidden_units(result, X, Y, n_columns=4)
plt.show()
