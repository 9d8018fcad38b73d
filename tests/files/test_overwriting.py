"""What may be written over: its own kind or nothing, never an input, by `save` and the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from at_once import at_once
from shallownet_native.cli import program
from shallownet_native.files.overwriting import picture_file, snet_file, table_file

POSIX = pytest.mark.skipif(os.name != "posix", reason="links and modes are POSIX")
MODEL = sn.initialize(3, 4, 2, seed=3)
GOOD = "w,kind\n" + "".join(f"{k},{'cup' if k > 20 else 'plate'}\n" for k in range(40))
FOREIGN = {
    "data.csv": GOOD.encode(), "prose.txt": b"a line, with commas\nanother, and, more\n",
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "array.npy": b"\x93NUMPY\x01\x00",
    "almost.snet": b"\x89SNET\r\n", "words.snet": b"my thesis", "latin.csv": b"w\ngr\xfcn\n",
    "zeros": bytes(100),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a table, a model of it and files of other kinds."""
    monkeypatch.chdir(tmp_path)
    for name, content in FOREIGN.items():
        Path(name).write_bytes(content)
    assert program.main(train("data.csv", "m.snet")) == 0
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def train(data: str, out: str) -> list[str]:
    return ["train", data, "--target", "kind", "--epochs", "1", "--out", out]


def refused(capsys: Any, arguments: list[str]) -> str:
    """Return what a command says that is refused, before it has read or written anything."""
    capsys.readouterr()
    before = contents(Path())
    assert program.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert contents(Path()) == before
    return str(err)


# kinds


@pytest.mark.parametrize("name", FOREIGN)
def test_overwriting_save_replaces_nothing_but_its_own(folder: Path, name: str) -> None:
    with pytest.raises(FileExistsError, match=r"not a \.snet file; it is left .* another path"):
        sn.save(MODEL, name)
    assert Path(name).read_bytes() == FOREIGN[name]


def test_overwriting_save_replaces_damaged_files_of_its_own_and_empty_ones(folder: Path) -> None:
    Path("m.snet").write_bytes(Path("m.snet").read_bytes()[:50])
    Path("empty.csv").touch()
    for name in ("m.snet", "empty.csv", "new"):
        sn.save(MODEL, name)
        assert sn.load(name) == MODEL


@pytest.mark.parametrize("name", [name for name in FOREIGN if name != "data.csv"])
def test_overwriting_commands_keep_to_their_kinds(folder: Path, capsys: Any, name: str) -> None:
    assert "not a .snet file" in refused(capsys, train("data.csv", name))
    if name != "words.snet":  # which could be a table of one column
        assert "not a CSV" in refused(capsys, ["predict", "m.snet", "data.csv", "--out", name])


def test_overwriting_says_what_a_file_is(folder: Path, capsys: Any) -> None:
    kinds = {
        "prose.txt": "text", "picture.png": "a picture", "array.npy": "a NumPy array",
        "zeros": "binary data of an unknown kind", "data.csv": "text",
    }  # fmt: skip
    for name, kind in kinds.items():
        with pytest.raises(FileExistsError, match=f"that is there is {kind}, not"):
            sn.save(MODEL, name)
    (folder / "other.snet").write_bytes(Path("m.snet").read_bytes())
    arguments = ["predict", "m.snet", "data.csv", "--out", "other.snet"]
    assert "is a .snet file, not a CSV file" in refused(capsys, arguments)


def test_overwriting_predict_replaces_predictions(folder: Path) -> None:
    for more in ([], ["--probabilities"], ["--probabilities"], []):
        predict = ["predict", "m.snet", "data.csv", *more, "--out", "p.csv"]
        assert program.main(predict) == 0
        assert Path("p.csv").read_text().startswith("kind")


def test_overwriting_tables_are_text_with_as_many_cells_on_every_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    tables = [
        "a\n",
        "a,b\n1,2\n",
        '\ufeffa,b\r\n"x, y",2\r\n\r\n',
        "a;b\n1;2\n",
        'a\n"two\nlines"\n',
    ]
    for text in tables:
        path.write_text(text, encoding="utf-8", newline="")
        assert table_file(";").is_one(str(path)), text
    others = ["import os, sys\n\nx = 1\n", "a,b\n1\n", "a\0b\n", 'a\n"open\n']
    for text in others:
        path.write_text(text, encoding="utf-8", newline="")
        assert not table_file(",").is_one(str(path)), text
    sn.save(MODEL, tmp_path / "m.snet")
    assert not table_file(",").is_one(str(tmp_path / "m.snet"))
    assert snet_file().is_one(str(tmp_path / "m.snet"))


def test_overwriting_the_demo_replaces_pictures_of_its_kind(folder: Path, capsys: Any) -> None:
    figures = pytest.importorskip("matplotlib.figure")
    figure = figures.Figure()
    for ending in ("png", "svg", "pdf", "ps", "eps", "jpg", "tif", "webp"):
        if ending in figure.canvas.get_supported_filetypes():
            path = f"p.{ending}"
            figure.savefig(path)
            assert picture_file(path).is_one(path), ending
            assert picture_file("p.png").is_one(path) == (ending == "png")
    assert not picture_file("p.raw").is_one("picture.png")
    for name in ("m.snet", "prose.txt", "data.csv"):
        os.rename(name, f"{name}.png")
        assert "not a picture of the kind png" in refused(capsys, ["demo", "--out", f"{name}.png"])


# inputs


def spellings(name: str) -> list[str]:
    os.mkdir("sub")
    os.symlink(name, "soft")
    os.link(name, "hard")
    os.symlink("soft", "soft of soft")
    return [name, f"./{name}", f"sub/../{name}", os.path.abspath(name), "soft", "hard",
            "soft of soft"]  # fmt: skip


@POSIX
def test_overwriting_no_command_replaces_its_input(folder: Path, capsys: Any) -> None:
    for out in spellings("data.csv"):
        assert "this command reads this file" in refused(capsys, train("data.csv", out))
        predict = ["predict", "m.snet", "data.csv", "--out", out]
        assert "this command reads this file" in refused(capsys, predict)
        assert "this command reads this file" in refused(capsys, train(out, "data.csv"))


@POSIX
def test_overwriting_predict_keeps_its_model(folder: Path, capsys: Any) -> None:
    for out in spellings("m.snet"):
        predict = ["predict", "m.snet", "data.csv", "--out", out]
        assert "this command reads this file" in refused(capsys, predict)


@POSIX
@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_overwriting_a_redirected_stream_is_in_use(folder: Path, stream: str) -> None:
    """The file that the shell has opened: even an empty one, and under another name."""
    os.symlink("data.csv", "soft")
    os.link("data.csv", "hard")
    source = "-" if stream == "stdin" else "m.csv"
    Path("m.csv").write_text(GOOD)
    before = contents(folder)

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "shallownet_native", *command]
        with open("data.csv", "r+b") as opened:
            streams: dict[str, Any] = {stream: opened, "stderr": subprocess.PIPE}
            return subprocess.run(words, **streams, text=True, check=False)

    predict = ["predict", "m.snet", source, "--out"]
    commands = [train(source, "data.csv"), [*predict, "soft"], train(source, "hard"),
                [*predict, f"/dev/{stream}"]]  # fmt: skip
    for done in at_once(run, *commands):
        assert done.returncode == 2 and "this command reads this file" in done.stderr
    assert contents(folder) == before


# modes, links and names


@POSIX
def test_overwriting_read_only_files_stay(folder: Path, capsys: Any) -> None:
    """Root, who runs many containers, could write to them all the same."""
    Path("p.csv").write_text("kind\n")
    for name in ("m.snet", "p.csv"):
        Path(name).chmod(0o444)
    before = contents(folder)
    with pytest.raises(PermissionError, match="read-only"):
        sn.save(MODEL, "m.snet")
    assert "read-only" in refused(capsys, train("data.csv", "m.snet"))
    assert "read-only" in refused(capsys, ["predict", "m.snet", "data.csv", "--out", "p.csv"])
    assert contents(folder) == before


@POSIX
def test_overwriting_a_loop_of_links_is_an_error(folder: Path, capsys: Any) -> None:
    os.symlink("loop", "loop")
    os.symlink("there", "here")
    os.symlink("here", "there")
    for name in ("loop", "here"):
        with pytest.raises(OSError, match="symbolic links"):
            sn.save(MODEL, name)
        assert "symbolic links" in refused(capsys, train("data.csv", name))
        assert os.path.islink(name)


@POSIX
def test_overwriting_devices_are_never_replaced(folder: Path, capsys: Any) -> None:
    os.mkfifo("fifo")
    for name in ("/dev/null", "fifo"):
        assert "not a regular file" in refused(capsys, train("data.csv", name))
        predict = ["predict", "m.snet", "data.csv", "--out", name]
        assert "not a regular file" in refused(capsys, predict)


@pytest.mark.parametrize("name", ["", "new/", "m.snet/"])
def test_overwriting_needs_a_name(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="must end in the name of a file"):
        sn.save(MODEL, name)
    assert not Path("new").exists()
    assert program.main(train("data.csv", name)) == 2


# what a file cannot hold


def test_overwriting_what_no_file_holds_is_found_before_training(
    folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = [f"a rather long name of a column {k}" for k in range(9000)]
    rows = [[*np.arange(9000) + k, k % 2] for k in range(6)]
    Path("wide.csv").write_text(
        "\n".join(",".join(map(str, row)) for row in [[*columns, "kind"], *rows])
    )
    monkeypatch.setattr(sn.ShallowNetClassifier, "fit", None)
    command = [*train("wide.csv", "new.snet"), "--hidden-units", "1"]
    assert "the names, categories" in refused(capsys, command)
