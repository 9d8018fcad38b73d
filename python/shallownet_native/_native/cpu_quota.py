"""How many processors the control groups of this process grant, of version 1, 2 or both.

A group's limit holds for all groups inside it, so the process's own group and those around it
count, as far as they are mounted. What cannot be read, or makes no sense, limits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Mount(NamedTuple):
    """Where a hierarchy of groups of `version` is seen: the group `group` at the folder `point`."""

    version: int
    group: str
    point: str


# where hierarchies are mounted, as a rule
USUAL = (
    Mount(2, "/", "/sys/fs/cgroup"),
    Mount(2, "/", "/sys/fs/cgroup/unified"),
    Mount(1, "/", "/sys/fs/cgroup/cpu"),
    Mount(1, "/", "/sys/fs/cgroup/cpu,cpuacct"),
    Mount(1, "/", "/sys/fs/cgroup/cpuacct,cpu"),
)


def granted_cpus(root: str = "/") -> int | None:
    """Return how many whole processors the control groups grant, at least 1; None: no limit.

    `root` is the folder that holds ``proc`` and ``sys``.
    """
    root = root.rstrip("/")
    groups = _own_groups(_text(f"{root}/proc/self/cgroup"))
    mounts = _mounts(_text(f"{root}/proc/self/mountinfo")) or USUAL
    folders = {mount.point for mount in USUAL}
    folders.update(folder for mount in mounts for folder in _folders(mount, groups))
    quotas = (_quota(root + folder) for folder in folders)
    granted = [quota for quota in quotas if quota is not None]
    # rounded down: a team that is larger than its quota is held up as a whole
    return max(1, min(granted)) if granted else None


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (OSError, ValueError):  # a name with a zero byte
        return ""


def _own_groups(text: str) -> dict[int, str]:
    """Return this process's group by version, from lines number:controllers:group."""
    groups = {}
    for line in text.split("\n"):
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            groups[2] = group
        elif "cpu" in controllers.split(","):
            groups[1] = group
    return groups


def _mounts(text: str) -> list[Mount]:
    """Return the mounted hierarchies that may limit processors.

    Lines: number, parent, device, group, point, options, ..., "-", type, source, more options.
    """
    found = []
    for line in text.split("\n"):
        place, _, kind = line.partition(" - ")
        words, (name, _, options) = place.split(), (*kind.split(), "", "", "")[:3]
        version = {"cgroup2": 2, "cgroup": 1}.get(name)
        if version is None or len(words) < 5 or (version == 1 and "cpu" not in options.split(",")):
            continue
        found.append(Mount(version, _unescaped(words[3]), _unescaped(words[4])))
    return found


def _unescaped(word: str) -> str:
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), word)


def _folders(mount: Mount, groups: dict[int, str]) -> Iterator[str]:
    """Yield the folders of the process's own group and of those around it, as far as mounted."""
    yield mount.point
    top = mount.group.rstrip("/")
    group = groups.get(mount.version, "")
    if not f"{group}/".startswith(f"{top}/"):
        return  # the group is elsewhere: the folder mounted is the nearest to it that is seen
    inner = [name for name in group[len(top) :].split("/") if name]
    if ".." in inner:
        return
    for depth in range(1, len(inner) + 1):
        yield "/".join([mount.point.rstrip("/"), *inner[:depth]])


def _quota(folder: str) -> int | None:
    """Return the whole processors that a group's files grant, 0 for a part of one."""
    of_version_1 = (_text(f"{folder}/cpu.cfs_{name}_us") for name in ("quota", "period"))
    limits = [_text(f"{folder}/cpu.max").split(), " ".join(of_version_1).split()]
    quotas = [_whole_cpus(*words) for words in limits if len(words) == 2]
    return min((quota for quota in quotas if quota is not None), default=None)


def _whole_cpus(quota: str, period: str) -> int | None:
    try:
        microseconds, of = int(quota), int(period)
    except ValueError:  # "max", in version 2
        return None
    return microseconds // of if microseconds > 0 and of > 0 else None  # -1 in version 1: no limit
