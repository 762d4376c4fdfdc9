"""What a database holds, in words that are the same whatever its ids are."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from storage.columns import Base
from storage.db import Database

NAMES = {
    "ticket": ("reference",),
    "conversation": ("subject", "reply_to"),
    "contact": ("profile_name",),
    "address": ("value",),
    "officer": ("email",),
    "mail": ("uid",),
    "message": ("direction", "body"),
}
CHANCE = {"id", "mid", "thread", "part_of", "moved_at", "key", "about"}
TOKEN = re.compile(r"/formulir/\S+")


def left(database: Database) -> dict[str, list[str]]:
    """All rows in words, with natural names for what they refer to, and without what is chance."""
    tables = Base.metadata.sorted_tables
    with database.read() as connection:
        names = {table.name: _names(connection, table) for table in tables if table.name in NAMES}
        return {table.name: _rows(connection, table, names) for table in tables}


def _names(connection: Connection, table: Table) -> dict[int, str]:
    return {row["id"]: _plain([row[name] for name in NAMES[table.name]]) for row in _all(connection, table)}


def _rows(connection: Connection, table: Table, names: Mapping[str, Mapping[int, str]]) -> list[str]:
    return sorted(
        _plain({name: _named(table, name, it, names) for name, it in row.items() if name not in CHANCE})
        for row in _all(connection, table)
    )


def _all(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(table))]


def _named(table: Table, name: str, value: Any, names: Mapping[str, Mapping[int, str]]) -> Any:
    for key in table.c[name].foreign_keys:
        return value and names[key.column.table.name][value]
    return value


def _plain(value: object) -> str:
    return TOKEN.sub("/formulir/…", repr(value))
