"""Who predicts tables: ours and others, each with its defaults, and how an answer is judged.

Boosters and ours are given the DataFrame, categories and gaps as they are. The others get what
their users would write: the mean in the place of gaps, a column of 0 and 1 per category.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tables_data import Split, Table

SMALLEST = 1e-7  # no probability counts as less: one certain error must not outweigh all else
LEVEL = 0.9  # of intervals and sets


@dataclass(frozen=True)
class Rival:
    """A name, the module that it needs, and a function of (table, seed, n_threads)."""

    name: str
    needs: str
    make: Callable[[Table, int, int], Any]

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.needs) is not None


def ours(table: Table, seed: int, n_threads: int) -> Any:
    import shallownet_native as sn

    kind = (
        "TabularShallowNetClassifier" if table.is_classification else "TabularShallowNetRegressor"
    )
    return getattr(sn, kind)(random_state=seed, n_threads=n_threads)


def numbers(table: Table, *last: Any) -> Any:
    """Return a pipeline: gaps filled, categories as columns of 0 and 1, then what is given."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = make_column_transformer(
        (SimpleImputer(), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_include="category"),
        ),
    )
    return make_pipeline(columns, *last)


def linear(table: Table, seed: int, n_threads: int) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.preprocessing import StandardScaler

    model = LogisticRegression(max_iter=10_000) if table.is_classification else Ridge()
    return numbers(table, StandardScaler(), model)


def mlp(table: Table, seed: int, n_threads: int) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    return numbers(
        table, (MLPClassifier if table.is_classification else MLPRegressor)(random_state=seed)
    )


def mlp_standardised(table: Table, seed: int, n_threads: int) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    if table.is_classification:
        return numbers(table, StandardScaler(), MLPClassifier(random_state=seed))
    scaled = TransformedTargetRegressor(
        MLPRegressor(random_state=seed), transformer=StandardScaler()
    )
    return numbers(table, StandardScaler(), scaled)


def histogram_boosting(table: Table, seed: int, n_threads: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kinds = HistGradientBoostingRegressor, HistGradientBoostingClassifier
    return kinds[table.is_classification](random_state=seed)


def forest(table: Table, seed: int, n_threads: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kinds = RandomForestRegressor, RandomForestClassifier
    return numbers(table, kinds[table.is_classification](random_state=seed, n_jobs=n_threads))


def lightgbm(table: Table, seed: int, n_threads: int) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kinds = LGBMRegressor, LGBMClassifier
    return kinds[table.is_classification](random_state=seed, n_jobs=n_threads, verbosity=-1)


def xgboost(table: Table, seed: int, n_threads: int) -> Any:
    from xgboost import XGBClassifier, XGBRegressor

    kinds = XGBRegressor, XGBClassifier
    return kinds[table.is_classification](
        random_state=seed, n_jobs=n_threads, enable_categorical=True
    )


class WithWords:
    """CatBoost's model, which takes no gap for a category: the word "missing" stands there."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def prepared(self, X: Any) -> Any:
        categories = list(X.select_dtypes("category"))
        words = X[categories].astype(object).fillna("missing").astype(str)
        return X.assign(**{name: words[name] for name in categories})

    def fit(self, X: Any, y: Any) -> WithWords:
        self.model.fit(self.prepared(X), y, cat_features=list(X.select_dtypes("category")))
        return self

    def predict(self, X: Any) -> Any:
        return self.model.predict(self.prepared(X))

    def predict_proba(self, X: Any) -> Any:
        return self.model.predict_proba(self.prepared(X))


def catboost(table: Table, seed: int, n_threads: int) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if table.is_classification else CatBoostRegressor
    quiet = {"verbose": 0, "allow_writing_files": False}
    return WithWords(kind(random_seed=seed, thread_count=n_threads, **quiet))


RIVALS = {
    rival.name: rival
    for rival in (
        Rival("ours", "shallownet_native", ours),
        Rival("linear", "sklearn", linear),
        Rival("MLP raw", "sklearn", mlp),
        Rival("MLP", "sklearn", mlp_standardised),
        Rival("HistGradientBoosting", "sklearn", histogram_boosting),
        Rival("forest", "sklearn", forest),
        Rival("LightGBM", "lightgbm", lightgbm),
        Rival("XGBoost", "xgboost", xgboost),
        Rival("CatBoost", "catboost", catboost),
    )
}


def measure(rival: Rival, table: Table, data: Split, seed: int, n_threads: int) -> dict[str, Any]:
    """Fit and judge: loss, seconds, and what its intervals or sets cover where it has such."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of trainings that are not at their end: defaults are
        model = rival.make(table, seed, n_threads)
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(data.X, data.y)
        taken = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        begin = time.perf_counter()
        if table.is_classification:
            probabilities = np.asarray(model.predict_proba(data.X_test))
            assert probabilities.shape == (len(data.y_test), table.n_classes)
            found = log_loss(probabilities, data.y_test)
        else:
            found = relative_error(model.predict(data.X_test), data.y_test)
        taken["predict_seconds"] = time.perf_counter() - begin
        return {"loss": found, **taken, "threads": n_threads, **covered(model, table, data)}


def log_loss(probabilities: Any, y: Any) -> float:
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-4), "these are no probabilities"
    return float(-np.log(np.maximum(probabilities[np.arange(len(y)), y], SMALLEST)).mean())


def relative_error(predicted: Any, y: Any) -> float:
    """Return the root mean square error in deviations of y: 1 is as good as the mean."""
    return float(np.sqrt(np.mean((np.asarray(predicted).reshape(y.shape) - y) ** 2)) / y.std())


def covered(model: Any, table: Table, data: Split) -> dict[str, Any]:
    """Return how many rows there were, of each class, and how many of them were covered."""
    y = data.y_test
    if not table.is_classification and hasattr(model, "predict_interval"):
        _, intervals = model.predict_interval(data.X_test, confidence_level=LEVEL)
        low, high = np.asarray(intervals)[:, 0, 0], np.asarray(intervals)[:, 1, 0]
        width = float(np.mean(high - low) / y.std())
        return {"n": [len(y)], "covered": [int(((low <= y) & (y <= high)).sum())], "width": width}
    if table.is_classification and hasattr(model, "predict_set"):
        _, sets = model.predict_set(data.X_test, confidence_level=LEVEL)
        is_in = np.asarray(sets)[np.arange(len(y)), y, 0]
        n = np.bincount(y, minlength=table.n_classes)
        hits = np.bincount(y[is_in.astype(bool)], minlength=table.n_classes)
        width = float(np.asarray(sets)[..., 0].sum(axis=1).mean())
        return {"n": n.tolist(), "covered": hits.tolist(), "width": width}
    return {}
