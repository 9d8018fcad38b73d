"""What the command line says of an environment or a build with which the package cannot start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shallownet_native._messages import start as _start

SCRIPT = Path(sys.executable).with_name("shallownet")
WAYS = {"script": [str(SCRIPT)], "module": [sys.executable, "-m", "shallownet_native"]}
COMMANDS = [["info"], ["train", "x.csv"], []]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SHALLOWNET", "OMP_"))}
    return subprocess.run(
        command, env={**clean, **environment}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.fixture(params=WAYS)
def way(request: Any) -> list[str]:
    if request.param == "script" and not SCRIPT.exists():
        pytest.fail(f"{SCRIPT} is not installed beside this Python")
    return WAYS[request.param]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_start_of_the_command_at_a_wrong_level_is_refused_in_one_line(
    way: list[str], command: list[str]
) -> None:
    done = run(*way, *command, SHALLOWNET_LEVEL="foo\n\x1b[2J")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("shallownet: SHALLOWNET_LEVEL='foo\\n") and "Unset" in done.stderr
    assert done.stderr.count("\n") == 1 and "\x1b" not in done.stderr


@pytest.mark.parametrize("name", ["SHALLOWNET_NUM_THREADS", "OMP_NUM_THREADS"])
@pytest.mark.parametrize("text", ["²", "abc", "0", "-1"])
def test_start_of_the_command_with_wrong_threads_is_refused_in_one_line(
    way: list[str], name: str, text: str
) -> None:
    done = run(*way, "info", **{name: text})
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"shallownet: {name} must be a whole number >= 1")
    assert done.stderr.count("\n") == 1


def test_start_of_another_program_keeps_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("import shallownet_native\n")
    for command in (["-m", "other"], ["-c", "import shallownet_native"],
                    [str(tmp_path / "other.py"), "shallownet_native"]):  # fmt: skip
        done = run(sys.executable, *command, SHALLOWNET_LEVEL="foo", PYTHONPATH=str(tmp_path))
        assert done.returncode == 1
        assert "Traceback" in done.stderr and "ImportError: SHALLOWNET_LEVEL" in done.stderr


@pytest.mark.parametrize(
    ("argument", "words", "expected"),
    [("/usr/bin/shallownet", [], True), (r"C:\env\Scripts\shallownet.exe", [], True),
     ("shallownet", [], True), ("-m", ["python", "-m", "shallownet_native", "info"], True),
     ("-m", ["python", "-mshallownet_native"], True), ("-m", ["python", "-m", "pytest"], False),
     ("/home/me/shallownet.py", [], False), ("", [], False), ("-c", [], False),
     ("/home/someone/shallownet/run.py", ["shallownet_native"], False)],
)  # fmt: skip
def test_start_knows_the_command(
    monkeypatch: pytest.MonkeyPatch, argument: str, words: list[str], expected: bool
) -> None:
    monkeypatch.setattr(sys, "argv", [argument])
    monkeypatch.setattr(sys, "orig_argv", words)
    assert _start.is_command() is expected
