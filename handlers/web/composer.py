"""The composer: which way an answer would go right now, and what the page says about it beforehand."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handlers.runtime import Runtime
from handlers.web import moments, words
from handlers.web.language import gettext
from handlers.wording import promise
from storage.ticket_page import Shown


class Way(StrEnum):
    """What would happen to an answer sent now."""

    DIRECT = "direct"
    HELD = "held"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Composer:
    """The line above the composer and the words on its button."""

    way: Way
    line: str
    button: str

    @property
    def can_send(self) -> bool:
        """Whether there is any point in writing."""
        return self.way in (Way.DIRECT, Way.HELD)


def composer(runtime: Runtime, ticket: Shown, now: datetime) -> Composer:
    """What the officer of *ticket* may expect of an answer at *now*."""
    way = _way(runtime, ticket, now)
    name = words.channel(ticket.channel)
    button = gettext("Kirim lewat %(channel)s", channel=name)
    if way is Way.HELD:
        button = gettext("Simpan, dikirim setelah warga membalas")
    return Composer(way, _line(runtime, ticket, way, name, now), button)


def _way(runtime: Runtime, ticket: Shown, now: datetime) -> Way:
    if not ticket.open:
        return Way.CLOSED
    if ticket.person.opted_out_at is not None:
        return Way.OPTED_OUT
    if ticket.person.blocked:
        return Way.BLOCKED
    manners = runtime.channels[ticket.channel].manners
    return Way.DIRECT if manners.take_free_text(ticket.last_inbound_at, now) else Way.HELD


def _line(runtime: Runtime, ticket: Shown, way: Way, name: str, now: datetime) -> str:
    match way:
        case Way.CLOSED:
            return gettext("Tiket ini sudah ditutup. Buka lagi untuk menjawab.")
        case Way.OPTED_OUT:
            return gettext("Warga meminta BERHENTI: tidak dapat mengirim sampai ia menulis MULAI.")
        case Way.BLOCKED:
            return gettext("Kontak ini diblokir: tidak dapat mengirim.")
        case Way.HELD:
            return gettext(
                "Jendela %(channel)s tertutup: jawaban disimpan dan dikirim setelah warga membalas.",
                channel=name,
            )
        case Way.DIRECT:
            return _direct(runtime, ticket, name, now)


def _direct(runtime: Runtime, ticket: Shown, name: str, now: datetime) -> str:
    window = runtime.channels[ticket.channel].manners.window
    if window is None or ticket.last_inbound_at is None:
        return gettext("Jawaban langsung terkirim lewat %(channel)s.", channel=name)
    left = moments.span(ticket.last_inbound_at + window - now)
    return gettext(
        "Jendela %(channel)s terbuka %(left)s lagi: jawaban langsung terkirim.", channel=name, left=left
    )


def promised(runtime: Runtime, ticket: Shown, language: str) -> str:
    """The office's promise for this ticket in one sentence; empty when none may be spoken."""
    office = runtime.office(ticket.office)
    spoken = promise(office, language)
    if spoken is None or ticket.complaint or not ticket.open:
        return ""
    starts = ticket.opened_at if office.sla.starts == "received" else ticket.clear_at
    if ticket.answered_at is not None:
        return gettext(
            "%(promise)s. Sudah dijawab %(moment)s.",
            promise=spoken,
            moment=moments.full(ticket.answered_at, office),
        )
    if starts is None:
        return gettext("%(promise)s. Belum berjalan: belum ditandai jelas & lengkap.", promise=spoken)
    return gettext(
        "%(promise)s. Dihitung sejak %(moment)s.",
        promise=spoken,
        moment=moments.full(starts, office),
    )
