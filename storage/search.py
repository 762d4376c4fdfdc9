"""Full-text search over messages and tickets: FTS5 on SQLite, ``tsvector`` on PostgreSQL. Never LIKE.

Only the first 100,000 characters of a text are indexed: PostgreSQL refuses longer vectors, and a
citizen's message must never be refused for its length.
"""

import re
from collections.abc import Iterator

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    column,
    or_,
    select,
    table,
    text,
)

from storage.tables import Message, Ticket

INDEXED_CHARACTERS = 100_000
MOST_WORDS = 8
# What Alembic's autogenerate meets in the database and must not take for something to remove.
SQLITE_TABLES = frozenset(
    f"{name}_search{part}"
    for name in ("message", "ticket")
    for part in ("", "_data", "_idx", "_docsize", "_config")
)
POSTGRES_COLUMN = "search"
POSTGRES_INDEXES = frozenset({"ix_message_search", "ix_ticket_search"})

# What people wrote, and what a ticket is called. The bot says the same to everybody: it would only be noise.
_SOURCES = (("message", "body", "{}author <> 'bot'"), ("ticket", "search_text", "{}id IS NOT NULL"))
# ASCII only and by number, so that it means the same under every collation.
_PUNCTUATION = r"[\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]"
_WORD = re.compile(r"[^\W_]+")
_NUMBER_LENGTH = 5


def create_search(connection: Connection) -> None:
    """Build the index over what is stored already, and keep it up from now on."""
    _run(connection, _sqlite_creation() if connection.dialect.name == "sqlite" else _postgres_creation())


def drop_search(connection: Connection) -> None:
    """Take the index away; the texts stay."""
    _run(connection, _sqlite_removal() if connection.dialect.name == "sqlite" else _postgres_removal())


def words_in(query: str) -> tuple[str, ...]:
    """The words that are looked for: letters and digits only, so that no operator of a database is left."""
    return tuple(dict.fromkeys(_WORD.findall(query.casefold())))[:MOST_WORDS]


def matching(connection: Connection, query: str) -> ColumnElement[bool] | None:
    """True for tickets in which every word of *query* begins a word somewhere; None when there is no word.

    Restricts nothing else: the caller confines it to an office.
    """
    words = words_in(query)
    if not words:
        return None
    has = _sqlite_has if connection.dialect.name == "sqlite" else _postgres_has
    return and_(*(has(word, number) for number, word in enumerate(words)))


def _spellings(word: str) -> tuple[str, ...]:
    # "12" shall find ABC-2026-00012 too.
    if word.isascii() and word.isdigit() and len(word) < _NUMBER_LENGTH:
        return (word, word.zfill(_NUMBER_LENGTH))
    return (word,)


def _sqlite_has(word: str, number: int) -> ColumnElement[bool]:
    wanted = " OR ".join(f'"{spelling}"*' for spelling in _spellings(word))
    term: BindParameter[str] = bindparam(f"word_{number}", wanted)
    message, ticket = (table(f"{name}_search", column("rowid")) for name, _, _ in _SOURCES)
    in_messages = select(message.c.rowid).where(text(f"message_search MATCH :word_{number}").bindparams(term))
    in_tickets = select(ticket.c.rowid).where(text(f"ticket_search MATCH :word_{number}").bindparams(term))
    said = select(Message.ticket_id).where(Message.id.in_(in_messages), Message.ticket_id.is_not(None))
    return or_(Ticket.id.in_(in_tickets), Ticket.id.in_(said))


def _postgres_has(word: str, number: int) -> ColumnElement[bool]:
    wanted = " | ".join(f"'{spelling}':*" for spelling in _spellings(word))
    term: BindParameter[str] = bindparam(f"word_{number}", wanted)
    message = table("message", column("ticket_id"), column(POSTGRES_COLUMN)).alias("said")
    ticket = table("ticket", column("id"), column(POSTGRES_COLUMN)).alias("titled")
    of_message = text(f"said.search @@ to_tsquery('simple', :word_{number})").bindparams(term)
    of_ticket = text(f"titled.search @@ to_tsquery('simple', :word_{number})").bindparams(term)
    said = select(message.c.ticket_id).where(of_message, message.c.ticket_id.is_not(None))
    return or_(Ticket.id.in_(select(ticket.c.id).where(of_ticket)), Ticket.id.in_(said))


def _run(connection: Connection, statements: Iterator[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _sqlite_creation() -> Iterator[str]:
    for name, source, worth in _SOURCES:
        shown = f"substr({{}}.{source}, 1, {INDEXED_CHARACTERS})"
        old, new = shown.format("old"), shown.format("new")
        index = f"{name}_search"
        # The view makes FTS5 read back exactly what the triggers have given it.
        rows = f"SELECT id, {shown.format(name)} AS words FROM {name} WHERE {worth.format('')}"  # noqa: S608  # no input
        yield f"CREATE VIEW {name}_words AS {rows}"
        yield (
            f"CREATE VIRTUAL TABLE {index} USING fts5(words, content='{name}_words', content_rowid='id',"
            " tokenize='unicode61 remove_diacritics 2')"
        )
        yield f"INSERT INTO {index}({index}) VALUES('rebuild')"
        insert = f"INSERT INTO {index}(rowid, words) VALUES (new.id, {new})"  # noqa: S608  # the same
        remove = f"INSERT INTO {index}({index}, rowid, words) VALUES ('delete', old.id, {old})"  # noqa: S608  # the same
        once, gone = f"WHEN {worth.format('new.')}", f"WHEN {worth.format('old.')}"
        yield f"CREATE TRIGGER {index}_insert AFTER INSERT ON {name} {once} BEGIN {insert}; END"
        yield f"CREATE TRIGGER {index}_delete AFTER DELETE ON {name} {gone} BEGIN {remove}; END"
        replace = f"{remove}; {insert}"
        yield f"CREATE TRIGGER {index}_update AFTER UPDATE OF {source} ON {name} {once} BEGIN {replace}; END"


def _sqlite_removal() -> Iterator[str]:
    for name, _, _ in _SOURCES:
        for when in ("insert", "delete", "update"):
            yield f"DROP TRIGGER {name}_search_{when}"
        yield f"DROP TABLE {name}_search"
        yield f"DROP VIEW {name}_words"


def _postgres_creation() -> Iterator[str]:
    for name, source, worth in _SOURCES:
        # The parser would read ABC-2026-00012 as a word and two negative numbers: punctuation goes first.
        words = f"regexp_replace(left({source}, {INDEXED_CHARACTERS}), '{_PUNCTUATION}+', ' ', 'g')"
        yield (
            f"ALTER TABLE {name} ADD COLUMN {POSTGRES_COLUMN} tsvector"
            f" GENERATED ALWAYS AS (CASE WHEN {worth.format('')} THEN to_tsvector('simple', {words}) END)"
            " STORED"
        )
        yield f"CREATE INDEX ix_{name}_search ON {name} USING gin ({POSTGRES_COLUMN})"


def _postgres_removal() -> Iterator[str]:
    for name, _, _ in _SOURCES:
        yield f"DROP INDEX ix_{name}_search"
        yield f"ALTER TABLE {name} DROP COLUMN {POSTGRES_COLUMN}"
