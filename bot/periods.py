"""Periods of a report: months, quarters and years of the office's own calendar dates.

An address names them ``2026-03``, ``2026-T1`` (*triwulan*, a quarter) and ``2026``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_NAMED = re.compile(r"(2[01]\d\d)(?:-(?:(0[1-9]|1[0-2])|T([1-4])))?", re.ASCII)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """*months* whole months from *first* on: 1, 3 or 12 of them."""

    first: date
    months: int

    @property
    def last(self) -> date:
        """Its last day."""
        return _after(self.first, self.months) - _DAY

    @property
    def name(self) -> str:
        """How addresses and files name it."""
        year = f"{self.first.year:04d}"
        if self.months == 1:
            return f"{year}-{self.first.month:02d}"
        return year if self.months == 12 else f"{year}-T{self.first.month // 3 + 1}"

    def begins(self, zone: ZoneInfo) -> datetime:
        """Its first moment where the clocks are those of *zone*."""
        return _midnight(self.first, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first moment after it."""
        return _midnight(self.last + _DAY, zone)

    def before(self) -> "Period":
        """The period of the same length just before it."""
        return Period(_after(self.first, -self.months), self.months)

    def after(self) -> "Period":
        """The period of the same length just after it."""
        return Period(_after(self.first, self.months), self.months)

    def parts(self) -> tuple[date, ...]:
        """The first days of what it falls into: a month into days, a quarter into weeks, a year into months.

        Weeks begin on Mondays, the first one with the quarter.
        """
        match self.months:
            case 1:
                return tuple(_steps(self.first, self.last, _DAY))
            case 3:
                monday = self.first + _WEEK - timedelta(days=self.first.weekday())
                return (self.first, *_steps(monday, self.last, _WEEK))
        return tuple(_after(self.first, number) for number in range(self.months))


def month_of(day: date) -> Period:
    """The month in which *day* lies."""
    return Period(day.replace(day=1), 1)


def named(name: str) -> Period | None:
    """The period that *name* means; None when it is none."""
    match = _NAMED.fullmatch(name)
    if match is None:
        return None
    year = int(match[1])
    if match[2]:
        return Period(date(year, int(match[2]), 1), 1)
    return Period(date(year, int(match[3]) * 3 - 2, 1), 3) if match[3] else Period(date(year, 1, 1), 12)


def of_year(year: int) -> tuple[tuple[Period, ...], tuple[Period, ...], Period]:
    """The months, the quarters and the whole of a year."""
    begins = [date(year, number, 1) for number in range(1, 13)]
    months, quarters = (Period(day, 1) for day in begins), (Period(day, 3) for day in begins[::3])
    return tuple(months), tuple(quarters), Period(begins[0], 12)


def _after(day: date, months: int) -> date:
    """The first of a month, so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _steps(first: date, last: date, step: timedelta) -> Iterator[date]:
    while first <= last:
        yield first
        first += step
