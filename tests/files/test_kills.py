"""kill -9 while a file is written, in short; `campaigns/kills.py` counts thousands.

A kill does not show what a power cut would lose; the order of writes, syncs and rename does.
"""

import os
import stat

import pytest

import shallownet_native as sn
from campaigns import kills

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
every_subject = pytest.mark.parametrize("name", kills.SUBJECTS)


@every_subject
def test_kills_before_any_step_leave_the_old_file_or_the_new(name, tmp_path):
    found = kills.killed_at_every_step(kills.SUBJECTS[name], tmp_path, stride=11)
    assert found["old"] > 5 and found["new"] > 0


@every_subject
def test_kills_at_random_leave_the_old_file_or_the_new(name, tmp_path):
    assert kills.killed_at_random(kills.SUBJECTS[name], tmp_path, 20, seed=0).total() == 20


def test_kills_would_show_a_file_written_in_place(tmp_path, monkeypatch):
    def write(name, chunks, kind):
        content = b"".join(chunks)
        with open(name, "wb", buffering=0) as stream:
            stream.write(content[:1000])
            stream.write(content[1000:])

    write.__code__ = write.__code__.replace(co_filename=kills.files.__file__)
    monkeypatch.setattr(kills.files, "replace_file", write)
    with pytest.raises(sn.ModelFormatError):
        kills.killed_at_every_step(kills.SUBJECTS["save"], tmp_path)


def test_kills_of_the_power_lose_nothing_that_was_renamed(tmp_path, monkeypatch):
    """All bytes are synced before the rename, the folder after it."""
    events = []
    fsync, replace = os.fsync, os.replace

    def record_fsync(descriptor):
        status = os.fstat(descriptor)
        events.append("folder" if stat.S_ISDIR(status.st_mode) else status.st_size)
        fsync(descriptor)

    def record_replace(source, target):
        events.append("rename")
        assert os.path.dirname(source) == os.path.dirname(target) == str(tmp_path)
        replace(source, target)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "replace", record_replace)
    kills.prepare_save(tmp_path)
    assert events == [(tmp_path / "model.snet").stat().st_size, "rename", "folder"]
