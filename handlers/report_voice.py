"""What citizens said in a period: ratings, the satisfaction index, complaints, and searches in vain."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from bot import complaint_days, satisfaction
from bot.calendar import WorkingCalendar
from bot.complaint_days import Owed, Step
from bot.figures import Outcome, Promise
from bot.periods import Period
from bot.satisfaction import Index
from handlers.runtime import Runtime
from storage import complaint_register, reports
from storage import satisfaction as answers
from storage.complaint_register import Entry, Wanted
from storage.inbox import View
from storage.satisfaction import Ratings


@dataclass(frozen=True, slots=True)
class Grievances:
    """The complaints received in a period that this supervisor may know of.

    *by_element*: those about each element of the service, empty where nobody has said which; *answers*: what
    became of the time in which they had to be answered.
    """

    received: int
    by_element: Mapping[str, int]
    answers: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Voice:
    """The ratings asked for, the index of the questionnaires sent, and the complaints received in a period.

    *population*: the people whose consultations were closed in it; *wanted*: how many of them the table of
    samples asks for; *grievances*: None for who may not know of complaints. *searches*: how many led to an
    answer, to none, or to a silence (None); *in_vain*: what several people searched without an answer.
    """

    rated: Ratings
    index: Index | None
    population: int
    wanted: int
    grievances: Grievances | None
    searches: Mapping[bool | None, int]
    in_vain: tuple[tuple[str, int], ...]


def heard(
    runtime: Runtime, connection: Connection, view: View, period: Period, calendar: WorkingCalendar
) -> Voice:
    """What the office heard in the period."""
    bounds = period.begins(calendar.zone), period.ends(calendar.zone)
    population = answers.served(connection, view, *bounds)
    return Voice(
        rated=answers.ratings(connection, view, *bounds),
        index=answers.index(connection, view, *bounds),
        population=population,
        wanted=satisfaction.sample(population),
        grievances=_grievances(runtime, connection, view, Wanted(since=bounds[0], until=bounds[1]), calendar)
        if view.complaints
        else None,
        searches=reports.searches(connection, view, *bounds),
        in_vain=reports.in_vain(connection, view, *bounds),
    )


def _grievances(
    runtime: Runtime, connection: Connection, view: View, wanted: Wanted, calendar: WorkingCalendar
) -> Grievances:
    now = runtime.clock()
    entries = complaint_register.listed(connection, view, wanted, now)
    owed = [_answer(runtime, view, one, calendar) for one in entries]
    outcomes = Counter(Promise(each.due_at, each.done_at).outcome(now) for each in owed if each)
    return Grievances(
        received=len(entries),
        by_element=_by_element(entries),
        answers={outcome: outcomes[outcome] for outcome in (Outcome.KEPT, Outcome.MISSED, Outcome.RUNNING)},
    )


def _by_element(entries: Iterable[Entry]) -> Mapping[str, int]:
    counted = Counter(one.category for one in entries)
    return dict(sorted(counted.items(), key=lambda each: (not each[0], -each[1], each[0])))


def _answer(runtime: Runtime, view: View, one: Entry, calendar: WorkingCalendar) -> Owed | None:
    """The deadline of its answer; None where the office has set none."""
    owed = complaint_days.deadlines(one.course, runtime.desk(view.office, one.channel, calendar))
    return next((each for each in owed if each.step is Step.ANSWER), None)
