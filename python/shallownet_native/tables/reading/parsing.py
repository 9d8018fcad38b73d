"""What pandas makes of a file's rows, and what it would pass over in silence."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

from ..._extras.importing import import_optional
from .defects import check_rows
from .format import Format
from .header import Layout
from .source import Source
from .spellings import MISSING_WORDS

Told = Callable[[int], object]

NAMELESS = "\0"  # begins the name that a column without one has meanwhile
MISSING = sorted({case(word) for word in MISSING_WORDS for case in (str, str.upper, str.title)})
MISSING += ["NaN", "N/a"]


class Watched(io.BytesIO):
    """Bytes that tell how many of them have been read."""

    told: Told | None = None

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, as `io.BytesIO` does."""
        return self._seen(super().read(size))

    def read1(self, size: int | None = -1) -> bytes:
        """Return the next bytes, as `io.BytesIO` does; pandas 2 calls this."""
        return self._seen(super().read1(size))

    def _seen(self, part: bytes) -> bytes:
        if self.told is not None:
            self.told(len(part))
        return part


def read_csv(source: Source, layout: Layout, told: Told | None = None, **more: Any) -> Any:
    """Call pandas' reader on the rows, with names by position for columns that have none."""
    pandas = import_optional("pandas", extra="cli", purpose="reading a table")
    stream = Watched(source.data)
    stream.told = told
    stream.seek(layout.start)
    names = [name or f"{NAMELESS}{k}" for k, name in enumerate(layout.names)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pandas.errors.DtypeWarning)  # such a column is read as text
        warnings.simplefilter("error", pandas.errors.ParserWarning)
        return pandas.read_csv(
            stream,
            sep=layout.delimiter,
            header=None,
            names=names,
            index_col=False,
            skipinitialspace=layout.skips_blanks,
            engine="c",
            encoding="utf-8",
            **more,
        )


def parse(source: Source, layout: Layout, how: Format, told: Told | None = None) -> Any | None:
    """Return what pandas reads, or None where all rows end in a delimiter that the header lacks.

    pandas passes over quotes out of place, and fills short rows: those leave the last cell empty.
    """
    pandas = import_optional("pandas", extra="cli", purpose="reading a table")
    if b'"' in source.data and check_rows(source, layout):
        return None
    try:
        frame = read_csv(
            source,
            layout,
            told,
            keep_default_na=False,
            na_values=MISSING,
            decimal=how.point,
        )
    except pandas.errors.EmptyDataError:
        raise ValueError(f"{source.name}: there are no rows below the header") from None
    except (pandas.errors.ParserError, pandas.errors.ParserWarning) as error:
        if check_rows(source, layout):
            return None
        raise ValueError(f"{source.name}: not a CSV file that can be read: {error}") from error
    if frame.iloc[:, -1].isna().any():
        check_rows(source, layout)
    if not layout.names[0]:
        del frame[f"{NAMELESS}0"]
    return frame


def read_parquet(source: Source) -> Any:
    """Return the columns of a Parquet file."""
    pandas = import_optional("pandas", extra="cli", purpose="reading a table")
    import_optional("pyarrow", extra="parquet", purpose="reading a Parquet file")
    try:
        frame = pandas.read_parquet(io.BytesIO(source.data), engine="pyarrow")
    except (OSError, ValueError, NotImplementedError) as error:
        raise ValueError(f"{source.name}: no Parquet file that can be read: {error}") from error
    if None not in frame.index.names:  # pandas keeps such columns apart; to_csv writes them, too
        frame = frame.reset_index(allow_duplicates=True)
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise ValueError(f"{source.name}: the file has names of columns twice: rename one")
    frame.columns = names
    return frame.reset_index(drop=True)
