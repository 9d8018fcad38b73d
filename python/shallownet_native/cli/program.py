"""The command line: `shallownet demo | train | predict | info | bench`.

Reads the arguments, calls the command, and turns what the user can mend into exit code 2 and one
line on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .._extras.importing import MissingPackageError
from .._messages.output import STANDARD_OUTPUT, complain, give_up_output, naming, warnings_as_lines
from ..tables import Options
from ..training import DivergenceError
from . import bench, demo, info, predict, train
from .arguments import BAD_INPUT, OneLineParser, one_line

COMMANDS = (demo, train, predict, info, bench)
INTERRUPTED, NO_READER = 130, 1
# Python's name of an argument -> the option's, where they differ
SPELLED = {"n_h": "hidden_units"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, by default those of the process.

    Returns
    -------
    int
        Exit code: 0, 2 for bad input, 130 for Ctrl-C, 1 if nobody reads the output any more.
    """
    options = _parser().parse_args(arguments)
    if sys.stdout is None:  # and the first file that is opened would take its number
        return _fail("standard output is closed: send it to a file, or to /dev/null")
    try:
        with warnings_as_lines():
            options.run(options)
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
        return _fail(error.message)
    except (MissingPackageError, ValueError) as error:
        return _fail(_with_option(str(error)))
    return 0


def _parser() -> OneLineParser:
    what = "Train and use networks with one hidden layer."
    parser = OneLineParser(prog="shallownet", description=what)
    commands = parser.add_subparsers(metavar="command", required=True)
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        added = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION)
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return parser


def _fail(message: str, code: int = BAD_INPUT) -> int:
    complain(f"shallownet: {one_line(message)}")
    return code


def _with_option(message: str) -> str:
    """Name the option before a message that begins with what Python calls it."""
    argument = message.partition(" ")[0]
    option = SPELLED.get(argument, argument)
    return f"--{option.replace('_', '-')}: {message}" if hasattr(Options, option) else message
