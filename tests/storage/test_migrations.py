"""The tables grow by migrations only; an old file is copied first, a newer one is left alone."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text

from handlers import databases
from handlers.databases import SchemaOld
from storage import schema
from storage.columns import table
from storage.db import Database
from storage.privacy_tables import Breach
from storage.tables import Installation
from tests.databases import Postgres
from tests.storage.seeding import Thread

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
FACT = table(Installation)
OFFICER = """
INSERT INTO officer (email, name, password_hash, administrator, language, sessions, created_at)
VALUES ('a@b.id', 'A', 'x', 0, 'id', 1, '2026-07-06')
"""


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def pretend(database: Database, revision: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    assert schema.current(database) == schema.head()
    assert schema.differences(database) == []


def test_a_column_without_its_migration_is_noticed(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE rating DROP COLUMN comment"))
    assert schema.differences(database) != []


def test_down_to_nothing_and_up_again(database: Database) -> None:
    before = tables(database)
    schema.downgrade(database, "base")
    assert tables(database) == set()
    schema.upgrade(database)
    assert tables(database) == before
    assert schema.differences(database) == []


def test_each_step_can_be_taken_back(database: Database) -> None:
    for revision in ("0002", "0001", "0002", "0003", "0004", "0005"):
        at = schema.current(database) or ""
        if revision < at:
            schema.downgrade(database, revision)
        else:
            schema.upgrade(database, revision)
        assert schema.current(database) == revision
    schema.upgrade(database)
    assert schema.differences(database) == []


def test_complaints_of_before_stand_in_the_register(database: Database) -> None:
    with database.write() as connection:
        thread = Thread(connection, "7411", "lama")
        told, over = thread.ticket(kind="complaint"), thread.ticket(kind="complaint", status="closed")
        thread.ticket()
    schema.downgrade(database, "0005")
    schema.upgrade(database)
    with database.read() as connection:
        rows = connection.execute(text("SELECT ticket_id, tells_at FROM complaint ORDER BY ticket_id")).all()
    assert [(row.ticket_id, row.tells_at is None) for row in rows] == [(told, False), (over, True)]


def test_a_long_account_of_a_failure_survives_the_step_back(database: Database) -> None:
    told = {"noticed_at": NOW, "due_at": NOW, "changed_at": NOW, "what": "laptop", "happened": "x" * 4000}
    with database.write() as connection:
        connection.execute(insert(table(Breach)).values(**told))
    for revision in ("0015", "0017"):
        (schema.downgrade if revision == "0015" else schema.upgrade)(database, revision)
    with database.read() as connection:
        kept = connection.execute(select(table(Breach).c.happened)).scalar_one()
    assert len(kept) == (4000 if database.is_sqlite else 255)


def test_a_failing_step_changes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage import search

    def broken(*_: object) -> None:
        raise RuntimeError

    schema.downgrade(database, "0001")
    before = tables(database)
    with monkeypatch.context() as patch:
        for name in [each for each in dir(search) if each.startswith(("create", "install", "make", "build"))]:
            patch.setattr(search, name, broken)
        with pytest.raises(RuntimeError):
            schema.upgrade(database)
    assert (schema.current(database), tables(database)) == ("0001", before)


def test_an_old_file_is_copied_and_brought_up_to_date(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'loket.db'}", tmp_path / "data")
    schema.upgrade(database, "0001")
    with database.write() as connection:
        connection.execute(text(OFFICER))
    databases.make_ready(database, NOW)
    assert schema.current(database) == schema.head()
    (copy,) = (tmp_path / "data" / "backups").glob("*.db")
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert old.execute("SELECT email FROM officer").fetchall() == [("a@b.id",)]
    databases.make_ready(database, NOW)
    assert len(list((tmp_path / "data" / "backups").iterdir())) == 1
    database.close()


def test_a_new_file_needs_no_copy(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'loket.db'}", tmp_path / "data")
    databases.make_ready(database, NOW)
    assert schema.differences(database) == []
    assert not (tmp_path / "data" / "backups").exists()
    database.close()


@pytest.mark.postgres
def test_an_old_postgresql_is_refused_with_the_way_out(postgres: Postgres, tmp_path: Path) -> None:
    database = Database(postgres.copy(), tmp_path / "data")
    schema.downgrade(database, "0002")
    with pytest.raises(SchemaOld, match=r"0002.*run loket migrate"):
        databases.make_ready(database, NOW)
    assert schema.current(database) == "0002"
    database.close()


def test_a_newer_database_is_left_alone_and_says_so(database: Database) -> None:
    """After a step back to an older program: nothing it could run would help, but the newer program."""
    pretend(database, "9999")
    for act in (databases.make_ready, databases.migrate):
        with pytest.raises(SchemaOld, match=r"9999.*newer") as caught:
            act(database, NOW)
        assert "loket migrate" not in str(caught.value)
    assert schema.current(database) == "9999"
    assert not (database.data_dir / "backups").exists()


def test_a_demo_is_known_as_one(database: Database) -> None:
    assert not databases.is_demo(database)
    databases.mark_as_demo(database)
    databases.mark_as_demo(database)
    assert databases.is_demo(database)
    with database.write() as connection:
        connection.execute(insert(FACT).values(key="other", value="yes"))
    with database.read() as connection:
        assert len(connection.execute(select(FACT)).all()) == 2
