"""Bad input to the estimators: scikit-learn's classes of error, its words, or better ones.

Where scikit-learn raises, ours must raise a subclass of the same error; the judge is asked each
time, so that no case here is one which scikit-learn would take.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import shallownet_native as sn
from mlp_pairs import M, data, neural_network, pair, small

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
CLASSES = {
    "Classifier": (sn.ShallowNetClassifier, neural_network.MLPClassifier),
    "Regressor": (sn.ShallowNetRegressor, neural_network.MLPRegressor),
}
both = pytest.mark.parametrize("name", CLASSES)

BAD_PARAMETERS: dict[str, list[Any]] = {
    "hidden_layer_sizes": [0, -3, (0,), [-1], 2.5, "six", None],
    "activation": ["rleu", None, 3],
    "solver": ["adamm", None],
    "alpha": [-1e-9, "small", None],
    "batch_size": [0, -1, 2.5, "all"],
    "learning_rate": ["falling", None, 0.1],
    "learning_rate_init": [0, -1.0, None],
    "power_t": [-0.5, None],
    "max_iter": [0, -1, 2.5, None],
    "max_fun": [0, 2.5],
    "tol": [-1e-9, None],
    "shuffle": ["yes", None],
    "random_state": ["seed", -1, 2.5],
    "verbose": [-1, "loud"],
    "warm_start": ["yes", None],
    "momentum": [-0.1, 1.1],
    "nesterovs_momentum": ["yes", None],
    "early_stopping": ["yes", None],
    "validation_fraction": [-0.1, 1.0, None],
    "beta_1": [-0.1, 1.0],
    "beta_2": [-0.1, 1.0],
    "epsilon": [0.0, -1e-8],
    "n_iter_no_change": [0, -1, 2.5, None],
}
OUR_BAD_PARAMETERS: dict[str, list[Any]] = {
    "negative_slope": [-0.1, "steep", None],
    "scoring": ["acuracy", 3],
    "callbacks": [3, "print", [print, 3]],
    "progress": ["yes", None],
    "standardize": ["yes", None],
    "n_threads": [0, -1, 1.5, "two"],
}


def refusal(action: Any) -> Exception | None:
    """Return the exception of an action, or None."""
    try:
        action()
    except Exception as error:  # noqa: BLE001  (whatever it is, it is compared)
        return error
    return None


def assert_refused_alike(ours: Any, theirs: Any, *names: str) -> None:
    """Check that ours refuses what theirs refuses, with that class of error, naming names."""
    expected, got = refusal(theirs), refusal(ours)
    assert expected is not None, "scikit-learn takes it"
    assert isinstance(got, type(expected)), f"{type(expected).__name__}({expected}), not {got!r}"
    for name in names:
        assert name in str(got)


# parameters


@both
@pytest.mark.parametrize(
    ("parameter", "value"), [(p, v) for p, values in BAD_PARAMETERS.items() for v in values]
)
def test_estimator_errors_in_parameters_are_scikit_learns(
    name: str, parameter: str, value: Any
) -> None:
    x, y = small(name)
    ours, theirs = (class_(**{parameter: value}) for class_ in CLASSES[name])  # takes anything
    assert_refused_alike(lambda: ours.fit(x, y), lambda: theirs.fit(x, y), parameter)


@both
@pytest.mark.parametrize(
    ("parameter", "value"), [(p, v) for p, values in OUR_BAD_PARAMETERS.items() for v in values]
)
def test_estimator_errors_in_our_parameters_name_them(
    name: str, parameter: str, value: Any
) -> None:
    ours = CLASSES[name][0](**{parameter: value}, early_stopping=True)
    with pytest.raises((TypeError, ValueError), match=parameter):
        ours.fit(*small(name))


def test_estimator_errors_in_parameters_of_one_class_only() -> None:
    with pytest.raises(ValueError, match="loss"):
        sn.ShallowNetRegressor("square_error").fit(*small("Regressor"))
    for value in ("yes", 2):
        with pytest.raises(ValueError, match="stratify_validation"):
            sn.ShallowNetClassifier(stratify_validation=value).fit(*small("Classifier"))
    for value in ("balance", 3, [1.0]):
        with pytest.raises(ValueError, match="class_weight"):
            sn.ShallowNetClassifier(class_weight=value).fit(*small("Classifier"))
    with pytest.raises(TypeError):
        sn.ShallowNetRegressor(class_weight="balanced")
    with pytest.raises(TypeError, match="positional"):
        sn.ShallowNetClassifier((5,), "relu", "adam")


@both
@pytest.mark.parametrize("sizes", [(5, 3), [5, 3, 2], np.array([5, 3])], ids=str)
def test_estimator_errors_say_that_one_hidden_layer_is_native(name: str, sizes: Any) -> None:
    ours, theirs = CLASSES[name]
    with pytest.raises(ValueError, match="one hidden layer") as caught:
        ours(hidden_layer_sizes=sizes).fit(*small(name))
    assert f"sklearn.neural_network.{theirs.__name__}" in str(caught.value)
    assert str(list(map(int, sizes))) in str(caught.value)


# data


def bad_data(name: str) -> dict[str, tuple[Any, Any]]:
    x, y = small(name)
    nan, infinite = x.copy(), x.copy()
    nan[3, 1], infinite[3, 1] = np.nan, np.inf
    return {
        "nan": (nan, y),
        "infinity": (infinite, y),
        "infinity in float32": (np.full_like(x, 1e300).astype(object), y[:-1]),
        "no rows": (x[:0], y[:0]),
        "no columns": (x[:, :0], y),
        "one dimension": (x[:, 0], y),
        "three dimensions": (x[:, :, None], y),
        "fewer targets": (x, y[:-1]),
        "no targets": (x, None),
        "complex": (x + 1j, y),
        "text": (np.full((M, 2), "a"), y),
        "a number": (3.0, y),
        "ragged": ([[1.0, 2.0], [3.0]], [0, 1]),
        "nan target": (x, np.where(np.arange(M) == 3, np.nan, y)),
        "text target": (x, np.full(M, None)),
    }


@both
@pytest.mark.parametrize("case", bad_data("Classifier"))
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_estimator_errors_in_data_are_scikit_learns(name: str, case: str, method: str) -> None:
    x, y = bad_data(name)[case]
    ours, theirs = (class_() for class_ in CLASSES[name])
    extra = {"classes": [3, 7]} if name == "Classifier" and method == "partial_fit" else {}
    assert_refused_alike(
        lambda: getattr(ours, method)(x, y, **extra), lambda: getattr(theirs, method)(x, y, **extra)
    )


def test_estimator_errors_in_targets_are_scikit_learns() -> None:
    x = small("Classifier")[0]
    rng = np.random.default_rng(0)
    for y in (rng.standard_normal(M), rng.integers(3, size=(M, 2)), rng.standard_normal((M, 2))):
        ours, theirs = (class_() for class_ in CLASSES["Classifier"])
        assert_refused_alike(lambda: ours.fit(x, y), lambda: theirs.fit(x, y))  # noqa: B023
    with pytest.raises(ValueError, match=r"y must be >= 0"):
        sn.ShallowNetRegressor("poisson").fit(x, -np.ones(M))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        *(("Regressor", method) for method in ("predict", "transform")),
        *(("Classifier", method) for method in ("predict", "transform", "decision_function")),
        *(("Classifier", method) for method in ("predict_proba", "predict_log_proba")),
    ],
)
def test_estimator_errors_before_and_after_fit(name: str, method: str) -> None:
    ours = CLASSES[name][0](max_iter=2)
    x, y = small(name)
    with pytest.raises(NotFittedError):
        getattr(ours, method)(x)
    ours.fit(x, y)
    for bad in (x[:, :-1], x[0], x[:0], np.where(x == x[3, 1], np.nan, x), x + 1j, x[:, :, None]):
        with pytest.raises(ValueError):
            getattr(ours, method)(bad)
    big = np.full((2, x.shape[1]), np.inf)
    with pytest.raises(ValueError, match="infinity"):
        getattr(ours, method)(big)


@both
def test_estimator_errors_after_a_failed_fit_is_not_fitted(name: str) -> None:
    x, y = small(name)
    for parameters, targets in (({"hidden_layer_sizes": (5, 3)}, y), ({}, np.ones((M, 2)) * 0.5)):
        ours = CLASSES[name][0](max_iter=2).set_params(**parameters)
        if name == "Regressor" and not parameters:
            targets = y[:-1]
        with pytest.raises(ValueError):
            ours.fit(x, targets)
        with pytest.raises(NotFittedError):
            ours.predict(x)
        ours.set_params(hidden_layer_sizes=(5,)).fit(x, y)
        assert ours.predict(x).shape == (M,)


@both
def test_estimator_errors_in_sample_weights(name: str) -> None:
    x, y = small(name)
    for bad in (np.ones(M - 1), np.ones((M, 2)), np.full(M, np.nan), np.full(M, "a")):
        with pytest.raises(ValueError):
            CLASSES[name][0](max_iter=2).fit(x, y, sample_weight=bad)
    for bad in (np.zeros(M), np.full(M, -1.0), np.where(np.arange(M) == 3, -1.0, 1.0)):
        for solver in ("adam", "gd", "lbfgs", "sgd"):
            with pytest.raises(ValueError, match=r"[Ss]ample.weight"):
                CLASSES[name][0](solver=solver, max_iter=2).fit(x, y, sample_weight=bad)


# classes


def test_estimator_errors_in_partial_fits_classes_are_scikit_learns() -> None:
    x, y = [[3.0, 2.0], [1.0, 6.0], [5.0, 4.0]], [0, 1, 1]
    for calls in (
        [{"y": y}],  # no classes at the first call
        [{"y": y, "classes": [2]}],
        [{"y": y, "classes": [0, 2]}],
        [{"y": y, "classes": [0, 1]}, {"y": y, "classes": [1, 2]}],
        [{"y": y, "classes": [0, 1]}, {"y": [0, 1, 2]}],
    ):

        def run(model: Any, calls: Any = calls) -> None:
            for arguments in calls:
                model.partial_fit(x, **arguments)

        ours, theirs = (class_() for class_ in CLASSES["Classifier"])
        assert_refused_alike(lambda: run(ours), lambda: run(theirs), "classes")  # noqa: B023
    with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`"):
        sn.ShallowNetClassifier().partial_fit(x, y, classes=[0, 1]).partial_fit(x, [0, 1, 2])


@both
def test_estimator_errors_of_early_stopping_are_scikit_learns(name: str) -> None:
    x, y = small(name)
    ours, theirs = (class_(early_stopping=True) for class_ in CLASSES[name])
    extra = {"classes": [3, 7]} if name == "Classifier" else {}
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        ours.partial_fit(x, y, **extra)
    assert_refused_alike(lambda: ours.fit(x[:1], y[:1]), lambda: theirs.fit(x[:1], y[:1]))
    with pytest.raises(ValueError, match=r"^The validation set is too small\. Increase"):
        CLASSES["Regressor"][0](early_stopping=True).fit(*(a[:8] for a in data("regression")))


def test_estimator_errors_of_warm_start_are_scikit_learns() -> None:
    x, y = data("multiclass")
    ours, theirs = pair("multiclass", warm_start=True, max_iter=2)
    for model in (ours, theirs):
        model.fit(x, y)
    for other in (np.where(y == 5, 6, y), np.where(y == 5, 4, y)):
        expected = refusal(lambda: theirs.fit(x, other))  # noqa: B023
        got = refusal(lambda: ours.fit(x, other))  # noqa: B023
        assert type(got) is type(expected) is ValueError and str(got) == str(expected)
    for change in (x[:, :-1], np.column_stack([x, x])):
        assert_refused_alike(lambda: ours.fit(change, y), lambda: theirs.fit(change, y))  # noqa: B023
