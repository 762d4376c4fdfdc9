"""Who is on duty, who is away, who is given tickets, as rows. ``bot.routing`` decides."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from bot.routing import Absence, Candidate, Half, HalfDay, Roster
from storage import tickets
from storage.columns import AnyRow, as_it_is, table, written
from storage.inbox import HANDS, UNCLAIMED
from storage.inserting import insert_into
from storage.promise_tables import Duty, Leave
from storage.tables import Membership, Officer, Ticket, TicketEvent

DUTY: Table = table(Duty)
LEAVE: Table = table(Leave)
MEMBERSHIP: Table = table(Membership)
OFFICER: Table = table(Officer)
TICKET: Table = table(Ticket)
EVENT: Table = table(TicketEvent)

# In one order, so that two turns wait for each other and never in a circle.
_TAKING = (
    select(MEMBERSHIP.c.officer_id, MEMBERSHIP.c.topics, MEMBERSHIP.c.given_at)
    .join(OFFICER, OFFICER.c.id == MEMBERSHIP.c.officer_id)
    .where(MEMBERSHIP.c.office == bindparam("office"), MEMBERSHIP.c.takes, OFFICER.c.disabled_at.is_(None))
    .order_by(MEMBERSHIP.c.officer_id)
    .with_for_update(of=MEMBERSHIP, key_share=True)
)
_LOADS = (
    select(TICKET.c.claimed_by, func.count().label("load"))
    .where(
        TICKET.c.handled_by == bindparam("office"),
        TICKET.c.status == written("open"),
        TICKET.c.waiting_for == written("office"),
        TICKET.c.claimed_by.is_not(None),
    )
    .group_by(TICKET.c.claimed_by)
)
# Of who still serves there: the duty of somebody who has left must not keep the others off duty.
_DUTY = (
    select(DUTY.c.officer_id, DUTY.c.weekday, DUTY.c.half)
    .join(
        MEMBERSHIP,
        and_(MEMBERSHIP.c.officer_id == DUTY.c.officer_id, MEMBERSHIP.c.office == DUTY.c.office),
    )
    .join(OFFICER, OFFICER.c.id == DUTY.c.officer_id)
    .where(DUTY.c.office == bindparam("office"), OFFICER.c.disabled_at.is_(None))
)
_LEAVES = select(LEAVE).where(LEAVE.c.office == bindparam("office"), LEAVE.c.last >= bindparam("since"))
_LEAVES_OF_A_DAY = _LEAVES.where(LEAVE.c.first <= bindparam("since"))


def candidates(connection: Connection, office: str) -> list[Candidate]:
    """Who takes tickets, with what they have already.

    They are locked until this transaction ends (PostgreSQL; on SQLite the writing transaction is the lock):
    of two tickets at once the second is given with the first in sight. What they have is therefore a
    statement of its own, after the wait.
    """
    rows = connection.execute(_TAKING, {"office": office}).all()
    loads = {row.claimed_by: row.load for row in connection.execute(_LOADS, {"office": office})}
    return [
        Candidate(row.officer_id, frozenset(row.topics), loads.get(row.officer_id, 0), row.given_at)
        for row in rows
    ]


def roster(connection: Connection, office: str, since: date, *, later: bool = True) -> Roster:
    """The office's weekly duty, and who is away on *since*, or *later*."""
    leaves = _LEAVES if later else _LEAVES_OF_A_DAY
    duty: defaultdict[int, set[tuple[int, Half]]] = defaultdict(set)
    for row in connection.execute(_DUTY, {"office": office}):
        duty[row.officer_id].add((row.weekday, Half(row.half)))
    absences: defaultdict[int, list[Absence]] = defaultdict(list)
    for row in connection.execute(leaves, {"office": office, "since": since}):
        absences[row.officer_id].append(absence(row))
    return Roster(duty, absences)


def absence(row: AnyRow) -> Absence:
    """A leave as the core knows it."""
    return Absence(HalfDay(row.first, Half(row.first_half)), HalfDay(row.last, Half(row.last_half)))


_LAST_HANDS = (
    select(EVENT.c.what)
    .where(EVENT.c.ticket_id == bindparam("ticket"), EVENT.c.what.in_([written(one) for one in HANDS]))
    .order_by(EVENT.c.id.desc())
    .limit(literal_column("1"))
)


def left_alone(connection: Connection, ticket_id: int) -> bool:
    """Whether supervisors were told that nobody takes the ticket, and nothing has changed in that since."""
    return bool(connection.execute(_LAST_HANDS, {"ticket": ticket_id}).scalar() == UNCLAIMED)


def serves(connection: Connection, office: str, officer_id: int) -> bool:
    """Whether the officer still belongs to the office and may sign in."""
    member = MEMBERSHIP.join(OFFICER, OFFICER.c.id == MEMBERSHIP.c.officer_id)
    mine = (MEMBERSHIP.c.office == office, OFFICER.c.id == officer_id, OFFICER.c.disabled_at.is_(None))
    return connection.execute(select(OFFICER.c.id).select_from(member).where(*mine)).first() is not None


def give(
    connection: Connection, office: str, ticket_id: int, officer_id: int, now: datetime, turn: datetime
) -> bool:
    """The officer has the ticket from now on, and had their *turn*: others are next.

    False when somebody was first and has it.
    """
    tickets.need(connection, ticket_id)
    free = (TICKET.c.id == ticket_id, TICKET.c.claimed_by.is_(None))
    given = connection.execute(update(TICKET).where(*free).values(claimed_by=officer_id, touched_at=now))
    if given.rowcount == 0:
        return False
    mine = (MEMBERSHIP.c.officer_id == officer_id, MEMBERSHIP.c.office == office)
    connection.execute(update(MEMBERSHIP).where(*mine).values(given_at=turn))
    return True


def set_topic(connection: Connection, office: str, ticket_id: int, topic: str, now: datetime) -> bool:
    """What the ticket is about; empty for nothing that the office has a name for.

    False when *office* does not handle it any more.
    """
    tickets.need(connection, ticket_id)
    theirs = (TICKET.c.id == ticket_id, as_it_is(TICKET.c.handled_by) == office)
    done = connection.execute(update(TICKET).where(*theirs).values(topic=topic, touched_at=now))
    return done.rowcount == 1


def free(connection: Connection, ticket_ids: Iterable[int], officer_id: int, now: datetime) -> list[int]:
    """Those of the tickets that the officer still has go back to everybody; which ones they were."""
    theirs = (
        TICKET.c.id.in_(tuple(ticket_ids)),
        TICKET.c.claimed_by == officer_id,
        TICKET.c.status == written("open"),
    )
    statement = update(TICKET).where(*theirs).values(claimed_by=None, touched_at=now)
    freed = connection.execute(statement.returning(TICKET.c.id, TICKET.c.office)).all()
    for row in freed:
        tickets.log(connection, row.office, row.id, "given_back", now, None, {"from": officer_id})
    return sorted(row.id for row in freed)


def owed_by(connection: Connection, office: str, officer_id: int) -> list[int]:
    """The open tickets of the officer that wait for the office."""
    waiting = (
        TICKET.c.handled_by == office,
        TICKET.c.status == written("open"),
        TICKET.c.waiting_for == written("office"),
    )
    found = select(TICKET.c.id).where(*waiting, TICKET.c.claimed_by == officer_id).order_by(TICKET.c.id)
    return list(connection.execute(found).scalars())


def leaves_to_begin(connection: Connection, until: date, limit: int = 50) -> list[AnyRow]:
    """Leaves that begin on *until* or before and have given no tickets back yet, oldest first."""
    waiting = (LEAVE.c.given_back_at.is_(None), LEAVE.c.first <= until)
    return list(connection.execute(select(LEAVE).where(*waiting).order_by(LEAVE.c.first).limit(limit)))


def begin_leave(connection: Connection, leave_id: int, now: datetime) -> bool:
    """The leave has begun; False when it had before, or is there no more."""
    fresh = (LEAVE.c.id == leave_id, LEAVE.c.given_back_at.is_(None))
    return connection.execute(update(LEAVE).where(*fresh).values(given_back_at=now)).rowcount == 1


DutyHalf = tuple[int, int, Half]
"""An officer in half of a weekday, every week."""


def change_duty(
    connection: Connection, office: str, added: Collection[DutyHalf], removed: Collection[DutyHalf]
) -> None:
    """The weekly duty of the office with these shifts, and without those."""
    for officer_id, weekday, half in sorted(removed):
        theirs = (DUTY.c.office == office, DUTY.c.officer_id == officer_id)
        connection.execute(delete(DUTY).where(*theirs, DUTY.c.weekday == weekday, DUTY.c.half == half.value))
    rows = [
        {"office": office, "officer_id": officer_id, "weekday": weekday, "half": half.value}
        for officer_id, weekday, half in sorted(added)
    ]
    if rows:
        connection.execute(insert_into(connection, DUTY).on_conflict_do_nothing(), rows)


def sharing(connection: Connection, office: str, officer_id: int) -> AnyRow | None:
    """What the officer answers there, and whether they are given it, until this transaction ends."""
    mine = (MEMBERSHIP.c.officer_id == officer_id, MEMBERSHIP.c.office == office)
    found = select(MEMBERSHIP.c.topics, MEMBERSHIP.c.takes).where(*mine).with_for_update(key_share=True)
    return connection.execute(found).first()


def set_sharing(
    connection: Connection, office: str, officer_id: int, *, topics: Iterable[str], takes: bool
) -> None:
    """What the officer answers at the office (nothing named: everything), and whether they are given it."""
    mine = (MEMBERSHIP.c.officer_id == officer_id, MEMBERSHIP.c.office == office)
    connection.execute(update(MEMBERSHIP).where(*mine).values(topics=list(topics), takes=takes))


def lock_member(connection: Connection, office: str, officer_id: int) -> bool:
    """Whether the officer belongs to the office; what else concerns them there waits for this transaction."""
    mine = (MEMBERSHIP.c.officer_id == officer_id, MEMBERSHIP.c.office == office)
    found = select(MEMBERSHIP.c.officer_id).where(*mine).with_for_update(key_share=True)
    return connection.execute(found).first() is not None


def leaves_of(connection: Connection, office: str, officer_id: int, since: date) -> list[Absence]:
    """When the officer is away from that date on."""
    mine = (LEAVE.c.office == office, LEAVE.c.officer_id == officer_id, LEAVE.c.last >= since)
    return [absence(row) for row in connection.execute(select(LEAVE).where(*mine).order_by(LEAVE.c.first))]


def add_leave(
    connection: Connection,
    office: str,
    officer_id: int,
    away: Absence,
    reason: str,
    by: int,
    now: datetime,
) -> AnyRow:
    """The officer is away then. That it overlaps with no other leave of theirs is the caller's to see."""
    row = {
        "office": office,
        "officer_id": officer_id,
        "first": away.first.day,
        "first_half": away.first.half.value,
        "last": away.last.day,
        "last_half": away.last.half.value,
        "reason": reason,
        "created_by": by,
        "created_at": now,
    }
    return connection.execute(insert(LEAVE).values(row).returning(*LEAVE.c)).one()


def remove_leave(connection: Connection, office: str, leave_id: int, of: int | None) -> bool:
    """The leave is no more; False when the office (or the officer *of*) had none with this id."""
    mine = [LEAVE.c.office == office, LEAVE.c.id == leave_id]
    if of is not None:
        mine.append(LEAVE.c.officer_id == of)
    return connection.execute(delete(LEAVE).where(*mine)).rowcount == 1
