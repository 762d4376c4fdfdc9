"""Delivering: the unsent messages, claimed under a lease, and what became of them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from storage import later, said
from storage.columns import AnyRow, table, written
from storage.provider_tables import SenderPace
from storage.tables import Contact, Conversation, Message

MESSAGE: Table = table(Message)
CONVERSATION: Table = table(Conversation)
CONTACT: Table = table(Contact)
PACE: Table = table(SenderPace)
LEASE = timedelta(seconds=90)
WORTH_ASKING = timedelta(hours=12)
SENT_RANK = 2
FAILED_RANK = 4
DELIVERED_RANK = 5
MOST_RECENT = 100
_EARLIER = MESSAGE.alias("earlier")

# The conditions of the partial indexes, written out: only so a database can tell that an index holds the row.
_UNSENT = MESSAGE.c.delivery.in_([written(word) for word in ("queued", "sending", "unknown")])
_WAITING = MESSAGE.c.delivery.in_([written(word) for word in ("queued", "held")])

_IN_TURN = ~exists().where(
    _EARLIER.c.conversation_id == MESSAGE.c.conversation_id,
    _EARLIER.c.id < MESSAGE.c.id,
    or_(
        _EARLIER.c.delivery.in_([written("queued"), written("sending")]),
        and_(
            _EARLIER.c.delivery == written("unknown"),
            _EARLIER.c.next_try_at.is_not(None),
            _EARLIER.c.part_of == MESSAGE.c.part_of,
        ),
    ),
)


def queue(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Put the parts of an outgoing message in the outbox with one statement."""
    said.put(connection, rows)
    later.count(connection, "said_in_all", sum(_is_automatic(row) for row in rows))


def _is_automatic(row: Mapping[str, Any]) -> bool:
    return bool(row["author"] == "bot" and row["channel"] == "email")


_NEXT = (
    select(MESSAGE.c.id)
    .where(
        _UNSENT, MESSAGE.c.delivery == written("queued"), MESSAGE.c.next_try_at <= bindparam("now"), _IN_TURN
    )
    # As an expression, or SQLite would look for the channel in the index of external ids.
    .where(MESSAGE.c.channel + "" == bindparam("of"))
    .order_by(MESSAGE.c.next_try_at, MESSAGE.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=MESSAGE)
)
# As a table of its own: PostgreSQL might execute a mere subquery once for every message there is.
_DUE = _NEXT.cte("due")
_CLAIM = (
    update(MESSAGE)
    .where(MESSAGE.c.id.in_(select(_DUE.c.id)), MESSAGE.c.delivery == written("queued"))
    .values(
        delivery="sending",
        lease_until=bindparam("until"),
        ask_at=bindparam("ask"),
        tries=MESSAGE.c.tries + 1,
    )
    .returning(MESSAGE.c.id)
)


def claim(
    connection: Connection, now: datetime, channel: str, limit: int = 20, lease: timedelta = LEASE
) -> list[AnyRow]:
    """Take messages of *channel* that may leave now, at most one of each conversation, to keep their order.

    Nobody else sends them for the time of the *lease*.
    """
    values = {"now": now, "of": channel, "most": limit, "until": now + lease, "ask": now + WORTH_ASKING}
    return _with_window(connection, [row.id for row in connection.execute(_CLAIM, values)])


def claim_unknown(connection: Connection, now: datetime, limit: int = 10) -> list[AnyRow]:
    """Take messages whose outcome nobody knows and whose next look is due."""
    due = (
        select(MESSAGE.c.id)
        .where(_UNSENT, MESSAGE.c.delivery == written("unknown"), MESSAGE.c.next_try_at <= now)
        .order_by(MESSAGE.c.next_try_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=MESSAGE)
        .cte("due")
    )
    taken = (
        update(MESSAGE)
        .where(MESSAGE.c.id.in_(select(due.c.id)), MESSAGE.c.delivery == written("unknown"))
        .values(next_try_at=now + LEASE)
        .returning(MESSAGE.c.id)
    )
    return _with_window(connection, [row.id for row in connection.execute(taken)])


_WITH_WINDOW = (
    select(MESSAGE, CONVERSATION.c.last_inbound_at, CONTACT.c.opted_out_at, PACE.c.trouble)
    .select_from(
        MESSAGE.outerjoin(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id)
        .outerjoin(CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id)
        .outerjoin(PACE, PACE.c.sender == MESSAGE.c.sender)
    )
    .where(MESSAGE.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(MESSAGE.c.id)
)


def _with_window(connection: Connection, ids: list[int]) -> list[AnyRow]:
    if not ids:
        return []
    return list(connection.execute(_WITH_WINDOW, {"ids": ids}))


def in_hand(connection: Connection, claimed: AnyRow) -> AnyRow | None:
    """A *claimed* message as it is now; None when it is no longer there, or not by this claim."""
    found = _with_window(connection, [claimed.id])
    return next((row for row in found if row.delivery == "sending" and row.tries == claimed.tries), None)


_RENEW = (
    update(MESSAGE)
    .where(
        MESSAGE.c.id == bindparam("key"),
        MESSAGE.c.delivery == written("sending"),
        MESSAGE.c.lease_until == bindparam("mine"),
    )
    .values(lease_until=bindparam("until"))
)


def renew(connection: Connection, claimed: AnyRow, until: datetime) -> bool:
    """Keep a *claimed* message until then; False when others, who may have sent it, found it lapsed."""
    told = {"key": claimed.id, "mine": claimed.lease_until, "until": until}
    return connection.execute(_RENEW, told).rowcount == 1


def lapse(connection: Connection, now: datetime) -> int:
    """A process died while sending: whether those messages left, only the provider knows."""
    gone = _UNSENT, MESSAGE.c.delivery == written("sending"), MESSAGE.c.lease_until < now
    # What another worker has found already is skipped: two that take them in another order would block.
    free = select(MESSAGE.c.id).where(*gone).with_for_update(skip_locked=True)
    told = {"delivery": "unknown", "next_try_at": now, "lease_until": None}
    lapsed = update(MESSAGE).where(MESSAGE.c.id.in_(free), *gone)
    return connection.execute(lapsed.values(**told, error_text="the sending process stopped")).rowcount


_SLOWER = MESSAGE.c.rank < SENT_RANK
_CALLED = bindparam("called", type_=MESSAGE.c.external_id.type)
_SENT = (
    update(MESSAGE)
    .where(
        MESSAGE.c.id == bindparam("key"),
        ~and_(MESSAGE.c.rank == 0, func.coalesce(MESSAGE.c.external_id, "") == _CALLED),
    )
    .values(
        external_id=case((_SLOWER, _CALLED), else_=func.coalesce(MESSAGE.c.external_id, _CALLED)),
        delivery=case((_SLOWER, "sent"), else_=MESSAGE.c.delivery),
        rank=case((_SLOWER, SENT_RANK), else_=MESSAGE.c.rank),
        sent_at=func.coalesce(MESSAGE.c.sent_at, bindparam("now", type_=MESSAGE.c.sent_at.type)),
        lease_until=None,
    )
)
_SENT_NOTED = _SENT.values(raw=bindparam("notes", type_=MESSAGE.c.raw.type))


def sent(
    connection: Connection,
    message_id: int,
    external_id: str,
    now: datetime,
    notes: Mapping[str, Any] | None = None,
) -> bool:
    """The provider took it. A receipt that was faster keeps its higher rank. *notes* are kept as ``raw``.

    False when a receipt has already told that the window stopped this very attempt.
    """
    told = {"key": message_id, "called": external_id, "now": now}
    if notes is None:
        return connection.execute(_SENT, told).rowcount == 1
    return connection.execute(_SENT_NOTED, {**told, "notes": dict(notes)}).rowcount == 1


IN_HAND = MESSAGE.c.delivery.in_([written("sending"), written("unknown")])


def lock(connection: Connection, message_id: int) -> None:
    """Wait for what claims this message, before its number's pace is locked: always in this order."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(MESSAGE.c.id).where(MESSAGE.c.id == message_id).with_for_update())


def put_back(
    connection: Connection,
    message: AnyRow,
    delivery: str,
    code: str,
    detail: str,
    next_try_at: datetime | None,
    notes: Mapping[str, Any] | None = None,
    *,
    doubtful: bool = False,
) -> None:
    """It did not (certainly) leave: the word for that, the reason, and when to look at it again.

    What is unknown without a next try stays so. *notes* are kept as ``raw``. *doubtful*: it leaves again
    although it may have left before. A receipt that arrived meanwhile, whatever it told, is not undone; nor
    is the try of another process, begun when the lease of this one had lapsed.
    """
    noted: dict[str, Any] = {} if notes is None else {"raw": dict(notes)}
    if doubtful:
        noted["doubts"] = MESSAGE.c.doubts + 1
    told = {"delivery": delivery, "error_code": code, "error_text": detail, "next_try_at": next_try_at}
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message.id, MESSAGE.c.rank < SENT_RANK, IN_HAND)
        .where(MESSAGE.c.tries == message.tries)
        .values(**told, lease_until=None, **noted)
    )


def bounced(connection: Connection, message_id: int, code: str, detail: str, now: datetime) -> bool:
    """A mail came back for ever: it failed, unless something has proved since that it arrived.

    One that is just being sent again has failed too. False when nothing changed.
    """
    came_back = {
        "error_code": code[:32],
        "error_text": detail,
        "sent_at": func.coalesce(MESSAGE.c.sent_at, now),
    }
    done = connection.execute(
        update(MESSAGE)
        .where(
            MESSAGE.c.id == message_id,
            MESSAGE.c.direction == written("out"),
            MESSAGE.c.rank < FAILED_RANK,
            MESSAGE.c.delivery.not_in(("held", "cancelled", "failed")),
        )
        .values(delivery="failed", rank=FAILED_RANK, next_try_at=None, lease_until=None, **came_back)
    )
    return done.rowcount == 1


_KEPT_BACK = case((MESSAGE.c.author == written("officer"), "held"), else_="cancelled")


_WAITS_SINCE = case((MESSAGE.c.author == written("officer"), bindparam("now", type_=MESSAGE.c.at.type)))


def hold_for_window(
    connection: Connection, message_id: int, now: datetime, external_id: str | None = None
) -> None:
    """Free text is not allowed now: an officer's answer waits, a bot's sentence is dropped.

    What was delivered is not undone. *external_id* together with rank 0 marks an attempt that the
    window stopped after the provider had taken it. What becomes of the answer is looked at next.
    """
    stopped = {"external_id": external_id} if external_id else {}
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.rank < DELIVERED_RANK)
        .values(delivery=_KEPT_BACK, error_code="63016", lease_until=None, rank=0, sent_at=None, **stopped)
        .values(fall_over_at=_WAITS_SINCE),
        {"now": now},
    )


def try_anew(
    connection: Connection,
    message_id: int,
    external_id: str,
    delivery: str,
    next_try_at: datetime | None,
) -> None:
    """The provider took it and failed for a reason that passes: it waits again, as *delivery* says.

    *external_id* together with rank 0 marks the attempt that failed. What was delivered is not undone.
    """
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.rank < DELIVERED_RANK)
        .values(
            delivery=delivery,
            next_try_at=next_try_at,
            external_id=external_id,
            lease_until=None,
            rank=0,
            sent_at=None,
        )
    )


_PUT_OFF = (
    update(MESSAGE)
    .where(MESSAGE.c.id == bindparam("key"), MESSAGE.c.delivery == written("sending"))
    .values(delivery="queued", lease_until=None, tries=MESSAGE.c.tries - 1, next_try_at=bindparam("later"))
)


def put_off(connection: Connection, moments: Mapping[int, datetime]) -> None:
    """Claimed, but it is not their turn yet: they wait until their moments as if nobody had claimed them."""
    connection.execute(_PUT_OFF, [{"key": key, "later": moment} for key, moment in moments.items()])


def last_left(
    connection: Connection, conversation_ids: Collection[int], since: datetime
) -> dict[int, datetime]:
    """When something last left in each of these conversations, if that was after *since*."""
    rows = connection.execute(
        select(MESSAGE.c.conversation_id, func.max(MESSAGE.c.sent_at).label("at"))
        .where(
            MESSAGE.c.conversation_id.in_(conversation_ids),
            MESSAGE.c.direction == written("out"),
            MESSAGE.c.sent_at > since,
        )
        .group_by(MESSAGE.c.conversation_id)
    )
    return {row.conversation_id: row.at for row in rows}


def give_back(connection: Connection, claimed: AnyRow) -> None:
    """Certainly not sent: it waits again as if it had not been *claimed*, unless its lease has lapsed."""
    mine = (MESSAGE.c.delivery == written("sending"), MESSAGE.c.lease_until == claimed.lease_until)
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == claimed.id, *mine)
        .values(delivery="queued", lease_until=None, tries=MESSAGE.c.tries - 1)
    )


def keep_back(connection: Connection, message_id: int) -> None:
    """The citizen asked for silence after this was queued: kept back like everything unsent."""
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.rank < SENT_RANK, IN_HAND)
        .values(delivery=_KEPT_BACK, lease_until=None)
    )


_RELEASE = (
    update(MESSAGE)
    .where(
        _WAITING,
        MESSAGE.c.conversation_id == bindparam("key"),
        MESSAGE.c.delivery == written("held"),
    )
    .values(delivery="queued", next_try_at=bindparam("now"), tries=0, fall_over_at=None)
)


def release(connection: Connection, conversation_id: int, now: datetime) -> int:
    """The citizen has written: let the conversation's held answers go, in their order."""
    return connection.execute(_RELEASE, {"key": conversation_id, "now": now}).rowcount


def cancel_unsent(connection: Connection, conversation_id: int) -> None:
    """The citizen wants silence: the bot's unsent sentences are dropped, an officer's words are kept back."""
    connection.execute(
        update(MESSAGE)
        .where(
            _WAITING, MESSAGE.c.conversation_id == conversation_id, MESSAGE.c.delivery == written("queued")
        )
        .values(delivery=_KEPT_BACK)
    )


def oldest_unsent(connection: Connection) -> datetime | None:
    """Since when the outbox has something to do; None when it is empty."""
    waits = or_(MESSAGE.c.next_try_at.is_not(None), MESSAGE.c.delivery == written("sending"))
    return connection.execute(select(func.min(MESSAGE.c.at)).where(_UNSENT, waits)).scalar()
