"""Who must have had each ticket of the year, and when it must have been told that nobody has it.

It shares no code with the desk. Whom a ticket is given to depends on what everybody has by then, so all
tickets are walked at once, in time order: their trails (``tests.year.reckoning``), leaves, and the hours of
service that a ticket may be nobody's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.year.almanac import Almanac
from tests.year.people import Act, Done
from tests.year.reckoning import SECOND, Happening, Learned, Rule
from tests.year.staff import STAFF, TAKERS, Leave, is_away, on_duty, served_next


def _ticks(moment: datetime) -> datetime:
    """The second in which the worker sees that the moment has come."""
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + SECOND


@dataclass(frozen=True)
class Began:
    """A leave that was entered has begun."""

    at: datetime
    leave: Leave


@dataclass(frozen=True)
class Entered:
    """A leave is known from now on."""

    at: datetime
    leave: Leave


Event = Done | Learned | Entered | Began


@dataclass
class Case:
    """A ticket: who has it, whether the office owes an answer, and what it is about.

    Of several topics the first of the office's list counts; that there were others is said at the opening.
    """

    about: list[str]
    has: int | None = None
    owed: bool = True


@dataclass
class HandingOut:
    """All open tickets, who is next (``turns``), and what ``happened`` to which ticket.

    Which of several tickets is offered first that are nobody's for too long in the same second is nobody's
    rule: that alone is taken from the desk (``order``: the place of a ticket at a moment).
    """

    rule: Rule
    almanac: Almanac
    order: Mapping[tuple[int, datetime], int]
    happened: dict[int, list[Happening]] = field(default_factory=lambda: defaultdict(list))
    cases: dict[int, Case] = field(default_factory=dict)
    watched: dict[int, datetime] = field(default_factory=dict)
    turns: list[int] = field(default_factory=lambda: [*TAKERS])
    known: list[Leave] = field(default_factory=list)
    begun: list[Leave] = field(default_factory=list)

    def run(self, events: Iterable[Event], end: datetime) -> None:
        """Take every event in its turn, and what falls due between them."""
        for event in events:
            self._wait(event.at)
            match event:
                case Done():
                    self._does(event)
                case Learned():
                    self.almanac = event.almanac
                case Entered():
                    self.known.append(event.leave)
                case Began():
                    self._begins(event.at, event.leave)
        self._wait(end)

    def _wait(self, until: datetime) -> None:
        """What is nobody's for too long is offered once more, and then supervisors hear."""
        while self.watched:
            at = min(self.watched.values())
            tied = [number for number, late in self.watched.items() if late == at]
            number = min(tied, key=lambda each: self.order.get((each, at), 0))
            if at > until:
                return
            del self.watched[number]
            if not self.almanac.serves(at):
                self.watched[number] = self.almanac.next_service(at)
            elif not self._offered(number, at):
                self._tell(number, at, "unclaimed")

    def _does(self, done: Done) -> None:
        number, at = done.number, done.at
        if done.act is Act.OPENS:
            self.cases[number] = Case(done.about.split())
            self._offer(number, at)
            del self.cases[number].about[1:]
            return
        case = self.cases[number]
        match done.act:
            case Act.CLAIMS if case.has is None:
                self._tell(number, at, f"claimed by {done.by}")
                self._has(number, done.by)
            case Act.ASKS_BACK | Act.ANSWERS:
                case.owed = False
                self._has(number, done.by if case.has is None else case.has)
            case Act.WRITES | Act.THANKS:
                case.owed = True
                if case.has is not None and is_away(case.has, served_next(self.almanac, at), self.begun):
                    self._give_back(at, [number])
            case Act.CLOSES:
                self.watched.pop(number, None)
                del self.cases[number]

    def _begins(self, at: datetime, leave: Leave) -> None:
        self.begun.append(leave)
        if is_away(leave.who, served_next(self.almanac, at), self.known):
            self._give_back(at, [n for n, case in self.cases.items() if case.owed and case.has == leave.who])

    def _give_back(self, at: datetime, numbers: list[int]) -> None:
        """All at once, and then each finds somebody else, the oldest first."""
        for number in numbers:
            self._tell(number, at, f"given_back from {self.cases[number].has}")
            self.cases[number].has = None
        for number in numbers:
            self._offer(number, at)

    def _offer(self, number: int, at: datetime) -> None:
        if not self._offered(number, at):
            self.watched[number] = _ticks(self.almanac.served(at, self.rule.unclaimed_hours))

    def _offered(self, number: int, at: datetime) -> bool:
        """Whether somebody is there and has room; who has their turn, or least, and rather knows about it."""
        if self.rule.assign == "none":
            return False
        half = served_next(self.almanac, at)
        there = [who for who in self.turns if on_duty(who, half, self.known)]
        free = [who for who in there if not self.rule.cap or self._load(who) < self.rule.cap]
        if not free:
            self._tell(number, at, f"not_assigned: {'full' if there else 'nobody'}")
            return False
        topic = next(iter(self.cases[number].about), "")
        fit = [who for who in free if topic and (topic in STAFF[who].knows or not STAFF[who].knows)] or free
        who = min(fit, key=self._load) if self.rule.assign == "load" else fit[0]
        knows = ", their topic" if topic in STAFF[who].knows else ""
        about = " or ".join(self.cases[number].about) or "nothing"
        self._tell(number, at, f"assigned to {who} by {self.rule.assign}, about {about}{knows}")
        self.turns.remove(who)
        self.turns.append(who)
        self._has(number, who)
        return True

    def _load(self, who: int) -> int:
        return sum(case.owed and case.has == who for case in self.cases.values())

    def _has(self, number: int, who: int) -> None:
        self.cases[number].has = who
        self.watched.pop(number, None)

    def _tell(self, number: int, at: datetime, what: str) -> None:
        self.happened[number].append((at, what))
