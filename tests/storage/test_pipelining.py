"""Statements that go in one piece: all or none is there, and what fails is named as it would be alone."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from storage import db
from storage.columns import table
from storage.db import Database
from storage.pipelining import in_one_piece, rows_changed
from storage.tables import Contact
from tests.databases import Postgres

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
CONTACT: Table = table(Contact)


def write(connection: Connection, keys: Sequence[int]) -> None:
    """Contacts with these keys, each by a statement of its own, in one piece."""
    with in_one_piece(connection):
        for key in keys:
            connection.execute(insert(CONTACT), {"id": key, "office": "6302", "created_at": NOW})


def write_by_itself(database: Database, keys: Sequence[int]) -> None:
    """The same in a transaction."""
    with database.write() as connection:
        write(connection, keys)


def how_many(database: Database) -> int:
    """Contacts that are kept."""
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(CONTACT)).scalar_one())


def test_all_are_written(database: Database) -> None:
    with database.write() as connection:
        write(connection, (1, 2, 3))
        assert connection.execute(select(CONTACT.c.id).order_by(CONTACT.c.id)).scalars().all() == [1, 2, 3]
    assert how_many(database) == 3


def test_how_many_rows_were_changed_is_known_afterwards(database: Database) -> None:
    write_by_itself(database, (1, 2, 3))
    with database.write() as connection:
        with in_one_piece(connection):
            made = [
                connection.execute(update(CONTACT).where(CONTACT.c.id <= most).values(name="Ani"))
                for most in (2, 0, 3)
            ]
        assert [rows_changed(each) for each in made] == [2, 0, 3]


@pytest.mark.parametrize("keys", [(1, 1), (1, 1, 2), (2, 1, 1)])
def test_one_that_fails_is_named_and_leaves_nothing(database: Database, keys: tuple[int, ...]) -> None:
    with pytest.raises(IntegrityError) as caught:
        write_by_itself(database, keys)
    assert not db.passes(caught.value)
    assert how_many(database) == 0
    write_by_itself(database, (1, 2))  # the connection goes on to serve
    assert how_many(database) == 2


def test_a_turn_may_go_on_where_the_piece_was_set_apart(database: Database) -> None:
    with database.write() as connection:
        with pytest.raises(IntegrityError), connection.begin_nested():
            write(connection, (1, 1))
        write(connection, (5, 6))
    assert how_many(database) == 2


@pytest.mark.postgres
def test_a_connection_that_ends_meanwhile_is_given_up(postgres: Postgres, tmp_path: Path) -> None:
    with closing(Database(postgres.copy(), tmp_path)) as database:
        with pytest.raises(OperationalError) as caught:
            write_while_it_ends(database)
        assert db.passes(caught.value)
        write_by_itself(database, (1, 2))
        assert how_many(database) == 2


def write_while_it_ends(database: Database) -> None:
    """The server ends the connection between two statements."""
    with database.write() as connection:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.write() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": mine})
        write(connection, (1, 2))
