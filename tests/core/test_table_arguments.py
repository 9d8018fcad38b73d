"""Table networks given what they cannot use: a typed error or the right bits, never a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from shallownet_native._native.backend import core
from table_bags import OPTIONS, Bag, draw_bag

# RuntimeError is pybind11's for an option that it cannot convert
REFUSED = (TypeError, ValueError, IndexError, KeyError, OverflowError)
NAMES = ("inputs", "y", "weights", "members", "parameters", "moments", "averages", "n_steps")
INPUTS = ("dense", "levels", "n_levels", "bins", "fractions", "n_bins")
ENDS = np.iinfo(np.int32)


def misaligned(a: Any) -> Any:
    raw = np.zeros(a.nbytes + 1, np.uint8)
    shifted = raw[1:].view(a.dtype).reshape(a.shape)
    shifted[...] = a
    return shifted


def strided(a: Any) -> Any:
    wide = np.repeat(a, 2, axis=-1) if a.ndim else a
    return wide[..., ::2]


KINDS: dict[str, Callable[[Any], Any]] = {
    "float32": lambda a: a.astype(np.float32), "float64": lambda a: a.astype(np.float64),
    "float16": lambda a: a.astype(np.float16), "complex": lambda a: a.astype(complex),
    "int64": lambda a: a.astype(np.int64), "int32": lambda a: a.astype(np.int32),
    "uint32": lambda a: a.astype(np.uint32), "bool": lambda a: a.astype(bool),
    "object": lambda a: a.astype(object), "text": lambda a: a.astype(str),
    "swapped": lambda a: a.astype(a.dtype.newbyteorder()), "misaligned": misaligned,
    "Fortran": np.asfortranarray, "transposed": lambda a: a.T, "strided": strided,
    "backwards": lambda a: a[::-1], "read-only": lambda a: np.frombuffer(a.tobytes(), a.dtype),
    "0-d": lambda a: a.ravel()[0] if a.size else np.array(0), "flat": lambda a: a.ravel(),
    "deeper": lambda a: a[None], "shorter": lambda a: np.ascontiguousarray(a[:-1]),
    "longer": lambda a: np.concatenate([a, a[:1]]), "empty": lambda a: a[:0],
    "narrower": lambda a: np.ascontiguousarray(a[..., :-1]),
    "wider": lambda a: np.concatenate([a, a[..., :1]], axis=-1),
    "broadcast": lambda a: np.broadcast_to(a.ravel()[:1].reshape((1,) * a.ndim), a.shape),
    "None": lambda a: None, "list": lambda a: a.tolist(), "number": lambda a: 3,
    "string": lambda a: "dense", "bytes": lambda a: a.tobytes(),
}  # fmt: skip


@pytest.fixture(scope="module")
def bag() -> Bag:
    return draw_bag("all", "identity", 2, n=20, n_members=2, n_epochs=2, batch_size=6)


def bits(result: dict[str, Any]) -> list[bytes]:
    arrays = [result[name].tobytes() for name in ("parameters", "moments", "averages", "curve")]
    return [*arrays, *(logits.tobytes() for logits in result["best_outputs"])]


def answer(arguments: list[Any]) -> Any:
    """Return the bits of a training, or the error that it is refused with."""
    try:
        return bits(core.train_bag(*arguments, 2))
    except REFUSED as error:
        return error
    except RuntimeError as error:
        assert "cast" in str(error).lower()  # noqa: PT017
        return error


def arrays(bag: Bag) -> Iterator[tuple[str, Any, Callable[[Any], list[Any]]]]:
    """Yield each array's name, the array, and what puts another in its place."""
    arguments = bag.arguments()

    def within(k: int, j: int) -> Callable[[Any], list[Any]]:
        def put(value: Any) -> list[Any]:
            inner = list(arguments[k])
            inner[j] = value
            return [*arguments[:k], tuple(inner), *arguments[k + 1 :]]

        return put

    def of_member(j: int) -> Callable[[Any], list[Any]]:
        def put(value: Any) -> list[Any]:
            first = [*arguments[3][0]]
            first[j] = value
            members = [tuple(first), *arguments[3][1:]]
            return [*arguments[:3], members, *arguments[4:]]

        return put

    for j, name in enumerate(INPUTS):
        if name != "n_levels":
            yield name, arguments[0][j], within(0, j)
    yield "order", arguments[3][0][0], of_member(0)
    yield "left_out", arguments[3][0][1], of_member(1)
    for k, name in enumerate(NAMES):
        if isinstance(arguments[k], np.ndarray):
            yield (
                name,
                arguments[k],
                lambda value, k=k: [*arguments[:k], value, *arguments[k + 1 :]],
            )


def is_the_same(array: Any, other: Any) -> bool:
    """Tell whether another array is that one, wherever and in whatever order it lies."""
    return (
        isinstance(other, np.ndarray)
        and (other.dtype, other.shape) == (array.dtype, array.shape)
        and bool((other == array).all())
    )


@pytest.mark.parametrize("kind", KINDS)
def test_table_arguments_of_every_kind_of_array(kind: str, bag: Bag) -> None:
    expected, n_refused = answer(bag.arguments()), 0
    for name, array, put in arrays(bag):
        try:
            other = KINDS[kind](array)
        except (ValueError, TypeError):
            continue  # there is no such array
        got = answer(put(other))
        if isinstance(got, Exception):
            n_refused += 1
            continue
        changes_values = kind in ("backwards", "broadcast") and not is_the_same(array, other)
        # fewer rows to judge by are another table, and so are fewer a member learns from
        is_another = name in ("order", "left_out") and kind not in ("Fortran", "read-only")
        # another column of levels, or one less, is as good
        is_another |= name == "levels" and kind in ("narrower", "wider")
        assert got == expected or changes_values or is_another, f"{name} {kind}"
    assert n_refused >= (0 if kind in ("backwards", "broadcast") else 2)
    assert answer(bag.arguments()) == expected, "the next call is as the first"


@pytest.mark.parametrize("value", [-2, -1, 20, 10**6, ENDS.min, ENDS.max])
@pytest.mark.parametrize("place", [0, -1])
def test_table_arguments_that_point_outside(value: int, place: int, bag: Bag) -> None:
    for name, array, put in arrays(bag):
        if array.dtype != np.int32 or name == "n_bins":
            continue
        moved = array.copy()
        moved.ravel()[place] = value
        got = answer(put(moved))
        if name == "levels" and value == -1:
            assert not isinstance(got, Exception)
            continue
        assert isinstance(got, IndexError) and f"{name} points outside" in str(got)


@pytest.mark.parametrize("counts", [[0, 2, 17], [-1, 9, 17], [6, 2, ENDS.max], [ENDS.max] * 3])
def test_table_arguments_with_impossible_bins(counts: list[int], bag: Bag) -> None:
    put = {name: put for name, _, put in arrays(bag)}["n_bins"]
    assert isinstance(answer(put(np.array(counts, np.int32))), REFUSED)


@pytest.mark.parametrize(
    "n_levels", [-1, 0, 6, 8, 2**30, 2**31, 2**62, 2**64, 1.5, None, "7", np.int32(7), np.nan]
)
def test_table_arguments_with_other_counts_of_levels(n_levels: Any, bag: Bag) -> None:
    arguments = bag.arguments()
    inputs = list(arguments[0])
    inputs[2] = n_levels
    got = answer([tuple(inputs), *arguments[1:]])
    if n_levels == 7:
        assert isinstance(got, RuntimeError) or got == answer(arguments)
    else:
        assert isinstance(got, (*REFUSED, RuntimeError))


@pytest.mark.parametrize("inputs", [(), (1, 2), [1], None, 5, "inputs"], ids=str)
def test_table_arguments_with_other_inputs(inputs: Any, bag: Bag) -> None:
    assert isinstance(answer([inputs, *bag.arguments()[1:]]), REFUSED)
    vectors = bag.parameters
    for call in (
        lambda: core.table_outputs(inputs, vectors, "mish", 5, 2, 1),
        lambda: core.table_hidden(inputs, vectors[:1], 5, 2),
    ):
        with pytest.raises(REFUSED):
            call()


def test_table_arguments_with_other_members(bag: Bag) -> None:
    arguments = bag.arguments()
    (order, left_out), second = arguments[3]
    nothing = np.empty((2, 0), np.int32)
    for members in (
        [], None, 3, [None, None], [(order, left_out)], [(order, left_out)] * 3,
        [(order,), second], [(order, left_out, left_out), second], [(nothing, left_out), second],
        [(order[:1], left_out), second], [(left_out, order), second], [order, left_out],
        {"a": order},
    ):  # fmt: skip
        assert isinstance(answer([*arguments[:3], members, *arguments[4:]]), REFUSED)
    for n_steps in ([-1, 0], [-(2**63), 1], [0], [0, 0, 0]):
        steps = np.array(n_steps, np.int64)
        assert isinstance(answer([*arguments[:7], steps, arguments[8]]), REFUSED)
    most = np.array([2**63 - 1, 2**62], np.int64)
    assert answer([*arguments[:7], most, arguments[8]])


NUMBERS: list[Any] = [float("nan"), float("inf"), -float("inf"), -1.0, 0.0, 1e308, -0.0, 1e-320]
COUNTS: list[Any] = [-1, 0, -(2**62), 2**31, 2**62, 2**63 - 1, 2**63, 2**70, 1.5, float("nan")]
ANYTHING: list[Any] = [None, "mish", b"", [], {}, 1j, np.zeros(3), object()]


@pytest.mark.parametrize("name", OPTIONS)
def test_table_arguments_with_other_options(name: str, bag: Bag) -> None:
    """Whatever numbers there are: an error, or an end that says what it is."""
    arguments = bag.arguments()
    for value in (*NUMBERS, *COUNTS, *ANYTHING, (1.0, -1.0), (np.nan, np.nan), (1,), (1, 2, 3)):
        options = {**bag.options, name: value}
        try:
            result = core.train_bag(*arguments[:8], options, 2)
        except (*REFUSED, RuntimeError) as error:
            assert str(error)  # noqa: PT017
        else:
            assert result["status"] in ("done", "diverged")
            assert result["n_epochs"] == len(result["curve"]) <= 2
            finite = np.isfinite(result["curve"]).all()
            assert finite == (result["status"] == "done")
    missing = {key: value for key, value in bag.options.items() if key != name}
    with pytest.raises(KeyError, match=name):
        core.train_bag(*arguments[:8], missing, 1)


@pytest.mark.parametrize("name", ["hidden", "output", "schedule"])
def test_table_arguments_with_unknown_names(name: str, bag: Bag) -> None:
    arguments = bag.arguments()
    with pytest.raises(ValueError, match="nothing"):
        core.train_bag(*arguments[:8], {**bag.options, name: "nothing"}, 1)


@pytest.mark.parametrize("sizes", [(0, 2), (-1, 2), (5, 0), (5, -1), (4, 2), (2**40, 2), (5, 2**40),
                                   (2**62, 2**62), (-(2**62), 2), (2**64, 2), (5.5, 2), (None, 2),
                                   ("5", 2), (np.nan, 2)])  # fmt: skip
def test_table_arguments_with_other_sizes(sizes: tuple[Any, Any], bag: Bag) -> None:
    for call in (
        lambda: core.table_outputs(bag.core_inputs(), bag.parameters, "mish", *sizes, 1),
        lambda: core.table_hidden(bag.core_inputs(), bag.parameters[:1], *sizes),
    ):
        with pytest.raises(REFUSED):
            call()


@pytest.mark.parametrize("kind", KINDS)
def test_table_arguments_of_every_kind_to_predict(kind: str, bag: Bag) -> None:
    given = bag.core_inputs()
    expected = core.table_outputs(given, bag.parameters, "mish", 5, 2, 1).tobytes()
    Z1 = core.table_hidden(given, bag.parameters[:1], 5, 2).tobytes()
    for j, name in enumerate((*INPUTS, "parameters")):
        if name == "n_levels":
            continue
        array = bag.parameters if name == "parameters" else given[j]
        try:
            other = KINDS[kind](array)
        except (ValueError, TypeError):
            continue
        inputs = given if name == "parameters" else (*given[:j], other, *given[j + 1 :])
        vectors = other if name == "parameters" else bag.parameters
        may_differ = kind in ("backwards", "broadcast")
        may_differ |= name == "parameters" and kind in ("shorter", "longer", "empty")
        may_differ |= name == "levels" and kind in ("narrower", "wider")
        for call, whole in (
            (lambda: core.table_outputs(inputs, vectors, "mish", 5, 2, 2), expected),  # noqa: B023
            (lambda: core.table_hidden(inputs, vectors[:1], 5, 2), Z1),  # noqa: B023
        ):
            try:
                got = call().tobytes()
            except REFUSED:
                continue
            assert got == whole or may_differ, name


def test_table_arguments_of_no_rows_and_no_networks(bag: Bag) -> None:
    given = bag.core_inputs()
    none = tuple(a if k in (2, 5) else a[:0] for k, a in enumerate(given))
    assert core.table_outputs(none, bag.parameters, "mish", 5, 2, 2).shape == (2, 0, 2)
    assert core.table_outputs(given, bag.parameters[:0], "mish", 5, 2, 2).shape == (0, 20, 2)
    assert core.table_hidden(none, bag.parameters[:1], 5, 2).shape == (0, 5)
    for n_threads in (-1, 0, 10**6, 2**62):
        assert core.table_outputs(given, bag.parameters, "mish", 5, 2, n_threads).shape[0] == 2
        assert core.train_bag(*bag.arguments(), n_threads)["status"] == "done"
    arguments = bag.arguments()
    empty = [none, arguments[1][:0], arguments[2][:0]]
    assert isinstance(answer([*empty, *arguments[3:]]), REFUSED)
