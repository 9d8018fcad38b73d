"""What comes in from elsewhere: bounded build requirements, and nothing over the network."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Everything in Python that opens a connection or looks a name up raises one of these events first.
PROGRAM = """
import sys

def refuse(event, arguments):
    if event.partition(".")[0] in ("socket", "urllib", "http", "ftplib", "smtplib"):
        raise SystemExit(f"reaches the network: {event} {arguments}")

sys.addaudithook(refuse)
"""
USE = """
import contextlib, importlib, io, pkgutil
import numpy as np
import shallownet_native as sn
from shallownet_native import cli

for module in pkgutil.walk_packages(sn.__path__, "shallownet_native."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
X, Y = sn.datasets.flower()
start = sn.initialize(2, 4, 1, seed=0)
result = sn.train(start, X, Y, n_iterations=5, n_threads=2)
sn.train(start, X, Y, n_epochs=2, batch_size=32, optimizer="adam", seed=0)
sn.predict(result.parameters, X)
sn.predict_one(result.parameters, X[:, 0])
sn.save(result.parameters, sys.argv[1])
assert sn.load(sys.argv[1]) == result.parameters
for name in ("Classifier", "Regressor"):
    estimator = getattr(sn, "ShallowNet" + name)(max_iter=500, random_state=0)
    estimator.fit(X.T, Y.ravel()).predict(X.T)
sn.datasets.load_breast_cancer()
sn.show_config()
assert cli.main(["info", sys.argv[1]]) == 0
print("done without the network")
"""


def run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM + program, str(path)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_supply_chain_nothing_reaches_the_network(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    done = run(USE, tmp_path / "model.snet")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done without the network\n")


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import urllib.request; urllib.request.urlopen('http://localhost')",
    ],
)
def test_supply_chain_an_attempt_would_be_seen(attempt: str, tmp_path: Path) -> None:
    done = run(attempt, tmp_path)
    assert done.returncode == 1 and "reaches the network" in done.stderr


def test_supply_chain_build_requirements_are_bounded() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = re.search(r"^\[build-system\]\nrequires = \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)
    assert section
    requirements = re.findall(r'"(.*?)"', section[1])
    assert len(requirements) >= 3
    for requirement in requirements:
        assert re.fullmatch(r"[\w-]+>=[\d.]+,<[\d.]+", requirement), requirement
