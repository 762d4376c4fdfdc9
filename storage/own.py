"""What the installation itself remembers, each under its name: moments mostly."""

from datetime import datetime

from sqlalchemy import Connection, Table, select, update

from storage.columns import table
from storage.inserting import insert_into
from storage.own_tables import Installation

INSTALLATION: Table = table(Installation)


def moment(connection: Connection, name: str) -> datetime | None:
    """The moment remembered under *name*; None when there is none."""
    found = word(connection, name)
    return datetime.fromisoformat(found) if found else None


def note(connection: Connection, name: str, at: datetime) -> None:
    """Remember *at* under *name*, in the place of an earlier one."""
    put_word(connection, name, at.isoformat())


def move(connection: Connection, name: str, before: datetime | None, at: datetime) -> bool:
    """Remember *at* in the place of *before*; False where somebody else was faster."""
    if before is None:
        statement = insert_into(connection, INSTALLATION).values(key=name, value=at.isoformat())
        fresh = statement.on_conflict_do_nothing().returning(INSTALLATION.c.key)
        return connection.execute(fresh).first() is not None
    still = (INSTALLATION.c.key == name, INSTALLATION.c.value == before.isoformat())
    return connection.execute(update(INSTALLATION).where(*still).values(value=at.isoformat())).rowcount == 1


def word(connection: Connection, name: str) -> str | None:
    """What is remembered under *name*; None when nothing is."""
    found: str | None = connection.execute(
        select(INSTALLATION.c.value).where(INSTALLATION.c.key == name)
    ).scalar()
    return found


def put_word(connection: Connection, name: str, value: str) -> None:
    """Remember *value* under *name*, in the place of an earlier one."""
    statement = insert_into(connection, INSTALLATION).values(key=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
