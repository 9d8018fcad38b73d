"""Teaching sets that are figures of the plane, made here with NumPy.

Every function returns what `datasets` says. `n_examples` is m, `noise` the standard deviation of
normal noise on every coordinate, and `seed` an int, a numpy.random.Generator, a
numpy.random.RandomState or None (different points in every call; only `flower` has fixed ones). A
number out of range is a ValueError that names the argument, and anything else a TypeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._native.arrays import MAX_UNITS, check_integer, check_real
from .._native.streams import Seed, random_stream
from .bundled import as_examples
from .making import FloatArray, class_counts, in_turn, jittered


def flower(
    n_examples: int = 400, *, noise: float = 0.2, seed: Seed = None, return_rows: bool = False
) -> tuple[FloatArray, Any]:
    """Make the two-class flower, a rose of eight petals that no straight line can part.

    Parameters
    ----------
    n_examples : int, default 400
        Number of examples m, even: half of them in each class.
    noise : float, default 0.2
        Standard deviation of the noise on the angle (radians) and on the radius.
    seed : int, numpy.random.Generator, numpy.random.RandomState or None
        None draws from a ``RandomState(1)`` of its own: the well-known flower, the same in every
        call, whatever the state of NumPy's global generator (which is left alone).
    return_rows : and the result, as the module says

    Notes
    -----
    For class j in 0, 1: ``t = linspace(3.12 j, 3.12 (j + 1), m / 2) + noise randn``,
    ``r = 4 sin(4 t) + noise randn``, points ``(r sin t, r cos t)``.

    Examples
    --------
    >>> X, Y = flower()
    >>> X.shape, Y.shape, int(Y.sum())
    ((2, 400), (1, 400), 200)
    """
    n_each, _ = class_counts(n_examples, 2)
    check_real(noise, "noise", "[0, inf)")
    random = np.random.RandomState(1) if seed is None else random_stream(seed)
    petals = []
    for j in range(2):
        t = np.linspace(3.12 * j, 3.12 * (j + 1), n_each) + noise * random.standard_normal(n_each)
        r = 4.0 * np.sin(4.0 * t) + noise * random.standard_normal(n_each)
        petals.append(np.column_stack((r * np.sin(t), r * np.cos(t))))
    return as_examples(np.concatenate(petals), in_turn(n_each, 2), 2, return_rows)


def noisy_moons(
    n_examples: int = 200, *, noise: float = 0.2, seed: Seed = None, return_rows: bool = False
) -> tuple[FloatArray, Any]:
    """Make two half moons that reach into each other, one class each.

    Parameters
    ----------
    n_examples : int, default 200, even
    noise : float, default 0.2
        The moons have radius 1.
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, Y = noisy_moons(6, noise=0.0, seed=0)
    >>> X.round(2) + 0.0
    array([[ 1. ,  0. , -1. ,  0. ,  1. ,  2. ],
           [ 0. ,  1. ,  0. ,  0.5, -0.5,  0.5]])
    """
    n_each, _ = class_counts(n_examples, 2)
    t = np.linspace(0.0, np.pi, n_each)
    upper = np.column_stack((np.cos(t), np.sin(t)))
    lower = np.column_stack((1.0 - np.cos(t), 0.5 - np.sin(t)))
    points = jittered(np.concatenate((upper, lower)), noise, random_stream(seed))
    return as_examples(points, in_turn(n_each, 2), 2, return_rows)


def noisy_circles(
    n_examples: int = 200,
    *,
    factor: float = 0.5,
    noise: float = 0.1,
    seed: Seed = None,
    return_rows: bool = False,
) -> tuple[FloatArray, Any]:
    """Make a circle inside a circle, one class each.

    Parameters
    ----------
    n_examples : int, default 200, even
    factor : float, default 0.5
        Radius of the inner circle (class 1), between 0 and 1; the outer (class 0) has radius 1.
    noise : float, default 0.1
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, Y = noisy_circles(8, noise=0.0, seed=0)
    >>> (X**2).sum(axis=0).round(6)
    array([1.  , 1.  , 1.  , 1.  , 0.25, 0.25, 0.25, 0.25])
    """
    n_each, _ = class_counts(n_examples, 2)
    check_real(factor, "factor", "(0, 1)")
    t = np.linspace(0.0, 2.0 * np.pi, n_each, endpoint=False)
    circle = np.column_stack((np.cos(t), np.sin(t)))
    points = jittered(np.concatenate((circle, factor * circle)), noise, random_stream(seed))
    return as_examples(points, in_turn(n_each, 2), 2, return_rows)


def spirals(
    n_examples: int = 200,
    *,
    n_classes: int = 2,
    n_turns: float = 1.0,
    noise: float = 0.05,
    seed: Seed = None,
    return_rows: bool = False,
) -> tuple[FloatArray, Any]:
    """Make spiral arms wound round each other, one class each.

    Parameters
    ----------
    n_examples : int, default 200, a multiple of `n_classes`
    n_classes : int, default 2
    n_turns : float, default 1.0
        Turns that each arm makes between the centre and its end at radius 1.
    noise : float, default 0.05
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, Y = spirals(90, n_classes=3, seed=0)
    >>> X.shape, Y.shape
    ((2, 90), (3, 90))
    """
    n_each, n_classes = class_counts(n_examples, n_classes)
    check_real(n_turns, "n_turns", "(-inf, inf)")
    labels = in_turn(n_each, n_classes)
    r = np.tile(np.linspace(1.0 / n_each, 1.0, n_each), n_classes)
    t = 2.0 * np.pi * (n_turns * r + labels / n_classes)
    points = jittered(np.column_stack((r * np.cos(t), r * np.sin(t))), noise, random_stream(seed))
    return as_examples(points, labels, n_classes, return_rows)


def xor(
    n_examples: int = 200, *, noise: float = 0.0, seed: Seed = None, return_rows: bool = False
) -> tuple[FloatArray, Any]:
    """Make points in a square whose class is the exclusive or of the signs of their coordinates.

    Parameters
    ----------
    n_examples : int, default 200
    noise : float, default 0.0
        Added after the class is fixed, so that some points cross the border.
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, Y = xor(100, seed=0)
    >>> bool(((X[0] * X[1] < 0) == Y[0]).all())
    True
    """
    n_examples = check_integer(n_examples, "n_examples", 1, MAX_UNITS)
    random = random_stream(seed)
    square = random.uniform(-1.0, 1.0, (n_examples, 2))
    labels = np.logical_xor(square[:, 0] < 0, square[:, 1] < 0).astype(np.int64)
    return as_examples(jittered(square, noise, random), labels, 2, return_rows)
