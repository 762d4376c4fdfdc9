"""What officers' lists show. Every query takes a ``View`` and gives only what that officer may see there."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import aliased

from storage.columns import Moment
from storage.many import one_of
from storage.tables import Contact, Conversation, Message, Officer, ReadMark, Ticket, TicketEvent
from storage.voice_tables import Accused

PAGE = 40
UNCLAIMED = "unclaimed"
"""What the log says when supervisors were told that nobody takes a ticket."""
HANDS = (UNCLAIMED, "claimed", "released", "given_back", "assigned", "transferred", "forwarded", "reopened")
"""What the log says of who has a ticket."""


@dataclass(frozen=True, slots=True)
class View:
    """Whose eyes: an officer at one office, with or without complaints."""

    office: str
    officer_id: int
    complaints: bool


def anybody(*, complaints: bool) -> View:
    """Eyes to make a statement for once: ``asked_by`` tells whose they are when it is executed."""
    office: Any = bindparam("office", type_=String)
    officer_id: Any = bindparam("officer_id", type_=BigInteger)
    return View(office, officer_id, complaints)


def asked_by(view: View, **more: Any) -> dict[str, Any]:
    """The parameters of a statement that was made for ``anybody``."""
    return {"office": view.office, "officer_id": view.officer_id, **more}


class ListName(StrEnum):
    """The lists of the inbox."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    CITIZEN = "citizen"
    CLOSABLE = "closable"
    OPEN = "open"
    CLOSED = "closed"
    COMPLAINTS = "complaints"
    FORWARDED = "forwarded"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list. ``last_*`` is the newest word of a person since the ticket was opened, if any.

    ``due_at``: when the answer is due that is still owed. ``last_inbound_at``: the citizen's last word.
    """

    id: int
    reference: str
    complaint: bool
    open: bool
    waiting_for: str
    since: datetime
    name: str
    address: str
    channel: str
    subject: str
    claimed_by: int | None
    claimer: str | None
    last_direction: str | None
    last_body: str
    last_content: str
    last_delivery: str | None
    unread: bool
    due_at: datetime | None
    last_inbound_at: datetime | None
    topic: str
    escalated: bool
    passed_on: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A ticket that was closed, by its number."""

    id: int
    reference: str


def visible(view: View) -> ColumnElement[bool]:
    """True for the tickets that this officer's office works on: the rule that confines every list."""
    return _of_their_kind(view, Ticket.handled_by == view.office)


def known(view: View) -> ColumnElement[bool]:
    """True for the tickets this officer may open: their office's, and what it has passed on to another.

    For queries that have a ticket at hand. A list that asked this would find no index.
    """
    return _of_their_kind(view, or_(Ticket.handled_by == view.office, Ticket.office == view.office))


def _of_their_kind(view: View, theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Complaints are for supervisors, and none is for whom it is about."""
    plain = Ticket.kind != "complaint"
    if not view.complaints:
        return and_(theirs, plain)
    return and_(theirs, or_(plain, Ticket.id.not_in(about_them(view))))


def about_them(view: View) -> Select[int]:
    """The complaints about this officer: to them these do not exist."""
    return select(Accused.ticket_id).where(Accused.officer_id == view.officer_id)


def _passed_on(view: View) -> ColumnElement[bool]:
    # Written out, so that both databases see that the partial index holds the row.
    away = text("ticket.handled_by <> ticket.office")
    return and_(Ticket.office == view.office, away)


# Written out as in the partial indexes, so that both databases see that they hold the row.
OPEN = Ticket.status == literal_column("'open'")
# The second half holds for every ticket: with it SQLite takes the index of the open ones, which are few; that
# of all tickets seems as good to it else.
OPEN_ONES = and_(OPEN, Ticket.waiting_for.in_([literal_column("'office'"), literal_column("'citizen'")]))
_HOLDING = select(Message.ticket_id).where(Message.delivery == literal_column("'held'"))
# A complaint's answer ends one deadline, and the decision is still owed: what is due of it is the next one.
_OWED = or_(Ticket.answered_at.is_(None), Ticket.kind == literal_column("'complaint'"))
AMONG_OPEN: Mapping[ListName, Callable[[View, ColumnElement[datetime]], ColumnElement[bool]]] = {
    ListName.WAITING: lambda *_: Ticket.waiting_for == "office",
    ListName.OVERDUE: lambda view, now: and_(
        *(_OWED if view.complaints else Ticket.answered_at.is_(None), Ticket.due_at.is_not(None)),
        Ticket.due_at < now,
    ),
    ListName.MINE: lambda view, _: Ticket.claimed_by == view.officer_id,
    ListName.UNASSIGNED: lambda *_: Ticket.claimed_by.is_(None),
    ListName.CITIZEN: lambda *_: Ticket.waiting_for == "citizen",
    ListName.CLOSABLE: lambda *_: Ticket.closable_at.is_not(None),
    ListName.OPEN: lambda *_: true(),
    ListName.COMPLAINTS: lambda *_: Ticket.kind == literal_column("'complaint'"),
    ListName.HELD: lambda *_: Ticket.id.in_(_HOLDING),
}
"""Which of the open tickets are in a list."""
_BY_NO_INDEX = {ListName.MINE, ListName.UNASSIGNED, ListName.OPEN}
"""Lists that no index of their own leads to, but that of all open tickets."""


def _in_list(view: View, name: ListName, now: ColumnElement[datetime]) -> ColumnElement[bool]:
    if name is ListName.FORWARDED:
        return _of_their_kind(view, _passed_on(view))
    if name is ListName.CLOSED:
        return and_(visible(view), Ticket.status == literal_column("'closed'"))
    theirs = and_(visible(view), AMONG_OPEN[name](view, now))
    if name is ListName.COMPLAINTS:
        return theirs
    # The index of what is due holds no complaint that was answered.
    by_no_index = name in _BY_NO_INDEX or (name is ListName.OVERDUE and view.complaints)
    return and_(theirs, OPEN_ONES if by_no_index else OPEN)


def listed(
    connection: Connection,
    view: View,
    name: ListName,
    now: datetime,
    *,
    page: int = 0,
    size: int = PAGE,
    ahead: int = 0,
    by_window: Mapping[str, datetime] | None = None,
) -> tuple[Listed, ...]:
    """One page of a list: what is due first, then who has waited longest; closed tickets newest first.

    *ahead*: so many of the next page come along. *by_window*: instead those whose window shuts soonest; for
    each channel that has windows, the last word with which one is shut now.
    """
    shut = {f"shut_{channel}": at for channel, at in (by_window or {}).items()}
    asked = asked_by(view, now=now, skipped=page * size, most=size + ahead, **shut)
    statement = _list(name, view.complaints, None if by_window is None else tuple(by_window))
    return tuple(_line(row) for row in connection.execute(statement, asked))


@cache
def _list(name: ListName, complaints: bool, windows: tuple[str, ...] | None) -> Select[*tuple[Any, ...]]:
    view, now = anybody(complaints=complaints), bindparam("now", type_=Moment)
    wanted = select(Ticket.id).where(_in_list(view, name, now))
    order = _order(name) if windows is None else _by_window(windows)
    if windows is not None:
        wanted = wanted.join(Conversation, Conversation.id == Ticket.conversation_id)
    chosen = wanted.order_by(*order).offset(bindparam("skipped")).limit(bindparam("most"))
    return _with_words(view, chosen, order)


def among(
    connection: Connection, view: View, others: Collection[int], size: int = PAGE
) -> tuple[Listed, ...]:
    """Those of these tickets that the officer may know of, open ones first, then the newest."""
    asked = asked_by(view, others=list(others), most=size)
    return tuple(
        _line(row) for row in connection.execute(_among(view.complaints, connection.dialect.name), asked)
    )


@cache
def _among(complaints: bool, dialect: str) -> Select[*tuple[Any, ...]]:
    view, order = anybody(complaints=complaints), (case((OPEN, 0), else_=1), Ticket.id.desc())
    wanted = one_of(Ticket.id, "others", dialect)
    chosen = select(Ticket.id).where(known(view), wanted).order_by(*order).limit(bindparam("most"))
    return _with_words(view, chosen, order)


def closed_among(connection: Connection, view: View, others: tuple[int, ...]) -> tuple[Closed, ...]:
    """Those of these tickets that are closed, by their numbers."""
    if not others:
        return ()
    mine = (Ticket.id.in_(others), Ticket.status == "closed", Ticket.merged_into.is_(None))
    found = select(Ticket.id, Ticket.reference).where(*mine, visible(view)).order_by(Ticket.id)
    return tuple(Closed(row.id, row.reference) for row in connection.execute(found))


# What has a promise comes before what has none, whose moments would stand first or last by the database.
_DUE = case((_OWED, Ticket.due_at))
_DUE_FIRST = (case((_DUE.is_(None), 1), else_=0), _DUE, Ticket.waiting_since, Ticket.id)


def _by_window(channels: tuple[str, ...]) -> tuple[Any, ...]:
    """Open windows, the soonest to shut first; then shut ones; then where there is none."""
    last = Conversation.last_inbound_at
    shut = {name: bindparam(f"shut_{name}", type_=Moment) for name in channels}
    opens = or_(*(and_(Conversation.channel == name, last > at) for name, at in shut.items()))
    return (case((opens, 0), (Conversation.channel.in_(channels), 1), else_=2), last, Ticket.id)


def _order(name: ListName) -> tuple[Any, ...]:
    match name:
        case ListName.CLOSED:
            return (Ticket.closed_at.desc(), Ticket.id.desc())
        case ListName.COMPLAINTS:
            return (case((OPEN, 0), else_=1), *_DUE_FIRST)
        case ListName.FORWARDED:
            return (case((OPEN, 0), else_=1), Ticket.waiting_since, Ticket.id)
        case ListName.MINE | ListName.UNASSIGNED | ListName.OPEN:
            return (case((Ticket.waiting_for == "office", 0), else_=1), *_DUE_FIRST)
        case ListName.WAITING:
            return _DUE_FIRST
        case ListName.OVERDUE:
            return (Ticket.due_at, Ticket.id)
        case ListName.CLOSABLE:
            return (Ticket.closable_at, Ticket.id)
        case ListName.CITIZEN | ListName.HELD:
            return (Ticket.waiting_since, Ticket.id)


def _with_words(
    view: View, chosen: Select[*tuple[Any, ...]], order: tuple[Any, ...]
) -> Select[*tuple[Any, ...]]:
    # The page of ids comes first, so that the last words are looked up for what is shown only.
    ids = chosen.subquery()
    last, claimer = aliased(Message), aliased(Officer)
    newest = (
        select(func.max(Message.id))
        .where(
            Message.ticket_id == Ticket.id,
            Message.direction != "note",
            Message.author != "bot",
            Message.at > Ticket.opened_at,
        )
        .correlate(Ticket)
        .scalar_subquery()
    )
    return (
        select(*_columns(last, claimer), unread(view).label("unread"))
        .join(ids, ids.c.id == Ticket.id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(claimer, claimer.id == Ticket.claimed_by)
        .outerjoin(last, last.id == newest)
        .where(known(view))
        .order_by(*order)
    )


def _columns(last: Any, claimer: Any) -> tuple[Any, ...]:
    return (
        Ticket.id,
        Ticket.reference,
        Ticket.kind,
        Ticket.status,
        Ticket.waiting_for,
        Ticket.waiting_since,
        Ticket.closed_at,
        Ticket.subject,
        Ticket.claimed_by,
        Ticket.due_at,
        Ticket.answered_at,
        Ticket.topic,
        _left_alone().label("escalated"),
        (Ticket.handled_by != Ticket.office).label("away"),
        claimer.name.label("claimer"),
        func.coalesce(func.nullif(Contact.name, ""), Contact.profile_name).label("name"),
        Conversation.reply_to,
        Conversation.channel,
        Conversation.last_inbound_at,
        last.direction,
        last.body,
        last.content,
        last.delivery,
    )


def _left_alone() -> ColumnElement[Any]:
    """What happened last to who has the ticket: ``unclaimed`` when supervisors were told of it."""
    return (
        select(TicketEvent.what)
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.what.in_(HANDS))
        .order_by(TicketEvent.id.desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )


def unread(view: View, of: FromClause = Ticket.__table__) -> ColumnElement[bool]:
    """True for a ticket with words of the citizen that this officer has not had on the screen.

    *of*: where the tickets stand, if not in their table.
    """
    mark = (
        select(ReadMark.message_id)
        .where(ReadMark.officer_id == view.officer_id, ReadMark.ticket_id == of.c.id)
        .correlate(of)
        .scalar_subquery()
    )
    # As one bound, so that the index leads beyond what was read.
    news = (Message.ticket_id == of.c.id, Message.id > func.coalesce(mark, literal_column("0")))
    return exists().where(*news, Message.direction == "in").correlate(of)


def _line(row: Row[*tuple[Any, ...]]) -> Listed:
    closed = row.status == "closed"
    return Listed(
        id=row.id,
        reference=row.reference,
        complaint=row.kind == "complaint",
        open=not closed,
        waiting_for=row.waiting_for,
        since=(row.closed_at or row.waiting_since) if closed else row.waiting_since,
        name=row.name,
        address=row.reply_to,
        channel=row.channel,
        subject=row.subject,
        claimed_by=row.claimed_by,
        claimer=row.claimer,
        last_direction=row.direction,
        last_body=row.body or "",
        last_content=row.content or "text",
        last_delivery=row.delivery,
        unread=bool(row.unread),
        due_at=None if closed or (row.answered_at and row.kind != "complaint") else row.due_at,
        last_inbound_at=row.last_inbound_at,
        topic=row.topic,
        escalated=row.escalated == UNCLAIMED and row.claimed_by is None,
        passed_on=bool(row.away),
    )
