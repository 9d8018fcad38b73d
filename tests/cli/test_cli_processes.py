"""The command line as a process of its own: in pipes, on a terminal, and when it is interrupted."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from at_once import at_once
from goods import GOOD, TRAIN

PROGRAM = [sys.executable, "-m", "shallownet_native"]


def piped(arguments):
    """Run the command line between two pipes."""
    command = [*PROGRAM, *arguments]
    return subprocess.run(command, input=GOOD, capture_output=True, text=True)


def test_cli_in_a_pipe_is_quiet_reads_and_refuses_with_code_2(folder):
    trained, predicted, refused = at_once(
        piped,
        ["train", "-", *TRAIN[2:]], ["predict", "model.snet", "-"], [*TRAIN, "--target", "y"],
    )  # fmt: skip
    assert (trained.returncode, trained.stderr) == (0, "") and "\r" not in trained.stdout
    assert (predicted.returncode, predicted.stderr) == (0, "")
    assert len(predicted.stdout.splitlines()) == 41
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)


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
    command = [*PROGRAM, *TRAIN, "--model", model]
    (done, shown), (quiet, nothing) = at_once(
        on_a_terminal, [*command, "--epochs", "300"], [*command, "--quiet", "--out", "q.snet"]
    )
    assert done.returncode == 0 and "\r" not in done.stdout
    assert shown.lstrip("\r").startswith("reading:") and "B/s" in shown
    assert "training" in shown and "/300" in shown and "it/s" in shown
    assert (quiet.returncode, quiet.stdout, nothing) == (0, "", "")


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


def test_cli_interrupted_writes_nothing(folder):
    """Ctrl-C during training: code 130, one line, no model."""
    command = [*PROGRAM, *TRAIN, "--epochs", "1000000000", "--model"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([*command, model], **pipes) for model in ("table", "network")]
    try:
        time.sleep(3.0)  # they are in the native loop by then
        for process in processes:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out, err) == (130, "", "shallownet: interrupted\n")
    finally:
        for process in processes:
            process.kill()
    assert not Path("new.snet").exists()
