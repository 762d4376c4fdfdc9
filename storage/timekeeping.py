"""Moments that a wrong clock has left behind, and bringing them back: nothing may wait a year for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, update

from storage import catalogue, mailboxes, media, notices, reconciliation
from storage.alarms import ALARM
from storage.catalogue import SOURCE
from storage.columns import table, written
from storage.mailboxes import MAILBOX
from storage.media_tables import Media
from storage.notices import NOTICE
from storage.outbox import MESSAGE, PACE
from storage.reconciliation import LOG

MEDIA: Table = table(Media)
CLOCKS_APART = timedelta(minutes=10)
"""What was done cannot lie further ahead than the clocks of two machines differ."""
_DAY = timedelta(days=1)
# Each with the furthest that the desk ever sets it ahead: beyond that a wrong clock has set it.
_WAITS: Sequence[tuple[Table, Mapping[str, timedelta]]] = (
    # Not while an office is closed, which may be for weeks.
    (NOTICE, {"next_try_at": 40 * _DAY, "lease_until": notices.LEASE + CLOCKS_APART}),
    (MEDIA, {"next_try_at": 2 * _DAY, "lease_until": media.LEASE + CLOCKS_APART}),
    (MAILBOX, {"lease_until": mailboxes.LEASE + CLOCKS_APART}),
    (LOG, {"lease_until": reconciliation.LEASE + CLOCKS_APART}),
    (SOURCE, {"lease_until": catalogue.LEASE + CLOCKS_APART}),
    (PACE, {"line_until": 2 * _DAY, "paused_until": 2 * _DAY}),
)
_SENDING = timedelta(minutes=15) + CLOCKS_APART
_DONE: Sequence[tuple[Table, Sequence[str]]] = (
    (MAILBOX, ("began_at", "polled_at", "probe_sent_at")),
    (LOG, ("began_at", "ran_at")),
    (SOURCE, ("fetched_at", "tried_at")),
    (ALARM, ("since", "last_at", "told_at", "over_told_at")),
)
# Written out as the partial indexes have it, so that nothing else is read.
_OUTBOX = MESSAGE.c.delivery.in_([written(word) for word in ("queued", "sending", "unknown")])
_PENDING = MESSAGE.c.intake == written("pending")


def bring_back(connection: Connection, now: datetime) -> int:
    """Let what lies impossibly far ahead of *now* be due now; how much that was.

    A lease that ends early is harmless: whether a message left is asked before it leaves again.
    """
    moved = [
        *(_moved(connection, of, name, most, now) for of, each in _WAITS for name, most in each.items()),
        *(_moved(connection, of, name, CLOCKS_APART, now) for of, names in _DONE for name in names),
        _moved(connection, MESSAGE, "next_try_at", 2 * _DAY, now, _OUTBOX),
        # What was never tried waits for its place in a line at most, and is given one again.
        _moved(connection, MESSAGE, "next_try_at", CLOCKS_APART, now, _OUTBOX, MESSAGE.c.tries == 0),
        _moved(connection, MESSAGE, "lease_until", _SENDING, now, _OUTBOX),
        _moved(connection, MESSAGE, "next_try_at", 2 * _DAY, now, _PENDING),
        _moved(connection, MESSAGE, "fall_over_at", 40 * _DAY, now, MESSAGE.c.fall_over_at.is_not(None)),
        # A day of the log more than needed: what is known is known by its id.
        _moved(connection, LOG, "read_up_to", CLOCKS_APART, now, to=now - _DAY),
    ]
    return sum(moved)


def _moved(
    connection: Connection,
    of: Table,
    name: str,
    most: timedelta,
    now: datetime,
    *among: ColumnElement[Any],
    to: datetime | None = None,
) -> int:
    column = of.c[name]
    statement = update(of).where(column > now + most, *among).values({name: to or now})
    return connection.execute(statement).rowcount
