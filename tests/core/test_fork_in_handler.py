"""A signal's handler that forks in the midst of a call: parent and child end, with the right bits.

The child of a call on several threads may end in an error that says so, because the threads that
the parent computes with are not its own.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys
import numpy as np
import shallownet_native as sn

name, mode, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
X = np.random.default_rng(0).normal(size=(50, 4000))
Y = (X[:1] > 0) * 1.0
start = sn.initialize(50, 128, 1, seed=0)
many = np.tile(X, 4)
adam = dict(optimizer="adam", seed=0)

def fit():
    model = sn.ShallowNetClassifier((128,), max_iter=8, random_state=0, n_threads=n, tol=0)
    return model.fit(X.T, Y[0]).coefs_[0]

call = {
    "train": lambda: sn.train(start, X, Y, n_iterations=15, n_threads=n).parameters.flat,
    "batches": lambda: sn.train(
        start, X, Y, n_epochs=8, batch_size=512, n_threads=n, **adam).parameters.flat,
    "few": lambda: sn.train(start, X, Y, n_epochs=4, batch_size=100, n_threads=n, **adam).costs,
    "gradients": lambda: sn.gradients(start, many, many[:1] > 0, want_dX=True, n_threads=n)[1].dX,
    "forward": lambda: sn.forward(start, many, n_threads=n).A2,
    "predict": lambda: sn.predict(start, many, n_threads=n),
    "fit": fit,
}[name]

class Asked(Exception):
    pass

def in_child():
    if mode == "exit":
        os._exit(0)
    if mode == "use":  # another team, in the child, while the parent's is at work
        same = np.array_equal(call(), expected)
        os._exit(0 if same else 3)
    if mode == "raise":  # what the handler raises comes before the loss of the team
        raise Asked

child = None

def handler(number, frame):
    global child
    child = os.fork()
    if child == 0:
        in_child()

expected = call()
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)  # once, or os.fork's own handler would fork again
code = 0
try:
    while child is None:  # the handler runs within a call, almost always
        same = np.array_equal(call(), expected)
    same &= np.array_equal(call(), expected)  # and once more, with a team of one's own
    code = 0 if same else 3
except RuntimeError as error:
    code = 4 if child == 0 and n > 1 and "has forked this process" in str(error) else 5
    if np.array_equal(call(), expected) is False:  # "or call again here"
        code = 6
except Asked:
    code = 7
if child == 0:
    os._exit(code)
print(code, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
@pytest.mark.parametrize("n_threads", ["1", "3"])
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *((name, "return") for name in
          ("train", "batches", "few", "gradients", "forward", "predict", "fit")),
        *((name, mode) for name in ("train", "predict") for mode in ("use", "exit", "raise")),
    ],
)  # fmt: skip
def test_fork_in_handler_leaves_two_processes_that_end(
    name: str, mode: str, n_threads: str
) -> None:
    parent, child = run(PROGRAM, name, mode, n_threads).split()
    assert parent == "0"
    ends = {"return": {"0"} if n_threads == "1" else {"0", "4"}, "raise": {"7"}}
    assert child in ends.get(mode, {"0"})


NESTED = """
import signal
import numpy as np
import shallownet_native as sn
X = np.random.default_rng(0).normal(size=(50, 4000))
start = sn.initialize(50, 128, 1, seed=0)
call = lambda: sn.train(start, X, X[:1] > 0, n_iterations=15, n_threads=2).parameters.flat
expected, inner = call(), []
def handler(number, frame):
    inner.append(call())
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
while not inner:
    outer = call()
print(np.array_equal(outer, expected), np.array_equal(inner[0], expected))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no timers there")
def test_fork_in_handler_or_a_call_there_meets_no_team_of_its_own_thread() -> None:
    assert run(NESTED) == "True True"
