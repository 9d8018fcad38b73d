"""The built modules as the loader sees them: each ELF header is read here, without other tools.

Checked in every module: full RELRO with immediate binding, no executable stack, no segment that is
both writable and executable, no text relocations, no search path of its own, stack protector and
fortified calls.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shallownet_native import _cpu
from shallownet_native._native import backend

FOLDER = Path(_cpu.__file__).parent
MODULES = sorted(FOLDER.glob("_c*.so"))
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ELF is the format of Linux")

# Program headers: kinds and permissions.
PT_LOAD, PT_DYNAMIC, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 0x6474E551, 0x6474E552
EXECUTE, WRITE = 1, 2
# Entries of the dynamic section.
DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_RPATH, DT_TEXTREL = 5, 6, 10, 15, 22
DT_BIND_NOW, DT_RUNPATH, DT_FLAGS, DT_FLAGS_1 = 24, 29, 30, 0x6FFFFFFB
DF_TEXTREL, DF_BIND_NOW, DF_1_NOW = 4, 8, 1


@dataclass
class Module:
    """The parts of a 64-bit little-endian ELF file that decide how it is protected."""

    segments: list[tuple[int, int]]  # (kind, permissions)
    dynamic: dict[int, int]
    imports: set[str] = field(default_factory=set)


def read_module(path: Path) -> Module:
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01", "not a 64-bit little-endian ELF file"
    (offset,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    # kind, permissions, place in the file, address, physical address, size in the file
    headers = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]

    def place(address: int) -> int:
        for kind, _, start, first, _, length in headers:
            if kind == PT_LOAD and first <= address < first + length:
                return int(address - first + start)
        raise AssertionError(f"{address:#x} lies in no segment")

    start, length = next((h[2], h[5]) for h in headers if h[0] == PT_DYNAMIC)
    dynamic = dict(struct.iter_unpack("<qQ", data[start : start + length]))
    module = Module([header[:2] for header in headers], dynamic)
    names = place(dynamic[DT_STRTAB])
    # The string table follows the symbols; of each: name, info, other, section (0: imported).
    for at in range(place(dynamic[DT_SYMTAB]) + 24, names, 24):
        name, _, _, section = struct.unpack_from("<IBBH", data, at)
        if section == 0:
            end = data.index(b"\0", names + name)
            module.imports.add(data[names + name : end].decode())
    return module


@pytest.fixture(params=MODULES, ids=lambda path: path.name.partition(".")[0])
def module(request: pytest.FixtureRequest) -> Module:
    found = read_module(request.param)
    if any(name.startswith(("__asan", "__tsan")) for name in found.imports):
        pytest.skip("a sanitizer's build is not hardened: it is never shipped")
    return found


def test_hardening_every_module_is_looked_at() -> None:
    names = {path.name.partition(".")[0] for path in MODULES}
    built = {f"_core_{level.replace('-', '_')}" for level in _cpu.built_levels()}
    assert names == built | {"_cpu"}
    assert Path(backend.core.__file__) in MODULES


def test_hardening_relocations_are_read_only_before_code_runs(module: Module) -> None:
    assert PT_GNU_RELRO in [kind for kind, _ in module.segments]
    now = (
        DT_BIND_NOW in module.dynamic
        or module.dynamic.get(DT_FLAGS, 0) & DF_BIND_NOW
        or module.dynamic.get(DT_FLAGS_1, 0) & DF_1_NOW
    )
    assert now, "lazy binding leaves the table of function addresses writable"


def test_hardening_no_memory_is_writable_and_executable(module: Module) -> None:
    assert PT_GNU_STACK in [kind for kind, _ in module.segments], "else the stack is executable"
    for kind, permissions in module.segments:
        assert not (kind == PT_GNU_STACK and permissions & EXECUTE)
        assert not (kind == PT_LOAD and permissions & EXECUTE and permissions & WRITE)
    assert DT_TEXTREL not in module.dynamic
    assert not module.dynamic.get(DT_FLAGS, 0) & DF_TEXTREL


def test_hardening_no_search_path_is_built_in(module: Module) -> None:
    assert not {DT_RPATH, DT_RUNPATH} & module.dynamic.keys()


def test_hardening_the_stack_is_protected(module: Module) -> None:
    assert "__stack_chk_fail" in module.imports
    assert "stack protector" in _cpu.hardening


def test_hardening_calls_are_fortified() -> None:
    # `_cpu` makes no call whose sizes the compiler knows: there only the macro can tell.
    modules = {path.name: read_module(path) for path in MODULES}
    if any(name.startswith(("__asan", "__tsan")) for m in modules.values() for name in m.imports):
        pytest.skip("a sanitizer's build is not hardened: it is never shipped")
    for name, found in modules.items():
        checked = [symbol for symbol in found.imports if symbol.endswith("_chk")]
        assert checked or name.startswith("_cpu."), name
    assert "fortify" in _cpu.hardening
