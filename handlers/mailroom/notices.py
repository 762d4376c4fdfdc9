"""What officers are told by mail. It is decided in the turn that gives cause, and worded when it leaves.

Nobody is told what they did themselves, nor of a ticket that they may not see.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.conversation import TicketKind
from bot.effects import Reminder
from channels.email.tokens import untagged
from handlers.runtime import Runtime
from storage import complaints, intake, notices, officers, tickets
from storage.columns import AnyRow
from storage.officers import Correspondent

# Words that come within this time stand in one mail.
BURST = timedelta(minutes=2)
A_MOMENT = timedelta(seconds=20)


class Cause(StrEnum):
    """Why a mail leaves; its sentences stand under this name."""

    NEW = "new"
    FORWARDED = "forwarded"
    WROTE = "wrote"
    ASSIGNED = "assigned"
    NOTED = "noted"
    LATE = "late"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    UNCLAIMED = "unclaimed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CODE = "code"
    ALARM = "alarm"


def mailbox_of(runtime: Runtime, office: str) -> str | None:
    """The address that writes to officers of *office*; None where the office has no mailbox."""
    found = runtime.settings.offices.get(office)
    addresses = found.senders.email if found else ()
    return next((each for each in addresses if runtime.settings.mailbox_of(each)), None)


def ticket_opened(
    runtime: Runtime, connection: Connection, office: str, kind: TicketKind, ticket_id: int, now: datetime
) -> None:
    """A new ticket: for those who want to know of every one."""
    if mailbox_of(runtime, office) is None:
        return
    complaint = kind is TicketKind.COMPLAINT
    readers = officers.wanting(connection, office, "new", complaint=complaint)
    ticket = _ticket(runtime, connection, ticket_id) if readers else None
    if ticket is not None and complaint:
        readers = _without_accused(connection, ticket, readers)
    if ticket is not None:
        for reader in readers:
            key = f"new:{ticket_id}:{reader.id}"
            _tell(runtime, connection, ticket, reader, Cause.NEW, key, now, leaves_at=now + A_MOMENT)


def forwarded(runtime: Runtime, connection: Connection, ticket_id: int, now: datetime) -> None:
    """Another office has passed a ticket on: for those of this one who want to know of every new ticket."""
    ticket = _ticket(runtime, connection, ticket_id)
    if ticket is not None:
        for reader in _wanting(connection, ticket, "new"):
            key = f"forwarded:{ticket_id}:{reader.id}:{now.timestamp():.3f}"
            _tell(runtime, connection, ticket, reader, Cause.FORWARDED, key, now, leaves_at=now + A_MOMENT)


def citizen_wrote(
    runtime: Runtime, connection: Connection, ticket_id: int, message_id: int, now: datetime
) -> None:
    """The citizen wrote on a ticket that somebody has: for its officer, the whole burst in one mail."""
    ticket = _ticket(runtime, connection, ticket_id)
    if ticket is None or ticket.claimed_by is None or ticket.status != "open":
        return
    for reader in _wanting(connection, ticket, "mine", ticket.claimed_by):
        if not notices.waits(connection, ticket_id, reader.id, Cause.WROTE):
            key = f"wrote:{message_id}:{reader.id}"
            _tell(
                *(runtime, connection, ticket, reader, Cause.WROTE, key, now),
                leaves_at=now + BURST,
                about={"since": message_id},
            )


def handed_over(
    runtime: Runtime, connection: Connection, ticket_id: int, to: int, by: int | None, now: datetime
) -> None:
    """Somebody was given a ticket by a colleague, or (None) by the desk: for them."""
    ticket = _ticket(runtime, connection, ticket_id) if to != by else None
    if ticket is not None:
        for reader in _wanting(connection, ticket, "mine", to):
            key = f"assigned:{ticket_id}:{reader.id}:{now.timestamp():.3f}"
            about = {"by": by} if by is not None else {}
            _tell(runtime, connection, ticket, reader, Cause.ASSIGNED, key, now, about=about)


def noted(
    runtime: Runtime, connection: Connection, ticket_id: int, by: int, form_id: str, now: datetime
) -> None:
    """A colleague left a note on a ticket that somebody has: for its officer."""
    ticket = _ticket(runtime, connection, ticket_id)
    note = intake.message_of(connection, form_id)
    if ticket is None or note is None or ticket.claimed_by in (None, by):
        return
    for reader in _wanting(connection, ticket, "mine", ticket.claimed_by):
        key = f"noted:{note}:{reader.id}"
        _tell(runtime, connection, ticket, reader, Cause.NOTED, key, now, about={"by": by, "note": note})


def remind(runtime: Runtime, connection: Connection, ticket: AnyRow, now: datetime) -> None:
    """A ticket waits for the office for too long: once for each time it waits."""
    for reader in _wanting(connection, ticket, "reminders", ticket.claimed_by):
        key = f"late:{ticket.id}:{reader.id}:{ticket.waiting_since.timestamp():.3f}"
        _tell(runtime, connection, ticket, reader, Cause.LATE, key, now)


def warned(
    runtime: Runtime,
    connection: Connection,
    ticket_id: int,
    what: Reminder,
    now: datetime,
    *,
    ends: datetime | None = None,
) -> None:
    """The promise ends soon, or something went wrong: for its officer, or who may take it, and supervisors.

    Once for each due moment (*ends*, where it is not the promise's): a calendar that moved it may warn again.
    A ticket may come to be nobody's often. Of several deadlines of a complaint the mail names this one.
    """
    ticket = _ticket(runtime, connection, ticket_id)
    if ticket is None or ticket.status != "open":
        return
    readers = [*_wanting(connection, ticket, "reminders", ticket.claimed_by)]
    if what is not Reminder.DUE_SOON:
        also = officers.wanting(connection, ticket.handled_by, "reminders", complaint=True)
        readers += _without_accused(connection, ticket, also)
    until = now if what is Reminder.UNCLAIMED else ends or ticket.due_at or ticket.opened_at
    about = {"due": ends.isoformat()} if ends else {}
    for reader in readers:
        key = f"{what}:{ticket_id}:{reader.id}:{until.timestamp():.0f}"
        _tell(runtime, connection, ticket, reader, Cause(what.value), key, now, about=about)


def answer(
    runtime: Runtime,
    connection: Connection,
    mail: AnyRow,
    reader: Correspondent,
    cause: Cause,
    about: dict[str, Any],
    now: datetime,
    *,
    ticket_id: int | None = None,
    key: str = "",
) -> None:
    """Tell an officer what their mail has led to, or why to nothing."""
    address = mailbox_of(runtime, mail.office)
    if address is not None:
        notices.queue(
            connection,
            key=key or f"mail:{mail.id}",
            office=mail.office,
            mailbox=address,
            recipient=reader.email,
            officer_id=reader.id,
            language=reader.language,
            ticket_id=ticket_id,
            mail_id=mail.id,
            purpose=cause,
            about=about,
            now=now,
        )


def _ticket(runtime: Runtime, connection: Connection, ticket_id: int) -> AnyRow | None:
    """The ticket, where its office has a mailbox to write from."""
    if not runtime.settings.channels.email.mailboxes:
        return None
    ticket = tickets.find(connection, ticket_id)
    return ticket if ticket is not None and mailbox_of(runtime, ticket.handled_by) else None


def _wanting(
    connection: Connection, ticket: AnyRow, wish: officers.Wish, officer_id: int | None = None
) -> Iterable[Correspondent]:
    complaint = ticket.kind == "complaint"
    found = officers.wanting(connection, ticket.handled_by, wish, complaint=complaint, officer_id=officer_id)
    return _without_accused(connection, ticket, found)


def _without_accused(
    connection: Connection, ticket: AnyRow, readers: tuple[Correspondent, ...]
) -> tuple[Correspondent, ...]:
    """*readers*, without those whom a complaint is about."""
    accused = complaints.accused(connection, ticket.id) if ticket.kind == "complaint" else {}
    return tuple(reader for reader in readers if reader.id not in accused)


def _tell(
    runtime: Runtime,
    connection: Connection,
    ticket: AnyRow,
    reader: Correspondent,
    cause: Cause,
    key: str,
    now: datetime,
    *,
    leaves_at: datetime | None = None,
    about: dict[str, Any] | None = None,
) -> None:
    address = mailbox_of(runtime, ticket.handled_by)
    # Mail to a mailbox of ours would come back as our own.
    if address is None or runtime.settings.mailbox_of(untagged(reader.email)):
        return
    notices.queue(
        connection,
        key=key,
        office=ticket.handled_by,
        mailbox=address,
        recipient=reader.email,
        officer_id=reader.id,
        language=reader.language,
        ticket_id=ticket.id,
        purpose=cause,
        about=about,
        now=now,
        leaves_at=leaves_at,
    )
