"""Ways to damage a `.snet` file for `fuzz.py`: each knows the format, most mend sizes and checksum.

Written from docs/file-format.md alone; imports nothing of the package, so that the forger does not
share a mistake with the reader.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import random
import struct
from collections.abc import Callable
from typing import Any

HEADER = struct.Struct("<8sIIQQQ24s")
CHECKSUM = 32
SIZES = [0, 1, 2, 3, 7, 63, 64, 95, 96, 2**18, 2**18 + 1, 2**31 - 1, 2**31, 2**32, 2**47, 2**48,
         2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1]  # fmt: skip
VALUES = [None, True, False, 0, 1, -1, 2, 1.0, -0.0, 0.5, 1e308, 5e-324, 2**31, 2**63, 2**64,
          -(2**63), 10**31, "", "a", "theta", "parameters", "model", "<f4", "<f8", "<i8", ">f8",
          "|O", "\0", "\ud800", "größe", "é" * 300, "__class__", "../../etc/passwd", "sigmoid",
          "softmax", [], {}, [[]], [0], [1], [0, 2**47], [3, 1, 1, 1], [1] * 5, {"": 0}, {"a": []},
          ["a", "a"], "pipeline", "passthrough", "table encoder", "pandas"]  # fmt: skip
TEXTS = [b"NaN", b"-Infinity", b"1e999", b"01", b"1" * 40, b"[" * 20, b"{" * 3, b"}", b"]", b'"',
         b",", b":", b"\\u0000", b"\\ud800", b"\\x", b"\x00", b"\xff", b"null",
         b'"kind":"model",', b"/**/", b" ", b"\t\n", b"-", b"1E400", b"0.1e-400", b"\\\\",
         b'\\"', b"true", b"1" * 4400]  # fmt: skip
NUMBERS = [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 1.7e308, -1.7e308, 1e-308, 0.0]

File = tuple[list[Any], bytes, bytes]  # the header's values after the mark, metadata, arrays


def split(content: bytes) -> File:
    """Return the parts of a whole file."""
    _, *header = HEADER.unpack_from(content)
    start = HEADER.size + header[2]
    return header, content[HEADER.size : start], content[start:-CHECKSUM]


def version_of(metadata: bytes) -> int:
    """Return the oldest version that can say it.

    2 for parameters that know their activations, 3 if they know a quantile as well.
    """
    if b'"kind":"parameters"' not in metadata or b'"hidden"' not in metadata:
        return 1
    return 3 if b'"quantile"' in metadata else 2


def join(metadata: bytes, body: bytes, **header: int) -> bytes:
    """Return a file with right version and sizes, but for those given, and a right checksum."""
    n_file = HEADER.size + len(metadata) + len(body) + CHECKSUM
    right = {"version": version_of(metadata), "reserved": 0, "n_metadata": len(metadata),
             "n_arrays": len(body), "n_file": n_file}  # fmt: skip
    content = HEADER.pack(b"\x89SNET\r\n\x1a", *{**right, **header}.values(), bytes(24))
    content += metadata + body
    return content + hashlib.sha256(content).digest()


def seal(content: bytes) -> bytes:
    """Return the bytes with a right checksum in the place of their last 32."""
    whole = content[:-CHECKSUM]
    return whole + hashlib.sha256(whole).digest()


def flip(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def cut(content: bytes, rng: random.Random) -> bytes:
    begin, end = sorted(rng.choices(range(len(content) + 1), k=2))
    pieces = [content[:begin], content[:begin] + content[end:], content[:end] + content[begin:]]
    return rng.choice(pieces)


def mend(damage: Callable[[bytes, random.Random], bytes]) -> Callable[..., bytes]:
    """Return the same damage, once to metadata or arrays, with sizes and checksum mended."""

    def mended(content: bytes, rng: random.Random) -> bytes:
        _, metadata, body = split(content)
        if rng.random() < 0.6 or not body:
            return join(damage(metadata, rng), body)
        return join(metadata, damage(body, rng))

    return mended


def sizes(content: bytes, rng: random.Random) -> bytes:
    """Change one of the header's numbers."""
    _, metadata, body = split(content)
    name = rng.choice(["version", "reserved", "n_metadata", "n_arrays", "n_file"])
    limit = 2**32 if name in ("version", "reserved") else 2**64
    return join(metadata, body, **{name: rng.choice([*SIZES, rng.randrange(limit)]) % limit})


def shifted_border(content: bytes, rng: random.Random) -> bytes:
    """Let the metadata end elsewhere; all sizes add up, also modulo 2^64."""
    _, metadata, body = split(content)
    by = rng.choice([-8, -1, 1, 8, 2**63, rng.choice(SIZES)])
    n_metadata, n_arrays = (len(metadata) + by) % 2**64, (len(body) - by) % 2**64
    return join(metadata, body, n_metadata=n_metadata, n_arrays=n_arrays)


def text(content: bytes, rng: random.Random) -> bytes:
    """Put a piece of text into the JSON, over it or in the place of a part."""
    _, metadata, body = split(content)
    at = rng.randrange(len(metadata))
    end = min(at + rng.choice([0, 0, 1, 4]), len(metadata))
    return join(metadata[:at] + rng.choice(TEXTS) + metadata[end:], body)


def nodes(tree: Any) -> list[tuple[Any, Any]]:
    """Return every place of a JSON tree, as the container and the key or index in it."""
    found = []
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, child in pairs:
        found.append((tree, key))
        if isinstance(child, (dict, list)):
            found += nodes(child)
    return found


def change_tree(tree: Any, rng: random.Random) -> None:
    """Change one place of a JSON tree: another value, none, another name, a neighbour's."""
    places = nodes(tree)
    container, key = rng.choice(places)
    way = rng.randrange(6)
    if way <= 2:
        container[key] = copy.deepcopy(rng.choice(VALUES))
    elif way == 3:
        del container[key]
    elif way == 4:
        other, place = rng.choice(places)
        container[key] = copy.deepcopy(other[place])
    elif isinstance(container, dict):
        container[rng.choice(["", "kind", "name", "n_h", "a"])] = container.pop(key)
    else:
        container.append(copy.deepcopy(container[key]))


def tree(content: bytes, rng: random.Random) -> bytes:
    """Change the JSON as a tree, once or a few times."""
    _, metadata, body = split(content)
    parsed = json.loads(metadata)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        change_tree(parsed, rng)
    return join(json.dumps(parsed, separators=(",", ":")).encode(), body)


def whole_sizes(content: bytes, rng: random.Random) -> bytes:
    """Give the network other sizes, and theta the length and the bytes that they ask for."""
    _, metadata, body = split(content)
    parsed = json.loads(metadata)
    thetas = [k for k, entry in enumerate(parsed["arrays"]) if entry["name"].endswith("theta")]
    networks = [c[key] for c, key in nodes(parsed) if isinstance(c[key], dict) and "n_h" in c[key]]
    if not (thetas and networks):
        return whole_array(content, rng)
    n_x, n_h, n_y = (rng.choice([0, 1, 2, 3, 5, 17]) for _ in range(3))
    rng.choice(networks).update(n_x=n_x, n_h=n_h, n_y=n_y)
    n = n_h * n_x + n_h + n_y * n_h + n_y if n_h else n_y * n_x + n_y
    return resized(parsed, body, rng.choice(thetas), [n], rng.choice(["<f4", "<f8"]))


def whole_array(content: bytes, rng: random.Random) -> bytes:
    """Give one array another shape or type, and the bytes that it asks for."""
    _, metadata, body = split(content)
    parsed = json.loads(metadata)
    k = rng.randrange(len(parsed["arrays"]))
    shape = rng.choice([[], [0], [1], [2], [3], [4], [5], [1, 1], [3, 1]])
    return resized(parsed, body, k, shape, rng.choice(["<f4", "<f8", "<i8"]))


def resized(parsed: Any, body: bytes, k: int, shape: list[int], dtype: str) -> bytes:
    """Return a file whose array k has this shape, this type and zeros or ones in it."""
    lengths = [math.prod(e["shape"]) * int(e["dtype"][-1]) for e in parsed["arrays"]]
    start, before = sum(lengths[:k]), lengths[k]
    parsed["arrays"][k].update(shape=shape, dtype=dtype)
    one = struct.pack({"<f4": "<f", "<f8": "<d", "<i8": "<q"}[dtype], len(shape) % 2)
    array = one * math.prod(shape)
    return join(json.dumps(parsed).encode(), body[:start] + array + body[start + before :])


def numbers(content: bytes, rng: random.Random) -> bytes:
    """Put a remarkable number into the arrays."""
    _, metadata, body = split(content)
    if len(body) < 8:
        return flip(content, rng)
    at = rng.randrange(len(body) // 8) * 8
    return join(metadata, body[:at] + struct.pack("<d", rng.choice(NUMBERS)) + body[at + 8 :])


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    flip, cut, lambda content, rng: seal(flip(content, rng)), mend(flip), mend(cut), sizes,
    shifted_border, text, text, tree, tree, tree, whole_sizes, whole_array, numbers,
]  # fmt: skip
