"""Indexes for lists of very many tickets, and the words of each office apart; what no statement uses goes."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from storage.search import create_search, drop_search

revision = "0015"
down_revision = "0016"
branch_labels = None
depends_on = None

_ADDED = (
    ("ix_ticket_open", ("handled_by", "waiting_for", "waiting_since"), "status = 'open'"),
    ("ix_ticket_closed", ("handled_by", "closed_at", "id"), "status = 'closed'"),
    ("ix_ticket_complaints", ("handled_by", "id"), "kind = 'complaint'"),
    ("ix_ticket_changed", ("handled_by", "touched_at"), None),
    ("ix_ticket_taken_on", ("handled_by", "id"), "handled_by <> office"),
)


def upgrade() -> None:
    """Where the tables are large, ``storage.building`` has made the new ones already, while others write."""
    for name, columns, condition in _ADDED:
        which = sa.text(condition) if condition else None
        op.create_index(
            name, "ticket", list(columns), if_not_exists=True, sqlite_where=which, postgresql_where=which
        )
    op.drop_index("ix_ticket_list", "ticket", if_exists=True)
    op.drop_index("ix_contact_office", "contact", if_exists=True)
    if op.get_bind().dialect.name == "sqlite":
        drop_search(op.get_bind())
    else:
        _keep_no_index_of_vectors()
    create_search(op.get_bind())


def downgrade() -> None:
    """Back to one index for all lists, and one for all words."""
    drop_search(op.get_bind())
    for statement in _sqlite_before() if op.get_bind().dialect.name == "sqlite" else _postgres_before():
        op.get_bind().exec_driver_sql(statement)
    op.create_index("ix_contact_office", "contact", ["office"])
    op.create_index("ix_ticket_list", "ticket", ["handled_by", "status", "waiting_for", "waiting_since"])
    for name, _, _ in reversed(_ADDED):
        op.drop_index(name, "ticket")


_SOURCES = (("message", "body", "{}author <> 'bot'"), ("ticket", "search_text", "{}id IS NOT NULL"))


def _keep_no_index_of_vectors() -> None:
    """The column stays for processes of the version before, and goes on to be made of the text: so what
    is erased goes from there too. Their searches are slow until they end.
    """
    for name, _, _ in _SOURCES:
        op.execute(sa.text(f"DROP INDEX IF EXISTS ix_{name}_search"))


def _postgres_before() -> Iterator[str]:
    signs = r"[\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]"
    for name, source, worth in _SOURCES:
        vector = f"to_tsvector('simple', regexp_replace(left({source}, 100000), '{signs}+', ' ', 'g'))"
        made = f"GENERATED ALWAYS AS (CASE WHEN {worth.format('')} THEN {vector} END) STORED"
        yield f"ALTER TABLE {name} ADD COLUMN search tsvector {made}"
        yield f"CREATE INDEX ix_{name}_search ON {name} USING gin (search)"


def _sqlite_before() -> Iterator[str]:
    for name, source, worth in _SOURCES:
        old, new, own = (f"substr({of}.{source}, 1, 100000)" for of in ("old", "new", name))
        index = f"{name}_search"
        rows = f"SELECT id, {own} AS words FROM {name} WHERE {worth.format('')}"  # noqa: S608  # no input
        yield f"CREATE VIEW {name}_words AS {rows}"
        options = f"content='{name}_words', content_rowid='id', tokenize='unicode61 remove_diacritics 2'"
        yield f"CREATE VIRTUAL TABLE {index} USING fts5(words, {options})"
        yield f"INSERT INTO {index}({index}) VALUES('rebuild')"
        insert = f"INSERT INTO {index}(rowid, words) VALUES (new.id, {new})"  # noqa: S608  # the same
        remove = f"INSERT INTO {index}({index}, rowid, words) VALUES ('delete', old.id, {old})"  # noqa: S608  # the same
        once, gone = f"WHEN {worth.format('new.')}", f"WHEN {worth.format('old.')}"
        yield f"CREATE TRIGGER {index}_insert AFTER INSERT ON {name} {once} BEGIN {insert}; END"
        yield f"CREATE TRIGGER {index}_delete AFTER DELETE ON {name} {gone} BEGIN {remove}; END"
        replace = f"{remove}; {insert}"
        yield f"CREATE TRIGGER {index}_update AFTER UPDATE OF {source} ON {name} {once} BEGIN {replace}; END"
