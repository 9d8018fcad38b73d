"""The command line: what a user types and gets. `test_cli_refusals.py` has what is refused."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn

FAST = ["--epochs", "5"]
ONE = ["--model", "network"]


def write(path, header, rows, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        writer.writerows([header, *rows])
    return str(path)


def example_rows(m=60):
    """Return rows of (size, colour, weight, kind): kind follows from size and colour."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(m):
        size, colour = rng.normal(), ("red", "green", "blue")[rng.integers(3)]
        kind = "large" if size + (colour == "red") > 0.5 else "small"
        rows.append([f"{size:.4f}", colour, f"{100 + 20 * rng.normal():.2f}", kind])
    return rows


HEADER = ["size", "colour", "weight", "kind"]


@pytest.fixture
def data(here):
    """A good table, in the working folder."""
    write("data.csv", HEADER, example_rows())
    return "data.csv"


@pytest.fixture
def model(data, command):
    """A model trained on it."""
    assert command("train", data, "--target", "kind", "--out", "m.snet", *FAST, *ONE).code == 0
    return "m.snet"


def network(path="m.snet"):
    """Return the estimator in a model."""
    return sn.load(path).named_steps["network"]


def test_cli_train_predict_and_info_go_together(data, command):
    trained = command("train", data, "--target", "kind", "--out", "m.snet", *ONE, "--epochs", "100")
    assert trained.code == 0 and trained.err == ""
    assert "target    'kind', classification, classes 'large', 'small'" in trained.out
    assert "2 numbers: 'size', 'weight'\n          1 category: 'colour'" in trained.out
    assert "wrote m.snet" in trained.out
    assert "network   5 - 32 tanh - 1 logistic" in trained.out  # 2 numbers and 3 colours
    assert command("info", "m.snet").out in trained.out

    predicted = command("predict", "m.snet", data)
    assert predicted.code == 0 and predicted.err == ""
    header, *rows = csv.reader(io.StringIO(predicted.out))
    assert header == ["kind"]
    truth = [row[3] for row in example_rows()]
    assert np.mean([row[0] == kind for row, kind in zip(rows, truth, strict=True)]) > 0.9


def test_cli_predict_finds_columns_by_name_and_ignores_others(model, command):
    rows = example_rows(5)
    write("other.csv", ["id", "weight", "colour", "size"], [[k, w, c, s] for k, (s, c, w, _) in
          enumerate(rows)])  # fmt: skip
    write("same.csv", HEADER, rows)
    assert command("predict", model, "other.csv").out == command("predict", model, "same.csv").out


def test_cli_predict_writes_a_file_with_probabilities(model, data, command):
    done = command("predict", model, data, "--out", "p.csv", "--probabilities")
    assert (done.code, done.out, done.err) == (0, "", "")
    header, *rows = csv.reader(io.StringIO(Path("p.csv").read_text()))
    assert header == ["kind", "probability_large", "probability_small"]
    for label, large, small in rows:
        # float32, which add up to 1 but for their rounding
        assert abs(float(large) + float(small) - 1) < 4 * np.finfo(np.float32).eps
        assert label == ("large" if float(large) >= float(small) else "small")


def test_cli_python_reads_what_the_command_line_wrote(model, data, command):
    loaded = sn.load(model)
    lines = command("predict", model, data, "--probabilities").out.splitlines()
    frame = pd.read_csv(data)
    assert loaded.predict(frame).tolist() == [line.split(",")[0] for line in lines[1:]]
    printed = [[float(cell) for cell in line.split(",")[1:]] for line in lines[1:]]
    assert np.array_equal(loaded.predict_proba(frame), printed)


@pytest.mark.parametrize("optimizer", ["gd", "sgd", "adam", "lbfgs", "lm"])
@pytest.mark.parametrize("units", ["0", "8"])
def test_cli_train_takes_every_optimizer_and_no_hidden_layer(data, command, optimizer, units):
    hidden = ["--hidden", "leaky_relu", "--negative-slope", "0.2"] if units == "8" else []
    rate = [] if optimizer in ("lbfgs", "lm") else ["--learning-rate", "0.05"]
    done = command("train", data, "--target", "kind", "--out", "m.snet", *FAST, *ONE,
               "--optimizer", optimizer, "--hidden-units", units, *hidden, *rate, "--l2", "0.01",
               "--threads", "2")  # fmt: skip
    assert done.code == 0
    sizes = network().get_params()["hidden_layer_sizes"]
    assert sizes == ((8,) if units == "8" else ()) and network().solver == optimizer
    assert network().negative_slope == (0.2 if hidden else 0.01)


def test_cli_train_repeats_with_its_seed(data, command):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        out = ["--out", f"{name}.snet", "--seed", seed]
        command("train", data, "--target", "kind", *FAST, *ONE, *out)
    a, b, c = (network(f"{name}.snet").coefs_[0] for name in "abc")
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_cli_train_with_three_classes(tmp_path, command):
    rows = [[x, "abc"[int(x > -0.5) + int(x > 0.5)]] for x in np.linspace(-1.5, 1.5, 90)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    out = tmp_path / "m.snet"
    done = command("train", path, "--target", "y", "--out", out, *ONE, "--epochs", "300")
    assert "classes 'a', 'b', 'c'" in done.out and "1 - 32 tanh - 3 softmax" in done.out
    assert sn.load(out).table_["training"]["held_out_accuracy"] > 0.8


def test_cli_train_a_regression_predicts_in_the_targets_units(tmp_path, command):
    rows = [[x, 5000 + 300 * x] for x in np.linspace(-2, 2, 80)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    out = tmp_path / "m.snet"
    done = command("train", path, "--target", "y", "--out", out, *ONE, "--hidden-units", "0",
               "--epochs", "2000", "--l2", "0", "--optimizer", "gd")  # fmt: skip
    assert "regression" in done.out
    facts = sn.load(out).table_["training"]
    # numbers are squashed beyond a few deviations, so that a line is not quite learned
    assert facts["held_out_r2"] > 0.99 and facts["held_out_rmse"] < 40 > facts["held_out_mae"]
    new = write(tmp_path / "n.csv", ["x"], [[0.0], [1.0]])
    lines = command("predict", out, new).out.split()
    assert lines[0] == "y" and [float(y) for y in lines[1:]] == pytest.approx([5000, 5300], abs=40)


def test_cli_train_counts(tmp_path, command):
    rng = np.random.default_rng(0)
    rows = [[x, rng.poisson(np.exp(1 + x))] for x in rng.normal(size=300)]
    path = write(tmp_path / "t.csv", ["x", "visits"], rows)
    out = tmp_path / "m.snet"
    done = command("train", path, "--target", "visits", "--out", out, *ONE, "--task", "count")
    assert done.code == 0 and "count" in done.out
    assert sn.load(out).table_["training"]["held_out_d2"] > 0.5
    low, high = sn.load(out).predict(pd.DataFrame({"x": [-1.0, 1.0]}))
    assert 0 < low < 3 < high


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["no", "yes"], "classification"), (["0", "1"], "classification"),
        (["1", "2", "3"], "classification"), (["0.5", "1.5"], "classification"),
        (["0.5", "1.5", "2.5"], "regression"), ([str(k) for k in range(11)], "regression"),
        (["1", "2", "x"], "classification"),
    ],
)  # fmt: skip
def test_cli_train_guesses_the_task(tmp_path, command, values, task):
    rows = [[k, values[k % len(values)]] for k in range(66)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    done = command("train", path, "--target", "y", "--out", tmp_path / "m.snet", *FAST)
    assert f"'y', {task}" in done.out


def test_cli_classes_sort_as_numbers(tmp_path, command):
    path = write(tmp_path / "t.csv", ["x", "y"], [[k, (9, 10, 2)[k % 3]] for k in range(30)])
    command("train", path, "--target", "y", "--out", tmp_path / "m.snet", *FAST)
    assert sn.load(tmp_path / "m.snet").table_["labels"] == ["2", "9", "10"]


def test_cli_columns_can_be_dropped_or_taken_as_categories(data, command):
    done = command("train", data, "--target", "kind", "--out", "m.snet", *FAST, *ONE,
               "--drop", "size", "--drop", "colour", "--categorical", "weight")  # fmt: skip
    assert done.code == 0
    model = sn.load("m.snet")
    assert model.table_["columns"] == {"weight": "category"}
    assert {*model.table_["left_out"]} == {"size", "colour"}
    (levels,) = model.named_steps["encoder"].categories_
    assert len(levels) > 40  # of 48 fitted rows


def test_cli_scaling_is_learnt_from_the_training_rows_alone(data, command):
    command("train", data, "--target", "kind", "--out", "a.snet", *FAST, *ONE, "--held-out", "0.5")
    command("train", data, "--target", "kind", "--out", "b.snet", *FAST, *ONE, "--held-out", "0")
    sizes = np.array([float(row[0]) for row in example_rows()])
    half, whole = (sn.load(f"{name}.snet") for name in "ab")
    means = [model.named_steps["encoder"].means_[0] for model in (half, whole)]
    assert means[1] == pytest.approx(sizes.mean(), rel=1e-12)
    assert abs(means[0] - sizes.mean()) > 1e-3
    assert half.table_["training"]["held_out_rows"] == pytest.approx(30, abs=1)
    assert "held-out" not in command("info", "b.snet").out


def test_cli_validation_fraction_stops_early(data, command):
    command("train", data, "--target", "kind", "--out", "m.snet", *ONE, "--epochs", "3000",
        "--validation-fraction", "0.3", "--learning-rate", "0.05")  # fmt: skip
    assert sn.load("m.snet").table_["training"]["stopped_by"] == "early_stopping"


def test_cli_reads_other_delimiters_and_excels_mark(tmp_path, command):
    path = write(tmp_path / "t.csv", HEADER, example_rows(), delimiter=";")
    text = (tmp_path / "t.csv").read_text()
    (tmp_path / "t.csv").write_bytes(
        b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n"
    )
    given = ["--delimiter", ";", "--target", "kind", "--out", tmp_path / "m.snet"]
    done = command("train", path, *given, *FAST)
    assert done.code == 0 and "'size'" in done.out


def test_cli_alone_prints_the_help_and_version_the_version(command):
    alone, helped = command(), command("--help")
    assert (alone.code, alone.err) == (0, "") and alone.out == helped.out
    done = command("--version")
    assert (done.code, done.out, done.err) == (0, f"shallownet-native {sn.__version__}\n", "")
