"""What the tests import is what `pip install '.[test]'` brings: the README's line needs no more."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# Run only where asked for (--rivals, --site), with extras of their own.
ASKED_FOR = ("rivals", "site")
FILES = [path for path in sorted(TESTS.rglob("*.py")) if path.parent.name not in ASKED_FOR]
IMPORTED_AS = {"scikit-learn": "sklearn"}


def brought_by_the_extra() -> set[str]:
    """Return what the package and its extra `test` name, as it is imported."""
    names = {"shallownet_native"}
    for line in metadata.requires("shallownet-native") or []:
        requirement, _, condition = line.partition(";")
        if not condition or re.search(r"extra == ['\"]test['\"]", condition):
            [name] = re.findall(r"^[\w.-]+", requirement)
            names.add(IMPORTED_AS.get(name.lower(), name.lower().replace("-", "_")))
    return names


def own_modules() -> set[str]:
    """Return what the tests' own files are imported as: a folder only if it is a package."""
    return {path.parent.name if path.name == "__init__.py" else path.stem for path in FILES}


def test_requirements_no_two_test_files_have_one_name() -> None:
    of_folders = ("__init__.py", "conftest.py")  # which pytest tells apart
    names = [path.name for path in TESTS.rglob("*.py") if path.name not in of_folders]
    assert sorted(names) == sorted(set(names))


def imported_on_loading(source: str) -> set[str]:
    """Return the packages that a file imports wherever it is loaded: not those in functions."""
    packages: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            packages |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            packages.add((node.module or "").partition(".")[0])
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))
    return packages


def test_requirements_name_all_that_a_test_file_imports() -> None:
    known = brought_by_the_extra() | own_modules() | set(sys.stdlib_module_names)
    for path in FILES:
        unknown = imported_on_loading(path.read_text(encoding="utf-8")) - known
        assert not unknown, path


def test_requirements_guard_reads_imports() -> None:
    source = "import a.b\nfrom c.d import e\nfrom . import own\nif x:\n    import f\n"
    source += "def g():\n    import h\n"
    assert imported_on_loading(source) == {"a", "c", "f"}
    assert {"numpy", "pytest", "sklearn"} <= brought_by_the_extra()
    assert "pybind11" not in brought_by_the_extra()
