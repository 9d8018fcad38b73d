"""Why initial weights are small: large ones saturate tanh, and a saturated unit hardly learns.

The slope of a = tanh(z) is 1 - a^2. With large weights z is large, a is +-1 and the slope 0, so the
gradient of W1, which has the slope as a factor, vanishes.

Run: python examples/large_weights_saturate.py
"""

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.flower()
start = sn.initialize(2, 4, 1, seed=3)  # standard deviation 0.01

for factor in (1, 100, 10_000):
    large = start.copy()
    large.W1 *= factor  # only the hidden weights: the output unit starts the same in all rows
    A1 = sn.forward(large, X).A1
    _, gradients = sn.gradients(large, X, Y)
    # What of the signal that reaches the hidden units (W2^T dZ2) gets through their slope?
    mean_slope = (1 - A1**2).mean()
    result = sn.train(large, X, Y, learning_rate=1.2, n_iterations=1000)
    moved = np.abs(result.parameters.W1 - large.W1).max() / np.abs(large.W1).max()
    print(
        f"weights about {0.01 * factor:6g}: {(np.abs(A1) > 0.99).mean():4.0%} saturated, "
        f"mean slope {mean_slope:.4f}, largest dW1 {np.abs(gradients.dW1).max():.1e}, "
        f"W1 moved by {moved:8.1%} of itself, cost {result.costs[-1]:.3f}"
    )
