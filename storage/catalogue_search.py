"""The index over the catalogue, and what a citizen's words find in it: the same on both databases.

A database only says which rows hold which terms (FTS5, ``tsvector``); the terms are made, and what is found
is ranked, here. The newest few hundred rows of each step are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, Connection, bindparam, text

from storage import catalogue_terms
from storage.catalogue_tables import KINDS
from storage.catalogue_terms import Query
from storage.columns import AnyRow

SHOWN = 3
SQLITE_TABLES = frozenset(f"catalogue_search{part}" for part in ("", "_data", "_idx", "_docsize", "_config"))
POSTGRES_INDEX = "ix_catalogue_item_search"
_LOOKED_AT = 300
_FEWEST_TO_LEAVE_ONE_OUT = 3
_COLUMNS = ("title_terms", "more_terms")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found."""

    title: str
    kind: str
    link: str
    released_on: date | None
    summary: str


def search(connection: Connection, said: str, offices: Sequence[str], place: str) -> tuple[Hit, ...]:
    """What fits *said* best, three at most; nothing where it does not really fit.

    *offices* are looked at, the first is the citizen's own, which is named after *place*.
    """
    query = catalogue_terms.query_of(said)
    if not query.needed or not offices:
        return ()
    own = frozenset(catalogue_terms.terms_of(place).split())
    found = _candidates(connection, query, tuple(offices), own)
    ranked = sorted(found.values(), key=lambda row: _rank(row, query, offices, own))
    return tuple(_hit(row) for row in _each_title_once(ranked))[:SHOWN]


def _candidates(
    connection: Connection, query: Query, offices: tuple[str, ...], own: frozenset[str]
) -> dict[int, AnyRow]:
    """The rows of the strictest steps that find enough."""
    strictest, *wider = _steps(query)
    found = _holding(connection, offices, [strictest])
    if len(found) >= SHOWN:
        return found
    left_out = list(_one_left_out(query, own))
    # Mostly nothing is there at all, which is asked once and not of every step.
    if not found and not _holding(connection, offices, [*wider, *left_out], most=1):
        return {}
    for step in wider:
        found |= _holding(connection, offices, [step])
        if len(found) >= SHOWN:
            return found
    for step in () if found else left_out:
        found |= _holding(connection, offices, [step])
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    """Terms that must be there, and one of the years; in the title, or ``anywhere``."""

    needed: tuple[str, ...]
    years: tuple[str, ...] = ()
    anywhere: bool = False


def _steps(query: Query) -> Iterator[_Step]:
    if query.years:
        yield _Step(query.needed, tuple(sorted(query.years)))
    yield _Step(query.needed)
    yield _Step(query.needed, anywhere=True)


def _one_left_out(query: Query, own: frozenset[str]) -> Iterator[_Step]:
    """Of many words one may be missing, but never a place, and never what it is about altogether."""
    about = [term for term in query.needed if term not in own]
    if len(about) >= _FEWEST_TO_LEAVE_ONE_OUT:
        for term in (each for each in about if each not in query.places):
            yield _Step(tuple(other for other in query.needed if other != term))


def _holding(
    connection: Connection, offices: tuple[str, ...], steps: Sequence[_Step], most: int = _LOOKED_AT
) -> dict[int, AnyRow]:
    """The newest rows that hold what one of *steps* asks for."""
    sqlite = connection.dialect.name == "sqlite"
    put, either = (_sqlite_terms, " OR ") if sqlite else (_postgres_terms, " | ")
    values = {"wanted": either.join(map(put, steps)), "offices": offices, "most": most}
    rows = connection.execute(_SQLITE_ROWS if sqlite else _POSTGRES_ROWS, values)
    return {row.id: row for row in rows}


def _sqlite_terms(step: _Step) -> str:
    said = " AND ".join(f'"{term}"' for term in step.needed)
    named = " OR ".join(f'"{year}"' for year in step.years)
    columns = " ".join(_COLUMNS[: 2 if step.anywhere else 1])
    return f"({{{columns}}} : ({said}{f' AND ({named})' if step.years else ''}))"


def _postgres_terms(step: _Step) -> str:
    mark = "" if step.anywhere else ":A"
    said = " & ".join(f"'{term}'{mark}" for term in step.needed)
    named = " | ".join(f"'{year}'{mark}" for year in step.years)
    return f"({said} & ({named}))" if step.years else f"({said})"


_SHOWN_COLUMNS = "item.id, office, kind, title, link, released_on, summary, item.title_terms"
_NEWEST = "ORDER BY released_on IS NULL, released_on DESC, item.id LIMIT :most"
_OFFICES: BindParameter[Sequence[str]] = bindparam("offices", expanding=True)
_SQLITE_ROWS = text(
    f"SELECT {_SHOWN_COLUMNS} FROM catalogue_search"  # noqa: S608  # no input
    " JOIN catalogue_item AS item ON item.id = catalogue_search.rowid"
    f" WHERE catalogue_search MATCH :wanted AND office IN :offices {_NEWEST}"
).bindparams(_OFFICES)
_POSTGRES_ROWS = text(
    f"SELECT {_SHOWN_COLUMNS} FROM catalogue_item AS item"  # noqa: S608  # no input
    f" WHERE search @@ to_tsquery('simple', :wanted) AND office IN :offices {_NEWEST}"
).bindparams(_OFFICES)


def _rank(row: AnyRow, query: Query, offices: Sequence[str], own: frozenset[str]) -> tuple[int | str, ...]:
    """Less is better: what lacks no word, has the year, is about no more, is the citizen's own office's."""
    terms = set(row.title_terms.split())
    years = catalogue_terms.years_in(terms)
    more = catalogue_terms.telling(terms) - set(query.needed) - own
    return (
        sum(term not in terms for term in query.needed),
        int(bool(query.years) and not query.years & years),
        len(more) - len(query.helpful & terms),
        list(offices).index(row.office),
        -len(query.years & years),
        -max((int(year) for year in years), default=0),
        KINDS.index(row.kind),
        -_day(row.released_on).toordinal(),
        row.title,
        row.id,
    )


def _each_title_once(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """A file and the WebAPI may both tell of one publication."""
    return list({(row.office, row.title.casefold()): row for row in reversed(rows)}.values())[::-1]


def _hit(row: AnyRow) -> Hit:
    released = _day(row.released_on) if row.released_on else None
    return Hit(row.title, row.kind, row.link, released, row.summary)


def _day(stored: date | str | None) -> date:
    """SQLite gives a date back as it keeps it, as text."""
    if isinstance(stored, str):
        return date.fromisoformat(stored)
    return stored or date.min


def create_index(connection: Connection) -> None:
    """Build the index over the catalogue, kept up by triggers and a generated column."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _sqlite_creation() if sqlite else _POSTGRES_CREATION:
        connection.exec_driver_sql(statement)


def drop_index(connection: Connection) -> None:
    """Take the index away; the catalogue stays."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_REMOVAL if sqlite else _POSTGRES_REMOVAL:
        connection.exec_driver_sql(statement)


def _sqlite_creation() -> Iterator[str]:
    listed, index = ", ".join(_COLUMNS), "catalogue_search"
    yield (
        f"CREATE VIRTUAL TABLE {index} USING fts5({listed}, content='catalogue_item', content_rowid='id',"
        " tokenize='ascii')"
    )
    yield f"INSERT INTO {index}({index}) VALUES('rebuild')"
    new, old = ("new.title_terms, new.more_terms", "old.title_terms, old.more_terms")
    insert = f"INSERT INTO {index}(rowid, {listed}) VALUES (new.id, {new})"  # noqa: S608  # no input
    remove = f"INSERT INTO {index}({index}, rowid, {listed}) VALUES ('delete', old.id, {old})"  # noqa: S608  # the same
    at = f"CREATE TRIGGER {index}_"
    yield f"{at}insert AFTER INSERT ON catalogue_item BEGIN {insert}; END"
    yield f"{at}delete AFTER DELETE ON catalogue_item BEGIN {remove}; END"
    yield f"{at}update AFTER UPDATE OF {listed} ON catalogue_item BEGIN {remove}; {insert}; END"


_SQLITE_REMOVAL = (
    *(f"DROP TRIGGER catalogue_search_{when}" for when in ("insert", "delete", "update")),
    "DROP TABLE catalogue_search",
)
_POSTGRES_CREATION = (
    (
        "ALTER TABLE catalogue_item ADD COLUMN search tsvector GENERATED ALWAYS AS"
        " (setweight(to_tsvector('simple', title_terms), 'A')"
        " || setweight(to_tsvector('simple', more_terms), 'B')) STORED"
    ),
    f"CREATE INDEX {POSTGRES_INDEX} ON catalogue_item USING gin (search)",
)
_POSTGRES_REMOVAL = (
    f"DROP INDEX {POSTGRES_INDEX}",
    "ALTER TABLE catalogue_item DROP COLUMN search",
)
