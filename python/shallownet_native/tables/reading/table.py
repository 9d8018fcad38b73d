"""A table in memory: what pandas read of a file, with the texts of its cells where they matter.

pandas infers which columns are numbers, in one pass. Only columns that are none, and those whose
spelling is asked for, are read once more as texts.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.importing import import_optional
from ..._messages.wording import did_you_mean, quoted, shortened
from . import spellings
from .defects import line_of
from .format import Format
from .header import Layout, find_layout, other_delimiter
from .parsing import Told, parse, read_csv, read_parquet
from .source import Source, may_hold_codes, read_source

Texts = npt.NDArray[np.object_]
FloatArray = npt.NDArray[np.float64]
NUMBER, CATEGORY = "number", "category"


def read_table(
    path: str, said: Format, *, otherwise: Format | None = None, told: Told | None = None
) -> Table:
    """Read a table with names in its first line: a CSV file, gzipped or not, or a Parquet file.

    Parameters
    ----------
    path : str
        A file; ``-`` is standard input.
    said : Format
        How it is written, as far as it has been said; nothing may be of a Parquet file.
    otherwise : Format or None
        How a CSV file is written where nothing has been said.
    told : callable, optional
        Called with the number of bytes each time that pandas has read some.

    Raises
    ------
    MissingPackageError
        If pandas is not installed, or pyarrow for Parquet.
    ValueError
        If it is no such file, with the line where there is one.
    OSError
        If it cannot be opened or read.
    """
    import_optional("pandas", extra="cli", purpose="reading a table")
    how = (said if otherwise is None else said.over(otherwise)).check()
    source = read_source(path, how)
    if source.is_parquet:
        for option in (name for name, value in said.to_dict().items() if value is not None):
            raise ValueError(
                f"{source.name}: this is a Parquet file, for which --{option} says nothing"
            )
        return Table(source, said, None, read_parquet(source))
    layout = find_layout(source, how)
    frame = parse(source, layout, how, told)
    if frame is None:
        layout = dataclasses.replace(layout, names=(*layout.names, ""))  # what each row ends in
        frame = parse(source, layout, how)
    assert frame is not None
    return Table(source, how, layout, frame)


class Table:
    """The rows of a file by column; see `read_table`.

    Attributes
    ----------
    source : str
        What errors call it.
    names : list of str
        The columns, without those that have no name.
    nameless : list of str
        What pandas' `read_csv` calls those.
    n_rows : int
    notes : list of str
        What was passed over, a line each.
    """

    def __init__(self, source: Source, how: Format, layout: Layout | None, frame: Any) -> None:
        self.source = source.name
        self.format = how
        self._bytes, self._layout, self._frame = source, layout, frame
        self._texts: dict[str, Any] = {}  # pandas' Categoricals
        self.notes = list(layout.notes) if layout else []
        self.names = [str(name) for name in frame.columns]
        names = layout.names if layout else ()
        self.nameless = [f"Unnamed: {k}" for k, name in enumerate(names) if not name]
        self.n_rows = len(frame)
        if layout and not layout.names[-1]:
            self._pass_over_last(len(layout.names))
        if not self.n_rows:
            raise ValueError(f"{self.source}: there are no rows below the header")

    def _pass_over_last(self, number: int) -> None:
        """Leave out a last column that has no name, if nothing is in it."""
        name = self._frame.columns[-1]
        if not self._frame[name].isna().all():
            raise ValueError(f"{self.source}: column {number} has no name in the header: add one")
        del self._frame[name]
        self.names.pop()
        self.notes.append(f"column {number} has no name and no values: it is passed over")

    def where(self, index: int) -> str:
        """Say where a row stands in the file."""
        if self._layout is None:
            return f"{self.source}, row {index + 1}"
        return f"{self.source}, line {line_of(self._bytes, self._layout, index)}"

    def where_text(self, name: str, text: str) -> str:
        """Say where a text of `levels` stands first in its column."""
        codes, texts = self.levels(name)
        return self.where(int(np.flatnonzero(codes == texts.index(text))[0]))

    def check_names(self, names: Iterable[str], user: str) -> None:
        """Raise ValueError, with the nearest name, if a column that `user` names is not here."""
        here = {*self.names}
        if user == "--drop" and self._layout and "" in self._layout.names:
            here.add("")  # what has no name is left out anyway
        for name in names:
            if name in here:
                continue
            if not name:
                raise ValueError(
                    f"{self.source}: {user}: a column that has no name cannot be used: give it one "
                    "in the header"
                )
            hint = did_you_mean(name, self.names) or "the first line must be a header"
            delimiter = other_delimiter(self.names, name) if self._layout else ""
            if delimiter:
                hint = f"say --delimiter '{delimiter}'"
            parts = [part.strip() for part in name.split(",")]
            if len(parts) > 1 and here.issuperset(parts):
                hint = "repeat " + " ".join(f"{user} {part}" for part in parts)
            raise ValueError(
                f"{self.source}: there is no column {quoted(name)} for {user}; {hint} "
                f"(columns: {shortened(self.names)})"
            )

    @property
    def delimiter(self) -> str:
        """What is between the cells; a comma where nothing is."""
        return self._layout.delimiter if self._layout else ","

    @functools.cached_property
    def may_hold_codes(self) -> bool:
        """Whether some cell begins with a zero and another digit."""
        layout = self._layout
        return layout is not None and may_hold_codes(self._bytes.data, layout.delimiter)

    def is_empty(self, name: str) -> bool:
        """Tell whether all cells of a column are missing."""
        return bool(self._frame[name].isna().all())

    def is_number(self, name: str) -> bool:
        """Tell whether every cell of a column was read as a number, or as missing."""
        return self._frame[name].dtype.kind in "iuf"

    def is_truth(self, name: str) -> bool:
        """Tell whether every cell of a column is true or false."""
        return bool(self._frame[name].dtype.kind == "b")

    def is_date(self, name: str) -> bool:
        """Tell whether a column came as dates: only Parquet says so."""
        return self._frame[name].dtype.kind in "mM"

    def read_texts(self, names: Iterable[str]) -> None:
        """Read the texts of these columns now, in one pass, instead of one by one later."""
        pandas = import_optional("pandas", extra="cli", purpose="reading a table")
        wanted = [name for name in names if name not in self._texts]
        if not wanted:
            return
        if self._layout is None:
            for name in wanted:
                column = self._frame[name].astype(object)
                texts = column.map(str).where(column.notna(), "")
                self._texts[name] = pandas.Categorical(texts)
            return
        positions = [self._layout.names.index(name) for name in wanted]
        # not as "category", of which pandas makes numbers where it can
        frame = read_csv(
            self._bytes, self._layout, usecols=positions, dtype=object, na_filter=False
        )
        for name in wanted:
            self._texts[name] = pandas.Categorical(frame[name])

    def verbatim(self, name: str) -> Texts:
        """Return a column's cells (n_rows,) as the file has them."""
        self.read_texts([name])
        column = self._texts[name]
        cells: Texts = np.array([*column.categories], object)[column.codes]
        return cells

    def levels(self, name: str) -> tuple[npt.NDArray[np.intp], list[str]]:
        """Return the different texts of a column, without blanks around them, in the file's order.

        Returns
        -------
        codes : ndarray of int, shape (n_rows,)
            Which of the texts each cell is.
        texts : list of str
            An empty cell is "".
        """
        pandas = import_optional("pandas", extra="cli", purpose="reading a table")
        column = self._frame[name]
        is_plain = name not in self._texts and column.dtype.kind in "iu"
        if is_plain and not self.may_hold_codes:  # the texts are the whole numbers'
            codes, unique = pandas.factorize(column)
            return codes, [str(number) for number in unique]
        self.read_texts([name])
        column = self._texts[name]
        codes, firsts = pandas.factorize(column.codes)
        texts = [str(column.categories[first]).strip() for first in firsts]
        same = {text: k for k, text in enumerate(dict.fromkeys(texts))}
        places = np.array([same[text] for text in texts], np.intp)
        return places[codes], [*same]

    def words(self, name: str) -> Texts:
        """Return a column's cells (n_rows,) as words: None where a cell is empty."""
        codes, texts = self.levels(name)
        return np.array([text or None for text in texts], object)[codes]

    def numbers(self, name: str) -> FloatArray:
        """Return a column's cells (n_rows,) as numbers, NaN where one is missing.

        Raises
        ------
        ValueError
            If a cell is neither, naming its line and what to do.
        """
        column = self._frame[name]
        if column.dtype.kind in "iufb":
            numbers: FloatArray = column.to_numpy(np.float64, na_value=np.nan)
            return numbers
        if self.is_date(name):
            raise ValueError(f"{self.source}: column {quoted(name)} has dates, a number is needed")
        codes, unique = self.levels(name)
        known = spellings.are_numbers(unique, self.format)
        known |= [spellings.is_missing(text) for text in unique]
        if not known.all():
            raise ValueError(self.no_number(name, unique[int(known.argmin())]))
        return spellings.to_floats(unique, self.format)[codes]

    def no_number(self, name: str, text: str) -> str:
        """Say that a cell of a column of numbers is none, and what to do."""
        there = [t for t in self.levels(name)[1] if not spellings.is_missing(t)]
        slip = spellings.find_slip(there, self.format)
        reads, remedy = "", "mend this cell"
        if slip is not None:
            text, reads, remedy = slip.text, f" ({slip.reads_like})", slip.remedy
        return (
            f"{self.where_text(name, text)}: column {quoted(name)} is numeric but has "
            f"{quoted(text)}{reads}: {remedy}"
        )

    def frame(self, columns: Mapping[str, str], *, takes_truths: bool = False) -> Any:
        """Return a pandas DataFrame of these columns: numbers as float64, categories as words.

        Parameters
        ----------
        columns : mapping of str to {"number", "category"}
        takes_truths : bool
            Whether a column of true and false is one of the numbers 1 and 0.

        Raises
        ------
        ValueError
            If a column is not here, or a cell of a column of numbers is none.
        """
        pandas = import_optional("pandas", extra="cli", purpose="reading a table")
        self.check_names(columns, "the model")
        self.read_texts(name for name, kind in columns.items() if kind == CATEGORY)
        for name in (n for n, kind in columns.items() if kind == NUMBER and self.is_truth(n)):
            if not takes_truths:
                texts = self.levels(name)[1]
                text = next(text for text in texts if not spellings.is_missing(text))
                raise ValueError(self.no_number(name, text))
        parts = {
            name: self.numbers(name) if kind == NUMBER else self.words(name)
            for name, kind in columns.items()
        }
        return pandas.DataFrame(parts, copy=False)
