"""What the tests of commands share: a run in this process, in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import shallownet_native as sn
from goods import GERMAN, GOOD, SMALL, TRAIN
from shallownet_native.cli import program


class Done(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command line in this process; argparse's exit counts as its code."""

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        try:
            code = program.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def refused(command: Callable[..., Done]) -> Callable[..., str]:
    """Run what must be refused: code 2, nothing on standard output, one line; return that."""

    def call(*arguments: object) -> str:
        done = command(*arguments)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
        assert done.err.startswith("shallownet") and done.err.endswith("\n")
        return done.err

    return call


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a good table, a model trained on it, and two other files of models."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "data.csv").write_text(GOOD)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert program.main([*TRAIN[:5], "model.snet", *TRAIN[6:]]) == 0
    sn.save(sn.initialize(2, 1, 1, seed=0), folder / "parameters.snet")
    (folder / "damaged.snet").write_bytes((folder / "model.snet").read_bytes()[:-1])
    return folder


@pytest.fixture
def folder(trained: Path, here: Path) -> Path:
    """A working folder with copies of these."""
    return shutil.copytree(trained, here, dirs_exist_ok=True)


@pytest.fixture
def table(here: Path) -> Callable[..., str]:
    """Write a CSV file from its header and rows, and return its name."""

    def write(header: str, rows: Iterable[Any], path: str = "t.csv") -> str:
        Path(path).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def goods(table: Callable[..., str]) -> str:
    """Write a table as people have it: keys, gaps, codes, decimal commas, and a price to learn."""
    random = np.random.default_rng(0)
    rows = []
    for k in range(120):
        size, zone = random.uniform(1, 9), ("01", "1", "02")[k % 3]
        price = size**2 + 9 * (zone == "01") + random.normal()
        width = "" if k % 20 == 7 else f"{size:.3f}"
        kind = "cup" if size > 5 else "plate"
        rows.append(f"id{k};{width};{zone};{price:.3f};{kind}".replace(".", ","))
    return table("key;size;zone;price;kind", rows, "goods.csv")


@pytest.fixture
def train(goods: str, command: Any) -> Callable[..., Any]:
    """Train on it, quickly; it succeeds."""

    def call(*options: str, target: str = "price") -> Any:
        rest = ["price"] if target == "kind" else ["kind"]
        given = ["train", goods, *GERMAN, "--target", target, "--out", "m.snet", "--drop", *rest]
        done = command(*given, *SMALL, *options)
        assert (done.code, done.err) == (0, ""), done
        return done

    return call
