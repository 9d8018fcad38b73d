"""The bytes of a `.snet` file: one record (a kind, JSON fields, named arrays) to bytes and back.

`docs/file-format.md` describes every byte. Reading trusts nothing: sizes are compared before
anything is allocated, the SHA-256 covers every byte, the JSON is strict, and nothing in a file can
name code. Knows only names, arrays and JSON values; imports nothing of the package.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

MAGIC = b"\x89SNET\r\n\x1a"  # not text, and damaged by any conversion of line ends
VERSION = 3
# the newest of each kind that has more than 1; a file has the oldest that can say it
NEWEST = {"parameters": 3}
HEADER = struct.Struct("<8sIIQQQ24x")  # magic, version, reserved, sizes: metadata, arrays, file
CHECKSUM_BYTES = 32
MAX_METADATA_BYTES = 2**18  # the worst that they can hold is refused in 30 ms
MAX_DEPTH = 16
MAX_CONTAINERS = 2**15  # lists and objects in a file: dear to make, and 256 KiB need no more
DTYPES: dict[str, np.dtype[Any]] = {name: np.dtype(name) for name in ("<f4", "<f8", "<i8")}
DTYPE_NAMES = "float32, float64 and int64"
MAX_ARRAYS = 64
CHUNK = 2**23  # bytes that are put together, hashed and written at once: some 10 ms
_STEPS = np.zeros(256, np.int8)  # what each character does to the depth
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1
_LONG_NUMBER = re.compile(r"[0-9.eE+-]{33}")  # a float64 needs 24 characters; digits cost time


class ModelFormatError(ValueError):
    """A file is not a whole and well-formed `.snet` file."""

    __module__ = "shallownet_native"

    def __init__(self, message: str) -> None:
        # names in the message may come from the file, which may make them as long as it likes
        is_long = len(message) > 800
        super().__init__(f"{message[:400]} ... {message[-400:]}" if is_long else message)


@dataclass(frozen=True)
class Record:
    """What a file holds: the kind of thing, its JSON fields and its arrays by name."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    version: int = 1


def encode(record: Record) -> bytes:
    """Return the bytes of a file that holds `record`, as `chunks` does."""
    return b"".join(chunks(record))


def chunks(record: Record) -> Iterator[bytes]:
    """Return the bytes of a file that holds `record` piece by piece; the last ends in the checksum.

    Raises
    ------
    ValueError
        If a field is not finite JSON, an array's dtype has no place in the format or the metadata
        are larger than the format allows.
    """
    arrays = {name: np.asarray(array, order="C") for name, array in record.arrays.items()}
    arrays = {name: a.astype(a.dtype.newbyteorder("<"), copy=False) for name, a in arrays.items()}
    for name, array in arrays.items():
        if array.dtype.str not in DTYPES:
            raise ValueError(f"array {name!r} has dtype {array.dtype}, a file holds {DTYPE_NAMES}")
    metadata = _encode_metadata(record, arrays)
    n_arrays = sum(array.nbytes for array in arrays.values())
    n_file = HEADER.size + len(metadata) + n_arrays + CHECKSUM_BYTES
    header = HEADER.pack(MAGIC, record.version, 0, len(metadata), n_arrays, n_file)
    bodies = (array.reshape(-1).view(np.uint8).data for array in arrays.values())
    return _with_checksum([header, metadata], bodies)


def _with_checksum(head: Iterable[bytes], bodies: Iterable[memoryview]) -> Iterator[bytes]:
    """Copy, hash and yield: what another thread writes meanwhile cannot make a damaged file."""
    digest = hashlib.sha256()
    chunk = bytearray(b"".join(head))
    for body in bodies:
        for start in range(0, len(body), CHUNK):
            chunk += body[start : start + CHUNK]
            if len(chunk) >= CHUNK:
                digest.update(chunk)
                yield bytes(chunk)
                chunk.clear()
    digest.update(chunk)
    yield bytes(chunk) + digest.digest()


def check_encodable(record: Record) -> None:
    """Find out before the work that a file cannot hold what will come of it: as `encode` raises."""
    _encode_metadata(record, record.arrays)


def _encode_metadata(record: Record, arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    listed = [{"name": n, "dtype": a.dtype.str, "shape": list(a.shape)} for n, a in arrays.items()]
    tree = {"kind": record.kind, "fields": record.fields, "arrays": listed}
    text = json.dumps(tree, allow_nan=False, ensure_ascii=True, separators=(",", ":"))
    _check_shape_of_text(text)  # never write what could not be read
    if len(text) > MAX_METADATA_BYTES:
        raise ValueError(
            f"the names, categories and labels take {len(text):,} bytes, a file allows "
            f"{MAX_METADATA_BYTES:,}: use fewer or shorter ones"
        )
    return text.encode("ascii")


def check_header(header: bytes, n_file: int, max_metadata: int | None = MAX_METADATA_BYTES) -> None:
    """Check the first 64 bytes against the size of the file, before anything else is read.

    Parameters
    ----------
    header : bytes
        The file's first 64 bytes, or all of a shorter file.
    n_file : int
        Size of the file in bytes.
    max_metadata : int or None
        How many of them may be metadata.

    Raises
    ------
    ModelFormatError
        If this is no `.snet` file, or one of another version or size.
    """
    if header[: len(MAGIC)] != MAGIC:
        raise ModelFormatError("not a .snet file: it does not begin with the format's mark")
    if len(header) < HEADER.size:
        raise ModelFormatError(f"the file ends after {len(header)} bytes, inside its header")
    _, version, reserved, n_metadata, n_arrays, n_declared = HEADER.unpack(header)
    if not 1 <= version <= VERSION:
        raise ModelFormatError(
            f"the file has format version {version}, this release reads 1 to {VERSION}: "
            "upgrade shallownet-native"
        )
    if reserved or any(header[HEADER.size - 24 :]):
        raise ModelFormatError("reserved bytes of the header are not zero")
    if n_declared != n_file:
        raise ModelFormatError(f"the file should have {n_declared} bytes and has {n_file}")
    if max_metadata is not None and n_metadata > max_metadata:
        raise ModelFormatError(f"metadata of {n_metadata} bytes, {max_metadata} are allowed")
    if HEADER.size + n_metadata + n_arrays + CHECKSUM_BYTES != n_file:
        raise ModelFormatError("the sizes in the header do not add up to the file's")


def decode(content: bytes, *, max_metadata: int | None = MAX_METADATA_BYTES) -> Record:
    """Return what a file of these bytes holds.

    Parameters
    ----------
    content : bytes
        The whole file.
    max_metadata : int or None
        As of `check_header`.

    Returns
    -------
    Record
        Its arrays are new, aligned and in the machine's byte order.

    Raises
    ------
    ModelFormatError
        If any byte is missing, damaged or out of place.
    """
    view = memoryview(content)
    check_header(content[: HEADER.size], len(content), max_metadata)
    if hashlib.sha256(view[:-CHECKSUM_BYTES]).digest() != view[-CHECKSUM_BYTES:]:
        raise ModelFormatError("the checksum does not match: the file is damaged")
    _, version, _, n_metadata, *_ = HEADER.unpack_from(content)
    start = HEADER.size + n_metadata
    metadata = _decode_metadata(bytes(view[HEADER.size : start]))
    kind, fields, listed = metadata["kind"], metadata["fields"], metadata["arrays"]
    if not (isinstance(kind, str) and isinstance(fields, dict) and isinstance(listed, list)):
        raise ModelFormatError("the metadata's parts have wrong types")
    if version > NEWEST.get(kind, 1):
        raise ModelFormatError(f"a {kind[:40]!r} of format version {version} is unknown here")
    return Record(kind, fields, _decode_arrays(listed, view[start:-CHECKSUM_BYTES]), version)


def _decode_metadata(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("ascii")
        _check_shape_of_text(text)
        tree = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_parse_float,
        )
    except ModelFormatError:
        raise
    except ValueError as error:  # of json, of the decoding
        raise ModelFormatError(f"the metadata are not the format's JSON: {error}") from error
    return require_keys(tree, {"kind", "fields", "arrays"}, "the metadata")


def require_keys(value: object, names: set[str], where: str) -> dict[str, Any]:
    """Return `value` if it is an object with exactly these keys, else raise ModelFormatError."""
    if not isinstance(value, dict):
        raise ModelFormatError(f"{where} must be an object, not {type(value).__name__}")
    if set(value) != names:
        missing, unknown = sorted(names - set(value)), sorted(set(value) - names)
        raise ModelFormatError(f"{where}: missing keys {missing}, unknown keys {unknown}"[:300])
    return value


def _check_shape_of_text(text: str) -> None:
    """Bound depth and digits before the parser, which recurses and multiplies, sees the text."""
    without_escapes = text.replace("\\\\", "").replace('\\"', "")
    outside_strings = "".join(without_escapes.split('"')[::2])
    characters = np.frombuffer(outside_strings.encode("ascii"), np.uint8)
    steps = _STEPS[characters]
    if np.cumsum(steps, dtype=np.int32).max(initial=0) > MAX_DEPTH:
        raise ModelFormatError(f"the metadata are nested deeper than {MAX_DEPTH}")
    # longer texts are a pickle's: its reader trusts it, so that their cost does not matter
    if len(text) <= MAX_METADATA_BYTES and np.count_nonzero(steps > 0) > MAX_CONTAINERS:
        raise ModelFormatError(f"the metadata hold more than {MAX_CONTAINERS} lists and objects")
    if _LONG_NUMBER.search(outside_strings):
        raise ModelFormatError("the metadata hold a number of too many digits")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ModelFormatError("the metadata hold a key twice")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ModelFormatError(f"the metadata hold {name}, which is not JSON")


def _parse_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ModelFormatError("the metadata hold a number that no float64 holds")
    return value


def _decode_arrays(listed: list[Any], body: memoryview) -> dict[str, npt.NDArray[Any]]:
    """Cut the arrays from the bytes that follow the metadata: in order, without gaps."""
    if len(listed) > MAX_ARRAYS:
        raise ModelFormatError(f"{len(listed)} arrays, {MAX_ARRAYS} are allowed")
    arrays: dict[str, npt.NDArray[Any]] = {}
    offset = 0
    for entry in listed:
        require_keys(entry, {"name", "dtype", "shape"}, "an array's entry")
        name, dtype, shape = entry["name"], entry["dtype"], entry["shape"]
        if not isinstance(name, str) or name in arrays:
            raise ModelFormatError("an array's name is not a string or stands twice")
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise ModelFormatError(f"array {name!r} must have one of the dtypes {DTYPE_NAMES}")
        count = _n_elements(name, shape)
        n_bytes = count * DTYPES[dtype].itemsize
        if n_bytes > len(body) - offset:
            raise ModelFormatError(f"array {name!r} is larger than what the file holds")
        flat = np.frombuffer(body, DTYPES[dtype], count, offset)
        arrays[name] = flat.reshape(shape).astype(DTYPES[dtype].newbyteorder("="))
        offset += n_bytes
    if offset != len(body):
        raise ModelFormatError(f"{len(body) - offset} bytes belong to no array")
    return arrays


def _n_elements(name: str, shape: object) -> int:
    """Return the product of a shape of at most four sizes that NumPy can multiply."""
    if isinstance(shape, list) and len(shape) <= 4:
        sizes = [size for size in shape if type(size) is int and size >= 0]
        # an empty array's other sizes must not overflow either
        if len(sizes) == len(shape) and math.prod(max(size, 1) for size in sizes) < 2**48:
            return math.prod(sizes)
    raise ModelFormatError(f"array {name!r} has no proper shape")
