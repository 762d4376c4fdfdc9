"""When an answer is due, as officers read it: the day and the hour, or how many working days too late."""

import re
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date

from bot import clocks, silence
from bot.calendar import ClosedSpell, WorkingCalendar
from bot.conversation import Clock
from bot.policy import Desk, Office, Status
from handlers.phrases import PHRASES
from handlers.web import moments
from handlers.web.language import chosen, gettext, ngettext
from handlers.wording import deadline, in_words, local, promise
from storage.ticket_page import Shown

# What is meant of "Cuti Bersama Hari Suci Nyepi" is Nyepi.
_FESTIVE = re.compile(r"^(?:(?:Cuti Bersama|Hari kedua dari|Hari Raya|Hari Suci)\s+)+")


@dataclass(frozen=True, slots=True)
class Promise:
    """The promise of a ticket as its page says it. ``state`` is also the colour; ``late`` has a sign."""

    state: str
    text: str
    received: str = ""

    @property
    def late(self) -> bool:
        """Whether the promise was missed."""
        return self.state == "late"


def is_late(due: datetime, now: datetime) -> bool:
    """Whether the answer is overdue."""
    return due < now


def short(due: datetime, now: datetime, office: Office, calendar: WorkingCalendar) -> str:
    """``hari ini 15.30``, ``besok 15.30``, ``Rabu 25 Mar``, ``lewat 1 hari kerja``."""
    if is_late(due, now):
        return _over(due, now, office, calendar)
    days = (local(due, office).date() - local(now, office).date()).days
    if days == 0:
        return gettext("hari ini %(time)s", time=moments.clock(due, office))
    if days == 1:
        return gettext("besok %(time)s", time=moments.clock(due, office))
    return in_words(due, office, chosen(), "EEEE d MMM")


def _over(due: datetime, now: datetime, office: Office, calendar: WorkingCalendar) -> str:
    days = calendar.count_working_days(calendar.local_date(due), calendar.local_date(now))
    if not days:
        return gettext("lewat sejak %(moment)s", moment=moments.short(due, now, office))
    return ngettext("lewat %(num)s hari kerja", "lewat %(num)s hari kerja", days)


def promised(ticket: Shown, desk: Desk, now: datetime) -> Promise | None:
    """How the promise for *ticket* stands; None where there is nothing to say.

    *desk* is that of the office that was asked: its standard and its calendar hold, whoever works on it.
    """
    if ticket.complaint or (not ticket.open and not (ticket.answered_at and ticket.due_at)):
        return None
    state, text = _stands(ticket, desk, now)
    return Promise(state, text, _moments(ticket, desk.office)) if text else None


def _stands(ticket: Shown, desk: Desk, now: datetime) -> tuple[str, str]:
    if ticket.answered_at is not None:
        return _answered(ticket.answered_at, ticket.due_at, desk)
    paused = next((asked for asked, answered in ticket.pauses if answered is None), None)
    if paused is not None:
        since = moments.short(datetime.fromisoformat(paused), now, desk.office)
        return "paused", gettext("Jam berhenti sejak %(moment)s: menunggu jawaban warga.", moment=since)
    if ticket.clock_from is None or ticket.due_at is None:
        return "waits", _not_counted(ticket, desk)
    return _running(ticket.clock_from, ticket.due_at, desk, now)


def _not_counted(ticket: Shown, desk: Desk) -> str:
    if desk.office.sla.starts == "received" or ticket.clear_at is not None:
        return ""
    spoken = promise(desk.office, chosen())
    if spoken is None:
        return gettext("Target internal belum dihitung: tandai jelas & lengkap.")
    return gettext("%(promise)s. Belum dihitung: tandai jelas & lengkap.", promise=spoken)


def _answered(answered: datetime, due: datetime | None, desk: Desk) -> tuple[str, str]:
    at = moments.full(answered, desk.office)
    if due is None:
        return "kept", gettext("Dijawab %(moment)s.", moment=at)
    calendar = desk.calendar
    given, ended = calendar.local_date(answered), calendar.local_date(due)
    if answered > due:
        days = calendar.count_working_days(ended, given)
        late = ngettext("terlambat %(num)s hari kerja", "terlambat %(num)s hari kerja", days)
        late = late if days else gettext("terlambat, sesudah jam layanan hari itu")
        return "late", gettext("Dijawab %(moment)s, %(measure)s.", moment=at, measure=late)
    days = calendar.count_working_days(given, ended)
    early = ngettext("%(num)s hari kerja lebih cepat", "%(num)s hari kerja lebih cepat", days)
    early = early if days else gettext("tepat pada hari terakhir")
    return "kept", gettext("Dijawab %(moment)s, %(measure)s.", moment=at, measure=early)


def _running(since: datetime, due: datetime, desk: Desk, now: datetime) -> tuple[str, str]:
    office, calendar = desk.office, desk.calendar
    parts = [_until(since, due, desk)]
    if reasons := _reasons(calendar.closed_spells(calendar.local_date(since), calendar.local_date(due))):
        parts.append(reasons)
    if is_late(due, now):
        over = _over(due, now, office, calendar)
        return "late", f"{over[:1].upper()}{over[1:]}. {'; '.join(parts)}."
    return "runs", f"{'; '.join(parts)}."


def _until(since: datetime, due: datetime, desk: Desk) -> str:
    """The due moment, and whether the citizen was told of it."""
    moment = deadline(due, desk.office, chosen())
    if desk.office.sla.status is Status.ASSUMED:
        return gettext(
            "Target internal %(moment)s, tidak dijanjikan kepada warga: standar kantor belum dipastikan",
            moment=moment,
        )
    if clocks.spoken(Clock(since, due), desk) is None:
        return gettext(
            "Paling lambat %(moment)s, belum dijanjikan kepada warga: tanggal liburnya belum pasti",
            moment=moment,
        )
    return gettext("Dijanjikan paling lambat %(moment)s", moment=moment)


def _reasons(spells: tuple[ClosedSpell, ...]) -> str:
    """``18–24 Maret libur: Nyepi, Idul Fitri``."""
    return "; ".join(
        gettext("%(days)s libur: %(names)s", days=_days(spell), names=", ".join(_names(spell)))
        for spell in spells
    )


def _days(spell: ClosedSpell) -> str:
    locale = PHRASES[chosen()].locale
    if spell.first == spell.last:
        return format_date(spell.first, "d MMMM", locale=locale)
    same = (spell.first.year, spell.first.month) == (spell.last.year, spell.last.month)
    first = format_date(spell.first, "d" if same else "d MMMM", locale=locale)
    return f"{first}–{format_date(spell.last, 'd MMMM', locale=locale)}"


def _names(spell: ClosedSpell) -> list[str]:
    return list(dict.fromkeys(_FESTIVE.sub("", name) for name in spell.names))


def _moments(ticket: Shown, office: Office) -> str:
    """Both moments a standard may count from."""
    came = gettext("Diterima %(moment)s", moment=moments.full(ticket.opened_at, office))
    if ticket.clear_at is None:
        return came
    clear = gettext("jelas & lengkap %(moment)s", moment=moments.full(ticket.clear_at, office))
    return f"{came} · {clear}"


def silent(ticket: Shown, office: Office, now: datetime) -> str:
    """What the citizen's silence comes to, and when; empty where nothing is counted."""
    if not ticket.open or ticket.waiting_for != "citizen" or not silence.ends_tickets(office.autoclose):
        return ""
    if ticket.closable_at is not None:
        since = moments.short(ticket.waiting_since, now, office)
        return gettext("Warga belum membalas sejak %(moment)s: tiket ini boleh ditutup.", moment=since)
    if ticket.silent_until is None:
        return ""
    at = moments.full(ticket.silent_until, office)
    if office.autoclose.by == "officer":
        return gettext("Boleh ditutup mulai %(moment)s bila warga tetap diam.", moment=at)
    return gettext("Ditutup otomatis %(moment)s bila warga tetap diam.", moment=at)
