"""What `save` says of scikit-learn's wrappers around an estimator, and that its advice is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import data, ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_estimator_saving_says_what_of_a_pipeline_would_be_lost(path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    x, y = data("binary")
    x = x * [1, 1000, 1, 1] + [0, 5000, 0, 0]
    pipeline = make_pipeline(StandardScaler(), ours("binary")).fit(x, y)
    with pytest.raises(TypeError, match=r"lose .* \('standardscaler'\).*standardize=True.*joblib"):
        sn.save(pipeline, path)
    joblib.dump(pipeline, path.with_suffix(".joblib"))
    assert (joblib.load(path.with_suffix(".joblib")).predict(x) == pipeline.predict(x)).all()
    sn.save(ours("binary", standardize=True).fit(x, y), path)
    probabilities = sn.load(path).predict_proba(x)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(x), rtol=1e-8)
    alone = Pipeline([("scale", "passthrough"), ("net", ours("binary").fit(x, y))])
    with pytest.raises(TypeError, match=r"save pipeline\[-1\]"):
        sn.save(alone, path)
    sn.save(alone[-1], path)
    assert (sn.load(path).predict(x) == alone.predict(x)).all()
    search = GridSearchCV(ours("binary"), {"alpha": [1.0]}, cv=2).fit(x, y)
    with pytest.raises(TypeError, match="its best_estimator_"):
        sn.save(search, path)
    sn.save(search.best_estimator_, path)
