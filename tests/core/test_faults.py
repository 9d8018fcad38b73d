"""The short forms of campaigns/allocation_faults.py and campaigns/save_faults.py."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns import allocation_faults

CAMPAIGNS = Path(__file__).parents[1] / "campaigns"
pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="preloads into glibc"),
    pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++ to build what is preloaded"),
    # two libraries in front of malloc are one too many
    pytest.mark.skipif(bool(os.environ.get("LD_PRELOAD")), reason="a sanitizer has malloc already"),
]


def test_faults_a_failed_allocation_is_a_memory_error_and_the_next_call_works() -> None:
    found = allocation_faults.campaign(["gradients"], 20)
    assert found["WRONG"] == found["CRASH"] == 0
    assert found["MemoryError"] > 30


def test_faults_a_failed_save_leaves_the_old_file() -> None:
    command = [sys.executable, CAMPAIGNS / "save_faults.py", "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OSError, old file" in done.stdout and ", 0 wrong" in done.stdout
