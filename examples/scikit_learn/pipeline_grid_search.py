"""
A Pipeline in a grid search
===========================

Scale, train, choose the parameters by cross-validation on two processes, measure on data held out.

Run: python examples/scikit_learn/pipeline_grid_search.py

Needs, in the project's folder: ``pip install '.[sklearn,plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn

# %%
# Handwritten digits, 8 by 8 pixels. The network's class is the one line that differs from a
# program written for ``MLPClassifier``, and leaky_relu the one value in the grid that
# ``MLPClassifier`` would refuse.

X, y = load_digits(return_X_y=True)  # X (1797, 64): rows are examples
X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)

pipeline = Pipeline(
    [
        ("scale", StandardScaler()),
        ("net", sn.ShallowNetClassifier(learning_rate_init=0.01, tol=0.01, random_state=0)),
    ]
)
grid = {
    "net__hidden_layer_sizes": [(16,), (64,)],
    "net__activation": ["relu", "leaky_relu"],  # leaky_relu: ours only
    "net__alpha": [1e-4, 3.0],
}
search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2).fit(X, y)

for setting, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    shown = ", ".join(f"{name.removeprefix('net__')}={value}" for name, value in setting.items())
    print(f"{shown:62} cross-validated accuracy {score:.3f}")
print(f"the best of them on data held out: accuracy {search.score(X_test, y_test):.3f}")

# %%
# The chosen network's hidden units
# ---------------------------------
# A hidden unit's weights have one number for each pixel, so they can be shown as a picture: red
# where ink excites the unit, blue where it calms it. (The weights belong to scaled pixels.)

weights = search.best_estimator_["net"].coefs_[0]  # (64, n_h)
figure, axes = plt.subplots(2, 8, figsize=(8, 2.2), layout="constrained")
for one, column in zip(axes.ravel(), weights.T, strict=False):
    limit = np.abs(column).max()
    one.imshow(column.reshape(8, 8), cmap="RdBu_r", vmin=-limit, vmax=limit)
    one.set_axis_off()

# %%
# Against MLPClassifier
# ---------------------
# The same network by both classes: same seed, same start, same batches, same weights to rounding.

chosen = search.best_estimator_["net"].get_params()
shared = {name: chosen[name] for name in MLPClassifier().get_params()}
shared["activation"] = "relu"
scaled = StandardScaler().fit_transform(X)
theirs = MLPClassifier(**shared).fit(scaled, y)
ours = sn.ShallowNetClassifier(**shared).fit(scaled, y)
difference = max(np.abs(a - b).max() for a, b in zip(ours.coefs_, theirs.coefs_, strict=True))
print(f"largest difference of a weight from MLPClassifier's: {difference:.0e}")

axes = sn.plotting.learning_curve(ours)
epochs = np.arange(1, theirs.n_iter_ + 1)
axes.plot(epochs, theirs.loss_curve_, ":", color="black", label="MLPClassifier")
axes.legend()
plt.show()
