"""Messages without a ticket: shunted, kept after an opt-out, for nobody's number; and undelivered ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from storage.inbox import View, about_them
from storage.tables import Address, Contact, Message, Unrouted

MOST = 100


@dataclass(frozen=True, slots=True)
class Left:
    """A citizen's message that stands outside every ticket, or that a ticket's turn could not handle."""

    id: int
    at: datetime
    channel: str
    name: str
    address: str
    body: str
    content: str
    tries: int


@dataclass(frozen=True, slots=True)
class Stray:
    """A message to a number or mailbox that no office owns."""

    id: int
    at: datetime
    channel: str
    account: str
    sender: str
    address: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not reach its citizen: the reason, none of its words."""

    id: int
    at: datetime
    office: str
    channel: str
    address: str
    tries: int
    error_code: str | None
    error_text: str | None


def shunted(connection: Connection, view: View) -> tuple[Left, ...]:
    """What the desk could not handle at this office, oldest first. Nothing for a mere officer."""
    return _left(connection, view, _messages(view).where(Message.intake == "shunted").order_by(Message.id))


def find_shunted(connection: Connection, view: View, message_id: int) -> Left | None:
    """The shunted message with this id, if this supervisor may see it."""
    wanted = _messages(view).where(Message.intake == "shunted", Message.id == message_id)
    return next(iter(_left(connection, view, wanted)), None)


def after_opt_out(connection: Connection, view: View) -> tuple[Left, ...]:
    """What citizens wrote after BERHENTI outside any ticket, newest first. Nothing for a mere officer."""
    wanted = _messages(view).where(Message.outcome == "after_opt_out", Message.ticket_id.is_(None))
    return _left(connection, view, wanted.order_by(Message.id.desc()))


def unrouted(connection: Connection) -> tuple[Stray, ...]:
    """Messages for no office that nobody has settled yet, oldest first. For the administrator."""
    statement = (
        select(
            *(Unrouted.id, Unrouted.at, Unrouted.channel, Unrouted.account),
            *(Unrouted.sender, Unrouted.address, Unrouted.raw),
        )
        .where(Unrouted.settled_at.is_(None))
        .order_by(Unrouted.id)
        .limit(MOST)
    )
    return tuple(
        Stray(row.id, row.at, row.channel, row.account, row.sender, row.address, row.raw)
        for row in connection.execute(statement)
    )


def undelivered(connection: Connection) -> tuple[Undelivered, ...]:
    """The last messages of all offices that failed for good, newest first. For the administrator."""
    statement = (
        select(
            *(Message.id, Message.at, Message.office, Message.channel, Message.address),
            *(Message.tries, Message.error_code, Message.error_text),
        )
        .where(Message.delivery == "failed")
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    return tuple(
        Undelivered(
            *(row.id, row.at, row.office, row.channel, row.address),
            *(row.tries, row.error_code, row.error_text),
        )
        for row in connection.execute(statement)
    )


def _messages(view: View) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Message.id, Message.at, Message.channel, Message.address, Message.body, Message.content),
            *(Message.tries, Contact.name, Contact.profile_name),
        )
        .join(Address, Address.id == Message.address_id)
        .join(Contact, Contact.id == Address.contact_id)
        .where(Message.office == view.office, Message.direction == "in")
        .where(or_(Message.ticket_id.is_(None), Message.ticket_id.not_in(about_them(view))))
        .limit(MOST)
    )


def _left(connection: Connection, view: View, statement: Select[*tuple[Any, ...]]) -> tuple[Left, ...]:
    if not view.complaints:
        return ()
    return tuple(_one(row) for row in connection.execute(statement))


def _one(row: Row[*tuple[Any, ...]]) -> Left:
    return Left(
        id=row.id,
        at=row.at,
        channel=row.channel,
        name=row.name or row.profile_name or "",
        address=row.address,
        body=row.body,
        content=row.content,
        tries=row.tries,
    )
