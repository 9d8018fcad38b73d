"""
Imbalanced classes
==================

Two per cent of the examples are what we look for. ``class_weight``, and early stopping on a score
that means something.

Run: python examples/tables/imbalanced_classes.py

Needs, in the project's folder: ``pip install '.[sklearn,plot]'``
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.metrics import (
    balanced_accuracy_score,
    precision_recall_curve,
    precision_score,
    recall_score,
)
from sklearn.model_selection import train_test_split

import shallownet_native as sn

# %%
# A network that is fitted for accuracy finds few of the rare examples, and is right 98 times out
# of 100.

X, y = make_classification(
    20_000, n_features=20, n_informative=6, n_clusters_per_class=3, weights=[0.98], flip_y=0,
    class_sep=1.0, random_state=0,
)  # fmt: skip
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)
X, X_val, y, y_val = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
print(f"{y.mean():.1%} of {len(y)} examples are of the rare class")

# %%
# ``class_weight`` makes an example of the rare class count for more; ``"balanced"`` gives both
# classes the same sum. ``scoring`` lets early stopping watch a score that the common class does
# not drown. It stops on validation data of our own, ``X_val``, rather than on a split of ``X``.

settings = {
    "no weights": {},
    "rare counts 10 times": {"class_weight": {0: 1, 1: 10}},
    "balanced": {"class_weight": "balanced"},
    "balanced, stopped by its score": {"class_weight": "balanced", "scoring": "balanced_accuracy"},
}
models = {}
for name, changes in settings.items():
    model = sn.ShallowNetClassifier(
        (32,), learning_rate_init=0.01, max_iter=200, early_stopping=True, random_state=0, **changes
    )
    models[name] = model.fit(X, y, X_val=X_val, y_val=y_val)
    found = model.predict(X_test)
    print(
        f"{name:31} recall {recall_score(y_test, found):.2f}"
        f"  precision {precision_score(y_test, found):.2f}"
        f"  balanced accuracy {balanced_accuracy_score(y_test, found):.3f}"
        f"  accuracy {model.score(X_test, y_test):.3f}"
        f"  ({model.n_iter_} epochs)"
    )

# %%
# The third line has weights of 49 to 1, but is stopped by plain accuracy, which is best where few
# alarms are raised: the epoch that is kept finds fewer than the weights would have led to. The
# fourth is stopped by a score in which both classes weigh the same.
#
# Recall is the share of the rare ones that are found, precision the share of alarms that are
# right. Weights trade one for the other. Which trade is right depends on what a miss and a false
# alarm cost; the threshold of the probability trades them, too. The curves show every threshold,
# the dots the 0.5 of ``predict``.

figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
for k, (name, model) in enumerate(models.items()):
    probabilities = model.predict_proba(X_test)[:, 1]
    precision, recall, _ = precision_recall_curve(y_test, probabilities)
    axes.plot(recall[:-1], precision[:-1], f"C{k}", linewidth=1, label=name)
    found = probabilities > 0.5
    axes.plot(recall_score(y_test, found), precision_score(y_test, found), f"C{k}o")
axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
axes.legend(loc="lower left")
plt.show()
