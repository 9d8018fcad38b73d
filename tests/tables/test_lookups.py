"""Tables as they are looked up: multiplied out, they are what the encoder makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")

import shallownet_native as sn  # noqa: E402
from shallownet_native.reference.tables import multiply_out  # noqa: E402
from shallownet_native.tables.encoding import (  # noqa: E402
    columns_of,
    fit_encoder,
    input_places,
    look_up,
    some_rows,
)

N = 200


def mixed(n: int = N, seed: int = 0) -> Any:
    """Return a table with every kind of column there is."""
    rng = np.random.default_rng(seed)
    number = rng.normal(size=n)
    return pd.DataFrame({
        "number": number,
        "gaps": np.where(rng.random(n) < 0.2, np.nan, rng.exponential(size=n)),
        "five": pd.Categorical(rng.choice(list("abcde"), n)),
        "constant": 7.0,
        "two": rng.choice(["no", "yes"], n),
        "endless": np.where(number > 1.5, np.inf, -number),
        "one": np.where(rng.random(n) < 0.5, "there", None),
        "three": np.where(rng.random(n) < 0.1, None, rng.choice(["x", "y", "z"], n)),
        "few": rng.integers(0, 2, n).astype(float),
        "nothing": np.nan,
    })  # fmt: skip


def lookups_of(X: Any, fitted: Any = None, n_bins: Any = "auto") -> tuple[Any, Any]:
    table = columns_of(X if fitted is None else fitted, sn.TableEncoder())
    encoder = fit_encoder(table, "from_dtype", n_bins)
    return encoder, look_up(encoder, columns_of(X, encoder), range(X.shape[1]))


def strange(n: int = 50) -> Any:
    """Return a table like `mixed` with values that it never had."""
    X = mixed(n, seed=1)
    X["five"] = X["five"].astype(object)
    X.loc[::3, "five"] = "new"
    X.loc[::4, "three"] = "other"
    X.loc[::5, ["number", "gaps", "constant"]] = 1e300
    X.loc[1::5, "number"] = -np.inf
    X.loc[::7, "nothing"] = 3.0
    return X


@pytest.mark.parametrize("n_bins", ["auto", 4, 7, None])
@pytest.mark.parametrize("X", [mixed(), strange()], ids=["mixed", "strange"])
def test_lookups_multiplied_out_are_the_encoders_output(X: Any, n_bins: Any) -> None:
    encoder, lookups = lookups_of(X, mixed(), n_bins)
    inputs = multiply_out(*lookups)
    places = input_places(encoder)
    assert inputs.shape == (len(X), lookups.n_inputs) and len(places) == lookups.n_inputs
    expected = encoder.transform(X)
    # fractions and codes are each rounded once to float32
    np.testing.assert_allclose(inputs, expected[:, places], atol=np.finfo(np.float32).eps)
    left = np.setdiff1d(np.arange(expected.shape[1]), places)
    assert encoder.get_feature_names_out()[left].tolist() == ["constant", "nothing"]


def test_lookups_have_as_many_bins_as_rows_are_worth() -> None:
    def widest(n: int, n_columns: int, n_bins: Any = "auto") -> int:
        X = np.random.default_rng(0).normal(size=(n, n_columns))
        return int(lookups_of(X, n_bins=n_bins)[1].n_bins.max(initial=0))

    assert [widest(n, 1) for n in (100, 640, 5000)] == [16, 20, 64]
    assert widest(5000, 64) == 32 and widest(64, 512) == 4 and widest(64, 513) == 0
    assert widest(5000, 1, 100) == 100 and widest(3000, 1, 10**4) == 2048


def test_lookups_without_codes_keep_all_else() -> None:
    _, lookups = lookups_of(mixed())
    plain = lookups.without_codes()
    assert plain.n_bins.size == 0 and plain.bins.shape == plain.fractions.shape == (N, 0)
    assert plain.n_inputs == lookups.n_inputs - lookups.n_bins.sum()
    assert plain.dense is lookups.dense and plain.levels is lookups.levels


def test_lookups_of_nothing_are_a_column_of_zeros() -> None:
    encoder, lookups = lookups_of(np.ones((5, 3)))
    assert lookups.dense.tolist() == [[0.0]] * 5 and lookups.n_inputs == 1
    assert input_places(encoder).tolist() == [-1]


def test_lookups_of_rows_are_rows_of_lookups() -> None:
    X, chosen = mixed(), np.array([3, 1, 150])
    encoder, lookups = lookups_of(X)
    few = look_up(encoder, some_rows(columns_of(X, encoder), chosen), range(X.shape[1]))
    for one, other in zip(few, lookups.rows(chosen), strict=True):
        np.testing.assert_array_equal(one, other)


def test_lookups_know_nothing_of_rows_left_out_of_fit() -> None:
    X, chosen = mixed(), np.arange(0, N, 3)
    part = fit_encoder(some_rows(columns_of(X, sn.TableEncoder()), chosen), "from_dtype", "auto")
    alone = fit_encoder(columns_of(X.iloc[chosen], sn.TableEncoder()), "from_dtype", "auto")
    np.testing.assert_array_equal(part.transform(X), alone.transform(X))
