"""Who is signed in, in which browsers: begun, ended, and found by the digest of what the cookie holds."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.columns import AnyRow, table
from storage.sign_in_tables import SignIn
from storage.tables import Officer

SIGN_IN = table(SignIn)
LONGEST_BROWSER = 80


def begin(connection: Connection, mark: str, officer_id: int, browser: str, now: datetime) -> None:
    """The officer is signed in where the key of *mark* is kept."""
    values = {"mark": mark, "officer_id": officer_id, "browser": browser[:LONGEST_BROWSER], "at": now}
    connection.execute(insert(SIGN_IN).values(values))


def end(connection: Connection, mark: str) -> None:
    """This sign-in is over, whoever has a copy of its cookie."""
    connection.execute(delete(SIGN_IN).where(SIGN_IN.c.mark == mark))


def end_all(connection: Connection, officer_id: int) -> None:
    """All of the officer's sign-ins are over at once."""
    connection.execute(delete(SIGN_IN).where(SIGN_IN.c.officer_id == officer_id))
    connection.execute(update(Officer).where(Officer.id == officer_id).values(sessions=Officer.sessions + 1))


def of_officer(connection: Connection, officer_id: int, since: datetime) -> list[AnyRow]:
    """Where the officer is signed in, the newest first."""
    theirs = select(SIGN_IN).where(SIGN_IN.c.officer_id == officer_id, SIGN_IN.c.at >= since)
    return list(connection.execute(theirs.order_by(SIGN_IN.c.at.desc(), SIGN_IN.c.mark)))


def lasting(connection: Connection, marks: Collection[str]) -> set[str]:
    """Those of the *marks* that nobody has ended."""
    return set(connection.execute(select(SIGN_IN.c.mark).where(SIGN_IN.c.mark.in_(marks))).scalars())


def forget(connection: Connection, before: datetime) -> None:
    """Forget those that ended with their day."""
    connection.execute(delete(SIGN_IN).where(SIGN_IN.c.at < before))
