"""Ids for rows that are written later: nothing else gets them."""

from sqlalchemy import Connection, Table, bindparam, func, literal_column, select

from storage import later
from storage.slots import SLOTS


def next_id(connection: Connection, of: Table) -> int:
    """An id for a row of *of* that this transaction will insert, where turns share it.

    The rows reserved here must be the only ones that the transaction inserts there until they are written.
    """
    ids: list[int] = later.once(connection, ("ids", of.name), list)
    if not ids:
        draw = _after_the_last if connection.dialect.name == "sqlite" else _drawn
        ids += draw(connection, of)
    return ids.pop()


def _after_the_last(connection: Connection, of: Table) -> list[int]:
    """SQLite has one writer, and gives a new row the id after the highest."""
    highest = later.once(connection, ("highest", of.name), lambda: _highest(connection, of))
    return [highest + later.count(connection, ("ids", of.name), 1)]


def _highest(connection: Connection, of: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(of.c.id), 0))).scalar_one())


def _drawn(connection: Connection, of: Table) -> list[int]:
    """PostgreSQL's own sequence of this table, the lowest last."""
    sequence = func.pg_get_serial_sequence(of.name, "id")
    numbers = func.generate_series(literal_column("1"), bindparam("many")).alias("numbers")
    drawn = select(func.nextval(sequence)).select_from(numbers)
    return sorted(connection.execute(drawn, {"many": SLOTS}).scalars(), reverse=True)
