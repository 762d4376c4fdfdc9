"""INSERT that minds what is there already, in each database's own dialect."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

_Insert = sqlite.Insert | postgresql.Insert
_DIALECTS: Mapping[str, Callable[[Table], _Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert_into(connection: Connection, into: Table) -> _Insert:
    """The INSERT that knows ON CONFLICT."""
    return insert_of(connection.dialect.name, into)


def insert_of(dialect: str, into: Table) -> _Insert:
    """The same, for a statement that is made once for each dialect."""
    return _DIALECTS[dialect](into)


def add_once(connection: Connection, into: Table, row: Mapping[str, Any]) -> int | None:
    """Insert *row* and give its id; None when a unique key says that it is there already."""
    found = connection.execute(_once(connection.dialect.name, into), row).scalar()
    return int(found) if found is not None else None


@cache
def _once(dialect: str, into: Table) -> ReturningInsert[tuple[Any, ...]]:
    return _DIALECTS[dialect](into).on_conflict_do_nothing().returning(into.c.id)
