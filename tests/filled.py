"""Calendars filled once by the real handler, then put into each further desk as they stand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from handlers import calendars
from handlers.runtime import Runtime
from storage.calendar import versions

_TABLES = ("calendar", "calendar_day")
_kept: dict[tuple[Any, ...], list[Any]] = {}


def fill(runtime: Runtime) -> None:
    """What ``calendars.fill`` does to the desk's database."""
    offices, now, database = runtime.settings.offices, runtime.clock(), runtime.database
    key = (database.is_sqlite, now, *sorted(offices))
    with database.read() as connection:
        empty = not versions(connection)
    if key in _kept and empty:
        with database.write() as connection:
            for name, rows in zip(_TABLES, _kept[key], strict=True):
                _put(connection, name, rows)
        return
    calendars.fill(database, offices, now)
    if empty:
        with database.read() as connection:
            _kept[key] = [_taken(connection, name) for name in _TABLES]


def _taken(connection: Connection, name: str) -> Any:
    if connection.dialect.name == "sqlite":
        return [tuple(row) for row in connection.execute(select(text("*")).select_from(text(name)))]
    return connection.execute(
        select(text("json_agg(its)::text")).select_from(text(f"{name} AS its"))
    ).scalar_one()


def _put(connection: Connection, name: str, rows: str | Sequence[tuple[Any, ...]]) -> None:
    into = f"INSERT INTO {name} "
    if isinstance(rows, str):
        told = f"SELECT * FROM json_populate_recordset(NULL::{name}, %s)"  # noqa: S608  # a table of our own
        connection.exec_driver_sql(into + told, (rows,))
    else:
        connection.exec_driver_sql(f"{into}VALUES ({', '.join('?' * len(rows[0]))})", list(rows))
