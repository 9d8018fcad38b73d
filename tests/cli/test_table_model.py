"""`shallownet train` by default: bags of networks, their score on rows left out, intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.base import clone

import shallownet_native as sn
from goods import GERMAN, SMALL, facts, frame_of, numbers, rows_of
from shallownet_native.cli.train.options import DEFAULTS, TABLE

# the model


@pytest.mark.parametrize("target", ["price", "kind"])
def test_table_model_is_the_estimator_fitted_to_the_frame(train: Any, target: str) -> None:
    """With the columns and their kinds as the file's reading has decided, and by name."""
    train(target=target)
    model, frame = sn.load("m.snet"), frame_of()
    kind = "Classifier" if target == "kind" else "Regressor"
    assert type(model).__name__ == f"TabularShallowNet{kind}"
    assert model.categorical_features == ["zone"] and model.n_threads is model.callbacks is None
    assert list(model.feature_names_in_) == ["size", "zone"]
    assert model.encoder_.categories_[0].tolist() == ["01", "1", "02"]
    assert {*model.table_["left_out"]} == {"key", "price" if target == "kind" else "kind"}
    assert model.encoder_.means_[0] == pytest.approx(frame["size"].mean())
    again = clone(model).fit(frame[["zone", "size"]][["size", "zone"]], frame[target])
    predict = "predict_proba" if target == "kind" else "predict"
    expected = getattr(again, predict)(frame[["size", "zone"]])
    assert np.array_equal(getattr(model, predict)(frame), expected)  # others are passed over
    assert not hasattr(again, "table_")
    assert not hasattr(model.fit(frame[["size", "zone"]], frame[target]), "table_")


def test_table_model_passes_over_no_other_columns(train: Any) -> None:
    train()
    model = sn.load("m.snet")
    with pytest.raises(ValueError, match="colour"):
        model.predict(frame_of().assign(colour="red"))
    with pytest.raises(ValueError, match="size"):
        model.predict(frame_of().drop(columns="size"))


def test_table_model_repeats_with_its_seed_for_any_threads(train: Any) -> None:
    contents, predictions = [], []
    for more in (["--threads", "1"], ["--threads", "3"], ["--seed", "1"]):
        train(*more)
        contents.append(Path("m.snet").read_bytes())
        predictions.append(sn.load("m.snet").predict(frame_of()).tolist())
    assert contents[0] == contents[1] and predictions[0] != predictions[2]


def test_table_model_has_the_networks_asked_for(train: Any) -> None:
    train("--learning-rate", "0.01")
    model = sn.load("m.snet")
    assert (model.n_networks, model.n_hidden, model.max_epochs) == (4, 16, 12)
    assert model.learning_rate_init == 0.01 and model.random_state == 0
    assert {view: len(some) for view, some in model.networks_.items()} == {
        "plain": 4, "piecewise": 4
    }  # fmt: skip


def test_table_model_defaults_are_the_estimators(goods: str, command: Any) -> None:
    given = ["train", goods, *GERMAN, "--target", "price", "--out", "m.snet", "--epochs", "1"]
    assert command(*given).code == 0
    ours = sn.TabularShallowNetRegressor(
        categorical_features=["zone", "kind"], max_epochs=1, random_state=0
    )
    assert sn.load("m.snet").get_params() == ours.get_params()
    for name, value in training_defaults().items():
        assert getattr(sn.TabularShallowNetRegressor(), name) == value


def training_defaults() -> dict[str, Any]:
    names = {"networks": "n_networks", "hidden_units": "n_hidden", "epochs": "max_epochs",
             "learning_rate": "learning_rate_init"}  # fmt: skip
    return {names[name]: value for name, value in DEFAULTS[TABLE].items() if name in names}


# its score


def test_table_model_score_is_that_of_rows_left_out(train: Any, command: Any) -> None:
    done, y = train(), frame_of()["price"]
    model = sn.load("m.snet")
    left_out = model.oob_prediction_
    learnt = model.table_["training"]
    assert learnt["left_out_r2"] == pytest.approx(model.oob_score_)
    assert learnt["left_out_r2"] == pytest.approx(metrics.r2_score(y, left_out))
    assert learnt["left_out_mae"] == pytest.approx(np.abs(y - left_out).mean())
    assert learnt["left_out_rows"] == learnt["training_rows"] == 120
    lines = done.out.splitlines()
    score = lines.index(next(line for line in lines if line.startswith("score ")))
    assert lines[score] == (
        f"score     R2 {learnt['left_out_r2']:.4f}, RMSE {learnt['left_out_rmse']:.5g}, "
        f"MAE {learnt['left_out_mae']:.5g}"
    )
    seen = "          on 120 rows, each predicted only by networks that had not seen it"
    assert lines[score + 1] == seen
    assert "held-out" not in done.out and "training  " not in done.out
    assert set(command("info", "m.snet").out.splitlines()) <= {*lines, *left_out_columns(model)}


def left_out_columns(model: Any) -> list[str]:
    return [f"left out  '{name}': {why}" for name, why in model.table_["left_out"].items()]


def test_table_model_score_of_classes(train: Any) -> None:
    done, y = train(target="kind"), frame_of()["kind"]
    model = sn.load("m.snet")
    probabilities, learnt = model.oob_decision_function_, model.table_["training"]
    assert learnt["left_out_accuracy"] == pytest.approx(model.oob_score_)
    assert learnt["left_out_log_loss"] == pytest.approx(metrics.log_loss(y, probabilities))
    auc = metrics.roc_auc_score(y == "plate", probabilities[:, 1])
    assert learnt["left_out_auc"] == pytest.approx(auc)
    words = f"log-loss {learnt['left_out_log_loss']:.4f}, AUC {auc:.4f}\n"
    assert f"score     accuracy {model.oob_score_:.4f}, {words}" in done.out


def test_table_model_holds_rows_out_on_demand(train: Any, command: Any) -> None:
    done = train("--held-out", "0.25", target="kind")
    learnt = sn.load("m.snet").table_["training"]
    assert (learnt["training_rows"], learnt["held_out_rows"]) == (90, 30)
    assert f"held-out  accuracy {learnt['held_out_accuracy']:.4f}" in done.out
    found = facts(command, "info", "m.snet")["measures"]
    assert found["held_out"]["rows"] == 30 and found["left_out"]["rows"] == 90


# the other commands


def test_table_model_predicts_what_python_does(train: Any, command: Any) -> None:
    train()
    done = command("predict", "m.snet", "goods.csv", "--keep", "key", "--interval", "0.8")
    header, *rows = rows_of(done.out)
    assert header == ["key", "price", "price_low", "price_high"]
    points, ends = sn.load("m.snet").predict_interval(frame_of(), 0.8)
    assert numbers([row[1] for row in rows]) == points.tolist()
    assert numbers([row[2] for row in rows]) == ends[:, 0, 0].tolist()
    assert numbers([row[3] for row in rows]) == ends[:, 1, 0].tolist()
    plain = rows_of(command("predict", "m.snet", "goods.csv", "--threads", "2").out)
    assert plain[1:] == [row[1:2] for row in rows]


def test_table_model_predicts_labels_and_probabilities(train: Any, command: Any) -> None:
    train(target="kind")
    done = command("predict", "m.snet", "goods.csv", "--probabilities")
    header, *rows = rows_of(done.out)
    assert header == ["kind", "probability_cup", "probability_plate"]
    model = sn.load("m.snet")
    assert [row[0] for row in rows] == model.predict(frame_of()).tolist()
    assert np.array_equal([numbers(row[1:]) for row in rows], model.predict_proba(frame_of()))


def test_table_model_evaluates_and_knows_what_is_new(
    train: Any, command: Any, refused: Any, table: Any
) -> None:
    train()
    found = facts(command, "evaluate", "m.snet", "goods.csv", "--quiet")
    frame = frame_of()
    errors = frame["price"] - sn.load("m.snet").predict(frame)
    assert found["measures"]["mae"] == pytest.approx(np.abs(errors).mean())
    new = table("size;zone", ["2,5;01", ";03"], "new.csv")
    done = command("predict", "m.snet", new)
    assert "'size': 1 cell missing, filled with the mean of training" in done.err
    assert "'zone': 1 cell with categories" in done.err and "'03'" in done.err
    frame = pd.DataFrame({"size": [2.5, None], "zone": ["01", "03"]})
    expected = sn.load("m.snet").predict(frame).tolist()
    assert numbers([row[0] for row in rows_of(done.out)[1:]]) == expected
    assert "'03'" in refused("predict", "m.snet", new, "--unknown", "error")


def test_table_model_keeps_the_rule_for_gaps(train: Any, command: Any) -> None:
    train("--missing", "drop")
    assert sn.load("m.snet").table_["training"]["training_rows"] == 114
    done = command("predict", "m.snet", "goods.csv", "--interval", "0.5")
    _, *rows = rows_of(done.out)
    gaps = frame_of()["size"].isna().tolist()
    assert [row == ["", "", ""] for row in rows] == gaps and sum(gaps) == 6


def test_table_model_predicts_nothing_of_no_rows(train: Any, command: Any, table: Any) -> None:
    train("--missing", "drop")
    new = table("size;zone", [";01"], "new.csv")
    done = command("predict", "m.snet", new, "--interval", "0.5", "--quiet")
    assert done.out == "price;price_low;price_high\n;;\n"


def test_table_model_intervals_hold_their_part_and_say_if_they_cannot(
    train: Any, command: Any
) -> None:
    train("--epochs", "60")
    done = command("predict", "m.snet", "goods.csv", "--keep", "price", "--interval", "0.9")
    header, *rows = rows_of(done.out)
    assert header == ["price", "predicted_price", "price_low", "price_high"]
    truth, _, low, high = np.array([numbers(row) for row in rows]).T
    assert 0.85 < np.mean((low <= truth) & (truth <= high)) <= 1
    done = command("predict", "m.snet", "goods.csv", "--interval", "0.999")
    assert "too few rows for intervals of level 0.999: their ends are infinite" in done.err
    assert {tuple(row[1:]) for row in rows_of(done.out)[1:]} == {("-inf", "inf")}


def test_table_model_info_is_a_card_and_one_json_object(train: Any, command: Any) -> None:
    train()
    found = facts(command, "info", "m.snet")
    model = sn.load("m.snet")
    assert (found["kind"], found["target"]) == ("TabularShallowNetRegressor", "price")
    bags = found["networks"]
    assert (bags["hidden"], bags["folds"], bags["output"]) == (16, 4, "identity")
    for view in bags["views"]:
        name = view["view"]
        assert view["weight"] == model.encoding_weights_[name] and view["networks"] == 4
        assert view["best_epoch"] == model.best_epoch_[name]
    number, category = found["columns"]
    assert number["had_missing"] and category["categories"] == ["01", "1", "02"]
    assert "r2" in found["measures"]["left_out"] and found["training"]["seed"] == 0
    card = command("info", "m.snet").out
    assert f"networks  4 on the columns: weight {model.encoding_weights_['plain']:.2f}" in card
    assert "of 16 mish units each" in card and "4 folds of the rows" in card


def test_table_model_of_constant_numbers_has_one_view(table: Any, command: Any) -> None:
    path = table("side,kind", [f"{'ab'[k % 2]},{'xy'[k % 2]}" for k in range(40)])
    given = ["train", path, "--target", "kind", "--out", "m.snet", *SMALL]
    done = command(*given)
    assert done.code == 0 and "codes" not in done.out
    assert [view["view"] for view in facts(command, "info", "m.snet")["networks"]["views"]] == [
        "plain"
    ]
