"""The house rules that a parser can check: who imports whom, names, sizes. The core has its own.

Packages stand on floors, listed from the top down, and import only what stands below. From outside
a package is imported by its door, the names of its `__init__`; inside, its rooms import each other
without a circle. A new package fails here until it has its floor.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "shallownet_native"
CPP = ROOT / "src" / "cpp"

FLOORS = [
    "", "cli", "estimators", "tables", "course", "plotting", "diagnosis", "bench", "training",
    "models", "datasets", "network", "files", "_native", "_extras", "_messages", "reference",
]  # fmt: skip
# Rooms of these are named from outside: each is a tool of its own.
WITHOUT_DOOR = ("_native", "_extras", "_messages")
# Where pickles of version 0.1 look: they stand at the root and only pass on.
OF_OLD_PICKLES = ("classifier", "regressor", "results")
MAX_ROOMS = 10

PYTHON_FILES = sorted(PACKAGE.rglob("*.py"))
CPP_FILES = sorted(p for p in CPP.rglob("*") if p.suffix in (".hpp", ".cpp"))
TOOLS = [p for folder in ("tests", "benchmarks", "examples") for p in (ROOT / folder).rglob("*.py")]
FILES = [*PYTHON_FILES, *CPP_FILES, *TOOLS]
PYTHON_FOLDERS = sorted({path.parent for path in PYTHON_FILES})


def file_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


# What a file imports


class Import(NamedTuple):
    """One name that a file imports, and whether only when a function runs or types are checked."""

    module: str  # with dots; of our own without "shallownet_native"
    name: str
    is_lazy: bool


def module_of(path: Path) -> str:
    """Return the module that a file of the package is, "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def read_import(node: ast.ImportFrom, package: list[str]) -> tuple[bool, str]:
    """Tell whether it is of our own package, and from which module."""
    module = node.module or ""
    if node.level:
        parents = package[: len(package) - node.level + 1]
        return True, ".".join([*parents, *([module] if module else [])])
    root, _, inner = module.partition(".")
    return root == "shallownet_native", inner if root == "shallownet_native" else module


def imports(source: str, package: list[str]) -> tuple[list[Import], list[Import]]:
    """Return what a file in `package` imports: our own, and foreign."""
    own: list[Import] = []
    foreign: list[Import] = []
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(source), False)]
    while waiting:
        node, is_lazy = waiting.pop()
        if isinstance(node, ast.Import):
            foreign += [Import(alias.name, "", is_lazy) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            is_own, module = read_import(node, package)
            found = [Import(module, alias.name, is_lazy) for alias in node.names]
            (own if is_own else foreign).extend(found)
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        is_lazy = is_lazy or is_function or is_type_checking(node)
        waiting += [(child, is_lazy) for child in ast.iter_child_nodes(node)]
    return own, foreign


@functools.cache
def imports_of(path: Path) -> tuple[list[Import], list[Import]]:
    package = list(path.relative_to(PACKAGE).parent.parts)
    return imports(path.read_text(encoding="utf-8"), package)


def is_package(dotted: str) -> bool:
    return (PACKAGE.joinpath(*dotted.split(".")) / "__init__.py").is_file()


def is_module(dotted: str) -> bool:
    return is_package(dotted) or PACKAGE.joinpath(*dotted.split(".")).with_suffix(".py").is_file()


def target(found: Import) -> str:
    """Return the module that is imported: `from . import a` imports a, if that is a module."""
    inner = f"{found.module}.{found.name}".lstrip(".")
    return inner if is_module(inner) else found.module


def is_compiled(found: Import) -> bool:
    return found.name.startswith("_core") or found.name == "_cpu" or found.module == "_build_config"


# What it may import


def wrong_floor(module: str, other: str) -> str:
    """Return what is wrong with `module` importing `other`, by their floors, or ""."""
    here, there = module.split(".")[0], other.split(".")[0]
    here = "" if here in ("__main__", *OF_OLD_PICKLES) else here
    for floor in (here, there):
        if floor not in FLOORS:
            return f"{floor} has no floor"
    is_below = here == there or FLOORS.index(there) > FLOORS.index(here)
    return "" if is_below else f"{module} -> {other}"


def past_the_door(module: str, other: str) -> bool:
    """Tell whether `other` is a room of a package that `module` is not in."""
    package = other.rpartition(".")[0]
    if is_package(other) or not package or package in WITHOUT_DOOR:
        return False
    return not f"{module}.".startswith(f"{package.split('.')[0]}.")


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return the nodes of circles and those between them: [] if there is no circle."""
    left = {node: (others & set(arrows)) - {node} for node, others in arrows.items()}
    while free := [node for node, others in left.items() if not others]:
        for node in free:
            del left[node]
        for others in left.values():
            others.difference_update(free)
    return sorted(left)


def test_architecture_python_imports_point_down() -> None:
    for path in PYTHON_FILES:
        module, (own, _) = module_of(path), imports_of(path)
        ours = [found for found in own if not is_compiled(found)]
        assert len(ours) == len(own) or module == "_native.backend", f"{module} loads the core"
        assert not [wrong for found in ours if (wrong := wrong_floor(module, target(found)))]


def test_architecture_packages_are_entered_by_their_doors() -> None:
    for path in PYTHON_FILES:
        own = [target(found) for found in imports_of(path)[0] if not is_compiled(found)]
        wrong = [other for other in own if past_the_door(module_of(path), other)]
        assert not wrong, file_id(path)


def test_architecture_no_modules_import_each_other_in_a_circle() -> None:
    arrows = {
        module_of(path): {
            target(found)
            for found in imports_of(path)[0]
            if not found.is_lazy and not is_compiled(found)
        }
        for path in PYTHON_FILES
    }
    assert not circle(arrows)


def test_architecture_the_oracle_stays_apart() -> None:
    for path in PYTHON_FILES:
        module, (own, foreign) = module_of(path), imports_of(path)
        floor = module.split(".")[0]
        if floor == "reference":
            modules = {found.module.split(".")[0] for found in foreign}
            assert modules <= {"__future__", "collections", "typing", "numpy"}, module
            assert {target(found).split(".")[0] for found in own} <= {"reference"}, module
            continue
        for found in own:
            if target(found).split(".")[0] == "reference":
                assert floor in ("bench", "diagnosis", "") and found.is_lazy, module


def test_architecture_numpy_is_the_only_hard_dependency() -> None:
    for path in PYTHON_FILES:
        module, (own, foreign) = module_of(path), imports_of(path)
        brings = module == "_extras.scikit_learn"
        allowed = {"numpy", "scipy", "sklearn", "threadpoolctl"} if brings else {"numpy"}
        loaded = {found.module.split(".")[0] for found in foreign if not found.is_lazy}
        assert loaded - set(sys.stdlib_module_names) <= allowed, module
        needing = {target(found) for found in own if not found.is_lazy} & NEED_SKLEARN
        may_need = module.startswith(("estimators", "tables.encoding")) or module in OF_OLD_PICKLES
        assert may_need or not needing, module


NEED_SKLEARN = {"_extras.scikit_learn", "estimators", "tables.encoding"}


# Names and sizes


def test_architecture_no_class_name_is_defined_twice() -> None:
    names = Counter(
        node.name
        for path in PYTHON_FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, n in names.items() if n > 1] == []


def test_architecture_folders_have_at_most_ten_rooms() -> None:
    for folder in PYTHON_FOLDERS:
        rooms = [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        assert len(rooms) <= MAX_ROOMS, file_id(folder)


def test_architecture_files_have_at_most_300_lines() -> None:
    lengths = {file_id(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: length for name, length in lengths.items() if length > 300}


def test_architecture_the_build_file_is_short() -> None:
    assert len((ROOT / "CMakeLists.txt").read_text(encoding="utf-8").splitlines()) <= 100


def test_architecture_python_has_docstrings_and_functions_that_fit_a_screen() -> None:
    for path in (*PYTHON_FILES, *TOOLS):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{file_id(path)} has no docstring"
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                has_docstring = ast.get_docstring(node) and len(node.body) > 1
                body = node.body[1:] if has_docstring else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1
                place = f"{file_id(path)}: {node.name}"
                assert length <= 50, f"{place} has {length} lines besides its docstring"


def test_architecture_cpp_files_open_with_their_purpose() -> None:
    texts = {file_id(path): path.read_text(encoding="utf-8") for path in CPP_FILES}
    assert not [name for name, text in texts.items() if not text.startswith("// ")]


def test_architecture_nothing_is_left_to_do() -> None:
    unfinished = re.compile(rf"\b({'|'.join(('TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'))})\b")
    texts = {file_id(path): path.read_text(encoding="utf-8") for path in FILES}
    assert not [name for name, text in texts.items() if unfinished.search(text)]


# The guards guard


def test_architecture_guard_sees_wrong_floors_and_rooms() -> None:
    assert not wrong_floor("cli.program", "training.loop")
    assert not wrong_floor("training.loop", "training.state")
    assert wrong_floor("training.loop", "cli") == "training.loop -> cli"
    assert wrong_floor("files.snet", "network.units") == "files.snet -> network.units"
    assert wrong_floor("novel.room", "files") == "novel has no floor"
    assert past_the_door("cli.program", "files.snet")
    assert past_the_door("cli.program", "training.checkpoints.file")
    assert not past_the_door("training.loop", "training.checkpoints.file")
    assert not past_the_door("cli.program", "files")
    assert not past_the_door("cli.program", "_native.backend")


def test_architecture_guard_sees_circles() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}) == ["a", "b", "c"]
    assert circle({"a": {"b", "a"}, "b": {"numpy"}}) == []


def test_architecture_guard_reads_imports_in_subfolders() -> None:
    source = (
        "import numpy as np\nfrom . import one\nfrom .two import f\nfrom ...files import g\n"
        "from shallownet_native import five\nfrom shallownet_native.six import h\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .. import three\n"
        "def g():\n    from . import four\n    import scipy.linalg\n"
    )
    own, foreign = imports(source, ["a", "b"])
    at_once = {(f.module, f.name) for f in own if not f.is_lazy}
    assert at_once == {("a.b", "one"), ("a.b.two", "f"), ("files", "g"), ("", "five"), ("six", "h")}
    assert {(f.module, f.name) for f in own if f.is_lazy} == {("a", "three"), ("a.b", "four")}
    assert {f.module for f in foreign if f.is_lazy} == {"scipy.linalg"}
