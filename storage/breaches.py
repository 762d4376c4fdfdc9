"""Failures to protect personal data: written down, with whom they were told to and until when."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, insert, select, update

from storage.columns import AnyRow, table
from storage.privacy_tables import Breach

BREACH: Table = table(Breach)
TELL_WITHIN = timedelta(hours=72)
"""UU 27/2022 art. 46: 3 x 24 hours, to those concerned and to the authority."""
TOLD = ("people_told_at", "authority_told_at")


def add(
    connection: Connection, told: Mapping[str, str], noticed_at: datetime, officer_id: int, now: datetime
) -> int:
    """Write one down; its id."""
    row = {**told, "noticed_at": noticed_at, "due_at": noticed_at + TELL_WITHIN}
    added = insert(BREACH).values(**row, written_by=officer_id, changed_at=now).returning(BREACH.c.id)
    return int(connection.execute(added).scalar_one())


def listed(connection: Connection) -> list[AnyRow]:
    """All of them, the newest first."""
    return list(connection.execute(select(BREACH).order_by(BREACH.c.noticed_at.desc(), BREACH.c.id.desc())))


def find(connection: Connection, breach_id: int) -> AnyRow | None:
    """The one with this id."""
    return connection.execute(select(BREACH).where(BREACH.c.id == breach_id)).first()


def told(connection: Connection, breach_id: int, whom: str, now: datetime) -> bool:
    """Those concerned, or the authority, have been told; False when they were before."""
    column = BREACH.c[whom]
    fresh = (BREACH.c.id == breach_id, column.is_(None))
    done = update(BREACH).where(*fresh).values({column: now, BREACH.c.changed_at: now})
    return connection.execute(done).rowcount == 1
