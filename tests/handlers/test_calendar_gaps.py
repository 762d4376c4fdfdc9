"""What a calendar lacks is told to supervisors once, and settles itself when it is mended."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.calendar import DayKind
from bot.policy import Hours, Status
from handlers import calendar_gaps, calendars, jobs
from handlers.calendar_gaps import Gaps, gaps
from storage import alarms, calendar
from storage.columns import AnyRow
from tests.driver import Desk

ESTIMATES = tuple(date(2027, month, day) for month, day in ((3, 10), (3, 11), (5, 17)))


def confirmed(desk: Desk) -> None:
    """The office's hours are confirmed."""
    office = desk.runtime.office("7411")
    hours = Hours(Status.CONFIRMED, mon=("08:00-15:30",))
    desk.runtime.settings.offices["7411"] = replace(office, hours=hours)


def says(desk: Desk, *days: date) -> None:
    with desk.runtime.database.write() as connection:
        calendar.count_up(connection, "7411")
        for day in days:
            calendar.put_day(connection, "7411", day, DayKind.HOLIDAY, "Ditetapkan", desk.clock())


def alarm(desk: Desk) -> AnyRow | None:
    with desk.runtime.database.read() as connection:
        return next((row for row in alarms.open_alarms(connection, "7411") if row.what == "calendar"), None)


def lacking(desk: Desk, now: datetime) -> Gaps:
    with desk.runtime.database.read() as connection:
        read = calendars.read(connection, desk.runtime.office("7411"))
    return gaps(read, desk.runtime.office("7411"), read.local_date(now))


def test_what_is_lacking_today(desk: Desk) -> None:
    assert lacking(desk, desk.clock()) == Gaps(estimated=ESTIMATES, assumed_hours=True)
    assert not Gaps()


@pytest.mark.parametrize(
    ("now", "missing"),
    [
        (datetime(2027, 9, 30, 15, 59, tzinfo=UTC), ()),
        (datetime(2027, 9, 30, 16, 0, tzinfo=UTC), (2028,)),
        (datetime(2028, 1, 10, tzinfo=UTC), (2028,)),
    ],
)
def test_leave_is_missed_from_october_on(desk: Desk, now: datetime, missing: tuple[int, ...]) -> None:
    calendars.fill(desk.runtime.database, ("7411",), now)
    assert lacking(desk, now).no_leave == missing


def test_estimates_of_the_past_need_no_decree(desk: Desk) -> None:
    assert lacking(desk, datetime(2027, 3, 11, tzinfo=UTC)).estimated[:2] == ESTIMATES[1:]


def test_it_is_told_once_and_settles_itself(desk: Desk) -> None:
    jobs.look_at_calendars(desk.runtime)
    first = alarm(desk)
    assert first is not None
    assert first.about == {
        "unknown": [], "no_leave": [], "estimated": [day.isoformat() for day in ESTIMATES],
        "assumed_hours": True,
    }  # fmt: skip
    jobs.look_at_calendars(desk.runtime)
    again = alarm(desk)
    assert again is not None
    assert again.times == 1
    confirmed(desk)
    says(desk, *ESTIMATES)
    jobs.look_at_calendars(desk.runtime)
    assert alarm(desk) is None


def test_what_somebody_has_put_away_comes_back_only_with_something_new(desk: Desk) -> None:
    confirmed(desk)
    jobs.look_at_calendars(desk.runtime)
    officer = desk.officer()
    with desk.runtime.database.write() as connection:
        alarms.settle(connection, "calendar:7411", officer, desk.clock())
    jobs.look_at_calendars(desk.runtime)
    assert alarm(desk) is None
    says(desk, ESTIMATES[0])
    jobs.look_at_calendars(desk.runtime)
    row = alarm(desk)
    assert row is not None
    assert row.about["estimated"] == [day.isoformat() for day in ESTIMATES[1:]]


def test_what_was_mended_and_breaks_again_is_told_again(desk: Desk) -> None:
    confirmed(desk)
    jobs.look_at_calendars(desk.runtime)
    says(desk, *ESTIMATES)
    jobs.look_at_calendars(desk.runtime)
    assert alarm(desk) is None
    with desk.runtime.database.write() as connection:
        calendar.count_up(connection, "7411")
        for day in ESTIMATES:
            calendar.remove_day(connection, "7411", day)
    calendars.fill(desk.runtime.database, ("7411",), desk.clock())
    calendar_gaps.look(desk.runtime, "7411")
    assert alarm(desk) is not None
