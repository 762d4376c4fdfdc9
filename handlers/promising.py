"""What a decision means for a ticket's promise, its silence and the office that works on it, as rows."""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import TicketKind
from bot.effects import BeginSilence, ForwardTicket, KeepClock, MarkClosable, TellOfficers
from handlers.mailroom import notices
from handlers.runtime import Runtime
from storage import clocks, tickets
from storage.conversations import Thread

Promising = KeepClock | BeginSilence | MarkClosable | TellOfficers | ForwardTicket


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
                due = clock.due_at.isoformat() if clock.due_at else None
                tickets.log(connection, office, ticket_id, "due_moved", now, officer_id, {"due": due})
                tickets.touch(connection, ticket_id, now)
        case BeginSilence():
            clocks.begin_silence(connection, ticket_id, now)
        case MarkClosable():
            clocks.mark_closable(connection, ticket_id, now)
            tickets.log(connection, office, ticket_id, "closable", now, None)
        case TellOfficers(_, what):
            tickets.log(connection, office, ticket_id, what.value, now, None)
            tickets.touch(connection, ticket_id, now)
            notices.warned(runtime, connection, ticket_id, what, now)
        case ForwardTicket(_, to):
            clocks.forward(connection, ticket_id, to, now)
            tickets.log(connection, office, ticket_id, "forwarded", now, officer_id, {"to": to})
            notices.ticket_opened(runtime, connection, to, TicketKind.CONSULTATION, ticket_id, now)
