"""The words of errors: the nearest name, what is quoted, what a terminal may be given."""

import pytest

import shallownet_native as sn
from shallownet_native._messages.wording import cut, nearest, printable, quoted, shortened


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ReLU", "relu"),
        ("TANH", "tanh"),
        ("Sigmoid", "sigmoid"),
        ("Tahn", "tanh"),
        ("LeakyReLU", "leaky_relu"),
        ("gauss", None),
    ],
)
def test_wording_the_nearest_name_whatever_its_case(given: str, meant: str | None) -> None:
    assert nearest(given, ["identity", "leaky_relu", "relu", "sigmoid", "tanh"]) == meant


def test_wording_a_name_keeps_its_own_case() -> None:
    assert nearest("WIDTH", ["Width", "colour"]) == "Width"
    assert nearest("STRASSE", ["straße"]) == "straße"


@pytest.mark.parametrize("given", ["a50000", "b" * 10**6])
def test_wording_the_nearest_of_many_names_is_found_in_few_comparisons(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def count(word: str, names: list[str], n: int) -> list[str]:
        compared.append((len(word), len(names), max(map(len, names))))
        return []

    monkeypatch.setattr("difflib.get_close_matches", count)
    names = [f"a{k}" for k in range(100_000)] + ["c" * 10**6]
    assert nearest(given, names) == (given if given in names else None)
    assert nearest("z50000", names) is None
    assert compared == [(6, 1000, 6)]


@pytest.mark.parametrize("option", ["hidden", "output", "optimizer"])
def test_wording_every_choice_of_names_suggests_in_any_case(option: str) -> None:
    meant = {"hidden": "relu", "output": "softmax", "optimizer": "adam"}[option]
    X, Y = sn.datasets.flower(20)
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        sn.train(sn.initialize(2, 2, 1, seed=0), X, Y, **{option: meant.upper()})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, Ünïcode 漢字", "plain text, Ünïcode 漢字"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\u202eesrever\u2066", "\\u202eesrever\\u2066"),
        ("\x9b31m\x00", "\\x9b31m\\x00"),
        ("\udce4", "\\udce4"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
        ('it\'s "both"', 'it\'s "both"'),
    ],
)
def test_wording_printable_escapes_what_moves_a_cursor(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(printable(text)) == shown


def test_wording_is_of_bounded_length() -> None:
    assert len(printable("x" * 10**6)) == 2000 and len(quoted("x" * 10**6)) == 60
    assert len(shortened(["x" * 10**6] * 1000)) < 500
    assert shortened("abcdefgh") == "'a', 'b', 'c', 'd', 'e', 'f' and 2 more"
    assert cut("abcdef", 6) == "abcdef" and cut("abcdefg", 6) == "abc..."
