"""What the command line writes about a table beside the encoder and the network, and its check."""

from __future__ import annotations

from typing import Any

from .format import Format, is_encoding
from .table import CATEGORY, NUMBER
from .target import CLASSIFICATION, TASKS, label_value

MISSING_RULES = ("fill", "drop", "error")
KEYS = {
    "target", "task", "labels", "columns", "left_out", "format", "missing", "training"
}  # fmt: skip


def check_facts(facts: Any) -> dict[str, Any]:
    """Return the facts if they are what the command line writes.

    Parameters
    ----------
    facts : dict
        ``target`` and ``task`` (str); ``labels`` (list of str, of a classification one for each
        class); ``columns`` (from each input's name to "number" or "category"); ``left_out`` (from
        names to reasons); ``format`` (the fields of `Format`); ``missing`` ("fill", "drop",
        "error"); ``training`` (names to str, int, float, bool or None).

    Raises
    ------
    TypeError, ValueError
        If a key is missing, unknown, or has another value.
    """
    _demand(isinstance(facts, dict) and set(facts) == KEYS, f"must have the keys {sorted(KEYS)}")
    _demand(isinstance(facts["target"], str), "the target must be a string")
    _demand(facts["task"] in TASKS, f"the task must be one of {', '.join(TASKS)}")
    labels = facts["labels"]
    _demand(_is_list_of_texts(labels), "the labels must be a list of different strings")
    _demand(
        bool(labels) == (facts["task"] == CLASSIFICATION), "labels are for classification alone"
    )
    for name, values in (("columns", (NUMBER, CATEGORY)), ("left_out", None)):
        _demand(_is_dict_of_texts(facts[name], values), f"{name} must map names to words")
    _demand(facts["target"] not in facts["columns"], "the target is among the columns")
    _demand(facts["missing"] in MISSING_RULES, f"missing: one of {', '.join(MISSING_RULES)}")
    how = facts["format"]
    _demand(isinstance(how, dict) and set(how) == set(Format().to_dict()), "the format")
    _demand(all(_is_format(name, value) for name, value in how.items()), "the format's values")
    Format(**how).check()
    training = facts["training"]
    _demand(isinstance(training, dict), "training must be an object")
    plain = (str, int, float, bool, type(None))
    are_plain = all(type(k) is str and type(v) in plain for k, v in training.items())
    _demand(are_plain, "training's values")
    return {name: facts[name] for name in facts}


def class_texts(facts: dict[str, Any]) -> list[str]:
    """Return the text that each class goes by, whose label is spelled as the file spells it."""
    how = Format(**facts["format"])
    return [label_value(label, how) for label in facts["labels"]]


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"the table's facts: {what}")


def _is_list_of_texts(value: Any) -> bool:
    are_texts = isinstance(value, list) and all(type(text) is str for text in value)
    return are_texts and len({*value}) == len(value)


def _is_dict_of_texts(value: Any, values: tuple[str, ...] | None) -> bool:
    return isinstance(value, dict) and all(
        type(name) is str and type(text) is str and (values is None or text in values)
        for name, text in value.items()
    )


def _is_format(name: str, value: Any) -> bool:
    if value is None:
        return True
    if name == "encoding":
        return isinstance(value, str) and is_encoding(value)
    return isinstance(value, str) and len(value) == 1
