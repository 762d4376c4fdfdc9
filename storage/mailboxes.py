"""Mailboxes: how far each was read, who reads it now, and whether that works."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Table, case, func, or_, select, update

from storage.columns import AnyRow, table
from storage.inserting import insert_into
from storage.mail_tables import Mailbox

MAILBOX: Table = table(Mailbox)
LEASE = timedelta(seconds=90)


class Cursor(NamedTuple):
    """How far a mailbox was read: UIDs up to ``last_uid`` of this ``uidvalidity`` (None: never)."""

    uidvalidity: int | None
    last_uid: int


def add(connection: Connection, name: str) -> None:
    """Let the mailbox have its row, if it has none yet."""
    connection.execute(insert_into(connection, MAILBOX).values(name=name).on_conflict_do_nothing())


def find(connection: Connection, name: str) -> AnyRow | None:
    """The whole row; None for a mailbox that was never opened."""
    return connection.execute(select(MAILBOX).where(MAILBOX.c.name == name)).first()


def cursor(connection: Connection, name: str) -> Cursor:
    """How far it was read."""
    columns = select(MAILBOX.c.uidvalidity, MAILBOX.c.last_uid)
    row = connection.execute(columns.where(MAILBOX.c.name == name)).first()
    return Cursor(row.uidvalidity, row.last_uid) if row else Cursor(None, 0)


def advance(connection: Connection, name: str, uidvalidity: int, last_uid: int) -> None:
    """Everything up to *last_uid* is kept. Within one *uidvalidity* a cursor never goes back."""
    further = case(
        (MAILBOX.c.uidvalidity != uidvalidity, last_uid),
        (MAILBOX.c.last_uid > last_uid, MAILBOX.c.last_uid),
        else_=last_uid,
    )
    new = insert_into(connection, MAILBOX).values(name=name, uidvalidity=uidvalidity, last_uid=last_uid)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["name"], set_={"uidvalidity": uidvalidity, "last_uid": further}
        )
    )


def begin(connection: Connection, name: str, now: datetime) -> None:
    """From now on its mails are the desk's; what lay there before is other people's work."""
    connection.execute(update(MAILBOX).where(MAILBOX.c.name == name).values(began_at=now))


def began_at(connection: Connection, name: str) -> datetime | None:
    """Since when its mails are the desk's; None for all of them."""
    return connection.execute(select(MAILBOX.c.began_at).where(MAILBOX.c.name == name)).scalar()


def take(connection: Connection, name: str, owner: str, now: datetime) -> bool:
    """Take or renew the lease for 90 seconds; False while another *owner* holds it."""
    add(connection, name)
    free = or_(MAILBOX.c.lease_owner.in_(("", owner)), MAILBOX.c.lease_until < now)
    done = connection.execute(
        update(MAILBOX).where(MAILBOX.c.name == name, free).values(lease_owner=owner, lease_until=now + LEASE)
    )
    return done.rowcount == 1


def release(connection: Connection, name: str, owner: str) -> None:
    """Give the lease back, so that another process need not wait for its end."""
    connection.execute(
        update(MAILBOX)
        .where(MAILBOX.c.name == name, MAILBOX.c.lease_owner == owner)
        .values(lease_owner="", lease_until=None)
    )


def polled(connection: Connection, name: str, now: datetime) -> bool:
    """It was just read to its end; whether it had been failing until now."""
    add(connection, name)
    recovered = connection.execute(
        update(MAILBOX)
        .where(MAILBOX.c.name == name, MAILBOX.c.failing_since.is_not(None))
        .values(failing_since=None, failures=0, error="")
    )
    connection.execute(update(MAILBOX).where(MAILBOX.c.name == name).values(polled_at=now))
    return recovered.rowcount == 1


class Failing(NamedTuple):
    """How long a mailbox could not be read, and how many times it was tried."""

    since: datetime
    times: int


def failing(connection: Connection, name: str, error: str, now: datetime) -> Failing:
    """It could not be read; *error* says why in words without a citizen's. Until it is ``polled`` again."""
    add(connection, name)
    statement = (
        update(MAILBOX)
        .where(MAILBOX.c.name == name)
        .values(
            failing_since=func.coalesce(MAILBOX.c.failing_since, now),
            failures=MAILBOX.c.failures + 1,
            error=error[:255],
        )
        .returning(MAILBOX.c.failing_since, MAILBOX.c.failures)
    )
    return Failing(*connection.execute(statement).one())


def health(connection: Connection) -> list[AnyRow]:
    """All mailboxes by name: polled_at, failing_since, failures, error, probe_sent_at, probe_seen_at."""
    names = ("name", "polled_at", "failing_since", "failures", "error", "probe_sent_at", "probe_seen_at")
    statement = select(*(MAILBOX.c[name] for name in names)).order_by(MAILBOX.c.name)
    return list(connection.execute(statement))


def refresh_token(connection: Connection, name: str) -> str:
    """The refresh token as it was kept (encrypted by the caller); empty when there is none."""
    statement = select(MAILBOX.c.refresh_token).where(MAILBOX.c.name == name)
    return connection.execute(statement).scalar() or ""


def keep_refresh_token(connection: Connection, name: str, token: str) -> None:
    """Keep the (encrypted) refresh token in place of the one before."""
    add(connection, name)
    connection.execute(update(MAILBOX).where(MAILBOX.c.name == name).values(refresh_token=token))


def probe_left(connection: Connection, name: str, word: str, now: datetime) -> None:
    """A mail to ourselves with this *word* is on its way; it replaces the probe before."""
    add(connection, name)
    sent = {"probe": word, "probe_sent_at": now, "probe_seen_at": None}
    connection.execute(update(MAILBOX).where(MAILBOX.c.name == name).values(**sent))


def probe_returned(connection: Connection, name: str, word: str, now: datetime) -> bool:
    """The probe with this *word* came back; False for any other, and for one that came back before."""
    awaited = (MAILBOX.c.name == name, MAILBOX.c.probe == word, MAILBOX.c.probe_seen_at.is_(None))
    done = connection.execute(update(MAILBOX).where(*awaited).values(probe_seen_at=now))
    return done.rowcount == 1
