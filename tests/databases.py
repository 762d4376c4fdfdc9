"""Real databases for tests: SQLite files and a PostgreSQL, both copied from a template.

Making a database in PostgreSQL takes longer than most tests, so one that was lent is emptied and lent again.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.databases import started
from storage import schema
from storage.db import Database

SQLITE_FIRST = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.stress])],
    indirect=True,
)
POSTGRES_FIRST = pytest.mark.parametrize(
    "database_url",
    [
        pytest.param("sqlite", marks=pytest.mark.stress),
        pytest.param("postgresql", marks=pytest.mark.postgres),
    ],
    indirect=True,
)
"""For what takes long: the suite plays it on the one, ``make stress`` on the other."""
ON_BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
"""The parameters of a fixture that gives ``an_empty_one``."""
_numbers = count(1)
TEMPLATE = "loket_template"
_SETTINGS = ("fsync = off", "full_page_writes = off", "autovacuum = off", "max_wal_size = '4GB'")
# What no row tells: the revision, the tables and indexes, what ANALYZE has written, settings of its own.
_SHAPE = """
SELECT (SELECT max(version_num) FROM alembic_version), max(oid), count(*),
       (SELECT count(*) FROM pg_statistic JOIN pg_class AS its ON its.oid = starelid
        WHERE its.relnamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_db_role_setting)
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
_WRITTEN = """
SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
      AND pg_relation_size(oid) > 0
"""
_LEAVE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Postgres:
    """A running PostgreSQL. ``copy()`` gives the address of a fresh database with all tables, for good."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._empty: list[str] = []
        self._admin(f"CREATE DATABASE {TEMPLATE}", *(f"ALTER SYSTEM SET {one}" for one in _SETTINGS))
        self._admin("SELECT pg_reload_conf()")
        made = Database(self.url(TEMPLATE), Path(tempfile.mkdtemp()))
        schema.upgrade(made)
        made.close()
        with self._connected(TEMPLATE) as connection:
            self._shape = connection.execute(_SHAPE).fetchone()

    def url(self, name: str) -> str:
        """The address of database *name*, for SQLAlchemy."""
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def copy(self) -> str:
        """A new database made from the template."""
        return self.url(self._new())

    def bare(self) -> str:
        """A new database without tables."""
        name = f"loket_{os.getpid()}_{next(_numbers)}"
        self._admin(f"CREATE DATABASE {name}")
        return self.url(name)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database without a row, until the end of the block."""
        name = self._empty.pop() if self._empty else self._new()
        yield self.url(name)
        if self._emptied(name):
            self._empty.append(name)
        else:
            self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _new(self) -> str:
        name = f"loket_{os.getpid()}_{next(_numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def _emptied(self, name: str) -> bool:
        """Take every row out, and count from 1 again. False where more than rows was changed."""
        try:
            with self._connected(name) as connection:
                connection.execute(_LEAVE)
                if connection.execute(_SHAPE).fetchone() != self._shape:
                    return False
                written = connection.execute(_WRITTEN).fetchone()
                if written and written[0]:
                    connection.execute(f"TRUNCATE {written[0]} RESTART IDENTITY CASCADE".encode())
        except psycopg.Error:
            return False
        return True

    def _admin(self, *statements: str) -> None:
        with self._connected("postgres") as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _connected(self, name: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            self._server.get_uri(database=name), autocommit=True, options="-c lock_timeout=120s"
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """PostgreSQL from the wheel, in a folder of its own, stopped at the end."""
    folder = tempfile.mkdtemp(prefix="loket-postgres-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # without it importing warns, and a warning is an error
        server = started(Path(folder) / "data")
        try:
            yield Postgres(server)
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


class SqliteTemplate:
    """A SQLite file with all tables, copied for each test: migrating takes longer than copying."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.db"
        made = Database(f"sqlite:///{self._file}", folder)
        schema.upgrade(made)
        made.close()

    def copy(self, folder: Path) -> str:
        """A new database in *folder*."""
        shutil.copyfile(self._file, folder / "loket.db")
        return f"sqlite:///{folder / 'loket.db'}"


@contextmanager
def an_empty_one(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of an empty database with all tables, of the kind that the fixture's parameter says."""
    if request.param == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        yield template.copy(folder)
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.lent() as url:
        yield url
