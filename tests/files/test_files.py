"""Files: saved models come back to the last bit; whatever else is in a file is refused.

`test_files_saving.py` is about writing, `test_files_hostile.py` about files made on purpose.
"""

import hashlib
import os
import socket
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shallownet_native as sn
from campaigns.forgery import damaged, old_model
from shallownet_native.files import snet
from shallownet_native.tables import Model

GOLDEN = Path(__file__).parents[1] / "golden"
POSIX = pytest.mark.skipif(os.name != "posix", reason="FIFOs, sockets and modes are POSIX")


@pytest.fixture
def small_record():
    """The record of a model that has one of everything: 2 + 1 inputs, labels, facts."""
    return old_model(
        parameters=sn.initialize(3, 2, 1, seed=0),
        hidden="leaky_relu",
        columns=["sex", "größe"],
        categories={"sex": ["f", "m"]},
        centre=[0.0, 1.5],
        scale=[1.0, 0.25],
        target="y",
        negative_slope=0.125,
        training={"task": "classification", "epochs": 3, "cost": 0.5, "batch_size": None},
    )


@pytest.mark.parametrize("n_h", [0, 1, 5])
def test_files_parameters_come_back_bit_by_bit(path, n_h, dtype):
    parameters = sn.initialize(3, n_h, 2, seed=0, dtype=dtype)
    parameters.flat[:3] = -0.0, np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    sn.save(parameters, path)
    loaded = sn.load(path)
    assert loaded == parameters  # compares bytes
    assert loaded.flat.flags.writeable and loaded.flat.flags.aligned


def test_files_models_come_back_whole(path, small_record):
    sn.save(Model.from_record(small_record), path)
    assert path.read_bytes() == snet.encode(small_record) == snet.encode(sn.load(path).to_record())


@given(
    classes=st.lists(
        st.one_of(st.integers(-(2**53), 2**53), st.text(), st.floats(allow_nan=False, width=64)),
        min_size=2, max_size=2, unique=True,
    ).filter(lambda labels: all(abs(x) < 1e300 for x in labels if isinstance(x, float))),
    names=st.lists(st.text(min_size=1), min_size=3, max_size=3, unique=True),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_files_keep_any_labels_and_names(classes, names):
    columns = {"columns": names[:2], "categories": {}, "target": names[2]}
    record = old_model(parameters=sn.initialize(2, 1, 1, seed=0), classes=classes, **columns)
    loaded = Model.from_record(snet.decode(snet.encode(record)))
    assert (list(loaded.columns), loaded.target) == (names[:2], names[2])
    assert list(loaded.classes) == classes
    assert [type(label) for label in loaded.classes] == [type(label) for label in classes]


def test_files_the_same_model_gives_the_same_bytes(tmp_path, small_record):
    for name in ("a.snet", "b.snet"):
        sn.save(Model.from_record(small_record), tmp_path / name)
    assert (tmp_path / "a.snet").read_bytes() == (tmp_path / "b.snet").read_bytes()


def test_files_have_the_documented_bytes():
    """A file laid out by hand, as docs/file-format.md says, is what `save` writes."""
    parameters = sn.Parameters(None, None, [[1.0, -2.0]], [[0.5]])
    metadata = (
        b'{"kind":"parameters","fields":{"n_x":2,"n_h":0,"n_y":1},'
        b'"arrays":[{"name":"theta","dtype":"<f8","shape":[3]}]}'
    )
    body = struct.pack("<3d", 1.0, -2.0, 0.5)
    size = 64 + len(metadata) + len(body) + 32
    header = b"\x89SNET\r\n\x1a" + struct.pack("<IIQQQ", 1, 0, len(metadata), len(body), size)
    content = header + bytes(24) + metadata + body
    content += hashlib.sha256(content).digest()
    record = parameters.to_record()
    assert snet.encode(record) == content


def test_files_of_version_1_keep_loading(small_record):
    """The files were written by release 0.1.0 and stay as they are."""
    assert (GOLDEN / "model-1.snet").read_bytes() == snet.encode(small_record)
    assert sn.load(GOLDEN / "model-1.snet").target == "y"
    assert sn.load(GOLDEN / "parameters-1.snet") == sn.Parameters(
        [[1.0, 2.0]], [[-0.5]], [[3.0]], [[0.25]]
    )


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.snet")), ids=lambda file: file.name)
def test_files_refuse_every_flipped_bit_every_truncation_and_any_addition(golden):
    whole = golden.read_bytes()
    snet.decode(whole)
    for content in damaged(whole):
        with pytest.raises(sn.ModelFormatError):
            snet.decode(content)


@pytest.mark.parametrize("name", ["parameters-1.snet", "model-1.snet"])
def test_files_refuse_every_truncation_and_any_addition_on_the_disk(name, path):
    whole = (GOLDEN / name).read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(sn.ModelFormatError):
            sn.load(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(sn.ModelFormatError, match="bytes"):
        sn.load(path)


def test_files_errors_name_the_file(path):
    path.write_text("a,b\n1,2\n")
    with pytest.raises(sn.ModelFormatError, match=r"model\.snet: not a \.snet file"):
        sn.load(path)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.snet"):
        sn.load(path.with_name("nowhere.snet"))


def test_files_larger_than_allowed_are_not_read(path):
    sn.save(sn.initialize(2, 1, 1, seed=0), path)
    size = path.stat().st_size
    assert sn.load(path, max_bytes=size)
    with pytest.raises(sn.ModelFormatError, match="max_bytes"):
        sn.load(path, max_bytes=size - 1)


@POSIX
def test_files_refuse_what_is_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "fifo")  # opening it would wait for a writer for ever
    address = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        for name in (tmp_path, tmp_path / "fifo", address, "/dev/null", "/dev/zero"):
            with pytest.raises(sn.ModelFormatError, match="not a regular file"):
                sn.load(name)


def test_files_an_encoder_refuses_other_dtypes():
    for dtype in (np.float16, np.complex128, np.int32, object, "U3"):
        with pytest.raises(ValueError, match="dtype"):
            snet.encode(snet.Record("k", {}, {"a": np.zeros(2, dtype)}))


def test_files_arrays_keep_shape_and_leave_byte_order_behind():
    arrays = {
        "scalar": np.array(2.5),
        "big": np.arange(6, dtype=">f8").reshape(2, 3),
        "strided": np.arange(12.0, dtype=np.float32).reshape(3, 4)[::2, ::-1],
        "empty": np.zeros((0, 3)),
        "whole": np.array([-(2**62)], dtype=np.int64),
    }
    decoded = snet.decode(snet.encode(snet.Record("k", {}, arrays))).arrays
    for name, array in arrays.items():
        assert decoded[name].shape == array.shape and np.array_equal(decoded[name], array)
        assert decoded[name].dtype.isnative
