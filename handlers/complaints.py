"""Complaints beside their conversations: whom each is kept from, its deadlines, and what supervisors enter.

What is due follows from what has happened and from the calendar, and is counted anew after every change.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot import complaint_days
from bot import complaints as rules
from bot.complaint_days import Telling
from bot.conversation import Clock, TicketKind
from bot.effects import CloseTicket, Decision, OpenTicket, RelayReply, Reminder, ReopenTicket, Say
from bot.policy import Desk
from bot.texts import Text
from handlers import resting
from handlers.runtime import Runtime
from storage import alarms, clocks, complaints, desk, links, officers, tickets
from storage.columns import AnyRow
from storage.complaints import Treatment
from storage.conversations import Thread
from storage.db import after_others

UNREAD = "complaint_unread"
"""The alarm's kind: no supervisor may read a complaint, for it may be about all of them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a supervisor's form holds: the treatment, and the officers whom the complaint is kept from."""

    treatment: Treatment
    accused: frozenset[int] = frozenset()


def opened(connection: Connection, thread: Thread, ticket_id: int, told: OpenTicket, now: datetime) -> None:
    """A complaint was opened: it is kept from who served its citizen, from whom its words may name, and from
    whom the complaint is kept that it goes on from.
    """
    tickets.need(connection, ticket_id)
    complaints.open_complaint(connection, thread.office, ticket_id)
    value = thread.value
    served = [value.ticket.id] if value.ticket else [value.last_closed] if value.last_closed else []
    if served:
        complaints.keep_from(connection, ticket_id, complaints.servants(connection, served), "served", now)
    names = {one.id: one.name for one in officers.colleagues(connection, thread.office)}
    named = rules.accused(told.request.text, names)
    complaints.keep_from(connection, ticket_id, named, "named", now)
    for officer_id, found in complaints.accused(connection, told.linked_to or 0).items():
        complaints.keep_from(connection, ticket_id, [officer_id], found, now)
    _look_for_reader(connection, thread.office, ticket_id, now)


def _look_for_reader(connection: Connection, office: str, ticket_id: int, now: datetime) -> None:
    """Where no supervisor may read it, the administrator is asked for one who may."""
    key, row = f"{UNREAD}:{ticket_id}", tickets.find(connection, ticket_id)
    if not complaints.has_reader(connection, office, ticket_id):
        number = row.reference if row is not None else ""
        alarms.raise_alarm(connection, key, None, UNREAD, {"number": number, "office": office}, now)
    elif alarms.find(connection, key) is not None:
        alarms.settle(connection, key, None, now)


def concerns(
    connection: Connection, office: str, contact_ids: Iterable[int], officer_id: int, now: datetime
) -> bool:
    """Whether a complaint of these contacts, be it closed, is about this officer, who may not decide on it.

    Where nobody else may either, the administrator is asked for one who may.
    """
    about = complaints.about(connection, contact_ids, officer_id)
    for ticket_id in about:
        _look_for_reader(connection, office, ticket_id, now)
    return bool(about)


def follow(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    decision: Decision,
    opened_id: int | None,
    now: datetime,
) -> None:
    """What a turn means for complaints: *opened_id* is the one that it opened."""
    if opened_id is not None:
        if any(isinstance(it, Say) and it.text is Text.COMPLAINT_RECEIPT for it in decision.effects):
            complaints.acknowledged(connection, opened_id, now)
        settle(runtime, connection, opened_id)
    mine = thread.value.complaint.id if thread.value.complaint else None
    for effect in decision.effects:
        match effect:
            case RelayReply(ticket_id) if ticket_id == mine:
                complaints.answered(connection, ticket_id, now)
                settle(runtime, connection, ticket_id)
            case CloseTicket(ticket_id) if ticket_id == mine:
                settle(runtime, connection, ticket_id)
                resting.over(connection, ticket_id, thread, desk_of(runtime, connection, thread.office), now)
            case ReopenTicket(ticket_id) if decision.conversation.focus is TicketKind.COMPLAINT:
                settle(runtime, connection, ticket_id)


def settle(runtime: Runtime, connection: Connection, ticket_id: int) -> None:
    """Count a complaint's deadlines anew; what was missed already is told of by the next tick."""
    row = complaints.find(connection, ticket_id)
    if row is None or row.office not in runtime.settings.offices:
        return
    at = desk_of(runtime, connection, row.office)
    owed = [each for one in complaints.courses(connection, row) for each in complaint_days.deadlines(one, at)]
    first = complaint_days.next_owed(tuple(owed))
    clock = Clock(row.opened_at, first.due_at if first else None)
    clocks.keep(connection, ticket_id, clock, at.calendar.version)
    later = (it.at for it in untold(connection, row, at))
    complaints.tell_at(connection, ticket_id, min(later, default=None) if row.status == "open" else None)


def split_off(runtime: Runtime, connection: Connection, ticket: AnyRow, new_id: int, now: datetime) -> None:
    """Part of the complaint *ticket* is one of its own now, kept from the same people."""
    complaints.open_complaint(connection, ticket.office, new_id)
    complaints.acknowledged(connection, new_id, now)
    join(runtime, connection, ticket.id, new_id, now)


def join(runtime: Runtime, connection: Connection, ticket_id: int, into_id: int, now: datetime) -> None:
    """Words of the complaint *ticket_id* stand in another one: it is kept from the same people, too."""
    for officer_id, found in complaints.accused(connection, ticket_id).items():
        complaints.keep_from(connection, into_id, [officer_id], found, now)
    row = complaints.find(connection, into_id)
    if row is not None:
        _look_for_reader(connection, row.office, into_id, now)
    settle(runtime, connection, into_id)


def desk_of(runtime: Runtime, connection: Connection, office: str) -> Desk:
    """The office's rules and days; deadlines are the same on every channel."""
    channel = next(iter(runtime.channels))
    return runtime.desk(office, channel, runtime.calendars.of(connection, office))


def untold(connection: Connection, row: AnyRow, at: Desk) -> list[Telling]:
    """What supervisors are to be told of this complaint and have not been told, be it now or later."""
    told = complaints.told(connection, row.ticket_id)
    tellings = (
        it
        for course in complaints.courses(connection, row)
        for it in complaint_days.tellings(course, complaint_days.deadlines(course, at), at)
    )
    return [it for it in tellings if mark(it) not in told]


def mark(telling: Telling) -> tuple[str, str, str]:
    """A telling as the log keeps it: what, of which step, with which end."""
    what = Reminder.OVERDUE if telling.late else Reminder.DUE_SOON
    return what.value, telling.owed.step.value, telling.owed.due_at.isoformat()


def treat(runtime: Runtime, officer_id: int, ticket_id: int, told: Sheet, shown: Sheet) -> bool:
    """Keep what a supervisor has entered: category, weight, plan, and whom the complaint is about.

    False, and nothing is kept, when a colleague has saved another treatment than the form had *shown*.
    """
    now = runtime.clock()

    def once() -> bool:
        with runtime.database.write() as connection:
            links.lock(connection, (ticket_id,))
            row = complaints.find(connection, ticket_id)
            if row is None or not _still(row, told.treatment, shown.treatment):
                return False
            complaints.treat(connection, ticket_id, told.treatment, officer_id, now)
            _keep_from(connection, row, told.accused, shown.accused, officer_id, now)
            _changed(runtime, connection, row, "treated", officer_id, now)
        return True

    return after_others(once, links.Moved)


def _still(row: AnyRow, told: Treatment, shown: Treatment) -> bool:
    """Whether the treatment is the one that was shown, or what was entered already: a form sent twice."""
    kept = Treatment(row.category, row.weight, row.plan, row.plan_by, row.plan_due)
    return _plain(kept) in (_plain(shown), _plain(told))


def _plain(one: Treatment) -> Treatment:
    # A browser sends the ends of lines in its own way.
    return replace(one, plan="\n".join(one.plan.splitlines()).strip())


def _keep_from(
    connection: Connection,
    row: AnyRow,
    wanted: frozenset[int],
    shown: frozenset[int],
    officer_id: int,
    now: datetime,
) -> None:
    """What was changed of whom it is kept from: whom a colleague has added since stays one of them.

    Who holds it and is one of them holds it no more.
    """
    members = {one.id for one in officers.colleagues(connection, row.office)}
    complaints.show_to(connection, row.ticket_id, (shown - wanted) & members)
    complaints.keep_from(connection, row.ticket_id, (wanted - shown) & members, "said", now)
    ticket = tickets.find(connection, row.ticket_id)
    if ticket is not None and ticket.claimed_by in complaints.accused(connection, row.ticket_id):
        desk.assign(connection, row.ticket_id, None, officer_id, now)
    _look_for_reader(connection, row.office, row.ticket_id, now)


def complete(runtime: Runtime, officer_id: int, ticket_id: int) -> bool:
    """The complaint is complete: the decision counts from now. False when it was before."""
    return _mark_done(runtime, officer_id, ticket_id, "complaint_complete")


def plan_done(runtime: Runtime, officer_id: int, ticket_id: int) -> bool:
    """What was planned is done; False when nothing is planned, or it was done before."""
    return _mark_done(runtime, officer_id, ticket_id, "plan_done")


_MARKS = {"complaint_complete": complaints.complete, "plan_done": complaints.plan_done}


def _mark_done(runtime: Runtime, officer_id: int, ticket_id: int, what: str) -> bool:
    now = runtime.clock()

    def once() -> bool:
        with runtime.database.write() as connection:
            links.lock(connection, (ticket_id,))
            row = complaints.find(connection, ticket_id)
            done = row is not None and _MARKS[what](connection, ticket_id, officer_id, now)
            if row is not None and done:
                _changed(runtime, connection, row, what, officer_id, now)
        return done

    return after_others(once, links.Moved)


def _changed(
    runtime: Runtime, connection: Connection, row: AnyRow, what: str, officer_id: int, now: datetime
) -> None:
    tickets.log(connection, row.office, row.ticket_id, what, now, officer_id)
    settle(runtime, connection, row.ticket_id)
    tickets.touch(connection, row.ticket_id, now)
