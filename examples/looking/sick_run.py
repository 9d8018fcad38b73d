"""
A training that learns nothing, diagnosed and mended
====================================================

Thirty measures of tumours as they come, a rate that is too high, and a cost that does not fall:
``sn.diagnose`` says what is wrong, and each mend is looked at again.

Run: python examples/looking/sick_run.py

Needs, in the project's folder: ``pip install '.[sklearn,plot]'``
"""

import warnings

import matplotlib.pyplot as plt

import shallownet_native as sn

warnings.simplefilter("ignore", sn.ConvergenceWarning)  # that is what this example is about

# %%
# The sick run
# ------------
# Ten hidden units with small random weights, and a learning rate that somebody has raised because
# nothing moved.

X, Y = sn.datasets.load_breast_cancer()
start = sn.initialize(n_x=30, n_h=10, n_y=1, seed=0)
training = {"learning_rate": 60, "n_iterations": 1000}

sick = sn.train(start, X, Y, **training)
report = sn.diagnose(sick, X, Y)
print(report)

# %%
# What may be the cause of others comes first. The same as data, for a program that has to decide:

for name, value, _ in report.findings:
    print(f"{name:20} {value:.4g}")

# %%
# First the inputs
# ----------------
# Their columns differ in scale, so that all units look at one column alone, and are saturated.

scaled = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
better = sn.train(start, scaled, Y, **training)
print(sn.diagnose(better, scaled, Y))

# %%
# Then the rate
# -------------
# The rate is left, and its limit is in the sentence. Gradient descent goes down along a direction
# only as long as the rate is below 2 / lambda, lambda being how sharply the cost bends there.

limit = 2 / sn.largest_curvature(start, scaled, Y)
print(f"where training begins, the limit is {limit:.2g}")
mended = sn.train(start, scaled, Y, learning_rate=limit / 4, n_iterations=1000)
print(sn.diagnose(mended, scaled, Y))

# %%
# Before and after
# ----------------

figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, result in [
    ("as it came", sick),
    ("inputs standardised", better),
    ("and a lower rate", mended),
]:
    print(f"{name:20} cost {result.costs[-1]:.3g}")
    axes.semilogy(result.costs, label=name)
axes.set(xlabel="iteration", ylabel="cost")
axes.legend()
plt.show()
