"""Checks of the working calendars: working days need the national holidays and the collective leave."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from bot.calendar import Day, DayKind, WorkingCalendar
from bot.policy import Office
from handlers import calendars
from handlers.calendar_gaps import Gaps, counted, gaps
from handlers.checking.findings import Finding, fine, warning
from handlers.checking.installation import looking_at
from handlers.settings import Settings


def holidays_known(settings: Settings, now: datetime) -> Iterator[Finding]:
    """This year and the next, as each office's table has them: holidays, collective leave, estimates.

    Where a table is not filled yet, what the library will fill it with. Offices with the same are told of
    together.
    """
    alike: dict[tuple[Finding, ...], list[str]] = {}
    for office, calendar in _calendars(settings, now):
        alike.setdefault(tuple(_of(office, calendar, now)), []).append(office.short_name)
    for findings, names in alike.items():
        of = ", ".join(names)
        for found in findings:
            yield Finding(found.level, f"{of}: {found.indonesian}", f"{of}: {found.english}")


def _calendars(settings: Settings, now: datetime) -> Iterable[tuple[Office, WorkingCalendar]]:
    offices = settings.offices.values()
    try:
        with looking_at(settings) as connection:
            there = {one.code: calendars.read(connection, one) for one in offices if connection}
    except SQLAlchemyError:  # what is wrong with the database is told already
        there = {}
    filled = {code: calendar for code, calendar in there.items() if calendar.version}
    return [(office, filled.get(office.code) or _of_library(office, now)) for office in offices]


def _of_library(office: Office, now: datetime) -> WorkingCalendar:
    rows = [row for year in range(now.year - 1, now.year + 3) for row in calendars.library(year)]
    days = {row["day"]: Day(DayKind(row["kind"]), row["name"], estimated=row["estimated"]) for row in rows}
    return WorkingCalendar(ZoneInfo(office.timezone), days=days)


def _of(office: Office, calendar: WorkingCalendar, now: datetime) -> Iterator[Finding]:
    today = calendar.local_date(now)
    found = gaps(calendar, office, today)
    for year in (today.year, today.year + 1):
        faults = [*_missing(calendar, year, found), *_estimated(year, found)]
        yield from faults
        if not faults:
            yield _known(calendar, year)


def _known(calendar: WorkingCalendar, year: int) -> Finding:
    national, leave = (counted(calendar, year, kind) for kind in (DayKind.HOLIDAY, DayKind.COLLECTIVE))
    return fine(
        f"kalender {year}: {national} hari libur nasional, {leave} hari cuti bersama.",
        f"calendar {year}: {national} national holidays, {leave} days of collective leave.",
    )


def _missing(calendar: WorkingCalendar, year: int, found: Gaps) -> Iterator[Finding]:
    if year in found.unknown:
        yield warning(
            f"kalender {year}: hari libur nasional belum diketahui.",
            f"calendar {year}: the national holidays are not known yet.",
        )
    if counted(calendar, year, DayKind.COLLECTIVE):
        return
    tell = warning if year in found.no_leave else fine
    yield tell(
        f"kalender {year}: cuti bersama belum diketahui; setelah SKB terbit perbarui pustaka holidays"
        " atau isi di halaman Kalender.",
        f"calendar {year}: the collective leave is not known yet; once it is decreed"
        " update the holidays library or enter it on the calendar page.",
    )


def _estimated(year: int, found: Gaps) -> Iterator[Finding]:
    unsure = [day.isoformat() for day in found.estimated if day.year == year]
    if unsure:
        listed = ", ".join(unsure)
        yield warning(
            f"kalender {year}: tanggal masih perkiraan: {listed}",
            f"calendar {year}: dates still estimated: {listed}",
        )
