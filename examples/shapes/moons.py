"""
Two moons, and when to stop
===========================

Many units, few points, much noise: the network begins to learn the noise. Held-out points show
when, and two remedies.

Run: python examples/shapes/moons.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt

import shallownet_native as sn

# %%
# 100 points to learn from, 200 to decide when to stop, and 2000 to judge by, which decide nothing.
# The noise is such that the moons overlap: no rule, however clever, is always right.

X, Y = sn.datasets.noisy_moons(100, noise=0.35, seed=0)
X_val, Y_val = sn.datasets.noisy_moons(200, noise=0.35, seed=1)
X_new, Y_new = sn.datasets.noisy_moons(2000, noise=0.35, seed=2)
start = sn.initialize(2, 50, 1, scheme="glorot_uniform", seed=0)
steps = {"optimizer": "adam", "learning_rate": 0.02, "n_iterations": 3000}


def report(name: str, result: sn.TrainingResult) -> None:
    """Print what a network costs on the points it has seen, and on new ones."""
    parameters = result.parameters
    right = (sn.predict(parameters, X_new) == Y_new).mean()
    print(
        f"{name:13}: cost {sn.cost(parameters, X, Y):.3f} seen, "
        f"{sn.cost(parameters, X_new, Y_new):.3f} new; {right:.1%} of new points right"
    )


# %%
# Too long
# --------
# 50 units, 3000 steps. The cost of what was seen falls and falls; on new points it turns round and
# rises. The network becomes sure of what is not so.

overfitted = sn.train(
    start, X, Y, validation=(X_val, Y_val), early_stopping=False, cost_every=10, **steps
)
report("3000 steps", overfitted)

# %%
# Stop early
# ----------
# With validation data, training stops when their cost has not improved for a while, and puts
# the parameters of the best epoch back.

stopped = sn.train(
    start, X, Y, validation=(X_val, Y_val), early_stopping=True, n_iter_no_change=100, **steps
)
report("stopped early", stopped)
print(f"best after {stopped.best_epoch + 1} steps, stopped by {stopped.stopped_by}")

# %%
# Or a price on large weights
# ---------------------------
# A penalty, ``l2 / 2`` times the sum of all squared weights, keeps the network smooth, so that it
# may run to the end.

smooth = sn.train(start, X, Y, l2=0.003, **steps)
report("with l2", smooth)

# %%
# Above, the costs: where the lower curve goes on falling while the upper one rises, noise is being
# learned. Below, what became of it.

axes = sn.plotting.learning_curve(overfitted)
axes.set_title("3000 steps")

figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
results = {"3000 steps": overfitted, "stopped early": stopped, "with l2": smooth}
for one, (name, result) in zip(axes, results.items(), strict=True):
    sn.plotting.decision_boundary(result, X, Y, ax=one)
    one.set_title(name)
plt.show()
