"""What the page of one ticket shows. Like the lists, every query is confined by a ``View``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from storage import ticket_statements as asking
from storage.inbox import View, asked_by

SHOWN_MESSAGES = 100
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
    """A ticket as its page shows it. ``office`` is where it was opened, ``handled_by`` who works on it.

    ``read_up_to``: the newest message that the officer has read, 0 for none; ``silent_until``: when the
    citizen's silence ends it, None while none is counted.
    """

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
    read_up_to: int = 0
    silent_until: datetime | None = None


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
    row = connection.execute(asking.find(view), asked_by(view, ticket_id=ticket_id)).first()
    return None if row is None else _shown(row)


def messages(
    connection: Connection, view: View, ticket_id: int, limit: int | None = SHOWN_MESSAGES
) -> tuple[Line, ...]:
    """The last *limit* messages of this ticket and of no other, oldest first."""
    statement = asking.messages(view) if limit is None else asking.newest_messages(view)
    rows = connection.execute(statement, asked_by(view, ticket_id=ticket_id, most=limit)).all()
    return tuple(_said(row) for row in reversed(rows))


def events(connection: Connection, view: View, ticket_id: int) -> tuple[Logged, ...]:
    """The ticket's log, oldest first."""
    rows = connection.execute(asking.events(view), asked_by(view, ticket_id=ticket_id))
    return tuple(Logged(row.at, row.officer, row.what, row.detail) for row in rows)


def ratings(connection: Connection, view: View, ticket_id: int) -> tuple[Rated, ...]:
    """What the citizen answered to the rating questions of this ticket, oldest first."""
    rows = connection.execute(asking.ratings(view), asked_by(view, ticket_id=ticket_id))
    return tuple(Rated(row.score, row.comment, row.answered_at) for row in rows)


def addresses(connection: Connection, view: View, ticket_id: int) -> tuple[Reachable, ...]:
    """The ways to the contact of this ticket, oldest first; other names of the same address left out."""
    rows = connection.execute(asking.addresses(view), asked_by(view, ticket_id=ticket_id))
    return tuple(Reachable(row.kind, row.value, row.proved) for row in rows)


def earlier(connection: Connection, view: View, ticket_id: int, limit: int = 10) -> tuple[Earlier, ...]:
    """Other tickets of the same contact, newest first, with the last score given."""
    rows = connection.execute(asking.earlier(view), asked_by(view, ticket_id=ticket_id, most=limit))
    return tuple(
        Earlier(row.id, row.reference, row.status == "open", row.subject, row.opened_at, row.score)
        for row in rows
    )


def viewers(connection: Connection, view: View, ticket_id: int, now: datetime) -> tuple[Viewer, ...]:
    """Colleagues who have this ticket open, without the officer who asks."""
    asked = asked_by(view, ticket_id=ticket_id, since=now - PRESENT_FOR)
    return tuple(Viewer(row.name, row.writing) for row in connection.execute(asking.viewers(view), asked))


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
        read_up_to=row.read_up_to or 0,
        silent_until=row.silent_until,
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
