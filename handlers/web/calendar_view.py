"""A year of the office at a glance: twelve months of days, each with its colour, its sign and its reason."""

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.calendar import DayKind, Season, WorkingCalendar
from handlers.web import calendar_words
from handlers.web.calendar_words import SIGNS
from handlers.web.language import gettext

_WEEKS = Calendar(firstweekday=0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day: ``look`` are its classes, ``sign`` says the same without colour, ``reason`` in words."""

    day: date
    look: str
    sign: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its weeks; None is a day of another month."""

    name: str
    weeks: tuple[tuple[Cell | None, ...], ...]


def year(calendar: WorkingCalendar, number: int, today: date) -> tuple[Month, ...]:
    """The twelve months of a year."""
    return tuple(_month(calendar, date(number, month, 1), today) for month in range(1, 13))


def _month(calendar: WorkingCalendar, first: date, today: date) -> Month:
    weeks = _WEEKS.monthdatescalendar(first.year, first.month)
    return Month(
        calendar_words.month(first),
        tuple(
            tuple(_cell(calendar, day, today) if day.month == first.month else None for day in week)
            for week in weeks
        ),
    )


def _cell(calendar: WorkingCalendar, day: date, today: date) -> Cell:
    special = calendar.days.get(day)
    season = calendar.season(day)
    look = [special.kind.value if special else "" if calendar.works(day) else "rest"]
    look += ["today"] * (day == today) + ["season"] * bool(season)
    sign = SIGNS[special.kind] + ("?" if special.estimated else "") if special else "–" * ("rest" in look)
    return Cell(day, " ".join(filter(None, look)), sign, "; ".join(_reasons(calendar, day, season, today)))


def _reasons(calendar: WorkingCalendar, day: date, season: Season | None, today: date) -> Iterator[str]:
    special = calendar.days.get(day)
    if day == today:
        yield gettext("hari ini")
    if special:
        yield f"{calendar_words.kind(special.kind)}: {special.name}"
        if special.estimated:
            yield gettext("tanggal masih perkiraan")
        if special.kind is DayKind.COLLECTIVE and calendar.works(day):
            yield gettext("kantor tetap buka")
    elif not calendar.works(day):
        yield gettext("akhir pekan")
    if season and calendar.works(day):
        yield f"{season.name}: {calendar_words.hours(calendar.spans(day))}"
