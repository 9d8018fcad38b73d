"""Files made on purpose, right checksum, wrong content: all are refused before they cost much."""

import hashlib
import json
import struct
import sys
import tracemalloc

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.files import snet

HEADER = "<8sIIQQQ24x"
THETA = np.array([1.0, -2.0, 0.5]).tobytes()
SIZES = {"n_x": 2, "n_h": 0, "n_y": 1}
ARRAY = {"name": "theta", "dtype": "<f8", "shape": [3]}


def forge(metadata, body=THETA, *, tail=b"", **header):
    """Return a file of this metadata (text or a tree), with a right checksum."""
    text = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
    fields = {
        "magic": snet.MAGIC, "version": 1, "reserved": 0, "n_metadata": len(text),
        "n_arrays": len(body), "n_file": 64 + len(text) + len(body) + len(tail) + 32, **header,
    }  # fmt: skip
    content = struct.pack(HEADER, *fields.values()) + text + body + tail
    return content + hashlib.sha256(content).digest()


def parameters_file(fields=SIZES, arrays=(ARRAY,), body=THETA, **more):
    return forge({"kind": "parameters", "fields": fields, "arrays": list(arrays), **more}, body)


def array_file(body=THETA, **changes):
    return parameters_file(arrays=[{**ARRAY, **changes}], body=body)


def model_file(*, arrays=None, **changes):
    """Return a model's file with some of its fields changed."""
    fields = {
        "network": SIZES,
        "columns": ["a", "b"], "categories": {},
        "hidden": "tanh", "output": "sigmoid", "target": "y", "classes": ["no", "yes"],
        "negative_slope": 0.01, "training": {}, **changes,
    }  # fmt: skip
    numbers = {"theta": [1.0, -2.0, 0.5], "centre": [0.0, 0.0], "scale": [1.0, 1.0]}
    numbers.update(arrays or {})
    numbers = {name: np.array(values) for name, values in numbers.items()}
    return snet.encode(snet.Record("model", fields, numbers))


def json_file(text):
    """Return a file whose fields, which `decode` does not look into, hold this text."""
    return forge(b'{"kind":"k","arrays":[],"fields":{"x":%s}}' % text, b"")


WHOLE = {"kind": "parameters", "fields": SIZES, "arrays": [ARRAY]}
HOSTILE = {
    "magic": forge(WHOLE, magic=b"\x89SNET\n\n\x1a"),
    "pickle": b"\x80\x04cos\nsystem\n(S'true'\ntR." + bytes(100),
    "zip": b"PK\x03\x04" + bytes(100),
    "empty": b"",
    "version 0": forge(WHOLE, version=0),
    "version 2": forge(WHOLE, version=2),
    "version of another byte order": forge(WHOLE, version=1 << 24),
    "reserved": forge(WHOLE, reserved=1),
    "size of the file": forge(WHOLE, n_file=2**63),
    "size of the file 0": forge(WHOLE, n_file=0),
    "size of the metadata": forge(WHOLE, n_metadata=2**64 - 1),
    "size of the metadata 0": forge(WHOLE, n_metadata=0),
    "size of the arrays": forge(WHOLE, n_arrays=2**64 - 1),
    "sizes that wrap around": forge(WHOLE, n_metadata=2**64 - 8, n_arrays=len(THETA) + 8),
    "metadata that reach into the arrays": forge(
        WHOLE, n_metadata=len(json.dumps(WHOLE)) + 8, n_arrays=16
    ),
    "bytes after the arrays": forge(WHOLE, tail=b"more"),
    "no metadata": forge(b""),
    "metadata not JSON": forge(b"kind: parameters"),
    "metadata not ASCII": forge('{"kind":"größe"}'.encode()),
    "metadata of UTF-16": forge('{"kind":"parameters"}'.encode("utf-16")),
    "metadata twice": forge(b"{}{}"),
    "metadata a list": forge([]),
    "metadata null": forge(b"null"),
    "metadata a string": forge(b'"parameters"'),
    "metadata unfinished": forge(b'{"kind":"parameters"'),
    "metadata an unfinished string": forge(b'{"kind":"parameters'),
    "no kind": forge({"fields": SIZES, "arrays": [ARRAY]}),
    "unknown key": parameters_file(code="import os"),
    "kind unknown": forge({**WHOLE, "kind": "classifier"}),
    "kind a module": forge({**WHOLE, "kind": "os.system"}),
    "kind a dunder": forge({**WHOLE, "kind": "__reduce__"}),
    "kind a list": forge({**WHOLE, "kind": ["parameters"]}),
    "kind null": forge({**WHOLE, "kind": None}),
    "fields a list": forge({**WHOLE, "fields": []}),
    "arrays an object": forge({**WHOLE, "arrays": {"theta": ARRAY}}),
    "no fields": parameters_file(fields={}),
    "a field missing": parameters_file(fields={"n_x": 2, "n_h": 0}),
    "a field too many": parameters_file(fields={**SIZES, "hidden": "tanh"}),
    "size a float": parameters_file(fields={**SIZES, "n_x": 2.0}),
    "size true": parameters_file(fields={**SIZES, "n_y": True}),
    "size text": parameters_file(fields={**SIZES, "n_x": "2"}),
    "size null": parameters_file(fields={**SIZES, "n_h": None}),
    "size negative": parameters_file(fields={**SIZES, "n_h": -1}),
    "size 0": parameters_file(fields={**SIZES, "n_x": 0}),
    "size wrong": parameters_file(fields={**SIZES, "n_x": 3}),
    "size huge": parameters_file(fields={"n_x": 2**62, "n_h": 2**62, "n_y": 2**62}),
    "no array": parameters_file(arrays=[]),
    "an array too many": parameters_file(arrays=[ARRAY, {**ARRAY, "name": "x", "shape": [0]}]),
    "an array twice": parameters_file(arrays=[ARRAY, ARRAY], body=THETA * 2),
    "many arrays": parameters_file(
        arrays=[{**ARRAY, "name": str(k), "shape": [0]} for k in range(1000)]
    ),
    "array entry a list": parameters_file(arrays=[["theta", "<f8", [3]]]),
    "array entry with an offset": parameters_file(arrays=[{**ARRAY, "offset": 0}]),
    "array of another name": array_file(name="weights"),
    "array name a number": array_file(name=0),
    "dtype object": array_file(dtype="|O"),
    "dtype big-endian": array_file(dtype=">f8"),
    "dtype text": array_file(dtype="<U6"),
    "dtype of fields": array_file(dtype=[["a", "<f8"]]),
    "dtype integer": array_file(dtype="<i8"),
    "dtype of another size": array_file(dtype="<f4"),
    "shape too small": array_file(shape=[2]),
    "shape too large": array_file(shape=[4]),
    "shape negative": array_file(shape=[-3]),
    "shape of two negatives": array_file(shape=[-3, -1]),
    "shape -1": array_file(shape=[-1]),
    "shape a float": array_file(shape=[3.0]),
    "shape true": array_file(shape=[3, True]),
    "shape a number": array_file(shape=3),
    "shape text": array_file(shape="3"),
    "shape of two axes": array_file(shape=[3, 1]),
    "shape of many axes": array_file(shape=[3] + [1] * 70),
    "shape huge": array_file(shape=[2**62]),
    "shape whose product wraps around": array_file(shape=[2**32, 2**32, 3]),
    "shape of nothing, huge": array_file(shape=[0, 2**47, 2**47], body=b""),
    "parameters NaN": parameters_file(body=np.array([1.0, np.nan, 0.0]).tobytes()),
    "parameters infinite": parameters_file(body=np.array([1.0, np.inf, 0.0]).tobytes()),
    "model without columns": model_file(columns=[], arrays={"centre": [], "scale": []}),
    "model with a column too few": model_file(columns=["a"]),
    "model, columns text": model_file(columns="ab"),
    "model, columns null": model_file(columns=None),
    "model, a column's name a number": model_file(columns=["a", 1]),
    "model, a column's name a list": model_file(columns=["a", ["b"]]),
    "model, a column's name twice": model_file(columns=["a", "a"]),
    "model, a column named as the target": model_file(columns=["a", "y"]),
    "model, categories a list": model_file(categories=[]),
    "model, categories of no column": model_file(categories={"c": ["x"]}),
    "model, categories text": model_file(categories={"a": "x"}),
    "model, categories numbers": model_file(categories={"a": [1]}),
    "model, no category": model_file(categories={"a": []}),
    "model, a category twice": model_file(categories={"a": ["x", "x"]}),
    "model, a category too many": model_file(categories={"a": ["x", "y"]}),
    "model, scale 0": model_file(arrays={"scale": [1.0, 0.0]}),
    "model, scale negative": model_file(arrays={"scale": [1.0, -1.0]}),
    "model, scale NaN": model_file(arrays={"scale": [1.0, np.nan]}),
    "model, centre infinite": model_file(arrays={"centre": [1.0, np.inf]}),
    "model, centre too long": model_file(arrays={"centre": [1.0, 1.0, 1.0]}),
    "model, centre a number": model_file(arrays={"centre": 1.0}),
    "model, hidden unknown": model_file(hidden="tahn"),
    "model, hidden a list": model_file(hidden=["tanh"]),
    "model, output unknown": model_file(output="step"),
    "model, output of other classes": model_file(output="softmax"),
    "model, output of no classes": model_file(output="identity"),
    "model, one class": model_file(classes=["no"]),
    "model, classes text": model_file(classes="ny"),
    "model, classes lists": model_file(classes=[["no"], ["yes"]]),
    "model, classes null": model_file(classes=None),
    "model, classes equal": model_file(classes=["no", "no"]),
    "model, slope negative": model_file(negative_slope=-1.0),
    "model, slope text": model_file(negative_slope="0.1"),
    "model, target null": model_file(target=None),
    "model, facts a list": model_file(training=[]),
    "model, facts nested": model_file(training={"epochs": {"n": 1}}),
}

# JSON that a lax reader would take, and what the refusal says
LAX_JSON = {
    b'{"a":1,"a":1}': "twice",
    b'0,"x":1': "twice",
    b"NaN": "NaN",
    b"-Infinity": "Infinity",
    b"1e999": "float64",
    b"-1e999": "float64",
    b"1" * 33: "digits",
    b"1" * 5000: "digits",
    b"0." + b"1" * 5000: "digits",
    b"[" * 15 + b"]" * 15: "nested",
    b"[" * 100_000 + b"]" * 100_000: "nested",
    b'{"a":' * 30_000 + b"1" + b"}" * 30_000: "nested",
    b"[" + b"[]," * 2**15 + b"0]": "lists and objects",
    b'["\\"",' + b"[" * 20 + b"]" * 21: "nested",
    b'["\\\\",' + b"[" * 20 + b"]" * 21: "nested",
    b'"' + b"a" * 2**18 + b'"': "are allowed",
    b"'a'": "JSON",
    b"01": "JSON",
    b"[1,]": "JSON",
    b"/* */ 1": "JSON",
    b'"\n"': "JSON",
    b"\xff": "JSON",
}
STRICT_JSON = [
    b"[" * 14 + b"]" * 14, b'"[[[[[[[[[[[[[[[[[["', b'"\\\"[[[[[[[[[[[[[[[[[["', b"1" * 32,
    b"-1.5e-300", b'["' + b"1" * 5000 + b'"]', b'{"a":{"a":1}}', b"null",
]  # fmt: skip


@pytest.mark.parametrize("text", LAX_JSON, ids=lambda text: repr(text[:20]))
def test_files_refuse_lax_json(text):
    with pytest.raises(sn.ModelFormatError, match=LAX_JSON[text]):
        snet.decode(json_file(text))


@pytest.mark.parametrize("text", STRICT_JSON, ids=lambda text: repr(text[:20]))
def test_files_take_strict_json(text):
    assert snet.decode(json_file(text)).fields == {"x": json.loads(text)}


def test_files_the_forger_can_forge_good_files(tmp_path):
    """Else the files below would be refused for another reason than theirs."""
    for content in (forge(WHOLE), parameters_file(), array_file(), model_file()):
        (tmp_path / "good.snet").write_bytes(content)
        assert sn.load(tmp_path / "good.snet")
    assert len(HOSTILE) >= 80


@pytest.mark.parametrize("name", HOSTILE)
def test_files_hostile_ones_are_refused(name, tmp_path):
    (tmp_path / "hostile.snet").write_bytes(HOSTILE[name])
    with pytest.raises(sn.ModelFormatError, match=r"hostile\.snet") as caught:
        sn.load(tmp_path / "hostile.snet")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1000


@pytest.mark.parametrize("name", HOSTILE)
def test_files_hostile_ones_take_little_memory(name, tmp_path):
    """At most the file a few times over, and what its metadata become as Python objects."""
    (tmp_path / "hostile.snet").write_bytes(HOSTILE[name])
    with pytest.raises(sn.ModelFormatError):
        sn.load(tmp_path / "hostile.snet")  # imports what it needs
    tracemalloc.start()
    with pytest.raises(sn.ModelFormatError):
        sn.load(tmp_path / "hostile.snet")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * len(HOSTILE[name]) + 2**20


def test_files_depth_is_bounded_before_the_parser_recurses():
    """Even where the interpreter was told to allow a million frames."""
    before = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(10**6)
        with pytest.raises(sn.ModelFormatError, match="nested"):
            snet.decode(json_file(b"[" * 100_000 + b"]" * 100_000))
    finally:
        sys.setrecursionlimit(before)


def test_files_of_too_many_arrays_are_refused_as_such():
    content = snet.encode(snet.Record("k", {}, {str(k): np.zeros(1) for k in range(65)}))
    with pytest.raises(sn.ModelFormatError, match="65 arrays"):
        snet.decode(content)


def test_files_are_never_written_with_metadata_that_cannot_be_read():
    for fields in ({"x": [[]] * 2**15}, {"x": 10**33}, {"x": json.loads("[" * 16 + "]" * 16)}):
        with pytest.raises(ValueError, match="the metadata"):
            snet.encode(snet.Record("k", fields))


def test_files_brackets_inside_names_are_no_depth(tmp_path):
    name = '[{"' * 20 + "\\"
    content = model_file(columns=[name, "b"])
    (tmp_path / "odd.snet").write_bytes(content)
    assert sn.load(tmp_path / "odd.snet").columns[0] == name
