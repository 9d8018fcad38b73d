"""What the estimators take from scikit-learn and SciPy, and what differs between versions.

Supported: scikit-learn 1.6 and newer. The only file that imports either when it is loaded.
"""
# ruff: noqa: E402  (a missing scikit-learn must be told before it is imported)

from __future__ import annotations

import importlib.util
from typing import Any

from .importing import import_optional

import_optional("sklearn", extra="sklearn", purpose="shallownet_native.estimators")

from scipy.optimize import minimize
from scipy.stats import rankdata
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
    _fit_context,
    is_classifier,
)
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.metrics import accuracy_score, check_scoring, r2_score
from sklearn.model_selection import (
    GroupKFold,
    ParameterGrid,
    StratifiedGroupKFold,
    check_cv,
    train_test_split,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer, StandardScaler
from sklearn.utils import _safe_indexing, check_random_state, column_or_1d, indexable
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.sparsefuncs import mean_variance_axis
from sklearn.utils.validation import (
    _check_feature_names_in,
    _check_sample_weight,
    _check_y,
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

# new in 1.9: `set_callbacks`, offered where scikit-learn has it
has_callback_protocol = importlib.util.find_spec("sklearn.callback") is not None

if has_callback_protocol:
    from sklearn.callback import CallbackSupportMixin
else:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing, where scikit-learn has no callbacks."""


def fitted_binarizer(classes: Any, y_type: str, came_sparse: bool = False) -> LabelBinarizer:
    """Return the LabelBinarizer that fitting to labels of these classes makes, in no time."""
    binarizer = LabelBinarizer()
    binarizer.classes_ = classes
    binarizer.y_type_ = y_type
    binarizer.sparse_input_ = came_sparse
    return binarizer


_OUTPUT_CONFIG = "_sklearn_output_config"


def output_of(transformer: Any) -> str | None:
    """Return what `set_output` has asked of a transformer, None if it was never called."""
    output: str | None = getattr(transformer, _OUTPUT_CONFIG, {}).get("transform")
    return output


def give_output(transformer: Any, output: Any) -> None:
    """Ask of a transformer what `output_of` has said, or raise ValueError if it cannot have."""
    if output is not None:
        if output not in ("default", "pandas", "polars"):
            raise ValueError("the output is none of 'default', 'pandas', 'polars'")
        setattr(transformer, _OUTPUT_CONFIG, {"transform": output})


def active_workers() -> int:
    """Return how many workers `joblib.parallel_config` has set up; 1 if it has said nothing.

    Threads of this process do not count, nor do workers if this is one of them.
    """
    joblib = import_optional("joblib.parallel", extra="sklearn", purpose="spreading fits")
    backend, n_jobs = joblib.get_active_backend()
    if backend.nesting_level or getattr(backend, "supports_sharedmem", False):
        return 1
    return int(backend.effective_n_jobs(backend.default_n_jobs if n_jobs is None else n_jobs))
