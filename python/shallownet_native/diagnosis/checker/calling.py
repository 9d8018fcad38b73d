"""A learner's functions: which arguments they take, in which form, and where their shapes fail.

The course's are `forward(X, parameters)` and `backward(parameters, cache, X, Y)`, on dictionaries.
Others are called by the names of their arguments.
"""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ...network import NAMES
from .problem import STAGES, Exercise

ROLES = {
    "parameters": re.compile(r"p|param\w*|theta|net\w*|weights|model", re.IGNORECASE),
    "cache": re.compile(r"c|cache\w*|forward\w*|stages|activations", re.IGNORECASE),
    "X": re.compile(r"x\w*|inputs?|data", re.IGNORECASE),
    "Y": re.compile(r"y\w*|t|targets?|labels?", re.IGNORECASE),
}
# what is taken for the arguments of a function whose own names say nothing
OF_BACKWARD = {
    1: ("parameters",),
    3: ("parameters", "X", "Y"),
    4: ("parameters", "cache", "X", "Y"),
    6: (*NAMES, "X", "Y"),
}
OF_FORWARD = {2: ("X", "parameters"), 5: ("X", *NAMES)}
SIGNATURES = "(parameters, cache, X, Y), (parameters, X, Y) or (parameters)"
OURS = Path(__file__).parents[2]
SHAPES_MEET = re.compile(
    r"not aligned|core dimension|be broadcast|broadcast together|shape-mismatch|non-broadcastable"
)
# what Python says to a function that wants parameters in another form
FORM_DIFFERS = re.compile(
    r"subscriptable|has no attribute|dtype\('<U|string ind|unhashable type: 'slice'|"
    r"parameters must be Parameters|parameters must be a dict"
)


class Mismatch(NamedTuple):
    """What NumPy says of shapes that do not fit, and the learner's line that has it."""

    message: str
    line: str


class NamedArrays(dict[str, Any]):
    """Arrays by name, as `p["W1"]` or as `p.W1`; what is not there is said with a remedy."""

    remedy = ""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(f"a dict has no attribute {name!r}") from error

    def __missing__(self, name: object) -> Any:
        raise KeyError(f"{name} is not among {', '.join(self)}{self.remedy}")


class MadeUpCache(NamedArrays):
    """The cache of a learner who has given no pass forward."""

    remedy = ", which stand in the cache here: give your own forward as well, for its cache"


def call_backward(backward: Callable[..., Any], exercise: Exercise, cache: Any) -> Any:
    """Return what a backward pass hands back, or a Mismatch, and the parameters afterwards."""
    roles = _roles(backward, OF_BACKWARD, "backward", SIGNATURES)
    if not {"parameters", "W2", "cache"} & set(roles):
        raise TypeError(
            f"backward gets no parameters: it takes only ({', '.join(roles)}), and must take "
            f"{SIGNATURES}"
        )
    given = {"cache": cache, "Y": exercise.Y.copy()}
    if isinstance(cache, MadeUpCache):
        given |= cache
    try:
        return _call(backward, roles, exercise, given)
    except (TypeError, ValueError) as error:
        if not isinstance(cache, MadeUpCache) or not re.search("unpack|dtype..<U", str(error)):
            raise
        raise ValueError(
            f"backward does not read its cache as a dict of {', '.join(STAGES)} ({error}): give "
            "your own forward as well, for its cache"
        ) from error


def call_forward(forward: Callable[..., Any], exercise: Exercise) -> Any:
    """Return what a forward pass hands back, or a Mismatch, and the parameters afterwards."""
    return _call(forward, _roles(forward, OF_FORWARD, "forward", "(X, parameters)"), exercise, {})


def _call(
    function: Callable[..., Any], roles: dict[str, str], exercise: Exercise, given: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Call a function with parameters in the form that it reads; return the answer and them.

    A function of a cache is the course's, and reads dictionaries; others are tried with Parameters
    first, as ours take them.
    """
    forms = ("names", "Parameters", "vector")
    if "cache" not in roles and next(iter(roles)) != "X":
        forms = ("Parameters", "names", "vector")
    first: Exception | None = None
    for form in forms:
        network, named = exercise.parameters.copy(), NamedArrays(exercise.arrays)
        parameters: Any = {"names": named, "Parameters": network, "vector": network.flat}[form]
        kept: dict[str, Any] = named if form == "names" else network.as_dict()
        values = {**kept, "parameters": parameters, "X": exercise.X.copy(), **given}
        try:
            return _answer(function, {name: values[role] for role, name in roles.items()}), kept
        except (TypeError, AttributeError, IndexError, ValueError) as error:
            first = first or error
            if "parameters" not in roles or not FORM_DIFFERS.search(str(error)):
                break  # it is about something else; what it said at first tells most
    assert first is not None
    raise first


def _answer(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Return what a function makes of its arguments, or what NumPy says of their shapes."""
    positional = [value for name, value in arguments.items() if not name.startswith("*")]
    by_keyword = {name[1:]: value for name, value in arguments.items() if name.startswith("*")}
    try:
        return function(*positional, **by_keyword)
    except ValueError as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if not _is_library(frame.filename)]
        if not SHAPES_MEET.search(str(error)) or not own:
            raise
        return Mismatch(str(error).strip(), own[-1].line or "")


def _is_library(path: str) -> bool:
    return Path(path).is_relative_to(OURS) or "numpy" in Path(path).parts


def _roles(
    function: Callable[..., Any], by_count: dict[int, tuple[str, ...]], name: str, wanted: str
) -> dict[str, str]:
    """Return the roles of a function's arguments, in order, each with the argument's name.

    By their names, else by how many there are. A name that goes by keyword has a `*` before it.
    """
    if not callable(function):
        raise TypeError(
            f"{name} must be a function {name}{wanted}, got {kind_of(function)}: give the function "
            "itself, without calling it"
        )
    usual = by_count[max(n for n in by_count if n < 5)]
    try:
        arguments = inspect.signature(function).parameters.values()
    except ValueError:  # compiled ones do not say
        return {role: role for role in usual}
    if any(argument.kind is argument.VAR_POSITIONAL for argument in arguments):
        return {role: role for role in usual}
    needed = [
        f"*{argument.name}" if argument.kind is argument.KEYWORD_ONLY else argument.name
        for argument in arguments
        if argument.default is argument.empty and argument.kind is not argument.VAR_KEYWORD
    ]
    roles = [_role(one.lstrip("*"), name) for one in needed]
    if None not in roles and len(roles) == len(set(roles)) > 0:
        return {str(role): one for role, one in zip(roles, needed, strict=True)}
    if len(needed) not in by_count or any(one.startswith("*") for one in needed):
        raise TypeError(
            f"{name} must take {wanted}, got one that takes ({', '.join(needed)}): give what is "
            "more a default, or wrap it by functools.partial or a lambda"
        )
    return dict(zip(by_count[len(needed)], needed, strict=True))


def _role(name: str, of: str) -> str | None:
    """Return what an argument of this name stands for, None if the name does not say."""
    if name in NAMES or (of == "backward" and name in STAGES):
        return name
    roles: Iterable[str] = ROLES if of == "backward" else ("X", "parameters")
    return next((role for role in roles if ROLES[role].fullmatch(name)), None)


def kind_of(value: Any) -> str:
    """Return what a value is, in a word."""
    return "None" if value is None else type(value).__name__
