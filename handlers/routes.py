"""On which ways an officer's answer may leave, and the thread that each of them is.

Every answer is a turn of the thread that it leaves by, so that what the citizen answers there comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.conversation import TicketKind
from bot.policy import Mode
from handlers.runtime import Runtime
from storage import beginnings, conversations, links, routes
from storage.beginnings import NewThread
from storage.columns import AnyRow
from storage.conversations import Thread
from storage.routes import Route

_MAIL = "email"
_LONGEST_ID = 18


class Hindrance(StrEnum):
    """Why a way can't be taken now."""

    OFF = "off"
    NO_SENDER = "no_sender"
    DEAD = "dead"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    NEVER_WROTE = "never_wrote"
    WINDOW = "window"
    BUSY = "busy"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Choice:
    """A way, as the composer offers it. ``key`` names it in the form: a thread, or an address without one."""

    key: str
    route: Route
    hindrance: Hindrance | None


def choices(runtime: Runtime, connection: Connection, ticket: AnyRow, now: datetime) -> list[Choice]:
    """The ways to the people of *ticket*, its own thread first, those of participants last."""
    found = sorted(routes.of_ticket(connection, ticket), key=lambda route: not route.theirs)
    return [Choice(_key(route), route, _hindrance(runtime, ticket, route, now)) for route in found]


def _key(route: Route) -> str:
    return f"a{route.address_id}" if route.conversation_id is None else f"c{route.conversation_id}"


def usual(offered: Sequence[Choice]) -> Choice:
    """The way to take unless another is chosen: where the ticket's own citizen has written last."""
    theirs = [each for each in offered if each.route.leads and each.route.theirs]
    fit = [each for each in theirs if not each.hindrance and each.route.dead_why is None]
    return max(fit, key=_written_at, default=offered[0])


def _written_at(choice: Choice) -> float:
    at = choice.route.last_inbound_at
    return at.timestamp() if at else 0.0


def named(key: str) -> tuple[list[int], list[int]]:
    """The thread or the address that *key* names, as ids to be locked; nothing for a key that is none."""
    kind, number = key[:1], key[1:]
    if kind not in ("a", "c") or not (number.isascii() and number.isdigit()) or len(number) > _LONGEST_ID:
        return [], []
    return ([int(number)], []) if kind == "c" else ([], [int(number)])


def _hindrance(runtime: Runtime, ticket: AnyRow, route: Route, now: datetime) -> Hindrance | None:
    # The ticket's own thread is judged where it always was: by the composer, and by the core.
    if route.home:
        return None
    office = runtime.office(ticket.office)
    senders: tuple[str, ...] = getattr(office.senders, route.channel, ())
    if route.channel not in runtime.channels or office.mode(route.channel) is Mode.OFF:
        return Hindrance.OFF
    if not senders or (route.sender and route.sender not in senders):
        return Hindrance.NO_SENDER
    if route.dead_why is not None:
        return Hindrance.DEAD
    if route.opted_out or route.blocked:
        return Hindrance.OPTED_OUT if route.opted_out else Hindrance.BLOCKED
    return None if route.leads or route.channel == _MAIL else _of_a_chat(runtime, route, now)


def _of_a_chat(runtime: Runtime, route: Route, now: datetime) -> Hindrance | None:
    """A chat is one thread for everything: it can be taken when nothing else is under way there."""
    if route.conversation_id is None:
        return Hindrance.NEVER_WROTE
    if route.busy or route.writing:
        return Hindrance.BUSY if route.busy else Hindrance.WRITING
    manners = runtime.channels[route.channel].manners
    return None if manners.take_free_text(route.last_inbound_at, now) else Hindrance.WINDOW


def thread_on(
    runtime: Runtime, connection: Connection, ticket: AnyRow, choice: Choice, now: datetime
) -> Thread | None:
    """The thread of *choice*, which leads to *ticket* from now on; None when there is none.

    To be asked under the locks of all who speak in the ticket, and of the address chosen.
    """
    route = choice.route
    if route.leads and route.conversation_id is not None:
        return _loaded(connection, ticket, route.conversation_id)
    if route.channel == _MAIL:
        conversation_id = beginnings.begin(connection, _letter_thread(runtime, ticket, route), now)
    elif route.conversation_id is not None:
        conversation_id = route.conversation_id
    else:
        return None
    links.point(connection, ticket.kind, [conversation_id], ticket.id)
    return _loaded(connection, ticket, conversation_id)


def _loaded(connection: Connection, ticket: AnyRow, conversation_id: int) -> Thread | None:
    stands_open = ticket.kind == TicketKind.COMPLAINT and ticket.status == "open"
    return conversations.by_id(connection, conversation_id, ticket.id if stands_open else None)


def _letter_thread(runtime: Runtime, ticket: AnyRow, route: Route) -> NewThread:
    return NewThread(
        office=ticket.office,
        channel=_MAIL,
        sender=runtime.office(ticket.office).senders.email[0].lower(),
        address_id=route.address_id,
        contact_id=ticket.contact_id,
        reply_to=route.address,
        subject=ticket.subject,
    )
