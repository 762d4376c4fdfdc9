"""Very many tickets, made by the database itself: what years leave behind, for measuring what a tick reads.

Set by set, since a million turns would take an hour. The rows are as turns leave them, only poorer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    case,
    cast,
    insert,
    literal,
    literal_column,
    null,
    select,
    text,
)

from storage.columns import Moment, table
from storage.tables import Address, Contact, Conversation, Ticket, Timer

OFFICE = "7411"
NOON = datetime(2026, 7, 6, 4, 0, tzinfo=UTC)
VERSION = 2
_DAYS = 12
_SHARED = 10
Columns = dict[str, ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Heap:
    """How many tickets are closed and how many open.

    Of the open ones so many as *due* says have a timer whose moment has come, are late, were counted with an
    older calendar, and may be closed.
    """

    closed: int
    open: int
    due: int = 50


def fill(connection: Connection, heap: Heap) -> None:
    """Fill an empty database with *heap*. Ten closed tickets share a citizen, an open one has its own."""
    people = heap.open + heap.closed // _SHARED + 1
    put(connection, Contact, people, lambda _: {"office": literal(OFFICE), "created_at": _at(NOON)})
    put(connection, Address, people, _address)
    put(connection, Conversation, people, lambda i: _conversation(i, heap))
    put(connection, Ticket, heap.open + heap.closed, lambda i: _ticket(i, heap))
    for kind, moment in (("due", timedelta()), ("unclaimed", timedelta(days=90))):
        put(connection, Timer, heap.open, lambda i, kind=kind, moment=moment: _timer(i, heap, kind, moment))


def put(connection: Connection, row: Any, last: int, columns: Any, beside: str = "") -> None:
    """Rows numbered from 1 to *last* (in SQL ``n.i``), whose ids are their numbers, timers' excepted.

    *beside*: joins that *columns* may name.
    """
    into: Table = table(row)
    count = numbers(last)
    values = columns(count.c.i)
    if "id" in into.c and row is not Timer:
        values = {"id": literal_column("n.i"), **values}
    whole = select(*values.values())
    rows = whole.select_from(text(f"n {beside}")).add_cte(count) if beside else whole.select_from(count)
    connection.execute(insert(into).from_select(list(values), rows))


def numbers(last: int) -> CTE:
    """One to *last*, as a table with the column ``i``."""
    first = select(literal(1, Integer).label("i")).cte("n", recursive=True)
    return first.union_all(select(first.c.i + 1).where(first.c.i < last))


def _address(i: ColumnElement[int]) -> Columns:
    number = literal("+62") + cast(i, Text)
    common: Columns = {"office": literal(OFFICE), "created_at": _at(NOON), "contact_id": i}
    return {**common, "kind": literal("whatsapp"), "value": number}


def _conversation(i: ColumnElement[int], heap: Heap) -> Columns:
    keys = _address(i)
    keys["reply_to"] = keys.pop("value")
    keys["channel"] = keys.pop("kind")
    is_open = i <= heap.open
    return {
        **keys,
        "address_id": i,
        "sender": literal("+62811"),
        "state": case((is_open, "with_officers"), else_="closed"),
        "ticket_id": case((is_open, i), else_=null()),
    }


def _ticket(i: ColumnElement[int], heap: Heap) -> Columns:
    is_open, first = i <= heap.open, i <= heap.due
    person = case((is_open, i), else_=heap.open + (i - heap.open) // _SHARED + 1)
    done = case((is_open, null()), else_=_at(NOON))
    return {
        **{name: literal(OFFICE) for name in ("office", "handled_by")},
        **dict.fromkeys(("conversation_id", "contact_id"), person),
        **{name: _at(NOON) for name in ("opened_at", "waiting_since", "clock_from", "touched_at")},
        **dict.fromkeys(("answered_at", "closed_at"), done),
        "kind": literal("consultation"),
        "year": literal(2026),
        "number": i,
        "reference": literal("KTM-2026-") + cast(i, Text),
        "subject": literal(""),
        "status": case((is_open, "open"), else_="closed"),
        "due_at": _spread(i, heap, timedelta()),
        "calendar_version": case((first, VERSION - 1), else_=VERSION),
        "closable_at": case((first, _at(NOON)), else_=null()),
    }


def _timer(i: ColumnElement[int], heap: Heap, kind: str, later: timedelta) -> Columns:
    common: Columns = {"office": literal(OFFICE), "conversation_id": i, "kind": literal(kind)}
    return {**common, "due_at": _spread(i, heap, later)}


def _spread(i: ColumnElement[int], heap: Heap, later: timedelta) -> ColumnElement[Any]:
    """An hour before noon for the first ones, within twelve days after it for all others."""
    days = [(i % _DAYS == day, _at(NOON + later + timedelta(days=day + 1))) for day in range(_DAYS)]
    return case((i <= heap.due, _at(NOON + later - timedelta(hours=1))), *days)


def _at(moment: datetime) -> ColumnElement[datetime]:
    return literal(moment, Moment())


def settle(connection: Connection) -> None:
    """Let the database count what it holds, as it does by itself in time. Outside of a transaction."""
    if connection.dialect.name != "sqlite":
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
