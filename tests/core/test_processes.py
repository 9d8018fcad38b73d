"""Processes, threads and exits: one scenario of each kind; `campaigns/processes.py` runs all."""

import sys

import pytest

from campaigns import processes


@pytest.fixture(scope="module")
def alone():
    """The digests of what one thread computes."""
    code, digests, complaint = processes.run("alone")
    assert code == 0, complaint
    return set(digests)


@pytest.mark.skipif(sys.platform != "linux", reason="forks, and exit codes of signals")
@pytest.mark.parametrize("name", processes.QUICK)
def test_processes_scenarios_end_well_with_the_same_bits(name, alone):
    assert processes.judge(name, alone, quick=True) == "ok"
