"""All rows of a database as lines of text, and back: the same for SQLite and PostgreSQL.

A table is a line that names its columns, each with the way its values are written, and a line of JSON for
every row. Indexes for search are left out: they are built again from the rows.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, Date, LargeBinary, Table, bindparam, func, insert, select, update
from sqlalchemy import column as named_column
from sqlalchemy import table as named_table
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from storage import tables
from storage.columns import Base, Moment
from storage.db import Database

__all__ = [
    "AT_ONCE",
    "Malformed",
    "as_lines",
    "in_order",
    "load",
    "number_on",
    "of_tables",
    "snapshot",
    "tables",
]
AT_ONCE = 500


class Malformed(Exception):
    """Lines that are no table; the text says what is wrong, without a value."""


# How values are written -> the type that writes them to a database, and the way from and to JSON.
_PLAIN, _MOMENT, _DATE, _BYTES, _JSON = "plain", "moment", "date", "bytes", "json"
_TYPES: Mapping[str, TypeEngine[Any] | None] = {
    _PLAIN: None,
    _MOMENT: Moment(),
    _DATE: Date(),
    _BYTES: LargeBinary(),
    _JSON: JSON(none_as_null=True),
}
_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    _MOMENT: datetime.isoformat,
    _DATE: date.isoformat,
    _BYTES: lambda value: b64encode(value).decode("ascii"),
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    _MOMENT: datetime.fromisoformat,
    _DATE: date.fromisoformat,
    _BYTES: b64decode,
}


def of_tables() -> list[str]:
    """The names of all tables, each after those that its rows refer to."""
    return [table.name for table in Base.metadata.sorted_tables]


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection to which the database stands still, while others go on writing."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return
        connection.exec_driver_sql("BEGIN")
        try:
            # Only the first look decides at which moment it stands.
            connection.execute(select(tables.Installation.key).limit(1)).first()
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")


def as_lines(connection: Connection, name: str) -> Iterator[str]:
    """The table *name*, row by row in the order of its keys; the first line names its columns."""
    table = Base.metadata.tables[name]
    kinds = [_kind(column.type) for column in table.columns]
    yield json.dumps([[column.name, kind] for column, kind in zip(table.columns, kinds, strict=True)])
    rows = connection.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key))
    changes = _changes(kinds, _WRITTEN)
    for row in rows:
        yield json.dumps(_changed(list(row), changes), ensure_ascii=False, separators=(",", ":"))


def load(connection: Connection, name: str, lines: Iterable[str]) -> int:
    """Insert the rows of *lines* into the empty table *name*; how many. Raises ``Malformed``."""
    given = iter(lines)
    columns = _columns(name, next(given, ""))
    target = named_table(name, *(named_column(each, _TYPES[kind]) for each, kind in columns))
    own = _own_references(name) & {each for each, _ in columns}
    later: list[dict[str, Any]] = []
    count = 0
    names, changes = [each for each, _ in columns], _changes([kind for _, kind in columns], _READ)
    while rows := [_row(name, names, changes, line) for line in islice(given, AT_ONCE)]:
        count += len(rows)
        later += [row for row in rows if any(row[each] is not None for each in own)]
        connection.execute(insert(target), [row | dict.fromkeys(own) for row in rows])
    _refer(connection, target, own, later)
    return count


def number_on(connection: Connection, name: str) -> None:
    """Let the next row of the table *name* have a number that none has had."""
    table = Base.metadata.tables[name]
    keys = list(table.primary_key)
    if connection.dialect.name != "postgresql" or [key.name for key in keys] != ["id"]:
        return
    sequence = func.pg_get_serial_sequence(name, "id")
    highest = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
    connection.execute(select(func.setval(sequence, highest, False)))


def in_order(names: Iterable[str]) -> list[str]:
    """*names* in the order in which they can be loaded. Raises ``Malformed`` for one that is no table."""
    wanted, known = set(names), of_tables()
    if strange := wanted.difference(known):
        raise Malformed(f"this Loket knows no table {min(strange)}")
    return [name for name in known if name in wanted]


def _kind(of: TypeEngine[Any]) -> str:
    for kind, type_ in _TYPES.items():
        if type_ is not None and isinstance(of, type(type_)):
            return kind
    return _PLAIN


def _changes(
    kinds: Sequence[str], ways: Mapping[str, Callable[[Any], Any]]
) -> list[tuple[int, Callable[[Any], Any]]]:
    """Which values of a row are changed on their way, and how: of most rows few are."""
    return [(place, ways[kind]) for place, kind in enumerate(kinds) if kind in ways]


def _changed(values: list[Any], changes: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    for place, change in changes:
        if values[place] is not None:
            values[place] = change(values[place])
    return values


def _columns(name: str, line: str) -> list[tuple[str, str]]:
    known = Base.metadata.tables[name].columns
    try:
        columns = [(str(column), str(kind)) for column, kind in json.loads(line)]
    except (ValueError, TypeError):
        raise Malformed(f"{name}: the first line names no columns") from None
    if strange := [column for column, kind in columns if column not in known or kind not in _TYPES]:
        raise Malformed(f"{name}: this Loket knows no column {strange[0]}")
    return columns


def _row(
    name: str, names: Sequence[str], changes: Sequence[tuple[int, Callable[[Any], Any]]], line: str
) -> dict[str, Any]:
    try:
        values = list(json.loads(line))
        if len(values) != len(names):
            raise ValueError
        return dict(zip(names, _changed(values, changes), strict=True))
    except (ValueError, TypeError):
        raise Malformed(f"{name}: a line is no row of it") from None


def _own_references(name: str) -> set[str]:
    """The columns that refer to rows of the same table, which may come later."""
    table: Table = Base.metadata.tables[name]
    keys = table.foreign_keys
    return {key.parent.name for key in keys if key.column.table is table}


def _refer(
    connection: Connection, target: TableClause, own: set[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    if not rows:
        return
    changes: dict[str, Any] = {each: bindparam(f"new_{each}") for each in own}
    statement = update(target).where(target.c.id == bindparam("key")).values(changes)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        told = [{"key": row["id"], **{f"new_{each}": row[each] for each in own}} for row in some]
        connection.execute(statement, told)
