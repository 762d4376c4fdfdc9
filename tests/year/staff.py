"""Who works at the office of the year, when, on what, and who is away when: by hand, nothing of Loket.

A half-day is a date and "am" or "pm", which sort as they come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.year.almanac import NOON, Almanac

Half = tuple[date, str]
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Person:
    """An officer. ``knows``: their topics, none for everything; ``duty``: half-days of Monday to Friday."""

    name: str
    duty: tuple[str, ...]
    knows: tuple[str, ...] = ()
    supervises: bool = False

    def planned(self, half: Half) -> bool:
        """Whether the weekly roster has them there."""
        day, part = half
        return day.weekday() < 5 and part in self.duty[day.weekday()].split()


@dataclass(frozen=True)
class Leave:
    """Somebody (by number) is away from one half-day to another; *told_at* is when that was entered."""

    who: int
    told_at: datetime
    first: Half
    last: Half

    def covers(self, half: Half) -> bool:
        """Whether they are away then."""
        return self.first <= half <= self.last

    def begins(self, almanac: Almanac) -> datetime:
        """At midnight, or with the lunch break; what is entered later has begun already."""
        day, part = self.first
        morning = [end for _, end in almanac.spans(day) if end <= NOON]
        begins = datetime.combine(day, time())
        if part == "pm" and morning:
            begins = datetime.combine(day, morning[-1]) + SECOND
        return max(begins, self.told_at)


STAFF = (
    Person("Rahma", ("am pm", "am", "am pm", "am", "am"), supervises=True),
    Person("Jufri", ("am pm", "am", "am pm", "am", "am"), ("tani",)),
    Person("Sari", ("pm", "am pm", "pm", "am pm", ""), ("harga",)),
    Person("Wati", ("am pm", "pm", "am pm", "", "am pm")),
)
"""Wati alone has Friday's afternoon, Sari that of Thursday. The supervisor is given nothing by the desk."""

TAKERS = [who for who, person in enumerate(STAFF) if not person.supervises]


def _leave(who: int, first: str, last: str, told: str = "01-01") -> Leave:
    """``02-11 am`` to ``02-12 pm``, entered at *told*, or else before the year begins."""
    return Leave(who, datetime.fromisoformat(f"2026-{told}"), _half(first), _half(last))


def _half(written: str) -> Half:
    day, part = written.split()
    return date.fromisoformat(f"2026-{day}"), part


LEAVES = (
    _leave(1, "01-19 am", "01-23 pm"),
    _leave(3, "02-11 am", "02-12 pm"),
    _leave(2, "02-12 pm", "02-12 pm", "02-12 11:20:21"),
    _leave(3, "03-06 pm", "03-06 pm"),
    _leave(1, "03-09 am", "03-13 am"),
    _leave(2, "03-13 pm", "03-31 pm"),
    _leave(3, "03-17 pm", "03-17 pm"),
    _leave(3, "04-06 am", "04-10 pm"),
    _leave(1, "05-11 pm", "05-13 am", "05-11 14:17:18"),
    _leave(3, "05-12 am", "05-12 am", "05-12 09:40:41"),
    _leave(2, "05-13 pm", "05-18 am"),
    _leave(3, "05-22 pm", "05-26 pm"),
    _leave(1, "05-23 am", "05-24 pm"),
    _leave(2, "06-08 am", "06-12 pm"),
    _leave(0, "06-15 am", "06-19 pm"),
    _leave(1, "07-06 pm", "07-08 am"),
    _leave(3, "07-07 pm", "07-07 pm"),
    _leave(2, "07-09 am", "07-09 pm"),
    _leave(1, "08-21 am", "08-28 pm"),
    _leave(3, "08-21 pm", "08-21 pm"),
    _leave(2, "08-24 am", "08-25 am"),
    _leave(0, "09-14 am", "09-18 pm"),
    _leave(2, "10-05 am", "10-09 pm"),
    _leave(3, "10-09 am", "10-09 am", "10-09 08:12:13"),
    _leave(1, "11-02 am", "11-06 pm"),
    _leave(3, "12-14 pm", "12-18 pm"),
    _leave(1, "12-16 am", "12-16 am"),
    _leave(2, "12-17 pm", "12-17 pm"),
)
"""Long ones, single half-days, a week-end that takes nothing away, and some entered when they had begun.

No two begin at the same moment: whose tickets go back first then is nobody's rule.
"""


def served_next(almanac: Almanac, moment: datetime) -> Half:
    """The half-day in which somebody serves at *moment*, or the next time."""
    served = almanac.next_service(moment)
    return served.date(), "am" if served.time() < NOON else "pm"


def is_away(who: int, half: Half, leaves: Iterable[Leave] = LEAVES) -> bool:
    """Whether one of *leaves* is theirs and covers that half-day."""
    return any(leave.who == who and leave.covers(half) for leave in leaves)


def on_duty(who: int, half: Half, leaves: Iterable[Leave] = LEAVES) -> bool:
    """Whether they are there by the roster and none of *leaves* says otherwise."""
    return STAFF[who].planned(half) and not is_away(who, half, leaves)
