"""Accepting: a citizen's message becomes a row that can't be lost, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, or_, select, update

from bot.conversation import Outcome
from storage import said
from storage.columns import plain, table, written
from storage.inserting import add_once
from storage.tables import Message, Unrouted

MESSAGE: Table = table(Message)
UNROUTED: Table = table(Unrouted)
MOST_TRIES = 3
# Written out: with a parameter PostgreSQL, to use its partial index, would plan anew at every execution.
PENDING = MESSAGE.c.intake == written("pending")
_SHUNTED = MESSAGE.c.intake == written("shunted")


def add(connection: Connection, row: Mapping[str, Any]) -> int | None:
    """Keep a pending message; None when the provider delivered it before."""
    return add_once(connection, MESSAGE, row)


_KNOWN = select(MESSAGE.c.id).where(
    MESSAGE.c.channel == bindparam("channel"),
    MESSAGE.c.account == bindparam("account"),
    MESSAGE.c.external_id == bindparam("external_id"),
)


def is_known(connection: Connection, channel: str, account: str, external_id: str) -> bool:
    """Whether this message is kept already."""
    wanted = {"channel": channel, "account": account, "external_id": external_id}
    return connection.execute(_KNOWN, wanted).first() is not None


_ADD_NOW = insert(MESSAGE).returning(MESSAGE.c.id)


@dataclass(frozen=True, slots=True)
class End:
    """Where a message ended, and which ticket it belongs to."""

    intake: str
    outcome: str
    ticket_id: int | None


_FILED = {Outcome.FILED, Outcome.AFTER_OPT_OUT}


def end_of(outcome: Outcome, ticket_id: int | None) -> End:
    """How a message ends that came to this."""
    return End("filed" if outcome in _FILED else "handled", outcome.value, ticket_id)


def add_settled(connection: Connection, row: Mapping[str, Any], end: End, *, at_once: bool) -> int:
    """Keep a message whose turn has ended; its id, which is 0 for one that is not wanted *at_once*."""
    ended = {**row, **plain(end)}
    if not at_once:
        said.put(connection, [ended])
        return 0
    return int(connection.execute(_ADD_NOW, ended).scalar_one())


def add_unrouted(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a message that no office owns; False when it is there already."""
    return add_once(connection, UNROUTED, row) is not None


_SETTLE = (
    update(MESSAGE)
    .where(MESSAGE.c.id == bindparam("key"))
    .values(
        intake=bindparam("intake"),
        outcome=bindparam("outcome"),
        ticket_id=bindparam("ticket_id"),
        conversation_id=bindparam("conversation_id"),
        next_try_at=None,
    )
)


def settle(connection: Connection, message_id: int, end: End, conversation_id: int) -> None:
    """The message is dealt with."""
    connection.execute(_SETTLE, {"key": message_id, "conversation_id": conversation_id, **plain(end)})


def waiting(connection: Connection, now: datetime, limit: int = 100) -> list[int]:
    """The addresses whose oldest pending message may be tried now: nothing overtakes it meanwhile."""
    oldest = select(func.min(MESSAGE.c.id)).where(PENDING).group_by(MESSAGE.c.address_id)
    rows = connection.execute(
        select(MESSAGE.c.address_id)
        .where(MESSAGE.c.id.in_(oldest), or_(MESSAGE.c.next_try_at.is_(None), MESSAGE.c.next_try_at <= now))
        .order_by(MESSAGE.c.id)
        .limit(limit)
    )
    return [int(row.address_id) for row in rows]


def left(connection: Connection) -> tuple[int, int]:
    """How many messages wait to be handled, and how many nobody could handle."""
    pending, shunted = (
        connection.execute(select(func.count()).where(which)) for which in (PENDING, _SHUNTED)
    )
    return int(pending.scalar_one()), int(shunted.scalar_one())


def failed(connection: Connection, address_id: int, reason: str, now: datetime) -> bool:
    """Count a failed turn against the oldest pending message; at the third it is shunted (True).

    A shunted message is shown to officers and no longer blocks the next one. One that was handled meanwhile
    stays handled.
    """
    row = connection.execute(
        select(MESSAGE.c.id, MESSAGE.c.tries)
        .where(MESSAGE.c.address_id == address_id, PENDING)
        .order_by(MESSAGE.c.id)
        .limit(1)
    ).first()
    if row is None:
        return False
    tries = int(row.tries) + 1
    changes: dict[str, Any] = {
        "tries": tries,
        "error_text": reason,
        "next_try_at": now + timedelta(seconds=2**tries),
    }
    if tries >= MOST_TRIES:
        changes |= {"intake": "shunted", "next_try_at": None}
    counted = connection.execute(update(MESSAGE).where(MESSAGE.c.id == row.id, PENDING).values(**changes))
    return tries >= MOST_TRIES and counted.rowcount == 1


def retry(connection: Connection, message_id: int) -> int | None:
    """Put a shunted message back in line, and give its address; None when it is not shunted (any more)."""
    statement = (
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, _SHUNTED)
        .values(intake="pending", tries=0, next_try_at=None)
        .returning(MESSAGE.c.address_id)
    )
    found = connection.execute(statement).scalar()
    return int(found) if found is not None else None


def retry_all(connection: Connection) -> int:
    """Put all shunted messages back in line; how many there were."""
    statement = update(MESSAGE).where(_SHUNTED).values(intake="pending", tries=0, next_try_at=None)
    return int(connection.execute(statement).rowcount)


def file_shunted(connection: Connection, message_id: int) -> bool:
    """A supervisor settled a shunted message by other means; False when it is not shunted (any more)."""
    statement = (
        update(MESSAGE).where(MESSAGE.c.id == message_id, _SHUNTED).values(intake="filed", outcome="filed")
    )
    return bool(connection.execute(statement).rowcount == 1)


def settle_unrouted(connection: Connection, unrouted_id: int, officer_id: int, now: datetime) -> bool:
    """An administrator settled a message that no office owns; False when it was settled before."""
    statement = (
        update(UNROUTED)
        .where(UNROUTED.c.id == unrouted_id, UNROUTED.c.settled_at.is_(None))
        .values(settled_at=now, settled_by=officer_id)
    )
    return bool(connection.execute(statement).rowcount == 1)


def form_used(connection: Connection, form_id: str) -> bool:
    """Whether a composer form with this id was posted before."""
    return message_of(connection, form_id) is not None


_OF_FORM = select(MESSAGE.c.id).where(MESSAGE.c.mid == bindparam("form"))


def message_of(connection: Connection, form_id: str) -> int | None:
    """The message that this form's words became; None when it was not posted (or had none)."""
    return connection.execute(_OF_FORM, {"form": form_id}).scalar()
