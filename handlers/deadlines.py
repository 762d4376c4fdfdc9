"""What a turn does to its conversation's deadlines, written at once: what it sets, and what it clears."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.effects import ClearTimers, MoveTimer, SetTimer
from bot.events import TimerKind
from storage import timers

Change = SetTimer | MoveTimer | ClearTimers


def settle(connection: Connection, office: str, conversation_id: int, changes: Sequence[Change]) -> None:
    """Write down what *changes* come to, one after the other: the last one about a kind holds."""
    known: dict[TimerKind, datetime | None] = {}
    moved: dict[TimerKind, datetime] = {}
    for change in changes:
        match change:
            case SetTimer(kind, due_at):
                known[kind] = due_at
            case ClearTimers(kinds):
                known |= dict.fromkeys(kinds)
            case MoveTimer(kind, due_at) if kind not in known:
                moved[kind] = due_at
            case MoveTimer(kind, due_at) if known[kind] is not None:
                known[kind] = due_at
    for kind, due_at in moved.items():
        timers.move(connection, conversation_id, kind, due_at)
    timers.clear(connection, conversation_id, [kind for kind, due_at in known.items() if due_at is None])
    timers.put_all(connection, office, conversation_id, {kind: it for kind, it in known.items() if it})
