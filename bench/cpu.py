"""The CPU time of whole groups of processes, from ``/proc``."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat counted after the name. Times: in user and system, its own and its children's.
_PARENT, _SESSION = 1, 3
_TIMES = slice(11, 15)


def of_session(leader: int) -> float:
    """CPU seconds so far of all processes in the session that *leader* began."""
    return sum(_seconds(fields) for fields in _all().values() if int(fields[_SESSION]) == leader)


def of_family(head: int) -> float:
    """CPU seconds so far of *head* and its children."""
    return sum(_seconds(fields) for pid, fields in _all().items() if head in (pid, int(fields[_PARENT])))


def _all() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _fields(folder)):
            found[int(folder.name)] = fields
    return found


def _fields(folder: Path) -> list[str]:
    try:
        text = (folder / "stat").read_text("utf-8", "replace")
    except OSError:
        return []  # it has just ended
    return text.rpartition(")")[2].split()


def _seconds(fields: list[str]) -> float:
    return sum(map(int, fields[_TIMES])) / _TICKS
