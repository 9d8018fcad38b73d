"""A table as a network looks it up: levels and codes as places of rows, never multiplied out.

What `TableEncoder` makes of the same table is these inputs multiplied out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...files import Record
from . import categories, numbers, record
from .columns import NO_LONGER_A_NUMBER, learned, level_places
from .encoder import TableEncoder
from .frames import Cells, NamedColumns
from .watching import count, watched

MAX_BINS, MIN_BINS, ROWS_PER_BIN = 64, 16, 32  # of a column of numbers, where nobody says how many


class Lookups(NamedTuple):
    """The inputs of a network of tables, as the core takes them; n rows.

    Attributes
    ----------
    dense : ndarray of float32, shape (n, d)
        Numbers, squashed, but for constant columns; then their gaps, and categories of one level
        (0 and 1) or two (-1 and 1). One column of zeros if there is nothing else at all.
    levels : ndarray of int32, shape (n, L)
        Of each category of three levels or more, the place of a row's level among those of all
        columns; -1 where missing or unknown.
    n_levels : int
    bins, fractions : ndarray of int32 and float32, shape (n, C)
        Of each column with codes, the bin of a row, and how far it has come through it.
    n_bins : ndarray of int32, shape (C,)
    """

    dense: npt.NDArray[np.float32]
    levels: npt.NDArray[np.int32]
    n_levels: int
    bins: npt.NDArray[np.int32]
    fractions: npt.NDArray[np.float32]
    n_bins: npt.NDArray[np.int32]

    @property
    def n_inputs(self) -> int:
        """How many inputs there are, multiplied out."""
        return int(self.dense.shape[1] + self.n_levels + self.n_bins.sum())

    @property
    def has_codes(self) -> bool:
        """Whether any column has codes."""
        return self.n_bins.size > 0

    def without_codes(self) -> Lookups:
        """Return the same inputs but for the codes."""
        none = np.zeros((len(self.dense), 0), np.int32)
        return self._replace(bins=none, fractions=none.astype(np.float32), n_bins=self.n_bins[:0])

    def rows(self, chosen: Any) -> Lookups:
        """Return some of the rows: a slice, numbers or a mask."""
        rows = (self.dense, self.levels, self.bins, self.fractions)
        dense, levels, bins, fractions = (np.ascontiguousarray(part[chosen]) for part in rows)
        return self._replace(dense=dense, levels=levels, bins=bins, fractions=fractions)


def fit_encoder(table: NamedColumns, categorical_features: Any, n_bins: Any) -> TableEncoder:
    """Return an encoder fitted to a table; its edges are for codes that are looked up.

    Bins may be "auto", as many as the rows allow, or None, without codes.
    """
    if n_bins == "auto":
        n_bins = min(MAX_BINS, max(MIN_BINS, table.n_rows // ROWS_PER_BIN))
    fitted = learned(table, categorical_features, n_bins, numbers.MAX_LOOKED_UP)
    encoder = TableEncoder(categorical_features=categorical_features)
    if n_bins is not None:
        encoder.set_params(encoding="piecewise", n_bins=n_bins)
    encoder.__dict__.update(fitted)
    return encoder


def some_rows(table: NamedColumns, chosen: npt.NDArray[np.int64]) -> NamedColumns:
    """Return a table of some of the rows of another."""

    def column(j: int) -> Cells:
        cells = table.column(j)
        missing = None if cells.missing is None else cells.missing[chosen]
        return replace(cells, values=cells.values[chosen], missing=missing)

    return replace(table, n_rows=len(chosen), column=column)


def look_up(encoder: TableEncoder, table: NamedColumns, order: Sequence[int]) -> Lookups:
    """Return a table's inputs, codes included if the fitted encoder has edges.

    `order` is where the table has each of the encoder's columns.
    """
    with watched(len(order)):
        return _looked_up(encoder, table, order)


def _looked_up(encoder: TableEncoder, table: NamedColumns, order: Sequence[int]) -> Lookups:
    numeric = np.array(order)[~encoder.is_categorical_].tolist()
    n = table.n_rows
    varying = np.flatnonzero(encoder.scales_ > 0)
    gapped = np.flatnonzero(encoder.has_missing_)
    counts = [len(levels) for levels in encoder.categories_]
    few = [count for count in counts if 0 < count <= 2]
    many = [count for count in counts if count > 2]
    d = varying.size + gapped.size + len(few)
    dense = np.zeros((n, max(d, 1 - bool(many))), np.float32)
    edges = {k: one for k, one in enumerate(encoder.edges_) if one.size}
    bins = np.zeros((n, len(edges)), np.int32)
    fractions = np.zeros((n, len(edges)), np.float32)
    at = {k: c for c, k in enumerate(edges)}
    for part, x in table.number_blocks(numeric, NO_LONGER_A_NUMBER):
        here = np.flatnonzero(encoder.scales_[part] > 0)
        squashed = numbers.squashed(x, encoder.means_[part], encoder.scales_[part])
        dense[:, np.searchsorted(varying, part.start + here)] = squashed[here].T
        here = np.flatnonzero(encoder.has_missing_[part])
        places = varying.size + np.searchsorted(gapped, part.start + here)
        dense[:, places] = np.isnan(x[here]).T
        for k, row in enumerate(x, part.start):
            if k in at:
                c, mean = at[k], encoder.means_[k]
                numbers.place_in_bins(row, mean, edges[k], bins[:, c], fractions[:, c])
        count(len(x))
    levels = np.full((n, len(many)), -1, np.int32)
    _place_levels(encoder, table, order, dense[:, varying.size + gapped.size :], levels)
    n_bins = np.array([one.size - 1 for one in edges.values()], np.int32)
    return Lookups(dense, levels, sum(many), bins, fractions, n_bins)


def _place_levels(
    encoder: TableEncoder,
    table: NamedColumns,
    order: Sequence[int],
    dense: npt.NDArray[np.float32],
    levels: npt.NDArray[np.int32],
) -> None:
    """Write categories of one or two levels into `dense`, and the places of others in `levels`."""
    d, column, first = 0, 0, 0
    for places, n_levels in level_places(encoder, table, order):
        if n_levels > 2:
            levels[:, column] = np.where(places >= 0, first + places, -1)
            column, first = column + 1, first + n_levels
        elif n_levels:
            categories.write(places, n_levels, dense[:, d : d + 1])
            d += 1


def input_places(encoder: TableEncoder) -> npt.NDArray[np.int64]:
    """Return at which of the encoder's outputs each input stands, -1 for that of zeros.

    The outputs are those of a fitted encoder, codes included if it has edges.
    """
    n_numbers = encoder.scales_.size
    varying = np.flatnonzero(encoder.scales_ > 0).tolist()
    n_gaps = int(np.count_nonzero(encoder.has_missing_))
    few: list[int] = []
    many: list[int] = []
    place = n_numbers + n_gaps
    for levels in encoder.categories_:
        wide = categories.width(len(levels))
        (few if wide == 1 else many).extend(range(place, place + wide))
        place += wide
    codes = range(place, place + sum(one.size - 1 for one in encoder.edges_ if one.size))
    found = [*varying, *range(n_numbers, n_numbers + n_gaps), *few, *many, *codes]
    return np.array(found or [-1], np.int64)


def pack_encoder(encoder: TableEncoder) -> Record:
    """Return what a file holds of an encoder for codes that are looked up."""
    return record.pack(encoder, numbers.MAX_LOOKED_UP)


def unpack_encoder(packed: Record) -> Any:
    """Return the encoder that `pack_encoder` packed, or raise ModelFormatError."""
    return record.unpack(TableEncoder, packed, numbers.MAX_LOOKED_UP)
