"""One writer at a time, also between processes; a transaction is kept whole or not at all."""

import fcntl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.exc import OperationalError, PendingRollbackError

from handlers import databases
from storage.columns import table
from storage.db import LOCK_NAME, Database
from storage.tables import Installation
from tests.databases import Postgres, SqliteTemplate

FACT = table(Installation)

OTHER_PROCESS = """
import sys
from pathlib import Path
from sqlalchemy import insert
from storage.columns import table
from storage.db import Database
from storage import db
from storage.tables import Installation

db.SECONDS_TO_WAIT = 120
database = Database(sys.argv[1], Path(sys.argv[2]))
print("ready", flush=True)
with database.write() as connection:
    connection.execute(insert(table(Installation)).values(key="other", value="x"))
print("written", flush=True)
"""


def put(database: Database, key: str) -> None:
    with database.write() as connection:
        connection.execute(insert(FACT).values(key=key, value="x"))


def keys(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(FACT.c.key)).scalars())


def interrupted(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(FACT).values(key="half", value="x"))
        raise KeyboardInterrupt


def test_an_exception_undoes_everything(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(database)
    assert keys(database) == set()
    put(database, "whole")
    assert keys(database) == {"whole"}


def test_readers_see_nothing_unfinished_and_wait_for_nobody(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(FACT).values(key="later", value="x"))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(keys, database).result(60) == set()
    assert keys(database) == {"later"}


def test_many_threads_write_one_after_the_other(database: Database) -> None:
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: put(database, f"k{number}"), range(60)))
    assert len(keys(database)) == 60


def test_a_second_process_waits_and_is_not_refused(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """It writes as soon as the first is done, and not before."""
    url = sqlite_template.copy(tmp_path)
    database = Database(url, tmp_path / "data")
    arguments = [sys.executable, "-c", OTHER_PROCESS, url, str(tmp_path / "data")]
    with database.write() as connection:
        other = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        connection.execute(insert(FACT).values(key="first", value="x"))
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.7)
        with (tmp_path / "data" / LOCK_NAME).open("ab") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert other.stdout.readline() == "written\n"
    assert other.wait(60) == 0
    other.stdout.close()
    assert keys(database) == {"first", "other"}
    database.close()


def test_a_failed_beginning_gives_the_turn_back(
    sqlite_template: SqliteTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_template.copy(tmp_path), tmp_path / "data")
    with monkeypatch.context() as patch:
        patch.setattr("storage.db._BEGIN", "BEGIN NOTHING")
        with pytest.raises(OperationalError), database.write():
            pass
    writing = threading.Thread(target=put, args=(database, "again"), daemon=True)
    writing.start()
    writing.join(60)
    assert not writing.is_alive()
    assert (tmp_path / "data" / LOCK_NAME).exists()
    database.close()


@pytest.mark.usefixtures("flushing")
def test_the_file_is_kept_as_promised(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    database = Database(sqlite_template.copy(tmp_path), tmp_path / "data")
    with database.read() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert told == ["wal", 2, 1]
    database.close()


@pytest.mark.usefixtures("flushing")
def test_every_transaction_that_writes_is_flushed(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """On every connection, also on those made after others were lost."""
    database, told = Database(sqlite_template.copy(tmp_path), tmp_path / "data"), {}

    def look(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            used = connection.connection.dbapi_connection
            assert used is not None
            told[id(used)] = used.cursor().execute("PRAGMA synchronous").fetchone()

    event.listen(database.engine, "before_cursor_execute", look)
    for number in range(3):
        put(database, f"before {number}")
        with pytest.raises(PendingRollbackError):
            lose(database)
        put(database, f"after {number}")
    database.close()
    assert set(told.values()) == {(2,)}, "FULL"
    assert len(told) > 1


def test_what_an_ended_writer_left_open_is_undone(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    with closing(Database(sqlite_template.copy(tmp_path), tmp_path / "data")) as database:
        put(database, "before")
        left = database._writing_connection()
        left.begin()
        left.exec_driver_sql("BEGIN IMMEDIATE")
        left.execute(insert(FACT).values(key="half", value="x"))
        put(database, "after")
        assert keys(database) == {"before", "after"}


def lose(database: Database) -> None:
    """The connection is lost within a transaction."""
    with database.write() as connection:
        connection.invalidate()


def end_connections(url: str, folder: Path) -> None:
    """As a restart of the server does."""
    other = Database(url, folder / "other")
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with other.read() as connection:
        connection.execute(text(ending + " AND datname = current_database()"))
    other.close()


@pytest.mark.postgres
def test_a_rested_connection_is_tried_before_it_is_used(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ended it meanwhile: nobody notices."""
    database = Database(postgres.copy(), tmp_path)
    put(database, "before")
    end_connections(database.url, tmp_path)
    monkeypatch.setattr("storage.db.RESTED_SECONDS", -1.0)
    put(database, "after")
    assert keys(database) == {"before", "after"}
    database.close()


@pytest.mark.postgres
def test_postgres_compiles_no_statement(postgres: Postgres, tmp_path: Path) -> None:
    database = Database(postgres.bare(), tmp_path)
    with database.read() as connection:
        assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
    database.close()


@pytest.mark.postgres
def test_a_connection_lost_a_moment_ago_fails_once(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the pool has dropped it, and all is well."""
    monkeypatch.setattr("storage.db.RESTED_SECONDS", 600.0)
    database = Database(postgres.copy(), tmp_path)
    put(database, "before")
    end_connections(database.url, tmp_path)
    with pytest.raises(OperationalError):
        put(database, "lost")
    put(database, "after")
    assert keys(database) == {"before", "after"}
    database.close()


def test_its_files_are_for_their_owner_only(tmp_path: Path) -> None:
    whole = Database(f"sqlite:///{tmp_path / 'var' / 'loket.db'}", tmp_path / "var")
    with whole.write() as connection:
        connection.execute(text("CREATE TABLE letter (words TEXT)"))
    copy = databases.back_up(whole, datetime(2026, 7, 6, tzinfo=UTC))
    kept = [tmp_path / "var", *(tmp_path / "var").glob("*"), copy]
    assert len(kept) == 7
    assert [each.name for each in kept if each.stat().st_mode & 0o077] == []
    whole.close()
