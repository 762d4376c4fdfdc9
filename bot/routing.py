"""Which officer a new ticket is given to: what it is about, who is on duty, whose turn it is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bot.calendar import WorkingCalendar
from bot.policy import Routing, Topic
from bot.understanding import plain, words_of

_NOON = time(12)
_NEVER = datetime.min.replace(tzinfo=UTC)
_NEXT = timedelta(microseconds=1)


class Half(StrEnum):
    """Half of a day. Their names sort as they come."""

    AM = "am"
    PM = "pm"


@dataclass(frozen=True, slots=True, order=True)
class HalfDay:
    """Half of a date."""

    day: date
    half: Half

    @property
    def weekly(self) -> tuple[int, Half]:
        """The half of the weekday (0 is Monday) that comes again every week."""
        return self.day.weekday(), self.half


@dataclass(frozen=True, slots=True)
class Absence:
    """An officer is away from one half-day to another, both included."""

    first: HalfDay
    last: HalfDay

    def covers(self, at: HalfDay) -> bool:
        """Whether the officer is away in this half-day."""
        return self.first <= at <= self.last

    def overlaps(self, other: "Absence") -> bool:
        """Whether the two share a half-day."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Roster:
    """Who serves when: ``duty`` by officer in halves of weekdays, and when officers are away.

    An office without any duty has everybody on duty whenever it serves.
    """

    duty: Mapping[int, Collection[tuple[int, Half]]] = field(default_factory=dict)
    absences: Mapping[int, Collection[Absence]] = field(default_factory=dict)

    def is_away(self, officer_id: int, at: HalfDay) -> bool:
        """Whether the officer is on leave in this half-day."""
        return any(absence.covers(at) for absence in self.absences.get(officer_id, ()))

    def on_duty(self, officer_id: int, at: HalfDay) -> bool:
        """Whether the officer serves in this half-day."""
        planned = not any(self.duty.values()) or at.weekly in self.duty.get(officer_id, ())
        return planned and not self.is_away(officer_id, at)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer to whom tickets are given: their topics (none: everything) and what they have already.

    ``load``: how many of their tickets wait for the office; ``given_at``: when they were given one last.
    """

    id: int
    topics: frozenset[str] = frozenset()
    load: int = 0
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The topic of a request, and the others of which it names as many words."""

    topic: str
    tied: tuple[str, ...] = ()


class Why(StrEnum):
    """Why an officer was given a ticket, or why nobody was."""

    TURN = "turns"
    LOAD = "load"
    NOBODY = "nobody"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is given a ticket (None: nobody), and why. ``by_topic``: their topics were the reason too."""

    officer_id: int | None
    why: Why
    by_topic: bool = False


def served_next(calendar: WorkingCalendar, now: datetime) -> HalfDay:
    """The half-day in which the office serves now, or the next time."""
    local = calendar.next_open(now).astimezone(calendar.zone)
    return HalfDay(local.date(), Half.AM if local.time() < _NOON else Half.PM)


def recognised(request: str, topics: Mapping[str, Topic]) -> Recognised | None:
    """The topic of which *request* names most words; the first of the office's list where several do.

    None when it names none: that is fine, everybody may answer then.
    """
    if not topics:
        return None
    said = _said(request)
    hits = {key: _named(said, topic.words) for key, topic in topics.items()}
    most = max(hits.values(), default=0)
    if not most:
        return None
    best, *tied = (key for key, count in hits.items() if count == most)
    return Recognised(best, tuple(tied))


def _said(request: str) -> tuple[str, ...]:
    """The words, once as they are and once without *-nya*, padded so that whole words are found."""
    words = words_of(request)
    return tuple(f" {' '.join(form)} " for form in (words, [word.removesuffix("nya") for word in words]))


def _named(said: Iterable[str], wanted: Iterable[str]) -> int:
    names = {plain(word) for word in wanted} - {""}
    return sum(any(f" {name} " in form for form in said) for name in names)


def chosen(
    rule: Routing, candidates: Collection[Candidate], roster: Roster, at: HalfDay, topic: str
) -> Choice:
    """Who is given a ticket about *topic* (empty: unknown) that is served in the half-day *at*.

    Of those on duty and below the cap who answer the topic, else of all of them. Ties are broken by whose
    turn it is, and then by id, so that the same desk always decides the same.
    """
    ready = [one for one in candidates if roster.on_duty(one.id, at)]
    free = [one for one in ready if not rule.cap or one.load < rule.cap]
    if not free or rule.assign == "none":
        return Choice(None, Why.FULL if ready else Why.NOBODY)
    fit = [one for one in free if topic and (topic in one.topics or not one.topics)]
    by_load = rule.assign == "load"
    best = min(fit or free, key=lambda one: (one.load if by_load else 0, one.given_at or _NEVER, one.id))
    return Choice(best.id, Why.LOAD if by_load else Why.TURN, by_topic=topic in best.topics)


def turn_at(candidates: Iterable[Candidate], now: datetime) -> datetime:
    """The moment that a turn taken now is kept with: after every earlier one.

    What a leave gives back is given at one moment, and must not all go to one officer.
    """
    return max([now, *(one.given_at + _NEXT for one in candidates if one.given_at)])
