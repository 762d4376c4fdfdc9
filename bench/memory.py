"""The memory of whole groups of processes, from ``/proc``: its pages, and its fair share of them."""

import os
from pathlib import Path

_MIB = 1024


def of_session(leader: int) -> dict[int, tuple[float, float]]:
    """RSS and PSS in MiB of every process in the session that *leader* began, by process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _session(int(folder.name)) == leader:
            found[int(folder.name)] = _sizes(folder)
    return found


def total(leader: int) -> float:
    """The PSS in MiB of all of them."""
    return sum(share for _, share in of_session(leader).values())


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0  # it has just ended


def _sizes(folder: Path) -> tuple[float, float]:
    try:
        lines = (folder / "smaps_rollup").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0.0, 0.0
    sizes = {line.split()[0]: int(line.split()[1]) / _MIB for line in lines[1:]}
    return sizes["Rss:"], sizes["Pss:"]
