"""Hours and working days of 2026, reckoned day by day from hand-written tables. Nothing of Loket is used.

Moments are local and naive here: an office lives in one zone, and no zone of Indonesia has summer time.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.bot.decreed_days import COLLECTIVE, HOLIDAYS, dates

DAY = timedelta(days=1)
DECREED = frozenset([*dates(HOLIDAYS), *dates(COLLECTIVE)])
RAMADAN = (date(2026, 2, 19), date(2026, 3, 20))
Span = tuple[time, time]

MORNING, NOON = time(8), time(12)
WORKDAY = [(MORNING, NOON), (time(13), time(15, 30))]
FRIDAY = [(MORNING, time(11, 30)), (time(13), time(16))]
FASTING = [(MORNING, NOON), (time(12, 30), time(15))]
FASTING_FRIDAY = [(MORNING, time(11, 30)), (time(12, 30), time(15, 30))]


@dataclass(frozen=True)
class Almanac:
    """The office's days: decreed ones, and what it closes by itself."""

    closed: frozenset[date] = field(default=frozenset())

    def also_closed(self, day: date) -> "Almanac":
        """The same with one more closed day."""
        return Almanac(self.closed | {day})

    def works(self, day: date) -> bool:
        """Whether anybody serves on *day*."""
        return day.weekday() < 5 and day not in DECREED and day not in self.closed

    def spans(self, day: date) -> list[Span]:
        """When they serve."""
        if not self.works(day):
            return []
        friday = day.weekday() == 4
        if RAMADAN[0] <= day <= RAMADAN[1]:
            return FASTING_FRIDAY if friday else FASTING
        return FRIDAY if friday else WORKDAY

    def opens(self, day: date) -> datetime:
        """The first moment of a working day."""
        return datetime.combine(day, self.spans(day)[0][0])

    def ends(self, day: date) -> datetime:
        """The last moment of a working day."""
        return datetime.combine(day, self.spans(day)[-1][1])

    def serves(self, moment: datetime) -> bool:
        """Whether somebody serves at that moment, its ends included."""
        return any(start <= moment.time() <= end for start, end in self.spans(moment.date()))

    def next_service(self, moment: datetime) -> datetime:
        """The moment itself in service, else the next beginning of it."""
        if self.serves(moment):
            return moment
        day = moment.date()
        while True:
            for start, _ in self.spans(day):
                if datetime.combine(day, start) >= moment:
                    return datetime.combine(day, start)
            day += DAY

    def nth_after(self, day: date, number: int, without: set[date] | None = None) -> date:
        """The *number*-th working day strictly after *day*, none of *without* counted."""
        while number:
            day += DAY
            if self.works(day) and day not in (without or set()):
                number -= 1
        return day

    def nth_before(self, day: date, number: int) -> date:
        """The working day so many working days before *day*."""
        while number:
            day -= DAY
            number -= self.works(day)
        return day

    def last_opening(self, moment: datetime) -> datetime:
        """The latest opening that has come by *moment*."""
        day = moment.date()
        while not self.works(day) or self.opens(day) > moment:
            day -= DAY
        return self.opens(day)

    def left(self, day: date, after: datetime) -> list[tuple[datetime, datetime]]:
        """What is left of the service of *day* after that moment."""
        spans = [(datetime.combine(day, start), datetime.combine(day, end)) for start, end in self.spans(day)]
        return [(max(start, after), end) for start, end in spans if end > after]

    def served(self, since: datetime, hours: int) -> datetime:
        """When *hours* of service have gone by since then, to the second."""
        left, day = timedelta(hours=hours), since.date()
        while True:
            for start, end in self.spans(day):
                begins = max(datetime.combine(day, start), since)
                there = datetime.combine(day, end) - begins
                if there >= left:
                    return begins + left
                left -= max(there, timedelta(0))
            day += DAY
