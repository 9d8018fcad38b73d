"""Models of tables: how values become inputs, outputs become labels, and what does not fit."""

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn
from shallownet_native.tables.fitting import Options, fit
from shallownet_native.tables.model import Column, Model
from shallownet_native.tables.table import Table

COLUMNS = (Column("size", None, 10.0, 4.0), Column("colour", ("blue", "red")))
TABLE = {"size": ["12", " 6 ", "1e1"], "colour": ["red", "blue", "red "], "note": ["", "", ""]}


def model(output="sigmoid", classes=("no", "yes"), n_y=1, **changes):
    settings = {"hidden": "relu", "columns": COLUMNS, "target": "kind", **changes}
    return Model(sn.initialize(3, 4, n_y, seed=0), output=output, classes=classes, **settings)


def table(columns):
    m = len(next(iter(columns.values())))
    return Table("t.csv", {k: [str(v) for v in values] for k, values in columns.items()},
                 list(range(2, m + 2)))  # fmt: skip


def test_model_encodes_by_scaling_and_by_categories():
    assert model().encode(TABLE).tolist() == [[0.5, 0.0, 1.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_model_takes_numbers_and_data_frames():
    frame = pd.DataFrame({"colour": ["red", "blue"], "size": [12.0, 6.0]})
    assert model().encode(frame).tolist() == [[0.5, 0.0, 1.0], [-1.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    ("output", "classes", "n_y"),
    [("sigmoid", (False, True), 1), ("softmax", (3, 1.5, "b"), 3), ("identity", (), 1),
     ("exp", (), 1)],
)  # fmt: skip
def test_model_predicts_as_the_functions_do(output, classes, n_y):
    ours = model(output, classes, n_y)
    X = ours.encode(TABLE).T
    A2 = sn.forward(ours.parameters, X, "relu", output).A2
    numbers = sn.predict(ours.parameters, X, "relu", output).ravel()
    expected = [classes[int(k)] for k in numbers] if classes else numbers.tolist()
    assert ours.predict(TABLE) == expected
    if classes:
        probabilities = ours.probabilities(ours.outputs(X.T))
        assert probabilities.shape == (3, len(classes))
        assert np.array_equal(probabilities[:, -1], A2[-1])


def test_model_of_float32_predicts():
    small = Model(model().parameters.astype(np.float32), "relu", "sigmoid", COLUMNS, "kind", (0, 1))
    assert set(small.predict(TABLE)) <= {0, 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": ["1", "2", "x"]}, "row 2: column 'size' is numeric but has 'x'"),
        ({"size": ["1", "", "2"]}, "row 1: column 'size' has no value"),
        ({"size": [1.0, 2.0, np.inf]}, "row 2.*finite"),
        ({"size": ["-1e308", "1", "2"]}, "row 0: column 'size' is out of range"),
        ({"colour": ["red", "pink", "red"]}, "row 1: column 'colour' has 'pink'.*'blue', 'red'"),
        ({"colour": ["red", None, "red"]}, "row 1: column 'colour' has no value"),
        ({"colour": ["red", "red", float("nan")]}, "row 2: column 'colour' has no value"),
        ({"size": [pd.NA, 1, 2]}, "row 0: column 'size' has no value"),
    ],
)
def test_model_says_which_value_does_not_do(change, message):
    tiny = model(columns=(Column("size", None, 0.0, 1e-3), COLUMNS[1]))
    with pytest.raises(ValueError, match=message):
        tiny.encode({**TABLE, **change})


def test_model_says_which_columns_are_missing():
    with pytest.raises(ValueError, match="'colour' is missing: this model reads 'size', 'colour'"):
        model().encode({"size": ["1"]})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": COLUMNS[:1]}, "do not fit"),
        ({"columns": (COLUMNS[1], COLUMNS[1])}, "must all differ"),
        ({"target": "size"}, "must all differ"),
        ({"classes": ("no",)}, "do not fit"),
        ({"classes": ("no", "no")}, "must all differ"),
        ({"classes": (0, float("nan"))}, "must all differ"),
        ({"output": "softmax"}, "do not fit"),
        ({"hidden": "tahn"}, "did you mean 'tanh'"),
        ({"negative_slope": -1.0}, "negative_slope"),
    ],
)
def test_model_refuses_parts_that_do_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        model(**changes)


@pytest.mark.parametrize("facts", [{"epochs": [1]}, [], {"f": np.float32(1)}])
def test_model_refuses_facts_that_are_not_plain(facts):
    with pytest.raises(TypeError, match="training"):
        model(training=facts)


@pytest.mark.parametrize(
    ("hidden", "scheme"),
    [("relu", "he_normal"), ("leaky_relu", "he_normal"), ("tanh", "glorot_uniform"),
     ("sigmoid", "glorot_uniform"), ("identity", "glorot_uniform")],
)  # fmt: skip
def test_model_fit_starts_by_the_scheme_of_its_activation(hidden, scheme):
    """A learning rate so small that weights stay as they are leaves the start to look at."""
    data = table({"x": [0, 1, 2, 3] * 5, "y": ["a", "b", "a", "b"] * 5})
    still = Options("y", hidden=hidden, learning_rate=1e-300, epochs=1, seed=3)
    fitted, start = fit(data, still).parameters, sn.initialize(1, 32, 1, scheme, seed=3)
    assert np.array_equal(fitted.W1, start.W1) and np.array_equal(fitted.W2, start.W2)


def test_model_fit_takes_a_constant_column():
    data = table({"x": range(20), "c": [7] * 20, "y": ["a", "b"] * 10})
    model = fit(data, Options("y", epochs=1))
    assert model.columns[1] == Column("c", None, 7.0, 1.0)
    assert (model.encode({"x": [1], "c": [7]})[:, 1] == 0).all()


def test_model_fit_of_counts_starts_at_their_mean():
    counts = [0, 1, 2, 5] * 5
    data = table({"x": range(20), "y": counts})
    still = Options("y", task="count", learning_rate=1e-300, epochs=1, held_out=0.0)
    assert fit(data, still).parameters.b2.item() == np.log(np.mean(counts))


def test_model_fit_measures_training_and_held_out_rows_apart():
    """Half of the labels are turned over: what is learnt by heart does not help on other rows."""
    rng = np.random.default_rng(0)
    data = table({"x": rng.normal(size=80), "y": rng.permutation(["a", "b"] * 40)})
    facts = fit(data, Options("y", learning_rate=0.05, epochs=600, l2=0.0, held_out=0.5)).training
    assert facts["training_accuracy"] > facts["held_out_accuracy"] + 0.15
    assert facts["training_rows"] == facts["held_out_rows"] == 40
