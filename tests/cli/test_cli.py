"""The command line: what a user types and gets. `test_cli_refusals.py` has what is refused."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.cli import program

FAST = ["--epochs", "5"]


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
def data(tmp_path, monkeypatch):
    """A good table, in the working folder."""
    monkeypatch.chdir(tmp_path)
    write("data.csv", HEADER, example_rows())
    return "data.csv"


@pytest.fixture
def model(data, run):
    """A model trained on it."""
    assert run("train", data, "--target", "kind", "--out", "m.snet", *FAST).code == 0
    return "m.snet"


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys):
    """Run the command line in this process; argparse's exit counts as its code."""

    def call(*arguments):
        capsys.readouterr()
        try:
            code = program.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code
        return Done(code, *capsys.readouterr())

    return call


def test_cli_train_predict_and_info_go_together(data, run):
    trained = run("train", data, "--target", "kind", "--out", "m.snet", "--epochs", "100")
    assert trained.code == 0 and trained.err == ""
    assert "target    'kind', classification, classes 'large', 'small'" in trained.out
    assert "of which 1 categorical" in trained.out and "wrote m.snet" in trained.out
    assert "network   5 - 32 tanh - 1 sigmoid" in trained.out  # 2 numbers and 3 colours
    assert run("info", "m.snet").out in trained.out

    predicted = run("predict", "m.snet", data)
    assert predicted.code == 0 and predicted.err == ""
    header, *rows = csv.reader(io.StringIO(predicted.out))
    assert header == ["kind"]
    truth = [row[3] for row in example_rows()]
    assert np.mean([row[0] == kind for row, kind in zip(rows, truth, strict=True)]) > 0.9


def test_cli_predict_finds_columns_by_name_and_ignores_others(model, run):
    rows = example_rows(5)
    write("other.csv", ["id", "weight", "colour", "size"], [[k, w, c, s] for k, (s, c, w, _) in
          enumerate(rows)])  # fmt: skip
    write("same.csv", HEADER, rows)
    assert run("predict", model, "other.csv").out == run("predict", model, "same.csv").out


def test_cli_predict_writes_a_file_with_probabilities(model, data, run):
    done = run("predict", model, data, "--out", "p.csv", "--probabilities")
    assert (done.code, done.out, done.err) == (0, "", "")
    header, *rows = csv.reader(io.StringIO(Path("p.csv").read_text()))
    assert header == ["kind", "probability_large", "probability_small"]
    for label, large, small in rows:
        # they are rounded to 17 digits each and add up to 1 but for that
        assert abs(float(large) + float(small) - 1) < 4 * np.finfo(float).eps
        assert label == ("large" if float(large) >= float(small) else "small")


def test_cli_python_reads_what_the_command_line_wrote(model, run):
    loaded = sn.load(model)
    table = dict(zip(HEADER, zip(*example_rows(5), strict=True), strict=True))
    write("five.csv", HEADER, example_rows(5))
    lines = run("predict", model, "five.csv").out.splitlines()
    assert loaded.predict(table) == lines[1:]


@pytest.mark.parametrize("optimizer", ["gd", "sgd", "adam"])
@pytest.mark.parametrize("units", ["0", "8"])
def test_cli_train_takes_every_optimizer_and_no_hidden_layer(data, run, optimizer, units):
    done = run("train", data, "--target", "kind", "--out", "m.snet", *FAST, "--optimizer",
               optimizer, "--hidden-units", units, "--hidden", "leaky_relu", "--l2", "0.01",
               "--negative-slope", "0.2", "--learning-rate", "0.05", "--threads", "2")  # fmt: skip
    assert done.code == 0
    loaded = sn.load("m.snet")
    assert loaded.parameters.n_h == int(units) and loaded.negative_slope == 0.2


def test_cli_train_repeats_with_its_seed(data, run):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        run("train", data, "--target", "kind", "--out", f"{name}.snet", *FAST, "--seed", seed)
    a, b, c = (sn.load(f"{name}.snet").parameters for name in "abc")
    assert a == b and a != c


def test_cli_train_with_three_classes(tmp_path, run):
    rows = [[x, "abc"[int(x > -0.5) + int(x > 0.5)]] for x in np.linspace(-1.5, 1.5, 90)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    out = tmp_path / "m.snet"
    done = run("train", path, "--target", "y", "--out", out, "--epochs", "300")
    assert "classes 'a', 'b', 'c'" in done.out and "1 - 32 tanh - 3 softmax" in done.out
    assert sn.load(out).training["held_out_accuracy"] > 0.8


def test_cli_train_a_regression_predicts_in_the_targets_units(tmp_path, run):
    rows = [[x, 5000 + 300 * x] for x in np.linspace(-2, 2, 80)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    out = tmp_path / "m.snet"
    done = run("train", path, "--target", "y", "--out", out, "--hidden-units", "0",
               "--epochs", "2000", "--l2", "0", "--optimizer", "gd")  # fmt: skip
    assert "regression" in done.out
    assert sn.load(out).training["held_out_r2"] > 0.999
    assert sn.load(out).predict({"x": [0.0, 1.0]}) == pytest.approx([5000, 5300], abs=1)


def test_cli_train_counts(tmp_path, run):
    rng = np.random.default_rng(0)
    rows = [[x, rng.poisson(np.exp(1 + x))] for x in rng.normal(size=300)]
    path = write(tmp_path / "t.csv", ["x", "visits"], rows)
    out = tmp_path / "m.snet"
    done = run("train", path, "--target", "visits", "--out", out, "--task", "count")
    assert done.code == 0 and "1 exp" in done.out
    assert sn.load(out).training["held_out_d2"] > 0.5
    low, high = sn.load(out).predict({"x": [-1.0, 1.0]})
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
def test_cli_train_guesses_the_task(tmp_path, run, values, task):
    rows = [[k, values[k % len(values)]] for k in range(66)]
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    done = run("train", path, "--target", "y", "--out", tmp_path / "m.snet", *FAST)
    assert f"'y', {task}" in done.out


def test_cli_classes_sort_as_numbers(tmp_path, run):
    path = write(tmp_path / "t.csv", ["x", "y"], [[k, (9, 10, 2)[k % 3]] for k in range(30)])
    run("train", path, "--target", "y", "--out", tmp_path / "m.snet", *FAST)
    assert sn.load(tmp_path / "m.snet").classes == ("2", "9", "10")


def test_cli_columns_can_be_dropped_or_taken_as_categories(data, run):
    done = run("train", data, "--target", "kind", "--out", "m.snet", *FAST,
               "--drop", "size", "--drop", "colour", "--categorical", "weight")  # fmt: skip
    assert done.code == 0
    (column,) = sn.load("m.snet").columns
    assert column.name == "weight" and len(column.categories) > 50


def test_cli_scaling_is_learnt_from_the_training_rows_alone(data, run):
    run("train", data, "--target", "kind", "--out", "a.snet", *FAST, "--held-out", "0.5")
    run("train", data, "--target", "kind", "--out", "b.snet", *FAST, "--held-out", "0")
    sizes = np.array([float(row[0]) for row in example_rows()])
    half, whole = (sn.load(f"{name}.snet") for name in "ab")
    assert whole.columns[0].centre == pytest.approx(sizes.mean(), rel=1e-12)
    assert abs(half.columns[0].centre - sizes.mean()) > 1e-3
    assert half.training["held_out_rows"] == pytest.approx(30, abs=1)
    assert "held-out" not in run("info", "b.snet").out


def test_cli_validation_fraction_stops_early(data, run):
    run("train", data, "--target", "kind", "--out", "m.snet", "--epochs", "3000",
        "--validation-fraction", "0.3", "--learning-rate", "0.05")  # fmt: skip
    assert sn.load("m.snet").training["stopped_by"] == "early_stopping"


def test_cli_reads_other_delimiters_and_excels_mark(tmp_path, run):
    path = write(tmp_path / "t.csv", HEADER, example_rows(), delimiter=";")
    text = (tmp_path / "t.csv").read_text()
    (tmp_path / "t.csv").write_bytes(
        b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n"
    )
    done = run("train", path, "--delimiter", ";", "--target", "kind", "--out", tmp_path / "m.snet",
               *FAST)  # fmt: skip
    assert done.code == 0 and "'size'" in done.out


def test_cli_info_describes_the_installation_and_bare_parameters(tmp_path, run):
    described = run("info")
    assert described.code == 0 and f"level             {sn._native.backend.level}" in described.out
    sn.save(sn.initialize(2, 3, 1, seed=0), tmp_path / "p.snet")
    assert "Parameters(n_x=2, n_h=3, n_y=1" in run("info", tmp_path / "p.snet").out
