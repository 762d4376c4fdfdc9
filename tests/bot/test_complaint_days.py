"""The deadlines of a complaint as the office has set them, in a calendar with its holidays."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.complaint_days import (
    Course,
    Step,
    Term,
    Weight,
    deadlines,
    next_owed,
    promised,
    read_term,
    tellings,
)
from bot.policy import ComplaintDeadlines, Complaints, Desk, Sla, Status
from tests.bot.decreed_days import decreed
from tests.bot.desk import WHATSAPP, office

CALENDAR = decreed()


def desk(**rules: object) -> Desk:
    """An office with its decreed days and, but for *rules*, the deadlines that Loket proposes."""
    own = Complaints(deadlines=replace(ComplaintDeadlines(), **rules))  # type: ignore[arg-type]  # replace() checks
    return Desk(office(complaints=own), WHATSAPP, CALENDAR)


def at(written: str) -> datetime:
    """A moment on the office's clock."""
    return datetime.fromisoformat(written).replace(tzinfo=CALENDAR.zone)


# A Friday before the days off around Nyepi and Idul Fitri 2026 (18 to 24 March).
RECEIVED = at("2026-03-13 15:50")


def ends(course: Course, **rules: object) -> dict[Step, date]:
    """On which day each step ends."""
    return {one.step: CALENDAR.local_date(one.due_at) for one in deadlines(course, desk(**rules))}


def test_the_proposed_deadlines_around_a_long_holiday() -> None:
    assert ends(Course(RECEIVED)) == {
        Step.ACKNOWLEDGE: date(2026, 3, 16),
        Step.COMPLETENESS: date(2026, 3, 27),  # 14 days of the calendar
        Step.ANSWER: date(2026, 3, 27),  # 5 working days: 16, 17, 25, 26, 27
        Step.DECIDE: date(2026, 5, 12),  # 60 days of the calendar
    }


@pytest.mark.parametrize(
    ("weight", "day"),
    [
        (None, date(2026, 3, 27)),  # nobody has weighed it: the stricter one
        (Weight.SIMPLE, date(2026, 3, 27)),
        (Weight.USUAL, date(2026, 4, 10)),  # 14 working days, without Good Friday
    ],
)
def test_the_answer_is_due_by_the_weight_of_the_complaint(weight: Weight | None, day: date) -> None:
    assert ends(Course(RECEIVED, weight))[Step.ANSWER] == day


def test_a_working_day_ends_with_its_service() -> None:
    receipt = deadlines(Course(RECEIVED), desk())[0]
    assert receipt.due_at == CALENDAR.closing(date(2026, 3, 16))


def test_days_of_the_calendar_end_on_the_last_working_day_before_a_free_one() -> None:
    course = Course(at("2026-03-07 10:00"))  # 14 days on is Idul Fitri
    assert ends(course)[Step.COMPLETENESS] == date(2026, 3, 17)


@pytest.mark.parametrize(
    ("came", "days", "day"),
    [
        ("2026-03-18 10:00", 3, date(2026, 3, 25)),  # all three are free
        ("2026-03-17 20:00", 5, date(2026, 3, 25)),  # the last working day is over
        ("2026-03-17 09:00", 5, date(2026, 3, 17)),
        ("2026-03-18 10:00", 7, date(2026, 3, 25)),
        ("2026-03-18 10:00", 10, date(2026, 3, 27)),
    ],
)
def test_days_of_the_calendar_never_end_before_the_complaint_came(came: str, days: int, day: date) -> None:
    assert ends(Course(at(came)), answer_simple=f"{days} calendar")[Step.ANSWER] == day
    owed = deadlines(Course(at(came)), desk(completeness=f"{days} calendar"))
    assert all(one.due_at > at(came) for one in owed)
    told = tellings(Course(at(came)), owed, desk())
    assert all(one.at > at(came) for one in told)


def test_the_decision_counts_from_the_complete_file() -> None:
    complete = replace(Course(RECEIVED), complete_at=at("2026-03-26 09:00"))
    assert ends(complete)[Step.DECIDE] == date(2026, 5, 25)


def test_after_hours_may_count_as_of_the_next_working_day() -> None:
    evening = Course(at("2026-03-13 20:00"))
    late = replace(desk(), office=replace(desk().office, sla=Sla(after_hours_counts_as="next_working_day")))
    assert CALENDAR.local_date(deadlines(evening, desk())[0].due_at) == date(2026, 3, 16)
    assert CALENDAR.local_date(deadlines(evening, late)[0].due_at) == date(2026, 3, 17)


def test_an_office_sets_its_own_deadlines_or_none() -> None:
    own = {"acknowledge": None, "completeness": None, "answer_simple": None, "answer": "2 working_day"}
    assert ends(Course(RECEIVED), decide_max="10 calendar", **own) == {
        Step.ANSWER: date(2026, 3, 17),
        Step.DECIDE: date(2026, 3, 17),
    }
    assert ends(Course(RECEIVED, Weight.SIMPLE), **own)[Step.ANSWER] == date(2026, 3, 17)


def test_what_is_done_is_owed_no_more() -> None:
    course, order = Course(RECEIVED), []
    for done in (
        {"acknowledged_at": RECEIVED},
        {"examined_at": at("2026-03-16 09:00")},
        {"answered_at": at("2026-03-17 09:00")},
        {"decided_at": at("2026-03-25 09:00")},
    ):
        owed = next_owed(deadlines(course, desk()))
        order.append(owed.step if owed else None)
        course = replace(course, **done)  # type: ignore[arg-type]  # replace() checks the names
    assert order == [Step.ACKNOWLEDGE, Step.COMPLETENESS, Step.ANSWER, Step.DECIDE]
    assert next_owed(deadlines(course, desk())) is None
    assert not any(one.is_late(at("2027-01-01 09:00")) for one in deadlines(course, desk()))


def test_an_answer_is_a_receipt_and_a_closing_is_an_answer() -> None:
    answered = deadlines(replace(Course(RECEIVED), answered_at=at("2026-03-30 09:00")), desk())
    assert [one.step for one in answered if one.done_at is None] == [Step.DECIDE]
    assert [one.step for one in answered if one.is_late(RECEIVED)] == [
        Step.ACKNOWLEDGE,
        Step.COMPLETENESS,
        Step.ANSWER,
    ]
    closed = deadlines(replace(Course(RECEIVED), decided_at=at("2026-03-16 09:00")), desk())
    assert all(one.done_at and not one.is_late(RECEIVED) for one in closed)


def test_supervisors_are_told_by_day_before_and_after() -> None:
    course = replace(Course(RECEIVED), acknowledged_at=RECEIVED)
    answer = [it for it in tellings(course, deadlines(course, desk()), desk()) if it.owed.step is Step.ANSWER]
    assert [(it.at, it.late) for it in answer] == [
        (CALENDAR.opening(date(2026, 3, 26)), False),
        (CALENDAR.opening(date(2026, 3, 30)), True),
    ]


def test_a_receipt_due_tomorrow_is_warned_of_tomorrow() -> None:
    told = tellings(Course(RECEIVED), deadlines(Course(RECEIVED), desk()), desk())
    assert told[0].at == CALENDAR.opening(date(2026, 3, 16))


def test_only_what_the_office_has_confirmed_is_promised() -> None:
    assert promised(RECEIVED, desk()) is None
    sure = promised(RECEIVED, desk(status=Status.CONFIRMED))
    assert sure == CALENDAR.closing(date(2026, 4, 10))
    assert promised(RECEIVED, desk(status=Status.CONFIRMED, answer=None)) is None


def test_nothing_is_promised_across_days_that_no_decree_has_fixed() -> None:
    assert promised(datetime(2027, 2, 26, 1, tzinfo=UTC), desk(status=Status.CONFIRMED)) is None


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("1 working_day", Term(1, True)),
        ("14 working_days", Term(14, True)),
        (" 60 calendar ", Term(60, False)),
    ],
)
def test_a_term_is_read(written: str, term: Term) -> None:
    assert read_term(written) == term


@pytest.mark.parametrize("written", ["", "14", "0 calendar", "1000 calendar", "3 hari", "-1 calendar"])
def test_what_is_no_term_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no term"):
        read_term(written)
