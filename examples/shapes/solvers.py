"""
Solvers on one problem
======================

The same network from the same start by four solvers: what descent approaches, second-order methods
reach. And why reaching it is not enough.

Run: python examples/shapes/solvers.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# The flower, twenty hidden units, a small decay. Descent (``gd``) and ``adam`` are given thousands
# of steps; ``lbfgs`` and ``lm`` end by themselves, where the gradient is as good as 0.

X, Y = sn.datasets.flower()
start = sn.initialize(2, 20, 1, scheme="glorot_uniform", seed=0)
settings = {"l2": 1e-4, "n_iterations": 5000}

results = {
    "gd": sn.train(start, X, Y, learning_rate=1.2, **settings),
    "adam": sn.train(start, X, Y, optimizer="adam", learning_rate=0.02, **settings),
    "lbfgs": sn.train(start, X, Y, optimizer="lbfgs", **settings),
    "lm": sn.train(start, X, Y, optimizer="lm", **settings),
}
for name, result in results.items():
    _, gradients = sn.gradients(result.parameters, X, Y, l2=1e-4)
    steepest = max(np.abs(array).max() for array in gradients[:4])
    cost = sn.cost(result.parameters, X, Y, l2=1e-4)
    print(f"{name:5}: {result.n_iterations:4} iterations, cost {cost:.4f}, "
          f"largest component of the gradient {steepest:.0e}")  # fmt: skip

# %%
# Cost against time, both on log scales. A step of ``lm`` solves a linear system in all 81
# parameters and takes as long as a dozen steps of descent; but each is worth hundreds of them.

figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, result in results.items():
    seconds = result.seconds * (1 + np.arange(len(result.costs))) / len(result.costs)
    axes.loglog(1e3 * seconds, result.costs, label=name)
axes.set(xlabel="milliseconds", ylabel="cost", title="20 units on the flower")
axes.legend()

# %%
# Is it a minimum?
# ----------------
# There the gradient is 0 and no direction leads down: the Hessian has no negative eigenvalue.
# Descent is at no minimum after 5,000 steps. It hovers where the steepest curvature is about 2
# divided by its learning rate, 1.67 here: across anything steeper its steps would grow.

for name in ("gd", "lm"):
    H = sn.hessian(results[name].parameters, X, Y, l2=1e-4)
    lowest, highest = np.linalg.eigvalsh(H)[[0, -1]]
    print(f"{name}: curvature from {lowest:.0e} to {highest:.2f}")

# %%
# At the minimum the flattest direction is a hundred thousand times flatter than the steepest one. A
# learning rate has to suit the steepest, and creeps along the flattest; a step of Newton's kind
# divides by the curvature and needs no rate. Other starts lead to other minima: try several.

starts = [sn.initialize(2, 20, 1, scheme="glorot_uniform", seed=seed) for seed in range(8)]
best = sn.train(None, X, Y, optimizer="lm", l2=1e-4, starts=starts)
print(f"eight starts: {np.sort(best.start_costs).round(4)}, the best is number {best.best_start}")

# %%
# The lowest cost is not the aim
# ------------------------------
# Asked about 4,000 fresh points, the lowest minimum knows less than descent, which never got there:
# it has learned the noise. What a solver finds is as good as the cost that it is given, and a good
# solver needs more decay. ``l2="evidence"`` finds out how much, from the same 400 points.

X_new, Y_new = sn.datasets.flower(4000, seed=77)
trained = {
    "gd, 5,000 steps": results["gd"].parameters,
    "lm, l2 = 1e-4": best.parameters,
    "lm, l2 = 1e-3": sn.train(start, X, Y, optimizer="lm", l2=1e-3).parameters,
}
evidence = sn.train(start, X, Y, optimizer="lm", l2="evidence")
trained["lm, evidence"] = evidence.parameters
for name, parameters in trained.items():
    loss, loss_new = sn.cost(parameters, X, Y), sn.cost(parameters, X_new, Y_new)
    print(f"{name:15}: loss {loss:.3f} seen, {loss_new:.3f} new")
print(f"evidence: l2 {evidence.l2[0]:.1e} for W1 and {evidence.l2[1]:.1e} for W2, "
      f"{evidence.n_effective_parameters:.0f} of {start.size} parameters matter")  # fmt: skip

# %%
# Both decisions: corners and islands around single points on the left, fewer on the right.

figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for one, name in zip(axes, ("lm, l2 = 1e-4", "lm, evidence"), strict=True):
    sn.plotting.decision_boundary(trained[name], X, Y, ax=one)
    one.set_title(name)
plt.show()
