"""The promise and the silence of a ticket, as rows: kept, counted anew, and what waits for an officer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, exists, select, update

from bot.conversation import Clock
from storage import later, tickets
from storage.calendar import CALENDAR
from storage.columns import AnyRow, as_it_is, table, written
from storage.tables import Conversation
from storage.tickets import TICKET

CONVERSATION: Table = table(Conversation)
_AT_ONCE = 500
_KEEP = (
    update(TICKET)
    .where(TICKET.c.id == bindparam("key"))
    .values(
        clock_from=bindparam("since"),
        due_at=bindparam("due_at"),
        pauses=bindparam("pauses"),
        calendar_version=bindparam("version"),
    )
)


def keep(connection: Connection, ticket_id: int, clock: Clock, version: int) -> None:
    """Keep the promise's clock, as counted with this version of the calendar."""
    pauses = [[asked.isoformat(), ended.isoformat() if ended else None] for asked, ended in clock.pauses]
    counted = {"since": clock.since, "due_at": clock.due_at, "pauses": pauses, "version": version}
    kept = {"key": ticket_id, **counted}
    if later.is_unwritten(connection, ("ticket", ticket_id)):
        later.put(connection, _KEEP, [kept])
    else:
        connection.execute(_KEEP, kept)


_THIS = TICKET.c.id == bindparam("key")
_BEGIN_SILENCE = update(TICKET).where(_THIS).values(silent_since=bindparam("now"), closable_at=None)


def begin_silence(connection: Connection, ticket_id: int, now: datetime) -> None:
    """The citizen has been told, or was heard about something else, and is silent from here."""
    connection.execute(_BEGIN_SILENCE, {"key": ticket_id, "now": now})


def end_silence(connection: Connection, ticket_id: int) -> None:
    """Nothing counts towards closing it for silence, until the citizen is told something again."""
    connection.execute(
        update(TICKET).where(TICKET.c.id == ticket_id).values(silent_since=None, closable_at=None)
    )


_MARK_CLOSABLE = (
    update(TICKET)
    .where(_THIS, TICKET.c.closable_at.is_(None))
    .values(closable_at=bindparam("now"), touched_at=bindparam("now"))
)


def mark_closable(connection: Connection, ticket_id: int, now: datetime) -> None:
    """An officer may close it for the silence; once."""
    connection.execute(_MARK_CLOSABLE, {"key": ticket_id, "now": now})


def forward(connection: Connection, ticket_id: int, office: str, now: datetime) -> None:
    """*office* works on it from now on, and nobody there has it yet."""
    connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id)
        .values(handled_by=office, claimed_by=None, touched_at=now)
    )


def counted_before(connection: Connection, office: str, version: int, limit: int = 100) -> list[AnyRow]:
    """The ids of open tickets of *office* that were counted with an older calendar, the oldest first."""
    old = (TICKET.c.office == office, TICKET.c.status == written("open"), TICKET.c.calendar_version < version)
    # Ids only, and in the order of the index: to sort all that are old would cost each batch anew.
    found = select(TICKET.c.id).where(*old).order_by(TICKET.c.calendar_version, TICKET.c.id).limit(limit)
    return list(connection.execute(found))


_OFFICES_BEHIND = select(CALENDAR.c.office, CALENDAR.c.version).where(
    exists().where(
        TICKET.c.office == CALENDAR.c.office,
        TICKET.c.status == written("open"),
        TICKET.c.calendar_version < CALENDAR.c.version,
    )
)


def offices_behind(connection: Connection) -> dict[str, int]:
    """The calendars' versions of offices that have open tickets which were counted with an older one."""
    return {row.office: row.version for row in connection.execute(_OFFICES_BEHIND)}


_BEHIND = (
    select(TICKET.c.id)
    .join(CONVERSATION, CONVERSATION.c.ticket_id == TICKET.c.id)
    .join(CALENDAR, CALENDAR.c.office == TICKET.c.office)
    .where(CONVERSATION.c.id == bindparam("conversation_id"), as_it_is(TICKET.c.status) == written("open"))
    .where(TICKET.c.calendar_version < CALENDAR.c.version)
)


def behind(connection: Connection, conversation_id: int) -> int | None:
    """The open ticket of this conversation, if its days were counted with an older calendar than today's."""
    found: int | None = connection.execute(_BEHIND, {"conversation_id": conversation_id}).scalar()
    return found


def counting(connection: Connection, office: str, since: datetime) -> list[AnyRow]:
    """The open promises of *office* that end at *since* or later, those of the soonest first.

    A promise that is paused has no end.
    """
    mine = (TICKET.c.office == office, TICKET.c.status == written("open"), TICKET.c.answered_at.is_(None))
    promises = TICKET.c.kind == "consultation"  # complaints are counted by rules of their own
    runs = (TICKET.c.clock_from.is_not(None), TICKET.c.due_at >= since)
    columns = (TICKET.c.id, TICKET.c.reference, TICKET.c.clock_from, TICKET.c.due_at, TICKET.c.pauses)
    return list(connection.execute(select(*columns).where(*mine, promises, *runs).order_by(TICKET.c.due_at)))


def due(connection: Connection, ticket_ids: Sequence[int]) -> dict[int, datetime]:
    """When the promises of these tickets end."""
    ends: dict[int, datetime] = {}
    for start in range(0, len(ticket_ids), _AT_ONCE):
        some = TICKET.c.id.in_(ticket_ids[start : start + _AT_ONCE])
        found = select(TICKET.c.id, TICKET.c.due_at).where(some, TICKET.c.due_at.is_not(None))
        ends |= {row.id: row.due_at for row in connection.execute(found)}
    return ends


def counted_anew(connection: Connection, ticket_id: int, version: int) -> None:
    """Nothing of the ticket is counted with an older calendar than this."""
    connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id, TICKET.c.calendar_version < version)
        .values(calendar_version=version)
    )


def put(connection: Connection, ticket_id: int, columns: Mapping[str, Any]) -> None:
    """Let another promise stand on the ticket, with *columns* of its own or another one's row."""
    connection.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(**columns))


def restart(connection: Connection, ticket_id: int, now: datetime) -> None:
    """The citizen asks on after closing: the office owes an answer again. The log keeps the one before."""
    row = tickets.find(connection, ticket_id)
    before = {
        name: getattr(row, name).isoformat() if getattr(row, name) else None
        for name in ("due_at", "answered_at")
    }
    connection.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(answered_at=None, due_at=None))
    if row is not None:
        tickets.log(connection, row.office, ticket_id, "asked_on", now, None, before)
