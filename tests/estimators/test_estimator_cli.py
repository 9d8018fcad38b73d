"""Saved estimators on the command line: what `info` says, and what `predict` writes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from mlp_pairs import data, ours
from shallownet_native.cli import program

pd = pytest.importorskip("pandas")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = ["width", "größe", "x, y", "w"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def save(kind: str, *, text: bool = False, **options: Any) -> tuple[Any, Any]:
    """Fit on a frame, save the estimator and the frame with its columns in another order."""
    x, y = data(kind)
    frame = pd.DataFrame(x, columns=NAMES)
    model = ours(kind, max_iter=5, **options).fit(frame, y.astype(str) if text else y)
    sn.save(model, "m.snet")
    frame[["w", "x, y", *NAMES[:2]]].assign(more="text").to_csv("data.csv", index=False)
    return model, frame


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = program.main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_estimator_cli_predicts_classes(kind: str, text: bool, capsys: Any) -> None:
    model, frame = save(kind, text=text and kind != "multilabel")
    code, out, err = run(capsys, "predict", "m.snet", "data.csv", "--probabilities")
    assert (code, err) == (0, "")
    header, *rows = csv.reader(io.StringIO(out))
    predicted = model.predict(frame).reshape(len(frame), -1)
    n = predicted.shape[1]
    names = ["prediction"] if n == 1 else [f"prediction_{k}" for k in range(n)]
    assert header == names + [f"probability_{label}" for label in model.classes_]
    assert [row[:n] for row in rows] == predicted.astype(str).tolist()
    given = np.array([row[n:] for row in rows], float)
    np.testing.assert_allclose(given, model.predict_proba(frame), rtol=1e-12)


@pytest.mark.parametrize("kind", ["regression", "multioutput"])
def test_estimator_cli_predicts_numbers(kind: str, capsys: Any) -> None:
    model, frame = save(kind)
    options = ("--out", "p.csv", "--threads", "2")
    assert run(capsys, "predict", "m.snet", "data.csv", *options) == (0, "", "")
    predicted = pd.read_csv("p.csv")
    assert predicted.columns[0] in ("prediction", "prediction_0")
    np.testing.assert_allclose(np.squeeze(predicted.to_numpy()), model.predict(frame), rtol=1e-12)
    code, _, err = run(capsys, "predict", "m.snet", "data.csv", "--probabilities")
    assert code == 2 and "--probabilities needs a model of classes" in err


def test_estimator_cli_says_why_it_cannot_predict(capsys: Any) -> None:
    _, frame = save("binary")

    def refusal(model: Any) -> str:
        sn.save(model, "m.snet")
        code, out, err = run(capsys, "predict", "m.snet", "data.csv")
        assert code == 2 and out == "" and err.count("\n") == 1
        return err

    x, y = data("binary")
    assert "not fitted" in refusal(ours("binary"))
    assert "fit it on a DataFrame" in refusal(ours("binary").fit(x, y))
    twice = ours("binary").fit(frame, y)
    twice.feature_names_in_ = np.array(["w", "w", "a", "b"], object)  # scikit-learn refuses them
    assert "the same name" in refusal(twice)
    assert "no column 'height'" in refusal(
        ours("binary").fit(frame.rename(columns={"w": "height"}), y)
    )
    frame.assign(w="heavy").to_csv("data.csv", index=False)
    assert "column 'w' is numeric but has 'heavy'" in refusal(ours("binary").fit(frame, y))


def test_estimator_cli_describes(capsys: Any) -> None:
    described = run(capsys, "info", str(GOLDEN / "classifier-1.snet"))[1].splitlines()
    assert described[0].startswith("ShallowNetClassifier(activation='tanh', class_weight={'cup'")
    assert described[1:4] == [
        "classes   'bowl', 'cup', 'plate'",
        "columns   2, 'width', 'größe'",
        "network   2 - 2 tanh - 3 softmax, 15 parameters, float64",
    ]
    assert described[4].startswith("trained   epochs 16, loss 0.")
    described = run(capsys, "info", str(GOLDEN / "regressor-1.snet"))[1].splitlines()
    assert described[1:3] == [
        "columns   2, without names",
        "network   2 - 1 identity, 3 parameters, float32",
    ]
    sn.save(sn.ShallowNetRegressor(alpha=0.5), "m.snet")
    assert run(capsys, "info", "m.snet")[1] == "ShallowNetRegressor(alpha=0.5)\nnot fitted\n"
