"""Days on public pages: when the office is closed, in words."""

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from bot.calendar import WorkingCalendar
from handlers.phrases import PHRASES

_LOOKING_BACK, _LOOKING_AHEAD = timedelta(days=30), timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days in a row on which the office is closed, and why. *now*: today is one of them."""

    days: str
    names: tuple[str, ...]
    now: bool
    estimated: bool


def closures(calendar: WorkingCalendar, today: date, language: str) -> tuple[Closure, ...]:
    """What closes the office today and in the next two months, weekends apart."""
    spells = calendar.closed_spells(today - _LOOKING_BACK, today + _LOOKING_AHEAD)
    return tuple(
        Closure(
            in_a_row(spell.first, spell.last, language),
            spell.names,
            spell.first <= today <= spell.last,
            any(spell.first <= day <= spell.last and it.estimated for day, it in calendar.days.items()),
        )
        for spell in spells
        if spell.last >= today
    )


def written(day: date, language: str) -> str:
    """``28 November 2026``."""
    return format_date(day, "d MMMM y", locale=PHRASES[language].locale)


def in_a_row(first: date, last: date, language: str) -> str:
    """``24–25 Desember 2026``, or as much of the first day as differs from the last."""
    if first == last:
        return written(last, language)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{written(last, language)}"
    pattern = "d MMMM" if first.year == last.year else "d MMMM y"
    begins = format_date(first, pattern, locale=PHRASES[language].locale)
    return f"{begins} – {written(last, language)}"
