"""Whether this process's SQLite waits for the disk: not in tests, as their PostgreSQL does not.

What a test writes need not survive a power cut, and a flush takes as long as the disk likes. Nothing else
changes: who reads is told by the system, not by the disk. The server processes that tests start flush as in
service.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from storage import db

IN_SERVICE = db.PRAGMAS


@contextmanager
def prepared(pragmas: Sequence[str]) -> Iterator[None]:
    """Until the end of the block every connection to SQLite is made so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "PRAGMAS", tuple(pragmas))
        yield


def with_synchronous(level: str) -> list[str]:
    """What a connection is told in service, but for how it flushes."""
    changed = [each.replace("synchronous=FULL", f"synchronous={level}") for each in IN_SERVICE]
    assert changed != list(IN_SERVICE)
    return changed
