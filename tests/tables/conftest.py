"""What the tests of tables share: the command line run in this process, and what a refusal is."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shallownet_native.cli import program

FAST = ("--epochs", "1", "--hidden-units", "3", "--model", "network")
TOO_LONG = 2000  # characters of a line on standard error


class Done(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stdin_of(content: bytes) -> int:
    """Return a descriptor to read the content from: of a pipe, into which it must fit."""
    assert len(content) <= 60_000
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    return reader


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run the command line in this process; argparse's exit counts as its code."""

    def call(*arguments: Any, stdin: bytes = b"") -> Done:
        capsys.readouterr()
        source = stdin_of(stdin)
        kept = os.dup(0)
        os.dup2(source, 0)
        stream = io.FileIO(0, closefd=False)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(stream), "utf-8"))
        try:
            code = program.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            os.dup2(kept, 0)
            os.close(kept)
            os.close(source)
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def train(run: Callable[..., Done]) -> Callable[..., Done]:
    """Train on a file, quickly, with the target 'kind' unless another is given; it succeeds."""

    def call(path: Any, *options: Any, target: str = "kind", stdin: bytes = b"") -> Done:
        given = ["train", path, "--target", target, "--out", "m.snet"]
        quick = FAST if "--epochs" not in options else FAST[2:]
        done = run(*given, *quick, *options, stdin=stdin)
        assert done.code == 0, done
        return done

    return call


@pytest.fixture
def refused(run: Callable[..., Done]) -> Callable[..., str]:
    """Run a command that is refused: code 2, one line that says these parts, no file left."""

    def call(*arguments: Any, says: tuple[str, ...] = (), stdin: bytes = b"") -> str:
        before = {path: path.stat().st_mtime_ns for path in Path().iterdir()}
        done = run(*arguments, stdin=stdin)
        assert (done.code, done.out) == (2, ""), done
        assert done.err.startswith("shallownet") and done.err.endswith("\n"), done.err
        assert done.err.count("\n") == 1 and len(done.err) < TOO_LONG, done.err
        for part in says:
            assert part in done.err, f"{part} is not in: {done.err}"
        assert {path: path.stat().st_mtime_ns for path in Path().iterdir()} == before
        return done.err

    return call


@pytest.fixture
def refuse_training(refused: Callable[..., str]) -> Callable[..., str]:
    """Train on a file, by default for the target 'kind', and be refused."""

    def call(path: Any, *options: Any, target: str = "kind", **expected: Any) -> str:
        given = ["train", path, "--target", target, "--out", "new.snet", *FAST]
        return refused(*given, *options, **expected)

    return call
