"""Administrators learn by mail when fetching, sending or ticking stops, and when it goes on again.

One mail tells all that is new; the next leaves a quarter of an hour later at the earliest, however much
happens. What lasts shorter than two minutes is never told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import clock_alarm, room, timekeeping
from handlers.mailroom.notices import Cause, mailbox_of
from handlers.runtime import Runtime
from storage import alarms, mailboxes, notices, officers, outbox
from storage.columns import AnyRow

UNSENT, UNREAD, DISK_LOW = "unsent", "mail_unread", "disk_low"
UNREAD_FOR = timedelta(minutes=10)
UNSENT_FOR = timedelta(minutes=15)
SETTLES_WITHIN = timedelta(minutes=2)
NOT_AGAIN_WITHIN = timedelta(minutes=15)
# Alarms of an office that nobody there can mend.
_TECHNICAL = ("mailbox_away", "mailbox_refused", "mail_probe")


def look(runtime: Runtime) -> None:
    """Raise and settle the alarms about the desk itself, then tell what is new. For a tick."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        if not runtime.demo:  # whose clock is moved by hand
            timekeeping.beat(connection, now)
        clock_alarm.look(connection, runtime.their_clocks, now)
        for key, what, about, wrong in _seen(runtime, connection, now):
            if wrong:
                alarms.raise_alarm(connection, key, None, what, about, now)
            else:
                alarms.settle(connection, key, None, now)
        _tell(runtime, connection, now)


def _seen(
    runtime: Runtime, connection: Connection, now: datetime
) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """What is looked at: its key, what it would be called, the words with it, and whether it is wrong."""
    oldest = outbox.oldest_unsent(connection)
    yield UNSENT, UNSENT, {}, oldest is not None and now - oldest > UNSENT_FOR
    yield DISK_LOW, DISK_LOW, {}, room.is_low(runtime)
    names = runtime.settings.channels.email.mailboxes
    for row in mailboxes.health(connection):
        if row.name in names:
            since = row.polled_at or row.failing_since or now
            yield f"{UNREAD}:{row.name}", UNREAD, {"mailbox": row.name}, now - since > UNREAD_FOR


def _tell(runtime: Runtime, connection: Connection, now: datetime) -> None:
    """Queue one mail for each administrator about all that they do not know yet."""
    last = alarms.last_told(connection)
    if last is not None and abs(now - last) < NOT_AGAIN_WITHIN:
        return
    new, over = alarms.untold(connection, now - SETTLES_WITHIN, _TECHNICAL)
    way = _way(runtime, connection)
    if not (new or over) or way is None:
        return
    lasting = [_told(row, row.since) for row in new]
    about = {"new": lasting, "over": [_told(row, row.settled_at) for row in over]}
    office, mailbox = way
    for person in officers.administrators(connection):
        notices.queue(
            connection,
            key=f"alarm:{now.timestamp():.3f}:{person.id}",
            office=office,
            mailbox=mailbox,
            recipient=person.email,
            officer_id=person.id,
            language=person.language,
            purpose=Cause.ALARM.value,
            about=about,
            now=now,
        )
    alarms.told(connection, [row.key for row in new], [row.key for row in over], now)


def _told(row: AnyRow, since: datetime) -> dict[str, Any]:
    name = str(row.about.get("mailbox") or row.about.get("sender") or "")
    said = {"what": row.what, "name": name, "since": since.isoformat()}
    return said | ({"seconds": row.about["seconds"]} if row.what == clock_alarm.OFF else {})


def _way(runtime: Runtime, connection: Connection) -> tuple[str, str] | None:
    """An office and its mailbox that can write; one whose own sending fails only where there is no other."""
    boxes = [(code, box) for code in runtime.settings.offices if (box := mailbox_of(runtime, code))]
    failing = {row.key for row in alarms.open_alarms(connection, None)}
    return next((way for way in boxes if f"smtp:{way[1]}" not in failing), boxes[0] if boxes else None)
