"""
Which inputs matter
===================

What a network goes by: products of weights, shares of weights, slopes, and how each of them can
mislead.

Run: python examples/looking/importance.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Ten inputs, one network
# -----------------------
# How far diabetes has come after one year, from age, sex, body mass, blood pressure and six blood
# values. Weights can be compared only where the inputs are on one scale, so these and the target
# get mean 0 and deviation 1. Every third patient is kept aside.

X, Y = sn.datasets.load_diabetes()
X = X / X.std(axis=1, keepdims=True)
Y = (Y - Y.mean()) / Y.std()
names = ["age", "sex", "body mass", "pressure", "cholesterol", "LDL", "HDL", "ratio", "lipids"]
names.append("glucose")
is_kept = np.arange(X.shape[1]) % 3 == 0
X_train, Y_train, X_kept, Y_kept = X[:, ~is_kept], Y[:, ~is_kept], X[:, is_kept], Y[:, is_kept]

start = sn.initialize(10, 4, 1, "glorot_uniform", seed=0)
result = sn.train(start, X_train, Y_train, output="identity", optimizer="lm", l2=0.03)
explained = 1 - np.mean((sn.predict(result.parameters, X_kept) - Y_kept) ** 2) / Y_kept.var()
print(f"explains {explained:.2f} of the variance of the patients kept aside")

# %%
# ``olden`` adds up the products of the weights along all ways from an input to the output, with
# their sign. Body mass and blood lipids raise the prediction, blood pressure, too; HDL, the "good"
# cholesterol, lowers it. ``gradient`` asks how steep the output is along each input at the
# patients' own values: no sign, but the bends of the units count. Both put the same three on top.
# ``garson``, each input's share of the weights that go into the units, puts sex above the lipids:
# it does not ask how much of a unit comes out again.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
sn.plotting.importance(result, feature_names=names, ax=left)
sn.plotting.importance(result, "gradient", X_train, feature_names=names, ax=right)
left.set_title("products of weights")
right.set_title("slopes")
for method in ("olden", "garson", "gradient"):
    [scores] = sn.importance(result, method, X_train)
    largest = np.argsort(-np.abs(scores))[:3]
    print(f"{method:8}:", ", ".join(f"{names[i]} {scores[i]:.2f}" for i in largest))

# %%
# Ways that cancel out
# --------------------
# Now the first input acts by its size alone, the second in a straight line, the others not at all.
# One unit rises with the first input and another falls, both with the same outgoing sign: their
# products cancel out, and ``olden`` calls the most important input useless. ``garson`` and
# ``gradient`` see it.

random = np.random.default_rng(0)
Z = random.uniform(-1.7, 1.7, (4, 600))
T = 2 * np.abs(Z[:1]) + Z[1:2] + 0.1 * random.standard_normal((1, 600))
start = sn.initialize(4, 4, 1, "glorot_uniform", seed=0)
folded = sn.train(start, Z, T, output="identity", optimizer="lm", l2=1e-3)

figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
for method, ax in zip(("olden", "garson", "gradient"), axes, strict=True):
    [scores] = sn.importance(folded, method, Z)
    print(f"{method:8}:", ", ".join(f"x{i + 1} {score:.2f}" for i, score in enumerate(scores)))
    sn.plotting.importance(folded, method, Z, ax=ax)
    ax.set(title=method, xlabel="")

# %%
# What it would cost to lose an input
# -----------------------------------
# None of the three looks at the targets. Permutation importance does: shuffle one input among the
# patients kept aside, and see by how much the error grows. It takes data and time, holds for any
# model, and is in the units of the error. (For estimators scikit-learn has it, as
# ``permutation_importance``.)


def error(X: np.ndarray) -> float:
    """Return the mean squared error for patients kept aside whose inputs are these."""
    return float(np.mean((sn.predict(result.parameters, X) - Y_kept) ** 2))


rises = np.zeros(10)
for i in range(10):
    for _ in range(50):
        shuffled = X_kept.copy()
        random.shuffle(shuffled[i])
        rises[i] += (error(shuffled) - error(X_kept)) / 50
for i in np.argsort(-rises)[:4]:  # sex is far behind
    print(f"without {names[i]:9}: error {rises[i]:+.3f}")
plt.show()
