"""What the command line writes: safe on a terminal, in any encoding, and without a traceback."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn
from at_once import at_once
from goods import is_safe
from shallownet_native import ShallowNetClassifier
from shallownet_native._messages import output as _output
from shallownet_native.cli import program
from shallownet_native.files.snet import Record, decode, encode

PROGRAM = [sys.executable, "-m", "shallownet_native"]
TRAIN = ["train", "t.csv", "--target", "k", "--out", "m.snet", "--epochs", "1"]
EVIL = "\x1b]0;owned\x07\x1b[8m\u202e"


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("t.csv", "cup", "plate")


def write(path: str, *labels: str, column: str = "w") -> None:
    rows = [f"{k},{labels[k * len(labels) // 60]}" for k in range(60)]
    Path(path).write_text("\n".join([f"{column},k", *rows]) + "\n", encoding="utf-8")


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which $S is the command line."""
    return subprocess.run(
        ["bash", "-c", command.replace("$S", " ".join(PROGRAM))],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )


def shells(*commands: str) -> list[subprocess.CompletedProcess[bytes]]:
    return at_once(shell, *commands)


def one_line(done: subprocess.CompletedProcess[bytes], code: int = 2) -> str:
    """Return the only line on standard error."""
    text = done.stderr.decode()
    assert (done.returncode, text.count("\n")) == (code, 1), text
    assert text.startswith("shallownet: ")
    return text


def saved(fields: dict[str, Any], arrays: dict[str, Any], kind: str = "model") -> None:
    Path("h.snet").write_bytes(encode(Record(kind, fields, arrays)))


# terminals


def test_cli_output_shows_a_files_strings_as_escapes(capsys: Any) -> None:
    assert program.main([*TRAIN, "--model", "network"]) == 0
    model = sn.load("m.snet")
    facts = {"optimizer": "adam\nheld-out  accuracy 1.0000 on 9 rows", EVIL: EVIL}
    model[0].feature_names_in_[0] = EVIL + "\n"
    model[1].set_params(solver="gd", batch_size="auto").fit(np.eye(2, 1), [EVIL, "x"])
    model.table_ |= {"target": EVIL, "labels": [EVIL, "x\n"], "columns": {EVIL + "\n": "number"}}
    model.table_ |= {"left_out": {EVIL: EVIL}, "training": facts}
    sn.save(model, "h.snet")
    capsys.readouterr()
    assert program.main(["info", "h.snet"]) == 0
    shown = capsys.readouterr().out
    assert is_safe(shown) and len(shown.splitlines()) == 6
    assert "\\x1b]0;owned\\x07" in shown and "\nheld-out" not in shown
    for command in ("predict", "evaluate"):
        assert program.main([command, "h.snet", "t.csv"]) == 2
        assert is_safe(capsys.readouterr().err)
    assert program.main(["info", "h.snet", "--json"]) == 0
    text = capsys.readouterr().out
    assert is_safe(text) and text.isascii() and json.loads(text)["target"] == EVIL


def test_cli_output_shows_an_old_models_strings_as_escapes(capsys: Any) -> None:
    record = decode((Path(__file__).parents[1] / "golden" / "model-1.snet").read_bytes())
    saved({**record.fields, "target": EVIL, "classes": [EVIL, "x\n"]}, record.arrays)
    assert program.main(["info", "h.snet"]) == 0
    shown = capsys.readouterr().out
    assert is_safe(shown) and "\\x1b]0;owned\\x07" in shown
    assert program.main(["predict", "h.snet", "t.csv"]) == 2
    assert is_safe(capsys.readouterr().err)


def test_cli_output_of_evaluate_is_safe_and_aligned(capsys: Any) -> None:
    write("t.csv", EVIL, "cup")
    assert program.main(TRAIN) == 0
    capsys.readouterr()
    assert program.main(["evaluate", "m.snet", "t.csv"]) == 0
    shown = capsys.readouterr().out
    table = shown[shown.index("confusion") :].splitlines()[1:]
    assert is_safe(shown) and len({len(line) for line in table}) == 1
    assert program.main(["evaluate", "m.snet", "t.csv", "--json"]) == 0
    assert EVIL in json.loads(capsys.readouterr().out)["labels"]


@pytest.mark.parametrize("part", ["header", "cell", "path", "option", "unknown option"])
def test_cli_output_says_in_one_safe_line_what_is_wrong(part: str, capsys: Any) -> None:
    arguments = list(TRAIN)
    if part == "header":
        write("t.csv", "cup", "plate", column=EVIL + "2")
        arguments[3] = "nothing"
    elif part == "cell":
        write("t.csv", "1", "2", EVIL)
        arguments += ["--task", "regression"]
    elif part == "path":
        arguments[1] = EVIL + "\n.csv"
    elif part == "option":
        arguments += ["--model", "network", "--hidden", EVIL]
    else:
        arguments += [EVIL]
    try:
        code: Any = program.main(arguments)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1) and is_safe(err)
    assert "x1b]0;owned" in err


def test_cli_output_of_an_estimators_names_is_safe(capsys: Any) -> None:
    frame = pd.DataFrame({EVIL: np.arange(60.0)})
    sn.save(
        ShallowNetClassifier((2,), max_iter=2, random_state=0).fit(frame, [EVIL, "b"] * 30),
        "m.snet",
    )
    assert program.main(["info", "m.snet"]) == 0
    assert is_safe(capsys.readouterr().out)


def test_cli_output_of_predictions_is_as_it_is_but_on_a_terminal() -> None:
    write("t.csv", EVIL, "=1+1")
    assert program.main([*TRAIN, "--epochs", "50"]) == 0
    piped = shell("$S predict m.snet t.csv")
    assert piped.returncode == 0 and EVIL.encode() in piped.stdout
    parent, child = pty.openpty()
    done = subprocess.run([*PROGRAM, "predict", "m.snet", "t.csv"], stdout=child, check=True)
    os.close(child)
    shown = b""
    while chunk := _read(parent):
        shown += chunk
    os.close(parent)
    assert done.returncode == 0 and b"\\x1b]0;owned\\x07" in shown and b"\x1b" not in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


def test_cli_output_is_bounded_however_long_a_files_strings_are(capsys: Any) -> None:
    write("t.csv", "cup", "plate", column="w" * 50_000)
    assert program.main([*TRAIN[:3], "x" * 50_000, *TRAIN[4:]]) == 2
    assert len(capsys.readouterr().err) < 500
    assert program.main(TRAIN) == 0 and program.main(["info", "m.snet"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 2000


# encodings


def test_cli_output_in_ascii_is_escaped_and_the_model_written() -> None:
    write("t.csv", "tässe", "teller")
    done = shell("$S " + " ".join([*TRAIN[:-1], "50"]), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"'t\\xe4sse'" in done.stdout and Path("m.snet").exists()
    predict = "$S predict m.snet t.csv"
    in_ascii, in_utf_8, in_file = shells(
        f"PYTHONIOENCODING=ascii {predict}", f"PYTHONIOENCODING=utf-8 {predict}",
        f"{predict} --out p.csv",
    )  # fmt: skip
    text = one_line(in_ascii)
    assert "set PYTHONIOENCODING=utf-8, or write to a file with --out" in text
    assert in_utf_8.returncode == in_file.returncode == 0
    for content in (in_utf_8.stdout, Path("p.csv").read_bytes()):
        assert set(content.decode().split()) <= {"k", "tässe", "teller"}


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}], ids=str)
def test_cli_input_that_is_not_utf_8_is_named_as_from_a_file(environment: Any) -> None:
    Path("t.csv").write_bytes(b"w,k\n1,t\xe4sse\n2,b\n")
    sources = {"t.csv": "t.csv", "- < t.csv": "standard input"}
    commands = [f"$S train {source} --target k --out m.snet" for source in sources]
    found = at_once(partial(shell, **environment), *commands)
    for done, name in zip(found, sources.values(), strict=True):
        text = one_line(done)
        assert f"{name}, line 2: not UTF-8 text" in text and "say --encoding latin-1" in text
    assert not Path("m.snet").exists()


def test_cli_input_is_read_as_a_file_is(capfdbinary: Any) -> None:
    assert program.main(TRAIN) == 0
    contents = (b"\xef\xbb\xbfw\n3\n", b"w\r3\r", b'w\r\n"3"\r\n')
    for k, content in enumerate(contents):
        Path(f"{k}.csv").write_bytes(content)
    for k, piped in enumerate(shells(*(f"$S predict m.snet - < {k}.csv" for k in range(3)))):
        capfdbinary.readouterr()
        assert program.main(["predict", "m.snet", f"{k}.csv"]) == 0
        assert capfdbinary.readouterr().out == piped.stdout and piped.returncode == 0


def test_cli_output_of_a_label_that_is_no_character_names_the_cause() -> None:
    with pytest.raises(ValueError, match="which is no character: convert the table"):
        _output.csv_bytes([["t\udce4sse"]], ",")


# streams


def test_cli_closed_streams_are_one_line() -> None:
    assert program.main(TRAIN) == 0
    no_output, no_input, silent, trained = shells(
        "$S predict m.snet t.csv >&-", "$S predict m.snet - <&-", "$S predict m.snet none.csv 2>&-",
        "$S train t.csv --target k --out n.snet 2>&-",
    )  # fmt: skip
    assert "standard output is closed" in one_line(no_output)
    assert "standard input is closed: name a file" in one_line(no_input)
    assert (silent.returncode, silent.stdout) == (2, b"")
    assert trained.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_cli_no_space_left_is_named() -> None:
    assert program.main(TRAIN) == 0
    commands = ("predict m.snet t.csv", "info m.snet", "info")
    for done in shells(*(f"$S {command} > /dev/full" for command in commands)):
        assert one_line(done) == "shallownet: standard output: No space left on device\n"


def test_cli_a_folder_as_standard_input_is_named() -> None:
    assert program.main(TRAIN) == 0
    done = shell("$S predict m.snet - < .")
    assert done.returncode != 0 and b"Traceback" not in done.stderr
