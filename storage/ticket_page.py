"""What the page of one ticket shows. Like the lists, every query is confined by a ``View``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select
from sqlalchemy.orm import aliased

from bot.events import TimerKind
from storage.inbox import View, known
from storage.tables import (
    Address,
    Contact,
    Conversation,
    Message,
    Officer,
    Presence,
    Rating,
    ReadMark,
    Ticket,
    TicketEvent,
    Timer,
)

SHOWN_MESSAGES = 200
PRESENT_FOR = timedelta(seconds=50)


@dataclass(frozen=True, slots=True)
class Person:
    """The contact behind a ticket, as known at their office."""

    name: str
    profile_name: str
    institution_category: str
    main_use: str
    email: str
    language: str
    opted_out_at: datetime | None
    blocked: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A ticket as its page shows it. ``office`` is where it was opened, ``handled_by`` who works on it."""

    id: int
    office: str
    handled_by: str
    reference: str
    complaint: bool
    open: bool
    close_reason: str | None
    waiting_for: str
    waiting_since: datetime
    claimed_by: int | None
    claimer: str | None
    subject: str
    request: Mapping[str, Any]
    confirmed: bool
    opened_at: datetime
    clear_at: datetime | None
    answered_at: datetime | None
    clock_from: datetime | None
    due_at: datetime | None
    pauses: tuple[tuple[str, str | None], ...]
    closable_at: datetime | None
    topic: str
    closed_at: datetime | None
    touched_at: datetime
    linked_to: int | None
    channel: str
    address: str
    last_inbound_at: datetime | None
    contact_id: int
    person: Person


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a ticket: a citizen's, an officer's, the bot's, or a note.

    ``participant``: who said it, or was told, when that is not the ticket's own citizen.
    """

    id: int
    direction: str
    author: str
    officer_id: int | None
    officer: str | None
    channel: str
    subject: str
    body: str
    content: str
    mail_id: int | None
    media: tuple[Mapping[str, str], ...]
    at: datetime
    delivery: str | None
    error_code: str | None
    error_text: str | None
    answers: bool
    menu: Mapping[str, Any] | None
    text_key: str | None
    mailed_as: int | None
    participant: str | None
    perhaps_twice: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """One row of a ticket's log."""

    at: datetime
    officer: str | None
    what: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer to the rating question."""

    score: int | None
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reachable:
    """An address of a contact."""

    kind: str
    value: str
    proved: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another ticket of the same contact."""

    id: int
    reference: str
    open: bool
    subject: str
    opened_at: datetime
    score: int | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A colleague who has the ticket open right now."""

    name: str
    writing: bool


def find(connection: Connection, view: View, ticket_id: int) -> Shown | None:
    """The ticket; None when there is none, or none that this officer may know of."""
    statement = (
        select(
            *(Ticket.id, Ticket.office, Ticket.reference, Ticket.kind, Ticket.status, Ticket.close_reason),
            *(Ticket.waiting_for, Ticket.waiting_since, Ticket.claimed_by, Ticket.subject, Ticket.request),
            *(Ticket.confirmed, Ticket.opened_at, Ticket.clear_at, Ticket.answered_at, Ticket.closed_at),
            *(Ticket.touched_at, Ticket.linked_to, Ticket.contact_id, Ticket.handled_by, Ticket.topic),
            *(Ticket.clock_from, Ticket.due_at, Ticket.pauses, Ticket.closable_at),
            *(Conversation.channel, Conversation.reply_to, Conversation.last_inbound_at),
            *(Contact.name, Contact.profile_name, Contact.institution_category, Contact.main_use),
            *(Contact.email, Contact.language, Contact.opted_out_at, Contact.blocked_at, Contact.created_at),
            Officer.name.label("claimer"),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Officer, Officer.id == Ticket.claimed_by)
        .where(Ticket.id == ticket_id, known(view))
    )
    row = connection.execute(statement).first()
    return None if row is None else _shown(row)


def messages(
    connection: Connection, view: View, ticket_id: int, limit: int | None = SHOWN_MESSAGES
) -> tuple[Line, ...]:
    """The last *limit* messages of this ticket and of no other, oldest first."""
    statement = (
        select(
            *(
                Message.id,
                Message.direction,
                Message.author,
                Message.officer_id,
                Message.channel,
                Message.subject,
                Message.body,
                Message.mail_id,
            ),
            *(Message.content, Message.media, Message.at, Message.delivery, Message.error_code),
            *(Message.error_text, Message.answers, Message.menu, Officer.name.label("officer")),
            *(Message.text_key, Message.mailed_as, Message.doubts),
            _participant().label("participant"),
        )
        .join(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Officer, Officer.id == Message.officer_id)
        .outerjoin(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .where(Message.ticket_id == ticket_id, known(view))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return tuple(_said(row) for row in reversed(connection.execute(statement).all()))


def _participant() -> ColumnElement[str | None]:
    named = func.coalesce(
        func.nullif(Contact.name, ""), func.nullif(Contact.profile_name, ""), Message.address
    )
    return case((Conversation.contact_id != Ticket.contact_id, named))


def events(connection: Connection, view: View, ticket_id: int) -> tuple[Logged, ...]:
    """The ticket's log, oldest first."""
    statement = (
        select(TicketEvent.at, TicketEvent.what, TicketEvent.detail, Officer.name.label("officer"))
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(Officer, Officer.id == TicketEvent.officer_id)
        .where(TicketEvent.ticket_id == ticket_id, known(view))
        .order_by(TicketEvent.id)
    )
    rows = connection.execute(statement)
    return tuple(Logged(row.at, row.officer, row.what, row.detail) for row in rows)


def ratings(connection: Connection, view: View, ticket_id: int) -> tuple[Rated, ...]:
    """What the citizen answered to the rating questions of this ticket, oldest first."""
    statement = (
        select(Rating.score, Rating.comment, Rating.answered_at)
        .join(Ticket, Ticket.id == Rating.ticket_id)
        .where(Rating.ticket_id == ticket_id, Rating.answered_at.is_not(None), known(view))
        .order_by(Rating.closing)
    )
    return tuple(Rated(row.score, row.comment, row.answered_at) for row in connection.execute(statement))


def addresses(connection: Connection, view: View, ticket_id: int) -> tuple[Reachable, ...]:
    """The ways to the contact of this ticket, oldest first; other names of the same address left out."""
    statement = (
        select(Address.kind, Address.value, Address.proved)
        .join(Ticket, Ticket.contact_id == Address.contact_id)
        .where(Ticket.id == ticket_id, Address.alias_of.is_(None), known(view))
        .order_by(Address.id)
    )
    return tuple(Reachable(row.kind, row.value, row.proved) for row in connection.execute(statement))


def earlier(connection: Connection, view: View, ticket_id: int, limit: int = 10) -> tuple[Earlier, ...]:
    """Other tickets of the same contact, newest first, with the last score given."""
    this = aliased(Ticket)
    score = (
        select(Rating.score)
        .where(Rating.ticket_id == Ticket.id, Rating.score.is_not(None))
        .order_by(Rating.closing.desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    statement = (
        select(
            *(Ticket.id, Ticket.reference, Ticket.status, Ticket.subject, Ticket.opened_at),
            score.label("score"),
        )
        .join(this, this.contact_id == Ticket.contact_id)
        .where(this.id == ticket_id, _knows(this, view), Ticket.id != ticket_id, known(view))
        .order_by(Ticket.id.desc())
        .limit(limit)
    )
    return tuple(
        Earlier(row.id, row.reference, row.status == "open", row.subject, row.opened_at, row.score)
        for row in connection.execute(statement)
    )


def _knows(ticket: type[Ticket], view: View) -> ColumnElement[bool]:
    return or_(ticket.handled_by == view.office, ticket.office == view.office)


def viewers(connection: Connection, view: View, ticket_id: int, now: datetime) -> tuple[Viewer, ...]:
    """Colleagues who have this ticket open, without the officer who asks."""
    statement = (
        select(Officer.name, Presence.writing)
        .join(Officer, Officer.id == Presence.officer_id)
        .join(Ticket, Ticket.id == Presence.ticket_id)
        .where(
            Presence.ticket_id == ticket_id,
            Presence.officer_id != view.officer_id,
            Presence.seen_at > now - PRESENT_FOR,
            known(view),
        )
        .order_by(Officer.name)
    )
    return tuple(Viewer(row.name, row.writing) for row in connection.execute(statement))


def silent_until(connection: Connection, view: View, ticket_id: int) -> datetime | None:
    """When the citizen's silence on this ticket ends it; None while none is counted."""
    statement = (
        select(func.min(Timer.due_at))
        .join(Conversation, Conversation.id == Timer.conversation_id)
        .join(Ticket, Ticket.id == Conversation.ticket_id)
        .where(Ticket.id == ticket_id, Timer.kind == TimerKind.IDLE_CLOSE.value, known(view))
    )
    found: datetime | None = connection.execute(statement).scalar()
    return found


def read_up_to(connection: Connection, view: View, ticket_id: int) -> int:
    """The newest message of this ticket that the officer has read; 0 for none."""
    statement = (
        select(func.max(ReadMark.message_id))
        .join(Ticket, Ticket.id == ReadMark.ticket_id)
        .where(ReadMark.ticket_id == ticket_id, ReadMark.officer_id == view.officer_id, known(view))
    )
    return int(connection.execute(statement).scalar() or 0)


def _shown(row: Row[*tuple[Any, ...]]) -> Shown:
    return Shown(
        id=row.id,
        office=row.office,
        handled_by=row.handled_by,
        reference=row.reference,
        complaint=row.kind == "complaint",
        open=row.status == "open",
        close_reason=row.close_reason,
        waiting_for=row.waiting_for,
        waiting_since=row.waiting_since,
        claimed_by=row.claimed_by,
        claimer=row.claimer,
        subject=row.subject,
        request=row.request,
        confirmed=row.confirmed,
        opened_at=row.opened_at,
        clear_at=row.clear_at,
        answered_at=row.answered_at,
        clock_from=row.clock_from,
        due_at=row.due_at,
        pauses=tuple((asked, answered) for asked, answered in row.pauses),
        closable_at=row.closable_at,
        topic=row.topic,
        closed_at=row.closed_at,
        touched_at=row.touched_at,
        linked_to=row.linked_to,
        channel=row.channel,
        address=row.reply_to,
        last_inbound_at=row.last_inbound_at,
        contact_id=row.contact_id,
        person=_person(row),
    )


def _person(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(
        name=row.name,
        profile_name=row.profile_name,
        institution_category=row.institution_category,
        main_use=row.main_use,
        email=row.email,
        language=row.language,
        opted_out_at=row.opted_out_at,
        blocked=row.blocked_at is not None,
        since=row.created_at,
    )


def _said(row: Row[*tuple[Any, ...]]) -> Line:
    return Line(
        id=row.id,
        direction=row.direction,
        author=row.author,
        officer_id=row.officer_id,
        officer=row.officer,
        channel=row.channel,
        subject=row.subject,
        body=row.body,
        content=row.content,
        mail_id=row.mail_id,
        media=tuple(row.media or ()),
        at=row.at,
        delivery=row.delivery,
        error_code=row.error_code,
        error_text=row.error_text,
        answers=row.answers,
        menu=row.menu,
        text_key=row.text_key,
        mailed_as=row.mailed_as,
        participant=row.participant,
        perhaps_twice=row.doubts > 0,
    )
