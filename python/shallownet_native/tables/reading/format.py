"""How a file of rows is written: its delimiter, its numbers, its encoding."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields, replace

from ..._messages.wording import quoted

TAB_ENDINGS = (".tsv", ".tab", ".tsv.gz", ".tab.gz")


@dataclass(frozen=True)
class Format:
    """What has been said of how a file is written; None where nothing has.

    Parameters
    ----------
    delimiter : str or None
        One character between the cells. None: a tab in files that end so, else a comma.
    decimal : str or None
        The decimal point of numbers. None: a point.
    thousands : str or None
        The character between groups of three digits; "" says that there is none.
    encoding : str or None
        Name of a codec. None: UTF-8.
    """

    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None

    @property
    def point(self) -> str:
        """The decimal point."""
        return self.decimal or "."

    def check(self) -> Format:
        """Return this format, or raise ValueError if a number could be read in two ways."""
        if self.thousands != self.point:
            return self
        said = f"--thousands {quoted(self.thousands)} is the decimal point as well"
        if self.decimal:
            raise ValueError(f"{said}, as --decimal says: leave one out")
        raise ValueError(f"{said}: say --decimal, too")

    def separator(self, path: str) -> str:
        """Return the delimiter of the file at this path."""
        if self.delimiter is not None:
            return self.delimiter
        return "\t" if path.lower().endswith(TAB_ENDINGS) else ","

    def over(self, other: Format) -> Format:
        """Return the other format with all that has been said here in its place."""
        said = {name: value for name, value in self.to_dict().items() if value is not None}
        return replace(other, **said)

    def to_dict(self) -> dict[str, str | None]:
        """Return the four by their names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def is_encoding(name: str) -> bool:
    """Tell whether this is a codec that Python has and that makes text of bytes."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)
    except (LookupError, ValueError):
        return False
    return True
