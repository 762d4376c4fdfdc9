"""What officers do to tickets. Each act is one transaction; permissions are checked before, by the pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from bot.conversation import Clock, Refusal, TicketKind
from bot.events import (
    Event,
    OfficerClosed,
    OfficerForwarded,
    OfficerMarkedClear,
    OfficerReopened,
    OfficerReplied,
)
from handlers import apply, assigning, inbound, other_ways, routes
from handlers.mailroom import notices
from handlers.reply import Reply
from handlers.runtime import Runtime
from storage import conversations, desk, duty, intake, links, officers, tickets
from storage.columns import AnyRow
from storage.conversations import Thread
from storage.db import after_others, again

MOST_WORDS = 20_000
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Stale:
    """The page was older than the ticket: so many messages came since. The text was not sent."""

    newer: int


def reply(
    runtime: Runtime,
    officer_id: int,
    ticket_id: int,
    text: str,
    form_id: str,
    *,
    asks_back: bool,
    seen: int,
    media: tuple[Mapping[str, str], ...] = (),
    route: str = "",
) -> Refusal | Stale | None:
    """Send *text* to the citizen, once per *form_id*, unless there are messages newer than *seen*.

    *media*: files that go with it, as ``message.media`` holds them; for channels that carry files.
    *route*: the key of the way (``handlers.routes``); without one it goes where the citizen wrote last.
    """
    wanted = Reply(clean(text), form_id, media)

    def look_first(connection: Connection) -> Refusal | Stale | bool:
        if intake.form_used(connection, form_id):
            return True
        newer = desk.newer_messages(connection, ticket_id, seen, officer_id)
        return Stale(newer) if newer else False

    return _act(
        *(runtime, officer_id, ticket_id, OfficerReplied(ticket_id, asks_back), wanted, look_first),
        thread_of=lambda connection: _thread_on(runtime, connection, ticket_id, route),
    )


def mark_clear(runtime: Runtime, officer_id: int, ticket_id: int) -> Refusal | None:
    """Declare the request clear and complete: the promise counts from now."""
    return _plain(_act(runtime, officer_id, ticket_id, OfficerMarkedClear(ticket_id)))


def close(runtime: Runtime, officer_id: int, ticket_id: int) -> Refusal | None:
    """Close the ticket."""
    return _plain(_act(runtime, officer_id, ticket_id, OfficerClosed(ticket_id)))


def close_silent(runtime: Runtime, officer_id: int, ticket_id: int) -> Refusal | None:
    """Close the ticket because its citizen does not answer; ``ALREADY`` when that is no longer so.

    The citizen is told on a way that is open now, if there is one.
    """
    event = OfficerClosed(ticket_id, for_silence=True)
    return _plain(
        _act(
            *(runtime, officer_id, ticket_id, event),
            thread_of=lambda connection: _thread_to_tell(runtime, connection, ticket_id, event),
        )
    )


def reopen(runtime: Runtime, officer_id: int, ticket_id: int) -> Refusal | None:
    """Open the ticket again."""
    with runtime.database.read() as connection:
        row = tickets.find(connection, ticket_id)
    if row is None:
        return Refusal.CLOSED
    kind = TicketKind(row.kind)
    clock = conversations.clock_of(row) if kind is TicketKind.CONSULTATION else Clock()
    again = OfficerReopened(ticket_id, kind, clock)
    return _plain(_act(runtime, officer_id, ticket_id, again))


def _plain(result: Refusal | Stale | None) -> Refusal | None:
    return result if isinstance(result, Refusal) else None


_Look = Callable[[Connection], Refusal | Stale | bool]


def _act(
    runtime: Runtime,
    officer_id: int,
    ticket_id: int,
    event: Event,
    words: Reply | None = None,
    look_first: _Look | None = None,
    thread_of: Callable[[Connection], Thread] | None = None,
) -> Refusal | Stale | None:
    """Lock the ticket's thread, look whether the act may go ahead, and take the turn, or leave no trace.

    *thread_of*: the thread of the turn, where it is another one than the ticket's own. An act that is done
    already, by a try whose end nobody heard of, is done.
    """
    now, tries = runtime.clock(), 0

    def once() -> None:
        nonlocal tries
        tries += 1
        with runtime.database.write() as connection:
            thread = thread_of(connection) if thread_of else _thread_of(connection, ticket_id)
            found = look_first(connection) if look_first else False
            if found:
                raise _NotDone(None if found is True else found)
            turn = apply.take(runtime, connection, thread, event, now, officer_id=officer_id, reply=words)
            if turn.refusal:
                raise _NotDone(turn.refusal)

    try:
        again(once)
    except _NotDone as reason:
        return None if tries > 1 and _has_acted(runtime, ticket_id, officer_id, now) else reason.told
    return None


def _has_acted(runtime: Runtime, ticket_id: int, officer_id: int, at: datetime) -> bool:
    with runtime.database.read() as connection:
        return tickets.has_acted(connection, ticket_id, officer_id, at)


class _NotDone(Exception):
    """Rolls the transaction back; *told* is what the officer hears."""

    def __init__(self, told: Refusal | Stale | None) -> None:
        super().__init__(told)
        self.told = told


def _thread_of(connection: Connection, ticket_id: int) -> Thread:
    """The thread of a ticket; a complaint that is not the thread's latest is put in its place first."""
    row = _locked(connection, ticket_id)
    complaint_id = ticket_id if row.kind == TicketKind.COMPLAINT and row.status == "open" else None
    thread = conversations.by_id(connection, row.conversation_id, complaint_id=complaint_id)
    if thread is None:
        raise _NotDone(Refusal.CLOSED)
    return thread


def _thread_on(runtime: Runtime, connection: Connection, ticket_id: int, key: str) -> Thread:
    """The thread that an answer leaves by; the way must be open at this moment."""
    row = _locked(connection, ticket_id, key)
    offered = routes.choices(runtime, connection, row, runtime.clock())
    wanted = next((each for each in offered if each.key == key), None) if key else routes.usual(offered)
    if wanted is None or wanted.hindrance:
        raise _NotDone(Refusal.NO_WAY)
    thread = routes.thread_on(runtime, connection, row, wanted, runtime.clock())
    if thread is None:
        raise _NotDone(Refusal.NO_WAY)
    return thread


def _thread_to_tell(runtime: Runtime, connection: Connection, ticket_id: int, event: Event) -> Thread:
    """The ticket's own thread, or the other one on which the citizen hears of *event*."""
    now = runtime.clock()
    try:
        row, locked = other_ways.lock(runtime, connection, ticket_id, now, besides=None)
    except links.Moved:
        raise _NotDone(Refusal.ALREADY) from None
    home = conversations.by_id(connection, row.conversation_id) if row is not None else None
    if row is None or home is None or row.closable_at is None or row.status != "open":
        raise _NotDone(Refusal.ALREADY)
    return other_ways.instead(runtime, connection, home, row, event, now, locked) or home


def _locked(connection: Connection, ticket_id: int, route: str = "") -> AnyRow:
    """The ticket, under the locks of everybody whose words go to it, and of who is to be answered."""
    try:
        row = links.lock(connection, (ticket_id,), *routes.named(route)).get(ticket_id)
    except links.Moved:
        raise _NotDone(Refusal.ALREADY) from None
    if row is None or row.merged_into is not None:
        raise _NotDone(Refusal.CLOSED if row is None else Refusal.MERGED)
    return row


def claim(runtime: Runtime, officer_id: int, ticket_id: int) -> Refusal | None:
    """Take a free ticket; ``ALREADY`` when a colleague was first."""
    return _write(runtime, lambda c, now: desk.claim(c, ticket_id, officer_id, now))


def release(runtime: Runtime, officer_id: int, ticket_id: int) -> None:
    """Give the ticket back to everybody."""

    def let_go(connection: Connection, now: datetime) -> None:
        refusal = desk.assign(connection, ticket_id, None, officer_id, now)
        row = tickets.find(connection, ticket_id)
        if refusal is None and row is not None and row.waiting_for == "office":
            assigning.watch(runtime, connection, row, now)

    _write(runtime, let_go)


def transfer(runtime: Runtime, officer_id: int, ticket_id: int, to_officer_id: int) -> Refusal | None:
    """Hand the ticket to a colleague of the office; ``ALREADY`` when they may not have it."""

    def hand_over(connection: Connection, now: datetime) -> Refusal | None:
        refusal = desk.assign(connection, ticket_id, to_officer_id, officer_id, now)
        if refusal is None:
            notices.handed_over(runtime, connection, ticket_id, to_officer_id, officer_id, now)
        return refusal

    return _write(runtime, hand_over)


def forward(
    runtime: Runtime, officer_id: int, ticket_id: int, office: str, why: str, form_id: str
) -> Refusal | None:
    """Let *office*, another one of this installation, work on the ticket; *why* stays as an internal note."""
    found = runtime.settings.offices.get(office)
    if found is None:
        return Refusal.NO_OFFICE

    def look_first(connection: Connection) -> Refusal | bool:
        if intake.form_used(connection, form_id):
            return True
        row = tickets.find(connection, ticket_id)
        if row is None or row.handled_by == office or not officers.colleagues(connection, office):
            return Refusal.NO_OFFICE
        # A complaint is for the office that it is about.
        if row.kind == TicketKind.COMPLAINT:
            return Refusal.NOT_FORWARDED
        desk.note(connection, ticket_id, officer_id, clean(why), form_id, runtime.clock())
        return False

    event = OfficerForwarded(ticket_id, office, found.name)
    return _plain(_act(runtime, officer_id, ticket_id, event, look_first=look_first))


def note(runtime: Runtime, officer_id: int, ticket_id: int, text: str, form_id: str) -> None:
    """Leave a note that only officers see, once per *form_id*."""

    def leave(connection: Connection, now: datetime) -> None:
        desk.note(connection, ticket_id, officer_id, clean(text), form_id, now)
        notices.noted(runtime, connection, ticket_id, officer_id, form_id, now)

    _write(runtime, leave)


def set_topic(runtime: Runtime, officer_id: int, ticket_id: int, topic: str) -> None:
    """Say what the ticket is about; empty for none of the office's topics."""

    def change(connection: Connection, now: datetime) -> None:
        row = tickets.find(connection, ticket_id)
        if row is None or row.topic == topic:
            return
        if duty.set_topic(connection, row.handled_by, ticket_id, topic, now):
            told = {"topic": topic, "before": row.topic}
            tickets.log(connection, row.office, ticket_id, "topic_set", now, officer_id, told)

    _write(runtime, change)


def mark_read(runtime: Runtime, officer_id: int, ticket_id: int, message_id: int) -> None:
    """Remember how far the officer has read. Never goes back."""
    _write(runtime, lambda c, _: desk.mark_read(c, officer_id, ticket_id, message_id))


def present(runtime: Runtime, officer_id: int, ticket_id: int, *, writing: bool) -> None:
    """The officer has the ticket open right now."""
    _write(runtime, lambda c, now: desk.present(c, officer_id, ticket_id, writing, now))


def retry_shunted(runtime: Runtime, officer_id: int, message_id: int) -> None:
    """Put an unhandled message back in line and handle it now."""
    with runtime.database.write() as connection:
        address_id = intake.retry(connection, message_id)
        officers.record(connection, "shunted_retried", runtime.clock(), officer_id, {"message": message_id})
    if address_id is not None:
        inbound.drain(runtime, address_id)


def retry_all_shunted(runtime: Runtime) -> int:
    """Put every unhandled message back in line, and say how many there were."""
    with runtime.database.write() as connection:
        return intake.retry_all(connection)


def settle_shunted(runtime: Runtime, officer_id: int, message_id: int) -> None:
    """The message was dealt with by other means."""
    with runtime.database.write() as connection:
        if intake.file_shunted(connection, message_id):
            officers.record(
                connection, "shunted_settled", runtime.clock(), officer_id, {"message": message_id}
            )


def settle_unrouted(runtime: Runtime, officer_id: int, unrouted_id: int) -> None:
    """A message that no office owns was dealt with."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        if intake.settle_unrouted(connection, unrouted_id, officer_id, now):
            officers.record(connection, "unrouted_settled", now, officer_id, {"unrouted": unrouted_id})


def _write(runtime: Runtime, change: Callable[[Connection, datetime], _Result]) -> _Result:
    now = runtime.clock()

    def once() -> _Result:
        with runtime.database.write() as connection:
            return change(connection, now)

    return after_others(once)


def clean(text: str) -> str:
    """Line ends as the citizen's telephone shows them, no NUL (PostgreSQL refuses it), no endless text."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()[:MOST_WORDS]
