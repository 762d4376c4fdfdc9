"""Working days, due moments and opening hours: the worked examples, the wrong answers, and properties."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import (
    USUAL_WEEK,
    ClosedSpell,
    Day,
    DayKind,
    Pause,
    Season,
    Week,
    WorkingCalendar,
    read_spans,
)
from tests.bot.decreed_days import COLLECTIVE, ESTIMATED, HOLIDAYS, dates

WITA, WIB = ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jakarta")
OFFICES = {"6302": WITA, "6402": WITA, "1905": WIB, "6571": WITA, "7411": WITA}
HOURS, FRIDAY = read_spans(["08:00-12:00", "12:30-15:00"]), read_spans(["08:00-11:30", "12:30-15:30"])
RAMADAN = Season(
    "Ramadan", date(2026, 2, 19), date(2026, 3, 20), (HOURS, HOURS, HOURS, HOURS, FRIDAY, (), ())
)
ESTIMATES = dates(ESTIMATED)
DECREED: Mapping[date, Day] = {
    **{day: Day(DayKind.HOLIDAY, "libur", estimated=day in ESTIMATES) for day in dates(HOLIDAYS)},
    **{day: Day(DayKind.COLLECTIVE, "cuti bersama") for day in dates(COLLECTIVE)},
}
KTB = WorkingCalendar(WITA, days=DECREED, seasons=(RAMADAN,))
ONLY_HOLIDAYS = replace(KTB, days={day: it for day, it in DECREED.items() if it.kind is DayKind.HOLIDAY})


def at(written: str, zone: ZoneInfo = WITA) -> datetime:
    """A moment on an office's clock."""
    return datetime.fromisoformat(written).replace(tzinfo=zone)


def owed(
    calendar: WorkingCalendar,
    start: datetime,
    days: int,
    *,
    next_day: bool = False,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """The due moment of a clock that is not paused now."""
    due = calendar.due(start, days, next_day=next_day, pauses=pauses)
    assert due is not None
    return due


def due_day(start: datetime, days: int = 3, *, next_day: bool = False, within: WorkingCalendar = KTB) -> date:
    """The date on which the promise ends."""
    return within.local_date(owed(within, start, days, next_day=next_day))


def test_a_request_before_the_feasts_of_2026_is_due_twelve_days_later() -> None:
    due = KTB.due(at("2026-03-13 15:50"), 3)
    assert due == datetime(2026, 3, 25, 7, 30, tzinfo=UTC)  # Wednesday 15.30 WITA, Ramadan is over


def test_the_wrong_answers_are_others() -> None:
    start = at("2026-03-13 15:50")
    weekends_only = replace(KTB, days={})
    assert due_day(start, within=weekends_only) == date(2026, 3, 18)
    assert due_day(start, within=ONLY_HOLIDAYS) == date(2026, 3, 18)
    assert (start + timedelta(days=3)).date() == date(2026, 3, 16)
    wrong = {date(2026, 3, day) for day in (16, 17, 18)}
    assert due_day(start) not in wrong
    assert due_day(start, next_day=True) not in wrong


STARTS = [  # start, due where every start counts as of its day, due where late ones count as of the next
    ("2026-03-13 15:50", "2026-03-25", "2026-03-26"),  # after hours: in Ramadan they end at 15.30
    ("2026-03-13 15:00", "2026-03-25", "2026-03-25"),
    ("2026-03-14 09:00", "2026-03-25", "2026-03-26"),
    ("2026-03-20 10:00", "2026-03-27", "2026-03-30"),
    ("2026-05-13 10:00", "2026-05-20", "2026-05-20"),
    ("2026-05-26 10:00", "2026-06-03", "2026-06-03"),
    ("2026-12-23 10:00", "2026-12-30", "2026-12-30"),
    ("2026-12-31 10:00", "2027-01-07", "2027-01-07"),
    ("2027-03-05 10:00", "2027-03-18", "2027-03-18"),
    ("2024-04-05 10:00", "2024-04-18", "2024-04-18"),
    ("2025-03-26 10:00", "2025-04-09", "2025-04-09"),
    ("2025-08-15 10:00", "2025-08-21", "2025-08-21"),
]


@pytest.mark.parametrize("zone", sorted(set(OFFICES.values()), key=str), ids=str)
@pytest.mark.parametrize(("start", "same_day", "next_day"), STARTS)
def test_worked_examples_for_both_variants(start: str, same_day: str, next_day: str, zone: ZoneInfo) -> None:
    calendar = replace(KTB, zone=zone)
    assert due_day(at(start, zone), within=calendar) == date.fromisoformat(same_day)
    assert due_day(at(start, zone), next_day=True, within=calendar) == date.fromisoformat(next_day)


@pytest.mark.parametrize(("start", "same_day", "next_day"), STARTS)
def test_who_forgets_collective_leave_is_wrong_wherever_it_matters(
    start: str, same_day: str, next_day: str
) -> None:
    first, last = date.fromisoformat(start[:10]), date.fromisoformat(same_day)
    leave = [day for day in dates(COLLECTIVE) if first < day <= last]
    assert (due_day(at(start), within=ONLY_HOLIDAYS) == last) == (not leave)
    assert next_day >= same_day


def test_ten_working_days_cross_good_friday() -> None:
    assert due_day(at("2026-03-13 15:50"), 10) == date(2026, 4, 6)


def test_a_day_that_is_added_moves_what_crosses_it() -> None:
    added = date(2025, 8, 18)
    before = replace(KTB, days={day: it for day, it in DECREED.items() if day != added})
    assert due_day(at("2025-08-15 10:00"), within=before) == date(2025, 8, 20)
    assert due_day(at("2025-08-15 10:00")) == date(2025, 8, 21)


def test_the_date_of_receipt_is_the_local_one() -> None:
    late = datetime(2026, 3, 12, 17, 30, tzinfo=UTC)  # 13 March 01.30 WITA, 00.30 WIB
    assert KTB.local_date(late) == date(2026, 3, 13)
    assert due_day(late, 1) == date(2026, 3, 16)
    assert due_day(late - timedelta(hours=1), 1, within=replace(KTB, zone=WIB)) == date(2026, 3, 13)


def test_clear_and_complete_counts_from_the_marking_and_received_from_the_message() -> None:
    assert due_day(at("2026-07-08 13:00")) == date(2026, 7, 13)
    assert due_day(at("2026-07-06 10:00")) == date(2026, 7, 9)


def test_days_in_which_the_citizen_owed_an_answer_do_not_count() -> None:
    asked, answered = at("2026-07-07 09:00"), at("2026-07-09 11:00")
    assert KTB.due(at("2026-07-06 10:00"), 3, pauses=[(asked, None)]) is None
    due = KTB.due(at("2026-07-06 10:00"), 3, pauses=[(asked, answered)])
    assert due == KTB.closing(date(2026, 7, 13))  # 7 counts, 8 and 9 do not, then 10 and 13
    same = KTB.due(at("2026-07-06 10:00"), 3, pauses=[(asked, asked + timedelta(hours=2))])
    assert same == KTB.due(at("2026-07-06 10:00"), 3)


def test_hours_in_ramadan_and_after_it() -> None:
    assert KTB.closing(date(2026, 3, 13)) == at("2026-03-13 15:30")
    assert KTB.closing(date(2026, 3, 12)) == at("2026-03-12 15:00")
    assert KTB.closing(date(2026, 3, 27)) == at("2026-03-27 16:00")
    assert not KTB.is_open(at("2026-03-13 12:00"))
    assert KTB.is_open(at("2026-03-13 12:30"))


def test_the_next_opening_skips_lunch_nights_weekends_and_feasts() -> None:
    assert KTB.next_open(at("2026-07-06 10:00")) == at("2026-07-06 10:00")
    assert KTB.next_open(at("2026-07-06 12:30")) == at("2026-07-06 13:00")
    assert KTB.next_open(at("2026-07-03 16:01")) == at("2026-07-06 08:00")
    assert KTB.next_open(at("2026-03-17 15:01")) == at("2026-03-25 08:00")


def test_time_served_leaves_out_what_was_closed() -> None:
    assert KTB.after_service(at("2026-07-06 11:00"), timedelta(hours=2)) == at("2026-07-06 14:00")
    assert KTB.after_service(at("2026-07-03 15:00"), timedelta(hours=4)) == at("2026-07-06 11:00")
    assert KTB.after_service(at("2026-07-04 09:00"), timedelta(hours=1)) == at("2026-07-06 09:00")


def test_an_office_may_work_on_a_day_of_leave_or_on_a_saturday() -> None:
    opened = {date(2026, 3, 18): Day(DayKind.OPEN, "piket")}
    saturday = {date(2026, 3, 14): Day(DayKind.OPEN, "bazar data", read_spans(["09:00-11:00"]))}
    calendar = replace(KTB, days={**DECREED, **opened, **saturday})
    assert due_day(at("2026-03-13 15:50"), within=calendar) == date(2026, 3, 17)
    assert calendar.closing(date(2026, 3, 14)) == at("2026-03-14 11:00")
    assert calendar.spans(date(2026, 3, 18)) == HOURS


def test_an_office_that_serves_on_collective_leave_still_knows_that_it_is_decreed() -> None:
    serving = replace(KTB, serves_on_leave=True)
    assert not KTB.works(date(2026, 3, 18))
    assert serving.works(date(2026, 3, 18))
    assert not serving.works(date(2026, 3, 19))
    assert serving.is_sure(date(2026, 3, 13), date(2026, 3, 25))
    spells = serving.closed_spells(date(2026, 3, 13), date(2026, 3, 20))
    assert [spell.first for spell in spells] == [date(2026, 3, 19)]


def test_the_reasons_for_a_long_wait_are_told_as_one_spell() -> None:
    named = {day: replace(it, name=f"{it.name} {day.day}") for day, it in DECREED.items()}
    spells = replace(KTB, days=named).closed_spells(date(2026, 3, 13), date(2026, 3, 25))
    names = ("cuti bersama 18", "libur 19", "cuti bersama 20", "cuti bersama 23", "cuti bersama 24")
    assert spells == (ClosedSpell(date(2026, 3, 18), date(2026, 3, 24), names),)
    assert KTB.closed_spells(date(2026, 7, 6), date(2026, 7, 9)) == ()


def test_what_is_estimated_or_unknown_is_not_sure() -> None:
    assert KTB.is_sure(date(2026, 3, 13), date(2026, 3, 25))
    assert not KTB.is_sure(date(2027, 3, 5), date(2027, 3, 18))  # Idul Fitri hangs on the moon
    assert KTB.is_sure(date(2026, 12, 31), date(2027, 1, 7))
    assert not KTB.is_sure(date(2027, 12, 30), date(2028, 1, 4))  # no collective leave is known for 2028


def test_a_week_without_a_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one weekday"):
        WorkingCalendar(WITA, week=((), (), (), (), (), (), ()))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (["8:00-12:00"], "is no span"),
        (["08:00-24:00"], "is no span"),
        (["12:00-08:00"], "ends before it begins"),
        (["08:00-12:00", "11:00-15:00"], "overlap"),
    ],
)
def test_hours_that_make_no_sense_are_refused(written: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_spans(written)


# --- properties: any office, any feasts ---

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
_YEARS = timedelta(days=3 * 365)
MOMENTS = st.timedeltas(timedelta(), _YEARS).map(datetime(2025, 1, 1, tzinfo=UTC).__add__)
SPANS = st.sampled_from(
    [
        read_spans(written)
        for written in (
            ["08:00-12:00", "13:00-15:30"],
            ["07:30-16:00"],
            ["00:00-23:59"],
            ["00:00-00:01", "11:00-11:05", "23:58-23:59"],
            ["20:00-22:00"],
        )
    ]
)
FREE = st.just(())
WEEKS = st.tuples(SPANS, *[SPANS | FREE] * 6)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """An office in any zone, with any week, feasts, special days and a season."""
    week: Week = draw(WEEKS)
    kinds = st.sampled_from([kind for kind in DayKind if kind is not DayKind.OPEN])
    feasts = draw(st.dictionaries(DAYS, st.builds(Day, kinds, st.text(max_size=3)), max_size=8))
    opened = draw(st.dictionaries(DAYS, st.builds(Day, st.just(DayKind.OPEN), spans=SPANS), max_size=3))
    first = draw(DAYS)
    season = Season("", first, first + timedelta(days=draw(st.integers(0, 40))), draw(WEEKS))
    zone = draw(st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]))
    return WorkingCalendar(ZoneInfo(zone), week, {**feasts, **opened}, draw(st.sampled_from([(), (season,)])))


@given(calendars(), MOMENTS, st.integers(1, 12), st.booleans())
def test_a_due_moment_is_the_last_of_the_nth_working_day(
    calendar: WorkingCalendar, start: datetime, days: int, next_day: bool
) -> None:
    due = owed(calendar, start, days, next_day=next_day)
    assert calendar.is_open(due)
    day, last = calendar.local_date(start), calendar.local_date(due)
    counted = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    worked = sum(bool(calendar.spans(each)) for each in counted)
    assert worked in ((days, days + 1) if next_day else (days,))
    assert due == calendar.closing(last)


@given(
    calendars(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)), st.integers(1, 12), st.booleans()
)
def test_who_asks_later_is_never_due_earlier(
    calendar: WorkingCalendar, start: datetime, later: timedelta, days: int, next_day: bool
) -> None:
    first = owed(calendar, start, days, next_day=next_day)
    assert first <= owed(calendar, start + later, days, next_day=next_day)
    assert first < owed(calendar, start, days + 1, next_day=next_day)


@given(calendars(), MOMENTS, st.integers(1, 12), st.booleans(), DAYS)
def test_a_new_holiday_never_makes_a_deadline_earlier(
    calendar: WorkingCalendar, start: datetime, days: int, next_day: bool, day: date
) -> None:
    feast = replace(calendar, days={**calendar.days, day: Day(DayKind.CLOSED)})
    assert owed(calendar, start, days, next_day=next_day) <= owed(feast, start, days, next_day=next_day)


@given(calendars(), MOMENTS, st.integers(1, 9), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_pause_never_makes_a_deadline_earlier(
    calendar: WorkingCalendar, start: datetime, days: int, asked: datetime, lasted: timedelta
) -> None:
    paused = owed(calendar, start, days, pauses=[(asked, asked + lasted)])
    assert owed(calendar, start, days) <= paused
    assert calendar.is_open(paused)


@given(calendars(), DAYS, DAYS)
def test_working_days_are_counted_as_one_by_one(calendar: WorkingCalendar, after: date, until: date) -> None:
    days = [after + timedelta(days=n) for n in range(1, (until - after).days + 1)]
    assert calendar.count_working_days(after, until) == sum(map(calendar.works, days))


@given(calendars(), MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: WorkingCalendar, now: datetime) -> None:
    opens = calendar.next_open(now)
    assert opens >= now
    assert calendar.is_open(opens)
    assert calendar.next_open(opens) == opens
    assert opens == now or not calendar.is_open(now + (opens - now) / 2)


@given(calendars(), MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=40)))
def test_time_served_adds_up(calendar: WorkingCalendar, start: datetime, served: timedelta) -> None:
    half = calendar.after_service(start, served / 2)
    assert calendar.after_service(half, served - served / 2) == calendar.after_service(start, served)
    assert calendar.is_open(calendar.after_service(start, served))


def test_the_usual_week_has_five_days() -> None:
    assert [bool(spans) for spans in USUAL_WEEK] == [True] * 5 + [False] * 2
