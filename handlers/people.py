"""Two contacts that are one person, brought together by a supervisor or by a code, and taken apart again."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from handlers.runtime import Runtime
from storage import officers, people
from storage.db import after_others


class Unmerged(StrEnum):
    """Why two contacts stay as they are. The supervisor is told in words."""

    GONE = "gone"
    SAME = "same"
    CHANGED = "changed"
    MOVED_ON = "moved_on"


def merge(runtime: Runtime, officer_id: int, office: str, kept_id: int, gone_id: int) -> Unmerged | None:
    """Everything of *gone_id* is of *kept_id* from now on. Open tickets of both stay open, each by itself."""
    if kept_id == gone_id:
        return Unmerged.SAME
    now = runtime.clock()

    def once() -> Unmerged | None:
        with runtime.database.write() as connection:
            return join(connection, office, kept_id, gone_id, officer_id, now)

    try:
        return after_others(once)
    except people.Moved:
        return Unmerged.CHANGED


def join(
    connection: Connection,
    office: str,
    kept_id: int,
    gone_id: int,
    officer_id: int | None,
    now: datetime,
) -> Unmerged | None:
    """Merge the two in the caller's transaction; without an officer it is the person who asks for it.

    Who asks for it is just speaking, so that a wish for silence of the other contact does not gag them;
    and holds an address already, so that the others are not waited for. Raises ``people.Moved``.
    """
    rows = people.lock(connection, (kept_id, gone_id), at_once=officer_id is None)
    kept, gone = rows.get(kept_id), rows.get(gone_id)
    if kept is None or gone is None or not kept.office == gone.office == office:
        return Unmerged.GONE
    detail = people.merge(connection, kept, gone, now, silence=officer_id is not None)
    if not detail["addresses"]:
        raise people.Moved
    officers.record(connection, people.MERGED, now, officer_id, detail)
    return None


def undo(runtime: Runtime, officer_id: int, office: str, merge_id: int) -> Unmerged | None:
    """Take two contacts apart: every address goes back with its conversations and their tickets."""
    now = runtime.clock()
    with runtime.database.read() as connection:
        row = people.find_merge(connection, office, merge_id)
    if row is None:
        return Unmerged.GONE
    kept_id, gone_id = row.detail["kept"], row.detail["gone"]

    def once() -> Unmerged | None:
        with runtime.database.write() as connection:
            rows = people.lock(connection, (kept_id, gone_id))
            if people.find_merge(connection, office, merge_id) is None:
                return Unmerged.CHANGED
            if not people.unmerge(connection, row.detail, rows[kept_id], now):
                return Unmerged.MOVED_ON
            detail = {"merge": merge_id, "office": office, "kept": kept_id, "gone": gone_id}
            officers.record(connection, people.UNMERGED, now, officer_id, detail)
        return None

    try:
        return after_others(once)
    except people.Moved:
        return Unmerged.CHANGED
