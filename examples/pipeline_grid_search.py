"""A Pipeline and a grid search: scale, train, choose the parameters, measure on data held out.

The network's class is the one line that differs from a program written for scikit-learn's
MLPClassifier, and leaky_relu the one value in the grid that MLPClassifier would refuse. At the end
the network that was chosen is fitted by both classes, and the weights are compared.

Run: python examples/pipeline_grid_search.py
The data come with scikit-learn: pip install 'shallownet-native[sklearn]'
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn

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

# The same network by scikit-learn: same seed, same start, same batches, same weights to rounding.
chosen = search.best_estimator_["net"].get_params()
shared = {name: chosen[name] for name in MLPClassifier().get_params()}
shared["activation"] = "relu"
scaled = StandardScaler().fit_transform(X)
theirs = MLPClassifier(**shared).fit(scaled, y)
ours = sn.ShallowNetClassifier(**shared).fit(scaled, y)
difference = max(np.abs(a - b).max() for a, b in zip(ours.coefs_, theirs.coefs_, strict=True))
print(f"largest difference of a weight from MLPClassifier's: {difference:.0e}")
