"""What providers reported about our messages: kept as it came, matched, and applied by rank."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, case, delete, func, or_, select, update

from storage.columns import AnyRow, table, written
from storage.inserting import add_once
from storage.outbox import CONVERSATION, IN_HAND, MESSAGE, MOST_RECENT, PACE, SENT_RANK
from storage.provider_tables import ReceiptRow

RECEIPT: Table = table(ReceiptRow)


def keep_receipt(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a provider's report as it came; False when exactly this one was reported before."""
    return add_once(connection, RECEIPT, row) is not None


def drop(connection: Connection, channel: str, external_id: str) -> None:
    """Forget every report about this message."""
    about = (RECEIPT.c.channel == channel, RECEIPT.c.external_id == external_id)
    connection.execute(delete(RECEIPT).where(*about))


_ABOUT = and_(MESSAGE.c.channel == bindparam("of"), MESSAGE.c.external_id == bindparam("named"))
# A message that leaves anew, after the window had stopped it, bears its old id until then.
_LEAVING = or_(MESSAGE.c.external_id.is_(None), IN_HAND)
_SENT = select(MESSAGE, PACE.c.trouble, CONVERSATION.c.last_inbound_at).select_from(
    MESSAGE.outerjoin(PACE, PACE.c.sender == MESSAGE.c.sender).outerjoin(
        CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id
    )
)
_BY_THEIRS = _SENT.where(_ABOUT, MESSAGE.c.direction == written("out")).limit(1)
_BY_OURS = _SENT.where(
    or_(_ABOUT, and_(MESSAGE.c.mid == bindparam("ours"), _LEAVING)), MESSAGE.c.direction == written("out")
)
_BY_OURS = _BY_OURS.order_by(case((_ABOUT, 0), else_=1)).limit(1)


def find_sent(connection: Connection, channel: str, external_id: str, mid: str | None) -> AnyRow | None:
    """The message a receipt is about: by the provider's id, else by ours until that is known."""
    named = {"of": channel, "named": external_id}
    if mid is None:
        return connection.execute(_BY_THEIRS, named).first()
    return connection.execute(_BY_OURS, {**named, "ours": mid}).first()


def known_ids(connection: Connection, message: AnyRow) -> list[str]:
    """The provider's ids in this conversation lately, that of an earlier attempt of *message* included."""
    rows = connection.execute(
        select(MESSAGE.c.external_id)
        .where(
            MESSAGE.c.conversation_id == message.conversation_id,
            MESSAGE.c.direction == written("out"),
            MESSAGE.c.external_id.is_not(None),
        )
        .order_by(MESSAGE.c.id.desc())
        .limit(MOST_RECENT)
    )
    return [row.external_id for row in rows]


def raise_rank(
    connection: Connection,
    message_id: int,
    changes: Mapping[str, Any],
    rank: int,
    moments: Mapping[str, datetime],
) -> None:
    """Apply a receipt if its rank is higher than what is known. Ranks only rise; *moments* are kept."""
    higher = MESSAGE.c.rank < rank
    risen = {name: case((higher, value), else_=MESSAGE.c[name]) for name, value in changes.items()}
    first = {name: func.coalesce(MESSAGE.c[name], moment) for name, moment in moments.items()}
    rank_now = case((higher, rank), else_=MESSAGE.c.rank)
    connection.execute(
        update(MESSAGE).where(MESSAGE.c.id == message_id).values(**risen, **first, rank=rank_now)
    )


def keep_error(connection: Connection, message_id: int, code: str, words: str | None) -> None:
    """Remember an error, also when a better status outranks it. Never erased."""
    told = {"error_code": code} | ({"error_text": words} if words else {})
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(**told))


def mark_matched(connection: Connection, channel: str, external_id: str) -> None:
    """These reports found their message."""
    connection.execute(
        update(RECEIPT)
        .where(RECEIPT.c.channel == channel, RECEIPT.c.external_id == external_id)
        .values(matched=True)
    )


_UNMATCHED = (
    select(RECEIPT)
    .where(
        RECEIPT.c.channel == bindparam("of"),
        RECEIPT.c.external_id == bindparam("named"),
        RECEIPT.c.matched.is_(False),
    )
    .order_by(RECEIPT.c.id)
)


def unmatched(connection: Connection, channel: str, external_id: str) -> list[AnyRow]:
    """Reports about this id that came before the id was known here."""
    return list(connection.execute(_UNMATCHED, {"of": channel, "named": external_id}))


def arrived_twice(connection: Connection, mid: str, external_id: str) -> bool:
    """An earlier attempt of our message *mid* has arrived as well; False when that is not so."""
    done = connection.execute(
        update(MESSAGE)
        .where(
            MESSAGE.c.mid == mid,
            MESSAGE.c.external_id != external_id,
            MESSAGE.c.rank >= SENT_RANK,
        )
        .values(doubts=func.coalesce(func.nullif(MESSAGE.c.doubts, 0), 1))
    )
    return done.rowcount == 1


_TO_ASK = (
    select(MESSAGE.c.id)
    .where(
        MESSAGE.c.delivery == written("sent"),
        MESSAGE.c.channel == written("whatsapp"),
        MESSAGE.c.ask_at.is_not(None),
        MESSAGE.c.ask_at <= bindparam("now"),
    )
    .order_by(MESSAGE.c.ask_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_ASK = (
    update(MESSAGE)
    .where(MESSAGE.c.id.in_(select(_TO_ASK.c.id)), MESSAGE.c.delivery == written("sent"))
    .values(ask_at=bindparam("again"))
    .returning(MESSAGE.c.id)
)


def claim_unconfirmed(connection: Connection, now: datetime, again: datetime, most: int) -> list[AnyRow]:
    """Messages that left long ago and of which nothing final was heard; nobody else asks before *again*."""
    taken = connection.execute(_ASK, {"now": now, "again": again, "most": most})
    ids = [row.id for row in taken]
    if not ids:
        return []
    return list(connection.execute(select(MESSAGE).where(MESSAGE.c.id.in_(ids)).order_by(MESSAGE.c.id)))


def ask_again(connection: Connection, message_id: int, moment: datetime | None) -> None:
    """Ask the provider about it at *moment*; never again when that is None."""
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(ask_at=moment))
