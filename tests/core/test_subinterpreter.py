"""Subinterpreters are refused in one sentence, whichever interpreter imports first."""

from __future__ import annotations

import subprocess
import sys

import pytest

# run(code) runs it in a new subinterpreter of each kind that this Python has
RUN = """
import os, sys, warnings

def run(code):
    if sys.version_info >= (3, 14):
        from concurrent import interpreters
        interpreters.create().exec(code)
    if sys.version_info >= (3, 13):
        import _interpreters
        for kind in ("legacy", "isolated"):
            failure = _interpreters.exec(_interpreters.create(kind), code)
            assert failure is None, failure
        return
    import _xxsubinterpreters as si
    for isolated in (False, True):
        si.run_string(si.create(isolated=isolated), code)

TRY = '''
import os
try:
    import shallownet_native
    os.write(1, b"imported\\\\n")
except BaseException as error:
    os.write(1, f"{type(error).__name__}: {error}\\\\n".encode())
'''
MAIN = "import shallownet_native as sn; sn.predict(sn.initialize(2, 3, 1), [[1.0], [2.0]])"
"""
REFUSED = "ImportError: shallownet_native works in the main interpreter only"
ORDERS = {
    "the subinterpreter first": "run(TRY)\nexec(MAIN)\n",
    "the main interpreter first": "exec(MAIN)\nrun(TRY)\n",
    "the subinterpreter again": "run(TRY)\nexec(MAIN)\nrun(TRY)\nexec(MAIN)\n",
    "twice in one": "run(TRY + TRY)\nexec(MAIN)\n",
}


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="CPython's own modules")
@pytest.mark.parametrize("order", ORDERS)
def test_subinterpreter_import_is_refused(order: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN + ORDERS[order] + "print('main works')"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *refused, last = done.stdout.splitlines()
    assert last == "main works"
    assert len(refused) >= 2 and all(line.startswith(REFUSED) for line in refused)
