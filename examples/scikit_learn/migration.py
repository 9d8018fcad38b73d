"""
Migration from scikit-learn
===========================

One import is the whole migration from ``MLPClassifier``: the same parameters, the same start, the
same steps. And what there is beyond it.

Run: python examples/scikit_learn/migration.py

Needs, in the project's folder: ``pip install '.[sklearn,plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn import neural_network
from sklearn.datasets import load_breast_cancer, make_moons
from sklearn.model_selection import train_test_split

import shallownet_native as sn

# %%
# A program written for scikit-learn
# ----------------------------------
# Only the class differs. In your program that is one line:
#
# .. code-block:: python
#
#     from shallownet_native import ShallowNetClassifier as MLPClassifier
#
# Rows are examples here, as everywhere in scikit-learn.

X, y = make_moons(400, noise=0.25, random_state=0)
settings = {
    "hidden_layer_sizes": (20,),
    "activation": "tanh",
    "learning_rate_init": 0.05,
    "early_stopping": True,
    "n_iter_no_change": 30,
    "random_state": 0,
}
theirs = neural_network.MLPClassifier(**settings).fit(X, y)
ours = sn.ShallowNetClassifier(**settings).fit(X, y)

# %%
# The same trajectory
# -------------------
# The same ``random_state`` draws the same weights, the same rows for validation and the same
# order of batches. So not only the end is the same, but every epoch on the way, to rounding.

print(f"epochs: {theirs.n_iter_} theirs, {ours.n_iter_} ours")
print("validation scores are the same:", ours.validation_scores_ == theirs.validation_scores_)
loss = np.abs(np.subtract(ours.loss_curve_, theirs.loss_curve_)).max()
weight = max(np.abs(a - b).max() for a, b in zip(ours.coefs_, theirs.coefs_, strict=True))
print(f"largest difference of a loss {loss:.0e}, of a weight {weight:.0e}")
print("predictions are the same:", bool((ours.predict(X) == theirs.predict(X)).all()))

# %%
# What is more
# ------------
# ``class_weight`` lets the examples of one class count for more: here fewer tumours are missed, and
# more alarms are false. ``standardize=True`` learns the scale of the inputs from the rows that are
# fitted, and puts it into the weights.

X, y = load_breast_cancer(return_X_y=True)  # 1: benign
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=1, stratify=y)
settings = {"hidden_layer_sizes": (16,), "standardize": True, "random_state": 0, "max_iter": 300}
for weights in (None, {0: 5, 1: 1}, {0: 10, 1: 1}):
    model = sn.ShallowNetClassifier(class_weight=weights, tol=1e-3, **settings).fit(X, y)
    found = model.predict(X_test)
    missed, alarms = ((found == 1) & (y_test == 0)).sum(), ((found == 0) & (y_test == 1)).sum()
    print(f"class_weight {weights!s:14}: {missed:2} malignant ones missed, {alarms:2} false alarms")

# %%
# **Validation data of your own**: early stopping looks at ``X_val`` and ``y_val`` in place of rows
# that it splits off, and ``validation_loss_curve_`` keeps their loss. **Callbacks** see each epoch,
# and end the fit by returning True; here one that keeps both losses in a list.

seen = []


def watch(state: sn.EpochState) -> bool:
    """Note the epoch's two losses; stop when the loss is low enough."""
    seen.append((state.cost, state.validation_cost))
    return state.cost < 0.02


model = sn.ShallowNetClassifier(callbacks=watch, learning_rate_init=0.005, **settings)
model.fit(X, y, X_val=X_test, y_val=y_test)
print(f"ended after {model.n_iter_} epochs, of which the callback saw {len(seen)}")
print(f"loss {model.loss_:.4f}")
print("validation losses kept:", len(model.validation_loss_curve_))

# %%
# Left, the decision of both: one picture, as the weights are the same. Right, the losses of the fit
# that the callback ended.

X, y = make_moons(400, noise=0.25, random_state=0)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
sn.plotting.decision_boundary(ours, X, y, ax=left)
left.set_title("theirs and ours")
sn.plotting.learning_curve(model, ax=right)
right.set_title("breast cancer, ended by a callback")
plt.show()
