"""What citizens and officers of one office do in a year: written down before it is played."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from tests.year import staff
from tests.year.almanac import DAY, Almanac

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 18)
HARD = ((2, 10), (3, 6), (3, 13), (3, 16), (5, 11), (5, 22), (7, 6), (8, 21), (12, 14))
"""Days before long weekends, feasts, and the day that this office closes: many ask just then."""
ABOUT = ("", "", "tani", "harga", "tani harga")
SWEPT = (0, 3)
"""The weekdays on which an officer closes what may be closed."""


class Act(StrEnum):
    """What somebody does."""

    OPENS = "opens"
    CLAIMS = "claims"
    CLEARS = "clears"
    ASKS_BACK = "asks_back"
    ANSWERS = "answers"
    WRITES = "writes"
    THANKS = "thanks"
    CLOSES = "closes"
    SWEEPS = "sweeps"


@dataclass(frozen=True, order=True)
class Done:
    """At *at* (local time) this happens on the ticket with this number; 0 for all.

    ``by``: which officer does it, of those on duty, whoever has the ticket. ``about``: the topics that an
    opening names.
    """

    at: datetime
    number: int
    act: Act
    by: int = 0
    about: str = ""


@dataclass(frozen=True)
class Habits:
    """*clears*: whether officers of this office declare requests clear and complete."""

    clears: bool
    almanac: Almanac


def a_year(tickets: int, habits: Habits, seed: int = 2026) -> list[Done]:
    """Everything that happens, in its order."""
    rng = Random(seed)  # noqa: S311  # a play, not a secret
    acts = [act for number in range(1, tickets + 1) for act in _story(number, habits, rng)]
    return sorted([*(_signed(act, habits.almanac, rng) for act in acts), *_sweeps(habits.almanac)])


def _signed(done: Done, almanac: Almanac, rng: Random) -> Done:
    """The act with what a citizen asks about, or with who of the officers there did it."""
    if done.act is Act.OPENS:
        return replace(done, about=rng.choice(ABOUT))
    if done.act in (Act.WRITES, Act.THANKS):
        return done
    now = staff.served_next(almanac, done.at)
    return replace(
        done, by=rng.choice([who for who in range(len(staff.STAFF)) if staff.on_duty(who, now)] or [0])
    )


def _sweeps(almanac: Almanac) -> Iterator[Done]:
    day = FIRST
    while day <= LAST + 60 * DAY:
        if day.weekday() in SWEPT and almanac.works(day):
            yield Done(datetime.combine(day, time(9)), 0, Act.SWEEPS)
        day += DAY


def _story(number: int, habits: Habits, rng: Random) -> Iterator[Done]:
    at = _opening(rng)
    yield Done(at, number, Act.OPENS)
    if rng.random() < 0.4:
        yield Done(_worked(at, rng.choice((0, 0, 1)), habits, rng), number, Act.CLAIMS)
    if rng.random() < 0.35:
        at = _worked(at, rng.choice((0, 0, 1, 2)), habits, rng)
        yield Done(at, number, Act.ASKS_BACK)
        if rng.random() < 0.25:
            yield from _late_thanks(number, at, habits, rng)
            return
        at += _reacts(rng)
        yield Done(at, number, Act.WRITES)
    if habits.clears and rng.random() < 0.9:
        at = _worked(at, rng.choice((0, 0, 0, 1)), habits, rng)
        yield Done(at, number, Act.CLEARS)
        if rng.random() < 0.15:
            at = _worked(at, rng.choice((0, 1, 2)), habits, rng)
            yield Done(at, number, Act.ASKS_BACK)
            at += _reacts(rng)
            yield Done(at, number, Act.WRITES)
    yield from _answered(number, at, habits, rng)


def _answered(number: int, at: datetime, habits: Habits, rng: Random) -> Iterator[Done]:
    at = _worked(at, rng.choice((0, 0, 1, 1, 2, 2, 3, 4, 6)), habits, rng)
    yield Done(at, number, Act.ANSWERS)
    if rng.random() < 0.15:
        at = _worked(at, rng.choice((0, 1)), habits, rng)
        yield Done(at, number, Act.ANSWERS)
    mood = rng.random()
    if mood < 0.15:
        yield Done(at + _reacts(rng), number, Act.WRITES)
        yield from _answered(number, at + timedelta(days=2), habits, rng)
    elif mood < 0.55:
        at += _reacts(rng)
        yield Done(at, number, Act.THANKS)
        yield Done(_worked(at, rng.choice((0, 1, 1)), habits, rng), number, Act.CLOSES)
    else:
        yield from _late_thanks(number, at, habits, rng)


def _late_thanks(number: int, at: datetime, habits: Habits, rng: Random) -> Iterator[Done]:
    """Silence, that now and then ends after the desk may have ended it; few are left lying then."""
    if rng.random() < 0.2:
        days = rng.uniform(2, 12)
        at += timedelta(days=days)
        yield Done(at, number, Act.THANKS)
        if days < 7:
            yield Done(_worked(at, rng.choice((0, 1)), habits, rng), number, Act.CLOSES)


def _opening(rng: Random) -> datetime:
    """Mostly by day, now and then at night or on a free day."""
    day = FIRST + rng.randrange((LAST - FIRST).days + 1) * DAY
    if rng.random() < 0.3:
        month, number = rng.choice(HARD)
        day = date(2026, month, number) + rng.randrange(5) * DAY
    hour = rng.uniform(7, 17) if rng.random() < 0.75 else rng.uniform(0, 24)
    return datetime.combine(day, time()) + timedelta(seconds=int(hour * 3600))


def _reacts(rng: Random) -> timedelta:
    """At once (before the message has left even), within a day, or after days."""
    longest = rng.choice((1, 3_600, 43_200, 86_400, 86_400 * 4))
    return timedelta(seconds=rng.randint(1, longest))


def _worked(after: datetime, days: int, habits: Habits, rng: Random) -> datetime:
    """Some moment in service after *after*, *days* working days later."""
    almanac = habits.almanac
    begins = almanac.next_service(after)
    day = almanac.nth_after(begins.date(), days) if days else begins.date()
    if not almanac.left(day, after):
        day = almanac.nth_after(day, 1)
    start, end = rng.choice(almanac.left(day, after))
    return start + timedelta(seconds=rng.randint(1, max(1, int((end - start).total_seconds()) - 1)))
