"""scikit-learn's Pipeline as a record of a `.snet` file: its steps as records of their own in it.

scikit-learn's classes know nothing of records: `files` finds these two functions by the kind. What
the command line knows of a table beside it is the attribute `table_`.
"""

from __future__ import annotations

from typing import Any

from ..._extras.scikit_learn import Pipeline, give_output, output_of
from ..._messages.wording import quoted
from ...files import (
    MAX_ARRAYS,
    ModelFormatError,
    Record,
    check_step,
    model_of,
    pack_value,
    record_of,
    require_keys,
)
from .facts import check_facts, check_fit
from .parts import Arrays, read_flag

KIND = "pipeline"
NETWORKS = ("classifier", "regressor")
KINDS = (
    *NETWORKS, "standard scaler", "table classifier", "table encoder", "table regressor",
)  # fmt: skip
IDLE = ("passthrough", None)
NOT_NAMES = ("memory", "steps", "transform_input", "verbose")  # parameters of the Pipeline
MAX_STEPS = 32
TABLE_STEPS = ("encoder", "network")  # what the command line calls them


def to_record(pipeline: Any) -> Record:
    """Return what a file holds of a Pipeline, fitted or not.

    Raises
    ------
    TypeError
        If a step is of a class that no file holds; as `to_record` of the steps raises.
    ValueError
        If it caches in a folder, has too many steps, or these do not fit each other.
    """
    if pipeline.memory is not None:
        raise ValueError(
            f"the Pipeline caches its steps in memory={quoted(pipeline.memory)}, which means "
            "nothing elsewhere: save it after pipeline.set_params(memory=None)"
        )
    steps: list[Any] = []
    arrays: Arrays = {}
    for name, step in pipeline.steps:
        record = _step_record(name, step)
        arrays.update({f"{len(steps)}.{key}": array for key, array in record.arrays.items()})
        kind = record.kind if record.kind in KINDS else step
        steps.append({"name": name, "kind": kind, "fields": record.fields or None})
    facts = getattr(pipeline, "table_", None)
    fields = {
        "steps": steps,
        "transform_input": pack_value(pipeline.transform_input, "transform_input"),
        "verbose": pack_value(pipeline.verbose, "verbose"),
        "table": None if facts is None else check_facts(facts),
    }
    try:
        _read_settings(fields)
        if len(arrays) > MAX_ARRAYS:
            raise ModelFormatError(f"its steps have {len(arrays)} arrays, {MAX_ARRAYS} are allowed")
        _check_steps(pipeline.steps, [step["kind"] for step in steps])
    except ModelFormatError as error:  # what cannot be read must not be written
        raise ValueError(f"the Pipeline is not as fit leaves it: {error}") from error
    try:
        _check_table(pipeline.steps, [step["kind"] for step in steps], fields["table"])
    except ModelFormatError as error:
        raise ValueError(
            f"the Pipeline's table_ is of another fit, {error}: save it after del pipeline.table_"
        ) from error
    return Record(KIND, fields, arrays)


def from_record(record: Record) -> Any:
    """Return the Pipeline that a file holds, or raise ModelFormatError."""
    settings = _read_settings(record.fields)
    entries = record.fields["steps"]
    arrays = _arrays_of(record.arrays, len(entries))
    steps = [_read_step(*parts) for parts in zip(entries, arrays, strict=True)]
    facts = record.fields["table"]
    try:
        facts = None if facts is None else check_facts(facts)
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"what is said of the table does not fit: {error}") from error
    kinds = [entry["kind"] for entry in entries]
    _check_steps(steps, kinds)
    _check_table(steps, kinds, facts)
    pipeline = Pipeline(steps, **settings)
    if facts is not None:
        pipeline.table_ = facts
    return pipeline


def _step_record(name: str, step: Any) -> Record:
    """Return the record of one step, an empty one of a step that does nothing."""
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return Record("")
    if hasattr(step, "steps"):
        raise TypeError(
            f"step {quoted(name)} is a Pipeline in a Pipeline, which a .snet file cannot hold: put "
            "its steps in its place"
        )
    check_step(name, step)
    try:
        record = record_of(step)
    except (TypeError, ValueError) as error:
        class_ = ValueError if isinstance(error, ValueError) else TypeError
        raise class_(f"step {quoted(name)} of the Pipeline: {error}") from error
    if record.kind not in KINDS:
        raise TypeError(f"step {quoted(name)} of the Pipeline is a {type(step).__name__}, no step")
    # the output that `set_output` has asked for has no place in the record of a network
    more = {"output": output_of(step)} if record.kind in NETWORKS else {}
    return Record(record.kind, {**record.fields, **more}, record.arrays)


def _read_settings(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a Pipeline but its steps, which are only counted."""
    require_keys(fields, {"steps", "transform_input", "verbose", "table"}, "the Pipeline")
    steps, names = fields["steps"], fields["transform_input"]
    if not isinstance(steps, list) or not 1 <= len(steps) <= MAX_STEPS:
        raise ModelFormatError(f"a Pipeline in a file has 1 to {MAX_STEPS} steps")
    if names is not None and not (isinstance(names, list) and all(type(n) is str for n in names)):
        raise ModelFormatError("transform_input must be null or a list of names")
    return {"transform_input": names, "verbose": read_flag(fields["verbose"], "verbose")}


def _arrays_of(arrays: Arrays, n_steps: int) -> list[Arrays]:
    """Return the arrays of each step: theirs begin with its number and a dot."""
    found: list[Arrays] = [{} for _ in range(n_steps)]
    numbers = {str(k): k for k in range(n_steps)}
    for name, array in arrays.items():
        number, _, own = name.partition(".")
        if number not in numbers:
            raise ModelFormatError(f"array {quoted(name)} belongs to no step")
        found[numbers[number]][own] = array
    return found


def _read_step(entry: Any, arrays: Arrays) -> tuple[str, Any]:
    """Return one step of a Pipeline, its name and what it is."""
    entry = require_keys(entry, {"name", "kind", "fields"}, "a step")
    name, kind, fields = entry["name"], entry["kind"], entry["fields"]
    if type(name) is not str:
        raise ModelFormatError("a step's name is no string")
    if kind in IDLE:
        if fields is not None or arrays:
            raise ModelFormatError(f"step {quoted(name)} does nothing and has parts")
        return name, kind
    if kind not in KINDS or not isinstance(fields, dict):
        raise ModelFormatError(f"step {quoted(name)} is of a kind that is unknown here")
    own = dict(fields)
    output = None
    if kind in NETWORKS:
        if "output" not in own:
            raise ModelFormatError(f"step {quoted(name)} does not say what its output is")
        output = own.pop("output")
    try:
        step = model_of(Record(kind, own, arrays))
        give_output(step, output)
    except ValueError as error:
        raise ModelFormatError(f"step {quoted(name)}: {error}") from error
    return name, step


def _check_steps(steps: list[tuple[str, Any]], kinds: list[str | None]) -> None:
    """Raise ModelFormatError unless the names are those of steps and each fits the one before."""
    names = [name for name, _ in steps]
    if any(type(n) is not str or "__" in n or n in NOT_NAMES for n in names) or (
        len(set(names)) < len(names)
    ):
        raise ModelFormatError("its steps have names that a Pipeline does not allow")
    width: int | None = None
    for (name, step), kind in zip(steps, kinds, strict=True):
        if kind in IDLE:
            continue
        n = getattr(step, "n_features_in_", None)
        if width is not None and n is not None and n != width:
            raise ModelFormatError(
                f"step {quoted(name)} takes {n} columns, the one before it gives {width}: fit anew"
            )
        width = None if n is None else _width_of(step, kind)


def _width_of(step: Any, kind: str | None) -> int:
    """Return how many columns a fitted step gives."""
    if kind in NETWORKS:
        return int(step._n_features_out)
    if kind == "table encoder":
        return len(step.get_feature_names_out())
    return int(step.n_features_in_)


def _check_table(steps: list[tuple[str, Any]], kinds: list[str | None], facts: Any) -> None:
    """Raise ModelFormatError unless what is known of a table, if any, fits encoder and network."""
    if facts is None:
        return
    if tuple(name for name, _ in steps) != TABLE_STEPS or kinds[0] != "table encoder":
        raise ModelFormatError("only an encoder and a network know of a table")
    (_, encoder), (_, network) = steps
    if kinds[1] not in NETWORKS:
        raise ModelFormatError("the network does not fit the table's task")
    check_fit(facts, encoder, network, is_classifier=kinds[1] == "classifier")
