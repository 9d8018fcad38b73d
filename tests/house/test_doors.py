"""What a package's door says of it: each of its rooms, and which other packages these import.

The page on the design names every package, and the arrows between them.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from test_architecture import (
    FLOORS,
    PACKAGE,
    PYTHON_FOLDERS,
    ROOT,
    file_id,
    imports_of,
    is_compiled,
    target,
)  # fmt: skip

DESIGN = ROOT / "docs" / "design.md"
FOLDERS = [folder for folder in PYTHON_FOLDERS if folder != PACKAGE]
NAME = re.compile(r"`([\w.]+)`")


def package_of(folder: Path) -> str:
    return ".".join(folder.relative_to(PACKAGE).parts)


def door(folder: Path) -> str:
    return ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""


def rooms(folder: Path) -> set[str]:
    """Name a package's modules, and the packages in it."""
    modules = {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    return modules | {other.name for other in FOLDERS if other.parent == folder}


def imported(folder: Path, pattern: str = "*.py") -> set[str]:
    """Name the packages, but this one, whose names are imported in a folder's files."""
    own = package_of(folder).split(".")[0]
    found = {
        target(one).split(".")[0]
        for path in folder.glob(pattern)
        for one in imports_of(path)[0]
        if not is_compiled(one)
    }
    return found - {own, ""}


def wrong_door(docstring: str, rooms: set[str], imported: set[str]) -> list[str]:
    """Return what a docstring leaves out of rooms and imports, or names and is not there."""
    promise, _, rest = docstring.partition("Imports ")
    named, said = set(NAME.findall(promise)), set(NAME.findall(rest))
    wrong = [f"not named: {room}" for room in rooms - named]
    wrong += [f"not there: {name}" for name in named - rooms]
    wrong += [f"imports {other}, and does not say so" for other in imported - said]
    wrong += [f"does not import {other}" for other in said - imported]
    return sorted(wrong)


@pytest.mark.parametrize("folder", PYTHON_FOLDERS, ids=file_id)
def test_doors_say_what_they_promise(folder: Path) -> None:
    docstring = door(folder)
    assert docstring and (folder == PACKAGE or len(docstring.splitlines()) <= 10)


@pytest.mark.parametrize("folder", FOLDERS, ids=file_id)
def test_doors_name_every_room_and_all_that_these_import(folder: Path) -> None:
    assert not wrong_door(door(folder), rooms(folder), imported(folder))


def test_doors_guard_sees_what_is_missing_and_what_is_gone() -> None:
    docstring = "Do it: `one`, `two`.\n\nImports `files`, `network`."
    assert not wrong_door(docstring, {"one", "two"}, {"files", "network"})
    assert wrong_door(docstring, {"one", "three"}, {"files", "tables"}) == [
        "does not import network",
        "imports tables, and does not say so",
        "not named: three",
        "not there: two",
    ]


def test_doors_all_stand_in_the_page_on_the_design() -> None:
    section = DESIGN.read_text(encoding="utf-8").split("\n## Packages\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE)
    packages = [package_of(folder) for folder in FOLDERS]
    assert sorted(named) == sorted(packages)
    tops = [name for name in named if "." not in name]
    assert tops == [floor for floor in FLOORS if floor], "in another order than the floors"


def test_doors_arrows_in_the_page_are_those_of_the_code() -> None:
    block = DESIGN.read_text(encoding="utf-8").split("```text\narrows\n")[1].split("```")[0]
    arrows = dict(re.findall(r"^(\w+) +-> +(.*)$", block, re.MULTILINE))
    tops = [folder for folder in FOLDERS if folder.parent == PACKAGE]
    real = {folder.name: imported(folder, "**/*.py") for folder in tops}
    everywhere = {"_native", "_messages"}
    drawn = {name: set(others.split(", ")) for name, others in arrows.items()}
    assert drawn == {
        name: others - everywhere for name, others in real.items() if others - everywhere
    }
