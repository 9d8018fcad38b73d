"""What may be written over: one place that decides, for `save`, checkpoints and the commands.

A file is replaced by one of its own kind or not at all, and no input by anything. What a file is,
its first bytes say, not its name.
"""

from __future__ import annotations

import codecs
import csv
import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from .snet import MAGIC

HEAD = 4096  # bytes that tell what a file is
STANDARD_INPUT, STANDARD_OUTPUT, STANDARD_ERROR = 0, 1, 2

# how files begin, by what they are; pictures by their ending
MARKS = {
    "a .snet file": re.escape(MAGIC),
    "a picture": rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP",
    "a PDF file": rb"%PDF-",
    "a zip archive (as .npz and .xlsx files are)": rb"PK\x03\x04",
    "a NumPy array": rb"\x93NUMPY",
    "an HDF5 file": rb"\x89HDF",
}
PICTURES = {
    "png": rb"\x89PNG\r\n\x1a\n", "jpg": rb"\xff\xd8\xff", "jpeg": rb"\xff\xd8\xff",
    "gif": rb"GIF8", "webp": rb"RIFF.{4}WEBP", "avif": rb".{4}ftypavi[fs]", "pdf": rb"%PDF-",
    "ps": rb"%!PS", "eps": rb"%!PS", "tif": rb"II\*\0|MM\0\*", "tiff": rb"II\*\0|MM\0\*",
    "svg": rb".*<svg\b", "svgz": rb"\x1f\x8b", "pgf": rb"%% Creator: Matplotlib",
}  # fmt: skip


class Kind(NamedTuple):
    """A kind of file that may be replaced."""

    name: str  # with its article
    is_one: Callable[[str], bool]  # tells of the file at a path
    is_mine: bool = False  # of one writer, which must not replace even what comes while it writes


def snet_file() -> Kind:
    """Return the kind of all `.snet` files."""
    return Kind("a .snet file", lambda path: head_of(path).startswith(MAGIC))


def table_file(delimiter: str) -> Kind:
    """Return the kind of CSV files: text with as many cells on every line.

    Cells are told apart by this delimiter or by a comma, as an earlier file may have it.
    """
    return Kind("a CSV file", lambda path: any(_is_table(path, d) for d in {delimiter, ","}))


def picture_file(path: str) -> Kind:
    """Return the kind of pictures that a path's ending names; of unknown ones there are none."""
    ending = os.path.splitext(path)[1].removeprefix(".").lower()
    mark = re.compile(PICTURES.get(ending, rb"(?!)"), re.DOTALL)
    return Kind(f"a picture of the kind {ending}", lambda path: bool(mark.match(head_of(path))))


def check_replaceable(
    path: str, kind: Kind, in_use: Sequence[os.stat_result] = ()
) -> os.stat_result | None:
    """Return the status of the file that may be replaced there, or None if there is none.

    Parameters
    ----------
    path : str
        A symbolic link stands for what it points to. An empty file holds nothing to lose: it may
        be replaced, whatever the kind.
    kind : Kind
        Of the file that is to be written.
    in_use : sequence of os.stat_result
        Files that must not be replaced under any name: see `in_use`.

    Raises
    ------
    ValueError
        If the path does not end in a name.
    FileExistsError
        If the file is in use or of another kind.
    PermissionError
        If nobody may write to it, even where the system would let a superuser do it, or this
        process may not.
    OSError
        If it is no regular file, or cannot be looked at.
    """
    if not os.path.basename(path):
        raise ValueError(f"a path must end in the name of a file, got {path!r}")
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file, so it cannot be replaced", path)
    if any(os.path.samestat(status, other) for other in in_use):
        raise _exists("this command reads this file, or writes to it", path)
    if not status.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise PermissionError(
            errno.EACCES, "this file is read-only: make it writable, or give another path", path
        )
    if status.st_size and not kind.is_one(path):
        raise _exists(f"the file that is there is {description(path)}, not {kind.name}", path)
    return status


def in_use(paths: Iterable[str]) -> list[os.stat_result]:
    """Return the status of a command's inputs, "-" for standard input, and of its output."""
    inputs = (STANDARD_INPUT if path == "-" else path for path in paths)
    looks = map(_status, (*inputs, STANDARD_OUTPUT, STANDARD_ERROR))
    return [status for status in looks if status is not None]


def description(path: str) -> str:
    """Return in a few words what a file is."""
    head = head_of(path)
    for name, mark in MARKS.items():
        if re.match(mark, head, re.DOTALL):
            return name
    return "text" if _is_text(head) else "binary data of an unknown kind"


def head_of(path: str) -> bytes:
    """Return the first bytes of a file."""
    with open(path, "rb") as stream:
        return stream.read(HEAD)


def _exists(what: str, path: str) -> FileExistsError:
    advice = "it is left as it is: give another path, or move that file away"
    return FileExistsError(errno.EEXIST, f"{what}; {advice}", path)


def _status(file: str | int) -> os.stat_result | None:
    try:
        return os.stat(file)
    except (OSError, ValueError):  # not there, or closed: whoever reads it says so
        return None


def _is_text(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # it may end inside a character
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _is_table(path: str, delimiter: str) -> bool:
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(_text_lines(stream), delimiter=delimiter, strict=True)
            widths = {len(row) for row in rows if row}
    except (UnicodeDecodeError, csv.Error):
        return False
    return len(widths) == 1


def _text_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise csv.Error("binary data")
        yield line
