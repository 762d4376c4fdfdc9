"""What the configuration says is kept long enough goes, every hour a part of it; the log tells counts."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handlers import erasing
from handlers.runtime import Runtime
from storage import people, retention

log = logging.getLogger(__name__)


def run(runtime: Runtime) -> dict[str, int]:
    """Do a part of what is due, in short transactions; how many rows or people of each kind went."""
    kept, now = runtime.settings.retention, runtime.clock()
    parts: dict[str, tuple[int | None, Callable[[Connection, datetime], int]]] = {
        "payloads": (kept.payloads, retention.drop_payloads),
        "searches": (kept.searches, retention.drop_searches),
        "audit": (kept.audit, retention.drop_audit),
    }
    done = {"people": _people(runtime, now - timedelta(days=kept.person)) if kept.person else 0}
    for name, (days, drop) in parts.items():
        if days:
            with runtime.database.write() as connection:
                done[name] = drop(connection, now - timedelta(days=days))
    gone = {name: many for name, many in done.items() if many}
    if gone:
        log.info("kept long enough: %s", gone)
    return gone


def _people(runtime: Runtime, before: datetime) -> int:
    with runtime.database.read() as connection:
        silent = retention.silent_people(connection, before)
    done = 0
    for row in silent:
        try:
            done += erasing.erase(runtime, row.office, row.id, None)
        except people.Moved:  # they are writing at this moment
            continue
    if done:
        erasing.clean_up(runtime.database, runtime.files)
    return done
