"""A supervisor changes the office's calendar: what that would move, doing it, and taking it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import Connection

from bot import clocks
from bot.calendar import Day, DayKind, Season, WorkingCalendar, read_spans
from bot.conversation import Clock
from handlers import calendar_gaps, calendars, recounting
from handlers.runtime import Runtime
from storage import calendar, officers
from storage import clocks as stored_clocks
from storage.columns import AnyRow

CHANGED, UNDONE = "calendar_changed", "calendar_undone"
UNDO_FOR = timedelta(days=1)
MOST_DAYS = 1000
_Name = Annotated[str, Field(min_length=1, max_length=120)]
_Hours = tuple[str, ...]
FIRST_YEAR, LAST_YEAR = 2000, 2099


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Value):
    """What the office says a date is."""

    kind: DayKind
    name: _Name
    hours: _Hours = ()

    @field_validator("hours")
    @classmethod
    def _make_sense(cls, hours: _Hours) -> _Hours:
        read_spans(hours)
        return hours


class NewSeason(_Value):
    """Other hours for a while, by weekday."""

    name: _Name
    first: date
    last: date
    hours: Mapping[str, _Hours]

    @model_validator(mode="after")
    def _makes_sense(self) -> "NewSeason":
        if self.last < self.first or not set(self.hours) <= set(calendars.WEEKDAYS):
            raise ValueError("a season needs dates in their order, and weekdays")
        if not any(map(read_spans, self.hours.values())):
            raise ValueError("a season needs a weekday that is worked")
        return self

    def value(self) -> Season:
        """As the calendar knows it."""
        return Season(self.name, self.first, self.last, calendars.week_of(self.hours))


class Change(_Value):
    """What is to be other than it is. A date without words is what the library says again.

    *remove* names seasons by their first day: no two share a date.
    """

    days: Mapping[date, Said | None] = {}
    add: tuple[NewSeason, ...] = ()
    remove: tuple[date, ...] = ()

    @field_validator("days")
    @classmethod
    def _are_near(cls, days: Mapping[date, Said | None]) -> Mapping[date, Said | None]:
        if len(days) > MOST_DAYS or any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
            raise ValueError("too many dates, or dates of another century")
        return days

    def __bool__(self) -> bool:
        return bool(self.days or self.add or self.remove)


@dataclass(frozen=True, slots=True)
class Move:
    """An open promise whose end is another one."""

    ticket_id: int
    reference: str
    was: datetime
    becomes: datetime


class Overlapping(Exception):
    """Two seasons would share a date."""


class Outdated(Exception):
    """What is to be taken back was changed again meanwhile, or too long ago."""


def proposed(known: WorkingCalendar, change: Change) -> WorkingCalendar:
    """The calendar as it would be. Raises ``Overlapping``."""
    days = dict(known.days)
    for day, said in change.days.items():
        days.pop(day, None)
        if value := _value(said) or _of_library(day):
            days[day] = value
    seasons = [one for one in known.seasons if one.first not in change.remove]
    seasons = sorted([*seasons, *(one.value() for one in change.add)], key=lambda one: one.first)
    if any(later.first <= one.last for one, later in pairwise(seasons)):
        raise Overlapping
    return replace(known, days=days, seasons=tuple(seasons))


def _value(said: Said | None) -> Day | None:
    return Day(said.kind, said.name, read_spans(said.hours)) if said else None


def _row_of_library(day: date) -> dict[str, Any] | None:
    return next((row for row in calendars.library(day.year) if row["day"] == day), None)


def _of_library(day: date) -> Day | None:
    row = _row_of_library(day)
    return Day(DayKind(row["kind"]), row["name"], estimated=row["estimated"]) if row else None


def moves(runtime: Runtime, connection: Connection, office: str, change: Change) -> tuple[Move, ...]:
    """The open promises that *change* would move, those of the soonest first. Raises ``Overlapping``."""
    planned = proposed(runtime.calendars.of(connection, office), change)
    channel = next(iter(runtime.channels))
    desk = runtime.desk(office, channel, planned)
    counting = stored_clocks.counting(connection, office, _earliest(change))
    return tuple(
        Move(row.id, row.reference, row.due_at, ends)
        for row in counting
        if (ends := clocks.counted(_clock(row), desk).due_at) and ends != row.due_at
    )


def _clock(row: AnyRow) -> Clock:
    pauses = tuple((datetime.fromisoformat(asked), datetime.fromisoformat(end)) for asked, end in row.pauses)
    return Clock(row.clock_from, row.due_at, pauses)


def _earliest(change: Change) -> datetime:
    """A promise that has ended before this does not depend on what changes."""
    days = [*change.days, *change.remove, *(one.first for one in change.add)]
    return datetime.combine(min(days), time(), UTC) - timedelta(days=1)


def save(runtime: Runtime, officer_id: int, office: str, change: Change) -> tuple[Move, ...]:
    """Change the calendar, and count anew what it moves; what was moved. Raises ``Overlapping``."""
    return _carry_out(runtime, officer_id, office, change, CHANGED)


def _carry_out(
    runtime: Runtime, officer_id: int, office: str, change: Change, what: str, undoes: int = 0
) -> tuple[Move, ...]:
    with runtime.database.read() as connection:
        planned = moves(runtime, connection, office, change)
    with runtime.database.write() as connection:
        version = calendar.count_up(connection, office)
        if undoes and not _stands(connection, office, undoes):
            raise Outdated
        back = _inverse(connection, office, change)
        _write(connection, office, change, officer_id, runtime.clock())
        detail = {"office": office, "change": _plain(change), "back": _plain(back), "undoes": undoes or None}
        officers.record(connection, what, runtime.clock(), officer_id, detail)
    recounting.recount_office(runtime, office, version)
    calendar_gaps.look(runtime, office)
    return _moved(runtime, planned)


def _moved(runtime: Runtime, planned: Iterable[Move]) -> tuple[Move, ...]:
    """What has moved by now, whoever counted it."""
    before = {move.ticket_id: move for move in planned}
    with runtime.database.read() as connection:
        ends = stored_clocks.due(connection, list(before))
    return tuple(
        replace(move, becomes=ends[number])
        for number, move in before.items()
        if number in ends and ends[number] != move.was
    )


def _write(connection: Connection, office: str, change: Change, officer_id: int, now: datetime) -> None:
    for day, said in change.days.items():
        if said:
            calendar.put_day(
                *(connection, office, day, said.kind, said.name, now),
                hours=said.hours,
                officer_id=officer_id,
            )
        elif calendar.remove_day(connection, office, day) and (row := _row_of_library(day)):
            calendar.put_library_day(connection, office, row, now)
    for first in change.remove:
        calendar.remove_season(connection, office, first)
    for one in change.add:
        if calendar.overlapping(connection, office, one.first, one.last):
            raise Overlapping
        hours = {weekday: list(spans) for weekday, spans in one.hours.items()}
        calendar.add_season(connection, office, one.name, one.first, one.last, hours, now, officer_id)


def _inverse(connection: Connection, office: str, change: Change) -> Change:
    """What brings back the calendar as it is now."""
    own = {row.day: row for row in calendar.days(connection, office) if row.source == calendar.OFFICE}
    seasons = [row for row in calendar.seasons(connection, office) if row.first in change.remove]
    return Change(
        days={day: _said(own.get(day)) for day in change.days},
        add=tuple(
            NewSeason(name=row.name, first=row.first, last=row.last, hours=row.hours) for row in seasons
        ),
        remove=tuple(one.first for one in change.add),
    )


def _said(row: AnyRow | None) -> Said | None:
    return Said(kind=DayKind(row.kind), name=row.name, hours=tuple(row.hours)) if row else None


def _plain(change: Change) -> dict[str, Any]:
    return change.model_dump(mode="json")


def last_change(connection: Connection, office: str, now: datetime) -> AnyRow | None:
    """The newest change of this office's calendar, while it may still be taken back."""
    found = officers.recorded(connection, (CHANGED, UNDONE), now - UNDO_FOR)
    row = next((row for row in found if row.detail.get("office") == office), None)
    return row if row and row.what == CHANGED else None


def undo(runtime: Runtime, officer_id: int, office: str, audit_id: int) -> tuple[Move, ...]:
    """Take the last change back; what was moved. Raises ``Outdated``, or ``Overlapping``."""
    with runtime.database.read() as connection:
        row = last_change(connection, office, runtime.clock())
    if row is None or row.id != audit_id:
        raise Outdated
    back = Change.model_validate(row.detail["back"])
    return _carry_out(runtime, officer_id, office, back, UNDONE, undoes=audit_id)


def _stands(connection: Connection, office: str, audit_id: int) -> bool:
    """Whether no change has come after this one; asked under the calendar's lock."""
    found = officers.recorded(connection, (CHANGED, UNDONE), datetime.min.replace(tzinfo=UTC))
    row = next((row for row in found if row.detail.get("office") == office), None)
    return row is not None and row.id == audit_id
