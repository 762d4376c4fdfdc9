"""The deadlines of a complaint (UU 25/2009 and around), as the office has configured them.

Each is counted from the receipt, the decision from the moment the file is complete. Until somebody has said
how grave a complaint is, the stricter deadline for its answer counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.calendar import WorkingCalendar
from bot.policy import ComplaintDeadlines, Desk, Status

_TERM = re.compile(r"([1-9][0-9]{0,2}) (working_day|calendar)s?")
_A_SECOND, _A_DAY = timedelta(seconds=1), timedelta(days=1)


class Step(StrEnum):
    """What an office owes to who complains, in its order."""

    ACKNOWLEDGE = "acknowledge"
    COMPLETENESS = "completeness"
    ANSWER = "answer"
    DECIDE = "decide"


class Weight(StrEnum):
    """How grave a complaint is: a mere question about a rule or a suggestion, or any other."""

    SIMPLE = "simple"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Term:
    """So many working days, or so many days of the calendar."""

    days: int
    working: bool


@dataclass(frozen=True, slots=True)
class Course:
    """How far a complaint has come. ``examined_at``: the citizen knows whether it is complete."""

    received_at: datetime
    weight: Weight | None = None
    acknowledged_at: datetime | None = None
    examined_at: datetime | None = None
    complete_at: datetime | None = None
    answered_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """One deadline, and when it was kept or missed, if it was done."""

    step: Step
    due_at: datetime
    done_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it was done too late, or is not done and late by *now*."""
        return (self.done_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Telling:
    """When supervisors are told of a deadline: before it ends, or (``late``) after it."""

    owed: Owed
    at: datetime
    late: bool


def read_term(written: str) -> Term:
    """A term as the configuration writes it: ``14 working_day``, ``60 calendar``. Raises ``ValueError``."""
    match = _TERM.fullmatch(written.strip())
    if match is None:
        raise ValueError(f'"{written}" is no term; write it like "14 working_day" or "60 calendar"')
    return Term(int(match[1]), match[2] == "working_day")


def deadlines(course: Course, desk: Desk) -> tuple[Owed, ...]:
    """Every deadline that the office has set for this complaint, in the order of the steps."""
    rule, done = desk.office.complaints.deadlines, _done(course)
    counted = (
        (step, ends)
        for step in Step
        if (ends := min(_ends(step, course, rule, desk), default=None)) is not None
    )
    return tuple(Owed(step, ends, done[step]) for step, ends in counted)


def next_owed(owed: tuple[Owed, ...]) -> Owed | None:
    """The undone deadline that ends first."""
    return min((one for one in owed if one.done_at is None), key=lambda one: one.due_at, default=None)


def promised(received: datetime, desk: Desk) -> datetime | None:
    """Until when an answer may be promised to who complains; None while the deadlines are only assumed."""
    rule, calendar = desk.office.complaints.deadlines, desk.calendar
    if rule.answer is None or rule.status is Status.ASSUMED:
        return None
    due = _end(received, read_term(rule.answer), desk)
    return due if calendar.is_sure(calendar.local_date(received), calendar.local_date(due)) else None


def tellings(course: Course, owed: tuple[Owed, ...], desk: Desk) -> tuple[Telling, ...]:
    """When supervisors are told of what is still owed: before its end, by day, and when it is late."""
    return tuple(telling for one in owed if one.done_at is None for telling in _tellings(course, one, desk))


def _tellings(course: Course, owed: Owed, desk: Desk) -> Iterator[Telling]:
    calendar = desk.calendar
    last_day = calendar.local_date(owed.due_at)
    for days in (1, 0):
        opens = calendar.opening(calendar.working_day_before(last_day, days))
        if opens > course.received_at:
            yield Telling(owed, opens, late=False)
            break
    yield Telling(owed, calendar.next_open(owed.due_at + _A_SECOND), late=True)


def _done(course: Course) -> dict[Step, datetime | None]:
    """What is done: an answer is a receipt too, and tells that the file is complete enough; so is the end."""
    over = course.decided_at
    answered = course.answered_at or over
    examined = _first(course.examined_at, course.complete_at, answered)
    return {
        Step.ACKNOWLEDGE: _first(course.acknowledged_at, examined),
        Step.COMPLETENESS: examined,
        Step.ANSWER: answered,
        Step.DECIDE: over,
    }


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _ends(step: Step, course: Course, rule: ComplaintDeadlines, desk: Desk) -> Iterator[datetime]:
    """When this step ends; of several ends the first counts."""
    since = course.received_at
    if step is Step.DECIDE and course.complete_at:
        since = course.complete_at
    return (_end(since, read_term(term), desk) for term in _terms(step, course, rule) if term)


def _terms(step: Step, course: Course, rule: ComplaintDeadlines) -> tuple[str | None, ...]:
    match step:
        case Step.ACKNOWLEDGE:
            return (rule.acknowledge,)
        case Step.COMPLETENESS:
            return (rule.completeness,)
        case Step.DECIDE:
            return (rule.decide_max,)
    match course.weight:
        case Weight.SIMPLE:
            return (rule.answer_simple or rule.answer,)
        case Weight.USUAL:
            return (rule.answer,)
    return (rule.answer_simple, rule.answer)


def _end(since: datetime, term: Term, desk: Desk) -> datetime:
    """The end of service on the last day; of calendar days, on the last working day that is not later.

    Where the office does not serve at all in those days, on the next one on which it does.
    """
    calendar = desk.calendar
    if term.working:
        next_day = desk.office.sla.after_hours_counts_as == "next_working_day"
        due = calendar.due(since, term.days, next_day=next_day)
        assert due is not None, "nothing pauses this clock"  # noqa: S101  # told to mypy
        return due
    return _end_of_service(calendar, since, term.days)


def _end_of_service(calendar: WorkingCalendar, since: datetime, days: int) -> datetime:
    day = calendar.local_date(since) + timedelta(days=days)
    ends = calendar.closing(day if calendar.works(day) else calendar.working_day_before(day, 1))
    return ends if ends > since else calendar.closing(next(calendar.working_days_after(day)))
