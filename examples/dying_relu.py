"""How relu units die, and how leaky_relu brings them back.

A relu unit whose z is negative for every example outputs 0 for all of them; its slope is 0 there,
so its weights get no gradient, so it stays as it is: dead. A step that is too long, or an unlucky
start, is enough. leaky_relu has a small slope on that side, and the unit finds its way back.

Run: python examples/dying_relu.py
"""

import warnings

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.noisy_moons(400, seed=0)
start = sn.initialize(2, 16, 1, scheme="he_normal", seed=0)


def n_dead(parameters: sn.Parameters) -> int:
    """Count the hidden units whose z is negative for every example."""
    return int((sn.forward(parameters, X).Z1 <= 0).all(axis=1).sum())


def report(name: str, parameters: sn.Parameters, hidden: str) -> None:
    accuracy = (sn.predict(parameters, X, hidden=hidden) == Y).mean()
    print(f"{name:32}: {n_dead(parameters):2} of 16 units dead, accuracy {accuracy:.2f}")


print("How they die")
report("at the start", start, "relu")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", sn.ConvergenceWarning)  # the cost rises: it is meant to
    hurt = sn.train(start, X, Y, hidden="relu", learning_rate=20.0, n_iterations=3).parameters
report("after 3 steps that are too long", hurt, "relu")
later = sn.train(hurt, X, Y, hidden="relu", learning_rate=0.5, n_iterations=5000).parameters
report("after 5000 careful steps more", later, "relu")

print("How they come back: all are dead at the start, by their biases")
dead = start.copy()
dead.b1 = np.full((16, 1), -5.0)
report("at the start", dead, "relu")
for hidden in ("relu", "leaky_relu"):
    result = sn.train(dead, X, Y, hidden=hidden, learning_rate=1.0, n_iterations=20_000)
    report(f"after 20000 steps with {hidden}", result.parameters, hidden)
