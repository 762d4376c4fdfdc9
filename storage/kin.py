"""What a ticket's page shows of the tickets it belongs with. Like all of them, confined by a ``View``."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from storage.asked import made_once
from storage.columns import AnyRow, written
from storage.inbox import View, asked_by, known
from storage.tables import Contact, Conversation, Message, Ticket, TicketEvent

MOST = 100
_Rows = Select[*tuple[Any, ...]]
_ID: Any = bindparam("ticket_id")


@dataclass(frozen=True, slots=True)
class Relative:
    """Another ticket, with the name of its citizen."""

    id: int
    reference: str
    subject: str
    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Family:
    """How a ticket stands to others. A guess is a ticket that its first mail named without a right to it."""

    guess: Relative | None = None
    linked: tuple[Relative, ...] = ()
    merged_here: tuple[Relative, ...] = ()
    merged_into: Relative | None = None
    split_from: Relative | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody whose words go to the ticket beside its own citizen."""

    name: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Said:
    """A citizen's message of a ticket, at which it may be split."""

    id: int
    name: str
    channel: str
    body: str
    content: str
    at: datetime


def family(connection: Connection, view: View, ticket_id: int) -> Family:
    """The tickets that this one belongs with, of those this officer may know of."""
    this = connection.execute(_this(view), asked_by(view, ticket_id=ticket_id)).first()
    if this is None:
        return Family()
    split_from = int(this.split["ticket"]) if this.split and this.merged_into is None else None
    named = {this.perhaps_of, this.linked_to, this.merged_into, split_from} - {None}
    asked = asked_by(view, ticket_id=ticket_id, named=list(named))
    rows = connection.execute(_relatives(view), asked).all()
    by_id = {row.id: _relative(row) for row in rows}
    guess = next((row for row in rows if row.id == this.perhaps_of and row.kind == this.kind), None)
    if guess is not None and guess.merged_into is not None:
        asked = asked_by(view, ticket_id=guess.merged_into)
        guess = connection.execute(_relative_itself(view), asked).first()
    linked = [row.id for row in rows if row.linked_to == ticket_id or row.id == this.linked_to]
    return Family(
        guess=_relative(guess) if guess and guess.id != ticket_id and this.merged_into is None else None,
        linked=tuple(by_id[each] for each in linked if each != split_from),
        merged_here=tuple(by_id[row.id] for row in rows if row.merged_into == ticket_id),
        merged_into=by_id.get(this.merged_into),
        split_from=by_id.get(split_from),
    )


@made_once
def _this(view: View) -> _Rows:
    asked = (Ticket.perhaps_of, Ticket.linked_to, Ticket.merged_into, Ticket.kind)
    return select(*asked, _split().label("split")).where(Ticket.id == _ID, known(view))


def _split() -> ColumnElement[Any]:
    """How the ticket was split off from another; that one's number stands in the log, which never changes."""
    return (
        select(TicketEvent.detail)
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.what == written("split_here"))
        .order_by(TicketEvent.id.desc())
        .limit(literal_column("1"))
        .correlate(Ticket)
        .scalar_subquery()
    )


@made_once
def _relatives(view: View) -> _Rows:
    named: BindParameter[int] = bindparam("named", expanding=True)
    return _such(view, or_(Ticket.linked_to == _ID, Ticket.merged_into == _ID, Ticket.id.in_(named)))


@made_once
def _relative_itself(view: View) -> _Rows:
    return _such(view, Ticket.id == _ID)


def _such(view: View, which: ColumnElement[bool]) -> _Rows:
    return (
        select(
            *(Ticket.id, Ticket.reference, Ticket.subject, Ticket.status, Ticket.kind),
            *(Ticket.linked_to, Ticket.merged_into, _name()),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(which, known(view))
        .order_by(Ticket.id)
        .limit(MOST)
    )


def _name() -> ColumnElement[str]:
    return func.coalesce(func.nullif(Contact.name, ""), Contact.profile_name).label("name")


def _relative(row: AnyRow) -> Relative:
    return Relative(row.id, row.reference, row.subject, row.name, row.status == "open")


def participants(connection: Connection, view: View, ticket_id: int) -> tuple[Participant, ...]:
    """Everybody but its own citizen whose next words go to this ticket."""
    rows = connection.execute(_participants(view), asked_by(view, ticket_id=ticket_id))
    return tuple(Participant(row.name, row.channel, row.reply_to) for row in rows)


@made_once
def _participants(view: View) -> _Rows:
    return (
        select(_name(), Conversation.channel, Conversation.reply_to)
        .select_from(Conversation)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Ticket, Ticket.id == _ID)
        .where(
            or_(
                and_(Conversation.ticket_id == _ID, Ticket.kind != "complaint"),
                and_(Conversation.complaint_id == _ID, Ticket.kind == "complaint"),
            ),
            Conversation.contact_id != Ticket.contact_id,
            Conversation.office == Ticket.office,
            known(view),
        )
        .order_by(Conversation.id)
    )


def split_points(connection: Connection, view: View, ticket_id: int) -> tuple[Said, ...]:
    """The citizens' messages at which something would be left, newest first."""
    earlier = aliased(Message)
    statement = (
        select(Message.id, Message.channel, Message.body, Message.content, Message.at, _name())
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            Message.ticket_id == ticket_id,
            Message.direction == "in",
            _something_is_left(earlier),
            known(view),
        )
    )
    rows = connection.execute(_newest(statement))
    return tuple(Said(row.id, row.name, row.channel, row.body, row.content, row.at) for row in rows)


def _something_is_left(other: type[Message]) -> ColumnElement[bool]:
    stays = or_(other.conversation_id != Message.conversation_id, other.id < Message.id)
    return exists().where(other.ticket_id == Message.ticket_id, other.direction == "in", stays)


def _newest(statement: Select[*tuple[object, ...]]) -> Select[*tuple[object, ...]]:
    return statement.order_by(Message.id.desc()).limit(MOST)


def alike(
    connection: Connection, view: View, ticket_id: int, others: Collection[int]
) -> tuple[Relative, ...]:
    """Those of *others* that could be linked with this ticket: of its kind, its office, and not merged."""
    this = aliased(Ticket)
    statement = (
        select(
            *(Ticket.id, Ticket.reference, Ticket.subject, Ticket.status, Ticket.kind),
            *(Ticket.linked_to, Ticket.merged_into, _name()),
        )
        .join(this, and_(this.kind == Ticket.kind, this.office == Ticket.office, this.id != Ticket.id))
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(this.id == ticket_id, Ticket.id.in_(others), Ticket.merged_into.is_(None), known(view))
        .order_by(Ticket.status.desc(), Ticket.id.desc())
    )
    return tuple(_relative(row) for row in connection.execute(statement))
