"""Calls that fail, how their errors advise code, and calls in which that code stands.

Executed by `test_advice.py`; `names` is what the code may use.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    LabelEncoder,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
)

import shallownet_native as sn
from advice_tables import TABLE_CASES, Case
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor, TableEncoder, course


class MyPipeline(Pipeline):  # type: ignore[misc]
    """What a user may have made of a Pipeline."""


SINGLE = "sn.initialize(2, 3, 1, seed=0, dtype=np.float32)"
CASES = {
    # functions
    "rows for columns": Case(
        "sn.forward(net, inputs.T)", r"use (X\.T)", "X = inputs.T\nsn.forward(net, {0})"
    ),
    "sparse rows for columns": Case(
        "sn.forward(net, sparse.csr_matrix(inputs.T))", r"use (X\.T)",
        "X = sparse.csr_matrix(inputs.T)\nsn.forward(net, {0})",
    ),
    "a flat X": Case(
        "sn.forward(narrow, inputs[0])", r"use (X\.reshape\(1, -1\))",
        "X = inputs[0]\nsn.forward(narrow, {0})",
    ),
    "a single example": Case(
        "sn.forward(net, inputs[:, 0])", r"example is (X\.reshape\(-1, 1\))",
        "X = inputs[:, 0]\nsn.forward(net, {0})",
    ),
    "class numbers": Case(
        "sn.train(wide, inputs, labels, output='softmax', n_iterations=1)",
        r"(np\.eye\(3\)\[labels\]\.T)",
        "sn.train(wide, inputs, {0}, output='softmax', n_iterations=1)",
    ),
    "columns that do not sum to 1": Case(
        "sn.train(wide, inputs, 0 * np.eye(3)[labels].T, output='softmax', n_iterations=1)",
        r"(np\.eye\(3\)\[labels\]\.T), or use output '(sigmoid)'",
        "sn.train(wide, inputs, {0}, output='softmax', n_iterations=1)\n"
        "sn.train(wide, inputs, 0 * {0}, output='{1}', n_iterations=1)",
    ),
    "targets below 0": Case(
        "sn.train(net, inputs, 5 * targets - 1, n_iterations=1)", r"use output '(identity)'",
        "sn.train(net, inputs, 5 * targets - 1, output='{0}', n_iterations=1)",
    ),
    "two precisions": Case(
        f"sn.forward({SINGLE}, inputs)",
        r"use (X\.astype\(np\.float32\)), or (parameters\.astype\(np\.float64\))",
        f"X, parameters = inputs, {SINGLE}\nsn.forward(parameters, {{0}})\nsn.forward({{1}}, X)",
    ),
    "numbers as objects": Case(
        "sn.forward(net, inputs.astype(object))", r"use (np\.asarray\(X, float\))",
        "X = inputs.astype(object)\nsn.forward(net, {0})",
    ),
    "a masked array": Case(
        "sn.forward(net, np.ma.masked_less(inputs, 0))", r"as with (\.filled\(0\))",
        "sn.forward(net, np.ma.masked_less(inputs, 0){0})",
    ),
    "weights in a row": Case(
        "sn.gradients(net, inputs, targets, example_weights=np.ones((1, 20)))",
        r"use (\.ravel\(\))",
        "sn.gradients(net, inputs, targets, example_weights=np.ones((1, 20)){0})",
    ),
    "a flat b1": Case(
        "sn.Parameters(net.W1, net.b1.ravel(), net.W2, net.b2)", r"use (b1\.reshape\(-1, 1\))",
        "b1 = net.b1.ravel()\nsn.Parameters(net.W1, {0}, net.W2, net.b2)",
    ),
    "a dict": Case(
        "sn.forward(net.as_dict(), inputs)", r"use (Parameters\(\*\*parameters\))",
        "parameters = net.as_dict()\nsn.forward(sn.{0}, inputs)",
    ),
    "a result": Case(
        "sn.forward(sn.train(net, inputs, targets, n_iterations=1), inputs)",
        r"use its (\.parameters)",
        "sn.forward(sn.train(net, inputs, targets, n_iterations=1){0}, inputs)",
    ),
    "other units than known": Case(
        "sn.forward(known, inputs, hidden='relu')", r"take (sn\.Parameters\(.*\))$",
        "parameters = known\nsn.forward({0}, inputs)\nsn.forward(known, inputs)",
    ),
    "no threads": Case("sn.set_num_threads(0)", r"use (None)", "sn.set_num_threads({0})"),
    "epochs without batches": Case(
        "sn.train(net, inputs, targets, n_epochs=1)", r"give (batch_size), too, or (n_iterations)",
        "sn.train(net, inputs, targets, n_epochs=1, {0}=5)\n"
        "sn.train(net, inputs, targets, {1}=1)",
    ),
    "iterations with batches": Case(
        "sn.train(net, inputs, targets, n_iterations=1, batch_size=5)", r"give (n_epochs)",
        "sn.train(net, inputs, targets, {0}=1, batch_size=5)",
    ),
    "no weight to validate with": Case(
        "sn.train(net, inputs, targets, validation=0.5, seed=0, n_iterations=1, "
        "example_weights=np.eye(20)[0])",
        r"give (validation=\(X, Y\))",
        "X, Y = inputs, targets\n"
        "sn.train(net, inputs, targets, {0}, n_iterations=1, example_weights=np.eye(20)[0])",
    ),
    # the course
    "a flat X of the course": Case(
        "course.layer_sizes(inputs[0], targets)", r"use (X\.reshape\(1, -1\))",
        "X = inputs[0]\ncourse.layer_sizes({0}, targets)",
    ),
    "Y in rows": Case(
        "course.layer_sizes(inputs, targets.T)", r"use (Y\.T)",
        "Y = targets.T\ncourse.layer_sizes(inputs, {0})",
    ),
    "X in rows": Case(
        "course.layer_sizes(inputs.T, targets)", r"use (X\.T)",
        "X = inputs.T\ncourse.layer_sizes({0}, targets)",
    ),
    "both in rows": Case(
        "course.nn_model(inputs.T, targets.T, 3)", r"use (X\.T) and (Y\.T)",
        "X, Y = inputs.T, targets.T\ncourse.nn_model({0}, {1}, 3, num_iterations=1)",
    ),
    "a flat Y and X in rows": Case(
        "course.nn_model(inputs.T, targets[0], 3)", r"use (X\.T) and (Y\.reshape\(1, -1\))",
        "X, Y = inputs.T, targets[0]\ncourse.nn_model({0}, {1}, 3, num_iterations=1)",
    ),
    "labels of -1 and 1": Case(
        "course.compute_cost(targets / 2, 2 * targets - 1)", r"by (\(Y \+ 1\) / 2), or by (Y > 0)",
        "Y = 2 * targets - 1\ncourse.compute_cost(targets / 2, {0})\n"
        "course.compute_cost(targets / 2, {1})",
    ),
    "a forward pass not unpacked": Case(
        "course.compute_cost(course.forward_propagation(inputs, net), targets)",
        r"write (A2, cache = )(forward_propagation\(X, parameters\))",
        "X, parameters = inputs, net\n{0}course.{1}\ncourse.compute_cost(A2, targets)",
    ),
    "gradients not unpacked": Case(
        "course.update_parameters(net, sn.gradients(net, inputs, targets))",
        r"write (J, grads = sn\.gradients\(parameters, X, Y\))",
        "X, Y, parameters = inputs, targets, net\n{0}\ncourse.update_parameters(net, grads)",
    ),
    "a float of iterations": Case(
        "course.nn_model(inputs, targets, 3, num_iterations=1e1)", r"write (10)$",
        "course.nn_model(inputs, targets, 3, num_iterations={0})",
    ),
    **TABLE_CASES,
    # estimators
    "two hidden layers": Case(
        "ShallowNetClassifier((5, 5)).fit(X, t)", r"(sklearn\.neural_network\.MLPClassifier)",
        "import sklearn.neural_network\n{0}((5, 5), max_iter=1).fit(X, t)",
    ),
    "sizes in first place": Case(
        "ShallowNetRegressor((10,)).fit(X, t)", r"write (hidden_layer_sizes=\(10,\))",
        "ShallowNetRegressor({0}, max_iter=1).fit(X, t)",
    ),
    "balanced, bit by bit": Case(
        "classifier(class_weight='balanced').partial_fit(X, t, classes=[0, 1])",
        r"give a dict, from (sklearn\.utils\.class_weight)\.(compute_class_weight)",
        "import {0}\nweights = {0}.{1}('balanced', classes=np.unique(t), y=t)\n"
        "classifier(class_weight=dict(enumerate(weights))).partial_fit(X, t, classes=[0, 1])",
    ),
    "batches of gd": Case(
        "classifier(solver='gd', batch_size=5).fit(X, t)",
        r"leave (batch_size='auto'), .*use (solver='sgd') with (momentum=0)",
        "classifier(solver='gd', {0}).fit(X, t)\nclassifier({1}, {2}, batch_size=5).fit(X, t)",
    ),
    "batches of lbfgs": Case(
        "sn.train(net, inputs, targets, optimizer='lbfgs', batch_size=5)",
        r"leave (batch_size) out, or use one of (adam)",
        "sn.train(net, inputs, targets, optimizer='lbfgs')\n"
        "sn.train(net, inputs, targets, optimizer='{1}', {0}=5)",
    ),
    "evidence and early stopping": Case(
        "sn.train(net, inputs, targets, optimizer='lm', l2='evidence', validation=0.2)",
        r"leave (validation) out, or set (early_stopping=False)",
        "evidence = {{'optimizer': 'lm', 'l2': 'evidence', 'n_iterations': 2}}\n"
        "sn.train(net, inputs, targets, **evidence)\n"
        "sn.train(net, inputs, targets, **evidence, {0}=0.2, {1})",
    ),
    "several starts and a checkpoint": Case(
        "classifier(checkpoint='r.snet', n_restarts=2).fit(X, t)",
        r"set (n_restarts=1)",
        "classifier(checkpoint='r.snet', {0}).fit(X, t)",
    ),
    "checkpoints of partial_fit": Case(
        "classifier(checkpoint='c.snet').partial_fit(X, t, classes=[0, 1])",
        r"set (checkpoint=None), and use (save)",
        "sn.{1}(classifier({0}).partial_fit(X, t, classes=[0, 1]), 'p.snet')",
    ),
    "another network to go on with": Case(
        "classifier(warm_start=True).fit(X, t).set_params(hidden_layer_sizes=(7,)).fit(X, t)",
        r"with (warm_start=False)",
        "classifier(warm_start=True).fit(X, t)"
        ".set_params(hidden_layer_sizes=(7,), {0}).fit(X, t)",
    ),
    "dates": Case(
        "classifier().fit(frame[['w']].assign(d=days), t)", r"as with (X\.drop\(.*\))$",
        "X = frame[['w']].assign(d=days)\nclassifier().fit({0}, t)",
    ),
    "mixed labels": Case(
        "classifier().fit(X, np.array([1, 'A'] * 30, object))",
        r"as with (\[str\(label\) for label in y\])",
        "y = np.array([1, 'A'] * 30, object)\nclassifier().fit(X, {0})",
    ),
    "whole numbers as objects": Case(
        "classifier().fit(X, t.astype(object))", r"use (y\.astype\(int\))",
        "y = t.astype(object)\nclassifier().fit(X, {0})",
    ),
    "truth values as objects": Case(
        "classifier().fit(X, (t > 0).astype(object))", r"use (y\.astype\(bool\))",
        "y = (t > 0).astype(object)\nclassifier().fit(X, {0})",
    ),
    "numbers for a classifier": Case(
        "classifier().fit(X, X[:, 0])",
        r"use (ShallowNetRegressor), or make classes, as with (\(y > .*\.astype\(int\))",
        "y = X[:, 0]\n{0}(max_iter=1).fit(X, y)\nclassifier().fit(X, {1})",
    ),
    "few rows to validate on": Case(
        "classifier(early_stopping=True).fit(X[:10], t[:10])",
        r"set (validation_fraction) \(at least ([0-9.]+)\), or pass (X_val) and (y_val)",
        "classifier(early_stopping=True, {0}={1}).fit(X[:10], t[:10])\n"
        "classifier(early_stopping=True).fit(X[:10], t[:10], {2}=X, {3}=t)",
    ),
    "a class of one row": Case(
        "classifier(early_stopping=True).fit(X, np.repeat(['ok', 'fraud'], [59, 1]))",
        r"set (stratify_validation=False), or pass (X_val) and (y_val)",
        "y = np.repeat(['ok', 'fraud'], [59, 1])\n"
        "classifier(early_stopping=True, {0}).fit(X, y)\n"
        "classifier(early_stopping=True).fit(X, y, {1}=X, {2}=y)",
    ),
    "no weight to stop by": Case(
        "classifier(early_stopping=True).fit(X, t, sample_weight=np.eye(60)[0])",
        r"pass (X_val) and (y_val)",
        "classifier(early_stopping=True).fit(X, t, sample_weight=np.eye(60)[0], {0}=X, {1}=t)",
    ),
    "a callable to save": Case(
        "sn.save(classifier(callbacks=print).fit(X, t), 'c.snet')",
        r"Change it by (set_params)",
        "sn.save(classifier(callbacks=print).fit(X, t).{0}(callbacks=None), 'c.snet')",
    ),
}  # fmt: skip


def names() -> dict[str, Any]:
    """Return what the cases' code may use."""
    random = np.random.default_rng(0)
    inputs, X = random.normal(size=(2, 20)), random.normal(size=(60, 2))
    t = (X[:, 0] > 0).astype(int)

    def classifier(**parameters: Any) -> ShallowNetClassifier:
        return ShallowNetClassifier((3,), **{"max_iter": 2, "random_state": 0, **parameters})

    return {
        "np": np, "sn": sn, "course": course, "sparse": sparse, "inputs": inputs, "X": X, "t": t,
        "make_pipeline": make_pipeline, "TableEncoder": TableEncoder, "MyPipeline": MyPipeline,
        "Pipeline": Pipeline, "KBinsDiscretizer": KBinsDiscretizer, "MinMaxScaler": MinMaxScaler,
        "StandardScaler": StandardScaler,
        "OneHotEncoder": OneHotEncoder, "LabelEncoder": LabelEncoder, "classifier": classifier,
        "ShallowNetClassifier": ShallowNetClassifier,
        "ShallowNetRegressor": ShallowNetRegressor,
        "targets": (inputs[:1] > 0) * 1.0,
        "labels": np.arange(20) % 3,
        "net": sn.initialize(2, 3, 1, seed=0),
        "narrow": sn.initialize(1, 3, 1, seed=0),
        "wide": sn.initialize(2, 3, 3, seed=0),
        "known": sn.train(
            sn.initialize(2, 3, 1, seed=0), inputs, (inputs[:1] > 0) * 1.0, n_iterations=1
        ).parameters,
        "pipeline": make_pipeline(StandardScaler(), classifier()).fit(X, t),
        "search": GridSearchCV(classifier(), {"alpha": [0.1]}, cv=2).fit(X, t),
        "frame": pd.DataFrame({"w": X[:, 0], "colour": ["red", "blue"] * 30}),
        "days": pd.date_range("2024-01-01", periods=60),
    }  # fmt: skip
