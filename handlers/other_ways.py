"""What silence brings is told on another open way of the same citizen, where their own thread is shut now.

Such is WhatsApp beyond its window. A ticket's words always go to its own contact, at a proved address.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot import officers
from bot.effects import MoveTimer
from bot.events import Event, TimerDue, TimerKind
from handlers import apply, deciding, routes
from handlers.routes import Choice
from handlers.runtime import Runtime
from storage import conversations, links, tickets, timers
from storage.columns import AnyRow
from storage.conversations import Thread

_SPOKEN_OF = (TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE)


def needed(runtime: Runtime, connection: Connection, thread: Thread, kind: TimerKind, now: datetime) -> bool:
    """Whether the turn of this timer would leave its citizen untold here, and another way is open."""
    ticket = thread.value.ticket
    if kind not in _SPOKEN_OF or ticket is None:
        return False
    decision = deciding.decided(runtime, connection, thread, TimerDue(kind), now)
    row = tickets.find(connection, ticket.id) if officers.went_unsaid(decision) else None
    return row is not None and bool(open_ways(runtime, connection, row, now, besides=thread.id))


def fire(runtime: Runtime, thread: Thread, kind: TimerKind, now: datetime) -> None:
    """Take the due timer of *thread*, once, and its turn on the way that is open.

    Who came in meanwhile makes it stay due: the next tick looks again.
    """
    ticket = thread.value.ticket
    if ticket is None or thread.id is None:
        return
    try:
        with runtime.database.write() as connection:
            _fire(runtime, connection, thread.id, ticket.id, kind, now)
    except links.Moved:
        return


def _fire(
    runtime: Runtime, connection: Connection, home_id: int, ticket_id: int, kind: TimerKind, now: datetime
) -> None:
    row, locked = lock(runtime, connection, ticket_id, now, besides=home_id)
    home = conversations.by_id(connection, home_id)
    if row is None or home is None or not timers.take(connection, home_id, kind, now):
        return
    if home.value.ticket and home.value.ticket.id != ticket_id:
        raise links.Moved
    event = TimerDue(kind)
    other = instead(runtime, connection, home, row, event, now, locked)
    decision = apply.take(runtime, connection, other or home, event, now)
    for effect in decision.effects:
        if isinstance(effect, MoveTimer):
            # The deadlines of a silence stay where it began.
            timers.move(connection, home_id, effect.kind, effect.due_at)


def lock(
    runtime: Runtime, connection: Connection, ticket_id: int, now: datetime, besides: int | None
) -> tuple[AnyRow | None, frozenset[int]]:
    """Wait for all who speak in the ticket and for its other ways; its row, and those ways' addresses.

    Raises ``links.Moved`` when somebody came in meanwhile.
    """
    row = tickets.find(connection, ticket_id)
    ways = open_ways(runtime, connection, row, now, besides=besides) if row is not None else []
    addresses = frozenset(way.route.address_id for way in ways)
    threads = () if besides is None else (besides,)
    return links.lock(connection, (ticket_id,), threads, sorted(addresses)).get(ticket_id), addresses


def instead(
    runtime: Runtime,
    connection: Connection,
    home: Thread,
    ticket: AnyRow,
    event: Event,
    now: datetime,
    locked: Collection[int],
) -> Thread | None:
    """The thread on which the citizen can be told of *event*; None where *home* will do, or has to.

    *locked*: the addresses to which a way may lead, for only those are held.
    """
    if not officers.went_unsaid(deciding.decided(runtime, connection, home, event, now)):
        return None
    ways = open_ways(runtime, connection, ticket, now, besides=home.id)
    way = next((each for each in ways if each.route.address_id in locked), None)
    return routes.thread_on(runtime, connection, ticket, way, now) if way else None


def open_ways(
    runtime: Runtime, connection: Connection, ticket: AnyRow, now: datetime, *, besides: int | None
) -> list[Choice]:
    """Ways to the ticket's own contact that take free text now, the one they wrote on last first.

    A chat that is not about the ticket is none: something else is talked of there.
    """
    return open_among(runtime, routes.choices(runtime, connection, ticket, now), now, besides=besides)


def open_among(
    runtime: Runtime, choices: Iterable[Choice], now: datetime, *, besides: int | None
) -> list[Choice]:
    """Those of the ways to a ticket's people that are open to its own contact, in the same order."""
    fit = [each for each in choices if each.route.conversation_id != besides and _is_open(runtime, each, now)]
    return sorted(fit, key=_written_last)


def _is_open(runtime: Runtime, choice: Choice, now: datetime) -> bool:
    route = choice.route
    silenced = route.opted_out or route.blocked or route.dead_why is not None
    if choice.hindrance or silenced or not (route.theirs and route.proved):
        return False
    channel = runtime.channels.get(route.channel)
    if channel is None or (channel.manners.interactive and not route.leads):
        return False
    return channel.manners.take_free_text(route.last_inbound_at, now)


def _written_last(choice: Choice) -> tuple[bool, float]:
    at = choice.route.last_inbound_at
    return not choice.route.leads, -at.timestamp() if at else 0.0
