"""Files whose rows were erased: they leave the folder, unless somebody else has sent the same."""

import re
from collections.abc import Iterable, Mapping
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
    literal,
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
_LIST = "media"
_HOLDING = frozenset({_LIST, "sha256", "shown"})
"""The columns in which names of files stand, in whatever table."""


def held_by(row: Mapping[str, Any]) -> list[str]:
    """The names of files that *row* holds, as ``is_named`` asks for them: none that somebody only wrote."""
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


def is_named(connection: Connection, name: str) -> bool:
    """Whether any row still has this file: as a mail, or wherever else names of files may stand."""
    return any(connection.execute(asked).first() for asked in _askings(name))


def _askings(name: str) -> Iterable[Any]:
    for each in Base.metadata.sorted_tables:
        if not personal.is_personal(each):
            continue
        named = [_names(column, name) for column in each.columns if column.name in _HOLDING]
        if named:
            yield select(literal(1)).select_from(each).where(or_(*named)).limit(1)


def _names(column: Column[Any], name: str) -> ColumnElement[bool]:
    """A list of files is searched as it is written; a single name stands in an index."""
    return cast(column, String).contains(name) if isinstance(column.type, JSON) else column == name


def done(connection: Connection, name: str) -> None:
    """It is gone, or stays for somebody else."""
    connection.execute(delete(UNWANTED).where(UNWANTED.c.sha256 == name))
