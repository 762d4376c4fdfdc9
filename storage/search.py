"""Full-text search over messages and tickets: FTS5 on SQLite, ``tsvector`` on PostgreSQL. Never LIKE.

Every word is indexed with its office before it, so that a search reads what one office has written, however
much others have. How the words are put together is told in ``storage.finding``.

Only the first 100,000 characters of a text are indexed: PostgreSQL refuses longer vectors, and a
citizen's message must never be refused for its length.

On SQLite what people say comes into the index some seconds later, many messages at once (``catch_up``): each
by itself was a tenth of what a message costs. Until then it is found all the same: a search reads the tickets
that changed last.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from storage.db import Database

INDEXED_CHARACTERS = 100_000
MOST_WORDS = 8
# What Alembic's autogenerate meets in the database and must not take for something to remove.
SQLITE_TABLES = frozenset(
    f"{name}_search{part}"
    for name in ("message", "ticket")
    for part in ("", "_data", "_idx", "_docsize", "_config")
)
POSTGRES_COLUMN = "search"
"""What stood in every row before the index was made of the texts themselves: an older desk has it still."""
POSTGRES_INDEXES = frozenset({"ix_message_words", "ix_ticket_words"})

AT_ONCE = 200
"""So many messages come into the index of SQLite in one transaction: of the longest, a second or two."""
_EACH = "{}id IS NOT NULL"
# What people wrote, and what a ticket is called. The bot says the same to everybody: it would only be noise.
_SAID, _TITLED = ("message", "body", "{}author <> 'bot'"), ("ticket", "search_text", _EACH)
_SOURCES = (_SAID, _TITLED)
# ASCII only and by number, so that it means the same under every collation.
_BETWEEN = r"[\u0009-\u000d\u0020-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e\u00a0]"
# What ends a word for FTS5 and may be followed by one without a space.
_SPACES = (9, 10, 11, 12, 13, 0xA0, 0xB7, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026)
_ENDS = (*range(0x21, 0x30), *range(0x3A, 0x41), *range(0x5B, 0x61), *range(0x7B, 0x7F), *_SPACES)
_ALL = -1
_NESTED = 16
"""SQLite's parser goes no deeper than about thirty functions."""
_WORD = re.compile(r"[^\W_]+")
_NUMBER_LENGTH = 5


def create_search(connection: Connection) -> None:
    """Build the index over what is stored already, and keep it up from now on."""
    _run(connection, _sqlite_creation() if connection.dialect.name == "sqlite" else _postgres_creation())


def drop_search(connection: Connection) -> None:
    """Take the index away; the texts stay."""
    _run(connection, _sqlite_removal() if connection.dialect.name == "sqlite" else _postgres_removal())


def index_later(connection: Connection) -> None:
    """From now on let messages come into SQLite's index by ``catch_up`` alone."""
    if connection.dialect.name == "sqlite":
        name, source, _ = _SAID
        _run(connection, _without_triggers(name))
        _run(connection, _sqlite_triggers(name, source))


def index_at_once(connection: Connection) -> None:
    """Let every message come into SQLite's index along with itself again."""
    if connection.dialect.name == "sqlite":
        take_in(connection, _ALL)
        connection.exec_driver_sql(_insertion(*_SAID))


def catch_up(database: Database) -> int:
    """Bring into SQLite's index what people have said since the last time; how many messages.

    PostgreSQL has them in its own from the beginning.
    """
    caught = 0
    while database.is_sqlite and _is_behind(database):
        with database.write() as connection:
            caught += take_in(connection, AT_ONCE)
    return caught


def take_in(connection: Connection, most: int = AT_ONCE) -> int:
    """Bring the oldest *most* of them into SQLite's index; how many."""
    if connection.dialect.name != "sqlite":
        return 0
    return int(connection.execute(_TAKE_IN, {"most": most}).rowcount)


def _is_behind(database: Database) -> bool:
    with database.read() as connection:
        return bool(connection.execute(_IS_BEHIND).scalar_one())


def words_in(query: str) -> tuple[str, ...]:
    """The words that are looked for: letters and digits only, so that no operator of a database is left."""
    return tuple(dict.fromkeys(_WORD.findall(query.casefold())))[:MOST_WORDS]


def of_office(connection: Connection, office: str, word: str, most: int) -> set[int]:
    """Tickets opened at this office of which a text has a word that begins so.

    From at most *most* texts of each kind, on SQLite the newest.
    """
    spelled = [f"x{office}x{spelling}" for spelling in spellings(word)]
    if connection.dialect.name == "sqlite":
        wanted = " OR ".join(f'"{one}"*' for one in spelled)
        return set(connection.execute(_SQLITE_HITS, {"wanted": wanted, "most": most}).scalars())
    wanted = " | ".join(f"'{one}':*" for one in spelled)
    return set(connection.execute(_POSTGRES_HITS, {"wanted": wanted, "most": most}).scalars())


def spellings(word: str) -> tuple[str, ...]:
    """How a word may stand in a text."""
    # "12" shall find ABC-2026-00012 too.
    if word.isascii() and word.isdigit() and len(word) < _NUMBER_LENGTH:
        return (word, word.zfill(_NUMBER_LENGTH))
    return (word,)


def _vector(source: str) -> str:
    # The parser would read ABC-2026-00012 as a word and two negative numbers: punctuation goes first.
    words = f"regexp_replace(left({source}, {INDEXED_CHARACTERS}), '{_BETWEEN}+', ' x' || office || 'x', 'g')"
    return f"to_tsvector('simple', 'x' || office || 'x' || {words})"


# FTS5 keeps a row here for each text that it has (sqlite.org/fts5.html). Messages come in by their ids, and
# SQLite gives an id above all there are: those above the last one that is in are not.
_BEYOND = "id > (SELECT coalesce(max(id), 0) FROM message_search_docsize)"
_IS_BEHIND = text(f"SELECT EXISTS (SELECT 1 FROM message WHERE author <> 'bot' AND {_BEYOND})")  # noqa: S608  # no input
_TAKE_IN = text(
    f"""
INSERT INTO message_search(rowid, words)
SELECT id, words FROM message_words WHERE {_BEYOND} ORDER BY id LIMIT :most"""  # noqa: S608  # no input
)
_SQLITE_HITS = text(
    """
SELECT message.ticket_id FROM (
    SELECT rowid AS id FROM message_search WHERE message_search MATCH :wanted ORDER BY rowid DESC LIMIT :most
) AS hit JOIN message ON message.id = hit.id WHERE message.ticket_id IS NOT NULL
UNION SELECT rowid FROM (
    SELECT rowid FROM ticket_search WHERE ticket_search MATCH :wanted ORDER BY rowid DESC LIMIT :most
)"""
)
# Of tables of their own: PostgreSQL would else read a whole table where it expects to find enough soon.
_POSTGRES_HITS = text(
    f"""
WITH said AS MATERIALIZED (
    SELECT ticket_id FROM message
    WHERE author <> 'bot' AND {_vector("body")} @@ to_tsquery('simple', :wanted) AND ticket_id IS NOT NULL
), titled AS MATERIALIZED (
    SELECT id FROM ticket WHERE {_vector("search_text")} @@ to_tsquery('simple', :wanted)
)
(SELECT ticket_id FROM said LIMIT :most) UNION (SELECT id FROM titled LIMIT :most)"""  # noqa: S608  # no input
)


def _run(connection: Connection, statements: Iterator[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _sqlite_creation() -> Iterator[str]:
    for name, source, worth in _SOURCES:
        own, index = _sqlite_words(name, source), f"{name}_search"
        # The view makes FTS5 read back exactly what the triggers have given it.
        rows = f"SELECT id, {own} AS words FROM {name} WHERE {worth.format('')}"  # noqa: S608  # no input
        yield f"CREATE VIEW {name}_words AS {rows}"
        yield (
            f"CREATE VIRTUAL TABLE {index} USING fts5(words, content='{name}_words', content_rowid='id',"
            " tokenize='unicode61 remove_diacritics 2')"
        )
        yield f"INSERT INTO {index}({index}) VALUES('rebuild')"
        yield from _sqlite_triggers(name, source)
    yield _insertion(*_TITLED)  # messages come in later


def _sqlite_triggers(name: str, source: str) -> Iterator[str]:
    """What keeps the index up where those change that are in it already."""
    index = f"{name}_search"
    there = f"WHEN EXISTS (SELECT 1 FROM {index}_docsize WHERE id = old.id)"  # noqa: S608  # no input
    old = f"'delete', old.id, {_sqlite_words('old', source)}"
    remove = f"INSERT INTO {index}({index}, rowid, words) VALUES ({old})"  # noqa: S608  # the same
    yield f"CREATE TRIGGER {index}_delete AFTER DELETE ON {name} {there} BEGIN {remove}; END"
    replace = f"{remove}; {_taking_in(name, source)}"
    yield f"CREATE TRIGGER {index}_update AFTER UPDATE OF {source} ON {name} {there} BEGIN {replace}; END"


def _insertion(name: str, source: str, worth: str) -> str:
    once = f"WHEN {worth.format('new.')} BEGIN {_taking_in(name, source)}; END"
    return f"CREATE TRIGGER {name}_search_insert AFTER INSERT ON {name} {once}"


def _taking_in(name: str, source: str) -> str:
    new = f"new.id, {_sqlite_words('new', source)}"
    return f"INSERT INTO {name}_search(rowid, words) VALUES ({new})"  # noqa: S608  # no input


def _sqlite_words(of: str, source: str) -> str:
    """The text of a row, each word with its office before it."""
    words = f"SELECT substr({of}.{source}, 1, {INDEXED_CHARACTERS}) AS w"
    for start in range(0, len(_ENDS), _NESTED):
        spaced = "w"
        for sign in _ENDS[start : start + _NESTED]:
            spaced = f"replace({spaced}, char({sign}), ' ')"
        words = f"SELECT {spaced} AS w FROM ({words})"  # noqa: S608  # no input
    own = f"'x' || {of}.office || 'x'"
    return f"(SELECT {own} || replace(w, ' ', ' ' || {own}) FROM ({words}))"  # noqa: S608  # no input


def _without_triggers(name: str) -> Iterator[str]:
    for when in ("insert", "delete", "update"):
        yield f"DROP TRIGGER IF EXISTS {name}_search_{when}"


def _sqlite_removal() -> Iterator[str]:
    for name, _, _ in _SOURCES:
        yield from _without_triggers(name)
        yield f"DROP TABLE {name}_search"
        yield f"DROP VIEW {name}_words"


def postgres_indexes() -> Iterator[str]:
    """The indexes over the texts, as ``CREATE INDEX`` names them."""
    for name, source, worth in _SOURCES:
        # PostgreSQL drops from a question what is always so, and then does not see that the index answers it.
        which = "" if worth == _EACH else f" WHERE {worth.format('')}"
        yield f"ix_{name}_words ON {name} USING gin (({_vector(source)})){which}"


def _postgres_creation() -> Iterator[str]:
    yield from (f"CREATE INDEX IF NOT EXISTS {index}" for index in postgres_indexes())


def _postgres_removal() -> Iterator[str]:
    for name, _, _ in _SOURCES:
        yield f"DROP INDEX IF EXISTS ix_{name}_words"
        yield f"DROP INDEX IF EXISTS ix_{name}_search"
        yield f"ALTER TABLE {name} DROP COLUMN IF EXISTS {POSTGRES_COLUMN}"
