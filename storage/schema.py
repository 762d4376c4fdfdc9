"""Which revision the tables are at, and bringing them to the newest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage import building, catalogue_search, search
from storage.columns import Base
from storage.db import Database

PATIENCE = {"lock_timeout": "5s", "statement_timeout": "10min"}
_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x10CE7


class Busy(Exception):
    """Another process is bringing the tables to the newest revision; the text says what to do."""


def head() -> str:
    """The newest revision this program knows."""
    found = ScriptDirectory.from_config(_config(None)).get_current_head()
    if found is None:
        raise RuntimeError("no migrations found")
    return found


def knows(revision: str) -> bool:
    """Whether *revision* is one of this program's own."""
    return any(
        each.revision == revision for each in ScriptDirectory.from_config(_config(None)).walk_revisions()
    )


def steps(after: str) -> list[str]:
    """The revisions from *after* to the newest, in their order; *after* is not among them."""
    scripts = ScriptDirectory.from_config(_config(None))
    return [each.revision for each in scripts.iterate_revisions("head", after)][::-1]


def current(database: Database) -> str | None:
    """The revision of the database; None when it is empty."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables to revision *to* in one transaction; nothing changes when a step fails.

    What is large gets its new indexes before, on PostgreSQL: running processes go on writing meanwhile.
    Raises ``Busy`` where another process does the same there; on SQLite it waits for its turn.
    """
    with _alone(database):
        if to == "head" and not database.is_sqlite and current(database) in building.SINCE:
            building.build_ahead(database)
        with database.write() as connection:
            upgrade_in(connection, to)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Nobody waits for it: building an index waits for all statements, and would for that one, too."""
    if database.is_sqlite:
        yield
        return
    with database.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not alone.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})")).scalar():
            raise Busy("another process is just at it: run loket migrate again when it is done")
        try:
            yield
        finally:
            alone.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))


def upgrade_in(connection: Connection, to: str) -> None:
    """The same within the caller's transaction."""
    _patience(connection)
    command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Take the tables back to revision *to* (``base``: nothing left)."""
    with database.write() as connection:
        command.downgrade(_config(connection), to)


def differences(database: Database) -> list[Any]:
    """How the database differs from ``storage.tables``; empty when every change has its migration."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours, "compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def _patience(connection: Connection) -> None:
    """A migration must not stand in the way of running processes for long."""
    if connection.dialect.name == "postgresql":
        for name, long in PATIENCE.items():
            connection.execute(text(f"SET LOCAL {name} = '{long}'"))


def _ours(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """Whether the tables' metadata answers for it. Indexes for search are made by the modules that search."""
    if not reflected:
        return True
    made_by_search = {
        "table": search.SQLITE_TABLES | catalogue_search.SQLITE_TABLES,
        "column": {search.POSTGRES_COLUMN},
        "index": search.POSTGRES_INDEXES | {catalogue_search.POSTGRES_INDEX},
    }
    return name not in made_by_search.get(kind, ())


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    config.attributes["include_object"] = _ours
    return config
