"""Choose the compiled core for this processor, and hold the process-wide settings.

The highest level that was built and that the processor runs is chosen at import;
``SHALLOWNET_LEVEL`` forces another one. A build that fails to import is an error and is never
replaced by a slower one.
"""

from __future__ import annotations

import functools
import importlib
import operator
import os
import platform
import time
from types import ModuleType

# before NumPy: it refuses a subinterpreter, in one sentence
from .. import _cpu  # isort: split

import numpy as np

from .cpu_quota import granted_cpus


def available_levels() -> tuple[str, ...]:
    """Return the CPU levels that were built and that this processor runs, lowest first."""
    return tuple(_cpu.supported_levels())


def _chosen_level() -> str:
    available = available_levels()
    forced = os.environ.get("SHALLOWNET_LEVEL", "")
    if forced and forced not in available:
        built = ", ".join(_cpu.built_levels())
        raise ImportError(
            f"SHALLOWNET_LEVEL={forced!r} cannot be used: built levels are {built}; this processor "
            f"runs {', '.join(available) or 'none of them'}. Unset SHALLOWNET_LEVEL to let the "
            "best one be chosen."
        )
    if not available:
        raise ImportError(
            f"none of the built CPU levels ({', '.join(_cpu.built_levels())}) runs on this "
            "processor: build from source with -Ccmake.define.SHALLOWNET_LEVELS=baseline"
        )
    return forced or available[-1]


level: str = _chosen_level()
core: ModuleType = importlib.import_module(f"shallownet_native._core_{level.replace('-', '_')}")

# As many as a training has chunks of examples at most, so that hardly any has work for more.
FEW_THREADS = 16
QUOTA_SECONDS = 5

_NO_COUNT = "n_threads must be an integer, got {}: a whole number >= 1, or None for the default"

_num_threads: int | None = None  # what set_num_threads said


def _from_environment(name: str) -> int | None:
    # OMP_NUM_THREADS may be a list, one number per level of nesting.
    text = os.environ.get(name, "").split(",")[0].strip()
    if not text:
        return None
    # what is longer than any number of threads is not worth reading
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise ValueError(f"{name} must be a whole number >= 1, got {text!r}: mend it or unset it")
    return _capped(int(text.lstrip("0")[:9]))


def _affinity_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@functools.lru_cache(maxsize=1)
def _quota_cpus(_period: int) -> int | None:
    return granted_cpus()


def _usable_cpus() -> int:
    # Some ten files: read once in QUOTA_SECONDS. Whoever runs the process may change what they say.
    quota = _quota_cpus(int(time.monotonic() / QUOTA_SECONDS))
    cpus = _affinity_cpus()
    return cpus if quota is None else min(cpus, quota)


def _capped(n_threads: int) -> int:
    """Return how many threads are used where so many are asked for."""
    return n_threads if n_threads <= FEW_THREADS else min(n_threads, most_threads())


def most_threads() -> int:
    """Return the most threads that a call uses, whatever it is told: a slip must not cost 10**6."""
    return max(FEW_THREADS, _affinity_cpus())


def get_num_threads() -> int:
    """Return the number of threads that a call may use when it is not told.

    In this order: what `set_num_threads` said, ``SHALLOWNET_NUM_THREADS``, ``OMP_NUM_THREADS``, the
    processors this process may run on (affinity and control groups). Never more than 16 or, if
    there are more, those processors.

    Raises
    ------
    ValueError
        If the environment variable that decides is no whole number >= 1.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> sn.get_num_threads() >= 1
    True
    """
    return (
        _num_threads
        or _from_environment("SHALLOWNET_NUM_THREADS")
        or _from_environment("OMP_NUM_THREADS")
        or _usable_cpus()
    )


def set_num_threads(n_threads: int | None) -> None:
    """Set the number of threads that calls may use when they are not told.

    None goes back to the default. Results do not depend on it: only the time does. More than 16 or,
    if there are more, the processors this process may run on, count as that many.

    Raises
    ------
    TypeError
        If `n_threads` is neither an integer nor None.
    ValueError
        If `n_threads` is below 1.
    """
    global _num_threads
    _num_threads = None if n_threads is None else checked_threads(n_threads)


def checked_threads(n_threads: object) -> int:
    """Return n_threads as an int from 1 to `most_threads`, or say what is wrong with it."""
    if isinstance(n_threads, (bool, np.bool_)):
        raise TypeError(_NO_COUNT.format(f"the truth value {n_threads}"))
    try:
        number = operator.index(n_threads)  # type: ignore[arg-type]
    except TypeError as error:
        got = f"{repr(n_threads)[:60]} ({type(n_threads).__name__})"
        raise TypeError(_NO_COUNT.format(got)) from error
    if number < 1:
        raise ValueError(f"n_threads must be >= 1, got {number}: use None for the default")
    return _capped(number)


def allowed_threads(n_threads: int | None) -> int:
    """Return the number of threads that a call may use: as told, else the default."""
    return get_num_threads() if n_threads is None else checked_threads(n_threads)


def resolve_threads(n_threads: int | None, shape: tuple[int, int, int], batch_size: int) -> int:
    """Return the number of threads for a step: as told, else as many as the step is worth."""
    if n_threads is not None:
        return checked_threads(n_threads)
    if core.suggested_threads(shape, batch_size, 2) == 1:
        return 1  # whatever the limit is: finding it out takes longer than a small problem
    return int(core.suggested_threads(shape, batch_size, get_num_threads()))


def config() -> dict[str, str]:
    """Return what `show_config` prints below the version, by name."""
    return {
        "level": level,
        "available levels": ", ".join(available_levels()),
        "threads": str(get_num_threads()),
        "vector": f"{8 * core.vector_bytes} bit",
        "compiler": core.compiler,
        "flags": core.flags,
        "Eigen, pybind11": f"{core.eigen_version}, {core.pybind11_version}",
        "Python, NumPy": f"{platform.python_version()}, {np.__version__}",
        "platform": f"{platform.system()} {platform.machine()}",
    }


def config_text() -> str:
    """Return what `show_config` prints."""
    lines = [f"{name:<17} {value}" for name, value in config().items()]
    return "\n".join([f"shallownet-native {core.version}", *lines])


def show_config() -> None:
    """Print which core runs, the levels available, the compiler and its flags, threads, versions.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> sn.show_config()  # doctest: +ELLIPSIS
    shallownet-native ...
    """
    print(config_text())
