"""The house rules that a parser can check: who imports whom, sizes. The core's have their own file.

The order below runs from top to bottom, and a file may import only what stands below it. A new
file fails here until it has its place: put it into the order.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "shallownet_native"
CPP = ROOT / "src" / "cpp"

# The estimators: loaded when asked for, and with them, through the last of these, scikit-learn.
ESTIMATORS = [
    "estimators", "classifier", "regressor", "_estimator_base", "_estimator_copies", "_fit_tasks",
    "_estimator_fit", "_fit_outcome", "_fit_warnings", "_estimator_record", "_fitted_parts",
    "_estimator_data", "_lbfgs", "_blas", "_stochastic", "_fit_checkpoint", "_optimizer",
    "_held_out", "_standardization", "_draft", "_epochs", "_labels", "_row_checks",
    "_label_checks", "_class_weight", "_target_numbers", "_estimator_parameters",
    "_stored_network", "_task", "_sklearn",
]  # fmt: skip
PYTHON_ORDER = [
    "__init__", "__main__", "cli", "_commands", "_demo", "_picture", "_fitting", "model",
    "_saved_estimator", "_targets", "_table", "_output", "_columns", *ESTIMATORS, "_progress",
    "_bench", "_numpy_rival", "_rivals", "_problems", "course", "_course_checks", "training",
    "_training_options", "descent", "_descent_checkpoint", "_checkpoint", "_checkpoint_record",
    "_positions", "_fingerprint", "_plan", "_orders", "stopping", "passes", "results", "problem",
    "files", "_plain_values", "_replacement", "_overwriting", "_snet", "datasets", "_real_sets",
    "initialization", "network", "_units", "_shapes", "_weights", "_sparse", "_validation",
    "_blocks", "_backend", "_cpu_quota", "_build_config", "_signals", "_optional", "_remedies",
    "_wording", "_spread", "_caller", "_start", "reference",
]  # fmt: skip
PYTHON_FILES = sorted(PACKAGE.rglob("*.py"))
CPP_FILES = sorted(p for p in CPP.rglob("*") if p.suffix in (".hpp", ".cpp"))
TOOLS = [p for folder in ("tests", "benchmarks", "examples") for p in (ROOT / folder).rglob("*.py")]


def file_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def wrong_way(name: str, imports: set[str], order: list[str]) -> list[str]:
    """Return the imports of `name` that do not point down, and names without a place."""
    if name not in order:
        return [f"{name} has no place in the order"]
    below = order[order.index(name) + 1 :]
    return sorted(f"{name} -> {other}" for other in imports if other not in below)


# Python


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imported_names(nodes: list[ast.AST]) -> tuple[set[str], set[str]]:
    """Return the package's own modules and the foreign packages that these nodes import."""
    own, foreign = set(), set()
    for node in nodes:
        if isinstance(node, ast.Import):
            foreign |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package, _, module = (node.module or "").partition(".")
            if node.level:  # from . import b, from .a import c
                package, module = "shallownet_native", node.module or ""
            if package != "shallownet_native":
                foreign.add(package)
            else:
                own |= {module.split(".")[0]} if module else {alias.name for alias in node.names}
    return own, foreign


def all_imports(path: Path) -> tuple[set[str], set[str]]:
    return imported_names(list(ast.walk(ast.parse(path.read_text(encoding="utf-8")))))


def imports_on_loading(path: Path) -> tuple[set[str], set[str]]:
    """Return what importing the file imports: not what stands in functions or type checking."""
    waiting: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    nodes = []
    while waiting:
        node = waiting.pop()
        lazy = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if not lazy and not (isinstance(node, ast.stmt) and is_type_checking(node)):
            nodes.append(node)
            waiting.extend(ast.iter_child_nodes(node))
    return imported_names(nodes)


@pytest.mark.parametrize("path", PYTHON_FILES, ids=file_id)
def test_architecture_python_imports_point_down(path: Path) -> None:
    own, _ = all_imports(path)
    compiled = {name for name in own if name.startswith("_core") or name == "_cpu"}
    assert not compiled or path.stem == "_backend", "only _backend loads compiled modules"
    assert not wrong_way(path.stem, own - compiled, PYTHON_ORDER)


@pytest.mark.parametrize("path", PYTHON_FILES, ids=file_id)
def test_architecture_the_oracle_stays_apart(path: Path) -> None:
    own, foreign = all_imports(path)
    if path.stem == "reference":
        assert not own and foreign <= {"__future__", "collections", "typing", "numpy"}
    elif "reference" in own:
        assert path.stem in ("_bench", "__init__")
        assert "reference" not in imports_on_loading(path)[0], "the oracle is imported lazily"


@pytest.mark.parametrize("path", PYTHON_FILES, ids=file_id)
def test_architecture_numpy_is_the_only_hard_dependency(path: Path) -> None:
    own, foreign = imports_on_loading(path)
    brought = {"scipy", "sklearn", "threadpoolctl"} if path.stem == "_sklearn" else set()
    allowed = {"numpy"} | brought
    assert foreign - set(sys.stdlib_module_names) <= allowed
    assert path.stem in ESTIMATORS or not own & set(ESTIMATORS), "these need scikit-learn"


# Settings


def test_architecture_fast_math_is_never_used() -> None:
    settings = [*ROOT.glob("CMake*"), ROOT / "pyproject.toml", *CPP_FILES]
    for path in settings:
        text = re.sub(r"(#|//).*", "", path.read_text(encoding="utf-8"))
        assert not re.search("fast-math|associative-math|Ofast", text), path.name


# Sizes and openings


@pytest.mark.parametrize("path", [*PYTHON_FILES, *CPP_FILES, *TOOLS], ids=file_id)
def test_architecture_files_have_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_architecture_the_build_file_is_short() -> None:
    assert len((ROOT / "CMakeLists.txt").read_text(encoding="utf-8").splitlines()) <= 100


@pytest.mark.parametrize("path", [*PYTHON_FILES, *TOOLS], ids=file_id)
def test_architecture_functions_fit_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1
            assert length <= 50, f"{node.name} has {length} lines besides its docstring"


@pytest.mark.parametrize("path", [*PYTHON_FILES, *CPP_FILES, *TOOLS], ids=file_id)
def test_architecture_files_open_with_their_purpose(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        assert ast.get_docstring(ast.parse(text)), "no docstring"
    else:
        assert text.startswith("// "), "no opening comment"


@pytest.mark.parametrize("path", [*PYTHON_FILES, *CPP_FILES, *TOOLS], ids=file_id)
def test_architecture_nothing_is_left_to_do(path: Path) -> None:
    unfinished = "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX"))
    assert not re.search(rf"\b({unfinished})\b", path.read_text(encoding="utf-8"))


# The guards guard


def test_architecture_guard_sees_upward_imports() -> None:
    order = ["top", "middle", "bottom"]
    assert not wrong_way("top", {"middle", "bottom"}, order)
    assert wrong_way("bottom", {"middle"}, order) == ["bottom -> middle"]
    assert wrong_way("middle", {"middle"}, order) == ["middle -> middle"]
    assert wrong_way("new", set(), order) == ["new has no place in the order"]


def test_architecture_guard_reads_imports(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import numpy as np\nfrom . import one\nfrom .two import f\n"
        "from shallownet_native import five\nfrom shallownet_native.six import h\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import three\n"
        "def g():\n    from . import four\n    import scipy.linalg\n"
    )
    at_once = {"one", "two", "five", "six"}
    assert all_imports(path) == (at_once | {"three", "four"}, {"numpy", "typing", "scipy"})
    assert imports_on_loading(path) == (at_once, {"numpy", "typing"})
