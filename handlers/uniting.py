"""What becomes of the promises when the words of one ticket join another's, and when they part again.

A ticket keeps one promise: of two that are still owed the one that ends first. The log keeps the other one,
so that no report loses it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot import clocks
from bot.conversation import Clock, TicketKind
from bot.events import OfficeMessageSent, TimerKind
from handlers import apply, assigning, complaints
from handlers.runtime import Runtime
from storage import clocks as stored
from storage import conversations, earlier_promises, links, tickets, timers
from storage.columns import AnyRow
from storage.earlier_promises import Earlier

_LEFT = ("sent", "delivered", "read")
_MOMENTS = ("clock_from", "due_at", "answered_at")


@dataclass(frozen=True, slots=True)
class United:
    """*promises*: those that stand on neither ticket any more, as the log keeps them. *before*: the promise
    that stood on the ticket which goes on, where it is another one now."""

    promises: Sequence[Mapping[str, Any]]
    before: Mapping[str, Any] | None


def unite(runtime: Runtime, connection: Connection, into: AnyRow, gone: AnyRow, now: datetime) -> United:
    """The words of *gone* belong to *into*, which waits for whom it must: the first promise stands there."""
    if into.kind != TicketKind.CONSULTATION:
        return United((), None)
    waits = "office" in (into.waiting_for, gone.waiting_for)
    mine, theirs = (_awake(runtime, connection, each, now, waits=waits) for each in (into, gone))
    stands = clocks.first_to_end(mine, theirs)
    lost = _over(gone, theirs, now, here=False) if stands is mine else _over(into, mine, now, here=True)
    changed = stands != conversations.clock_of(into)
    if changed:
        stored.keep(connection, into.id, stands, min(into.calendar_version, gone.calendar_version))
    if stands is theirs:
        stored.put(connection, into.id, {"answered_at": None})
    look_again(runtime, connection, into.id, now)
    kept = [earlier_promises.as_logged(one) for one in (*_brought(connection, gone), *lost)]
    return United(kept, _written(into) if changed else None)


def part(connection: Connection, into: AnyRow, gone: AnyRow, done: AnyRow) -> datetime | None:
    """*gone* stands by itself again. So does the promise that *into* had, unless it has made a new one since.

    *done*: the row of the log that tells of the merge. Gives since when an answer of *into* is owed, or was
    given; None: it is owed, and nothing that was said on it is one.
    """
    before = done.detail.get("before")
    if before is None or into.clock_from not in (gone.clock_from, _moment(before["clock_from"])):
        now_answered: datetime | None = into.answered_at
        return now_answered
    answered = _moment(before["answered_at"])
    moments = {name: _moment(before[name]) for name in _MOMENTS}
    plain = {name: before[name] for name in ("pauses", "calendar_version")}
    stored.put(connection, into.id, {**moments, **plain})
    owed_since: datetime = answered or done.at
    return owed_since


def split_off(
    runtime: Runtime, connection: Connection, ticket_id: int, received: datetime, now: datetime
) -> None:
    """The ticket holds what came with another one: it is promised since then, and finds its officer."""
    row = tickets.find(connection, ticket_id)
    if row is None or row.kind != TicketKind.CONSULTATION:
        return
    at = complaints.desk_of(runtime, connection, row.office)
    stored.keep(connection, ticket_id, clocks.received(received, at), at.calendar.version)
    assigning.arrived(runtime, connection, ticket_id, now)


def back(
    connection: Connection, new: AnyRow, split_at: datetime, now: datetime
) -> Sequence[Mapping[str, Any]]:
    """*new* is where it was split off again: of what was promised on it the log keeps what was missed.

    Not what had ended already when it was split off: nobody could have kept that, and nobody was told of it.
    """
    promises = (*_brought(connection, new), *_over(new, conversations.clock_of(new), now, here=False))
    return [
        earlier_promises.as_logged(one)
        for one in promises
        if one.due_at and split_at < one.due_at < (one.answered_at or now)
    ]


def first_answer(ticket: AnyRow, new: AnyRow, done: AnyRow) -> datetime | None:
    """When *ticket*, with the words of *new* once more, was answered; None: it is owed an answer still.

    *done*: the row of the log that tells of the split. To what was unanswered then, no older words were one.
    """
    since = ticket.clock_from or ticket.opened_at
    if done.detail.get("answered", True) is None:
        since = max(since, done.at)
    given = (each.answered_at for each in (ticket, new) if each.answered_at and each.answered_at >= since)
    return min(given, default=None)


def look_again(runtime: Runtime, connection: Connection, ticket_id: int, now: datetime) -> None:
    """Words came to the ticket or left it: no pause outlasts them, and a turn looks at its deadline.

    A silence that was counted is over; where the citizen is waited for still, it is counted from now.
    """
    complaints.settle(runtime, connection, ticket_id)
    row = tickets.find(connection, ticket_id)
    if row is None or row.kind != TicketKind.CONSULTATION or row.status != "open":
        return
    clock = _awake(runtime, connection, row, now, waits=row.waiting_for == "office")
    if clock.runs:  # the calendar may have changed while it was answered, and nothing was counted
        clock = clocks.counted(clock, complaints.desk_of(runtime, connection, row.office))
    if clock != conversations.clock_of(row):
        stored.keep(connection, ticket_id, clock, row.calendar_version)
    if clock.runs and clock.due_at is not None:
        timers.put(connection, row.office, row.conversation_id, TimerKind.DUE, now)
    if row.waiting_for == "citizen" and row.silent_since is None:
        _wait_anew(runtime, connection, row, now)


def _wait_anew(runtime: Runtime, connection: Connection, ticket: AnyRow, now: datetime) -> None:
    """Whom our last words have reached is silent from now on: a ticket that waits must not stand for ever."""
    said = links.last_word(connection, ticket.id)
    if said is None or said.delivery not in _LEFT:
        return  # they are waited for once it leaves
    theirs = links.threads_of(connection, ticket)
    if not theirs:
        return
    here = said.conversation_id if said.conversation_id in theirs else theirs[0]
    if (thread := conversations.by_id(connection, here)) is not None:
        links.one_clock(connection, ticket.id, here)
        apply.take(runtime, connection, thread, OfficeMessageSent(ticket.id), now)


def _awake(runtime: Runtime, connection: Connection, ticket: AnyRow, now: datetime, *, waits: bool) -> Clock:
    """The clock of *ticket*, which stands still no longer where the office is waited for."""
    clock = conversations.clock_of(ticket)
    if not (waits and clock.runs and clock.paused):
        return clock
    return clocks.resumed(clock, complaints.desk_of(runtime, connection, ticket.office), now)


def _over(ticket: AnyRow, clock: Clock, now: datetime, *, here: bool) -> Iterator[Earlier]:
    """The promise of *ticket*, which stands no longer; made *here*, its answer is the first one."""
    if clock.due_at is not None or (here and ticket.answered_at is not None):
        yield Earlier(clock.due_at, ticket.answered_at, now, here)


def _brought(connection: Connection, gone: AnyRow) -> Iterator[Earlier]:
    """What was promised on *gone* before, and is counted nowhere else now."""
    before = earlier_promises.earlier(connection, [gone.id]).get(gone.id, ())
    return (replace(one, here=False) for one in before)


def _written(ticket: AnyRow) -> Mapping[str, Any]:
    """The promise of *ticket* as an undoing finds it again."""
    moments = {name: getattr(ticket, name) for name in _MOMENTS}
    told = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return told | {"pauses": ticket.pauses, "calendar_version": ticket.calendar_version}


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
