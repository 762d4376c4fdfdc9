"""What was offered to tap: by which message, and that it went by number alone. And what is quoted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, literal_column, or_, select, update

from storage.columns import AnyRow, written
from storage.outbox import DELIVERED_RANK, MESSAGE, MOST_RECENT
from storage.threads import ENDED_COMPLAINT, TICKET

_BY_NUMBER = (
    update(MESSAGE)
    .where(MESSAGE.c.id == bindparam("key"))
    .values(menu=bindparam("left", type_=MESSAGE.c.menu.type))
)


def only_by_number(connection: Connection, message_id: int, left: Mapping[str, Any]) -> None:
    """Its choices did not go along to be tapped: *left* is kept of them."""
    connection.execute(_BY_NUMBER, {"key": message_id, "left": dict(left)})


def say_by_number(
    connection: Connection, message_id: int, left: Mapping[str, Any], external_id: str, now: datetime
) -> None:
    """The provider took it and then refused its buttons: it leaves again as its numbered text, once.

    Late reports of the refused attempt are about something else from here, like those of an attempt that the
    window stopped. What was delivered all the same, or leaves again already, is not said again.
    """
    that_attempt = or_(
        MESSAGE.c.external_id.is_(None), and_(MESSAGE.c.external_id == external_id, MESSAGE.c.rank > 0)
    )
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.rank < DELIVERED_RANK, that_attempt)
        .values(delivery="queued", next_try_at=now, tries=0, lease_until=None)
        .values(menu=dict(left), rank=0, sent_at=None, external_id=external_id)
    )


def asked_since(connection: Connection, conversation_id: int, external_id: str) -> list[AnyRow]:
    """The message of this conversation that the provider calls *external_id*, and the bot's after it.

    Nothing when there is no such message here.
    """
    said = MESSAGE.c.conversation_id == conversation_id, MESSAGE.c.direction == written("out")
    first = select(MESSAGE.c.id).where(*said, MESSAGE.c.external_id == external_id).scalar_subquery()
    told = select(MESSAGE.c.text_key, MESSAGE.c.menu, MESSAGE.c.ticket_id)
    later = told.where(*said, MESSAGE.c.author == written("bot"), MESSAGE.c.id >= first)
    return list(connection.execute(later.order_by(MESSAGE.c.id).limit(MOST_RECENT)))


def said(connection: Connection, conversation_id: int, external_id: str) -> AnyRow | None:
    """Who said the message of ours here that the provider calls *external_id*, and on which ticket.

    ``ended_complaint`` is that ticket where it is a complaint that was closed.
    """
    ours = MESSAGE.c.conversation_id == conversation_id, MESSAGE.c.direction == written("out")
    asked = select(MESSAGE.c.author, MESSAGE.c.ticket_id, ENDED_COMPLAINT).select_from(
        MESSAGE.outerjoin(TICKET, TICKET.c.id == MESSAGE.c.ticket_id)
    )
    return connection.execute(asked.where(*ours, MESSAGE.c.external_id == external_id)).first()


_LAST_SAID = (
    select(func.coalesce(MESSAGE.c.sent_at, MESSAGE.c.at))
    .where(MESSAGE.c.conversation_id == bindparam("key"), MESSAGE.c.direction == written("out"))
    .where(MESSAGE.c.author == written("bot"), MESSAGE.c.delivery.not_in(("cancelled", "failed")))
    .order_by(MESSAGE.c.id.desc())
    .limit(literal_column("1"))
)


def last_said_at(connection: Connection, conversation_id: int) -> datetime | None:
    """When the bot's newest message there left, or was to leave; None where there is none."""
    said_at: datetime | None = connection.execute(_LAST_SAID, {"key": conversation_id}).scalar()
    return said_at
