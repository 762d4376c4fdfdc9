"""``erasures.jsonl``: who was erased, by numbers and moments only, so that a restore forgets them again.

A line is a contact; the first one of a person bears the marks of what must not come again
(``storage.forgotten``), unless an older version wrote it.
"""

import fcntl
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.columns import AnyRow
from storage.db import make_private

log = logging.getLogger(__name__)
JOURNAL = "erasures.jsonl"
_MARK = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Line:
    """A contact that was erased, and the moment it was made; numbers are given anew after a restore."""

    contact: int
    created_at: str
    marks: tuple[str, ...] = ()


def write(data_dir: Path, contacts: Sequence[AnyRow], marks: Sequence[str]) -> None:
    """Write down that these contacts, which are one person, were erased. Safe from a power cut."""
    path = data_dir / JOURNAL
    make_private(path)
    lines = [
        {"office": row.office, "contact": row.id, "created_at": row.created_at.isoformat()}
        for row in contacts
    ]
    said = [json.dumps({**line, "marks": marks} if not at else line) for at, line in enumerate(lines)]
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # a line may be long, and other processes erase too
        file.write(_new_line(file) + "".join(f"{line}\n" for line in said).encode())
        file.flush()
        os.fsync(file.fileno())


def _new_line(file: Any) -> bytes:
    """What ends a line that a full disk has cut off."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def read(path: Path) -> Iterator[Line]:
    """Every line that can be read, oldest first."""
    if not path.exists():
        return
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            told = json.loads(line)
            marks = tuple(mark for mark in told.get("marks", ()) if _MARK.fullmatch(mark))
            yield Line(int(told["contact"]), str(told["created_at"]), marks)
        except (ValueError, KeyError, TypeError, AttributeError):
            log.error("a line of %s can't be read and is left out", path.name)
