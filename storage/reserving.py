"""Ids for rows that are written later: nothing else gets them."""

from functools import cache

from sqlalchemy import Connection, Select, Table, Text, func, literal_column, select

from storage import later

_BEGUN = ("contact", "address", "conversation", "ticket")
"""What a letter may begin: ids of all four are drawn at once."""
_DRAWN = 20
# As a table of its own, and the number without a parameter: else PostgreSQL would look each name up for every
# id, and plan this anew at every execution.
_CALLED = "pg_get_serial_sequence('{}', 'id')::regclass"
_NAMED = [literal_column(_CALLED.format(name), Text).label(name) for name in _BEGUN]
_SEQUENCES = select(*_NAMED).cte("called").prefix_with("MATERIALIZED")
_NUMBERS = func.generate_series(literal_column("1"), literal_column(str(_DRAWN))).alias("numbers")
_DRAW = select(*(func.nextval(_SEQUENCES.c[name]).label(name) for name in _BEGUN)).select_from(
    _SEQUENCES.join(_NUMBERS, literal_column("true"))
)


def next_id(connection: Connection, of: Table) -> int:
    """An id for a row of *of*, of those that a letter may begin, where turns share the transaction.

    The rows with such ids must be the only ones that the transaction inserts there until they are written.
    """
    if connection.dialect.name == "sqlite":
        return _after_the_last(connection, of)
    drawn: dict[str, list[int]] = later.once(connection, "ids", dict)
    if not drawn.get(of.name):
        for row in connection.execute(_DRAW).mappings():
            for name in _BEGUN:
                drawn.setdefault(name, []).append(row[name])
    return drawn[of.name].pop(0)


def _after_the_last(connection: Connection, of: Table) -> int:
    """SQLite has one writer, and gives a new row the id after the highest."""
    highest = later.once(connection, ("highest", of.name), lambda: _highest(connection, of))
    return highest + later.count(connection, ("ids", of.name), 1)


def _highest(connection: Connection, of: Table) -> int:
    return int(connection.execute(_highest_of(of)).scalar_one())


@cache
def _highest_of(table: Table) -> Select[int]:
    return select(func.coalesce(func.max(table.c.id), literal_column("0")))
