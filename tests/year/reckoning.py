"""What must have happened to each ticket of the year, and when: reckoned from what people did.

It shares no code with the desk. From the office's rule, the days of the almanac and the acts of people it
tells every warning, every notice and every closing, which ``tests.year.verdict`` lays beside what was done.
Who gets a ticket depends on all others: that is reckoned in ``tests.year.handing_out``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.year.almanac import DAY, Almanac
from tests.year.people import Act, Done

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
WINDOW = timedelta(hours=23, minutes=55)
EVER, NEVER = (datetime.combine(day, time()) for day in (date.min, date.max))
Happening = tuple[datetime, str]


@dataclass(frozen=True)
class Rule:
    """An office's standard, as its page would say it."""

    received: bool
    pauses: bool
    working_days: bool
    silence: int
    by_system: bool
    assign: str = "none"
    cap: int = 0
    days: int = 3
    unclaimed_hours: int = 4


@dataclass(frozen=True)
class Left:
    """The words of an officer that were written on this ticket have left."""

    at: datetime
    number: int


@dataclass(frozen=True)
class Learned:
    """The office has said that it will be closed on a day."""

    at: datetime
    almanac: Almanac


Step = Done | Left | Learned


@dataclass
class Reckoner:
    """One ticket as it goes. ``happened``: what the desk must have done; ``due``: when its promise ends.

    ``trail``: what people did to it while it was open, and its closing, whoever closed it.
    """

    number: int
    rule: Rule
    almanac: Almanac
    window: timedelta | None
    happened: list[Happening] = field(default_factory=list)
    promised: list[datetime] = field(default_factory=list)
    trail: list[Done] = field(default_factory=list)
    timers: dict[str, datetime] = field(default_factory=dict)
    since: datetime | None = None
    due: datetime | None = None
    asked: datetime | None = None
    paused: set[date] = field(default_factory=set)
    waits: list[tuple[datetime, datetime]] = field(default_factory=list)
    told: set[tuple[str, datetime]] = field(default_factory=set)
    open: bool = True
    answered: bool = False
    owed: bool = True
    silent_since: datetime | None = None
    heard_at: datetime = EVER

    def run(self, steps: Iterable[Step], end: datetime) -> None:
        """Take every step in its turn, and what falls due between them."""
        for step in steps:
            self._wait(step.at)
            match step:
                case Learned(at, almanac):
                    self._learn(at, almanac)
                case Left(at):
                    self._silence_begins(at)
                case Done(at, _, act) if self.open or act in (Act.WRITES, Act.THANKS):
                    if self.open and act not in (Act.SWEEPS, Act.CLOSES):
                        self.trail.append(step)
                    self._does(at, act)
                case Done(at, _, act) if act not in (Act.SWEEPS, Act.CLAIMS):
                    self.happened.append((at, f"refused {act}"))
        self._wait(end)

    def _wait(self, until: datetime) -> None:
        while self.open and self.timers:
            what, at = min(self.timers.items(), key=lambda timer: (timer[1], timer[0]))
            if at > until:
                return
            del self.timers[what]
            if not self.almanac.serves(at):
                self.timers[what] = self.almanac.next_service(at)
            else:
                self._falls_due(what, at)

    def _falls_due(self, what: str, at: datetime) -> None:
        if what in ("due_soon", "overdue") and self.due:
            self._tells(what, at, self.due)
        if what == "idle_warning" and not self.owed:
            self.happened.append((at, what if self._reachable(at) else f"{what} skipped"))
        if what == "silence" and not self.owed:
            self.happened.append((at, "closed by silence" if self.rule.by_system else "closable"))
            self.timers["closable"] = NEVER
            if self.rule.by_system:
                self._close(at)

    def _tells(self, what: str, at: datetime, due: datetime) -> None:
        """Officers are told once of each moment that a promise ends."""
        if (what, due) not in self.told:
            self.happened.append((at, what))
            self.told.add((what, due))
        if what == "due_soon":
            self.timers["overdue"] = self.almanac.next_service(due + SECOND)

    def _does(self, at: datetime, act: Act) -> None:
        match act:
            case Act.OPENS:
                self._opened(at)
            case Act.CLEARS:
                if not self.rule.received and not self.answered:
                    self._promise(at)
            case Act.ASKS_BACK | Act.ANSWERS:
                self._office_wrote(at, answers=act is Act.ANSWERS)
            case Act.WRITES | Act.THANKS:
                self._citizen_wrote(at)
            case Act.SWEEPS if "closable" not in self.timers:
                pass
            case Act.CLOSES | Act.SWEEPS:
                self.happened.append((at, "closed by officer"))
                self._close(at)

    def _opened(self, at: datetime) -> None:
        self.heard_at = at
        if self.rule.received:
            self._promise(at)

    def _office_wrote(self, at: datetime, *, answers: bool) -> None:
        self.owed, self.silent_since = False, None
        for what in ("idle_warning", "silence", "closable"):
            self.timers.pop(what, None)
        running = self.since is not None and not self.answered and not (self.due and at > self.due)
        if answers:
            self.answered = True
        elif not (self.rule.pauses and running and self.asked is None):
            return
        else:
            self.asked, self.due = at, None
        for what in ("due_soon", "overdue"):
            self.timers.pop(what, None)

    def _citizen_wrote(self, at: datetime) -> None:
        self.heard_at = at
        if not self.open:
            return
        self.owed, self.silent_since = True, None
        for what in ("idle_warning", "silence", "closable"):
            self.timers.pop(what, None)
        if self.asked and not self.answered:
            day = self.asked.date()
            while day < at.date():
                day += DAY
                self.paused.add(day)
            self.waits.append((self.asked, at))
            self.asked = None
            self._count(at)

    def _promise(self, at: datetime) -> None:
        self.since, self.paused, self.waits, self.asked = at, set(), [], None
        self._count(at)
        if self.due and self._reachable(at):
            self.promised.append(self.due)

    def _reachable(self, at: datetime) -> bool:
        """Whether the desk may write to this citizen now."""
        return self.window is None or at - self.heard_at < self.window

    def _count(self, now: datetime) -> None:
        """The end of service of the n-th working day, and whom it must be told to before and after."""
        if self.since is None:
            return
        day = self.almanac.nth_after(self.since.date(), self.rule.days, self.paused)
        while any(asked <= self.almanac.ends(day) < wrote for asked, wrote in self.waits):
            day = self.almanac.nth_after(day, 1, self.paused)
        self.due = self.almanac.ends(day)
        self.timers.pop("due_soon", None)
        self.timers.pop("overdue", None)
        eve = self.almanac.opens(self.almanac.nth_before(self.due.date(), 1))
        morning = self.almanac.opens(self.due.date())
        warning = next((moment for moment in (eve, morning) if moment > now), None)
        if warning:
            self.timers["due_soon"] = warning
        else:
            self.timers["overdue"] = self.almanac.next_service(self.due + SECOND)

    def _silence_begins(self, at: datetime) -> None:
        if self.open:
            self.silent_since = at
            self.timers |= dict(self._silence(at))

    def _silence(self, since: datetime) -> Iterator[tuple[str, datetime]]:
        ends, eve = self._ends_and_eve(since)
        yield "silence", ends
        warning = eve if self.almanac.serves(eve) else self.almanac.last_opening(eve)
        if warning < since + HOUR:
            warning = self.almanac.next_service(since + HOUR)
        if warning <= ends - HOUR:
            yield "idle_warning", warning

    def _ends_and_eve(self, since: datetime) -> tuple[datetime, datetime]:
        """When the silence is long enough, and the moment a day before."""
        if self.rule.working_days:
            last = self.almanac.nth_after(since.date(), self.rule.silence)
            return self.almanac.ends(last), self.almanac.opens(self.almanac.nth_before(last, 1))
        ends = self.almanac.next_service(since + self.rule.silence * DAY)
        return ends, ends - DAY

    def _learn(self, at: datetime, almanac: Almanac) -> None:
        """What was reckoned with the days as they were is reckoned anew."""
        self.almanac = almanac
        before = self.due
        if self.open and self.since and not self.answered and self.asked is None:
            timers, warned = dict(self.timers), "due_soon" not in self.timers
            self._count(at)
            if self.due == before:
                self.timers = timers
            else:
                self.happened.append((at, "due_moved"))
                self._tells_moved(at, warned=warned)
        if self.open and self.silent_since:
            for what, moment in self._silence(self.silent_since):
                if what in self.timers:
                    self.timers[what] = max(moment, at)

    def _tells_moved(self, at: datetime, *, warned: bool) -> None:
        """Who was told that it ends soon is not told again, only when it is over; who was not, at once."""
        if self.due is None:
            return
        if warned:
            self.timers.pop("due_soon", None)
            self.timers["overdue"] = self.almanac.next_service(self.due + SECOND)
        else:
            eve = self.almanac.opens(self.almanac.nth_before(self.due.date(), 1))
            self.timers["due_soon"] = max(eve, at)

    def _close(self, at: datetime) -> None:
        self.trail.append(Done(at, self.number, Act.CLOSES))
        self.open, self.silent_since = False, None
        self.timers.clear()
