"""How far a provider's log was compared with the desk, and what stands there that the desk did not know."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, or_, select, update

from storage import forgotten
from storage.columns import AnyRow, table, written
from storage.inserting import add_once, insert_into
from storage.outbox import CONVERSATION, MESSAGE
from storage.provider_tables import Finding, ReceiptRow, Reconciliation
from storage.tables import Address

LOG: Table = table(Reconciliation)
FINDING: Table = table(Finding)
RECEIPT: Table = table(ReceiptRow)
ADDRESS: Table = table(Address)
LEASE = timedelta(minutes=10)
MOST = 100
MOST_AT_ONCE = 500


def take(connection: Connection, account: str, owner: str, now: datetime) -> AnyRow | None:
    """Take or renew the lease on this account's log; None while another *owner* holds it."""
    connection.execute(insert_into(connection, LOG).values(account=account).on_conflict_do_nothing())
    free = or_(LOG.c.lease_owner.in_(("", owner)), LOG.c.lease_until < now)
    done = connection.execute(
        update(LOG).where(LOG.c.account == account, free).values(lease_owner=owner, lease_until=now + LEASE)
    )
    return find(connection, account) if done.rowcount == 1 else None


def release(connection: Connection, account: str, owner: str) -> None:
    """Give the lease back."""
    mine = (LOG.c.account == account, LOG.c.lease_owner == owner)
    connection.execute(update(LOG).where(*mine).values(lease_owner="", lease_until=None))


def find(connection: Connection, account: str) -> AnyRow | None:
    """How far this account's log was read; None for one that was never looked at."""
    return connection.execute(select(LOG).where(LOG.c.account == account)).first()


def all_of_them(connection: Connection) -> list[AnyRow]:
    """Every account's state, by its name."""
    return list(connection.execute(select(LOG).order_by(LOG.c.account)))


def begin(connection: Connection, account: str, now: datetime) -> None:
    """From now on what stands in the log is the desk's."""
    connection.execute(
        update(LOG).where(LOG.c.account == account).values(began_at=now, read_up_to=now, ran_at=now)
    )


def advance(connection: Connection, account: str, up_to: datetime) -> None:
    """Everything sent before *up_to* is accounted for. It never goes back."""
    behind = or_(LOG.c.read_up_to.is_(None), LOG.c.read_up_to < up_to)
    connection.execute(update(LOG).where(LOG.c.account == account, behind).values(read_up_to=up_to))


def ran(connection: Connection, account: str, counts: Mapping[str, int], now: datetime) -> None:
    """A run came to its end: what it saw, imported and marked."""
    done = {"ran_at": now, "failing_since": None, "error": ""}
    connection.execute(update(LOG).where(LOG.c.account == account).values(**done, **counts))


def failing(connection: Connection, account: str, error: str, now: datetime) -> None:
    """The log could not be read; until a run comes to its end."""
    since = func.coalesce(LOG.c.failing_since, now)
    connection.execute(
        update(LOG).where(LOG.c.account == account).values(failing_since=since, error=error[:255])
    )


def known_inbound(connection: Connection, channel: str, account: str, ids: Sequence[str]) -> set[str]:
    """Which of these messages of citizens the desk has, or had until their person was erased."""
    statement = select(MESSAGE.c.external_id).where(
        MESSAGE.c.channel == channel,
        MESSAGE.c.account == account,
        MESSAGE.c.external_id.in_(bindparam("some", expanding=True)),
    )
    known = {
        row.external_id for some in _pieces(ids) for row in connection.execute(statement, {"some": some})
    }
    marks = {forgotten.of_message(channel, account, each): each for each in ids}
    return known | {marks[mark] for mark in forgotten.among(connection, list(marks))}


def known_outbound(connection: Connection, channel: str, ids: Sequence[str]) -> dict[str, int]:
    """Which of these messages of ours the desk knows, with their ranks.

    A failed attempt has -1, and one that was erased with its person.
    """
    ranks = select(MESSAGE.c.external_id, MESSAGE.c.rank).where(
        MESSAGE.c.channel == channel,
        MESSAGE.c.account == "",
        MESSAGE.c.external_id.in_(bindparam("some", expanding=True)),
    )
    reported = select(RECEIPT.c.external_id).where(
        RECEIPT.c.channel == channel,
        RECEIPT.c.external_id.in_(bindparam("some", expanding=True)),
        RECEIPT.c.matched.is_(True),
    )
    marks = {forgotten.of_report(channel, each): each for each in ids}
    found = {marks[mark]: -1 for mark in forgotten.among(connection, list(marks))}
    for some in _pieces(ids):
        found |= {row.external_id: -1 for row in connection.execute(reported, {"some": some})}
        found |= {row.external_id: row.rank for row in connection.execute(ranks, {"some": some})}
    return found


def _pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + MOST_AT_ONCE] for start in range(0, len(ids), MOST_AT_ONCE))


def same_words(
    connection: Connection, office: str, channel: str, address: str, text: str, before: datetime
) -> int | None:
    """A message of the desk to this person that says the same; None when there is none."""
    statement = (
        select(MESSAGE.c.id)
        .join(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation_id)
        .join(ADDRESS, ADDRESS.c.id == CONVERSATION.c.address_id)
        .where(
            ADDRESS.c.office == office,
            ADDRESS.c.kind == channel,
            ADDRESS.c.value == address,
            MESSAGE.c.direction == written("out"),
            MESSAGE.c.body == text,
            MESSAGE.c.at <= before,
        )
        .order_by(MESSAGE.c.id.desc())
        .limit(1)
    )
    found = connection.execute(statement).scalar()
    return int(found) if found is not None else None


def mark_twice(connection: Connection, message_id: int) -> None:
    """The citizen got it twice."""
    unknown = (MESSAGE.c.id == message_id, MESSAGE.c.doubts == 0)
    connection.execute(update(MESSAGE).where(*unknown).values(doubts=1))


def keep_finding(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Something left from our number that the desk does not know; False when that was found before."""
    return add_once(connection, FINDING, row) is not None


def settle_findings(
    connection: Connection, ids: Collection[str], officer_id: int | None, now: datetime
) -> int:
    """What was found is known by now, or somebody has seen it; how many there were."""
    statement = (
        update(FINDING)
        .where(FINDING.c.settled_at.is_(None), FINDING.c.external_id.in_(ids))
        .values(settled_at=now, settled_by=officer_id)
    )
    return int(connection.execute(statement).rowcount)


def open_findings(connection: Connection) -> list[AnyRow]:
    """What was found and nobody has settled, oldest first."""
    statement = select(FINDING).where(FINDING.c.settled_at.is_(None)).order_by(FINDING.c.id).limit(MOST)
    return list(connection.execute(statement))
