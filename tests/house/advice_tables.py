"""Cases of advice about files of Pipelines and about tables; `advice_cases.py` has all others."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A call that fails, where its message advises code, and a call in which that code stands."""

    fails: str
    advice: str  # groups of a pattern
    works: str  # {0}, {1} ... are the groups


TABLE_CASES = {
    # saving
    "a pipeline to save": Case(
        "sn.save(make_pipeline(OneHotEncoder(), classifier()).fit(frame[['colour']], t), 'p.snet')",
        r": (TableEncoder\(\)) does its work, or .* with (joblib\.dump\(pipeline, path\))",
        "import joblib\npath = 'p.joblib'\nX = frame[['colour']]\n"
        "pipeline = make_pipeline({0}, classifier()).fit(X, t)\nsn.save(pipeline, 'p.snet')\n"
        "pipeline = make_pipeline(OneHotEncoder(), classifier()).fit(X, t)\n"
        "{1}\njoblib.load(path).predict(X)",
    ),
    "bins to save": Case(
        "sn.save(KBinsDiscretizer(), 'p.snet')",
        r": (TableEncoder\(encoding='piecewise'\)) does .* with (joblib\.dump\(model, path\))",
        "import joblib\nmodel, path = KBinsDiscretizer(), 'p.joblib'\n{1}\n"
        "sn.save({0}.fit(X), 'p.snet')",
    ),
    "another scaler to save": Case(
        "sn.save(make_pipeline(MinMaxScaler(), classifier()), 'p.snet')",
        r": (StandardScaler\(\)) does its work",
        "sn.save(make_pipeline({0}, classifier()), 'p.snet')",
    ),
    "a pipeline that caches": Case(
        "sn.save(pipeline.set_params(memory='cache'), 'p.snet')",
        r"after (pipeline\.set_params\(memory=None\))",
        "pipeline.set_params(memory='cache')\n{0}\nsn.save(pipeline, 'p.snet')",
    ),
    "a pipeline of a user's": Case(
        "sn.save(MyPipeline(pipeline.steps), 'p.snet')", r"save (Pipeline\(model\.steps\))",
        "model = MyPipeline(pipeline.steps)\nsn.save({0}, 'p.snet')",
    ),
    "a search to save": Case(
        "sn.save(search, 's.snet')", r"save its (best_estimator_)", "sn.save(search.{0}, 's.snet')"
    ),
    "dates as labels to save": Case(
        "sn.save(classifier().fit(X, np.array(['2024', '2025'], 'M8[D]')[t]), 'd.snet')",
        r"as with (LabelEncoder)",
        "y = np.array(['2024', '2025'], 'M8[D]')[t]\n"
        "sn.save(classifier().fit(X, {0}().fit_transform(y)), 'd.snet')",
    ),
    # tables
    "a dict for a table": Case(
        "TableEncoder().fit({'w': [1.0, 2.0]})", r"as with (pandas\.DataFrame)",
        "import pandas\nTableEncoder().fit({0}({{'w': [1.0, 2.0]}}))",
    ),
    "names of two types": Case(
        "TableEncoder().fit(frame.set_axis(['w', 1], axis=1))", r"use (X\.columns = X.*)$",
        "X = frame.set_axis(['w', 1], axis=1)\n{0}\nTableEncoder().fit(X)",
    ),
    "text": Case(
        "classifier().fit(frame, t)",
        r"as with make_pipeline\((TableEncoder\(.*?\)), .*as with (X\.drop\(.*\))$",
        "X = frame\nmake_pipeline({0}, classifier()).fit(X, t).predict(X)\n"
        "classifier().fit({1}, t)",
    ),
    "text in an array": Case(
        "classifier().fit(frame.to_numpy(), t)",
        r"as with make_pipeline\((TableEncoder\(.*?\)), .*as with (np\.delete\(.*\))$",
        "X = frame.to_numpy()\nmake_pipeline({0}, classifier()).fit(X, t).predict(X)\n"
        "classifier().fit({1}, t)",
    ),
    "numbers for two columns": Case(
        "sn.TabularShallowNetRegressor().fit(X, X)",
        r"as with (sklearn\.multioutput)\.(MultiOutputRegressor)",
        "import {0}\nmodel = sn.TabularShallowNetRegressor(2, n_hidden=2, max_epochs=1)\n"
        "{0}.{1}(model).fit(X, X).predict(X)",
    ),
    "labels for two columns": Case(
        "sn.TabularShallowNetClassifier().fit(X, X > 0)",
        r"as with (sklearn\.multioutput)\.(MultiOutputClassifier)",
        "import {0}\nmodel = sn.TabularShallowNetClassifier(2, n_hidden=2, max_epochs=1)\n"
        "{0}.{1}(model).fit(X, X > 0).predict(X)",
    ),
}  # fmt: skip
