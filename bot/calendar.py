"""When an office works, and what follows from it: due moments, opening moments, time served.

Days are local dates of the office, moments are aware; what comes back is aware and in UTC. The rules are
those of ``facts``: *n* working days are counted strictly after the local date of the start, and end with
the service hours of the n-th (Perpres 21/2023 for the usual hours, the joint decree of three ministers,
SKB, for national holidays and collective leave).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

Span = tuple[time, time]
Spans = tuple[Span, ...]
Week = tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
Pause = tuple[datetime, datetime | None]
"""From a question back to the citizen's answer; without an end while it is waited for."""

_DAY = timedelta(days=1)
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_MORNING, _NOON, _ONE = time(8), time(12), time(13)
_WORKDAY: Spans = ((_MORNING, _NOON), (_ONE, time(15, 30)))
_FRIDAY: Spans = ((_MORNING, time(11, 30)), (_ONE, time(16)))
USUAL_WEEK: Week = (_WORKDAY, _WORKDAY, _WORKDAY, _WORKDAY, _FRIDAY, (), ())
"""What is counted with where an office has told no hours. Nothing of it is ever spoken."""


class DayKind(StrEnum):
    """What is special about a date."""

    HOLIDAY = "holiday"
    COLLECTIVE = "collective"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Day:
    """A special date: closed for a reason, or ``OPEN`` where the usual rule would have it otherwise.

    ``spans`` are the hours of an open one, where they differ from those of its weekday. ``estimated``: the
    date hangs on the moon and was not decreed yet.
    """

    kind: DayKind
    name: str = ""
    spans: Spans = ()
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Season:
    """Other hours from *first* to *last*, both included, such as in Ramadan."""

    name: str
    first: date
    last: date
    week: Week


@dataclass(frozen=True, slots=True)
class ClosedSpell:
    """Days in a row on which a usual weekday is not worked, with the reasons in their order."""

    first: date
    last: date
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """One office's days and hours. ``version`` counts its changes.

    *serves_on_leave*: collective leave is worked, as units that serve the public may decide (SKB).
    *week* must have a working day: with it every search ends, for special dates and seasons are finite.
    """

    zone: ZoneInfo
    week: Week = USUAL_WEEK
    days: Mapping[date, Day] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()
    version: int = 0
    serves_on_leave: bool = False

    def __post_init__(self) -> None:
        """Refuse a week without a working day."""
        if not any(self.week):
            raise ValueError("a calendar needs at least one weekday with service hours")

    def spans(self, day: date) -> Spans:
        """The service hours of *day*; none when it is not worked."""
        special = self.days.get(day)
        if special and self._closed_by(special):
            return ()
        return (special.spans if special else ()) or self._usual(day)

    def season(self, day: date) -> Season | None:
        """The season in which *day* lies, if it lies in one."""
        return next((it for it in self.seasons if it.first <= day <= it.last), None)

    def works(self, day: date) -> bool:
        """Whether *day* is a working day."""
        return bool(self.spans(day))

    def local_date(self, moment: datetime) -> date:
        """The date of *moment* in the office: the date of receipt."""
        return moment.astimezone(self.zone).date()

    def opening(self, day: date) -> datetime:
        """The first moment of service of a working day."""
        return self._at(day, self.spans(day)[0][0])

    def closing(self, day: date) -> datetime:
        """The last moment of service of a working day."""
        return self._at(day, self.spans(day)[-1][1])

    def is_open(self, moment: datetime) -> bool:
        """Whether the office serves at *moment*; the last moment of a span still counts."""
        return any(start <= moment <= end for start, end in self._served(self.local_date(moment)))

    def next_open(self, moment: datetime) -> datetime:
        """*moment* itself when the office serves then, else its next opening, after a lunch break too."""
        for day in self._from(self.local_date(moment)):
            for start, end in self._served(day):
                if moment <= end:
                    return max(start, moment)
        raise AssertionError("unreachable: every week has a working day")

    def last_opening(self, moment: datetime) -> datetime:
        """The opening of the latest working day that had opened by *moment*."""
        day = self.local_date(moment)
        while not self.works(day) or self.opening(day) > moment:
            day -= _DAY
        return self.opening(day)

    def after_service(self, start: datetime, served: timedelta) -> datetime:
        """The moment at which the office has served for *served* since *start*."""
        left = served
        for day in self._from(self.local_date(start)):
            for opens, ends in self._served(day):
                begins = max(opens, start)
                if begins + left <= ends:
                    return begins + left
                left -= max(ends - begins, timedelta())
        raise AssertionError("unreachable: every week has a working day")

    def served(self, start: datetime, end: datetime) -> timedelta:
        """For how long the office has served from *start* to *end*; nothing where *end* comes first."""
        last, total = self.local_date(end), timedelta()
        day = self.local_date(start)
        while day <= last:
            for opens, ends in self._served(day):
                total += max(min(ends, end) - max(opens, start), timedelta())
            day += _DAY
        return total

    def working_days_after(self, day: date) -> Iterator[date]:
        """The working days strictly after *day*, without an end."""
        return (each for each in self._from(day + _DAY) if self.works(each))

    def count_working_days(self, after: date, until: date) -> int:
        """How many working days come after the one date, up to the other; none where that is not later.

        Weeks are counted as wholes, and only the dates that may differ from the usual one by one.
        """
        if until <= after:
            return 0
        weeks, rest = divmod((until - after).days, 7)
        usual = weeks * sum(map(bool, self.week))
        usual += sum(bool(self.week[(after + _DAY * number).weekday()]) for number in range(1, rest + 1))
        special = {day for day in self.days if after < day <= until}
        for season in self.seasons:
            first, last = max(season.first, after + _DAY), min(season.last, until)
            special |= {first + _DAY * number for number in range((last - first).days + 1)}
        return usual + sum(self.works(day) - bool(self.week[day.weekday()]) for day in special)

    def working_day_before(self, day: date, days: int) -> date:
        """The working day that lies *days* working days before *day*."""
        while days > 0:
            day -= _DAY
            days -= self.works(day)
        return day

    def due(
        self, start: datetime, days: int, *, next_day: bool = False, pauses: Sequence[Pause] = ()
    ) -> datetime | None:
        """The end of service of the *days*-th working day after *start*; None while the clock is paused.

        *next_day*: what comes after hours or on a free day counts as of the next working day. Of a pause the
        days after the question, up to that of the answer, do not count, and what would end within one ends
        with the next day that counts.
        """
        if any(end is None for _, end in pauses):
            return None
        still = [(self.local_date(asked), self.local_date(end)) for asked, end in pauses if end]
        counting = (
            day
            for day in self.working_days_after(self._first_day(start, next_day=next_day))
            if not any(asked < day <= answered for asked, answered in still)
        )
        ends = (self.closing(day) for number, day in enumerate(counting, 1) if number >= days)
        return next(at for at in ends if not any(asked <= at < end for asked, end in pauses if end))

    def is_sure(self, first: date, last: date) -> bool:
        """Whether every date from *first* to *last* is decreed: no estimate, and a year with its leave."""
        years = {day.year for day, special in self.days.items() if special.kind is DayKind.COLLECTIVE}
        known = all(year in years for year in range(first.year, last.year + 1))
        return known and not any(first <= day <= last and it.estimated for day, it in self.days.items())

    def closed_spells(self, first: date, last: date) -> tuple[ClosedSpell, ...]:
        """The reasons why time from *first* to *last* does not count, weekends between them joined in."""
        spells: list[ClosedSpell] = []
        for day in (first + _DAY * number for number in range((last - first).days + 1)):
            special = self.days.get(day)
            if special is None or not self._closed_by(special) or not self._usual(day):
                continue
            before = spells[-1] if spells else None
            if before and not any(map(self.works, _between(before.last, day))):
                names = before.names if special.name in before.names else (*before.names, special.name)
                spells[-1] = ClosedSpell(before.first, day, names)
            else:
                spells.append(ClosedSpell(day, day, (special.name,)))
        return tuple(spells)

    def _closed_by(self, special: Day) -> bool:
        on_leave = special.kind is DayKind.COLLECTIVE and self.serves_on_leave
        return special.kind is not DayKind.OPEN and not on_leave

    def _first_day(self, start: datetime, *, next_day: bool) -> date:
        day = self.local_date(start)
        if next_day and (not self.works(day) or start > self.closing(day)):
            return next(self.working_days_after(day))
        return day

    def _usual(self, day: date) -> Spans:
        season = self.season(day)
        return (season.week if season else self.week)[day.weekday()]

    def _served(self, day: date) -> list[tuple[datetime, datetime]]:
        return [(self._at(day, start), self._at(day, end)) for start, end in self.spans(day)]

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _from(self, day: date) -> Iterator[date]:
        while True:
            yield day
            day += _DAY


def _between(first: date, last: date) -> Iterator[date]:
    """The dates between two, both left out."""
    return (first + _DAY * number for number in range(1, (last - first).days))


def read_spans(written: Sequence[str]) -> Spans:
    """The hours of a day, each ``08:00-12:00``. Raises ``ValueError`` with a sentence on what is wrong."""
    read = tuple(_span(text) for text in written)
    for (_, end), (start, _) in pairwise(read):
        if start < end:
            raise ValueError("the spans overlap, or stand in the wrong order")
    return read


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no span; write it like "08:00-15:30"')
    hours = [int(part) for part in match.groups()]
    start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    if end <= start:
        raise ValueError(f'"{text}" ends before it begins')
    return start, end
