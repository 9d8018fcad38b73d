"""Damaged files: a short run of `campaigns/fuzz.py`, and all that it once had trouble with."""

import pytest

import shallownet_native as sn
from campaigns import fuzz, mutations_of_files

FOUND = sorted(fuzz.REGRESSIONS.glob("*.snet"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_fuzz_finds_stay_mended(path):
    outcome, how = fuzz.judge(path)
    assert outcome != "find", how


def test_fuzz_damaged_files_are_refused_or_work():
    outcomes, ways, finds = fuzz.campaign(1000, seed=0, timed=False)
    assert not finds
    assert outcomes["taken"] > 0 and outcomes["refused"] > 500
    assert len(ways) > 40, "most damages are refused for the same reason: nothing deep is reached"


@pytest.mark.parametrize("start", fuzz.starts(), ids=lambda content: f"{len(content)} bytes")
def test_fuzz_the_forger_knows_the_format(start):
    """Taken apart and put together again, a file is the same: else damages would stay shallow."""
    _, metadata, body = mutations_of_files.split(start)
    assert mutations_of_files.join(metadata, body) == mutations_of_files.seal(start) == start


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (KeyError("n_x"), "KeyError: 'n_x'"),
        (RecursionError("deep"), "RecursionError: deep"),
        (sn.ModelFormatError("two\nlines"), "a message of"),
    ],
)
def test_fuzz_sees_what_is_wrong(monkeypatch, tmp_path, error, what):
    def load(_):
        raise error

    monkeypatch.setattr(sn, "load", load)
    outcome, how = fuzz.judge(tmp_path / "any.snet")
    assert outcome == "find" and what in how
