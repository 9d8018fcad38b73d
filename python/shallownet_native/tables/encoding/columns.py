"""What a table's columns teach an encoder, and what it then makes of tables, column by column.

The rules are those of `numbers` and `categories`; here each column meets its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import validate_data
from ..._messages.caller import warn_caller
from ..._messages.wording import quoted
from ..._native.arrays import Doubles
from ..values import CODE
from . import categories, numbers
from .frames import Cells, NamedColumns, columns_of
from .names import matched, selected
from .watching import count, watched

NOT_A_NUMBER = ", and categorical_features does not name it: do, or make numbers of its cells"
NO_LONGER_A_NUMBER = ", and was fitted to as numbers: make numbers of its cells, or missing ones"


def learned(
    table: NamedColumns, categorical_features: Any, n_bins: int | None, max_codes: int
) -> dict[str, Any]:
    """Return an encoder's fitted attributes, with up to `max_codes` codes of all columns together.

    There are none where `n_bins` is None.
    """
    chosen = selected(categorical_features, table.names, table.n_columns)
    is_categorical = np.zeros(table.n_columns, np.bool_)
    levels = []
    edges: list[Doubles] = []
    with watched(table.n_columns):
        for j in range(table.n_columns):
            cells = table.column(j)
            if chosen[j] if chosen is not None else cells.kind() == "category":
                is_categorical[j] = True
                levels.append(categories.levels(_factorized(cells)[1]))
                count(1)
        numeric = np.flatnonzero(~is_categorical).tolist()
        share = None if n_bins is None else numbers.bins(n_bins, len(numeric), max_codes)
        whole = numbers.Learned(*(np.zeros(len(numeric), dtype) for dtype in (float, float, bool)))
        for part, x in table.number_blocks(numeric, NOT_A_NUMBER):
            block = numbers.learn(x)
            for place, values in zip(whole, block, strict=True):
                place[part] = values
            if share is not None:
                shares = np.where(block.scales > 0, share, 0).tolist()
                edges += [numbers.learn_edges(row, n) for row, n in zip(x, shares, strict=True)]
            count(len(x))
    names = {} if table.names is None else {"feature_names_in_": np.array(table.names, object)}
    return {
        "n_features_in_": table.n_columns,
        "is_categorical_": is_categorical,
        "means_": whole.means,
        "scales_": whole.scales,
        "has_missing_": whole.has_missing,
        "edges_": edges,
        "categories_": levels,
        "ignored_features_": (),
        **names,
    }


def encoded(encoder: Any, table: NamedColumns, order: list[int], dtype: Any) -> npt.NDArray[Any]:
    """Return a fitted encoder's outputs (n, n_outputs); its columns are at `order` in the table."""
    numeric = np.array(order)[~encoder.is_categorical_].tolist()
    n_codes = sum(edges.size - 1 for edges in encoder.edges_ if edges.size)
    out = np.zeros((table.n_rows, plain_width(encoder) + n_codes), dtype)
    start = len(numeric)
    for part, x in table.number_blocks(numeric, NO_LONGER_A_NUMBER):
        out[:, part] = numbers.squashed(x, encoder.means_[part], encoder.scales_[part]).T
        gaps = np.isnan(x[encoder.has_missing_[part]])
        out[:, start : start + len(gaps)] = gaps.T
        start += len(gaps)
        count(len(x))
    for places, n_levels in level_places(encoder, table, order):
        end = start + categories.width(n_levels)
        categories.write(places, n_levels, out[:, start:end])
        start = end
    if n_codes:
        for part, x in table.number_blocks(numeric, NO_LONGER_A_NUMBER):
            known = zip(x, encoder.means_[part], encoder.edges_[part], strict=True)
            for row, mean, edges in known:
                if edges.size:
                    end = start + edges.size - 1
                    numbers.write_codes(row, mean, edges, out[:, start:end])
                    start = end
    return out


def columns_known(X: Any, estimator: Any, ignored: Sequence[str]) -> tuple[NamedColumns, list[int]]:
    """Return a table as columns, and where it has each of those that an estimator was fitted to.

    Errors name the estimator; names of the table that are among the ignored are passed over.
    """
    table = columns_of(X, estimator)
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and table.names is not None:
        return table, matched(names.tolist(), table.names, ignored, type(estimator).__name__)
    validate_data(estimator, X, reset=False, skip_check_array=True)
    return table, list(range(table.n_columns))


def _warn_of_codes(cells: Cells, levels: npt.NDArray[np.object_]) -> None:
    """Warn if codes such as 007, none of whose cells is known now, have been read as numbers."""
    if cells.values.dtype.kind in "iuf" and any(CODE.match(text) for text in levels):
        warn_caller(
            f"{cells.label}: no cell is one of the categories that fit saw, such as "
            f"{quoted(levels[0])}, so that all become zeros: codes were read as numbers; give them "
            "as texts, as read_csv does with dtype=str",
            UserWarning,
        )


def plain_width(encoder: Any) -> int:
    """Return how many outputs a fitted encoder has besides codes."""
    n_gaps = int(np.count_nonzero(encoder.has_missing_))
    n_levels = sum(categories.width(len(levels)) for levels in encoder.categories_)
    return int(encoder.means_.size) + n_gaps + n_levels


def level_places(
    encoder: Any, table: NamedColumns, order: Sequence[int]
) -> Iterator[tuple[categories.Codes, int]]:
    """Yield of each categorical column the places of its cells' levels, and how many there are."""
    features = np.flatnonzero(encoder.is_categorical_).tolist()
    for feature, levels in zip(features, encoder.categories_, strict=True):
        cells = table.column(order[feature])
        places = categories.found(*_factorized(cells), levels)
        if places.max() < 0:
            _warn_of_codes(cells, levels)
        yield places, len(levels)
        count(1)


def _factorized(cells: Cells) -> tuple[categories.Codes, list[str]]:
    if not cells.is_category:
        cells.kinds()  # refuses what is no category
    return categories.factorized(cells.values, cells.gaps())
