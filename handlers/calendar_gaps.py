"""What an office's calendar lacks, so that its promises are not sure: for ``loket check`` and for pages."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.calendar import DayKind, WorkingCalendar
from bot.policy import Office, Status
from handlers.runtime import Runtime
from storage import alarms
from storage.columns import AnyRow

WHAT = "calendar"
"""The alarm's kind; supervisors alone can mend it."""
_DECREED_BY = (10, 1)  # The decree for the next year came in September each time so far.


@dataclass(frozen=True, slots=True)
class Gaps:
    """Years without holidays, or without collective leave; dates that are estimates; hours only assumed."""

    unknown: tuple[int, ...] = ()
    no_leave: tuple[int, ...] = ()
    estimated: tuple[date, ...] = ()
    assumed_hours: bool = False

    def __bool__(self) -> bool:
        return any((self.unknown, self.no_leave, self.estimated, self.assumed_hours))

    def written(self) -> dict[str, Any]:
        """As an alarm keeps it."""
        dates = [day.isoformat() for day in self.estimated]
        return asdict(self) | {
            "unknown": list(self.unknown), "no_leave": list(self.no_leave), "estimated": dates,
        }  # fmt: skip


def gaps(calendar: WorkingCalendar, office: Office, today: date) -> Gaps:
    """What is missing now. Next year's leave is missed from October on only: before, nobody knows it."""
    years = (today.year, today.year + 1)
    without = tuple(year for year in years if not counted(calendar, year, DayKind.COLLECTIVE))
    late = (today.month, today.day) >= _DECREED_BY
    return Gaps(
        unknown=tuple(year for year in years if not counted(calendar, year, DayKind.HOLIDAY)),
        no_leave=without if late else tuple(year for year in without if year == today.year),
        estimated=estimated(calendar, today, years[-1]),
        assumed_hours=office.hours.status is Status.ASSUMED,
    )


def counted(calendar: WorkingCalendar, year: int, kind: DayKind) -> int:
    """How many dates of this kind the calendar has in *year*."""
    return sum(day.year == year and it.kind is kind for day, it in calendar.days.items())


def estimated(calendar: WorkingCalendar, today: date, last: int) -> tuple[date, ...]:
    """The dates from *today* to the end of the year *last* that no decree has fixed yet."""
    days = calendar.days.items()
    return tuple(sorted(day for day, it in days if it.estimated and day >= today and day.year <= last))


def look(runtime: Runtime, office: str | None = None) -> None:
    """Raise an alarm for each office (or for *office*) whose calendar lacks something; settle the others.

    What somebody has put away is raised again only when something else is lacking.
    """
    for code in (office,) if office else runtime.settings.offices:
        with runtime.database.read() as connection:
            calendar = runtime.calendars.of(connection, code)
            row = alarms.find(connection, _key(code))
        found = gaps(calendar, runtime.office(code), calendar.local_date(runtime.clock()))
        if found and not (row and _told(row, found)):
            _raise(runtime, code, found)
        elif not found and row and row.settled_at is None:
            _settle(runtime, code)


def _told(row: AnyRow, found: Gaps) -> bool:
    """Whether people know of exactly this; not when it was mended in between."""
    mended = row.settled_at is not None and row.settled_by is None
    return not mended and bool(row.about == found.written())


def _raise(runtime: Runtime, office: str, found: Gaps) -> None:
    with runtime.database.write() as connection:
        alarms.raise_alarm(connection, _key(office), office, WHAT, found.written(), runtime.clock())


def _settle(runtime: Runtime, office: str) -> None:
    with runtime.database.write() as connection:
        alarms.settle(connection, _key(office), None, runtime.clock())


def _key(office: str) -> str:
    return f"{WHAT}:{office}"
