"""What stands first in a program that is to find some packages not installed."""

PROGRAM = """
import sys
class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Absent())
"""


def without(*packages: str) -> str:
    """Return the first lines of such a program."""
    return PROGRAM.format(packages=packages)
