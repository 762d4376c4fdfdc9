"""What reports count: the consultations that an office was asked in a period, and how each went.

Whoever works on it, a ticket counts at the office that was asked: its number, its promise and its calendar
are those of that office. Everything is confined by a ``View``; complaints have a register of their own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from storage.columns import AnyRow
from storage.inbox import View
from storage.searches import SEARCHED
from storage.tables import Contact, Conversation, Ticket, TicketEvent

ASKED_ON, CLOSED = "asked_on", "closed"
"""What the log says when a citizen asked on after the closing and a new promise was made; of closings."""
_JOINED, _PARTED = ("merged_here", "split_undone"), "merge_undone"
"""What it says where the words of another ticket came to this one, with its promises, and left again."""
_AT_ONCE = 500
_SEVERAL, _LISTED = 2, 10


@dataclass(frozen=True, slots=True)
class Earlier:
    """A promise that came before the one that stands on the ticket.

    *here*: it was made on this very ticket, and not on one whose words came to it.
    """

    due_at: datetime | None
    answered_at: datetime | None
    over_at: datetime
    here: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A consultation as a report reads it: nothing that names its citizen.

    ``earlier``: what was promised before the citizen asked on, oldest first, and on tickets that came to this
    one; ``forwarded``: another office works on it.
    """

    id: int
    reference: str
    opened_at: datetime
    channel: str
    topic: str
    main_use: str
    institution: str
    promised: bool
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None
    forwarded: bool
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class Citizen:
    """Whose consultation it was, and what about: personal, so only for who asked for it by name."""

    ticket_id: int
    name: str
    address: str
    email: str
    subject: str


def consultations(connection: Connection, view: View, begins: datetime, ends: datetime) -> tuple[Asked, ...]:
    """The consultations opened from *begins* to before *ends*, in their order; none that was merged away."""
    statement = (
        select(
            *(Ticket.id, Ticket.reference, Ticket.opened_at, Ticket.topic, Ticket.clock_from, Ticket.due_at),
            *(Ticket.answered_at, Ticket.closed_at, Ticket.close_reason, Ticket.handled_by),
            *(Conversation.channel, Contact.main_use, Contact.institution_category),
        )
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(*_opened(view, begins, ends), Ticket.merged_into.is_(None))
        .order_by(Ticket.opened_at, Ticket.id)
    )
    rows = connection.execute(statement).all()
    before = earlier(connection, [row.id for row in rows])
    return tuple(_asked(row, view, before.get(row.id, ())) for row in rows)


def merged(connection: Connection, view: View, begins: datetime, ends: datetime) -> int:
    """How many of that period's numbers went into another ticket, and are counted there."""
    gone = Ticket.merged_into.is_not(None)
    counted = select(func.count(Ticket.id)).where(*_opened(view, begins, ends), gone)
    return int(connection.execute(counted).scalar_one())


def taken_on(connection: Connection, view: View, begins: datetime, ends: datetime) -> int:
    """How many consultations of other offices, opened in that period, this office works on."""
    # Written out, so that both databases see that the partial index holds the row.
    away: ColumnElement[Any] = literal_column("ticket.handled_by <> ticket.office")
    during = (Ticket.opened_at >= begins, Ticket.opened_at < ends, Ticket.merged_into.is_(None))
    theirs = (Ticket.handled_by == view.office, Ticket.kind == literal_column("'consultation'"))
    return int(connection.execute(select(func.count(Ticket.id)).where(*theirs, away, *during)).scalar_one())


def searches(
    connection: Connection, view: View, begins: datetime, ends: datetime
) -> Mapping[bool | None, int]:
    """How many searches of citizens led to an answer, to none, or to a silence (None)."""
    counted = select(SEARCHED.c.answered, func.count(SEARCHED.c.id).label("many"))
    rows = connection.execute(counted.where(*_searched(view, begins, ends)).group_by(SEARCHED.c.answered))
    return {True: 0, False: 0, None: 0} | {row.answered: int(row.many) for row in rows}


def in_vain(
    connection: Connection, view: View, begins: datetime, ends: datetime
) -> tuple[tuple[str, int], ...]:
    """Words that several people searched without an answer, and how many did, most first.

    What only one has written is theirs, and may name them.
    """
    wanted = (
        select(SEARCHED.c.query, Conversation.contact_id)
        .join(Conversation, Conversation.id == SEARCHED.c.conversation_id)
        .distinct()
    )
    told = (SEARCHED.c.answered.is_(False), SEARCHED.c.query != "")
    rows = connection.execute(wanted.where(*_searched(view, begins, ends), *told))
    people: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        people[row.query.casefold()].add(row.contact_id)
    shared = [(query, len(who)) for query, who in people.items() if len(who) >= _SEVERAL]
    return tuple(sorted(shared, key=lambda each: (-each[1], each[0]))[:_LISTED])


def citizens(connection: Connection, view: View, begins: datetime, ends: datetime) -> tuple[Citizen, ...]:
    """Who asked in that period, in the order of ``consultations``. Nothing for a mere officer."""
    if not view.complaints:
        return ()
    statement = (
        select(
            *(Ticket.id, Ticket.subject, Contact.email, Conversation.reply_to),
            func.coalesce(func.nullif(Contact.name, ""), Contact.profile_name).label("name"),
        )
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(*_opened(view, begins, ends), Ticket.merged_into.is_(None))
        .order_by(Ticket.opened_at, Ticket.id)
    )
    return tuple(
        Citizen(row.id, row.name, row.reply_to, row.email, row.subject)
        for row in connection.execute(statement)
    )


def _opened(view: View, begins: datetime, ends: datetime) -> tuple[ColumnElement[bool], ...]:
    # The numbers of a year stand in an index, and a year is counted by local dates, ahead of UTC.
    mine = (Ticket.office == view.office, Ticket.kind == literal_column("'consultation'"))
    years = Ticket.year.between(begins.year, ends.year + 1)
    return (*mine, years, Ticket.opened_at >= begins, Ticket.opened_at < ends)


def _searched(view: View, begins: datetime, ends: datetime) -> tuple[ColumnElement[bool], ...]:
    return SEARCHED.c.office == view.office, SEARCHED.c.at >= begins, SEARCHED.c.at < ends


def earlier(connection: Connection, tickets: Sequence[int]) -> dict[int, tuple[Earlier, ...]]:
    """What was promised on these tickets before the promise that stands there, oldest first."""
    found: defaultdict[int, list[tuple[int, Earlier]]] = defaultdict(list)
    closed: dict[int, datetime] = {}
    for row in _logged(connection, tickets):
        mine = found[row.ticket_id]
        if row.what == CLOSED:
            closed[row.ticket_id] = row.at
        elif row.what == ASKED_ON:
            due, answered = _moment(row.detail.get("due_at")), _moment(row.detail.get("answered_at"))
            mine.append((row.ticket_id, Earlier(due, answered, closed.get(row.ticket_id, row.at))))
        elif row.what == _PARTED:
            mine[:] = [(of, each) for of, each in mine if of != row.detail["ticket"]]
        else:
            mine += [(row.detail["ticket"], _read(each)) for each in row.detail.get("promises", ())]
    return {ticket: tuple(each for _, each in mine) for ticket, mine in found.items()}


def as_logged(promise: Earlier) -> dict[str, Any]:
    """*promise* as the log keeps it where tickets become one."""
    moments = {name: getattr(promise, name) for name in ("due_at", "answered_at", "over_at")}
    told = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return told | {"here": promise.here}


def _read(logged: Mapping[str, Any]) -> Earlier:
    over = datetime.fromisoformat(logged["over_at"])
    return Earlier(_moment(logged["due_at"]), _moment(logged["answered_at"]), over, logged["here"])


def _logged(connection: Connection, tickets: Sequence[int]) -> Iterator[AnyRow]:
    columns = (TicketEvent.ticket_id, TicketEvent.what, TicketEvent.at, TicketEvent.detail)
    for start in range(0, len(tickets), _AT_ONCE):
        theirs = TicketEvent.ticket_id.in_(tickets[start : start + _AT_ONCE])
        wanted = select(*columns).where(theirs, TicketEvent.what.in_((ASKED_ON, CLOSED, *_JOINED, _PARTED)))
        yield from connection.execute(wanted.order_by(TicketEvent.id))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _asked(row: AnyRow, view: View, earlier: tuple[Earlier, ...]) -> Asked:
    return Asked(
        id=row.id,
        reference=row.reference,
        opened_at=row.opened_at,
        channel=row.channel,
        topic=row.topic,
        main_use=row.main_use,
        institution=row.institution_category,
        promised=row.clock_from is not None,
        due_at=row.due_at,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
        forwarded=row.handled_by != view.office,
        earlier=earlier,
    )
