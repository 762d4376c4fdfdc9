"""The figures of a report, from plain values: promises kept and missed, usual and slow times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
STEPS = (1, 2, 4, 8, 16, 24)
"""The hours of service at which times are parted for a picture; what is longer comes last."""


class Outcome(StrEnum):
    """What became of a promise: each is exactly one of these."""

    KEPT = "kept"
    MISSED = "missed"
    RUNNING = "running"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Promise:
    """An answer that was promised until *due_at*; None where its clock stands still for the citizen's word.

    *over_at*: when the ticket was closed, or the citizen asked on and a new promise was made.
    """

    due_at: datetime | None
    answered_at: datetime | None
    over_at: datetime | None = None

    def outcome(self, now: datetime) -> Outcome:
        """Kept: answered by its end, that moment included. Missed: not answered when it ended.

        Dropped: over before its end without an answer, as when a request turned out to be needless.
        """
        settled = self.answered_at or self.over_at
        if self.due_at is not None and (settled or now) > self.due_at:
            return Outcome.MISSED
        if self.answered_at is not None:
            return Outcome.KEPT
        return Outcome.RUNNING if settled is None else Outcome.DROPPED


@dataclass(frozen=True, slots=True)
class Times:
    """So many times: their median, and what nine of ten do not exceed; None of both where there are none."""

    number: int
    median: timedelta | None
    ninetieth: timedelta | None


def times(lengths: Iterable[timedelta]) -> Times:
    """What is told of *lengths*."""
    ordered = sorted(lengths)
    return Times(len(ordered), median(ordered), ninetieth(ordered))


def median(ordered: Sequence[timedelta]) -> timedelta | None:
    """The one in the middle, or the mean of the two in the middle."""
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def ninetieth(ordered: Sequence[timedelta]) -> timedelta | None:
    """By nearest rank: the shortest one that nine of ten do not exceed, so a time that really was."""
    return ordered[-(-len(ordered) * 9 // 10) - 1] if ordered else None


def spread(lengths: Iterable[timedelta]) -> tuple[int, ...]:
    """How many last at most each of ``STEPS`` hours, and more than the one before; the longer ones last."""
    found = [0] * (len(STEPS) + 1)
    for length in lengths:
        found[next((at for at, hours in enumerate(STEPS) if length <= hours * HOUR), len(STEPS))] += 1
    return tuple(found)


def share(part: int, whole: int) -> int | None:
    """*part* of *whole* in percent, rounded half up; but 100 only for all of it, and 0 only for nothing."""
    if not whole:
        return None
    rounded = (part * 200 + whole) // (whole * 2)
    return max(1, min(99, rounded)) if 0 < part < whole else rounded
