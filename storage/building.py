"""Indexes on tables that may be large, built on PostgreSQL while other processes go on writing.

A migration runs in one transaction, and an index built there keeps everybody from writing until it is done.
So they are built before; the migration finds them there, and makes them itself where there is little to do.
"""

from sqlalchemy import Connection, text

from storage import search
from storage.db import Database

CONCURRENT = (
    *search.postgres_indexes(),
    "ix_ticket_open ON ticket (handled_by, waiting_for, waiting_since) WHERE status = 'open'",
    "ix_ticket_closed ON ticket (handled_by, closed_at, id) WHERE status = 'closed'",
    "ix_ticket_complaints ON ticket (handled_by, id) WHERE kind = 'complaint'",
    "ix_ticket_changed ON ticket (handled_by, touched_at)",
    "ix_ticket_taken_on ON ticket (handled_by, id) WHERE handled_by <> office",
)
SINCE = frozenset({"0013", "0014", "0016"})
"""The revisions that have all that these name, and not these."""
# An index whose building was broken off stays behind, is kept up, and is never used.
_BROKEN = text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


def build_ahead(database: Database) -> None:
    """Build what the next migrations add. Can be broken off and repeated. Not within a transaction."""
    with database.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("SET lock_timeout = 0"))
        for index in CONCURRENT:
            _build(alone, index)
        alone.execute(text("RESET lock_timeout"))


def _build(connection: Connection, index: str) -> None:
    name = index.split(maxsplit=1)[0]
    if connection.execute(_BROKEN, {"name": name}).first():
        connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
    connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index}")
