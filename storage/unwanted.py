"""Files whose rows were erased: they leave the folder, unless somebody else has sent the same."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    cast,
    delete,
    or_,
    select,
)

from storage import personal
from storage.columns import Base, table
from storage.inserting import insert_into
from storage.privacy_tables import UnwantedFile

UNWANTED: Table = table(UnwantedFile)
_NAME = re.compile(r"[0-9a-f]{64}")
_MOST = 200
_AT_ONCE = 1000
_LIST = "media"
_HOLDING = frozenset({_LIST, "sha256", "shown"})
"""The columns in which names of files stand, in whatever table."""


def held_by(row: Mapping[str, Any]) -> list[str]:
    """The names of files that *row* holds, as ``named`` tells them: none that somebody only wrote."""
    single = [row.get(name) for name in sorted(_HOLDING - {_LIST})]
    listed = [each.get("file") for each in row.get(_LIST) or ()]
    return [name for name in (*single, *listed) if name and _NAME.fullmatch(name)]


def note(connection: Connection, names: Iterable[str], now: datetime) -> None:
    """These files are wanted no more, as far as their rows went."""
    rows = [{"sha256": name, "at": now} for name in sorted(set(names))]
    if rows:
        connection.execute(insert_into(connection, UNWANTED).on_conflict_do_nothing(), rows)


def waiting(connection: Connection) -> list[str]:
    """The next files to look at."""
    return list(connection.execute(select(UNWANTED.c.sha256).order_by(UNWANTED.c.at).limit(_MOST)).scalars())


def named(connection: Connection) -> Iterator[str]:
    """Every name of a file that any row has: as a mail, or wherever else names of files may stand."""
    reading = connection.execution_options(yield_per=_AT_ONCE)
    for each in Base.metadata.sorted_tables:
        columns = [column for column in each.columns if column.name in _HOLDING]
        if columns and personal.is_personal(each):
            for row in reading.execute(select(*columns).where(or_(*map(_names_any, columns)))):
                yield from held_by(row._asdict())


def _names_any(column: Column[Any]) -> ColumnElement[bool]:
    """Most messages bring no file: their empty lists need not be read."""
    return cast(column, String) != "[]" if isinstance(column.type, JSON) else column.is_not(None)


def done(connection: Connection, names: Iterable[str]) -> None:
    """They are gone, or stay for somebody else."""
    connection.execute(delete(UNWANTED).where(UNWANTED.c.sha256.in_(sorted(names))))
