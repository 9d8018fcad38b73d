"""The command line: `shallownet demo | train | predict | info | bench`.

Reads the arguments, calls the command, and turns what the user can mend into exit code 2 and one
line on standard error. The commands themselves are in `_commands`.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

from .._extras.importing import MissingPackageError
from .._messages.output import STANDARD_OUTPUT, complain, give_up_output, naming, warnings_as_lines
from .._messages.wording import quoted
from .._native.backend import core
from ..tables import BATCH_SIZE, MEASURES, Options, parse_number
from ..training import DEFAULT_RATES, DivergenceError
from .commands import run_bench, run_demo, run_info, run_predict, run_train

__all__ = ["main"]
__dir__ = sorted(__all__).copy

BAD_INPUT, INTERRUPTED, NO_READER = 2, 130, 1
# Python's name of an argument -> the option's, where they differ
SPELLED = {"n_h": "hidden_units"}
MAX_MESSAGE = 1000  # of the parser, which repeats whatever it is given


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is, and exit with code 2."""
        complain(f"{self.prog}: {_one_line(message)[:MAX_MESSAGE]} (help: {self.prog} --help)")
        self.exit(BAD_INPUT)


# argparse has no public name for what add_subparsers returns
Commands: TypeAlias = "argparse._SubParsersAction[OneLineParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.

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


def _fail(message: str, code: int = BAD_INPUT) -> int:
    complain(f"shallownet: {_one_line(message)}")
    return code


def _with_option(message: str) -> str:
    """Name the option before a message that begins with what Python calls it."""
    argument = message.partition(" ")[0]
    option = SPELLED.get(argument, argument)
    return f"--{option.replace('_', '-')}: {message}" if hasattr(Options, option) else message


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="shallownet",
        description="Train and use networks with one hidden layer.",
    )
    commands = parser.add_subparsers(metavar="command", required=True)
    for add in (_add_demo, _add_train, _add_predict, _add_info, _add_bench):
        add(commands)
    return parser


def _add_demo(commands: Commands) -> None:
    parser = commands.add_parser(
        "demo",
        help="train on real data, time it against NumPy, draw a picture",
        description="Train on the breast-cancer and digits sets with a held-out part, time the "
        "same descent in NumPy, and draw learning curves and the flower's decision boundary. "
        "Needs the extra 'demo'.",
    )
    parser.add_argument("--out", default="shallownet-demo.png", help="picture (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="shorter timing")
    parser.set_defaults(run=run_demo)


def _add_train(commands: Commands) -> None:
    parser = commands.add_parser(
        "train",
        help="train on a CSV file and save the model",
        description="Train on a CSV file with a header. Numeric columns are standardised, others "
        "become an input for each category; a part of the rows is held out to measure the model.",
    )
    parser.add_argument("data", help="CSV file in UTF-8 with a header; - is standard input")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="column to predict")
    parser.add_argument("--out", required=True, metavar="FILE.snet", help="model to write")
    parser.add_argument(
        "--task",
        default=Options.task,
        choices=("auto", *MEASURES),
        help="auto: words and few whole numbers are classes, other numbers a regression",
    )
    for name, what in (("categorical", "take its numbers for names"), ("drop", "leave it out")):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="COLUMN",
            help=f"{what}; may be repeated",
        )
    _add_delimiter(parser)
    _add_network_options(parser)
    parser.set_defaults(run=run_train)


def _add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the options whose defaults are those of `Options`."""
    rows: list[tuple[str, Any, str, str]] = [
        ("held_out", _fraction, "FRACTION", "of the rows, to measure the model on; 0: none"),
        ("hidden_units", _whole_from(0), "N", "0: no hidden layer"),
        ("hidden", str, "NAME", f"one of {', '.join(core.activations)}"),
        ("negative_slope", float, "SLOPE", "of leaky_relu"),
        ("optimizer", str, "NAME", f"one of {', '.join(sorted(core.optimizers))}"),
        ("learning_rate", float, "RATE", f"by optimizer: {DEFAULT_RATES}"),
        ("epochs", _whole_from(1), "N", "passes over the rows"),
        ("batch_size", _whole_from(0), "N", f"0: all rows, as gd does; else {BATCH_SIZE}"),
        ("l2", float, "PENALTY", "on squared weights"),
        ("seed", _whole_from(0, 2**128), "N", "of everything that is drawn at random"),
        ("validation_fraction", _fraction, "FRACTION", "of the training rows, to stop early by"),
    ]
    for name, kind, metavar, what in rows:
        default = getattr(Options, name)
        shown = "" if default is None else " (%(default)s)"
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=kind,
            default=default,
            metavar=metavar,
            help=what + shown,
        )
    _add_threads(parser)


def _add_predict(commands: Commands) -> None:
    parser = commands.add_parser(
        "predict",
        help="predict the rows of a CSV file with a saved model",
        description="Write a CSV file with the prediction for each row of another. The columns "
        "are found by their names; those that the model does not read are ignored.",
    )
    parser.add_argument("model", help="a .snet file written by shallownet train")
    parser.add_argument("data", help="CSV file in UTF-8 with a header; - is standard input")
    parser.add_argument("--out", metavar="FILE", help="file to write (standard output)")
    parser.add_argument(
        "--probabilities", action="store_true", help="add a column for each class's probability"
    )
    _add_delimiter(parser)
    _add_threads(parser)
    parser.set_defaults(run=run_predict)


def _add_info(commands: Commands) -> None:
    what = "describe this installation (CPU level, threads, versions), or a saved model"
    parser = commands.add_parser("info", help=what, description=what.capitalize() + ".")
    parser.add_argument("model", nargs="?", help="a .snet file")
    parser.set_defaults(run=run_info)


def _add_bench(commands: Commands) -> None:
    parser = commands.add_parser(
        "bench",
        help="time training against NumPy on this machine",
        description="Time training against NumPy in turns, after checking that both give the same "
        "answer, and print the ratios.",
    )
    parser.add_argument("--quick", action="store_true", help="a few small problems only")
    parser.add_argument("--seconds", type=_positive, metavar="S", help="to spend on each row")
    parser.add_argument(
        "--threads",
        type=_whole_from(1),
        nargs="+",
        metavar="N",
        help="numbers of threads, each held to by both sides (1 2)",
    )
    parser.set_defaults(run=run_bench)


def _add_delimiter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--delimiter", type=_delimiter, default=",", metavar="CHARACTER", help="between cells (,)"
    )


def _add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads", type=_whole_from(1), metavar="N", help="the result does not depend on it"
    )


def _whole_from(minimum: int, maximum: int = sys.maxsize) -> Callable[[str], int]:
    def whole(text: str) -> int:
        digits = text.lstrip("0") or text[:1]
        number = int(digits[:50]) if digits.isdecimal() else -1  # no limit has so many digits
        if not minimum <= number <= maximum:
            limit = f"<= {maximum}" if number > maximum else f">= {minimum}"
            raise argparse.ArgumentTypeError(f"must be a whole number {limit}, got {quoted(text)}")
        return number

    return whole


def _positive(text: str) -> float:
    number = parse_number(text)
    if number is None or not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {quoted(text)}")
    return number


def _fraction(text: str) -> float:
    number = parse_number(text)
    if number is None or not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to below 1, got {quoted(text)}")
    return number


def _delimiter(text: str) -> str:
    character = text.replace("\\t", "\t")
    if len(character) != 1 or character in '"\r\n':
        raise argparse.ArgumentTypeError(f"must be one character, got {quoted(text)}")
    return character
