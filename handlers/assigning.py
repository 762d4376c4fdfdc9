"""Tickets find their officer: when they open, and when they are given back. ``bot.routing`` decides who."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot import routing
from bot.conversation import TicketKind
from bot.effects import OpenTicket
from bot.events import TimerKind
from bot.policy import Office
from bot.routing import Choice
from handlers import complaints
from handlers.mailroom import notices
from handlers.runtime import Runtime
from storage import duty, tickets, timers
from storage.columns import AnyRow, plain
from storage.conversations import Thread
from storage.hearing import Heard


def opened(
    runtime: Runtime, connection: Connection, thread: Thread, ticket_id: int, told: OpenTicket, now: datetime
) -> None:
    """A ticket was opened: who wants to know is told, and a consultation gets its topic and its officer.

    An office that gives nothing and names no topics pays no statement for it.
    """
    if told.kind is TicketKind.COMPLAINT:
        complaints.opened(connection, thread, ticket_id, told, now)
    notices.ticket_opened(runtime, connection, thread.office, told.kind, ticket_id, now)
    office = runtime.office(thread.office)
    if told.kind is not TicketKind.CONSULTATION:
        return
    found = routing.recognised(_request(plain(told.request)), office.routing.topics)
    if found:
        duty.set_topic(connection, office.code, ticket_id, found.topic, now)
    _give(
        *(runtime, connection, office, office.code, ticket_id, found.topic if found else "", now),
        tied=found.tied if found else (),
        version=thread.calendar_version,
    )


def citizen_wrote(
    runtime: Runtime, connection: Connection, ticket_id: int, heard: Heard, message_id: int, now: datetime
) -> None:
    """The citizen wrote: the ticket waits for the office, not for nobody, nor for somebody on leave.

    *message_id* may be 0 where nobody has the ticket.
    """
    if heard.claimed_by is None:
        if heard.turned and heard.kind == TicketKind.CONSULTATION:
            _offer(runtime, connection, ticket_id, heard, now)
        return
    notices.citizen_wrote(runtime, connection, ticket_id, message_id, now)
    if heard.perhaps_away and is_away(runtime, connection, heard.handled_by, heard.claimed_by, now):
        give_back(runtime, connection, [ticket_id], heard.claimed_by, now)


def reopened(runtime: Runtime, connection: Connection, ticket_id: int, now: datetime) -> None:
    """The ticket is with whom it was, unless they are gone or on leave."""
    row = tickets.find(connection, ticket_id)
    if row is None or row.claimed_by is None:
        anew(runtime, connection, [ticket_id], now)
    elif not duty.serves(connection, row.handled_by, row.claimed_by) or is_away(
        runtime, connection, row.handled_by, row.claimed_by, now
    ):
        give_back(runtime, connection, [ticket_id], row.claimed_by, now)


def arrived(runtime: Runtime, connection: Connection, ticket_id: int, now: datetime) -> None:
    """Another office has the ticket now: its topics and its officers count."""
    row = tickets.find(connection, ticket_id)
    if row is not None:
        topics = runtime.office(row.handled_by).routing.topics
        found = routing.recognised(_request(row.request), topics)
        duty.set_topic(connection, row.handled_by, ticket_id, found.topic if found else "", now)
        anew(runtime, connection, [ticket_id], now)


def nobody_takes(runtime: Runtime, connection: Connection, ticket_id: int, now: datetime) -> bool:
    """Whether supervisors should hear of a ticket that nobody has: once more it is tried to give it."""
    row = tickets.find(connection, ticket_id)
    office = runtime.settings.offices.get(row.handled_by) if row is not None else None
    if row is None or office is None or not _is_free(row):
        return False
    given = _give(runtime, connection, office, row.office, ticket_id, row.topic, now)
    return not given and office.routing.escalate_after_hours > 0


def is_away(runtime: Runtime, connection: Connection, office: str, officer_id: int, now: datetime) -> bool:
    """Whether the officer is on leave when the office serves next."""
    at = routing.served_next(runtime.calendars.of(connection, office), now)
    return duty.roster(connection, office, at.day, later=False).is_away(officer_id, at)


def give_back(
    runtime: Runtime, connection: Connection, ticket_ids: Iterable[int], officer_id: int, now: datetime
) -> None:
    """The officer can't work on these tickets: they go back to everybody, and to whose turn it is."""
    anew(runtime, connection, duty.free(connection, ticket_ids, officer_id, now), now)


def anew(runtime: Runtime, connection: Connection, ticket_ids: Iterable[int], now: datetime) -> None:
    """These tickets are nobody's: each is given to an officer, or watched until one takes it."""
    for ticket_id in ticket_ids:
        row = tickets.find(connection, ticket_id)
        if row is not None and _is_free(row):
            _offer(runtime, connection, ticket_id, row, now)


def _offer(
    runtime: Runtime, connection: Connection, ticket_id: int, ticket: AnyRow | Heard, now: datetime
) -> None:
    office = runtime.settings.offices.get(ticket.handled_by)
    if office and not _give(runtime, connection, office, ticket.office, ticket_id, ticket.topic, now):
        watch(runtime, connection, ticket, now)


def _request(told: Mapping[str, str]) -> str:
    """The words in which a topic is looked for."""
    return f"{told.get('text', '')} {told.get('what', '')}"


def _is_free(row: AnyRow) -> bool:
    consultation = row.kind == TicketKind.CONSULTATION
    return consultation and row.status == "open" and row.claimed_by is None


def watch(runtime: Runtime, connection: Connection, ticket: AnyRow | Heard, now: datetime) -> None:
    """Nobody has *ticket*: after so many hours of service of the office that handles it, supervisors hear."""
    office = runtime.settings.offices.get(ticket.handled_by)
    hours = office.routing.escalate_after_hours if office else 0
    if hours and ticket.kind == TicketKind.CONSULTATION:
        calendar = runtime.calendars.of(connection, ticket.handled_by)
        late = calendar.after_service(now, timedelta(hours=hours))
        timers.put(connection, ticket.office, ticket.conversation_id, TimerKind.UNCLAIMED, late)


def _give(
    runtime: Runtime,
    connection: Connection,
    office: Office,
    opened_at: str,
    ticket_id: int,
    topic: str,
    now: datetime,
    *,
    tied: tuple[str, ...] = (),
    version: int | None = None,
) -> bool:
    """Give the ticket by the rule of *office*; False where nobody fits, or where it gives nothing.

    One that an officer has taken at this moment stays with them.
    """
    if office.routing.assign == "none":
        return False
    candidates = duty.candidates(connection, office.code)
    at = routing.served_next(runtime.calendars.of(connection, office.code, version), now)
    roster = duty.roster(connection, office.code, at.day, later=False)
    choice = routing.chosen(office.routing, candidates, roster, at, topic)
    detail = _told(choice, topic, tied)
    if choice.officer_id is None:
        tickets.log(connection, opened_at, ticket_id, "not_assigned", now, None, detail)
        return False
    turn = routing.turn_at(candidates, now)
    if duty.give(connection, office.code, ticket_id, choice.officer_id, now, turn):
        tickets.log(connection, opened_at, ticket_id, "assigned", now, None, detail)
        notices.handed_over(runtime, connection, ticket_id, choice.officer_id, None, now)
    return True


def _told(choice: Choice, topic: str, tied: tuple[str, ...]) -> dict[str, object]:
    """What the log keeps of the reasons."""
    return {
        "to": choice.officer_id,
        "why": choice.why.value,
        "topic": topic,
        "by_topic": choice.by_topic,
        "tied": list(tied),
    }
