"""Deadlines as rows. A tick costs what is due, never what is stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Table, bindparam, delete, literal_column, select, update
from sqlalchemy.sql.dml import Delete, Insert

from bot.events import TimerKind
from storage import later
from storage.columns import table, written
from storage.inserting import insert_of
from storage.tables import Timer

TIMER: Table = table(Timer)


_MINE = (TIMER.c.conversation_id == bindparam("of"), TIMER.c.kind == bindparam("which"))
_MOVE = update(TIMER).where(*_MINE).values(due_at=bindparam("moment"))
_TAKE = delete(TIMER).where(*_MINE, TIMER.c.due_at <= bindparam("now"))
_DUE = (
    select(TIMER.c.conversation_id, TIMER.c.kind)
    .where(TIMER.c.due_at <= bindparam("now"))
    .order_by(TIMER.c.due_at)
    .limit(bindparam("most"))
)


@cache
def _put(dialect: str) -> Insert:
    names = ("office", "conversation_id", "kind", "due_at")
    statement = (
        insert_of(dialect, TIMER)
        .values({name: bindparam(name) for name in names} | {"tries": literal_column("0")})
        .inline()
    )
    return statement.on_conflict_do_update(
        index_elements=["conversation_id", "kind"],
        set_={"due_at": statement.excluded.due_at, "tries": literal_column("0")},
    )


def put(connection: Connection, office: str, conversation_id: int, kind: TimerKind, due_at: datetime) -> None:
    """Set the conversation's timer of this kind, in place of an earlier one."""
    put_all(connection, office, conversation_id, {kind: due_at})


def put_all(
    connection: Connection, office: str, conversation_id: int, due: Mapping[TimerKind, datetime]
) -> None:
    """Set the conversation's timers of these kinds, in place of earlier ones."""
    common = {"office": office, "conversation_id": conversation_id}
    if rows := [{**common, "kind": kind.value, "due_at": due_at} for kind, due_at in due.items()]:
        _write(connection, conversation_id, rows)


def _write(connection: Connection, conversation_id: int, rows: Sequence[Mapping[str, object]]) -> None:
    later.put(connection, _put(connection.dialect.name), rows)
    later.tell(connection, ("timers", conversation_id), told=True)


def _need(connection: Connection, conversation_id: int) -> None:
    """What this turn has set for the conversation is going to be changed."""
    if later.take(connection, ("timers", conversation_id)):
        later.write_now(connection)


def move(connection: Connection, conversation_id: int, kind: TimerKind, due_at: datetime) -> None:
    """Let the timer of this kind be due then, if it is still set."""
    _need(connection, conversation_id)
    connection.execute(_MOVE, {"of": conversation_id, "which": kind.value, "moment": due_at})


def standing(connection: Connection, conversation_ids: Sequence[int]) -> dict[int, dict[TimerKind, datetime]]:
    """Every deadline of these conversations that is still to come."""
    found = connection.execute(select(TIMER).where(TIMER.c.conversation_id.in_(conversation_ids)))
    told: dict[int, dict[TimerKind, datetime]] = {one: {} for one in conversation_ids}
    for row in found:
        told[row.conversation_id][TimerKind(row.kind)] = row.due_at
    return told


@cache
def _clear(kinds: tuple[TimerKind, ...]) -> Delete:
    named = TIMER.c.kind.in_([written(kind.value) for kind in kinds])
    return delete(TIMER).where(TIMER.c.conversation_id == bindparam("of"), named)


def clear(connection: Connection, conversation_id: int, kinds: Sequence[TimerKind]) -> None:
    """Forget these timers, if they are set. A conversation that is still to be written has none."""
    if kinds and not later.is_unwritten(connection, ("conversation", conversation_id)):
        _need(connection, conversation_id)
        connection.execute(_clear(tuple(kinds)), {"of": conversation_id})


def due(connection: Connection, now: datetime, limit: int = 50) -> list[tuple[int, TimerKind]]:
    """What is due, oldest first, as (conversation, kind). Taking it is a turn of its own."""
    rows = connection.execute(_DUE, {"now": now, "most": limit})
    return [(row.conversation_id, TimerKind(row.kind)) for row in rows]


def take(connection: Connection, conversation_id: int, kind: TimerKind, now: datetime) -> bool:
    """Remove a due timer inside its turn; False when another worker was first or it was set anew."""
    mine = {"of": conversation_id, "which": kind.value, "now": now}
    return connection.execute(_TAKE, mine).rowcount == 1


def put_off(connection: Connection, conversation_id: int, kind: TimerKind, now: datetime) -> None:
    """A turn failed: try again later, the later the more often it failed."""
    row = connection.execute(
        select(TIMER.c.id, TIMER.c.tries).where(
            TIMER.c.conversation_id == conversation_id, TIMER.c.kind == kind.value
        )
    ).first()
    if row:
        later = now + timedelta(minutes=min(60, 2**row.tries))
        connection.execute(
            update(TIMER).where(TIMER.c.id == row.id).values(due_at=later, tries=row.tries + 1)
        )
