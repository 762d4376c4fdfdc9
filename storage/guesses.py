"""Wrong passwords and codes, counted for all processes at once: by where they came from, and for whom."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from storage.columns import table
from storage.sign_in_tables import Guess

GUESS = table(Guess)


def note(connection: Connection, place: str, account: str, now: datetime) -> None:
    """One more wrong guess."""
    connection.execute(insert(GUESS).values(at=now, place=place[:64], account=account))


def count(
    connection: Connection, since: datetime, *, place: str | None = None, account: str | None = None
) -> tuple[int, datetime | None]:
    """How many since then, from this place, for this account, or both; and the moment of the first."""
    wanted: list[ColumnElement[bool]] = [GUESS.c.at > since]
    if place is not None:
        wanted.append(GUESS.c.place == place[:64])
    if account is not None:
        wanted.append(GUESS.c.account == account)
    row = connection.execute(
        select(func.count().label("times"), func.min(GUESS.c.at).label("first")).where(*wanted)
    ).one()
    return int(row.times), row.first


def forget(connection: Connection, before: datetime) -> None:
    """Forget those that no longer count."""
    connection.execute(delete(GUESS).where(GUESS.c.at < before))
