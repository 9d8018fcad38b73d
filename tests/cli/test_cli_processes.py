"""The command line as a process of its own: in pipes, on a terminal, and when it is interrupted."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from shallownet_native.cli import program

PROGRAM = [sys.executable, "-m", "shallownet_native"]
GOOD = "size,colour,kind\n" + "".join(
    f"{k},{'red' if k % 3 else 'blue'},{'large' if k > 20 else 'small'}\n" for k in range(40)
)
TRAIN = ["train", "data.csv", "--target", "kind", "--out", "new.snet", "--epochs", "2"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a good table and a model trained on it."""
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(GOOD)
    assert program.main([*TRAIN[:5], "model.snet", "--epochs", "2"]) == 0
    return tmp_path


def test_cli_as_a_process_refuses_with_code_2(folder):
    done = subprocess.run([*PROGRAM, *TRAIN, "--target", "y"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_cli_is_quiet_in_a_pipe_and_reads_from_one(folder):
    done = subprocess.run([*PROGRAM, "train", "-", *TRAIN[2:]], input=GOOD, capture_output=True,
                          text=True)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "") and "\r" not in done.stdout
    done = subprocess.run([*PROGRAM, "predict", "model.snet", "-"], input=GOOD,
                          capture_output=True, text=True)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "") and len(done.stdout.splitlines()) == 41


def on_a_terminal(command):
    """Run a command whose standard error is a pseudo-terminal; return it and what that shows."""
    ours, theirs = pty.openpty()
    size = struct.pack("HHHH", 24, 80, 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)  # tqdm writes nothing into a window of no width
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    try:
        shown = os.read(ours, 1 << 16).decode()
    except OSError:  # nothing was written, and the other end is closed
        shown = ""
    os.close(ours)
    return done, shown


@pytest.mark.parametrize("model", ["table", "network"])
def test_cli_shows_progress_on_a_terminal(folder, model):
    """Reading included, from the beginning; standard output stays clean."""
    done, shown = on_a_terminal([*PROGRAM, *TRAIN, "--epochs", "300", "--model", model])
    assert done.returncode == 0 and "\r" not in done.stdout
    assert shown.lstrip("\r").startswith("reading:") and "B/s" in shown
    assert "training" in shown and "/300" in shown and "it/s" in shown
    done, shown = on_a_terminal([*PROGRAM, *TRAIN, "--quiet", "--model", model])
    assert (done.returncode, done.stdout, shown) == (0, "", "")


@pytest.mark.parametrize("total", ["3", "None"])
def test_progress_counts_where_there_is_no_tqdm(total):
    """As `bench` and estimators need: they do without it."""
    code = (
        "import importlib.util as u\nfound = u.find_spec\n"
        "u.find_spec = lambda name: None if name == 'tqdm' else found(name)\n"
        "from shallownet_native._extras.progress import progress\n"
        f"with progress({total}, 'counting') as advance: advance(2)"
    )
    done, shown = on_a_terminal([sys.executable, "-c", code])
    of_all = "" if total == "None" else "/3"
    assert done.returncode == 0 and f"counting: 0{of_all}\rcounting: 2{of_all}\r" in shown


def test_cli_stops_quietly_when_nobody_reads(folder):
    rows = "".join(f"{k % 40},red\n" for k in range(50_000))
    Path("long.csv").write_text("size,colour\n" + rows)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*PROGRAM, "predict", "model.snet", "long.csv"], stdout=writing,
                          stderr=subprocess.PIPE, text=True)  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("model", ["table", "network"])
def test_cli_interrupted_writes_nothing(folder, model):
    """Ctrl-C during training: code 130, one line, no model."""
    command = [*PROGRAM, *TRAIN, "--epochs", "1000000000", "--model", model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3.0)  # it is in the native loop by then
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, out) == (130, "")
    assert err == "shallownet: interrupted\n"
    assert not Path("new.snet").exists()
