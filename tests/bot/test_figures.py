"""Figures of reports by their definitions: outcomes of promises, medians, percentiles, shares, periods."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import figures, periods
from bot.calendar import Day, DayKind, WorkingCalendar
from bot.figures import HOUR, Outcome, Promise
from bot.periods import Period

MONDAY = datetime(2026, 7, 6, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DUE = MONDAY + 30 * HOUR
WITA, WIB, WIT = ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")


@pytest.mark.parametrize(
    ("promise", "now", "outcome"),
    [
        (Promise(DUE, DUE), DUE + HOUR, Outcome.KEPT),
        (Promise(DUE, DUE + SECOND), DUE + HOUR, Outcome.MISSED),
        (Promise(DUE, None), DUE, Outcome.RUNNING),
        (Promise(DUE, None), DUE + SECOND, Outcome.MISSED),
        (Promise(DUE, None, DUE), DUE + HOUR, Outcome.DROPPED),
        (Promise(DUE, None, DUE + SECOND), DUE + HOUR, Outcome.MISSED),
        (Promise(DUE, DUE - HOUR, DUE + HOUR), DUE + 9 * HOUR, Outcome.KEPT),
        (Promise(None, None), DUE + 900 * HOUR, Outcome.RUNNING),
        (Promise(None, DUE), DUE, Outcome.KEPT),
        (Promise(None, None, DUE), DUE, Outcome.DROPPED),
    ],
)
def test_what_became_of_a_promise(promise: Promise, now: datetime, outcome: Outcome) -> None:
    assert promise.outcome(now) is outcome


@pytest.mark.parametrize(
    ("hours", "median", "ninetieth"),
    [
        ([], None, None),
        ([5], 5, 5),
        ([1, 2], 1.5, 2),
        ([3, 1, 2], 2, 3),
        (range(1, 11), 5.5, 9),
        (range(1, 12), 6, 10),
        (range(1, 21), 10.5, 18),
    ],
)
def test_times(hours: list[int], median: float | None, ninetieth: float | None) -> None:
    told = figures.times(hour * HOUR for hour in hours)
    assert told.number == len(hours)
    assert told.median == (None if median is None else median * HOUR)
    assert told.ninetieth == (None if ninetieth is None else ninetieth * HOUR)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_nine_of_ten_do_not_exceed_the_ninetieth(seconds: list[int]) -> None:
    lengths = [second * SECOND for second in seconds]
    told = figures.times(lengths).ninetieth
    assert told in lengths
    assert 10 * sum(each <= told for each in lengths) >= 9 * len(lengths)
    assert 10 * sum(each < told for each in lengths) < 9 * len(lengths)
    assert sum(figures.spread(lengths)) == len(lengths)


def test_a_time_at_a_border_belongs_to_the_shorter_ones() -> None:
    assert figures.spread([timedelta(), HOUR, HOUR + SECOND, 24 * HOUR, 24 * HOUR + SECOND]) == (
        2,
        1,
        0,
        0,
        0,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(0, 0, None), (0, 9, 0), (9, 9, 100), (1, 3, 33), (1, 2, 50), (1, 1000, 1), (999, 1000, 99), (5, 8, 63)],
)
def test_a_share(part: int, whole: int, percent: int | None) -> None:
    assert figures.share(part, whole) == percent


# --- Time served ---

CALENDAR = WorkingCalendar(WITA, days={date(2026, 7, 8): Day(DayKind.CLOSED, "Rapat")})


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ((6, 9, 0), (6, 9, 30), 30),
        ((6, 11, 30), (6, 13, 30), 60),  # lunch is no service
        ((6, 15, 0), (7, 8, 30), 60),  # nor is the night
        ((6, 18, 0), (6, 23, 59), 0),
        ((7, 15, 0), (9, 8, 1), 31),  # nor a day on which the office is closed
        ((10, 15, 0), (13, 9, 0), 120),  # nor a weekend, after a Friday until four
        ((6, 7, 0), (6, 20, 0), 390),
        ((7, 9, 0), (6, 9, 0), 0),
    ],
)
def test_time_served(start: tuple[int, int, int], end: tuple[int, int, int], minutes: int) -> None:
    moments = (datetime(2026, 7, *each, tzinfo=WITA).astimezone(UTC) for each in (start, end))
    assert CALENDAR.served(*moments) == timedelta(minutes=minutes)


@given(st.integers(0, 20 * 86_400), st.integers(0, 60))
def test_what_is_served_is_what_a_term_counts(after: int, hours: int) -> None:
    """The calendar's two ways to count service agree."""
    start = MONDAY + after * SECOND
    assert CALENDAR.served(start, CALENDAR.after_service(start, hours * HOUR)) == hours * HOUR


# --- Periods ---


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-T1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-T4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_by_its_name(name: str, first: date, last: date) -> None:
    period = periods.named(name)
    assert period is not None
    assert (period.first, period.last, period.name) == (first, last, name)
    assert period.before().after() == period
    assert period.before().last + timedelta(days=1) == first


@pytest.mark.parametrize(
    "name", ["", "26", "2026-0", "2026-00", "2026-13", "2026-T0", "2026-T5", "1999", "2200", "x"]
)
def test_what_is_no_period(name: str) -> None:
    assert periods.named(name) is None


@pytest.mark.parametrize(("zone", "hour"), [(WIB, 17), (WITA, 16), (WIT, 15)])
def test_a_month_lasts_from_midnight_to_midnight_of_its_zone(zone: ZoneInfo, hour: int) -> None:
    march = Period(date(2026, 3, 1), 1)
    assert march.begins(zone) == datetime(2026, 2, 28, hour, tzinfo=UTC)
    assert march.ends(zone) == datetime(2026, 3, 31, hour, tzinfo=UTC)


def test_parts_of_periods() -> None:
    months, quarters, year = periods.of_year(2026)
    assert len(months[1].parts()) == 28
    assert year.parts() == tuple(month.first for month in months)
    assert quarters[0].parts()[:3] == (date(2026, 1, 1), date(2026, 1, 5), date(2026, 1, 12))
    assert quarters[0].parts()[-1] == date(2026, 3, 30)
    assert quarters[1].parts()[:2] == (date(2026, 4, 1), date(2026, 4, 6))
    assert periods.named("2029-T1").parts()[:2] == (date(2029, 1, 1), date(2029, 1, 8))  # type: ignore[union-attr]  # it is one
