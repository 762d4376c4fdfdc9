"""What a tick does. A job costs what is due, never what is stored, and may run in several processes."""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

from bot.events import TimerDue, TimerKind
from handlers import (
    apply,
    approvals,
    calendar_gaps,
    calendars,
    cataloguing,
    complaint_reminders,
    confirming,
    delivery,
    erasing_due,
    guessing,
    held_answers,
    inbound,
    leaving,
    other_ways,
    reconciling,
    recounting,
    retaining,
    sweeping,
)
from handlers.mailroom import notice_sending
from handlers.media import fetching, scanning
from handlers.runtime import Runtime
from storage import conversations, desk, intake, outbox, search, sign_ins, timers
from storage.columns import AnyRow
from storage.db import AWAY

log = logging.getLogger(__name__)
_ROUNDS = 50
_SECONDS_TO_LEAVE = 0.25
_MOST_SLOW = 4
_COUNTED = (TimerKind.DUE, TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE)


def deliver(runtime: Runtime, pool: ThreadPoolExecutor, channel: str, stopping: Event | None = None) -> None:
    """Send what waits for *channel*, several conversations side by side, each in its own order.

    A provider that says nothing to one sending holds up no other: it goes on beside the next ones. Once
    *stopping* is set nothing more leaves: what was claimed is given back.
    """
    ending = stopping or Event()

    def send(message: AnyRow) -> None:
        _guarded(runtime, delivery.give_back if ending.is_set() else delivery.deliver, message)

    under_way: set[Future[None]] = set()
    for _ in range(_ROUNDS):
        claimed = [] if ending.is_set() else delivery.claim(runtime, channel)
        under_way |= {pool.submit(send, message) for message in claimed}
        if not under_way:
            return
        under_way = _rest(*wait(under_way, _SECONDS_TO_LEAVE))
        while len(under_way) >= _MOST_SLOW:
            under_way = _rest(*wait(under_way, return_when=FIRST_COMPLETED))
    _rest(*wait(under_way))


def _rest(done: set[Future[None]], under_way: set[Future[None]]) -> set[Future[None]]:
    """What is still under way. What failed beyond its guard fails here."""
    for each in done:
        each.result()
    return under_way


def look_up_unknown(runtime: Runtime) -> None:
    """Find out about sendings without an outcome, those of a process that died included."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        outbox.lapse(connection, now)
        claimed = outbox.claim_unknown(connection, now)
    for message in claimed:
        _guarded(runtime, delivery.look, message)


def ask_unconfirmed(runtime: Runtime) -> None:
    """Ask about messages that left long ago without a final word."""
    confirming.ask_due(runtime)


def reconcile(runtime: Runtime) -> None:
    """Compare the provider's log with the desk, where an hour has gone since the last time."""
    reconciling.run_due(runtime)


def handle_pending(runtime: Runtime) -> None:
    """Handle what was accepted but not yet handled, after a crash or a failed turn."""
    with runtime.database.read() as connection:
        waiting = intake.waiting(connection, runtime.clock())
    for address_id in waiting:
        inbound.drain(runtime, address_id)


def fire_timers(runtime: Runtime) -> None:
    """Let every deadline that has come happen, each in a turn of its own."""
    with runtime.database.read() as connection:
        due = timers.due(connection, runtime.clock())
    for conversation_id, kind in due:
        _fire(runtime, conversation_id, kind)


def begin_leaves(runtime: Runtime) -> None:
    """Let the tickets of officers whose leave has begun go back to the others."""
    leaving.begin_due(runtime)


def look_after_held(runtime: Runtime) -> None:
    """Take the next step for answers that WhatsApp's window has stopped."""
    held_answers.look_due(runtime)


def send_notices(runtime: Runtime, stopping: Event | None = None) -> None:
    """Let mails to officers, and codes to citizens, leave. Once *stopping* is set nothing more does."""
    notice_sending.send_due(runtime, stopping or Event())


def fetch_media(runtime: Runtime, pool: ThreadPoolExecutor, stopping: Event | None = None) -> None:
    """Fetch the files of citizens' messages that are due. Once *stopping* is set no more is begun."""
    fetching.fetch_due(runtime, pool, stopping)


def scan_again(runtime: Runtime) -> None:
    """Ask the virus scanner about what it could not be asked about."""
    scanning.scan_again(runtime)


def remind(runtime: Runtime) -> None:
    """Remind officers of tickets that have waited for them too long."""
    notice_sending.remind(runtime)


def remind_of_complaints(runtime: Runtime) -> None:
    """Tell supervisors of complaints whose deadlines come or were missed."""
    complaint_reminders.remind(runtime)


def look_at_templates(runtime: Runtime) -> None:
    """Ask whether WhatsApp has approved the templates, or has stopped one."""
    approvals.look_due(runtime)


def recount(runtime: Runtime) -> None:
    """Count anew what was counted with a calendar that has changed since."""
    recounting.recount(runtime)


def fill_calendars(runtime: Runtime) -> None:
    """Let a new year come into every office's calendar, where the library knows it."""
    calendars.fill(runtime.database, runtime.settings.offices, runtime.clock())


def look_at_calendars(runtime: Runtime) -> None:
    """Tell supervisors what their office's calendar lacks."""
    calendar_gaps.look(runtime)


def fetch_catalogue(runtime: Runtime, stopping: Event | None = None) -> None:
    """Let what BPS has published come into the catalogue, at night."""
    cataloguing.fetch_due(runtime, stopping)


def erase(runtime: Runtime) -> None:
    """Do what people asked about their own data, when its time has come."""
    erasing_due.do_due(runtime)


def retain(runtime: Runtime) -> None:
    """Let go what was kept long enough."""
    retaining.run(runtime)


def sweep(runtime: Runtime) -> None:
    """Let files go that nobody names."""
    sweeping.sweep(runtime)


def take_in_words(runtime: Runtime) -> None:
    """Let what was said in the last seconds come into the search index."""
    search.catch_up(runtime.database)


def tidy(runtime: Runtime) -> None:
    """Forget who looked at tickets minutes ago, and sign-ins and wrong guesses that are over."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        desk.forget_presence(connection, now - timedelta(minutes=5))
        guessing.forget(connection, now)
        sign_ins.forget(connection, now - timedelta(days=1))


def run_all(runtime: Runtime) -> None:
    """Every job once, in this thread: for tests, the terminal and the demo's clock."""
    with ThreadPoolExecutor(1) as pool:
        handle_pending(runtime)
        recount(runtime)
        fire_timers(runtime)
        begin_leaves(runtime)
        erase(runtime)
        look_up_unknown(runtime)
        look_after_held(runtime)
        ask_unconfirmed(runtime)
        for channel in runtime.channels:
            deliver(runtime, pool, channel)
        fetch_media(runtime, pool)
        remind(runtime)
        remind_of_complaints(runtime)
        send_notices(runtime)
    take_in_words(runtime)


def _fire(runtime: Runtime, conversation_id: int, kind: TimerKind) -> None:
    try:
        if kind not in _COUNTED or recounting.caught_up(runtime, conversation_id):
            _turn(runtime, conversation_id, kind)
    except AWAY as error:
        log.error("the database failed in a timer's turn; it stays due: %s", inbound.where(error))
    except Exception as error:  # noqa: BLE001  # one broken timer must not stop the others
        log.error("timer %s of conversation %s failed: %s", kind, conversation_id, inbound.where(error))
        with runtime.database.write() as connection:
            timers.put_off(connection, conversation_id, kind, runtime.clock())


def _turn(runtime: Runtime, conversation_id: int, kind: TimerKind) -> None:
    now = runtime.clock()
    with runtime.database.write() as connection:
        thread = conversations.by_id(connection, conversation_id)
        elsewhere = thread and other_ways.needed(runtime, connection, thread, kind, now)
        if thread and not elsewhere and timers.take(connection, conversation_id, kind, now):
            apply.take(runtime, connection, thread, TimerDue(kind), now)
    if thread and elsewhere:
        # In a transaction of its own: more people are locked then, and always in the same order.
        other_ways.fire(runtime, thread, kind, now)


def _guarded(runtime: Runtime, act: Callable[[Runtime, AnyRow], None], message: AnyRow) -> None:
    """A failing database or a bug leaves the message to its lease; the next ones go on."""
    try:
        act(runtime, message)
    except Exception as error:  # noqa: BLE001  # as said
        log.error("delivering %s failed: %s", message.mid, type(error).__name__)
