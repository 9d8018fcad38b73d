"""
How sure it is: intervals and sets
==================================

A regressor that says between which bounds a number will lie, a classifier that says which classes
are possible: ``TabularShallowNetRegressor`` and ``TabularShallowNetClassifier``. What that
promises, counted on rows that were held out, and what it does not.

Run: python examples/tables/intervals.py

Needs, in the project's folder: ``pip install '.[cli,plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import KFold, StratifiedKFold

import shallownet_native as sn

# %%
# 442 patients, ten columns in their own units, and how far their diabetes went on within a year.
# The table is taken as it is: nothing is scaled, and what is a code of two groups is a category.

X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
X["sex"] = X["sex"].astype("category")
y = y.to_numpy()
print(X.head(3).to_string())

# %%
# Five times, four fifths are learned from and the last one is asked for: each row gets its bounds
# from an estimator that has not seen it. Several levels are one call.

levels = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
bounds = np.empty((len(y), 2, len(levels)))
prediction, std, spread = np.empty((3, len(y)))
for known, later in KFold(5, shuffle=True, random_state=0).split(X):
    model = sn.TabularShallowNetRegressor(random_state=0).fit(X.iloc[known], y[known])
    prediction[later], bounds[later] = model.predict_interval(X.iloc[later], levels)
    _, std[later] = model.predict(X.iloc[later], return_std=True)
    spread[later] = np.sqrt(std[later] ** 2 - np.mean((y[known] - model.oob_prediction_) ** 2))
    expected, found = model.oob_score_, model.score(X.iloc[later], y[later])
    print(f"R2 {expected:.2f} by rows that its networks left out, {found:.2f} on the fifth")

# %%
# How many numbers lie within their bounds? About as many as the level says.

low, high = bounds[:, 0], bounds[:, 1]
is_within = (low <= y[:, None]) & (y[:, None] <= high)
parts = is_within.mean(axis=0)
for level, part, width in zip(levels, parts, (high - low).mean(axis=0), strict=True):
    print(f"level {level:.0%}: {part:.1%} within, mean width {width:.0f}")

# %%
# This is a promise about rows on average, and not about each. Those with low predictions are more
# alike than others, and their bounds are hardly closer: more than nine of ten lie within in the
# lowest third, and fewer in the highest.

order = np.argsort(prediction)
thirds = list(zip(("lowest", "middle", "highest"), np.array_split(order, 3), strict=True))
for name, rows in thirds:
    print(f"{name} third of predictions: {is_within[rows, 4].mean():.1%} within bounds of 90%")

# %%
# How far the networks of the bag lie apart does **not** say how far off they are: all of them lack
# the same knowledge. Taken for bounds of 90%, their spread is wrong nine times out of ten.
# ``return_std`` adds the errors on rows left out. That is a size of errors, with no level:
# ``predict_interval`` alone makes a promise.

is_near = np.abs(y - prediction) < 1.645 * spread
print(f"mean and 1.645 deviations of the networks: {is_near.mean():.1%} within")
error = np.sqrt(np.mean((y - prediction) ** 2))
print(f"mean of std {std.mean():.0f}, root of the mean squared error {error:.0f}")

# %%
# The grey band is the intervals side by side, sorted by prediction; each dot is what came.

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
places = np.arange(len(y))
left.vlines(places, low[order, 4], high[order, 4], color="0.85", linewidth=1)
left.plot(places, prediction[order], "k", linewidth=1, label="prediction")
for colour, label, some in (("C0", "within", is_within), ("C3", "beyond", ~is_within)):
    shown = some[order, 4]
    left.plot(places[shown], y[order][shown], f"{colour}o", markersize=2, label=label)
left.set(xlabel="patients by prediction", ylabel="progression", title="intervals of 90%")
left.legend(loc="upper left")
right.plot([0.4, 1], [0.4, 1], "0.7", linewidth=1)
right.plot(levels, parts, "ko-", markersize=4, label="all")
for name, rows in thirds:
    right.plot(levels, is_within[rows].mean(axis=0), ".--", linewidth=1, label=f"{name} third")
right.plot(0.9, is_near.mean(), "C3x", label="spread of networks")
right.set(xlabel="level", ylabel="part within", ylim=(0, 1.02), title="asked for and counted")
right.legend(loc="lower left", fontsize="small")

# %%
# Sets
# ----
#
# Of classes, the same is a set: all that the flower may be. Iris, by the two measures of its
# petals; each class by itself is to be in nine of ten sets of its own flowers. With one limit for
# all classes it is nine of ten flowers, whichever: *setosa*, which is never mistaken, pays for the
# others.

iris = load_iris(as_frame=True)
X, y, names = iris.data.iloc[:, 2:], iris.target.to_numpy(), iris.target_names
sets = {True: np.empty((len(y), 3), bool), False: np.empty((len(y), 3), bool)}
for known, later in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
    model = sn.TabularShallowNetClassifier(random_state=0).fit(X.iloc[known], y[known])
    for conditional, found in sets.items():
        found[later] = model.predict_set(X.iloc[later], 0.9, conditional)[1][:, :, 0]
for conditional, found in sets.items():
    parts = [f"{name} {found[y == k, k].mean():.0%}" for k, name in enumerate(names)]
    parts.append(f"all {found[np.arange(len(y)), y].mean():.0%}")
    print(f"class_conditional={conditional!s:5}  in their sets: {', '.join(parts)}")

# %%
# A surer level gives larger sets. Here is the plane of the two measures, all flowers learned from:
# the colour of a class where the set is this class alone, a mixture where it is several, white
# where it is none, because the networks doubt more than they do of nine in ten flowers. Far from
# all flowers they may be sure without a reason: of rows unlike those learned from nothing is
# promised.

model = sn.TabularShallowNetClassifier(random_state=0).fit(X, y)
lengths, widths = np.meshgrid(np.linspace(0.5, 7.5, 120), np.linspace(0, 3, 90))
plane = pd.DataFrame(np.c_[lengths.ravel(), widths.ravel()], columns=X.columns)
_, regions = model.predict_set(plane, [0.9, 0.97])
colours = np.array([to_rgb(f"C{k}") for k in range(3)])
figure, panels = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for axes, level, chosen in zip(panels, ("90%", "97%"), np.moveaxis(regions, 2, 0), strict=True):
    counts = chosen.sum(axis=1, keepdims=True)
    shades = np.where(counts > 0, 0.4 + 0.6 * (chosen @ colours) / np.maximum(counts, 1), 1.0)
    extent = (0.5, 7.5, 0, 3)
    axes.imshow(shades.reshape(90, 120, 3), origin="lower", extent=extent, aspect="auto")
    for k, name in enumerate(names):
        axes.plot(*X[y == k].to_numpy().T, f"C{k}o", markersize=3, label=name)
    axes.set(xlabel="petal length in cm", title=f"sets of {level}")
    none, one, two, three = np.bincount(counts[:, 0], minlength=4) / len(counts)
    print(f"sets of {level}: none {none:.0%} of the plane, one {one:.0%}, more {two + three:.0%}")
panels[0].set(ylabel="petal width in cm")
panels[0].legend(loc="upper left")
plt.show()
