"""The bytes of a table, in UTF-8, from a file or from standard input: the same way for both."""

from __future__ import annotations

import codecs
import errno
import gzip
import io
import os
import re
import stat
import sys
import zlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ..._messages.output import naming
from .format import Format

STANDARD_INPUT = "-"
CHUNK = 2**19  # bytes that are looked at at once, with several arrays for each
MAX_LINE = 2**24  # bytes of one line: a table of a million columns has shorter ones
PARQUET, GZIP, ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04"
UTF_8_MARK = b"\xef\xbb\xbf"
WIDE_MARKS = {  # the longer ones first
    b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}  # fmt: skip
ONLY_IN_CP1252 = re.compile(rb"[\x80-\x9f]")  # quotes and the euro; in Latin-1 nothing printable


@dataclass(frozen=True)
class Source:
    """A table's bytes and what errors call it."""

    name: str
    path: str
    data: bytes  # in UTF-8 without a mark; of Parquet as they are

    @property
    def is_parquet(self) -> bool:
        """Whether these are the bytes of a Parquet file."""
        return self.data.startswith(PARQUET)


def read_source(path: str, how: Format) -> Source:
    """Return the bytes of a table.

    Parameters
    ----------
    path : str
        A file, or ``-`` for standard input. Compressed by gzip, it is unpacked.
    how : Format
        Of which the encoding is looked at.

    Raises
    ------
    ValueError
        If it is no regular file, no text, or text in another encoding.
    OSError
        If it cannot be opened or read.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    with naming(name), _opened(path) as stream:
        data = stream.read()
    if data.startswith(GZIP):
        data = _unpacked(name, data)
    if data.startswith(PARQUET):
        return Source(name, path, data)
    if data.startswith(ZIP):
        raise ValueError(f"{name}: a zip archive, as .xlsx files are: export the table as CSV")
    data = _to_utf_8(name, data, how.encoding)
    _check_lines(name, data)
    return Source(name, path, data)


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise ValueError("standard input is closed: name a file")
        if not hasattr(sys.stdin, "buffer"):  # a program has put text in its place
            return io.BytesIO(sys.stdin.read().encode())
        return nullcontext(sys.stdin.buffer)  # which is not ours to close
    # a FIFO would be waited for until somebody writes to it
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        raise ValueError(f"{path}: not a regular file: send it through standard input, as -")
    return open(descriptor, "rb", buffering=0)


def _unpacked(name: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name}: damaged, it cannot be unpacked by gzip ({error})") from error


def _to_utf_8(name: str, data: bytes, encoding: str | None) -> bytes:
    """Return text in UTF-8 without a mark at its beginning."""
    wide = _wide_encoding(data)
    if encoding is not None and codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig"):
        try:
            if not wide and codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
                raise UnicodeError("no byte of its beginning is zero")
            if _is_one_byte(encoding) and not data.isascii() and _is_utf_8(data):
                raise ValueError(f"{name}: UTF-8 text, not {encoding}: say --encoding utf-8")
            return data.decode(encoding).lstrip("\ufeff").encode()
        except UnicodeError as error:
            text = f"it cannot be read as {encoding}: say --encoding utf-8, or another"
            raise ValueError(f"{name}: {text}") from error
    if wide:
        kind = wide[:6].upper()
        raise ValueError(f"{name}: not UTF-8 text but {kind}: say --encoding {wide}")
    while data.startswith(UTF_8_MARK):
        data = data.removeprefix(UTF_8_MARK)
    start = data.find(b"\0")
    if start >= 0:
        raise ValueError(f"{name}, line {line_at(data, start)}: a NUL byte: this is no text")
    if not data.isascii():
        _check_utf_8(name, data)
    return data


def _is_one_byte(encoding: str) -> bool:
    """Tell whether this codec makes a letter of every byte, so that it reads anything."""
    return codecs.lookup(encoding).name.startswith(("iso8859", "cp125", "koi8", "mac"))


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide_encoding(data: bytes) -> str:
    """Name the UTF-16 or UTF-32 of a text: it has a mark, or zeros in every other place."""
    for mark, encoding in WIDE_MARKS.items():
        if data.startswith(mark):
            return encoding
    head = data[:1000]
    n_even, n_odd = head[::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(n_even, n_odd) <= 0.4 * len(head) or min(n_even, n_odd):
        return ""
    return "utf-16-be" if n_even else "utf-16-le"


def _check_utf_8(name: str, data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        is_cp1252 = ONLY_IN_CP1252.search(data)
        like, encoding = ("Windows-1252", "cp1252") if is_cp1252 else ("Latin-1", "latin-1")
        raise ValueError(
            f"{name}, line {line_at(data, error.start)}: not UTF-8 text: it reads like {like}, say "
            f"--encoding {encoding}, or convert it, e.g. with iconv"
        ) from error


def _check_lines(name: str, data: bytes) -> None:
    """Refuse a file with a line of many megabytes before anything takes it apart."""
    start, end = 0, b"\n" if b"\n" in data[:MAX_LINE] else b"\r"
    while len(data) - start > MAX_LINE:
        found = data.rfind(end, start, start + MAX_LINE)
        if found < 0:
            line = line_at(data, start)
            raise ValueError(f"{name}, line {line}: longer than {MAX_LINE >> 20} MiB: no table")
        start = found + 1


def line_at(data: bytes, position: int) -> int:
    """Return the number of the line in which a byte stands."""
    n_breaks = data.count(b"\n", 0, position) or data.count(b"\r", 0, position)
    return n_breaks + 1


def may_hold_codes(data: bytes, delimiter: str) -> bool:
    """Tell whether some cell may begin with a zero and another digit, as codes do: 007."""
    before = np.zeros(256, bool)
    before[[ord(c) for c in f'{delimiter}\n\r" ' if ord(c) < 256]] = True
    for start in range(0, len(data), CHUNK):
        block = np.frombuffer(data, np.uint8, min(CHUNK + 2, len(data) - start), start)
        is_zero = np.flatnonzero(block[1:-1] == ord("0"))
        digits = block[is_zero + 2]
        if np.any(before[block[is_zero]] & (digits >= ord("0")) & (digits <= ord("9"))):
            return True
    return False
