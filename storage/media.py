"""Fetching what came with citizens' messages: due files, claimed under a lease, and what became of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select, update

from storage.columns import AnyRow, table, written
from storage.inserting import insert_into
from storage.media_tables import Media
from storage.tables import Message

MEDIA: Table = table(Media)
MESSAGE: Table = table(Message)
LEASE = timedelta(minutes=3)
LONGEST_REF = 64

_DUE = MEDIA.c.next_try_at.is_not(None)
_TO_FETCH = MEDIA.c.state == written("pending")


def expect(
    connection: Connection, office: str, message_id: int, files: Iterable[tuple[str, str]], now: datetime
) -> None:
    """Files of a new message are to be fetched: where each is, and what it is said to be."""
    common = {"office": office, "message_id": message_id, "at": now, "next_try_at": now}
    rows = [{**common, "url": url, "ref": _ref(url), "said_type": kind} for url, kind in files]
    if rows:
        connection.execute(insert_into(connection, MEDIA).on_conflict_do_nothing(), rows)


def _ref(url: str) -> str:
    """What the provider calls it: the end of its address."""
    return url.rstrip("/").rpartition("/")[2][-LONGEST_REF:]


def claim(connection: Connection, now: datetime, limit: int) -> list[AnyRow]:
    """Take files with something to do, fetching first, each with the account and id of its message.

    Nobody else has them until their lease ends; a worker that died leaves them to the next.
    """
    free = or_(MEDIA.c.lease_until.is_(None), MEDIA.c.lease_until <= now)
    due = (
        select(MEDIA.c.id)
        .where(_DUE, MEDIA.c.next_try_at <= now, free)
        .order_by(MEDIA.c.next_try_at, MEDIA.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(MEDIA)
        .where(MEDIA.c.id.in_(due), free)
        .values(lease_until=now + LEASE, tries=MEDIA.c.tries + 1)
        .returning(MEDIA.c.id)
    )
    ids = [row.id for row in connection.execute(taken)]
    whole = (
        select(MEDIA, MESSAGE.c.channel, MESSAGE.c.account, MESSAGE.c.external_id)
        .join(MESSAGE, MESSAGE.c.id == MEDIA.c.message_id)
        .where(MEDIA.c.id.in_(ids))
        .order_by(MEDIA.c.id)
    )
    return list(connection.execute(whole)) if ids else []


def fetched(
    connection: Connection, media_id: int, facts: Mapping[str, Any], now: datetime, forget_at: datetime | None
) -> bool:
    """The file is here; *facts* say what it is. *forget_at*: when the provider is to be asked to forget it.

    False when another worker was first.
    """
    done = connection.execute(
        update(MEDIA)
        .where(MEDIA.c.id == media_id, _TO_FETCH)
        .values(**facts, fetched_at=now, tries=0, next_try_at=forget_at, lease_until=None)
    )
    return done.rowcount == 1


def put_off(connection: Connection, media_id: int, reason: str, next_try_at: datetime | None) -> bool:
    """It is not here, and why; without a next try it has failed. False when another worker was better."""
    state = {} if next_try_at else {"state": "failed"}
    done = connection.execute(
        update(MEDIA)
        .where(MEDIA.c.id == media_id, _TO_FETCH)
        .values(reason=reason, next_try_at=next_try_at, lease_until=None, **state)
    )
    return done.rowcount == 1


def forgotten(
    connection: Connection, media_id: int, now: datetime | None, next_try_at: datetime | None
) -> None:
    """The provider has forgotten the file (*now*), or is to be asked again, or never (both None)."""
    connection.execute(
        update(MEDIA)
        .where(MEDIA.c.id == media_id, ~_TO_FETCH)
        .values(deleted_at=now, next_try_at=next_try_at, lease_until=None)
    )


def retry(connection: Connection, media_id: int, now: datetime) -> bool:
    """An officer wants it tried again, now; False when it is here, or just being tried."""
    failed = or_(MEDIA.c.state == written("failed"), and_(_TO_FETCH, MEDIA.c.lease_until.is_(None)))
    done = connection.execute(
        update(MEDIA)
        .where(MEDIA.c.id == media_id, failed)
        .values(state="pending", reason="", tries=0, next_try_at=now)
    )
    return done.rowcount == 1


def ticket_of(connection: Connection, media_id: int) -> int | None:
    """The ticket on which the file's message stands at this moment."""
    found = select(MESSAGE.c.ticket_id).join(MEDIA, MEDIA.c.message_id == MESSAGE.c.id)
    return connection.execute(found.where(MEDIA.c.id == media_id)).scalar()
