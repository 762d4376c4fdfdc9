"""What turns that share a transaction leave to its end is written there once, in order, or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, bindparam, insert, select, update

from bot.conversation import TicketKind
from storage import later, tickets
from storage.columns import table, written
from storage.db import Database
from storage.tables import Contact
from tests.storage.test_plans import listening

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
CONTACT: Table = table(Contact)
ADD = insert(CONTACT)
RENAME = update(CONTACT).values(name=bindparam("to"))


def row(name: str) -> dict[str, Any]:
    """A contact to write."""
    return {"office": "6302", "name": name, "created_at": NOW}


def names(connection: Connection) -> list[str]:
    """Who is there."""
    return list(connection.execute(select(CONTACT.c.name).order_by(CONTACT.c.id)).scalars())


def test_alone_it_is_written_at_once(database: Database) -> None:
    with database.write() as connection:
        later.put(connection, ADD, [row("Ani"), row("Budi")])
        assert names(connection) == ["Ani", "Budi"]


def test_together_it_is_written_at_the_end_with_one_statement(database: Database) -> None:
    with database.write() as connection, listening(database.engine) as heard:
        with later.together(connection):
            for name in ("Ani", "Budi", "Citra"):
                later.put(connection, ADD, [row(name)])
            assert names(connection) == []
        assert names(connection) == ["Ani", "Budi", "Citra"]
    assert [statement.split()[0] for statement, _ in heard].count("INSERT") == 1


def test_a_turn_about_the_same_finds_what_was_left(database: Database) -> None:
    with database.write() as connection, later.together(connection):
        later.meet(connection, {"ani"})
        later.put(connection, ADD, [row("Ani")])
        later.meet(connection, {"budi"}, {"citra"})
        assert names(connection) == []
        later.meet(connection, {"dewi"}, {"ani"})
        assert names(connection) == ["Ani"]


def test_a_failure_leaves_nothing(database: Database) -> None:
    def failing() -> None:
        with database.write() as connection, later.together(connection):
            later.put(connection, ADD, [row("Ani")])
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    with database.read() as connection:
        assert names(connection) == []


def test_of_one_key_the_latest_is_written(database: Database) -> None:
    with database.write() as connection:
        later.put(connection, ADD, [row("Ani")])
        with later.together(connection):
            for name in ("Budi", "Citra"):
                later.put_latest(connection, RENAME, 1, {"to": name})
        assert names(connection) == ["Citra"]


NAMELESS = CONTACT.c.name == written("")
NAME = (
    update(CONTACT)
    .where(CONTACT.c.id.in_(bindparam("keys", expanding=True)), NAMELESS)
    .values(name=written("Ani"), created_at=bindparam("now"))
)


def name_together(database: Database, *keys: int) -> None:
    """Name the people with these ids, in a transaction that turns share."""
    with database.write() as connection, later.together(connection):
        for key in keys:
            later.change(connection, NAME, key, NOW)


def test_rows_are_changed_by_one_statement_which_tells_one_that_is_gone(database: Database) -> None:
    with database.write() as connection:
        later.put(connection, ADD, [row("")] * 6)
    with listening(database.engine) as heard:
        name_together(database, 3, 1, 3, 2)
    assert [statement.split()[0] for statement, _ in heard].count("UPDATE") == 1
    with pytest.raises(later.Missed):
        name_together(database, 4, 3)
    with database.read() as connection:
        assert connection.execute(select(CONTACT.c.id).where(NAMELESS)).scalars().all() == [4, 5, 6]


def test_what_was_asked_is_asked_once_and_what_was_counted_is_known(database: Database) -> None:
    asked: list[int] = []
    with database.write() as connection:
        for _ in range(2):
            later.once(connection, "x", lambda: asked.append(1))
        assert (len(asked), later.count(connection, "y", 3)) == (2, 0)
        with later.together(connection):
            for _ in range(2):
                later.once(connection, "x", lambda: asked.append(1))
            later.count(connection, "y", 3)
            assert (len(asked), later.count(connection, "y", 2)) == (3, 5)


def test_numbers_of_one_transaction_follow_each_other(database: Database) -> None:
    numbers: list[int] = []
    for _ in range(2):
        with database.write() as connection, later.together(connection):
            kinds = (*[TicketKind.CONSULTATION] * 3, TicketKind.COMPLAINT)
            numbers += [tickets.next_number(connection, "6302", kind, 2026) for kind in kinds]
    assert numbers == [1, 2, 3, 1, 4, 5, 6, 2]
    with database.write() as connection:
        assert tickets.next_number(connection, "6302", TicketKind.CONSULTATION, 2026) == 7
        assert tickets.next_number(connection, "6302", TicketKind.CONSULTATION, 2026) == 8


def test_what_is_written_later_may_be_amended_till_then(database: Database) -> None:
    with database.write() as connection:
        with later.together(connection):
            later.put_new(connection, ADD, row("Ani"), "ani", rank=0)
            assert later.amend(connection, "ani", name="Ani Lestari")
            later.write_now(connection)
            assert not later.amend(connection, "ani", name="Budi")
        assert not later.amend(connection, "ani", name="Citra")
        assert names(connection) == ["Ani Lestari"]
