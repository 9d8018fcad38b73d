"""Parameters know their activations: given, or set by train; used, kept, and not contradicted."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native._native import backend
from shallownet_native.files import snet
from shallownet_native.network.units import DEFAULTS

GOLDEN = Path(__file__).parents[1] / "golden"
GIVEN = {"hidden": "leaky_relu", "output": "exp", "negative_slope": 0.2}
NETWORK = sn.initialize(3, 5, 2, "glorot_uniform", seed=0)
X = np.random.default_rng(0).normal(size=(3, 30))
Y = np.random.default_rng(1).integers(0, 2, (2, 30)).astype(float)


def known(parameters: sn.Parameters) -> dict[str, Any]:
    return {name: getattr(parameters, name) for name in ("hidden", "output", "negative_slope")}


def targets(output: str) -> Any:
    return np.eye(2)[Y[0].astype(int)].T if output == "softmax" else Y


def saved(model: Any, path: Path) -> Any:
    sn.save(model, path)
    return sn.load(path)


# what is known


def test_units_are_unknown_until_they_are_given() -> None:
    assert known(NETWORK) == dict.fromkeys(GIVEN)
    assert known(sn.Parameters(*NETWORK, **GIVEN)) == GIVEN
    assert known(sn.Parameters.from_flat(NETWORK.flat, NETWORK.shape, **GIVEN)) == GIVEN
    assert known(sn.Parameters(*NETWORK, output="exp")) == {**dict.fromkeys(GIVEN), "output": "exp"}


def test_units_of_no_hidden_layer_are_those_of_the_output() -> None:
    parameters = sn.Parameters(None, None, [[1.0]], [[0.0]], **GIVEN)
    assert known(parameters) == {**dict.fromkeys(GIVEN), "output": "exp"}
    result = sn.train(parameters, [[1.0, 2.0]], [[1.0, 2.0]], hidden="relu", n_iterations=3)
    assert known(result.parameters) == known(parameters)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"hidden": "rely"}, ValueError, "hidden must be one of.*did you mean 'relu'"),
        ({"output": "linear"}, ValueError, "output must be one of"),
        ({"output": 3}, TypeError, "output must be a string"),
        ({"negative_slope": -1.0}, ValueError, "negative_slope must be in"),
        ({"negative_slope": "0.1"}, TypeError, "negative_slope must be a real number"),
    ],
)
def test_units_that_do_not_exist_are_refused(changes: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        sn.Parameters(*NETWORK, **changes)
    with pytest.raises(error, match=words):
        sn.Parameters.from_flat(NETWORK.flat, NETWORK.shape, **changes)


def test_units_cannot_be_assigned() -> None:
    parameters = sn.Parameters(*NETWORK, **GIVEN)
    for name, value in GIVEN.items():
        with pytest.raises(AttributeError, match=f"{name} cannot be assigned"):
            setattr(parameters, name, value)


COPIES: dict[str, Callable[[sn.Parameters, Path], sn.Parameters]] = {
    "copy": lambda p, path: p.copy(),
    "deepcopy": lambda p, path: copy.deepcopy(p),
    "shallow copy": lambda p, path: copy.copy(p),
    "pickle": lambda p, path: pickle.loads(pickle.dumps(p)),
    "old pickle": lambda p, path: pickle.loads(pickle.dumps(p, 2)),
    "astype": lambda p, path: p.astype(np.float64),
    "freeze": lambda p, path: p.copy().freeze(),
    "file": saved,
    "frozen, in a file": lambda p, path: saved(p.copy().freeze(), path),
}


@pytest.mark.parametrize("given", [GIVEN, {**GIVEN, "negative_slope": 0.0}, {"output": "exp"}, {}])
@pytest.mark.parametrize("kept", COPIES.values(), ids=COPIES)
def test_units_are_kept(kept: Any, given: Any, tmp_path: Path) -> None:
    parameters = sn.Parameters(*NETWORK, **given)
    again = kept(parameters, tmp_path / "model.snet")
    assert known(again) == known(parameters)
    assert again == parameters


def test_units_count_for_equality_where_both_know_them() -> None:
    relu, tanh = (sn.Parameters(*NETWORK, hidden=hidden) for hidden in ("relu", "tanh"))
    assert relu != tanh
    assert relu == NETWORK and NETWORK == tanh
    assert relu == sn.Parameters(*NETWORK, output="exp")
    steep = sn.Parameters(*NETWORK, **{**GIVEN, "negative_slope": 0.3})
    assert steep != sn.Parameters(*NETWORK, **GIVEN)
    # what no unit uses makes no difference
    assert relu == sn.Parameters(*NETWORK, hidden="relu", negative_slope=0.5)


def test_units_are_shown_when_known() -> None:
    assert repr(NETWORK) == "Parameters(n_x=3, n_h=5, n_y=2, dtype=float64)"
    shown = "hidden='leaky_relu', output='exp', negative_slope=0.2)"
    assert repr(sn.Parameters(*NETWORK, **GIVEN)).endswith(f"dtype=float64, {shown}")
    relu = sn.Parameters(*NETWORK, hidden="relu", negative_slope=0.2)
    assert repr(relu).endswith("dtype=float64, hidden='relu')")


# what is done with it

CALLS: dict[str, Callable[..., Any]] = {
    "forward": lambda p, **given: sn.forward(p, X, **given),
    "cost": lambda p, **given: [sn.cost(p, X, targets("softmax"), **given)],
    "gradients": lambda p, **given: sn.gradients(p, X, targets("softmax"), **given)[1][:4],
    "predict": lambda p, **given: [sn.predict(p, X, **given)],
    "predict_one": lambda p, **given: [sn.predict_one(p, X[:, 0].copy(), **given)],
    "train": lambda p, **given: [
        sn.train(p, X, targets("softmax"), n_iterations=3, **given).parameters.flat
    ],
}


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "units", [("relu", "softmax", 0.01), ("leaky_relu", "sigmoid", 0.3), DEFAULTS[:3]], ids=str
)
def test_units_are_what_a_call_uses(call: Any, units: Any) -> None:
    given = dict(zip(GIVEN, units, strict=True))
    expected = call(NETWORK, **given)
    knowing = sn.Parameters(*NETWORK, **given)
    for frozen in (knowing, knowing.copy().freeze()):
        assert same(call(frozen), expected)
        assert same(call(frozen, **given), expected)
        assert same(call(frozen, hidden=None, output=None, negative_slope=None), expected)
    assert same(call(NETWORK), call(NETWORK, **dict(zip(GIVEN, DEFAULTS, strict=False))))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("name", "other"), [("hidden", "tanh"), ("output", "sigmoid")])
def test_units_that_contradict_are_refused(call: Any, name: str, other: str) -> None:
    knowing = sn.Parameters(*NETWORK, hidden="relu", output="softmax")
    with pytest.raises(ValueError, match=f"{name}='{other}' was given.*{name}=") as caught:
        call(knowing, **{name: other})
    advice = str(caught.value).rpartition("take ")[2]
    line = eval(advice, {"sn": sn, "parameters": knowing})  # it loses nothing that was known
    assert known(line) == {**known(knowing), name: other}
    call(line)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_units_slope_is_compared_where_leaky_relu_uses_it(call: Any) -> None:
    leaky = sn.Parameters(*NETWORK, hidden="leaky_relu", output="softmax", negative_slope=0.2)
    with pytest.raises(ValueError, match=r"negative_slope=0\.3 was given"):
        call(leaky, negative_slope=0.3)
    relu = sn.Parameters(*NETWORK, hidden="relu", output="softmax", negative_slope=0.2)
    assert same(call(relu, negative_slope=0.3), call(relu))


def test_units_are_set_by_train_on_the_result_alone(tmp_path: Path) -> None:
    start = NETWORK.copy()
    states: list[sn.EpochState] = []
    result = sn.train(
        start, X, Y, hidden="relu", n_iterations=3, callback=states.append,
        checkpoint=tmp_path / "training.snet",
    )  # fmt: skip
    expected = {"hidden": "relu", "output": "sigmoid", "negative_slope": 0.01}
    assert known(start) == dict.fromkeys(GIVEN)
    assert known(result.parameters) == known(states[0].parameters) == expected
    again = sn.train(result.parameters, X, Y, n_iterations=2)
    assert known(again.parameters) == expected
    with pytest.raises(ValueError, match="hidden='tanh' was given"):
        sn.train(result.parameters, X, Y, hidden="tanh", n_iterations=2)


@pytest.mark.parametrize("error", [sn.TrainingInterrupted, sn.DivergenceError])
def test_units_are_known_to_the_result_of_an_error(error: type[Exception]) -> None:
    scale, callback = (1e300, None) if error is sn.DivergenceError else (1.0, breaking_off(0))
    with pytest.raises(error) as caught:
        sn.train(NETWORK, X * scale, Y, hidden="relu", output="identity", callback=callback)
    found = known(caught.value.result.parameters)  # type: ignore[attr-defined]
    assert found == {"hidden": "relu", "output": "identity", "negative_slope": 0.01}


@pytest.mark.parametrize("n_h", [0, 6])
@pytest.mark.parametrize("whole", [True, False], ids=["result", "parameters"])
def test_units_travel_with_what_was_trained(
    hidden: str, output: str, n_h: int, whole: bool, tmp_path: Path
) -> None:
    given = {"hidden": hidden, "output": output, "negative_slope": 0.3}
    start = sn.initialize(3, n_h, 2, "glorot_uniform", seed=0)
    result = sn.train(start, X, targets(output), n_iterations=20, learning_rate=0.01, **given)
    loaded = saved(result if whole else result.parameters, tmp_path / "model.snet")
    labels = sn.predict(sn.Parameters(*result.parameters), X, **given)
    assert np.array_equal(sn.predict(loaded, X), labels)
    assert sn.predict(loaded, X).dtype == labels.dtype
    one = sn.predict_one(loaded, X[:, 0].copy())
    assert np.array_equal(one, sn.forward(result.parameters, X).A2[:, 0])


def test_units_of_estimators_are_known_where_their_parameters_are_handed_out() -> None:
    states: list[sn.EpochState] = []
    model = sn.ShallowNetClassifier((4,), "logistic", max_iter=2, tol=10.0, n_iter_no_change=1)
    model.set_params(callbacks=states.append, random_state=0)
    labels = Y[0] + Y[1]
    with pytest.warns(match="Maximum iterations"):
        model.fit(X.T, labels)
    parameters = states[-1].parameters
    assert known(parameters)["hidden"] == "sigmoid" and parameters.output == "softmax"
    assert np.array_equal(sn.predict(parameters, X), model.predict(X.T))
    assert np.allclose(model.decision_function(X.T[:1]), model.decision_function(X.T)[:1])


def test_units_of_a_model_are_known_to_its_parameters() -> None:
    model = sn.load(GOLDEN / "model-1.snet")
    expected = {"hidden": "leaky_relu", "output": "sigmoid", "negative_slope": 0.125}
    assert known(model.parameters) == expected


# files


def test_units_golden_file_of_version_2_keeps_loading() -> None:
    """The file was written when the version came and stays as it is."""
    loaded = sn.load(GOLDEN / "parameters-2.snet")
    assert loaded == sn.Parameters([[1.0, 2.0]], [[-0.5]], [[3.0]], [[0.25]])
    given = {"hidden": "leaky_relu", "output": "identity", "negative_slope": 0.125}
    assert known(loaded) == given
    content = snet.encode(loaded.to_record())
    assert content == (GOLDEN / "parameters-2.snet").read_bytes()


def test_units_files_without_them_stay_as_they_were(tmp_path: Path) -> None:
    golden = GOLDEN / "parameters-1.snet"
    loaded = sn.load(golden)
    assert known(loaded) == dict.fromkeys(GIVEN)
    sn.save(loaded, tmp_path / "again.snet")
    assert (tmp_path / "again.snet").read_bytes() == golden.read_bytes()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden": "rely"}, "hidden must be one of"),
        ({"hidden": ["relu"]}, "hidden must be a string"),
        ({"output": 1}, "output must be a string"),
        ({"negative_slope": -0.5}, "negative_slope"),
        ({"negative_slope": True}, "negative_slope"),
        ({"more": 1}, "unknown keys"),
    ],
)
def test_units_that_a_file_makes_up_are_refused(changes: Any, words: str, tmp_path: Path) -> None:
    record = sn.Parameters(*NETWORK, **GIVEN).to_record()
    fields = json.loads(json.dumps({**record.fields, **changes}))
    path = tmp_path / "made.snet"
    path.write_bytes(snet.encode(snet.Record("parameters", fields, record.arrays, 2)))
    with pytest.raises(sn.ModelFormatError, match=words):
        sn.load(path)


def test_units_have_no_place_in_version_1_nor_version_2_in_other_kinds(tmp_path: Path) -> None:
    record = sn.Parameters(*NETWORK, **GIVEN).to_record()
    old = snet.encode(snet.Record("parameters", record.fields, record.arrays))
    (tmp_path / "old.snet").write_bytes(old)
    with pytest.raises(sn.ModelFormatError, match="unknown keys"):
        sn.load(tmp_path / "old.snet")
    with pytest.raises(sn.ModelFormatError, match="'model' of format version 2"):
        snet.decode(snet.encode(snet.Record("model", version=2)))
    with pytest.raises(sn.ModelFormatError, match=r"version 4.*upgrade"):
        snet.decode(snet.encode(snet.Record("parameters", version=4)))


def test_units_of_the_core_are_all_taken() -> None:
    for name in backend.core.activations:
        assert sn.Parameters(*NETWORK, hidden=name).hidden == name
    for name in backend.core.outputs:
        assert sn.Parameters(*NETWORK, output=name).output == name
