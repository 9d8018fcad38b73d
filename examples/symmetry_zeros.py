"""Why initial weights are random: units that start equal stay equal for ever.

Hidden units with the same weights compute the same, so they get the same gradient, so they have
the same weights after the step. Four such units are worth one. From zeros it is worse: the
hidden activations are 0, so W2 gets no gradient, so W1 gets none either.

Run: python examples/symmetry_zeros.py
"""

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.flower()
n_h = 4


def n_different_units(parameters: sn.Parameters) -> int:
    """Count the hidden units that differ in any bit: rows of [W1 b1]."""
    return len(np.unique(np.hstack((parameters.W1, parameters.b1)), axis=0))


# Three starts: all weights 0; all units alike, but not 0; small random numbers.
zeros = sn.initialize(2, n_h, 1, scheme="zeros")
alike = sn.Parameters([[0.01, -0.02]] * n_h, np.zeros((n_h, 1)), [[0.01] * n_h], [[0.0]])
random = sn.initialize(2, n_h, 1, seed=3)

for name, start in (("zeros", zeros), ("alike", alike), ("random", random)):
    result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000)
    accuracy = (sn.predict(result.parameters, X) == Y).mean()
    print(
        f"{name:6} start: {n_different_units(result.parameters)} different hidden units, "
        f"W1 moved by {np.abs(result.parameters.W1 - start.W1).max():.2g}, accuracy {accuracy:.2f}"
    )
