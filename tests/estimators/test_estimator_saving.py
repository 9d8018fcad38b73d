"""What `save` says of scikit-learn's wrappers around an estimator, and that its advice is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import data, ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_estimator_saving_a_pipeline_or_a_standardized_estimator_is_the_same(path: Path) -> None:
    x, y = data("binary")
    x = x * [1, 1000, 1, 1] + [0, 5000, 0, 0]
    pipeline = make_pipeline(StandardScaler(), ours("binary")).fit(x, y)
    sn.save(pipeline, path)
    assert np.array_equal(sn.load(path).predict_proba(x), pipeline.predict_proba(x))
    sn.save(ours("binary", standardize=True).fit(x, y), path)
    probabilities = sn.load(path).predict_proba(x)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(x), rtol=1e-8)


def test_estimator_saving_says_what_to_save_of_a_search(path: Path) -> None:
    x, y = data("binary")
    for model, name in (
        (ours("binary"), "alpha"),
        (make_pipeline(StandardScaler(), ours("binary")), "shallownetclassifier__alpha"),
    ):
        search = GridSearchCV(model, {name: [1.0]}, cv=2).fit(x, y)
        with pytest.raises(TypeError, match="its best_estimator_"):
            sn.save(search, path)
        sn.save(search.best_estimator_, path)
        assert np.array_equal(sn.load(path).predict(x), search.predict(x))
