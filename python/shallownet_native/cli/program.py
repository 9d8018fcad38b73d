"""The command line: `shallownet demo | train | predict | evaluate | info | bench`.

Reads the arguments, calls the command, and turns what the user can mend into exit code 2 and one
line on standard error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from .._extras.importing import MissingPackageError
from .._messages.output import (
    STANDARD_OUTPUT,
    complain,
    give_up_output,
    naming,
    say,
    warnings_as_lines,
)
from .._native.backend import core
from ..training import DivergenceError
from . import bench, demo, evaluate, info, predict, train
from .arguments import BAD_INPUT, OneLineParser, one_line

COMMANDS = (demo, train, predict, evaluate, info, bench)
INTERRUPTED, NO_READER = 130, 1
# Python's names of arguments, as errors begin with them -> the options that they come from
SPELLED = {
    "n_h": "hidden_units",
    "hidden_layer_sizes": "hidden_units",
    "n_hidden": "hidden_units",
    "n_networks": "networks",
    "activation": "hidden",
    "solver": "optimizer",
    "learning_rate_init": "learning_rate",
    "max_iter": "epochs",
    "max_epochs": "epochs",
    "alpha": "l2",
    "random_state": "seed",
    "n_threads": "threads",
}
OPTIONS = {
    *SPELLED.values(), "hidden", "negative_slope", "batch_size", "validation_fraction"
}  # fmt: skip
BEGINNING = re.compile(r"(?:The )?'?(\w+)'? ")
# where such a name stands in advice; in quotes it may be a column
ADVISED = re.compile(rf"(?<!['\w])({'|'.join(name for name in SPELLED if '_' in name)})(?!['\w])")
# what is of use in Python alone: here inputs are always scaled
PYTHON_ADVICE = re.compile(r", as \w+=True does")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, by default those of the process.

    Returns
    -------
    int
        Exit code: 0, 2 for bad input, 130 for Ctrl-C, 1 if nobody reads the output any more.
    """
    if sys.stdout is None:  # and the first file that is opened would take its number
        return _fail("standard output is closed: send it to a file, or to /dev/null")
    parser = _parser()
    given, rest = parser.parse_known_args(arguments)
    given.parser.refuse_unknown(rest)
    try:
        with warnings_as_lines(_in_options):
            (_alone if given.version else given.run)(given)
        with naming(STANDARD_OUTPUT):
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        give_up_output()
        return NO_READER
    except OSError as error:
        if error.filename == STANDARD_OUTPUT:
            give_up_output()
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except MemoryError:
        return _fail("not enough memory: use fewer hidden units or a smaller table")
    except DivergenceError as error:
        return _fail(_with_option(error.message, given))
    except (MissingPackageError, ValueError) as error:
        return _fail(_with_option(str(error), given))
    return 0


def _parser() -> OneLineParser:
    what = "Train and use networks with one hidden layer."
    parser = OneLineParser(prog="shallownet", description=what)
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.set_defaults(run=_alone, parser=parser)
    commands = parser.add_subparsers(metavar="command")
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        added = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION)
        command.add_arguments(added)
        added.set_defaults(run=command.run, parser=added)
    return parser


def _alone(given: argparse.Namespace) -> None:
    """Print the version, or the help where nothing is asked for."""
    if given.version:
        say(f"shallownet-native {core.version}")
    else:
        given.parser.print_help()


def _fail(message: str, code: int = BAD_INPUT) -> int:
    complain(f"shallownet: {one_line(message)}")
    return code


def _with_option(message: str, given: argparse.Namespace) -> str:
    """Name the option before a message that begins with what Python calls it, and in its advice."""
    found = BEGINNING.match(message)
    option = SPELLED.get(found[1], found[1]) if found else ""
    if option in OPTIONS and hasattr(given, option):
        return f"{_spelled(option)}: {message}"
    return _in_options(message)


def _in_options(message: str) -> str:
    """Name options where a message names the arguments of Python that they become."""
    return ADVISED.sub(lambda name: _spelled(SPELLED[name[0]]), PYTHON_ADVICE.sub("", message))


def _spelled(option: str) -> str:
    return f"--{option.replace('_', '-')}"
