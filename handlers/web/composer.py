"""The composer: which way an answer would go right now, and what the page says about it beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from handlers.prospects import Outlook
from handlers.routes import Choice, Hindrance, usual
from handlers.runtime import Runtime
from handlers.web import moments, windows, words
from handlers.web.language import gettext
from handlers.web.uploads import CARRYING, hint, most
from storage.routes import Route
from storage.ticket_page import Shown


class Way(StrEnum):
    """What would happen to an answer sent now."""

    DIRECT = "direct"
    HELD = "held"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    CLOSED = "closed"


_SENDING = (Way.DIRECT, Way.HELD)


@dataclass(frozen=True, slots=True)
class Offered:
    """One of several ways, as the composer offers it. ``hindrance`` says why it can't be taken."""

    key: str
    channel: str
    address: str
    participant: str
    hindrance: str
    chosen: bool
    way: Way
    line: str
    button: str


@dataclass(frozen=True, slots=True)
class Composer:
    """The line above the composer, the words on its button, and the ways.

    ``channel`` is the one that an answer takes now; ``files_hint``: what may go along, if anything may,
    and ``most_megabytes`` how much of it.
    ``lost``: the way chosen before is none any more, so none is chosen, and nothing goes to somebody else.
    """

    way: Way
    line: str
    button: str
    channel: str
    files_hint: str
    most_megabytes: int
    offered: tuple[Offered, ...]
    lost: bool

    @property
    def can_send(self) -> bool:
        """Whether there is any point in writing."""
        return self.way in _SENDING


Ahead = Callable[[Route], Outlook | None]
"""What becomes of an answer on a way that can't take it now; None where it can."""


def composer(
    runtime: Runtime,
    ticket: Shown,
    choices: Sequence[Choice],
    now: datetime,
    ahead: Ahead,
    wanted: str = "",
) -> Composer:
    """What the officer of *ticket* may expect of an answer at *now*, on each of the ways there are.

    *wanted* is the key of the way chosen before.
    """
    offered = [_offered(runtime, ticket, each, now, ahead) for each in choices]
    chosen = next((each for each in _fit(ticket, offered) if each.key == wanted), None)
    lost = bool(wanted) and chosen is None
    chosen = chosen or _usual(ticket, offered, usual(choices).key)
    ways = {each.channel for each in offered if not each.hindrance} & set(CARRYING)
    return Composer(
        way=chosen.way,
        line=chosen.line,
        button=chosen.button,
        channel=chosen.channel,
        files_hint=hint(ways) if ways else "",
        most_megabytes=most(ways),
        offered=tuple(replace(each, chosen=each is chosen and not lost) for each in offered),
        lost=lost,
    )


def _fit(ticket: Shown, offered: Sequence[Offered]) -> list[Offered]:
    """Those that can be taken now, or could be if the ticket were open."""
    return [each for each in offered if not each.hindrance and (each.way in _SENDING or not ticket.open)]


def _usual(ticket: Shown, offered: Sequence[Offered], key: str) -> Offered:
    first = next(each for each in offered if each.key == key)
    fit = _fit(ticket, offered)
    return first if first in fit else next(iter(fit), first)


def _offered(runtime: Runtime, ticket: Shown, choice: Choice, now: datetime, ahead: Ahead) -> Offered:
    route = choice.route
    way = _way(ticket, route)
    button = gettext("Kirim lewat %(channel)s", channel=words.by_channel(route.channel))
    line = _line(runtime, route, way, now)
    if way is Way.DIRECT and (outlook := ahead(route)):
        way, button, line = Way.HELD, windows.button(outlook), windows.line(outlook, route.channel, now)
    return Offered(
        key=choice.key,
        channel=route.channel,
        address=words.address(route.address),
        participant="" if route.theirs else route.name or words.address(route.address),
        hindrance=_hindrance(choice),
        chosen=False,
        way=way,
        line=line,
        button=button,
    )


def _hindrance(choice: Choice) -> str:
    why = choice.hindrance
    if why is None:
        return ""
    return words.hindrance(why, words.dead(choice.route.dead_why or "") if why is Hindrance.DEAD else "")


def _way(ticket: Shown, route: Route) -> Way:
    if not ticket.open:
        return Way.CLOSED
    if route.opted_out:
        return Way.OPTED_OUT
    return Way.BLOCKED if route.blocked else Way.DIRECT


def _line(runtime: Runtime, route: Route, way: Way, now: datetime) -> str:
    match way:
        case Way.CLOSED:
            return gettext("Tiket ini sudah ditutup. Buka lagi untuk menjawab.")
        case Way.OPTED_OUT:
            return gettext("Warga meminta BERHENTI: tidak dapat mengirim sampai ia menulis MULAI.")
        case Way.BLOCKED:
            return gettext("Kontak ini diblokir: tidak dapat mengirim.")
        case Way.DIRECT | Way.HELD:
            return _direct(runtime, route, now)


def _direct(runtime: Runtime, route: Route, now: datetime) -> str:
    name = words.by_channel(route.channel)
    if route.dead_why is not None:
        return gettext(
            "Surat ke alamat ini kembali (%(why)s): pilih jalur lain bila ada.",
            why=words.dead(route.dead_why),
        )
    shuts_at = runtime.channels[route.channel].manners.shuts_at(route.last_inbound_at)
    if shuts_at is None:
        return gettext("Jawaban langsung terkirim lewat %(channel)s.", channel=name)
    left = moments.span(shuts_at - now)
    return gettext(
        "Jendela %(channel)s terbuka %(left)s lagi: jawaban langsung terkirim.", channel=name, left=left
    )
