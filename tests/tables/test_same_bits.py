"""The command line and Python are one path: the same weights, the same predictions, bit for bit."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

M = 400


def frame() -> Any:
    """Return a table with what tables have: missing numbers, words, truths, whole numbers."""
    import pandas as pd

    rng = np.random.default_rng(0)
    width = np.where(rng.random(M) < 0.1, np.nan, rng.normal(50, 20, M).round(3))
    words = np.array(["red", "blue", "green", None], object)[rng.integers(4, size=M)]
    columns = {
        "width": width,
        "count": rng.integers(0, 1000, size=M),
        "colour": words,
        "is_new": rng.random(M) < 0.5,
        "tiny": rng.normal(size=M) * 1e-30,
    }
    amount = 3.5 * columns["count"] + rng.normal(size=M).round(2)
    kind = np.array(["cup", "plate", "pan"])[(columns["count"] // 334)]
    visits = rng.poisson(3, size=M)
    return pd.DataFrame({**columns, "kind": kind, "amount": amount, "visits": visits})


TASKS = {"kind": "classification", "amount": "regression", "visits": "count"}


@pytest.fixture(params=TASKS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def train_on(target: str, train: Any, *options: str) -> Any:
    """Train by the command line on the table in t.csv and load the model."""
    frame().to_csv("t.csv", index=False)
    others = [option for name in TASKS if name != target for option in ("--drop", name)]
    task = ("--task", TASKS[target])
    train("t.csv", *others, *task, "--held-out", "0", "--epochs", "3", *options, target=target)
    return sn.load("m.snet")


def network_bits(model: Any) -> list[bytes]:
    network = model.named_steps["network"]
    return [part.tobytes() for part in network.coefs_ + network.intercepts_]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("options", [(), ("--optimizer", "gd"), ("--hidden-units", "0")])
def test_same_bits_by_python(
    folder: Path, train: Any, target: str, options: tuple[str, ...]
) -> None:
    """A clone of the loaded pipeline, fitted on what pandas reads, has the same weights."""
    import pandas as pd
    from sklearn.base import clone

    model = train_on(target, train, *options)
    table = pd.read_csv("t.csv")
    again = clone(model).fit(table[list(model.table_["columns"])], table[target])
    assert network_bits(again) == network_bits(model)
    inputs = table[list(model.table_["columns"])]
    assert np.array_equal(again.predict(inputs), model.predict(inputs))


def test_same_bits_by_options_that_read(folder: Path, train: Any, target: str) -> None:
    """Decimal commas, semicolons, quotes and Parquet change nothing."""
    bits = network_bits(train_on(target, train))
    task = [option for name in TASKS if name != target for option in ("--drop", name)]
    task += ["--task", TASKS[target], "--held-out", "0", "--epochs", "3"]
    frame().to_csv("s.csv", index=False, sep=";", decimal=",", quoting=csv.QUOTE_ALL)
    train("s.csv", *task, "--delimiter", ";", "--decimal", ",", target=target)
    assert network_bits(sn.load("m.snet")) == bits
    pytest.importorskip("pyarrow")
    frame().to_parquet("t.parquet")
    train("t.parquet", *task, target=target)
    assert network_bits(sn.load("m.snet")) == bits


@pytest.mark.parametrize("maker", ["pandas", "polars", "pyarrow"])
def test_same_predictions_by_frames(
    folder: Path, train: Any, run: Any, target: str, maker: str
) -> None:
    """A loaded model predicts on DataFrames what `predict` prints, to the last digit."""
    pytest.importorskip(maker)
    model = train_on(target, train)
    table = frame()[list(model.table_["columns"])]
    if maker == "polars":
        import polars as pl

        table = pl.read_csv("t.csv").select(table.columns.tolist())
    elif maker == "pyarrow":
        import pyarrow as pa

        table = pa.Table.from_pandas(table)
    more = ["--probabilities"] if target == "kind" else []
    printed = run("predict", "m.snet", "t.csv", *more).out
    _, *rows = csv.reader(io.StringIO(printed))
    predicted = model.predict(table)
    if target == "kind":
        assert [row[0] for row in rows] == list(predicted)
        numbers, expected = [row[1:] for row in rows], model.predict_proba(table)
    else:
        numbers, expected = [row[0] for row in rows], predicted
    assert np.array_equal(np.array(numbers, float).astype(expected.dtype), expected)


def test_same_bits_of_files(folder: Path, train: Any, target: str) -> None:
    """Twice the same command writes the same bytes, on one thread or two."""
    train_on(target, train, "--threads", "1")
    first = Path("m.snet").read_bytes()
    train_on(target, train, "--threads", "2")
    assert Path("m.snet").read_bytes() == first


def test_same_predictions_after_saving_again(folder: Path, train: Any, run: Any) -> None:
    model = train_on("kind", train)
    sn.save(model, "again.snet")
    assert sn.load("again.snet").table_ == model.table_
    printed = [run("predict", path, "t.csv").out for path in ("m.snet", "again.snet")]
    assert printed[0] == printed[1] and len(printed[0].splitlines()) == M + 1


def test_same_bits_python_passes_over_an_index_too(folder: Path, train: Any) -> None:
    """What pandas calls a column without a name is none that the model misses or minds."""
    import pandas as pd

    rows = [f"{k},{k % 7},{'ab'[k % 2]}," for k in range(40)]
    Path("t.csv").write_text("\n".join([",w,kind,", *rows]) + "\n")
    train("t.csv")
    frame = pd.read_csv("t.csv")
    assert [*frame.columns] == ["Unnamed: 0", "w", "kind", "Unnamed: 3"]
    assert len(sn.load("m.snet").predict(frame)) == 40


def test_same_bits_python_is_warned_of_codes_read_as_numbers(folder: Path, train: Any) -> None:
    import pandas as pd

    rows = [f"{k % 5 * 11:03},{k},{'ab'[k % 2]}" for k in range(40)]
    Path("t.csv").write_text("\n".join(["zone,w,kind", *rows]) + "\n")
    train("t.csv")
    pipeline = sn.load("m.snet")
    with pytest.warns(
        UserWarning, match="column 'zone': no cell is one of the categories .* '000', so"
    ):
        pipeline.predict(pd.read_csv("t.csv"))
    pipeline.predict(pd.read_csv("t.csv", dtype={"zone": str}))  # no warning
