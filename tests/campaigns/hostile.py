"""Every flipped bit, every truncation, every file made on purpose is refused, soon, in little room.

Counts over the golden files and the tables of `test_files_hostile.py` and
`test_pipeline_hostile.py`, and adds what is no regular file and files that claim to be gigantic, or
are. A file of less than `max_bytes`, 1 GiB by default, whose sizes are right has to be read and
hashed: that takes as long as it is large.

`python tests/campaigns/hostile.py [--quick]`.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import shallownet_native as sn

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "files"))
sys.path.insert(0, str(Path(__file__).parents[1] / "estimators"))
import test_files_hostile as forger
import test_pipeline_hostile as pipelines
from campaigns.common import MEMORY
from campaigns.forgery import changed, damaged

TESTS = Path(__file__).parents[1]
SECONDS = 0.050
KIB = 1024


def count_damaged(stride: int) -> tuple[int, int]:
    """Return how many damaged golden files there are and how many were refused."""
    n = n_refused = 0
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "damaged.snet"
        for file in sorted((TESTS / "golden").glob("*.snet")):
            for content in damaged(file.read_bytes(), stride):
                path.write_bytes(content)
                n += 1
                n_refused += is_refused(path)
    return n, n_refused


def is_refused(path: Path | str) -> bool:
    try:
        sn.load(path)
    except sn.ModelFormatError:
        return True
    return False


def expensive_json() -> dict[str, bytes]:
    """Return files whose metadata are as large as they may be, and as dear to parse."""
    room = 2**18 - 100
    texts = {
        "objects": b"[" + b"{}," * (room // 3 - 2) + b"{}]",
        "numbers": b"[" + b"1," * (room // 2 - 2) + b"1]",
        "floats": b"[" + b"1.5e-300," * (room // 9 - 2) + b"1]",
        "keys": b"{%s}" % b",".join(b'"%d":0' % k for k in range(room // 11)),
        "strings": b"[" + b'"",' * (room // 3 - 2) + b'""]',
        "one string": b'"' + b"a" * (room - 2) + b'"',
        "escapes": b'"' + b"\\u00e9" * (room // 6 - 2) + b'"',
        "quotes": b'"' + b'\\"' * (room // 2 - 2) + b'"',
        "brackets in a string": b'"' + b"[" * (room - 2) + b'"',
        "rows": b"[" + b"[[[[]]]]," * (room // 9 - 2) + b"0]",
    }
    return {f"largest metadata, {name}": forger.json_file(text) for name, text in texts.items()}


def hostile_pipelines() -> dict[str, bytes]:
    """Return files of Pipelines and encoders, some with as many parts as there may be."""
    files = {
        f"{name}, {where}, case {k}": changed(pipelines.RECORDS[name], where, value)
        for k, (name, where, value) in enumerate(pipelines.CASES)
    }
    encoder, network = pipelines.RECORDS["encoder"], pipelines.RECORDS["scaled"]
    for what, texts in (
        ("words", [f"{k:05x}g" for k in range(25_000)]),
        ("numbers", [str(k) for k in range(25_000)]),
        ("digits", ["9" * 200_000 + "x"]),
    ):
        out_of_order = [[*texts, "-1"]]
        files[f"encoder, many {what}"] = changed(encoder, "fitted/categories", out_of_order)
    steps = [{**network.fields["steps"][3], "name": f"n{k}"} for k in range(32)]
    for step in steps:
        step["fields"] = {**step["fields"], "fitted": None}
    steps[-1]["kind"] = "unknown"
    files["scaled, many networks"] = changed(network, "steps", steps)
    return files


def hostile_files() -> dict[str, bytes]:
    lax = {f"JSON {text[:20]!r}": forger.json_file(text) for text in forger.LAX_JSON}
    return {**forger.HOSTILE, **lax, **expensive_json(), **hostile_pipelines()}


@contextmanager
def irregular(folder: Path) -> Iterator[dict[str, Path]]:
    """Make what is no regular file, and files that are gigantic without taking any room."""
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to("loop")
    (folder / "to device").symlink_to("/dev/zero")
    (folder / "to fifo").symlink_to("fifo")
    with open(folder / "terabyte", "wb") as stream:
        stream.truncate(2**40)
    for name, n_metadata, n_file in (
        ("terabyte of a model", 2**18, 2**40),
        ("a byte too large", 9, 2**30 + 1),
    ):
        with open(folder / name, "wb") as stream:
            sizes = {"n_metadata": n_metadata, "n_arrays": n_file - 96 - n_metadata}
            stream.write(forger.forge(b"", b"", **sizes, n_file=n_file)[:64])
            stream.truncate(n_file)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        made = {path.name: path for path in folder.iterdir()}
        devices = {
            name: Path(name) for name in ("/dev/null", "/dev/zero", "/dev/random", "/dev/tty")
        }
        yield {**made, "a folder": folder, **devices}


def cost_of_refusal(path: Path) -> tuple[float, int]:
    """Return the seconds of a refusal, the best of four, and the bytes that it allocates.

    Of the processor's time, so that a busy machine counts the same; there is nothing to wait for.
    """
    seconds = []
    for _ in range(4):
        started = time.thread_time()
        refused(path)
        seconds.append(time.thread_time() - started)
    tracemalloc.start()
    refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return min(seconds), peak


def refused(path: Path) -> None:
    try:
        is_right = is_refused(path)
    except OSError:  # a loop of links, a terminal that is none: the system cannot open them
        is_right = path.name in ("loop", "tty")
    assert is_right, path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every 13th bit and length")
    options = parser.parse_args()
    for file in (TESTS / "golden").glob("*.snet"):
        sn.load(file)  # imports what it needs
    n, n_refused = count_damaged(13 if options.quick else 1)
    print(f"{n} flipped bits, truncations and additions: {n_refused} refused")
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        folder = Path(name)
        costs = {}
        for number, (what, content) in enumerate(hostile_files().items()):
            path = folder / f"{number}.snet"
            path.write_bytes(content)
            costs[what] = (*cost_of_refusal(path), len(content))
            path.unlink()
        with irregular(folder) as paths:
            for what, path in paths.items():
                costs[what] = (*cost_of_refusal(path), 0)
    slowest = max(costs, key=lambda what: costs[what][0])
    largest = max(costs, key=lambda what: costs[what][1])
    excess = max(peak - 40 * size for _, peak, size in costs.values())
    print(
        f"{len(costs)} hostile files: all refused, the slowest ({slowest}) in "
        f"{1000 * costs[slowest][0]:.1f} ms of processor time, at most "
        f"{costs[largest][1] / KIB:.0f} KiB of memory ({largest}, a file of "
        f"{costs[largest][2] / KIB:.0f} KiB)"
    )
    return int(n != n_refused or costs[slowest][0] > SECONDS or excess > 2**20)


if __name__ == "__main__":
    sys.exit(main())
