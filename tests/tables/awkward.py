"""A generator of small files in awkward spellings, each with the reading that is right.

All spell one table: what differs is separators, decimals, thousands, quotes, encodings, missing
words, line ends and what stands around the table. `cases()` gives them all.
"""

from __future__ import annotations

import gzip
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

NUMBER, CATEGORY = "number", "category"
M = 24
# Words with a comma, a semicolon or a quote are in `QUOTED`: they need quotes in some files.
COLOURS = ["grün", "rot", "NA", "blau"]
QUOTED = ['a "big" one', "x, y", "u;v", "plain"]
WIDTHS = [5.25 + 1.5 * k if k % 7 else None for k in range(M)]  # two decimals, four missing
TOTALS = [900.5 + 1234.25 * k * k for k in range(M)]  # to 653,818.75
KINDS = ["Täßchen" if k % 3 else "Teller" for k in range(M)]


@dataclass(frozen=True)
class Case:
    """A file's bytes, the options to give, and the right reading of it.

    `columns` are the inputs in order with their kinds, `cells` what stands in them (float or None,
    str or None), `target` the labels or numbers of the rows.
    """

    name: str
    content: bytes
    columns: dict[str, str]
    cells: dict[str, list[Any]]
    target: list[Any]
    options: tuple[str, ...] = ()
    ending: str = ".csv"
    passed_over: str = ""  # what a printed line names
    by_content: bool = True  # standard input tells what the file's ending does


@dataclass(frozen=True)
class Spelling:
    """How a table is written."""

    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    quotes: str = "minimal"  # or "none", "all"
    encoding: str = "utf-8"
    missing: str = ""
    line_end: str = "\n"
    before: str = ""  # before the header
    padding: str = ""  # around cells
    words: list[Any] = field(default_factory=lambda: [COLOURS[k % 4] for k in range(M)])
    kinds: list[str] = field(default_factory=lambda: KINDS)

    def number(self, value: float | None, missing: str) -> str:
        """Spell a number with two decimals."""
        if value is None:
            return missing
        whole, _, decimals = f"{value:,.2f}".partition(".")
        return whole.replace(",", self.thousands) + self.decimal + decimals

    def cell(self, text: str) -> str:
        """Put quotes and blanks around a cell."""
        special = (self.separator, '"', "\n", "\r")
        needed = self.quotes == "minimal" and any(part in text for part in special)
        if self.quotes == "all" or needed:
            return '"' + text.replace('"', '""') + '"'
        return self.padding + text + self.padding

    def rows(self) -> list[list[str]]:
        """Return the cells of the header and of all rows."""
        rows = [["width", "total", "colour", "kind"]]
        for width, total, word, kind in zip(WIDTHS, TOTALS, self.words, self.kinds, strict=True):
            numbers = [self.number(width, self.missing), self.number(total, "")]
            rows.append([*numbers, word or "", kind])
        return rows

    def options(self) -> tuple[str, ...]:
        """Return what a user must say for the file to be read right."""
        given = []
        if self.separator != "," and not self.before.startswith("sep="):
            given += ["--delimiter", self.separator.replace("\t", "\\t")]
        if self.decimal != ".":
            given += ["--decimal", self.decimal]
        if self.thousands:
            given += ["--thousands", self.thousands]
        if self.encoding not in ("utf-8", "utf-8-sig"):
            given += ["--encoding", self.encoding]
        return tuple(given)

    def lines(self) -> list[str]:
        """Return the lines, the header first."""
        return [self.separator.join(map(self.cell, row)) for row in self.rows()]

    def case(self, name: str, lines: list[str] | None = None, **others: Any) -> Case:
        """Return the file, of these lines in place of its own."""
        lines = self.lines() if lines is None else lines
        text = self.before + "".join(line + self.line_end for line in lines)
        columns = {"width": NUMBER, "total": NUMBER, "colour": CATEGORY}
        cells: dict[str, list[Any]] = {"width": WIDTHS, "total": TOTALS, "colour": self.words}
        content = text.encode(self.encoding)
        case = Case(name, content, columns, cells, self.kinds, self.options())
        return replace(case, **others)


PLAIN = Spelling()


def separators() -> Iterator[Case]:
    """Every separator with both decimals and all quotes that can be."""
    for separator, decimal, quotes in itertools.product(",;\t|", ".,", ("none", "minimal", "all")):
        if quotes == "none" and separator == decimal:
            continue  # cannot be written
        words = COLOURS if quotes == "none" else QUOTED
        spelling = Spelling(
            separator, decimal, quotes=quotes, words=[words[k % 4] for k in range(M)]
        )
        shown = {"\t": "tab"}.get(separator, separator)
        yield spelling.case(f"separator {shown} decimal {decimal} quotes {quotes}")


def numbers() -> Iterator[Case]:
    """Thousands, and the words and spellings of numbers."""
    for thousands, decimal, separator in (
        (",", ".", ","), (",", ".", ";"), (".", ",", ";"), (" ", ",", ";"), ("'", ".", ","),
        (" ", ".", ","), (".", ",", "\t"),
    ):  # fmt: skip
        spelling = Spelling(separator, decimal, thousands)
        yield spelling.case(f"thousands [{thousands}] decimal {decimal} separator {separator!r}")
    for word in ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "  "):
        yield Spelling(missing=word).case(f"missing as [{word}]")
        if word in ("NA", "?"):
            yield Spelling(";", ",", ".", "all", missing=word).case(f"missing as [{word}], quoted")
    exotic = ["+5.25", "-3", "5e-1", "1E3", ".5", "5.", "0.75", "0"] * 3
    values = [5.25, -3.0, 0.5, 1000.0, 0.5, 5.0, 0.75, 0.0] * 3
    lines = ["size,kind", *(f"{a},{b}" for a, b in zip(exotic, KINDS, strict=True))]
    yield PLAIN.case("numbers with signs and exponents", lines, columns={"size": NUMBER},
                     cells={"size": values})  # fmt: skip


def encodings() -> Iterator[Case]:
    """Every encoding, with line ends."""
    for encoding, line_end in (
        ("utf-8", "\r\n"), ("utf-8", "\r"), ("utf-8-sig", "\n"), ("utf-8-sig", "\r\n"),
        ("latin-1", "\n"), ("latin-1", "\r\n"), ("utf-16", "\n"), ("utf-16", "\r\n"),
        ("utf-16-le", "\n"), ("cp1252", "\n"), ("cp1252", "\r\n"),
    ):  # fmt: skip
        words = ["œuvre" if encoding == "cp1252" else "grün", "rot", "blau"] * 8
        spelling = Spelling(";", ",", encoding=encoding, line_end=line_end, words=words)
        yield spelling.case(f"{encoding} with {line_end!r}")
    tabs = Spelling("\t", encoding="utf-16", line_end="\r\n", quotes="all")
    yield tabs.case("Excel's Unicode text")


def surroundings() -> Iterator[Case]:
    """What stands before and around the table."""
    yield Spelling(";", ",", before="sep=;\n").case("sep=; line")
    yield Spelling(";", ",", before="sep=;\r\n", line_end="\r\n", encoding="utf-8-sig").case(
        "sep=; line after a mark"
    )
    yield Spelling("\t", before="sep=\t\n").case("sep= line with a tab")
    yield Spelling(before="\n\n").case("blank lines before the header")
    yield Spelling(before="# exported today\n").case("a comment before the header")
    yield Spelling(before="\n# exported, today\n\n#\n").case("comments and blank lines before")
    lines = PLAIN.lines()
    index = [f",{lines[0]}", *(f"{k},{line}" for k, line in enumerate(lines[1:]))]
    yield PLAIN.case("an index without a name", index, passed_over="no name")
    yield PLAIN.case("commas at all ends", [f"{line}," for line in lines], passed_over="no name")
    rows_only = [lines[0], *(f"{line}," for line in lines[1:])]
    yield PLAIN.case("commas at the ends of rows", rows_only)
    blank = [lines[0], "", *lines[1:5], "", "", *lines[5:], "", ""]
    yield PLAIN.case("blank lines inside", blank)
    blanks = [lines[0], "   ", *lines[1:5], "\t", *lines[5:], " "]
    yield PLAIN.case("lines of blanks inside", blanks)
    yield Spelling(padding="  ").case("blanks around cells")
    yield PLAIN.case("no line end at the end", content="\n".join(lines).encode())
    for name, line_break in (("a line feed", "\n"), ("both", "\r\n")):
        words = ["one", f"two{line_break}lines", None, f"three{line_break}{line_break}lines"] * 6
        end = line_break
        yield Spelling(words=words, line_end=end).case(f"line breaks in cells: {name}")
        yield Spelling(";", words=words, line_end=end, quotes="all").case(
            f"line breaks in quoted cells: {name}"
        )


def words() -> Iterator[Case]:
    """Columns that other readers take for what they are not."""
    names = ["NA", "null", "None", "NaN"] * 6
    yield Spelling(words=["rot", *names[1:]]).case("missing words that are names")
    truths = [str(k % 2 == 0) for k in range(M)]
    yield Spelling(words=[[w, w.upper(), w.lower()][k % 3] for k, w in enumerate(truths)]).case(
        "truths in all capitals"
    )
    yield Spelling(words=["01", "02", "10", "11"] * 6).case("codes with a zero before")
    yield Spelling(words=["=1+1", "-", "@x", "#y"] * 6).case("formulas and signs")
    for name, labels in (("0 and 1", ["0", "1"] * 12), ("1 and 1.0", ["0", "1", "0.0", "1.0"] * 6)):
        yield Spelling(kinds=labels).case(f"labels {name}")
    amounts = [f"{1000.5 + 17.25 * k * k:.2f}".replace(".", ",") for k in range(M)]
    target = [1000.5 + 17.25 * k * k for k in range(M)]
    yield Spelling(";", ",", kinds=amounts).case("a target with decimal commas", target=target)


def endings() -> Iterator[Case]:
    """What the name's ending says."""
    tabs = Spelling("\t", quotes="none")
    lines = tabs.case("", options=()).content
    for ending, content in (
        (".tsv", lines), (".TSV", lines), (".tsv.gz", gzip.compress(lines, mtime=0)),
    ):  # fmt: skip
        yield tabs.case(f"ending {ending}", ending=ending, content=content, options=(),
                        by_content=False)  # fmt: skip
    packed = gzip.compress(PLAIN.case("").content, mtime=0)
    yield PLAIN.case("ending .csv.gz", ending=".csv.gz", content=packed, by_content=False)
    yield Spelling(";", ",", ".", encoding="latin-1").case("semicolons and Latin-1")


def parquet() -> Case:
    """Return the table as Parquet; needs pyarrow."""
    import pyarrow
    import pyarrow.parquet

    colours = [COLOURS[k % 4] if k % 5 else None for k in range(M)]
    columns = {"width": WIDTHS, "total": TOTALS, "colour": colours}
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({**columns, "kind": KINDS}), stream)
    case = Spelling(words=colours).case("Parquet", ending=".parquet", by_content=False)
    return replace(case, content=stream.getvalue())


def cases() -> list[Case]:
    """Return all cases but Parquet's."""
    kinds = (separators, numbers, encodings, surroundings, words, endings)
    return [case for kind in kinds for case in kind()]
