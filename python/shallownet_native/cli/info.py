"""`shallownet info`: describe this installation, or any saved file.

What is known of a file is put together once, as `--json` prints it; the card is made of that.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from .. import files
from .._messages.output import say
from .._messages.wording import quoted, shortened
from .._native.backend import config, config_text, core
from ..network import Parameters
from .arguments import add_json
from .bags import UNSEEN, bag_facts, bag_lines, is_bag, left_out_score
from .report import MEASURES, say_json, shown

HELP = "describe this installation (CPU level, threads, versions), or a saved file"
DESCRIPTION = HELP.capitalize() + "."

LEFT_OUT = "left_out"
# in a model's facts and in print
PARTS = {"training": "training", LEFT_OUT: "score", "held_out": "held-out"}
KINDS = {"number": "numbers", "category": "categories"}
MAX_LEFT_OUT = 6  # lines; there may be thousands
RULES = {
    "fill": "filled: numbers with the mean of training, categories as none of those known",
    "drop": "rows with a missing cell are not predicted",
    "error": "refused: every cell must have a value",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("model", nargs="?", help="a .snet file")
    add_json(parser)


def run(given: argparse.Namespace) -> None:
    """Describe this installation, or a saved file."""
    if given.model is None:
        if given.json:
            say_json({"name": "shallownet-native", "version": core.version, **config()})
        else:
            say(*config_text().splitlines())
        return
    model = files.load(given.model, max_bytes=sys.maxsize)
    if given.json:
        say_json({"file": given.model, **facts_of(model)})
    elif isinstance(model, Parameters):
        say(f"{given.model}: {model!r}")
    else:
        say(*card(facts_of(model)))


def facts_of(model: Any) -> dict[str, Any]:
    """Return what is known of anything that a file can hold, as `--json` prints it."""
    kind: dict[str, Any] = {"kind": type(model).__name__}
    if isinstance(model, Parameters):
        return {**kind, "network": _network(model, model.hidden, model.output)}
    if hasattr(model, "encode"):
        return {**kind, **_old_facts(model)}
    if hasattr(model, "table_"):
        return {**kind, **_table_facts(model)}
    steps = getattr(model, "steps", None)
    if steps is None:
        return {**kind, **_estimator_facts(model)}
    named = [(name, step) for name, step in steps if not isinstance(step, str) and step is not None]
    return {**kind, "steps": [{"name": n, **facts_of(step)} for n, step in named]}


def _table_facts(model: Any) -> dict[str, Any]:
    """Return the facts of an estimator, or a pipeline, that the command line wrote."""
    table = model.table_
    if is_bag(model):
        encoder = model.encoder_
        networks: dict[str, Any] = {"networks": bag_facts(model)}
    else:
        (_, encoder), (_, network) = model.steps
        networks = {"network": _estimator_facts(network).get("network")}
    columns: list[dict[str, Any]] = [
        {"name": name, "kind": kind} for name, kind in table["columns"].items()
    ]
    if hasattr(encoder, "n_features_in_"):
        of_numbers = zip(encoder.means_, encoder.scales_, encoder.has_missing_, strict=True)
        of_categories = iter(encoder.categories_)
        for column in columns:
            if column["kind"] == "number":
                column |= dict(zip(("mean", "sd", "had_missing"), next(of_numbers), strict=True))
            else:
                column["categories"] = next(of_categories)
    kept = ("target", "task", "labels", "left_out", "missing", "format")
    return {
        **{name: table[name] for name in kept},
        "columns": columns,
        **networks,
        **_split(table["training"], table["task"]),
    }


def _old_facts(model: Any) -> dict[str, Any]:
    """Return the facts of a model of version 0.1."""
    training = dict(model.training)
    task = str(training.pop("task", "model"))
    columns: list[dict[str, Any]] = [{"name": n, "kind": "number"} for n in model.columns]
    for column in columns:
        if column["name"] in model.categories:
            column |= {"kind": "category", "categories": model.categories[column["name"]]}
    return {
        "target": model.target,
        "task": task,
        "labels": [*model.classes],
        "columns": columns,
        "missing": "error",
        "network": _network(model.parameters, model.hidden, model.output),
        **_split(training, task),
    }


def _split(training: dict[str, Any], task: str) -> dict[str, Any]:
    """Return what is known of a training, with the measures apart."""
    rest, found = dict(training), {}
    for part in PARTS:
        names = ("rows", *MEASURES.get(task, ()))
        values = {n: rest.pop(f"{part}_{n}") for n in names if f"{part}_{n}" in rest}
        if values.get("rows"):
            found[part] = values
    return {"measures": found, "training": rest}


def _network(parameters: Parameters, activation: str | None, output: str | None) -> dict[str, Any]:
    n_x, n_h, n_y = parameters.shape
    return {
        "inputs": n_x, "hidden": n_h, "outputs": n_y, "activation": activation,
        "output": output, "parameters": parameters.size, "dtype": str(parameters.dtype),
    }  # fmt: skip


def _estimator_facts(model: Any) -> dict[str, Any]:
    """Return the facts of an estimator, a TableEncoder or a StandardScaler."""
    facts: dict[str, Any] = {"repr": " ".join(repr(model).split())}
    if not hasattr(model, "n_features_in_"):
        return {**facts, "is_fitted": False}
    names = getattr(model, "feature_names_in_", None)
    facts |= {"is_fitted": True, "n_columns": int(model.n_features_in_)}
    facts["columns"] = None if names is None else [str(name) for name in names]
    if hasattr(model, "classes_"):
        facts["labels"] = model.classes_.tolist()
    if is_bag(model):
        score = {LEFT_OUT: left_out_score(model)}
        return {**facts, "networks": bag_facts(model), "measures": score}
    if not hasattr(model, "coefs_"):
        return facts
    parameters = model._network()
    activation = model.activation if parameters.n_h else None
    facts["network"] = _network(parameters, activation, model.out_activation_)
    known = {
        "epochs": getattr(model, "n_iter_", None),
        "loss": getattr(model, "loss_", None),
        "best validation score": getattr(model, "best_validation_score_", None),
    }
    facts["training"] = {
        name: v if isinstance(v, int) else float(v) for name, v in known.items() if v is not None
    }
    return facts


def card(facts: dict[str, Any]) -> list[str]:
    """Return facts as lines to read, each with its subject in the first ten letters."""
    if "steps" in facts:
        return [
            line
            for step in facts["steps"]
            for line in (f"step      {quoted(step['name'])}, a {step['kind']}", *card(step))
        ]
    lines = [facts["repr"]] if "repr" in facts else []
    if not facts.get("is_fitted", True):
        return [*lines, "not fitted"]
    if "target" in facts:
        classes = f", classes {shortened(facts['labels'])}" if facts["labels"] else ""
        lines.append(f"target    {quoted(facts['target'])}, {facts['task']}{classes}")
    elif "labels" in facts:
        lines.append(f"classes   {shortened(facts['labels'])}")
    lines += _columns(facts)
    if "missing" in facts:
        lines.append(f"missing   {RULES[facts['missing']]}")
    if facts.get("network"):
        lines.append(f"network   {_sizes(facts['network'])}")
    if facts.get("networks"):
        lines += bag_lines(facts["networks"])
    for part, found in facts.get("measures", {}).items():
        measured = ", ".join(shown({n: v for n, v in found.items() if n != "rows"}))
        if not measured:  # bags have seen these rows, and are better than they are on others
            continue
        head, on = f"{PARTS[part]:<10}{measured}", f"on {found['rows']} rows"
        if part == LEFT_OUT:
            lines += [head, f"{'':<10}{on}, {UNSEEN}"]
        else:
            lines.append(f"{head} {on}")
    training = {k: v for k, v in (facts.get("training") or {}).items() if v is not None}
    said = [f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in training.items()]
    return [*lines, f"trained   {', '.join(said)}"] if said else lines


def _columns(facts: dict[str, Any]) -> list[str]:
    """Return lines on the columns that are read, and on those that are left out."""
    if "n_columns" in facts:
        names = facts["columns"]
        named = "without names" if names is None else shortened(names)
        return [f"columns   {facts['n_columns']}, {named}"]
    lines: list[str] = []
    for kind, several in KINDS.items():
        columns = [column for column in facts["columns"] if column["kind"] == kind]
        if columns:
            names = shortened(column["name"] for column in columns)
            word = kind if len(columns) == 1 else several
            lines.append(f"{'' if lines else 'columns':<10}{len(columns)} {word}: {names}")
    left_out = [*facts.get("left_out", {}).items()]
    lines += [f"left out  {quoted(name)}: {reason}" for name, reason in left_out[:MAX_LEFT_OUT]]
    if len(left_out) > MAX_LEFT_OUT:
        lines.append(f"left out  {len(left_out) - MAX_LEFT_OUT} more: see --json")
    return lines


def _sizes(network: dict[str, Any]) -> str:
    hidden = f"{network['hidden']} {network['activation']} - " if network["hidden"] else ""
    sizes = f"{network['inputs']} - {hidden}{network['outputs']} {network['output']}"
    return f"{sizes}, {network['parameters']} parameters, {network['dtype']}"
