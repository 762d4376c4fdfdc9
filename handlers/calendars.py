"""Each office's working calendar, as every process sees it: read anew when its version has changed.

The library ``holidays`` fills the table of dates, the office has the last word (``storage.calendar.fill``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from importlib import metadata
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.calendar import USUAL_WEEK, Day, DayKind, Season, Week, WorkingCalendar, read_spans
from bot.policy import Hours, Office
from storage import calendar, own
from storage.columns import AnyRow
from storage.db import Database

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FILLED = "calendars filled"
# How the library marks a date that hangs on the moon and was not decreed yet.
_ESTIMATED = " (perkiraan)"
# National holidays (SKB: libur nasional) and collective leave (cuti bersama). The default is the first only.
_CATEGORIES = {DayKind.HOLIDAY: "public", DayKind.COLLECTIVE: "government"}


class Calendars:
    """The calendars of all offices, at most one read an office and version."""

    def __init__(self, offices: Mapping[str, Office]) -> None:
        self._offices = offices
        self._known: dict[str, WorkingCalendar] = {}
        self._lock = Lock()

    def of(self, connection: Connection, office: str, version: int | None = None) -> WorkingCalendar:
        """The office's calendar as of *version*, which a turn has loaded with its thread, or as it is now."""
        wanted = calendar.version(connection, office) if version is None else version
        known = self._known.get(office)
        if known is None or known.version != wanted:
            known = read(connection, self._offices[office])
            with self._lock:
                self._known[office] = known
        return known


def read(connection: Connection, office: Office) -> WorkingCalendar:
    """The calendar as the tables have it. The version is asked first: what changes meanwhile is read again.

    Not to be asked within a transaction that changes it: were that rolled back, its version would come again.
    """
    version = calendar.version(connection, office.code)
    days = {row.day: day_of(row) for row in calendar.days(connection, office.code)}
    seasons = tuple(season_of(row) for row in calendar.seasons(connection, office.code))
    return WorkingCalendar(
        *(ZoneInfo(office.timezone), week_of(office.hours), days, seasons, version),
        serves_on_leave=office.calendar.open_on_collective_leave,
    )


def week_of(hours: Hours | Mapping[str, Any]) -> Week:
    """Service hours by weekday; the usual ones where none are told."""
    told = hours if isinstance(hours, Mapping) else {day: getattr(hours, day) for day in WEEKDAYS}
    mon, tue, wed, thu, fri, sat, sun = (read_spans(told.get(day, ())) for day in WEEKDAYS)
    week: Week = (mon, tue, wed, thu, fri, sat, sun)
    return week if any(week) else USUAL_WEEK


def day_of(row: AnyRow) -> Day:
    """A special date as the table has it."""
    return Day(DayKind(row.kind), row.name, read_spans(tuple(row.hours)), row.estimated)


def season_of(row: AnyRow) -> Season:
    """A season as the table has it."""
    return Season(row.name, row.first, row.last, week_of(row.hours))


def make_ready(database: Database, offices: Iterable[str], now: datetime) -> None:
    """``fill``, unless it was done before with the same library, year and offices.

    Then the library is not even loaded: it brings all countries of the world.
    """
    offices = sorted(offices)
    filled = f"{metadata.version('holidays')} {now.year} {sha256(' '.join(offices).encode()).hexdigest()}"
    with database.read() as connection:
        if own.word(connection, _FILLED) == filled:
            return
    fill(database, offices, now)
    with database.write() as connection:
        own.put_word(connection, _FILLED, filled)


def fill(database: Database, offices: Iterable[str], now: datetime) -> dict[str, int]:
    """Bring every office's dates of last, this and the next two years up to the library's; how many changed.

    One transaction for all new offices, one for each other that differs, none where nothing does. One that
    changed gets a new version, so that open deadlines are counted anew. Several processes at once change it
    once.
    """
    offices = set(offices)
    rows = [row for year in range(now.year - 1, now.year + 3) for row in library(year)]
    with database.read() as connection:
        known = calendar.versions(connection).keys()
        behind = [code for code in known & offices if calendar.differences(connection, code, rows)]
    filled = dict.fromkeys(_begin(database, offices - known, rows, now), len(rows))
    return filled | {code: _fill(database, code, rows, now) for code in behind}


def _begin(
    database: Database, codes: Collection[str], rows: Sequence[dict[str, Any]], now: datetime
) -> list[str]:
    if not codes:
        return []
    with database.write() as connection:
        return calendar.begin(connection, codes, rows, now)


def _fill(database: Database, code: str, rows: Sequence[dict[str, Any]], now: datetime) -> int:
    with database.write() as connection:
        calendar.lock(connection, code)
        changed = calendar.fill(connection, code, rows, now)
        if changed:
            calendar.count_up(connection, code)
    return changed


@cache
def library(year: int) -> tuple[dict[str, Any], ...]:
    """What the library knows of a year. A date that is both holiday and leave counts as holiday."""
    from holidays import country_holidays

    told: dict[date, dict[str, Any]] = {}
    for kind, category in _CATEGORIES.items():
        found = country_holidays("ID", years=year, categories=(category,), language="id")
        for day, name in sorted(found.items()):
            plain = name.replace(_ESTIMATED, "")[:120]
            row = {"day": day, "kind": kind.value, "name": plain, "estimated": plain != name[:120]}
            told.setdefault(day, row)
    return tuple(told.values())
