"""What reports count: the consultations that an office was asked in a period, and how each went.

Whoever works on it, a ticket counts at the office that was asked: its number, its promise and its calendar
are those of that office. Everything is confined by a ``View``; complaints have a register of their own.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from storage.columns import AnyRow
from storage.earlier_promises import Earlier, earlier
from storage.inbox import View
from storage.searches import SEARCHED
from storage.tables import Contact, Conversation, Ticket

_SEVERAL, _LISTED = 2, 10


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
