"""Saving: a whole new file or the old one, whatever the disk, the user or the machine does."""

import errno
import os
import stat
import subprocess
import sys

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.forgery import old_model
from shallownet_native.tables import Model

POSIX = pytest.mark.skipif(os.name != "posix", reason="FIFOs, links and modes are POSIX")
MODEL = sn.initialize(3, 4, 2, seed=3)


@POSIX
def test_files_follow_a_link_and_leave_it_in_place(tmp_path):
    target, link = tmp_path / "target.snet", tmp_path / "link.snet"
    link.symlink_to(target.name)
    for seed in (0, 1):  # the target does not exist, then does
        parameters = sn.initialize(2, 1, 1, seed=seed)
        sn.save(parameters, link)
        assert link.is_symlink() and sn.load(link) == sn.load(target) == parameters


@POSIX
def test_files_do_not_replace_what_is_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for name in (tmp_path, tmp_path / "fifo", "/dev/null"):
        with pytest.raises(OSError, match="not a regular file"):
            sn.save(MODEL, name)
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)
    assert os.listdir(tmp_path) == ["fifo"]


def test_files_saved_into_no_folder_name_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.model\.snet"):
        sn.save(MODEL, tmp_path / "nowhere" / "model.snet")


@POSIX
def test_files_keep_their_mode_and_new_ones_obey_the_umask(path):
    before = os.umask(0o027)
    try:
        sn.save(MODEL, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        sn.save(MODEL, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("function", "code"),
    [
        ("fsync", errno.EIO),
        ("fsync", errno.ENOSPC),
        ("replace", errno.EACCES),
        ("open", errno.EROFS),
    ],
)
def test_files_that_cannot_be_written_leave_the_old_one(path, monkeypatch, function, code):
    sn.save(sn.initialize(2, 1, 1, seed=0), path)
    old = path.read_bytes()
    with monkeypatch.context() as patched:

        def fail(*_, **__):
            raise OSError(code, os.strerror(code))

        patched.setattr(os, function, fail)
        with pytest.raises(OSError):
            sn.save(MODEL, path)
    assert path.read_bytes() == old
    assert os.listdir(path.parent) == [path.name]


@POSIX
def test_files_a_full_disk_is_an_error_and_leaves_the_old_file(path):
    """The system itself refuses to write more than some bytes."""
    sn.save(sn.initialize(2, 1, 1, seed=0), path)
    code = (
        "import resource, signal, sys, shallownet_native as sn\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "parameters = sn.initialize(100, 100, 1, seed=1)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    sn.save(parameters, sys.argv[1])\n"
        "except OSError as error:\n    print('OSError', error.errno)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert run.stdout == f"OSError {errno.EFBIG}\n", run.stderr
    assert sn.load(path) == sn.initialize(2, 1, 1, seed=0)
    assert os.listdir(path.parent) == [path.name]


@POSIX
def test_files_killed_while_saving_are_old_or_new(path):
    """Kill -9 at many moments of a loop that saves two models in turns."""
    code = (
        "import sys, shallownet_native as sn\n"
        "models = [sn.initialize(50, n_h, 1, seed=0) for n_h in (10, 400)]\n"
        "sn.save(models[0], sys.argv[1])\n"
        "print('saved', flush=True)\n"
        "while True:\n    for model in models:\n        sn.save(model, sys.argv[1])\n"
    )
    for trial in range(6):
        process = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"saved\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.003 * trial)
        process.kill()
        process.wait()
        process.stdout.close()
        assert sn.load(path).n_h in (10, 400)


def test_files_saving_refuses_what_it_does_not_know(path):
    for other in ({"W1": 1}, None, "model", sn.train):
        with pytest.raises(TypeError, match="save takes Parameters, a TrainingResult, an est"):
            sn.save(other, path)
    assert not path.exists()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_files_saving_refuses_numbers_that_are_not_finite(path, value):
    parameters = sn.initialize(2, 1, 1, seed=0)
    parameters.flat[1] = value
    with pytest.raises(ValueError, match="finite"):
        sn.save(parameters, path)
    assert not path.exists()


def test_files_saving_refuses_more_metadata_than_loading_takes(path):
    names = [f"a rather long name of a category, number {k}" for k in range(30_000)]
    parameters = sn.initialize(1 + len(names), 0, 1, seed=0)
    model = Model.from_record(old_model(parameters=parameters, categories={"colour": names}))
    with pytest.raises(ValueError, match="a file allows"):
        sn.save(model, path)
    assert not path.exists()
