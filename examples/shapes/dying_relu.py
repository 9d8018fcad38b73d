"""
Dying relu
==========

How relu units die, and how leaky relu brings them back.

Run: python examples/shapes/dying_relu.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# A relu unit whose ``z`` is negative for every example outputs 0 for all of them. Its slope is 0
# there, so its weights get no gradient, so it stays as it is: dead. The hidden activations say
# how many are.

X, Y = sn.datasets.noisy_moons(400, seed=0)
start = sn.initialize(2, 16, 1, scheme="he_normal", seed=0)


def n_dead(parameters: sn.Parameters) -> int:
    """Count the hidden units whose z is negative for every example."""
    return int((sn.forward(parameters, X).Z1 <= 0).all(axis=1).sum())


def report(name: str, parameters: sn.Parameters, hidden: str) -> None:
    """Print how many units are dead, and how well the others do."""
    accuracy = (sn.predict(parameters, X, hidden=hidden) == Y).mean()
    print(f"{name:32}: {n_dead(parameters):2} of 16 units dead, accuracy {accuracy:.2f}")


# %%
# How they die
# ------------
# A step that is too long throws the biases so far down that no example reaches the unit any more.
# Careful steps afterwards do not help: there is no gradient to follow.

report("at the start", start, "relu")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", sn.ConvergenceWarning)  # the cost rises: it is meant to
    hurt = sn.train(start, X, Y, hidden="relu", learning_rate=20.0, n_iterations=3).parameters
report("after 3 steps that are too long", hurt, "relu")
later = sn.train(hurt, X, Y, hidden="relu", learning_rate=0.5, n_iterations=5000).parameters
report("after 5000 careful steps more", later, "relu")

# %%
# How they come back
# ------------------
# Now all are dead at the start, by their biases. Relu never learns a thing. Leaky relu has the
# small slope 0.01 on that side, and, slowly, the units find their way back.

dead = start.copy()
dead.b1 = np.full((16, 1), -5.0)
report("at the start", dead, "relu")
results = {}
for hidden in ("relu", "leaky_relu"):
    results[hidden] = sn.train(dead, X, Y, hidden=hidden, learning_rate=1.0, n_iterations=20_000)
    report(f"after 20000 steps with {hidden}", results[hidden].parameters, hidden)

# %%
# The units of the network that was hurt. A dead unit is blank: it says 0 to every place where
# there are points.

axes = sn.plotting.hidden_units(later, X, Y)
axes.set_title("after steps that were too long")

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
sn.plotting.learning_curve(results["leaky_relu"], ax=left)
left.set_title("leaky_relu, from dead units")
left.locator_params(axis="x", nbins=5)
sn.plotting.decision_boundary(results["leaky_relu"], X, Y, ax=right)
right.set_title("what it ends with")
plt.show()
