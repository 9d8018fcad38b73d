"""Quotas of control groups: each layout laid out under a folder of its own."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from shallownet_native._native import backend, cpu_quota
from shallownet_native._native.cpu_quota import granted_cpus

V2 = "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
V1 = "33 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct"
UNIFIED = V2.replace("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
OTHER = "34 25 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
CPU = "sys/fs/cgroup/cpu"


def lay_out(root: Path, files: dict[str, str]) -> str:
    """Write files below `root`, and return it."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return str(root)


def quota_files(folder: str, quota: str) -> dict[str, str]:
    """Return a group's files: "a b" is version 2's, "a/b" version 1's."""
    if " " in quota:
        return {f"{folder}/cpu.max": quota}
    limit, period = quota.split("/")
    return {f"{folder}/cpu.cfs_quota_us": limit, f"{folder}/cpu.cfs_period_us": period}


G = "sys/fs/cgroup"
LAYOUTS: dict[str, tuple[str, str | None, dict[str, str], int | None]] = {
    # name: /proc/self/cgroup, mountinfo, quotas by folder (a space: version 2), processors
    "nothing at all": ("", None, {}, None),
    "v2, at the root of the container": ("0::/\n", V2, {G: "200000 100000\n"}, 2),
    "v2 without limit": ("0::/\n", V2, {G: "max 100000\n"}, None),
    "v2, without the list of mounts": ("0::/a\n", None, {f"{G}/a": "300000 100000"}, 3),
    "v2, rounded down": ("0::/\n", V2, {G: "765000 100000"}, 7),
    "v2, a part of a processor": ("0::/\n", V2, {G: "50000 100000"}, 1),
    "v2, another period": ("0::/\n", V2, {G: "50000 10000"}, 5),
    "v2, the process's own group": (
        "0::/system.slice/net.service\n", V2,
        {f"{G}/system.slice/net.service": "300000 100000", f"{G}/other.slice": "100000 100000"}, 3,
    ),
    "v2, a group around it": (
        "0::/a.slice/b.scope/c\n", V2,
        {f"{G}/a.slice/b.scope/c": "max 100000", f"{G}/a.slice": "200000 100000"}, 2,
    ),
    "v2, the smallest on the way counts": (
        "0::/a/b\n", V2,
        {f"{G}/a/b": "500000 100000", f"{G}/a": "900000 100000", G: "max 100000"}, 5,
    ),
    "v2, only a part of the tree mounted": (
        "0::/docker/abc/inner\n", V2.replace("0:26 /", "0:26 /docker/abc"),
        {G: "600000 100000", f"{G}/inner": "400000 100000"}, 4,
    ),
    "v2, a group that is not mounted": (
        "0::/../elsewhere\n", V2, {G: "600000 100000", "sys/fs/elsewhere": "100000 100000"}, 6
    ),
    "v2, a sibling whose name begins alike": (
        "0::/docker/abcd\n", V2.replace("0:26 /", "0:26 /docker/abc"),
        {G: "600000 100000", f"{G}/d": "100000 100000"}, 6,
    ),
    "v2 elsewhere, with a blank in its name": (
        "0::/a b\n", V2.replace("/sys/fs/cgroup", r"/mnt/my\040groups"),
        {"mnt/my groups/a b": "300000 100000"}, 3,
    ),
    "v1": ("4:cpu,cpuacct:/\n", V1, {f"{CPU},cpuacct": "200000/100000"}, 2),
    "v1, the usual place": ("", None, {CPU: "200000/100000"}, 2),
    "v1 without limit": ("4:cpu,cpuacct:/\n", V1, {f"{CPU},cpuacct": "-1/100000"}, None),
    "v1, rounded down": ("4:cpu,cpuacct:/\n", V1, {f"{CPU},cpuacct": "765000/100000"}, 7),
    "v1, a part of a processor": ("4:cpu,cpuacct:/\n", V1, {f"{CPU},cpuacct": "1000/100000"}, 1),
    "v1, nested": (
        "5:memory:/x\n4:cpuacct,cpu:/kube/pod/c\n", f"{OTHER}\n{V1}",
        {f"{CPU},cpuacct": "-1/100000", f"{CPU},cpuacct/kube": "800000/100000",
         f"{CPU},cpuacct/kube/pod": "350000/100000", f"{CPU},cpuacct/x": "100000/100000",
         "sys/fs/cgroup/memory/kube/pod": "100000/100000"}, 3,
    ),
    "v1, the host's name for the container's group": (
        "4:cpu,cpuacct:/docker/abc\n", V1.replace("0:29 /", "0:29 /docker/abc"),
        {f"{CPU},cpuacct": "200000/100000"}, 2,
    ),
    "both versions, the limit in the first": (
        "4:cpu,cpuacct:/a\n0::/b\n", f"{V1}\n{UNIFIED}",
        {f"{CPU},cpuacct/a": "200000/100000", f"{G}/unified/a": "100000 100000"}, 2,
    ),
    "both versions, a limit in each": (
        "4:cpu,cpuacct:/a\n0::/b\n", f"{V1}\n{UNIFIED}",
        {f"{CPU},cpuacct/a": "400000/100000", f"{G}/unified/b": "300000 100000"}, 3,
    ),
    "more than any number of processors": ("0::/\n", V2, {G: f"{10**300} 1"}, 10**300),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_cpu_quota_of_a_layout(tmp_path: Path, name: str) -> None:
    cgroup, mountinfo, quotas, expected = LAYOUTS[name]
    files = {"proc/self/cgroup": cgroup}
    if mountinfo is not None:
        files["proc/self/mountinfo"] = mountinfo
    for folder, quota in quotas.items():
        files |= quota_files(folder, quota)
    root = lay_out(tmp_path, files)
    assert granted_cpus(root) == granted_cpus(root + "/") == expected


@pytest.mark.parametrize(
    "text", ["", "\n", "100000", "x y", "1e5 100000", "² 1", "0 100000", "-5 100000", "100000 0",
             "100000 -1", "1 2 3", "nan 1", "9" * 5000 + " 1", "\x00", "max max"],
)  # fmt: skip
def test_cpu_quota_of_malformed_files_is_no_limit(tmp_path: Path, text: str) -> None:
    root = lay_out(
        tmp_path,
        {"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": V2, f"{G}/cpu.max": text,
         f"{CPU}/cpu.cfs_quota_us": text, f"{CPU}/cpu.cfs_period_us": "100000"},
    )  # fmt: skip
    expected = 1 if text == "100000" else None  # in version 1 that is one processor
    assert granted_cpus(root) == expected


@pytest.mark.parametrize(
    "text", ["", "0", "0::", "::", "0::\x00/a\n", "a" * 10**5, "0::/a/../..\n", "\udcff:\udcff\n",
             "- - -", "1 2 3 4 5 -", "1 2 - cgroup2 cgroup2 rw", "1 2 3 4 5 - cgroup2",
             "1 2 3 \\999 \\ - cgroup2"],
)  # fmt: skip
def test_cpu_quota_of_malformed_lists_is_the_usual_places(tmp_path: Path, text: str) -> None:
    root = lay_out(tmp_path, {f"{G}/cpu.max": "200000 100000"})
    (tmp_path / "proc/self").mkdir(parents=True)
    for name in ("cgroup", "mountinfo"):
        (tmp_path / "proc/self" / name).write_bytes(text.encode(errors="surrogateescape"))
    assert granted_cpus(root) == 2


def test_cpu_quota_of_folders_where_files_should_be_is_no_limit(tmp_path: Path) -> None:
    for name in (
        "proc/self/cgroup",
        "proc/self/mountinfo",
        f"{G}/cpu.max",
        f"{CPU}/cpu.cfs_quota_us",
    ):
        (tmp_path / name).mkdir(parents=True)
    assert granted_cpus(str(tmp_path)) is None


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("SHALLOWNET_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(backend, "_affinity_cpus", lambda: 64)
    backend._quota_cpus.cache_clear()
    yield
    backend._quota_cpus.cache_clear()


@pytest.mark.parametrize(("quota", "expected"), [(None, 64), (2, 2), (1, 1), (100, 64)])
def test_cpu_quota_limits_the_default_number_of_threads(
    monkeypatch: pytest.MonkeyPatch, no_settings: None, quota: int | None, expected: int
) -> None:
    monkeypatch.setattr(backend, "granted_cpus", lambda: quota)
    assert backend.get_num_threads() == expected
    monkeypatch.setenv("OMP_NUM_THREADS", "3")  # who says a number means it
    assert backend.get_num_threads() == 3


def test_cpu_quota_is_read_again_only_now_and_then(
    monkeypatch: pytest.MonkeyPatch, no_settings: None
) -> None:
    opened = []

    def counted(path: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(path)
        return builtins.open(path, *args, **kwargs)

    now = [1000.0]
    monkeypatch.setattr(backend.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(cpu_quota, "open", counted, raising=False)
    for _ in range(100):
        backend.get_num_threads()
    n_once = len(opened)
    assert 0 < n_once <= 100
    now[0] += 2 * backend.QUOTA_SECONDS
    backend.get_num_threads()
    assert len(opened) == 2 * n_once
