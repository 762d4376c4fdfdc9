"""The figures of a report reckoned from the raw rows, in plain Python that shares no code with the desk.

Moments are the wall clock of the office, as in ``tests.year.almanac``.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, select

from storage.catalogue_tables import Searched
from storage.columns import AnyRow, table
from storage.tables import Contact, Conversation, Rating, Ticket, TicketEvent
from storage.voice_tables import Complaint, Survey
from tests.year.almanac import DAY, Almanac

TICKET, EVENT = table(Ticket), table(TicketEvent)
CONTACT, CONVERSATION = table(Contact), table(Conversation)
RATING, SURVEY, COMPLAINT = table(Rating), table(Survey), table(Complaint)
ELEMENTS = (
    *("requirements", "procedure", "time", "cost", "product", "competence", "behaviour", "complaints"),
    "facilities",
)
_Promise = tuple[datetime | None, datetime | None, datetime | None, bool]
USES = ("tugas", "pemerintahan", "komersial", "penelitian", "lainnya")


@dataclass
class Census:
    """What was counted. *waits* are the times to the first answer, in seconds of service."""

    channels: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    uses: Counter[str] = field(default_factory=Counter)
    closings: Counter[str] = field(default_factory=Counter)
    days: Counter[date] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)
    unpromised: int = 0
    forwarded: int = 0
    merged: int = 0
    open_unanswered: int = 0
    closed_unanswered: int = 0
    waits: list[float] = field(default_factory=list)
    asked: int = 0
    marks: Counter[int] = field(default_factory=Counter)
    sheets: list[list[int]] = field(default_factory=list)
    complaints: Counter[str] = field(default_factory=Counter)
    searches: Counter[bool | None] = field(default_factory=Counter)
    vain: Counter[str] = field(default_factory=Counter)

    @property
    def ikm(self) -> Decimal | None:
        """The mean of all marks, from 25 to 100, with two decimals."""
        if not self.sheets:
            return None
        points = Decimal(sum(map(sum, self.sheets))) * 25 / (9 * len(self.sheets))
        return points.quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def middle(self) -> float | None:
        """The median in seconds."""
        return statistics.median(self.waits) if self.waits else None

    @property
    def nine_of_ten(self) -> float | None:
        """The shortest time that at least nine of ten do not exceed, found by trying each."""
        enough = [
            at for at in self.waits if sum(other <= at for other in self.waits) * 10 >= 9 * len(self.waits)
        ]
        return min(enough, default=None)


def counted(
    connection: Connection,
    office: str,
    zone: timedelta,
    first: date,
    last: date,
    now: datetime,
    days: Almanac,
) -> Census:
    """What the office was asked from *first* to *last*, as things stand *now*: all on its own clock."""
    found, log = Census(), _log(connection)
    contacts = {row.id: row for row in connection.execute(select(CONTACT))}
    channels = {row.id: row.channel for row in connection.execute(select(CONVERSATION))}
    for row in connection.execute(select(TICKET)):
        opened = _local(row.opened_at, zone)
        if row.office != office or row.kind != "consultation" or not first <= opened.date() <= last:
            continue
        if row.merged_into is not None:
            found.merged += 1
            continue
        found.channels[channels[row.conversation_id]] += 1
        found.topics[row.topic] += 1
        use = contacts[row.contact_id].main_use
        found.uses[use if use in USES or not use else "lainnya"] += 1
        found.closings[row.close_reason or ""] += 1
        found.days[opened.date()] += 1
        found.forwarded += row.handled_by != row.office
        _went(found, row, log[row.id], zone, now, days)
    _said(found, connection, office, zone, first, last)
    return found


def _said(
    found: Census, connection: Connection, office: str, zone: timedelta, first: date, last: date
) -> None:
    """What citizens said: ratings asked for, questionnaires sent and complaints received in the period."""
    tickets = {row.id: row for row in connection.execute(select(TICKET))}
    for row in connection.execute(select(RATING)):
        if row.office == office and first <= _local(row.asked_at, zone).date() <= last:
            found.asked += 1
            if row.score is not None:
                found.marks[row.score] += 1
    for row in connection.execute(select(SURVEY)):
        if row.office == office and first <= _local(row.answered_at, zone).date() <= last:
            found.sheets.append([row._mapping[name] for name in ELEMENTS])
    for row in connection.execute(select(COMPLAINT)):
        if row.office == office and first <= _local(tickets[row.ticket_id].opened_at, zone).date() <= last:
            found.complaints[row.category] += 1
    for row in connection.execute(select(table(Searched))):
        if row.office == office and first <= _local(row.at, zone).date() <= last:
            found.searches[row.answered] += 1
            found.vain[row.query.lower()] += row.answered is False


def _went(
    found: Census, row: AnyRow, log: list[AnyRow], zone: timedelta, now: datetime, days: Almanac
) -> None:
    """Its promises, one after the other, and its first answer."""
    before = _before(log, zone)
    for due, given_at, over, _ in before:
        if due:
            found.promises[_fate(due, given_at, over, now)] += 1
    answered = _local(row.answered_at, zone) if row.answered_at else None
    closed = _local(row.closed_at, zone) if row.closed_at else None
    if row.clock_from is None:
        found.unpromised += not any(due for due, *_ in before)
    else:
        due = _local(row.due_at, zone) if row.due_at else None
        found.promises[_fate(due, answered, closed, now)] += 1
    answers = [given_at for _, given_at, _, here in before if here]
    given = [at for at in [*answers, answered] if at]
    if given:
        found.waits.append(served(days, _local(row.opened_at, zone), min(given)).total_seconds())
    elif closed:
        found.closed_unanswered += 1
    else:
        found.open_unanswered += 1


def _before(log: list[AnyRow], zone: timedelta) -> list[_Promise]:
    """What was promised earlier: its end, its answer, when it was over, and whether on this very ticket."""
    asked_on, closed, joined = list[_Promise](), None, dict[int, list[_Promise]]()
    for event in log:
        told = event.detail
        if event.what == "closed":
            closed = _local(event.at, zone)
        elif event.what == "asked_on":
            due, answered = (_read(told.get(name), zone) for name in ("due_at", "answered_at"))
            asked_on.append((due, answered, closed, True))
        elif event.what == "merge_undone":
            joined.pop(told["ticket"], None)
        else:
            joined[told["ticket"]] = [_brought(each, zone) for each in told.get("promises", [])]
    return [*asked_on, *(each for promises in joined.values() for each in promises)]


def _brought(told: dict[str, Any], zone: timedelta) -> _Promise:
    due, answered, over = (_read(told[name], zone) for name in ("due_at", "answered_at", "over_at"))
    return due, answered, over, told["here"]


def _fate(due: datetime | None, answered: datetime | None, closed: datetime | None, now: datetime) -> str:
    if answered:
        return "missed" if due and answered > due else "kept"
    if closed:
        return "missed" if due and closed > due else "dropped"
    return "missed" if due and now > due else "running"


def served(days: Almanac, since: datetime, until: datetime) -> timedelta:
    """For how long the office served between two moments, second by second of its spans."""
    total, day = timedelta(0), since.date()
    while day <= until.date():
        for opens, shuts in days.spans(day):
            start, end = datetime.combine(day, opens), datetime.combine(day, shuts)
            if end > since and start < until:
                total += min(end, until) - max(start, since)
        day += DAY
    return total


def _log(connection: Connection) -> defaultdict[int, list[AnyRow]]:
    found: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(select(EVENT).order_by(EVENT.c.id)):
        if row.what in ("closed", "asked_on", "merged_here", "split_undone", "merge_undone"):
            found[row.ticket_id].append(row)
    return found


def _read(written: str | None, zone: timedelta) -> datetime | None:
    return _local(datetime.fromisoformat(written), zone) if written else None


def _local(moment: datetime, zone: timedelta) -> datetime:
    return moment.replace(tzinfo=None) + zone


def hours(waits: Iterable[float]) -> list[int]:
    """How many last up to 1, 2, 4, 8, 16, 24 hours, and longer."""
    ends: list[Any] = [0, 1, 2, 4, 8, 16, 24, 10**6]
    told = [sum(ends[at] * 3600 < wait <= ends[at + 1] * 3600 for wait in waits) for at in range(7)]
    told[0] += sum(wait == 0 for wait in waits)
    return told
