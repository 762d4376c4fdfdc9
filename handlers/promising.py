"""What a decision means for a ticket's promise, its silence and the office that works on it, as rows."""

from datetime import datetime

from sqlalchemy import Connection

from bot.effects import (
    BeginSilence,
    EndSilence,
    ForwardTicket,
    KeepClock,
    MarkClosable,
    Reminder,
    TellOfficers,
)
from handlers import assigning
from handlers.mailroom import notices
from handlers.runtime import Runtime
from storage import clocks, duty, links, tickets
from storage.conversations import Thread

Promising = KeepClock | BeginSilence | EndSilence | MarkClosable | TellOfficers | ForwardTicket


def write(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    effect: Promising,
    ticket_id: int,
    officer_id: int | None,
    now: datetime,
) -> None:
    """Write *effect* down, with its row in the log where an officer should find one."""
    office = thread.office
    match effect:
        case KeepClock(_, clock, moved):
            clocks.keep(connection, ticket_id, clock, thread.calendar_version or 0)
            if moved:
                detail = {"was": _written(thread), "due": clock.due_at.isoformat() if clock.due_at else None}
                tickets.log(connection, office, ticket_id, "due_moved", now, officer_id, detail)
                tickets.touch(connection, ticket_id, now)
        case BeginSilence(_, anew):
            clocks.begin_silence(connection, ticket_id, now)
            if anew and thread.id is not None:
                links.one_clock(connection, ticket_id, thread.id)
        case EndSilence():
            clocks.end_silence(connection, ticket_id)
        case MarkClosable():
            clocks.mark_closable(connection, ticket_id, now)
            tickets.log(connection, office, ticket_id, "closable", now, None)
        case TellOfficers(_, Reminder.UNCLAIMED) if not assigning.nobody_takes(
            runtime, connection, ticket_id, now
        ):
            pass
        case TellOfficers(_, what):
            _tell(runtime, connection, ticket_id, what, now)
        case ForwardTicket(_, to):
            clocks.forward(connection, ticket_id, to, now)
            tickets.log(connection, office, ticket_id, "forwarded", now, officer_id, {"to": to})
            notices.forwarded(runtime, connection, ticket_id, now)
            assigning.arrived(runtime, connection, ticket_id, now)


def _tell(runtime: Runtime, connection: Connection, ticket_id: int, what: Reminder, now: datetime) -> None:
    """Once for each due moment, though several threads of a ticket may each have a timer."""
    ticket = tickets.find(connection, ticket_id)
    if ticket is None:
        return
    until = {"due": ticket.due_at.isoformat() if ticket.due_at else None}
    if _was_told(connection, ticket_id, what, until):
        return
    tickets.log(connection, ticket.office, ticket_id, what.value, now, None, until)
    tickets.touch(connection, ticket_id, now)
    notices.warned(runtime, connection, ticket_id, what, now)


def _was_told(connection: Connection, ticket_id: int, what: Reminder, until: dict[str, str | None]) -> bool:
    """A ticket that somebody took meanwhile may come to be nobody's again."""
    if what is Reminder.UNCLAIMED:
        return duty.left_alone(connection, ticket_id)
    told = links.latest(connection, ticket_id, what.value)
    return told is not None and told.detail == until


def _written(thread: Thread) -> str | None:
    """The end of the promise before this turn."""
    due = thread.value.ticket.clock.due_at if thread.value.ticket else None
    return due.isoformat() if due else None
