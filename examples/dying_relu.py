"""How a relu unit dies, and how leaky_relu keeps it alive.

A relu unit whose z is negative for every example outputs 0 for all of them; its slope is 0 there,
so its weights get no gradient, so it stays as it is: dead. One step that is too long, or an unlucky
start, is enough. leaky_relu has a small slope on that side, and the unit finds its way back.

Run: python examples/dying_relu.py
"""

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.noisy_moons(400, seed=0)

# A start as after a step that was too long: every unit's bias is far below what W1 x can reach.
start = sn.initialize(2, 16, 1, scheme="he_normal", seed=0)
start.b1 = np.full((16, 1), -12.0)


def n_dead(parameters: sn.Parameters, hidden: str) -> int:
    """Count the hidden units that are on the flat side for every example."""
    Z1 = sn.forward(parameters, X, hidden=hidden).Z1
    return int((Z1 <= 0).all(axis=1).sum())


for hidden, slope in (("relu", 0.0), ("leaky_relu", 0.01), ("leaky_relu", 0.1)):
    settings = dict(hidden=hidden, negative_slope=slope)
    result = sn.train(start, X, Y, learning_rate=0.5, n_iterations=5000, **settings)
    accuracy = (sn.predict(result.parameters, X, **settings) == Y).mean()
    print(
        f"{hidden:10} slope {slope:4}: dead units {n_dead(start, hidden):2} before, "
        f"{n_dead(result.parameters, hidden):2} after; W1 moved by "
        f"{np.abs(result.parameters.W1 - start.W1).max():.2f}, accuracy {accuracy:.2f}"
    )
