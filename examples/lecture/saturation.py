"""
Small starts: saturation
========================

Why initial weights are small: large ones saturate tanh, and a saturated unit hardly learns.

Run: python examples/lecture/saturation.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# The slope of ``a = tanh(z)`` is ``1 - a^2``. With large weights ``z`` is large, ``a`` is 1 or -1,
# and the slope nearly 0. It is a factor of the gradient of ``W1``, which vanishes with it. Below,
# one start with its hidden weights as drawn, then a hundred and ten thousand times as large;
# the output unit starts the same in all rows.

X, Y = sn.datasets.flower()
small = sn.initialize(2, 4, 1, seed=3)  # standard deviation 0.01

results = {}
for factor in (1, 100, 10_000):
    large = small.copy()
    large.W1 *= factor
    A1 = sn.forward(large, X).A1
    _, gradients = sn.gradients(large, X, Y)
    # What of the signal that reaches the hidden units (W2^T dZ2) gets through their slope?
    mean_slope = (1 - A1**2).mean()
    results[factor] = sn.train(large, X, Y, learning_rate=1.2, n_iterations=1000)
    moved = np.abs(results[factor].parameters.W1 - large.W1).max() / np.abs(large.W1).max()
    print(
        f"weights about {0.01 * factor:6g}: {(np.abs(A1) > 0.99).mean():4.0%} saturated, "
        f"mean slope {mean_slope:.4f}, largest dW1 {np.abs(gradients.dW1).max():.1e}, "
        f"W1 moved by {moved:8.3g} times its size, cost {results[factor].costs[-1]:.3f}"
    )

# %%
# The middle row does well: weights about 1 are not large for two inputs. What is too large depends
# on the number of inputs, because ``z`` adds one product for each of them. With ``n_x`` inputs of
# size 1 and weights of deviation ``s`` the sums have deviation ``s sqrt(n_x)``. So a rule has to
# look at ``n_x``. Glorot's does: variance ``2 / (fan_in + fan_out)``, here with as many hidden
# units as inputs.

random = np.random.default_rng(0)
for n_x in (10, 100, 1000):
    inputs = random.standard_normal((n_x, 500))
    tiny = sn.initialize(n_x, n_x, 1, scheme="small_normal", seed=0)
    as_drawn = sn.Parameters(tiny.W1 * 100, tiny.b1, tiny.W2, tiny.b2)
    glorot = sn.initialize(n_x, n_x, 1, scheme="glorot_normal", seed=0)
    for name, start in (("0.01 randn", tiny), ("randn", as_drawn), ("Glorot", glorot)):
        stages = sn.forward(start, inputs, hidden="tanh")
        print(
            f"{n_x:4} inputs, {name:10}: deviation of Z1 {stages.Z1.std():6.3f}, "
            f"mean slope {(1 - stages.A1**2).mean():.3f}"
        )

# %%
# Glorot's sums stay near 1 whatever the size; the constant 0.01 is a teaching default, timid for
# few inputs. For relu, which lets only half of the sums through, He's rule has twice the variance
# of Glorot's for equal sizes (``scheme="he_normal"``).
#
# In the pictures, the darker a place the nearer the unit is to 1 or -1. Above, the four hidden
# units of the middle start, after training; below, those of the largest start. These are steps,
# with no slope to learn by except at the very edge.

for factor in (100, 10_000):
    axes = sn.plotting.hidden_units(results[factor], X, Y, n_columns=4)
    axes.set_title(f"weights that began at about {0.01 * factor:g}")
plt.show()
