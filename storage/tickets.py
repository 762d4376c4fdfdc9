"""Tickets: their numbers, their changes, and the log that says who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Table,
    Text,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from bot.conversation import CloseReason, Request, TicketKind
from bot.events import FoundTicket
from bot.words import MEDIA_MARKS
from storage import later, links
from storage.columns import AnyRow, plain, table, written
from storage.inserting import adding, insert_of
from storage.reserving import next_id
from storage.tables import Contact, Conversation, Message, Series, Ticket, TicketEvent

TICKET: Table = table(Ticket)
EVENT: Table = table(TicketEvent)
SERIES: Table = table(Series)
MESSAGE: Table = table(Message)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)
_SUBJECT_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Opening:
    """What is needed to open a ticket: whose, of which kind, with which words.

    ``handled_by``: the office that works on it, where that is another one. ``letter``: the subject of the
    mail that it began with; it is found by that too.
    """

    office: str
    short_name: str
    local_year: int
    conversation_id: int
    contact_id: int
    kind: TicketKind
    request: Request
    confirmed: bool
    linked_to: int | None
    handled_by: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket just opened."""

    id: int
    reference: str


@cache
def _count_up(dialect: str) -> ReturningInsert[tuple[Any, ...]]:
    statement = insert_of(dialect, SERIES).values({**_SERIES_OF, "last": literal_column("1")})
    return statement.on_conflict_do_update(
        index_elements=["office", "kind", "year"], set_={"last": SERIES.c.last + literal_column("1")}
    ).returning(SERIES.c.last)


_SERIES_OF: Mapping[str, BindParameter[Any]] = {name: bindparam(name) for name in ("office", "kind", "year")}
_COUNTED = (
    update(SERIES)
    .where(*(SERIES.c[name] == bindparam(f"of_{name}") for name in _SERIES_OF))
    .values(last=bindparam("number"))
)


def next_number(connection: Connection, office: str, kind: TicketKind, year: int) -> int:
    """The next number of a series. It is used up only if this transaction commits, so there are no gaps."""
    series = {"office": office, "kind": kind.value, "year": year}
    key = tuple(series.values())
    if not later.counted(connection, key):
        number = int(connection.execute(_count_up(connection.dialect.name), series).scalar_one())
        later.count(connection, key, number)
        return number
    # The series is this transaction's since its first number.
    number = later.count(connection, key, 1)
    of = {f"of_{name}": part for name, part in series.items()}
    later.put_latest(connection, _COUNTED, key, {**of, "number": number})
    return number


def reference(short_name: str, kind: TicketKind, year: int, number: int) -> str:
    """``ABC-2026-00012``, or ``ABC-P-2026-00003`` for a complaint (*pengaduan*)."""
    series = f"{short_name}-P" if kind is TicketKind.COMPLAINT else short_name
    return f"{series}-{year}-{number:05d}"


_PLAIN = (
    *("office", "handled_by", "kind", "conversation_id", "contact_id", "year", "number", "reference"),
    *("subject", "request", "confirmed", "linked_to", "opened_at", "waiting_since", "touched_at"),
)
_NAMES = (
    select(CONTACT.c.name + literal_column("' '") + CONTACT.c.profile_name)
    .where(CONTACT.c.id == bindparam("contact_id"))
    .scalar_subquery()
)
_SEARCHED = bindparam("before", type_=Text) + _NAMES + bindparam("after", type_=Text)
_OPEN_TICKET = insert(TICKET).values({name: bindparam(name) for name in _PLAIN} | {"search_text": _SEARCHED})
_OPEN_NOW = _OPEN_TICKET.returning(TICKET.c.id)
_OPEN_LATER = _OPEN_TICKET.values(id=bindparam("id")).inline()


def open_ticket(connection: Connection, opening: Opening, now: datetime) -> Opened:
    """A new open ticket waiting for the office, with the first row of its log."""
    number = next_number(connection, opening.office, opening.kind, opening.local_year)
    name = reference(opening.short_name, opening.kind, opening.local_year, number)
    subject = _subject(opening.request)
    row = {
        "office": opening.office,
        "handled_by": opening.handled_by or opening.office,
        "kind": opening.kind.value,
        "conversation_id": opening.conversation_id,
        "contact_id": opening.contact_id,
        "year": opening.local_year,
        "number": number,
        "reference": name,
        "subject": subject,
        "request": plain(opening.request),
        "confirmed": opening.confirmed,
        "linked_to": opening.linked_to,
        "opened_at": now,
        "waiting_since": now,
        "touched_at": now,
        "before": f"{name} ",
        "after": f" {subject} {opening.letter}".rstrip(),
    }
    ticket_id = _opened(connection, row)
    log(connection, opening.office, ticket_id, "opened", now, None, {"confirmed": opening.confirmed})
    return Opened(ticket_id, name)


def _opened(connection: Connection, row: dict[str, Any]) -> int:
    if not later.may_wait(connection):
        return int(connection.execute(_OPEN_NOW, row).scalar_one())
    row["id"] = next_id(connection, TICKET)
    later.put_new(connection, _OPEN_LATER, row, ("ticket", row["id"]), rank=3)
    return int(row["id"])


def need(connection: Connection, ticket_id: int) -> None:
    """The ticket is going to be read or changed, though it may be one that is written later."""
    later.need(connection, ("ticket", ticket_id))


def _subject(request: Request) -> str:
    """The first real words of the request; a mark such as *[pesan suara]* only where there are no others."""
    words = _without_marks(request.what) or _without_marks(request.text) or " ".join(request.text.split())
    return words[:_SUBJECT_LENGTH]


def _without_marks(text: str) -> str:
    for mark in MEDIA_MARKS.values():
        text = text.replace(mark, " ")
    return " ".join(text.split())


_LOG = adding(EVENT)


def log(
    connection: Connection,
    office: str,
    ticket_id: int,
    what: str,
    now: datetime,
    officer_id: int | None,
    detail: dict[str, Any] | None = None,
) -> None:
    """One more row of the ticket's log."""
    row = {"office": office, "ticket_id": ticket_id, "at": now, "officer_id": officer_id, "what": what}
    later.put(connection, _LOG, [{**row, "detail": detail or {}}])


def has_acted(connection: Connection, ticket_id: int, officer_id: int, at: datetime) -> bool:
    """Whether the log has an act of this officer at this very moment."""
    done = (EVENT.c.ticket_id == ticket_id, EVENT.c.officer_id == officer_id, EVENT.c.at == at)
    return connection.execute(select(EVENT.c.id).where(*done).limit(1)).first() is not None


_COMPLAINED = func.coalesce(MESSAGE.c.outcome, "") == written("complaint")
_ADOPT = {
    kind: update(MESSAGE)
    .where(
        MESSAGE.c.conversation_id == bindparam("thread"),
        MESSAGE.c.ticket_id.is_(None),
        MESSAGE.c.at >= bindparam("since", type_=MESSAGE.c.at.type),
        _COMPLAINED if kind is TicketKind.COMPLAINT else ~_COMPLAINED,
    )
    .values(ticket_id=bindparam("ticket"))
    for kind in TicketKind
}


def adopt(
    connection: Connection, conversation_id: int, ticket_id: int, kind: TicketKind, *, since: datetime
) -> None:
    """Give the ticket the messages that led to it.

    Words of a complaint join complaints only, whatever opens later: a mere officer must not read them.
    """
    about = {"thread": conversation_id, "ticket": ticket_id, "since": since}
    later.put(connection, _ADOPT[kind], [about])


class Overtaken(Exception):
    """Several conversations lead to the ticket, and a turn of another was faster: this one is taken anew."""


_THIS = TICKET.c.id == bindparam("key")
_NOW: BindParameter[datetime] = bindparam("now")
_OFFICER_WROTE = (
    update(TICKET)
    .where(_THIS)
    .values(
        waiting_for="citizen",
        waiting_since=_NOW,
        answered_at=func.coalesce(
            TICKET.c.answered_at, bindparam("answered", type_=TICKET.c.answered_at.type)
        ),
        claimed_by=func.coalesce(TICKET.c.claimed_by, bindparam("me", type_=TICKET.c.claimed_by.type)),
        silent_since=None,
        closable_at=None,
        touched_at=_NOW,
    )
)


def officer_wrote(
    connection: Connection, ticket_id: int, officer_id: int | None, *, answers: bool, now: datetime
) -> None:
    """From now the citizen is waited for; the first answer is kept, and replying claims what is free."""
    answered = now if answers else None
    wrote = {"key": ticket_id, "me": officer_id, "answered": answered, "now": now}
    connection.execute(_OFFICER_WROTE, wrote)


_CLOSE = (
    update(TICKET)
    .where(_THIS)
    .values(
        status="closed",
        close_reason=bindparam("reason"),
        closed_at=_NOW,
        closings=TICKET.c.closings + literal_column("1"),
        silent_since=None,
        closable_at=None,
        touched_at=_NOW,
    )
)
_CLOSE_SILENT = _CLOSE.where(TICKET.c.waiting_for == written("citizen"))


def close(connection: Connection, ticket_id: int, reason: CloseReason, now: datetime) -> None:
    """Close the ticket and count its closings.

    Raises ``Overtaken`` where it was to be closed for a silence that has just ended.
    """
    statement = _CLOSE_SILENT if reason is CloseReason.SILENCE else _CLOSE
    done = connection.execute(statement, {"key": ticket_id, "reason": reason.value, "now": now})
    if done.rowcount != 1:
        raise Overtaken


def reopen(connection: Connection, ticket_id: int, now: datetime) -> None:
    """Open the ticket again; the office owes the next word."""
    connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id)
        .values(
            status="open",
            close_reason=None,
            closed_at=None,
            waiting_for="office",
            waiting_since=now,
            touched_at=now,
        )
    )


_MARK_CLEAR = update(TICKET).where(_THIS).values(clear_at=_NOW, touched_at=_NOW)


def mark_clear(connection: Connection, ticket_id: int, now: datetime) -> None:
    """Remember the moment from which the request was clear and complete."""
    connection.execute(_MARK_CLEAR, {"key": ticket_id, "now": now})


def complete(connection: Connection, ticket_id: int, told: Request, now: datetime) -> None:
    """Add what was *told* later to the ticket's request; its words stay those the citizen began with.

    Where only now it is told which data are wanted, that becomes the subject.
    """
    request = connection.execute(select(TICKET.c.request).where(TICKET.c.id == ticket_id)).scalar_one()
    parts = {name: part for name, part in plain(told).items() if part and name != "text"}
    changed = {"request": {**request, **parts}, "touched_at": now}
    if told.what:
        changed["subject"] = _subject(told)
    connection.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(**changed))
    find_again(connection, ticket_id)


def find_again(connection: Connection, ticket_id: int) -> None:
    """Let the ticket be found by what it and its citizen are called now."""
    need(connection, ticket_id)
    row = connection.execute(
        select(
            TICKET.c.reference,
            CONTACT.c.name,
            CONTACT.c.profile_name,
            TICKET.c.subject,
            CONVERSATION.c.subject,
        )
        .join(CONTACT, CONTACT.c.id == TICKET.c.contact_id)
        .join(CONVERSATION, CONVERSATION.c.id == TICKET.c.conversation_id)
        .where(TICKET.c.id == ticket_id)
    ).one()
    words = " ".join(row).rstrip()
    connection.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(search_text=words))


_TOUCH = update(TICKET).where(TICKET.c.id == bindparam("key")).values(touched_at=bindparam("now"))


def touch(connection: Connection, ticket_id: int, now: datetime) -> None:
    """Tell open pages that something they show has changed."""
    need(connection, ticket_id)
    connection.execute(_TOUCH, {"key": ticket_id, "now": now})


def perhaps(connection: Connection, ticket_id: int, named: int, now: datetime) -> None:
    """Remember that *ticket_id* began with words that named another ticket, and tell both."""
    need(connection, ticket_id)
    connection.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(perhaps_of=named))
    row = find(connection, named)
    mine = find(connection, ticket_id)
    if row is not None and mine is not None:
        log(connection, mine.office, ticket_id, "perhaps_of", now, None, {"ticket": row.reference})
        log(connection, row.office, named, "perhaps_has", now, None, {"ticket": mine.reference})
        touch(connection, named, now)


_FIND = select(TICKET).where(TICKET.c.id == bindparam("key"))


def find(connection: Connection, ticket_id: int) -> AnyRow | None:
    """The ticket's row; None when there is none."""
    need(connection, ticket_id)
    return connection.execute(_FIND, {"key": ticket_id}).first()


def of_contact(connection: Connection, contact_id: int, limit: int = 5) -> tuple[FoundTicket, ...]:
    """The contact's own tickets, newest first: what *status* tells them. A merged one stands as its other."""
    columns = (TICKET.c.id, TICKET.c.reference, TICKET.c.status, TICKET.c.answered_at, TICKET.c.merged_into)
    mine = select(*columns).where(TICKET.c.contact_id == contact_id)
    rows = connection.execute(mine.order_by(TICKET.c.id.desc()).limit(limit)).all()
    return tuple(_found(connection, row) for row in rows)


def _found(connection: Connection, row: AnyRow) -> FoundTicket:
    stands = row if row.merged_into is None else find(connection, links.survivor(connection, row.id)) or row
    return FoundTicket(row.reference, stands.status == "open", stands.answered_at is not None)
