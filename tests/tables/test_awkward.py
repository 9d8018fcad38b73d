"""Small files in awkward spellings are read right, from a file and from standard input.

Each file of `awkward.py` is trained on for one epoch. The model then holds what was read: kinds of
columns, means, levels, labels; and what `predict` prints for the file is what the model makes of
the right reading, row by row.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import awkward
import shallownet_native as sn
from awkward import CATEGORY, NUMBER, Case

EXACT = 4 * np.finfo(float).eps * awkward.M  # sums of so many values in another order
CASES = awkward.cases()


def frame_of(case: Case) -> Any:
    """Return the right reading as a DataFrame."""
    import pandas as pd

    read = {NUMBER: np.float64, CATEGORY: object}
    columns = {
        name: pd.Series(case.cells[name], dtype=read[kind]) for name, kind in case.columns.items()
    }
    return pd.DataFrame(columns)


def level(word: str) -> str:
    return word.capitalize() if word.lower() in ("true", "false") else word


def check_columns(model: Any, case: Case) -> None:
    """Hold what was learned of the columns against the right reading."""
    assert model.table_["columns"] == case.columns
    encoder = model.named_steps["encoder"]
    assert list(encoder.feature_names_in_) == list(case.columns)
    assert list(encoder.is_categorical_) == [kind == CATEGORY for kind in case.columns.values()]
    named = {kind: [n for n, k in case.columns.items() if k == kind] for kind in (NUMBER, CATEGORY)}
    numbers = [np.array(case.cells[name], float) for name in named[NUMBER]]
    np.testing.assert_allclose(encoder.means_, [np.nanmean(x) for x in numbers], rtol=EXACT)
    assert list(encoder.has_missing_) == [bool(np.isnan(x).any()) for x in numbers]
    words = [{level(w) for w in case.cells[name] if w is not None} for name in named[CATEGORY]]
    assert [set(levels) for levels in encoder.categories_] == words
    assert [len(levels) for levels in encoder.categories_] == list(map(len, words))


def check_target(model: Any, case: Case) -> None:
    """Hold the task and the classes against the right reading."""
    table = model.table_
    assert table["target"] == "kind"
    if isinstance(case.target[0], str):
        labels = {str(float(k)) if k[0].isdigit() else k: k for k in sorted(case.target)[::-1]}
        assert table["task"] == "classification"
        assert set(table["labels"]) == set(labels.values())
        assert len(table["labels"]) == len(model.classes_)
    else:
        assert (table["task"], table["labels"]) == ("regression", [])


def number(cell: str) -> float:
    return float(cell.replace(",", "."))


def check_rows(model: Any, case: Case, printed: str) -> None:
    """Hold the predictions for the file, row by row, against those for the right reading.

    They are printed with the separator and the decimals of the file.
    """
    separator = printed[len("kind")] if printed[len("kind")] in ",;|\t" else ";"
    header, *rows = csv.reader(io.StringIO(printed), delimiter=separator)
    assert header[0] == "kind" and len(rows) == awkward.M
    frame = frame_of(case)
    if model.table_["task"] == "regression":
        expected = model.predict(frame)[:, np.newaxis]
        got = np.array([[number(row[0])] for row in rows])
    else:
        expected = model.predict_proba(frame)
        got = np.array([[number(cell) for cell in row[1:]] for row in rows])
        spelled = model.table_["labels"]
        assert [row[0] for row in rows] == [spelled[k] for k in expected.argmax(axis=1)]
    np.testing.assert_array_equal(got.astype(expected.dtype), expected)
    varies = np.unique(expected, axis=0)
    assert len(varies) > 2, "all rows are the same to this model: the comparison says nothing"


def check(case: Case, run: Any, train: Any) -> None:
    path = Path("table" + case.ending)
    path.write_bytes(case.content)
    done = train(path, *case.options, "--held-out", "0")
    assert case.passed_over in done.said
    model = sn.load("m.snet")
    check_columns(model, case)
    check_target(model, case)
    more = ["--probabilities"] if model.table_["task"] == "classification" else []
    predicted = run("predict", "m.snet", path, *more)
    assert predicted.code == 0, predicted
    check_rows(model, case, predicted.out)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_awkward_file_is_read_right(folder: Path, run: Any, train: Any, case: Case) -> None:
    check(case, run, train)


def test_awkward_parquet_is_read_right(folder: Path, run: Any, train: Any) -> None:
    pytest.importorskip("pyarrow")
    check(awkward.parquet(), run, train)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.by_content], ids=lambda case: case.name
)
def test_awkward_standard_input_is_read_as_the_file(folder: Path, train: Any, case: Case) -> None:
    path = Path("table" + case.ending)
    path.write_bytes(case.content)
    train(path, *case.options)
    of_file = Path("m.snet").read_bytes()
    train("-", *case.options, stdin=case.content)
    assert Path("m.snet").read_bytes() == of_file


def test_awkward_standard_input_takes_what_the_ending_says_as_options(
    folder: Path, train: Any
) -> None:
    """Tabs from `-` need --delimiter; the model is then that of the file, but for the format."""
    [case] = [case for case in CASES if case.name == "ending .tsv"]
    Path("table.tsv").write_bytes(case.content)
    train("table.tsv")
    weights = sn.load("m.snet").named_steps["network"].coefs_
    train("-", "--delimiter", "\\t", stdin=case.content)
    for of_file, of_input in zip(weights, sn.load("m.snet")[-1].coefs_, strict=True):
        assert np.array_equal(of_file, of_input)


def test_awkward_packed_standard_input_is_read_or_refused(
    folder: Path, train: Any, run: Any
) -> None:
    content = awkward.PLAIN.case("").content
    train("-", stdin=content)
    plain = Path("m.snet").read_bytes()
    one = ["--epochs", "1", "--hidden-units", "3", "--model", "network"]
    given = ["train", "-", "--target", "kind", "--out", "p.snet", *one]
    done = run(*given, stdin=gzip.compress(content))
    if done.code == 0:
        assert Path("p.snet").read_bytes() == plain
    else:
        assert done.code == 2 and "gz" in done.err and done.err.count("\n") == 1
        assert not Path("p.snet").exists()


def test_awkward_cases_are_many_and_differ() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({(case.content, case.options, case.ending) for case in CASES}) == len(CASES)
