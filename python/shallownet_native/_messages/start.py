"""What becomes of an error of the import in the command line: one line and exit code 2.

The command's own module cannot catch it, because the package is imported before.
"""

from __future__ import annotations

import sys

PACKAGE = "shallownet_native"
SCRIPTS = ("shallownet", "shallownet.exe", "shallownet-script.py")


def is_command() -> bool:
    """Tell whether this process is `shallownet`, or `python -m shallownet_native`."""
    started = sys.argv[0] if sys.argv else ""
    if started == "-m":  # as long as the module is looked for
        return any(word in (PACKAGE, f"-m{PACKAGE}") for word in sys.orig_argv)
    return started.replace("\\", "/").rpartition("/")[2] in SCRIPTS


def end_command(error: ImportError) -> None:
    """End the process if it is the command; in all others the error is the caller's."""
    if is_command():
        sys.stderr.write(f"shallownet: {' '.join(str(error).split())}\n")
        raise SystemExit(2) from error
