"""The calendar of each office as rows: special dates, seasons, and a version that counts their changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, func, insert, select, update

from bot.calendar import DayKind
from storage import later
from storage.columns import AnyRow, table
from storage.inserting import insert_into
from storage.promise_tables import Calendar, CalendarDay, CalendarSeason

CALENDAR: Table = table(Calendar)
DAY: Table = table(CalendarDay)
SEASON: Table = table(CalendarSeason)
LIBRARY, OFFICE = "library", "office"
"""Who said what a date is."""
_VERSION = select(CALENDAR.c.version).where(CALENDAR.c.office == bindparam("office"))


def version(connection: Connection, office: str) -> int:
    """How often the office's calendar has changed; 0 for one that was never filled."""
    return later.once(connection, ("calendar", office), lambda: _version(connection, office))


def _version(connection: Connection, office: str) -> int:
    return int(connection.execute(_VERSION, {"office": office}).scalar() or 0)


def versions(connection: Connection) -> dict[str, int]:
    """The version of every office's calendar that was ever filled."""
    return {row.office: row.version for row in connection.execute(select(CALENDAR))}


def lock(connection: Connection, office: str) -> None:
    """Wait for who changes the office's calendar just now. Whoever may change it calls this first."""
    made = insert_into(connection, CALENDAR).values(office=office, version=0)
    connection.execute(made.on_conflict_do_nothing())
    connection.execute(select(CALENDAR.c.version).where(CALENDAR.c.office == office).with_for_update())


def count_up(connection: Connection, office: str) -> int:
    """The calendar changes in this transaction: its new version. Who changes it meanwhile waits."""
    statement = insert_into(connection, CALENDAR).values(office=office, version=1)
    counted = statement.on_conflict_do_update(
        index_elements=["office"], set_={"version": CALENDAR.c.version + 1}
    ).returning(CALENDAR.c.version)
    return int(connection.execute(counted).scalar_one())


def days(connection: Connection, office: str) -> list[AnyRow]:
    """All special dates of an office, in their order."""
    return list(connection.execute(select(DAY).where(DAY.c.office == office).order_by(DAY.c.day)))


def seasons(connection: Connection, office: str) -> list[AnyRow]:
    """All seasons of an office, in their order."""
    found = select(SEASON).where(SEASON.c.office == office).order_by(SEASON.c.first, SEASON.c.id)
    return list(connection.execute(found))


def put_day(
    connection: Connection,
    office: str,
    day: date,
    kind: DayKind,
    name: str,
    now: datetime,
    *,
    hours: Iterable[str] = (),
    officer_id: int | None = None,
) -> None:
    """The office says what this date is, whatever the library thinks."""
    said: dict[str, Any] = {
        "kind": kind.value,
        "name": name,
        "hours": list(hours),
        "estimated": False,
        "source": OFFICE,
    }
    said |= {"changed_by": officer_id, "changed_at": now}
    statement = insert_into(connection, DAY).values(office=office, day=day, **said)
    connection.execute(statement.on_conflict_do_update(index_elements=["office", "day"], set_=said))


def put_library_day(connection: Connection, office: str, row: dict[str, Any], now: datetime) -> None:
    """The date is what the library says, now that the office says nothing."""
    common = {"office": office, "hours": [], "source": LIBRARY, "changed_at": now}
    statement = insert_into(connection, DAY).values(**common, **row)
    connection.execute(statement.on_conflict_do_nothing())


def remove_day(connection: Connection, office: str, day: date) -> bool:
    """What the office said about this date no longer holds; False when it said nothing."""
    mine = and_(DAY.c.office == office, DAY.c.day == day, DAY.c.source == OFFICE)
    return connection.execute(delete(DAY).where(mine)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Differences:
    """In what an office's table is not what the library says."""

    gone: tuple[date, ...]
    changed: tuple[dict[str, Any], ...]
    new: tuple[dict[str, Any], ...]

    def __len__(self) -> int:
        return len(self.gone) + len(self.changed) + len(self.new)


def differences(connection: Connection, office: str, rows: Iterable[dict[str, Any]]) -> Differences:
    """What ``fill`` would change. What the office said itself is left alone.

    *rows*: ``day``, ``kind``, ``name``, ``estimated``, for whole years; a date of such a year that the
    library no longer has goes.
    """
    told = {row["day"]: row for row in rows}
    years = {day.year for day in told}
    there = {row.day: row for row in days(connection, office)}
    theirs = {day: row for day, row in there.items() if row.source == LIBRARY}
    return Differences(
        gone=tuple(day for day in theirs if day.year in years and day not in told),
        changed=tuple(told[day] for day, row in theirs.items() if _differs(row, told.get(day))),
        new=tuple(told[day] for day in told if day not in there),
    )


def fill(connection: Connection, office: str, rows: Iterable[dict[str, Any]], now: datetime) -> int:
    """Bring what the library says up to date; how many dates changed. The calendar is locked for it."""
    found = differences(connection, office, rows)
    for day in found.gone:
        connection.execute(delete(DAY).where(DAY.c.office == office, DAY.c.day == day))
    for row in found.changed:
        mine = and_(DAY.c.office == office, DAY.c.day == row["day"])
        connection.execute(update(DAY).where(mine).values(**row, changed_at=now))
    if found.new:
        common = {"office": office, "hours": [], "source": LIBRARY, "changed_at": now}
        connection.execute(insert(DAY), [{**common, **row} for row in found.new])
    return len(found)


def begin(
    connection: Connection, offices: Iterable[str], rows: Sequence[dict[str, Any]], now: datetime
) -> list[str]:
    """Write what the library says for offices that have no calendar yet; which of *offices* those were."""
    made = insert_into(connection, CALENDAR).on_conflict_do_nothing().returning(CALENDAR.c.office)
    # In their order, so that two processes wait for each other only one way round.
    versions = [{"office": office, "version": 1} for office in sorted(offices)]
    begun = list(connection.execute(made, versions).scalars())
    if begun:
        fill(connection, begun[0], rows, now)
        _copy_days(connection, begun[0], begun[1:])
    return begun


def _copy_days(connection: Connection, source: str, targets: Sequence[str]) -> None:
    """One statement for all: hundreds of offices with a hundred dates each are many rows to send."""
    rest = [column for column in DAY.c if column is not DAY.c.office]
    both = DAY.join(CALENDAR, CALENDAR.c.office.in_(targets))
    copies = select(CALENDAR.c.office, *rest).select_from(both).where(DAY.c.office == source)
    connection.execute(insert(DAY).from_select([DAY.c.office, *rest], copies))


def _differs(there: AnyRow, told: dict[str, Any] | None) -> bool:
    return told is not None and any(getattr(there, name) != value for name, value in told.items())


def add_season(
    connection: Connection,
    office: str,
    name: str,
    first: date,
    last: date,
    hours: dict[str, list[str]],
    now: datetime,
    officer_id: int | None = None,
) -> None:
    """Other hours from *first* to *last*. That they overlap with no other season is the caller's to see."""
    row = {"office": office, "name": name, "first": first, "last": last, "hours": hours}
    connection.execute(insert_into(connection, SEASON).values(**row, changed_by=officer_id, changed_at=now))


def remove_season(connection: Connection, office: str, first: date) -> bool:
    """The season that begins on this date is no more; False when the office had none."""
    mine = and_(SEASON.c.office == office, SEASON.c.first == first)
    return connection.execute(delete(SEASON).where(mine)).rowcount == 1


def overlapping(connection: Connection, office: str, first: date, last: date) -> bool:
    """Whether a season of the office shares a date with these."""
    shares = and_(SEASON.c.office == office, SEASON.c.first <= last, SEASON.c.last >= first)
    return bool(connection.execute(select(func.count()).select_from(SEASON).where(shares)).scalar())
