"""Deadlines as rows. A tick costs what is due, never what is stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, select, update

from bot.events import TimerKind
from storage.columns import table
from storage.inserting import insert_into
from storage.tables import Timer

TIMER: Table = table(Timer)


def put(connection: Connection, office: str, conversation_id: int, kind: TimerKind, due_at: datetime) -> None:
    """Set the conversation's timer of this kind, in place of an earlier one."""
    row = {"office": office, "conversation_id": conversation_id, "kind": kind.value}
    statement = insert_into(connection, TIMER).values(**row, due_at=due_at, tries=0)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "kind"], set_={"due_at": due_at, "tries": 0}
        )
    )


def move(connection: Connection, conversation_id: int, kind: TimerKind, due_at: datetime) -> None:
    """Let the timer of this kind be due then, if it is still set."""
    mine = (TIMER.c.conversation_id == conversation_id, TIMER.c.kind == kind.value)
    connection.execute(update(TIMER).where(*mine).values(due_at=due_at))


def standing(connection: Connection, conversation_ids: Sequence[int]) -> dict[int, dict[TimerKind, datetime]]:
    """Every deadline of these conversations that is still to come."""
    found = connection.execute(select(TIMER).where(TIMER.c.conversation_id.in_(conversation_ids)))
    told: dict[int, dict[TimerKind, datetime]] = {one: {} for one in conversation_ids}
    for row in found:
        told[row.conversation_id][TimerKind(row.kind)] = row.due_at
    return told


def clear(connection: Connection, conversation_id: int, kinds: Sequence[TimerKind]) -> None:
    """Forget these timers, if they are set."""
    names = [kind.value for kind in kinds]
    connection.execute(
        delete(TIMER).where(TIMER.c.conversation_id == conversation_id, TIMER.c.kind.in_(names))
    )


def due(connection: Connection, now: datetime, limit: int = 50) -> list[tuple[int, TimerKind]]:
    """What is due, oldest first, as (conversation, kind). Taking it is a turn of its own."""
    rows = connection.execute(
        select(TIMER.c.conversation_id, TIMER.c.kind)
        .where(TIMER.c.due_at <= now)
        .order_by(TIMER.c.due_at)
        .limit(limit)
    )
    return [(row.conversation_id, TimerKind(row.kind)) for row in rows]


def take(connection: Connection, conversation_id: int, kind: TimerKind, now: datetime) -> bool:
    """Remove a due timer inside its turn; False when another worker was first or it was set anew."""
    taken = connection.execute(
        delete(TIMER).where(
            TIMER.c.conversation_id == conversation_id, TIMER.c.kind == kind.value, TIMER.c.due_at <= now
        )
    )
    return taken.rowcount == 1


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
