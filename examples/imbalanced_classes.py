"""Imbalanced data: class_weight, and early stopping on a score that means something.

Two per cent of the examples are what we look for. A network that is fitted for accuracy finds
almost none of them and is right 98 times out of 100. class_weight makes an example of the rare
class count for more; scoring lets early stopping watch a score that accuracy does not drown.

Run: python examples/imbalanced_classes.py
The data come with scikit-learn: pip install 'shallownet-native[sklearn]'
"""

from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, precision_score, recall_score
from sklearn.model_selection import train_test_split

import shallownet_native as sn

X, y = make_classification(
    20_000, n_features=20, n_informative=6, n_clusters_per_class=3, weights=[0.98], flip_y=0,
    class_sep=1.0, random_state=0,
)  # fmt: skip
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)
X, X_val, y, y_val = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
print(f"{y.mean():.1%} of {len(y)} examples are of the rare class")

settings = {
    "no weights": {},
    "rare counts 10 times": {"class_weight": {0: 1, 1: 10}},
    "balanced": {"class_weight": "balanced"},
    "balanced, stopped by its score": {"class_weight": "balanced", "scoring": "balanced_accuracy"},
}
for name, changes in settings.items():
    model = sn.ShallowNetClassifier(
        (32,), learning_rate_init=0.01, max_iter=200, early_stopping=True, random_state=0, **changes
    )
    model.fit(X, y, X_val=X_val, y_val=y_val)  # stops on these, rather than on a split of X
    found = model.predict(X_test)
    print(
        f"{name:31} recall {recall_score(y_test, found):.2f}"
        f"  precision {precision_score(y_test, found):.2f}"
        f"  balanced accuracy {balanced_accuracy_score(y_test, found):.3f}"
        f"  accuracy {model.score(X_test, y_test):.3f}"
        f"  ({model.n_iter_} epochs)"
    )
