"""Networks with one hidden layer, trained natively.

Columns are examples: X is (n_x, m), Y is (n_y, m).

>>> import shallownet_native as sn
>>> X, Y = sn.datasets.flower()
>>> start = sn.initialize(n_x=2, n_h=4, n_y=1, seed=0)
>>> result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=2000)
>>> print(f"cost {result.costs[0]:.2f}, then {result.costs[-1]:.2f}")
cost 0.69, then 0.27
>>> accuracy = (sn.predict(result.parameters, X) == Y).mean()
>>> bool(accuracy > 0.88)
True

The functions: `initialize`, `forward`, `cost`, `gradients`, `predict`, `predict_one`, `activate`,
`train`, `train_many`, `save`, `load`; for looking at a network `hessian`, `gauss_newton`,
`largest_curvature`, `hessian_vector_product`, `jacobian`, `example_gradients`, `importance`, and
what is wrong with a training, `diagnose`. The estimators, which need scikit-learn:
`ShallowNetClassifier`, `ShallowNetRegressor`, those that search, `ShallowNetClassifierCV` and
`ShallowNetRegressorCV`, and, before them in a Pipeline, `TableEncoder`; those for tables as they
are, `TabularShallowNetClassifier` and `TabularShallowNetRegressor`. The modules: `datasets`,
`course` (the teaching functions under their well-known names), `plotting` (pictures, which need
matplotlib), `reference` (the whole method in plain NumPy).
"""

from __future__ import annotations

import importlib
import opcode
import sys
from typing import TYPE_CHECKING, Any

from ._messages.start import end_command

try:
    from ._native.backend import core, get_num_threads, set_num_threads, show_config
except ImportError as error:  # of a level, of a subinterpreter, of NumPy
    end_command(error)
    raise
from ._extras.importing import MissingPackageError
from .network import (
    INITIALIZERS,
    Forward,
    Gradients,
    Parameters,
    activate,
    cost,
    example_gradients,
    forward,
    gauss_newton,
    gradients,
    hessian,
    hessian_vector_product,
    initialize,
    jacobian,
    largest_curvature,
    predict,
)
from .training import (
    ConvergenceWarning,
    DivergenceError,
    EpochState,
    TrainingInterrupted,
    TrainingResult,
    TrainingResults,
    train,
    train_many,
)

predict_one = core.predict_one

if TYPE_CHECKING:
    from . import course, datasets, plotting, reference
    from .diagnosis import Diagnosis, Finding, GradientReport, check_gradients, diagnose, importance
    from .estimators import DivergenceWarning as DivergenceWarning
    from .estimators import ShallowNetClassifier as ShallowNetClassifier
    from .estimators import ShallowNetClassifierCV as ShallowNetClassifierCV
    from .estimators import ShallowNetRegressor as ShallowNetRegressor
    from .estimators import ShallowNetRegressorCV as ShallowNetRegressorCV
    from .estimators import TabularShallowNetClassifier as TabularShallowNetClassifier
    from .estimators import TabularShallowNetRegressor as TabularShallowNetRegressor
    from .files import ModelFormatError, load, save
    from .tables import TableEncoder as TableEncoder

__version__ = core.version

# without the estimators, so that `import *` works where scikit-learn is not installed
__all__ = [
    "INITIALIZERS", "ConvergenceWarning", "Diagnosis", "DivergenceError", "EpochState", "Finding",
    "Forward", "GradientReport", "Gradients", "ModelFormatError", "Parameters",
    "TrainingInterrupted", "TrainingResult", "TrainingResults", "__version__", "activate",
    "check_gradients", "cost", "course", "datasets", "diagnose", "example_gradients", "forward",
    "gauss_newton", "get_num_threads", "gradients", "hessian", "hessian_vector_product",
    "importance", "initialize", "jacobian", "largest_curvature", "load", "plotting", "predict",
    "predict_one", "reference", "save", "set_num_threads", "show_config", "train", "train_many",
]  # fmt: skip

# what is imported only when it is asked for: module -> its names, or that of the module itself
_ASKED_FOR = {
    ".course": ["course"],
    ".datasets": ["datasets"],
    ".diagnosis": [
        "Diagnosis", "Finding", "GradientReport", "check_gradients", "diagnose", "importance",
    ],
    ".estimators": [
        "DivergenceWarning", "ShallowNetClassifier", "ShallowNetClassifierCV",
        "ShallowNetRegressor", "ShallowNetRegressorCV", "TabularShallowNetClassifier",
        "TabularShallowNetRegressor",
    ],
    ".files": ["ModelFormatError", "load", "save"],
    ".plotting": ["plotting"],
    ".reference": ["reference"],
    ".tables": ["TableEncoder"],
}  # fmt: skip
_LAZY = {name: module for module, names in _ASKED_FOR.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(_LAZY[name], __name__)
        value = module if _LAZY[name] == f".{name}" else getattr(module, name)
    except MissingPackageError as error:
        if _is_asked_by_syntax():
            raise
        raise AttributeError(str(error)) from error
    globals()[name] = value
    return value


def _is_asked_by_syntax() -> bool:
    """Tell `sn.name` and `from shallownet_native import name` from a function that looks around.

    Who writes the name is told by a MissingPackageError, whose text a from-import would drop if it
    were an AttributeError; hasattr, getattr, help and inspect cope with an AttributeError only. No
    exception can be both: the two builtin classes have conflicting layouts.
    """
    caller = sys._getframe(2)
    instruction = opcode.opname[caller.f_code.co_code[caller.f_lasti]]
    return instruction in ("IMPORT_FROM", "LOAD_ATTR", "LOAD_METHOD")


__dir__ = sorted({*__all__, *_LAZY}).copy
