"""Which revision the tables are at, and bringing them to the newest.

Alembic is loaded by who changes tables: for a start at the newest revision it would be a tenth of the time.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from storage import building, catalogue_search, search
from storage.columns import Base
from storage.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

PATIENCE = {"lock_timeout": "5s", "statement_timeout": "10min"}
_FOLDER = Path(__file__).with_name("migrations")
_FOLLOWS = re.compile(r'^revision = "(\w+)"\ndown_revision = (?:"(\w+)"|None)$', re.MULTILINE)
_AT = Table("alembic_version", MetaData(), Column("version_num", String(32)))


def head() -> str:
    """The newest revision this program knows: the one that none follows."""
    (found,) = _before().keys() - _before().values()
    return found


def knows(revision: str) -> bool:
    """Whether *revision* is one of this program's own."""
    return revision in _before()


@cache
def _before() -> dict[str, str | None]:
    """Each revision, and the one that it follows."""
    files = sorted((_FOLDER / "versions").glob("*.py"))
    return dict(_FOLLOWS.findall("\n".join(each.read_text("utf-8") for each in files)))


def steps(after: str) -> list[str]:
    """The revisions from *after* to the newest, in their order; *after* is not among them."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config(None))
    return [each.revision for each in scripts.iterate_revisions("head", after)][::-1]


def current(database: Database) -> str | None:
    """The revision of the database; None when it is empty."""
    with database.read() as connection:
        if not inspect(connection).has_table(_AT.name):
            return None
        return connection.execute(select(_AT.c.version_num)).scalar()


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables to revision *to* in one transaction; nothing changes when a step fails.

    What is large gets its new indexes before, on PostgreSQL: running processes go on writing meanwhile.
    """
    if to == "head" and not database.is_sqlite and current(database) in building.SINCE:
        building.build_ahead(database)
    with database.write() as connection:
        upgrade_in(connection, to)


def upgrade_in(connection: Connection, to: str) -> None:
    """The same within the caller's transaction."""
    from alembic import command

    _patience(connection)
    command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Take the tables back to revision *to* (``base``: nothing left)."""
    from alembic import command

    with database.write() as connection:
        command.downgrade(_config(connection), to)


def differences(database: Database) -> list[Any]:
    """How the database differs from ``storage.tables``; empty when every change has its migration."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

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


def _config(connection: Connection | None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    config.attributes["include_object"] = _ours
    return config
