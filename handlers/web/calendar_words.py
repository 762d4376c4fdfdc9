"""The calendar in officers' words: kinds of days, hours, changes, moved promises, what is lacking."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date, get_day_names
from babel.lists import format_list

from bot.calendar import DayKind, Spans, read_spans
from handlers.calendar_changes import Change, NewSeason, Said
from handlers.calendars import WEEKDAYS
from handlers.phrases import PHRASES
from handlers.web.language import chosen, gettext, ngettext

_KINDS: Mapping[DayKind, Callable[[], str]] = {
    DayKind.HOLIDAY: lambda: gettext("Libur nasional"),
    DayKind.COLLECTIVE: lambda: gettext("Cuti bersama"),
    DayKind.CLOSED: lambda: gettext("Kantor tutup"),
    DayKind.OPEN: lambda: gettext("Kantor buka"),
}
SIGNS: Mapping[DayKind, str] = {
    DayKind.HOLIDAY: "●",
    DayKind.COLLECTIVE: "◆",
    DayKind.CLOSED: "✕",
    DayKind.OPEN: "✓",
}
_SPAN = re.compile(r"(\d{1,2})[.:](\d\d)\s*(?:-|–|s\.?d\.?|sampai)\s*(\d{1,2})[.:](\d\d)")


def kind(of: str) -> str:
    """What is special about a day."""
    return _KINDS[DayKind(of)]()


def day(of: date) -> str:
    """``Selasa, 18 Agustus 2026``."""
    return _formatted(of, "EEEE, d MMMM y")


def short_day(of: date) -> str:
    """``Selasa, 18 Agustus``, within its year's list."""
    return _formatted(of, "EEEE, d MMMM")


def month(of: date) -> str:
    """``Agustus``."""
    return _formatted(of, "MMMM")


def weekdays() -> list[str]:
    """The names of Monday to Sunday."""
    names = get_day_names("wide", locale=PHRASES[chosen()].locale)
    return [names[number] for number in range(7)]


def initials() -> list[str]:
    """Their first letters, above a month."""
    names = get_day_names("narrow", "stand-alone", PHRASES[chosen()].locale)
    return [names[number] for number in range(7)]


def _formatted(of: date, pattern: str) -> str:
    return format_date(of, pattern, locale=PHRASES[chosen()].locale)


def hours(spans: Spans) -> str:
    """``08.00–12.00, 13.00–15.30``."""
    clock = f"%H{PHRASES[chosen()].colon}%M"
    return ", ".join(f"{start.strftime(clock)}–{end.strftime(clock)}" for start, end in spans)


def told_hours(told: Sequence[str]) -> str:
    """The same, of hours as they are kept."""
    return hours(read_spans(tuple(told)))


def hours_of(text: str) -> tuple[str, ...]:
    """The spans that somebody wrote by hand. Raises ``ValueError`` with a sentence."""
    found = tuple(f"{int(a):02}:{b}-{int(c):02}:{d}" for a, b, c, d in _SPAN.findall(text))
    rest = re.sub(r"[\s,;/]|\bdan\b", "", _SPAN.sub("", text))
    try:
        if rest:
            raise ValueError(rest)
        read_spans(found)
    except ValueError:
        raise ValueError(
            gettext("jam tidak terbaca; tulis seperti 08.00-12.00, 13.00-15.30, dari pagi ke sore")
        ) from None
    return found


def changes(change: Change) -> list[str]:
    """What a change does, a line each."""
    removed = [gettext("Jam khusus mulai %(day)s dihapus", day=day(first)) for first in sorted(change.remove)]
    return [_of_day(one, said) for one, said in sorted(change.days.items())] + removed + list(_added(change))


def _of_day(one: date, said: Said | None) -> str:
    if said is None:
        return gettext("%(day)s: kembali seperti daftar resmi", day=day(one))
    line = f"{day(one)}: {_KINDS[said.kind]().lower()}, {said.name}"
    return f"{line} ({told_hours(said.hours)})" if said.hours else line


def _added(change: Change) -> Iterator[str]:
    for one in change.add:
        yield gettext(
            "%(name)s: jam khusus %(first)s sampai %(last)s",
            name=one.name, first=day(one.first), last=day(one.last),
        )  # fmt: skip


def season_hours(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The hours of a season by weekday, equal days in a row together."""
    lines: list[tuple[list[str], str]] = []
    for name, weekday in zip(weekdays(), WEEKDAYS, strict=True):
        said = told_hours(told.get(weekday, ())) or gettext("tutup")
        if lines and lines[-1][1] == said:
            lines[-1][0].append(name)
        else:
            lines.append(([name], said))
    return [(names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}", said) for names, said in lines]


def season_form(one: NewSeason) -> dict[str, str]:
    """A season's hours as its form is filled."""
    return {weekday: told_hours(one.hours.get(weekday, ())) for weekday in WEEKDAYS}


def lacking(about: Mapping[str, Any]) -> str:
    """What a calendar lacks, in one sentence."""
    parts = [
        *(gettext("libur nasional %(year)s belum ada", year=year) for year in about["unknown"]),
        *(gettext("cuti bersama %(year)s belum ada", year=year) for year in about["no_leave"]),
    ]
    if unsure := len(about["estimated"]):
        parts.append(ngettext("%(num)s tanggal masih perkiraan", "%(num)s tanggal masih perkiraan", unsure))
    if about["assumed_hours"]:
        parts.append(gettext("jam layanan belum dikonfirmasi pengelola"))
    told = format_list(parts, locale=PHRASES[chosen()].locale)
    return gettext("Kalender kantor perlu dilengkapi: %(parts)s.", parts=told)
