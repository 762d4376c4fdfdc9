"""Delivering: the unsent messages, claimed under a lease, and what became of them."""

from collections.abc import Mapping
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
    insert,
    or_,
    select,
    update,
)

from storage import later
from storage.columns import AnyRow, table, written
from storage.inserting import add_once
from storage.tables import Contact, Conversation, Message, ReceiptRow

MESSAGE: Table = table(Message)
CONVERSATION: Table = table(Conversation)
CONTACT: Table = table(Contact)
RECEIPT: Table = table(ReceiptRow)
LEASE = timedelta(seconds=90)
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


_QUEUE = insert(MESSAGE)


def queue(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Put the parts of an outgoing message in the outbox with one statement."""
    later.put(connection, _QUEUE, rows)
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
_CLAIM = (
    update(MESSAGE)
    .where(MESSAGE.c.id.in_(_NEXT), MESSAGE.c.delivery == written("queued"))
    .values(delivery="sending", lease_until=bindparam("until"), tries=MESSAGE.c.tries + 1)
    .returning(MESSAGE.c.id)
)


def claim(
    connection: Connection, now: datetime, channel: str, limit: int = 20, lease: timedelta = LEASE
) -> list[AnyRow]:
    """Take messages of *channel* that may leave now, at most one of each conversation, to keep their order.

    Nobody else sends them for the time of the *lease*.
    """
    values = {"now": now, "of": channel, "most": limit, "until": now + lease}
    return _with_window(connection, [row.id for row in connection.execute(_CLAIM, values)])


def claim_unknown(connection: Connection, now: datetime, limit: int = 10) -> list[AnyRow]:
    """Take messages whose outcome nobody knows and whose next look is due."""
    due = (
        select(MESSAGE.c.id)
        .where(_UNSENT, MESSAGE.c.delivery == written("unknown"), MESSAGE.c.next_try_at <= now)
        .order_by(MESSAGE.c.next_try_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=MESSAGE)
    )
    taken = (
        update(MESSAGE)
        .where(MESSAGE.c.id.in_(due), MESSAGE.c.delivery == written("unknown"))
        .values(next_try_at=now + LEASE)
        .returning(MESSAGE.c.id)
    )
    return _with_window(connection, [row.id for row in connection.execute(taken)])


_WITH_WINDOW = (
    select(MESSAGE, CONVERSATION.c.last_inbound_at, CONTACT.c.opted_out_at)
    .select_from(
        MESSAGE.outerjoin(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id).outerjoin(
            CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id
        )
    )
    .where(MESSAGE.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(MESSAGE.c.id)
)


def _with_window(connection: Connection, ids: list[int]) -> list[AnyRow]:
    if not ids:
        return []
    return list(connection.execute(_WITH_WINDOW, {"ids": ids}))


def lapse(connection: Connection, now: datetime) -> int:
    """A process died while sending: whether those messages left, only the provider knows."""
    statement = (
        update(MESSAGE)
        .where(_UNSENT, MESSAGE.c.delivery == written("sending"), MESSAGE.c.lease_until < now)
        .values(
            delivery="unknown", next_try_at=now, lease_until=None, error_text="the sending process stopped"
        )
    )
    return connection.execute(statement).rowcount


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


_IN_HAND = MESSAGE.c.delivery.in_([written("sending"), written("unknown")])


def put_back(
    connection: Connection,
    message_id: int,
    delivery: str,
    code: str,
    detail: str,
    next_try_at: datetime | None,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """It did not (certainly) leave: the word for that, the reason, and when to look at it again.

    What is unknown without a next try stays so. *notes* are kept as ``raw``. A receipt that arrived
    meanwhile, whatever it told, is not undone.
    """
    noted = {} if notes is None else {"raw": dict(notes)}
    told = {"delivery": delivery, "error_code": code, "error_text": detail, "next_try_at": next_try_at}
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.rank < SENT_RANK, _IN_HAND)
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


def give_back(connection: Connection, message_id: int) -> None:
    """Claimed but certainly not sent: it waits again as if it had not been claimed."""
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.delivery == written("sending"))
        .values(delivery="queued", lease_until=None, tries=MESSAGE.c.tries - 1)
    )


def keep_back(connection: Connection, message_id: int) -> None:
    """The citizen asked for silence after this was queued: kept back like everything unsent."""
    connection.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.rank < SENT_RANK, _IN_HAND)
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


def keep_receipt(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a provider's report as it came; False when exactly this one was reported before."""
    return add_once(connection, RECEIPT, row) is not None


def find_sent(connection: Connection, channel: str, external_id: str, mid: str | None) -> AnyRow | None:
    """The message a receipt is about: by the provider's id, else by ours until that is known.

    A message that leaves anew, after the window had stopped it, bears its old id until then.
    """
    leaving = or_(MESSAGE.c.external_id.is_(None), _IN_HAND)
    theirs = and_(MESSAGE.c.channel == channel, MESSAGE.c.external_id == external_id)
    about = or_(theirs, and_(MESSAGE.c.mid == mid, leaving)) if mid else theirs
    found = select(MESSAGE).where(about, MESSAGE.c.direction == written("out"))
    return connection.execute(found.order_by(case((theirs, 0), else_=1)).limit(1)).first()


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
