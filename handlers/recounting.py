"""The calendar of an office has changed: what open tickets were counted with it is counted anew.

Each ticket in a transaction of its own, which also notes the version it was counted with: after a crash the
next tick goes on where this one was. Cost grows with what is open and old, never with what is stored.
"""

import logging

from sqlalchemy import Connection

from bot.conversation import TicketKind
from bot.events import CalendarChanged, TimerKind
from handlers import apply, complaints, inbound
from handlers.runtime import Runtime
from storage import calendar, clocks, conversations, links, timers
from storage.columns import AnyRow
from storage.db import AWAY

log = logging.getLogger(__name__)
_AT_ONCE = 100
MOST = 500
"""So many tickets are counted anew in one tick, so that a worker can be stopped between two."""


def recount(runtime: Runtime, most: int = MOST) -> None:
    """Count anew what open tickets of every office were counted with an older calendar."""
    with runtime.database.read() as connection:
        behind = clocks.offices_behind(connection)
    for office in runtime.settings.offices:
        if office in behind:
            most -= recount_office(runtime, office, behind[office], most)


def recount_office(runtime: Runtime, office: str, version: int, most: int = MOST) -> int:
    """The same for one office and this version of its calendar; how many tickets were looked at."""
    done = 0
    while done < most:
        with runtime.database.read() as connection:
            batch = clocks.counted_before(connection, office, version, min(_AT_ONCE, most - done))
        taken = [_guarded(runtime, row.id) for row in batch]
        done += sum(taken)
        if not any(taken):
            break
    return done


def caught_up(runtime: Runtime, conversation_id: int) -> bool:
    """Whether a deadline of this conversation may come: not one that was counted with an older calendar.

    What is old is counted anew here. False when somebody came in meanwhile: the deadline stays due.
    """
    with runtime.database.read() as connection:
        ticket_id = clocks.behind(connection, conversation_id)
    try:
        if ticket_id is not None:
            _recount(runtime, ticket_id)
    except links.Moved:
        return False
    return True


def _guarded(runtime: Runtime, ticket_id: int) -> bool:
    """Whether it was done. A ticket that fails stays old for the next tick, and stops no other."""
    try:
        _recount(runtime, ticket_id)
    except links.Moved:
        return False
    except AWAY as error:
        log.error("the database failed while days were counted anew: %s", inbound.where(error))
        return False
    except Exception as error:  # noqa: BLE001  # as said
        log.error("counting ticket %s anew failed: %s", ticket_id, inbound.where(error))
        return False
    return True


def _recount(runtime: Runtime, ticket_id: int) -> None:
    with runtime.database.write() as connection:
        row = links.lock(connection, (ticket_id,)).get(ticket_id)
        if row is None:
            return
        # Asked before the turns: they count with this version or a newer one.
        version = calendar.version(connection, row.office)
        if row.status == "open" and row.kind == TicketKind.CONSULTATION and row.calendar_version < version:
            _take_turns(runtime, connection, row)
        if row.status == "open" and row.kind == TicketKind.COMPLAINT:
            complaints.settle(runtime, connection, ticket_id)
        clocks.counted_anew(connection, ticket_id, version)


def _take_turns(runtime: Runtime, connection: Connection, row: AnyRow) -> None:
    """A turn for each conversation of the ticket, first where officers are told of the promise.

    That turn moves the promise. The others find it moved, so that nothing is told in two of them.
    """
    now = runtime.clock()
    standing = timers.standing(connection, links.threads_of(connection, row))
    for conversation_id in sorted(standing, key=lambda one: TimerKind.DUE not in standing[one]):
        if thread := conversations.by_id(connection, conversation_id):
            apply.take(runtime, connection, thread, CalendarChanged(standing[conversation_id]), now)
