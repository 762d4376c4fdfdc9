"""Topics, duty and what the desk did with a ticket by itself, in officers' words."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

from babel.dates import format_date, get_day_names

from bot.policy import Office
from bot.routing import Absence, Half, HalfDay, Why
from handlers.phrases import PHRASES
from handlers.web.language import chosen, gettext
from storage.ticket_page import Logged

_Word = Callable[[], str]
_HALVES: Mapping[Half, _Word] = {Half.AM: lambda: gettext("pagi"), Half.PM: lambda: gettext("siang")}
_WHY: Mapping[str, _Word] = {
    Why.TURN: lambda: gettext("gilirannya"),
    Why.LOAD: lambda: gettext("paling sedikit tiket yang menunggu"),
    Why.NOBODY: lambda: gettext("tidak ada petugas yang bertugas"),
    Why.FULL: lambda: gettext("semua petugas yang bertugas sudah penuh"),
}
_BY_THE_DESK: Mapping[str, _Word] = {
    "unclaimed": lambda: gettext("belum diambil terlalu lama, pengawas diberi tahu"),
}


def topic(office: Office, key: str) -> str:
    """What a topic is called; its key when the office has no such topic any more."""
    found = office.routing.topics.get(key)
    if found is None:
        return key
    wanted = (chosen(), office.languages[0], *found.name)
    return next((found.name[tongue] for tongue in wanted if tongue in found.name), key)


def half(which: Half) -> str:
    """``pagi`` or ``siang``."""
    return _HALVES[which]()


def weekday(number: int, width: Literal["wide", "abbreviated"] = "wide") -> str:
    """``Senin``, or ``Sen`` when *width* is ``abbreviated``."""
    return str(get_day_names(width, locale=PHRASES[chosen()].locale)[number])


def day(which: date) -> str:
    """``Sen, 6 Jul``."""
    return str(format_date(which, "EEE, d MMM", locale=PHRASES[chosen()].locale))


def half_day(at: HalfDay) -> str:
    """``Sen, 6 Jul pagi``."""
    return f"{day(at.day)} {half(at.half)}"


def absence(away: Absence) -> str:
    """From when to when; whole days without their halves."""
    first, last = away.first, away.last
    if (first.half, last.half) == (Half.AM, Half.PM):
        return day(first.day) if first.day == last.day else f"{day(first.day)} – {day(last.day)}"
    return half_day(first) if first == last else f"{half_day(first)} – {half_day(last)}"


def logged(row: Logged, names: Mapping[int, str], office: Office, office_of: Callable[[str], str]) -> str:
    """One row of a ticket's log that is about who has it, or about what; empty for any other."""
    match row.what:
        case "assigned":
            return _assigned(row, names, office)
        case "not_assigned":
            return gettext("belum diberikan kepada siapa pun: %(why)s", why=_why(row))
        case "given_back":
            gone = names.get(row.detail.get("from", 0), gettext("petugasnya"))
            return gettext("tiket lepas dari %(name)s karena cuti atau tidak lagi bertugas", name=gone)
        case "forwarded":
            return gettext("meneruskan tiket ke %(office)s", office=office_of(row.detail.get("to", "")))
        case "topic_set":
            key = row.detail.get("topic", "")
            told = topic(office, key) if key else gettext("tidak ada")
            return gettext("mengganti topik: %(topic)s", topic=told)
        case _:
            word = _BY_THE_DESK.get(row.what)
            return word() if word else ""


def _assigned(row: Logged, names: Mapping[int, str], office: Office) -> str:
    to = names.get(row.detail.get("to", 0), gettext("petugas"))
    reasons = [_why(row)]
    if key := row.detail.get("topic", ""):
        reasons.append(gettext("topik %(topic)s", topic=topic(office, key)))
    if tied := row.detail.get("tied", ()):
        others = ", ".join(topic(office, key) for key in tied)
        reasons.append(gettext("mungkin juga %(topics)s", topics=others))
    return gettext("Loket memberikan tiket kepada %(name)s (%(why)s)", name=to, why="; ".join(reasons))


def _why(row: Logged) -> str:
    word = _WHY.get(row.detail.get("why", ""))
    return word() if word else ""
