"""A report for the head of office: the consultations of a period, counted by the rules of ``bot.figures``.

It is about the consultations that were *opened* in the period, so that all of its figures add up. What is
said of their promises and answers is as of the moment of looking.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot import figures
from bot.calendar import WorkingCalendar
from bot.figures import Outcome, Promise, Times
from bot.periods import Period
from bot.words import INSTITUTIONS, MAIN_USES
from handlers import report_voice
from handlers.report_voice import Voice
from handlers.runtime import Runtime
from storage import officers, reports
from storage.inbox import View
from storage.reports import Asked, Citizen

EXPORTED = "people_exported"
"""What the audit log says when somebody took personal data out with a report."""
UNKNOWN, OTHER = "", "lainnya"


@dataclass(frozen=True, slots=True)
class Case:
    """One consultation. *outcomes*: of each of its promises, the one that stands last.

    *waited*: the hours of service from its opening to the first answer; None while there is none.
    """

    asked: Asked
    outcomes: tuple[Outcome, ...]
    answered_at: datetime | None
    waited: timedelta | None

    @property
    def main_use(self) -> str:
        """What data are mainly used for, as the profile says; empty where it says nothing."""
        return _among(MAIN_USES, self.asked.main_use)

    @property
    def institution(self) -> str:
        """The kind of institution; empty where the profile says nothing."""
        return _among(INSTITUTIONS, self.asked.institution)


@dataclass(frozen=True, slots=True)
class Brief:
    """What is told of the period before, to compare with."""

    opened: int
    promises: Mapping[Outcome, int]
    times: Times


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one office and period. *volume*: by the first day of each part, how many by channel."""

    period: Period
    cases: tuple[Case, ...]
    volume: Mapping[date, Counter[str]]
    before: Brief
    merged: int
    taken_on: int
    voice: Voice

    @property
    def opened(self) -> int:
        """How many consultations were opened."""
        return len(self.cases)

    @property
    def by_channel(self) -> Mapping[str, int]:
        """By the channel on which they were opened, most first."""
        return _counted(case.asked.channel for case in self.cases)

    @property
    def by_topic(self) -> Mapping[str, int]:
        """By topic; empty where nobody said one."""
        return _counted(case.asked.topic for case in self.cases)

    @property
    def by_use(self) -> Mapping[str, int]:
        """By what the citizen's profile says data are mainly used for; empty where it says nothing."""
        return _counted(case.main_use for case in self.cases)

    @property
    def by_institution(self) -> Mapping[str, int]:
        """By the kind of institution; empty where the profile says nothing."""
        return _counted(case.institution for case in self.cases)

    @property
    def promises(self) -> Mapping[Outcome, int]:
        """What became of the promises: every outcome, even where there is none of it."""
        return promises(self.cases)

    @property
    def without_promise(self) -> int:
        """How many consultations were never promised an answer by a certain time."""
        return sum(not case.outcomes for case in self.cases)

    @property
    def times(self) -> Times:
        """The times to the first answer, in hours of service."""
        return figures.times(self.waits)

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """Each of these times."""
        return tuple(case.waited for case in self.cases if case.waited is not None)

    @property
    def unanswered(self) -> tuple[int, int]:
        """How many have no answer: open ones, and closed ones."""
        left = [case.asked for case in self.cases if case.answered_at is None]
        closed = sum(asked.closed_at is not None for asked in left)
        return len(left) - closed, closed

    @property
    def closings(self) -> Mapping[str, int]:
        """Why they were closed; those still open stand under an empty reason."""
        return _counted(case.asked.close_reason or "" for case in self.cases)

    @property
    def forwarded(self) -> int:
        """How many another office works on."""
        return sum(case.asked.forwarded for case in self.cases)


def assemble(runtime: Runtime, connection: Connection, view: View, period: Period) -> Report:
    """The report of *view*'s office."""
    calendar = runtime.calendars.of(connection, view.office)
    now = runtime.clock()
    cases = _cases(connection, view, period, calendar, now)
    earlier = _cases(connection, view, period.before(), calendar, now)
    bounds = period.begins(calendar.zone), period.ends(calendar.zone)
    return Report(
        period=period,
        cases=cases,
        volume=_volume(period, cases, calendar),
        before=Brief(len(earlier), promises(earlier), figures.times(_waits(earlier))),
        merged=reports.merged(connection, view, *bounds),
        taken_on=reports.taken_on(connection, view, *bounds),
        voice=report_voice.heard(runtime, connection, view, period, calendar),
    )


def export_people(
    runtime: Runtime, view: View, period: Period, written_as: str
) -> tuple[Report, Mapping[int, Citizen]]:
    """The report, and who asked, by ticket; that this was taken out stands in the audit log."""
    with runtime.database.write() as connection:
        report = assemble(runtime, connection, view, period)
        zone = runtime.calendars.of(connection, view.office).zone
        people = reports.citizens(connection, view, period.begins(zone), period.ends(zone))
        detail = {"office": view.office, "period": period.name, "as": written_as, "people": len(people)}
        officers.record(connection, EXPORTED, runtime.clock(), view.officer_id, detail)
    return report, {one.ticket_id: one for one in people}


def promises(cases: Iterable[Case]) -> Mapping[Outcome, int]:
    """How many promises had each outcome."""
    counted = Counter(outcome for case in cases for outcome in case.outcomes)
    return {outcome: counted[outcome] for outcome in Outcome}


def _cases(
    connection: Connection, view: View, period: Period, calendar: WorkingCalendar, now: datetime
) -> tuple[Case, ...]:
    bounds = period.begins(calendar.zone), period.ends(calendar.zone)
    asked = reports.consultations(connection, view, *bounds)
    return tuple(_case(each, calendar, now) for each in asked)


def _case(asked: Asked, calendar: WorkingCalendar, now: datetime) -> Case:
    answers = [*(one.answered_at for one in asked.earlier if one.here), asked.answered_at]
    first = min((answer for answer in answers if answer), default=None)
    waited = None if first is None else calendar.served(asked.opened_at, first)
    outcomes = tuple(promise.outcome(now) for promise in _promises(asked))
    return Case(asked, outcomes, first, waited)


def _promises(asked: Asked) -> Iterator[Promise]:
    for one in asked.earlier:
        # Of one without an end nobody can tell any more whether it was given.
        if one.due_at is not None:
            yield Promise(one.due_at, one.answered_at, one.over_at)
    if asked.promised:
        yield Promise(asked.due_at, asked.answered_at, asked.closed_at)


def _waits(cases: Iterable[Case]) -> Iterator[timedelta]:
    return (case.waited for case in cases if case.waited is not None)


def _volume(period: Period, cases: Iterable[Case], calendar: WorkingCalendar) -> Mapping[date, Counter[str]]:
    parts = period.parts()
    volume: dict[date, Counter[str]] = {part: Counter() for part in parts}
    for case in cases:
        day = calendar.local_date(case.asked.opened_at)
        volume[parts[bisect_right(parts, day) - 1]][case.asked.channel] += 1
    return volume


def _among(known: tuple[str, ...], said: str) -> str:
    """*said*, where it is one of the words known: what a citizen wrote otherwise is nothing for a report."""
    return said if said in known or not said else OTHER


def _counted(words: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda each: (not each[0], -each[1], each[0])))
