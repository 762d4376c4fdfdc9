"""INSERT that minds what is there already, in each database's own dialect."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import ReturningInsert

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    _Insert = sqlite.Insert | postgresql.Insert


def insert_into(connection: Connection, into: Table) -> "_Insert":
    """The INSERT that knows ON CONFLICT."""
    return insert_of(connection.dialect.name, into)


def insert_of(dialect: str, into: Table) -> "_Insert":
    """The same, for a statement that is made once for each dialect."""
    if dialect == "sqlite":
        return sqlite.insert(into)
    from sqlalchemy.dialects import postgresql  # a desk on SQLite does without its drivers

    return postgresql.insert(into)


def adding(into: Table) -> Insert:
    """The INSERT of rows whose ids nobody asks for: left to itself, SQLAlchemy asks PostgreSQL for each."""
    return insert(into).inline()


def add_once(connection: Connection, into: Table, row: Mapping[str, Any]) -> int | None:
    """Insert *row* and give its id; None when a unique key says that it is there already."""
    found = connection.execute(_once(connection.dialect.name, into), row).scalar()
    return int(found) if found is not None else None


@cache
def _once(dialect: str, into: Table) -> ReturningInsert[tuple[Any, ...]]:
    return insert_of(dialect, into).on_conflict_do_nothing().returning(into.c.id)
