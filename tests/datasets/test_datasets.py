"""The teaching sets and the loaders: recipe, seeds, orientation, and what each promises."""

import subprocess
import sys

import numpy as np
import pytest
import sklearn.datasets

import shallownet_native as sn
from absent import without
from shallownet_native import datasets, reference

TEACHING = [
    datasets.flower,
    datasets.noisy_moons,
    datasets.noisy_circles,
    datasets.blobs,
    datasets.gaussian_quantiles,
    datasets.no_structure,
    datasets.spirals,
    datasets.xor,
]
CLOUDS = [datasets.blobs, datasets.gaussian_quantiles, datasets.no_structure]
MULTICLASS = [*CLOUDS, datasets.spirals]
# n_x, n_y, m of scikit-learn's bundled sets; n_y is 1 for two classes and for a quantity
BUNDLED = {
    "load_breast_cancer": (30, 1, 569),
    "load_diabetes": (10, 1, 442),
    "load_digits": (64, 10, 1797),
    "load_iris": (4, 3, 150),
    "load_wine": (13, 3, 178),
}
SEEDS = [0, lambda: np.random.default_rng(0), lambda: np.random.RandomState(0)]


def draw(make, seed, **settings):
    return make(seed=seed() if callable(seed) else seed, **settings)


def name_of(make):
    return make.__name__


def test_datasets_flower_follows_the_recipe_draw_by_draw():
    random = np.random.RandomState(1)
    parts = []
    for j in (0, 1):
        t = np.linspace(3.12 * j, 3.12 * (j + 1), 200) + random.randn(200) * 0.2
        r = 4 * np.sin(4 * t) + random.randn(200) * 0.2
        parts.append(np.array([r * np.sin(t), r * np.cos(t)]))
    X, Y = datasets.flower()
    assert np.array_equal(X, np.hstack(parts))
    assert np.array_equal(Y, np.repeat([[0.0, 1.0]], 200, axis=1))


def test_datasets_flower_gives_the_well_known_costs_in_the_oracle():
    X, Y = datasets.flower()
    random = np.random.RandomState(2)
    W1, W2 = random.randn(4, 2) * 0.01, random.randn(1, 4) * 0.01
    start = (W1, np.zeros((4, 1)), W2, np.zeros((1, 1)))
    _, costs = reference.train(*start, X, Y, n_epochs=1001, learning_rate=1.2)
    assert [f"{costs[0]:.6f}", f"{costs[1000]:.6f}"] == ["0.693048", "0.288083"]


def test_datasets_flower_leaves_the_global_generator_alone():
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    datasets.flower()
    assert np.random.rand() == expected


@pytest.mark.parametrize("make", TEACHING, ids=name_of)
@pytest.mark.parametrize("seed", SEEDS, ids=["int", "Generator", "RandomState"])
def test_datasets_teaching_sets_repeat_with_a_seed(make, seed):
    (X, Y), (again, _) = draw(make, seed), draw(make, seed)
    assert np.array_equal(X, again)
    assert (X.dtype, Y.dtype, Y.shape) == (np.float64, np.float64, (1, X.shape[1]))
    assert X.flags.c_contiguous and np.isfinite(X).all()
    assert set(Y[0]) == {0.0, 1.0}
    assert not np.array_equal(X, make(seed=1)[0])


@pytest.mark.parametrize("make", TEACHING, ids=name_of)
def test_datasets_teaching_sets_turn_to_rows(make):
    X, Y = make(seed=0)
    rows, y = make(seed=0, return_rows=True)
    assert np.array_equal(rows, X.T) and np.array_equal(y, Y[0])
    assert y.dtype == np.int64


@pytest.mark.parametrize("make", [m for m in TEACHING if m is not datasets.flower], ids=name_of)
def test_datasets_without_a_seed_every_call_differs(make):
    assert not np.array_equal(make()[0], make()[0])


@pytest.mark.parametrize("make", MULTICLASS, ids=name_of)
@pytest.mark.parametrize("n_classes", [3, 5])
def test_datasets_more_classes_are_one_hot(make, n_classes):
    X, Y = make(60, n_classes=n_classes, seed=0)
    _, y = make(60, n_classes=n_classes, seed=0, return_rows=True)
    assert X.shape == (2, 60) and Y.shape == (n_classes, 60)
    assert np.array_equal(Y, np.eye(n_classes)[y].T)
    assert set(np.bincount(y)) == {60 // n_classes}


@pytest.mark.parametrize("make", CLOUDS, ids=name_of)
def test_datasets_clouds_have_as_many_features_as_asked(make):
    assert make(20, n_features=7, seed=0)[0].shape == (7, 20)


def test_datasets_moons_are_half_circles():
    X, Y = datasets.noisy_moons(400, noise=0.0)
    centres = np.where(Y == 0, [[0.0], [0.0]], [[1.0], [0.5]])
    # eight operations' rounding at size 1
    np.testing.assert_allclose(np.hypot(*(X - centres)), 1.0, rtol=8 * np.finfo(float).eps)
    assert (X[1, Y[0] == 0] >= 0).all() and (X[1, Y[0] == 1] <= 0.5).all()


def test_datasets_circles_have_their_radii():
    X, Y = datasets.noisy_circles(100, factor=0.25, noise=0.0)
    radii = np.hypot(*X)
    np.testing.assert_allclose(radii, np.where(Y[0] == 0, 1.0, 0.25), rtol=8 * np.finfo(float).eps)


def test_datasets_blobs_stay_near_their_centres():
    X, Y = datasets.blobs(300, n_classes=3, spread=0.0, seed=0)
    for row in Y.astype(bool):
        assert (X[:, row] == X[:, row][:, :1]).all() and np.abs(X[:, row]).max() <= 5.0


def test_datasets_quantiles_are_shells():
    X, y = datasets.gaussian_quantiles(101, n_classes=4, seed=0, return_rows=True)
    radii = np.hypot(*X.T)
    outer = [radii[y == k].max() for k in range(4)]
    inner = [radii[y == k].min() for k in range(4)]
    assert all(outer[k] <= inner[k + 1] for k in range(3))
    assert np.bincount(y).max() - np.bincount(y).min() <= 1


def test_datasets_without_structure_have_classes_that_no_point_tells():
    X, y = datasets.no_structure(4001, n_classes=4, n_features=3, seed=0, return_rows=True)
    assert X.min() >= 0 and X.max() < 1 and np.bincount(y).tolist() == [1001, 1000, 1000, 1000]
    # means of some 1000 uniform numbers, whose deviation is sqrt(1/12/1000) = 0.009; 5 of those
    assert all(np.abs(X[y == k].mean(axis=0) - 0.5).max() < 0.046 for k in range(4))
    # in random order: of neighbours one in four is of the same class, deviation 0.007
    assert abs((y[1:] == y[:-1]).mean() - 0.25) < 0.035


def test_datasets_spirals_are_one_arm_turned():
    X, _ = datasets.spirals(90, n_classes=3, noise=0.0)
    first, second = X[:, :30], X[:, 30:60]
    angle = 2 * np.pi / 3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # coordinates up to 1, angles up to 10: a few rounding errors of size 10 eps each
    np.testing.assert_allclose(turn @ first, second, atol=32 * np.finfo(float).eps)


def test_datasets_noise_has_the_size_asked_for():
    quiet, _ = datasets.xor(20_000, seed=0)
    noisy, _ = datasets.xor(20_000, noise=0.3, seed=0)
    # the standard deviation of 40,000 numbers is known to 1 / sqrt(80,000) = 0.35 %; 5 of those
    assert abs((noisy - quiet).std() / 0.3 - 1) < 0.018


@pytest.mark.parametrize(
    ("make", "settings", "message"),
    [
        (datasets.flower, {"n_examples": 3}, "n_examples must be a multiple of 2"),
        (datasets.flower, {"n_examples": 0}, "n_examples"),
        (datasets.noisy_moons, {"n_examples": -2}, "n_examples"),
        (datasets.noisy_moons, {"noise": -0.1}, "noise"),
        (datasets.flower, {"noise": np.nan}, "noise"),
        (datasets.noisy_circles, {"factor": 1.0}, "factor"),
        (datasets.blobs, {"n_examples": 10, "n_classes": 3}, "n_examples must be a multiple of 3"),
        (datasets.blobs, {"n_classes": 1}, "n_classes"),
        (datasets.blobs, {"n_features": 0}, "n_features"),
        (datasets.blobs, {"spread": np.inf}, "spread"),
        (datasets.gaussian_quantiles, {"n_examples": 2, "n_classes": 3}, "n_examples"),
        (datasets.gaussian_quantiles, {"spread": -1.0}, "spread"),
        (datasets.no_structure, {"n_examples": 2, "n_classes": 3}, "n_examples"),
        (datasets.no_structure, {"n_features": 0}, "n_features"),
        (datasets.spirals, {"n_turns": np.inf}, "n_turns"),
        (datasets.xor, {"n_examples": 0}, "n_examples"),
        (datasets.xor, {"seed": -1}, "seed"),
    ],
)
def test_datasets_name_what_is_out_of_range(make, settings, message):
    with pytest.raises(ValueError, match=message):
        make(**settings)


@pytest.mark.parametrize(
    "settings", [{"n_examples": 10.0}, {"n_examples": True}, {"noise": "0.1"}, {"seed": "one"}]
)
def test_datasets_refuse_other_types(settings):
    with pytest.raises(TypeError, match=next(iter(settings))):
        datasets.noisy_moons(**settings)


@pytest.mark.parametrize("name", BUNDLED)
def test_datasets_bundled_sets_are_scikit_learns(name):
    data, target = getattr(sklearn.datasets, name)(return_X_y=True)
    n_x, n_y, m = BUNDLED[name]
    X, Y = getattr(datasets, name)()
    rows, y = getattr(datasets, name)(return_rows=True)
    assert X.shape == (n_x, m) and Y.shape == (n_y, m)
    assert np.array_equal(X.T, data) and np.array_equal(rows, data) and np.array_equal(y, target)
    assert np.array_equal(Y[0] if n_y == 1 else Y.argmax(axis=0), target)
    assert n_y == 1 or set(Y.ravel()) == {0.0, 1.0}


def test_datasets_say_which_extra_brings_scikit_learn():
    code = without("sklearn") + (
        "from shallownet_native import datasets\ndatasets.flower(); datasets.load_iris()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    assert "datasets.load_iris needs scikit-learn" in run.stderr.splitlines()[-1]
    assert "pip install 'shallownet-native[sklearn]'" in run.stderr.splitlines()[-1]


def test_datasets_public_list_is_complete():
    found = {name for name in datasets.__all__ if callable(getattr(sn.datasets, name))}
    assert found == {name_of(make) for make in TEACHING} | set(BUNDLED)
