"""The house rules of the core: which floor includes which, where pybind11 ends, sizes of folders.

A folder is a floor. A file includes what lies in its own folder or on a lower floor, by its path
from the one root, src/cpp. A new folder fails here until it has its place: put it into the order.
"""

from __future__ import annotations

import re
from pathlib import Path

from test_architecture import CPP, CPP_FILES, ROOT, circle

CPP_FLOORS = [
    "bindings.cpp", "bindings", "tables", "solvers", "sums", "passes", "kernels", "registry",
    "parallel", "simd", "types.hpp", "cpu.cpp",
]  # fmt: skip

CPP_FOLDERS = sorted(p for p in CPP.rglob("*") if p.is_dir())


def cpp_includes(path: Path) -> tuple[set[str], set[str]]:
    """Return the quoted and the bracketed includes of a file."""
    text = path.read_text(encoding="utf-8")
    quoted = re.findall(r"^\s*#\s*include \"([^\"]+)\"", text, re.MULTILINE)
    bracketed = re.findall(r"^\s*#\s*include <([^>]+)>", text, re.MULTILINE)
    return set(quoted), set(bracketed)


def cpp_name(path: Path) -> str:
    """Return how other files include this one: by its path from the one root."""
    return path.relative_to(CPP).as_posix()


def cpp_floor(name: str) -> str:
    return name.partition("/")[0]


def wrong_includes(name: str, includes: set[str]) -> list[str]:
    """Return the includes of a C++ file that point up or aside, and floors that are none."""
    floor = cpp_floor(name)
    if floor not in CPP_FLOORS:
        return [f"{name} has no place in the order"]
    allowed = CPP_FLOORS[CPP_FLOORS.index(floor) + ("/" not in name) :]
    return sorted(f"{name} -> {other}" for other in includes if cpp_floor(other) not in allowed)


def test_architecture_cpp_includes_point_down() -> None:
    for path in CPP_FILES:
        includes = cpp_includes(path)[0]
        assert not wrong_includes(cpp_name(path), includes)
        elsewhere = {name for name in includes if not (CPP / name).is_file()}
        assert not elsewhere, f"{cpp_name(path)}: not from the root"


def test_architecture_cpp_includes_make_no_circle() -> None:
    assert not circle({cpp_name(path): cpp_includes(path)[0] for path in CPP_FILES})


def test_architecture_cpp_pybind11_ends_at_the_bindings() -> None:
    for path in CPP_FILES:
        name = cpp_name(path)
        if cpp_floor(name) not in ("bindings.cpp", "bindings", "cpu.cpp"):
            text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
            assert not [x for x in cpp_includes(path)[1] if re.match("pybind11|Python", x)], name
            assert "py::" not in text and "PyErr" not in text, name


def test_architecture_cpp_folders_have_at_most_ten_files() -> None:
    for folder in (CPP, *CPP_FOLDERS):
        assert len([path for path in folder.iterdir() if path.is_file()]) <= 10, folder


def test_architecture_cpp_clang_tidy_sees_every_header() -> None:
    settings = (ROOT / ".clang-tidy").read_text(encoding="utf-8")
    [pattern] = re.findall("^HeaderFilterRegex: '(.*)'$", settings, re.MULTILINE)
    headers = [path.as_posix() for path in CPP_FILES if path.suffix == ".hpp"]
    assert not [name for name in headers if not re.search(pattern, name)]


def test_architecture_cpp_core_draws_no_random_numbers() -> None:
    for path in CPP_FILES:
        assert "random" not in cpp_includes(path)[1], path
        assert not re.search(r"\brand\(|mt19937", path.read_text(encoding="utf-8")), path


# The guards guard


def test_architecture_cpp_guard_sees_upward_includes() -> None:
    below = {"sums/chunks.hpp", "types.hpp"}
    assert not wrong_includes("sums/gradient.hpp", below)
    assert not wrong_includes("bindings.cpp", below)
    assert wrong_includes("passes/wide.hpp", below) == ["passes/wide.hpp -> sums/chunks.hpp"]
    assert wrong_includes("cpu.cpp", {"types.hpp"}) == ["cpu.cpp -> types.hpp"]
    assert wrong_includes("sums/a.hpp", {"b.hpp"}) == ["sums/a.hpp -> b.hpp"]
    assert wrong_includes("new/a.hpp", set()) == ["new/a.hpp has no place in the order"]
    assert not circle({"a": {"b", "c"}, "b": {"c"}})
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
