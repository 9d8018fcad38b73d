"""Checkpoint files: whose they are, what is refused, and what is left as it was."""

from __future__ import annotations

import errno
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native.files import chunks, decode
from shallownet_native.training.checkpoints import file as _checkpoint
from shallownet_native.training.checkpoints.fingerprint import fingerprint_of

SHAPE = (3, 5, 2)
M = 40
N = 6

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, M))
Y = np.asarray(X[:2] > 0, float)
START = sn.initialize(*SHAPE, "glorot_uniform", seed=0)
# every part that a checkpoint of `train` can have
FULL: dict[str, Any] = {
    "optimizer": "adam", "n_epochs": N, "batch_size": 13, "seed": 3, "validation": 0.3, "tol": 0.1,
    "example_weights": RNG.random(M), "n_iter_no_change": 99,
}  # fmt: skip


def run(start: sn.Parameters = START, x: Any = X, y: Any = Y, **options: Any) -> sn.TrainingResult:
    return sn.train(start, x, y, **options)


# another training's


def changed(array: Any) -> Any:
    other = np.array(array)
    other[0, -1] = 1 - other[0, -1]
    return other


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("network", {"hidden": "relu"}),
    ("network", {"output": "softmax", "y": np.eye(2)[:, np.arange(M) % 2]}),
    ("network", {"negative_slope": 0.5}),
    ("network", {"start": sn.initialize(3, 6, 2, seed=0)}),
    ("network", {"start": START.astype(np.float32), "x": X.astype(np.float32)}),
    ("options", {"optimizer": "sgd"}),
    ("options", {"learning_rate": 0.1}),
    ("options", {"l2": 0.1}),
    ("options", {"schedule": "invscaling"}),
    ("options", {"schedule": "adaptive"}),
    ("options", {"batch_size": 12}),
    ("options", {"batch_size": None, "n_epochs": None, "n_iterations": N}),
    ("options", {"shuffle": False}),
    ("options", {"seed": 4}),
    ("options", {"tol": 0.2}),
    ("options", {"n_iter_no_change": 98}),
    ("options", {"early_stopping": False}),
    ("options", {"validation": 0.25}),
    ("options", {"validation": None}),
    ("options", {"beta_1": 0.5}),
    ("options", {"cost_every": 0}),
    ("data", {"x": changed(X)}),
    ("data", {"y": changed(Y)}),
    ("data", {"example_weights": np.ones(M)}),
    ("start", {"start": sn.initialize(*SHAPE, "glorot_uniform", seed=1)}),
]


def test_checkpoint_files_say_how_another_training_differs(path: Path) -> None:
    run(**FULL, checkpoint=path)
    content = path.read_bytes()
    for group, other in OTHERS:
        with pytest.raises(ValueError, match=rf"differs in its {group}[\s\S]*delete the file"):
            run(**{**FULL, **other}, checkpoint=path)
        assert path.read_bytes() == content, other
    with pytest.raises(ValueError, match="differs in its options"):  # another kind of validation
        run(**{**FULL, "validation": (X, Y)}, checkpoint=path)


def test_checkpoint_files_of_given_validation_data_are_theirs(path: Path) -> None:
    options = {**FULL, "validation": (X, Y)}
    run(**options, checkpoint=path)
    with pytest.raises(ValueError, match="differs in its data"):
        run(**{**options, "validation": (changed(X), Y)}, checkpoint=path)


def test_checkpoint_files_do_not_depend_on_what_changes_no_bit(path: Path) -> None:
    whole = run(**FULL, checkpoint=path)
    row_major = {"x": np.asfortranarray(X), "y": Y.astype(">f8").tolist()}
    for same in (
        row_major,
        {"n_threads": 3},
        {"callback": lambda state: None},
        {"every": 1},
        {"l2": 0},
        {"seed": np.int64(3)},
    ):
        assert run(**{**FULL, **same}, checkpoint=path).parameters == whole.parameters


def test_checkpoint_files_of_sparse_data_are_told_apart(path: Path) -> None:
    csr_matrix = pytest.importorskip("scipy.sparse").csr_matrix
    inputs = np.where(np.abs(X) > 0.5, X, 0)
    options = {"n_iterations": 3, "checkpoint": path}
    run(x=csr_matrix(inputs), **options)
    run(x=csr_matrix(inputs).tocsc(), **options)
    with pytest.raises(ValueError, match="differs in its data"):
        run(x=csr_matrix(-inputs), **options)
    with pytest.raises(ValueError, match="differs in its data"):
        run(x=inputs, **options)  # sums in another order, perhaps


def test_checkpoint_files_tell_values_apart() -> None:
    def digest(value: Any) -> str:
        return fingerprint_of(network=value, options=0, data=0, start=0)["network"]

    different = [
        None, False, 0, 1, "1", "None", (), (1,), ((1,),), (1, 2), ("12",), ("1", "2"), {"a": 1},
        {"a": 2}, {"b": 1}, np.zeros(2), np.zeros(2, np.float32), np.zeros((1, 2)),
        np.zeros((2, 1)), np.zeros(3), (np.zeros(2), np.zeros(1)), (np.zeros(1), np.zeros(2)),
    ]  # fmt: skip
    assert len({digest(value) for value in different}) == len(different)
    big = RNG.standard_normal((3000, 700))  # of several blocks
    assert digest(big) == digest(np.asfortranarray(big)) == digest(big.astype(">f8"))
    assert digest(big) == digest(big[::-1][::-1]) != digest(big[::-1])
    assert digest({"a": 1, "b": 2.0}) == digest({"b": np.float32(2), "a": np.int8(1)})


def test_checkpoint_files_that_have_come_further_are_not_cut(path: Path) -> None:
    run(**FULL, checkpoint=path)
    with pytest.raises(ValueError, match="has 6 epochs, and only 5 are asked for"):
        run(**{**FULL, "n_epochs": 5}, checkpoint=path)


def test_checkpoint_files_of_another_level_warn(path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(_checkpoint, "level", "x86-64-v9")
    run(**{**FULL, "n_epochs": 3}, checkpoint=path)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match="written on CPU level 'x86-64-v9'"):
        result = run(**FULL, checkpoint=path)
    assert result.n_epochs == N


def test_checkpoint_files_hold_an_epoch_that_was_broken_off_as_not_looked_at(path: Path) -> None:
    """So they always did, of `train`: such a file of an earlier version is gone on with as well."""

    with pytest.raises(sn.TrainingInterrupted) as caught:
        run(**FULL, checkpoint=path, callback=breaking_off(4))
    assert len(caught.value.result.validation_costs) == 5
    record = decode(path.read_bytes())
    assert record.fields["is_open"] and record.fields["n_epochs"] == 5
    assert len(record.arrays["validation_costs"]) == 4
    result, whole = run(**FULL, checkpoint=path), run(**FULL)
    assert result.validation_costs.tolist() == whole.validation_costs.tolist()
    assert result.parameters == whole.parameters and result.best_epoch == whole.best_epoch


def test_checkpoint_files_of_earlier_fits_hold_it_as_looked_at(path: Path) -> None:
    pytest.importorskip("sklearn")
    model = sn.ShallowNetRegressor(max_iter=N, batch_size=13, random_state=0, checkpoint=path)

    def fit(**parameters: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.set_params(**parameters).fit(X.T, Y.T, X_val=X.T, y_val=Y.T)

    with pytest.raises(sn.TrainingInterrupted) as caught:
        fit(callbacks=breaking_off(4))
    record = decode(path.read_bytes())
    assert record.fields["is_open"] and record.fields["n_epochs"] == 5
    record.arrays["validation_costs"] = caught.value.result.validation_costs
    path.write_bytes(b"".join(chunks(record)))
    curve = fit(callbacks=None).validation_loss_curve_
    assert curve == fit(checkpoint=None).validation_loss_curve_ and len(curve) == N


# arguments


@pytest.mark.parametrize("seed", [None, np.random.default_rng(0), np.random.RandomState(0)])
def test_checkpoint_files_need_a_seed_that_draws_again(path: Path, seed: Any) -> None:
    for drawn in ({"batch_size": 13, "n_epochs": 3}, {"n_iterations": 3, "validation": 0.5}):
        with pytest.raises(ValueError, match="seed must be an int, not"):
            run(**drawn, seed=seed, checkpoint=path)
    assert not path.exists()
    assert run(n_iterations=3, seed=seed, checkpoint=path).n_epochs == 3  # nothing is drawn
    other = {"batch_size": 13, "n_epochs": 3, "shuffle": False, "validation": (X, Y)}
    assert run(**other, seed=seed, checkpoint=path.with_suffix(".b")).n_epochs == 3


def test_checkpoint_files_arguments_are_checked(path: Path) -> None:
    with pytest.raises(TypeError, match="checkpoint must be a path, got int"):
        run(n_iterations=3, checkpoint=3)
    for every, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="every must be"):
            run(n_iterations=3, every=every)
    for name in (str(path), os.fsencode(path), path):
        assert run(n_iterations=3, checkpoint=name).n_epochs == 3


# files that are no checkpoints, or cannot be written


def test_checkpoint_files_never_replace_anything_else(path: Path) -> None:
    sn.save(START, path)
    for content in (path.read_bytes(), b"", b"my thesis", path.read_bytes()[:-1]):
        path.write_bytes(content)
        with pytest.raises(sn.ModelFormatError, match=r"model\.snet"):
            run(n_iterations=3, checkpoint=path)
        assert path.read_bytes() == content
    with pytest.raises(sn.ModelFormatError, match="not a regular file"):
        run(n_iterations=3, checkpoint=path.parent)
    path.unlink()
    run(n_iterations=3, checkpoint=path)
    with pytest.raises(sn.ModelFormatError, match="holds a checkpoint"):
        sn.load(path)


def test_checkpoint_files_that_cannot_be_written_are_found_before_training(path: Path) -> None:
    def never(state: sn.EpochState) -> None:
        raise AssertionError

    for place in (path / "nowhere.snet", path.parent / "no" / "where.snet"):
        with pytest.raises(FileNotFoundError):
            run(n_iterations=3, checkpoint=place, callback=never)


def test_checkpoint_files_a_full_disk_is_an_error_and_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill(state: sn.EpochState) -> None:
        if state.epoch == 4:
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        run(**FULL, checkpoint=path, every=2, callback=fill)
    monkeypatch.undo()
    assert os.listdir(path.parent) == [path.name]
    assert decode(path.read_bytes()).fields["n_epochs"] == 4
    assert run(**FULL, checkpoint=path).parameters == run(**FULL).parameters


@pytest.mark.skipif(os.name != "posix", reason="a link needs rights elsewhere")
def test_checkpoint_files_follow_a_link(path: Path) -> None:
    target = path.with_name("target.snet")
    path.symlink_to(target.name)
    run(**{**FULL, "n_epochs": 3}, checkpoint=path)
    assert path.is_symlink() and target.is_file()
    assert run(**FULL, checkpoint=path).parameters == run(**FULL).parameters


def test_checkpoint_files_stay_where_the_path_pointed_at_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path.parent / "elsewhere").mkdir()
    monkeypatch.chdir(path.parent)

    def move(state: sn.EpochState) -> None:
        os.chdir(path.parent / "elsewhere")

    run(**FULL, checkpoint=path.name, callback=move)
    assert decode(path.read_bytes()).fields["n_epochs"] == N
