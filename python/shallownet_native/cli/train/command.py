"""The way from a table to a saved model, whatever is trained in between."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ... import files
from ..._messages.output import say
from ...files import in_use, snet_file
from ...tables import Lesson, read_lesson
from ...tables.reading import Table, read_table
from ..arguments import check_output, check_packages, encoding, reading, said_format
from ..info import card, facts_of
from ..report import say_json
from . import network, table
from .options import TABLE, checked

HELP = "learn a column of a table from the others, and save the model"
DESCRIPTION = (
    "Train on a table with a header. Each column is a number, a category, or left out (dates, "
    "names, keys), which is said. The model is measured on rows that it has not seen: bags of "
    "networks, each of which leaves some rows out, on all of them; one network on a held-out part."
)


def run(given: argparse.Namespace) -> None:
    """Learn a column of a table from the others, and save the model."""
    check_packages()
    given = checked(given)
    check_output(given.out, snet_file(), in_use([given.data]))
    lesson = _read(given)
    learn = table.learn if given.model == TABLE else network.learn
    with encoding(is_quiet=given.quiet):
        model = learn(given, lesson, _facts(given, lesson))
    files.save(model, given.out)
    if given.json:
        say_json({"model": given.out, **model.table_, "notes": lesson.notes})
    elif not given.quiet:
        facts = {**facts_of(model), "left_out": {}}  # which is among the notes, all of it
        say(*lesson.notes, *card(facts), f"wrote {given.out}")


def _read(given: argparse.Namespace) -> Lesson:
    """Return what there is to learn in the file."""
    return read_lesson(
        _table(given),  # of which nobody else keeps hold: its bytes can be let go
        given.target,
        task=given.task,
        categorical=given.categorical,
        drop=given.drop,
        missing=given.missing,
        held_out=given.held_out,
        seed=given.seed,
    )


def _table(given: argparse.Namespace) -> Table:
    with reading(given.data, is_quiet=given.quiet) as told:
        return read_table(given.data, said_format(given), told=told)


def _facts(given: argparse.Namespace, lesson: Lesson) -> dict[str, Any]:
    """Return what the model keeps of its table, with room for how training will have gone."""
    return {
        "target": lesson.target,
        "task": lesson.task,
        "labels": lesson.labels,
        "columns": lesson.kinds.columns,
        "left_out": lesson.kinds.left_out,
        "format": {name: said or None for name, said in said_format(given).to_dict().items()},
        "missing": given.missing,
        "training": {f"{k:040}": -sys.float_info.max for k in range(30)},
    }
