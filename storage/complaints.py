"""A complaint besides its ticket: its course and deadlines, and whom it is kept from."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.complaint_days import Course, Weight
from bot.effects import Reminder
from storage import links
from storage.columns import AnyRow, table, written
from storage.inserting import insert_into
from storage.officer_tables import Membership, Officer
from storage.tables import Message, Ticket, TicketEvent
from storage.voice_tables import Accused, Complaint

COMPLAINT: Table = table(Complaint)
ACCUSED: Table = table(Accused)
TICKET: Table = table(Ticket)
MESSAGE: Table = table(Message)
EVENT: Table = table(TicketEvent)
MEMBERSHIP: Table = table(Membership)
OFFICER: Table = table(Officer)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a supervisor enters: the element it belongs to, its weight, and the plan."""

    category: str
    weight: str
    plan: str
    plan_by: str
    plan_due: date | None


def open_complaint(connection: Connection, office: str, ticket_id: int) -> None:
    """The row of a complaint just opened."""
    empty = {"category": "", "weight": "", "plan": "", "plan_by": ""}
    connection.execute(insert(COMPLAINT).values(ticket_id=ticket_id, office=office, **empty))


def acknowledged(connection: Connection, ticket_id: int, now: datetime) -> None:
    """The citizen is told its number."""
    told = update(COMPLAINT).where(COMPLAINT.c.ticket_id == ticket_id, COMPLAINT.c.acknowledged_at.is_(None))
    connection.execute(told.values(acknowledged_at=now))


def answered(connection: Connection, ticket_id: int, now: datetime) -> None:
    """An officer wrote to the citizen: they know of the receipt, and whether anything is lacking."""
    known = {name: func.coalesce(COMPLAINT.c[name], now) for name in ("acknowledged_at", "examined_at")}
    connection.execute(update(COMPLAINT).where(COMPLAINT.c.ticket_id == ticket_id).values(**known))


def treat(connection: Connection, ticket_id: int, told: Treatment, by: int, now: datetime) -> None:
    """Keep what a supervisor has entered. A plan that is another one is not done yet."""
    row = find(connection, ticket_id)
    same = row is not None and row.plan == told.plan
    done = {} if same else {"plan_done_at": None}
    values = asdict(told) | {"changed_by": by, "changed_at": now} | done
    connection.execute(update(COMPLAINT).where(COMPLAINT.c.ticket_id == ticket_id).values(**values))


def complete(connection: Connection, ticket_id: int, by: int, now: datetime) -> bool:
    """The file is complete from now; False when it was before."""
    fresh = (COMPLAINT.c.ticket_id == ticket_id, COMPLAINT.c.complete_at.is_(None))
    seen = {"examined_at": func.coalesce(COMPLAINT.c.examined_at, now), "changed_by": by, "changed_at": now}
    return connection.execute(update(COMPLAINT).where(*fresh).values(complete_at=now, **seen)).rowcount == 1


def plan_done(connection: Connection, ticket_id: int, by: int, now: datetime) -> bool:
    """What was planned is done; False when there is no plan, or it was done before."""
    fresh = (COMPLAINT.c.ticket_id == ticket_id, COMPLAINT.c.plan_done_at.is_(None), COMPLAINT.c.plan != "")
    values = {"plan_done_at": now, "changed_by": by, "changed_at": now}
    return connection.execute(update(COMPLAINT).where(*fresh).values(**values)).rowcount == 1


_OF_A_COURSE = (
    COMPLAINT.c.weight, COMPLAINT.c.acknowledged_at, COMPLAINT.c.examined_at, COMPLAINT.c.complete_at,
    TICKET.c.opened_at, TICKET.c.answered_at, TICKET.c.closed_at, TICKET.c.status, TICKET.c.merged_into,
)  # fmt: skip
_FIND = (
    select(*COMPLAINT.c, *(column for column in _OF_A_COURSE if column.table is TICKET), TICKET.c.reference)
    .join(TICKET, TICKET.c.id == COMPLAINT.c.ticket_id)
    .where(COMPLAINT.c.ticket_id == bindparam("key"))
)


def find(connection: Connection, ticket_id: int) -> AnyRow | None:
    """The complaint with what its ticket says of its course; None when the ticket is no complaint."""
    return connection.execute(_FIND, {"key": ticket_id}).first()


def courses(connection: Connection, row: AnyRow) -> tuple[Course, ...]:
    """How far the complaint has come, and every other one whose words came to it."""
    merged = [found for key in links.joined(connection, row.ticket_id) if (found := find(connection, key))]
    return (course(connection, row), *(course(connection, one) for one in merged))


def course(connection: Connection, row: AnyRow) -> Course:
    """How far it has come. One that is closed is decided.

    Of one that was merged, what is said on the other one since is said to it, and decided with it.
    """
    if row.merged_into is None:
        return _course(row, row.answered_at, row.closed_at if row.status == "closed" else None)
    into = links.survivor(connection, row.merged_into)
    closed = connection.execute(select(TICKET.c.closed_at).where(TICKET.c.id == into)).scalar()
    return _course(row, row.answered_at or _answered(connection, into, row.closed_at), closed)


def _answered(connection: Connection, ticket_id: int, since: datetime) -> datetime | None:
    """When an officer first answered on the complaint since then."""
    answers = (
        MESSAGE.c.direction == written("out"),
        MESSAGE.c.author == written("officer"),
        MESSAGE.c.answers,
    )
    said = select(func.min(MESSAGE.c.at)).where(MESSAGE.c.ticket_id == ticket_id, *answers)
    found: datetime | None = connection.execute(said.where(MESSAGE.c.at >= since)).scalar()
    return found


def _course(row: AnyRow, answered_at: datetime | None, decided_at: datetime | None) -> Course:
    return Course(
        received_at=row.opened_at,
        weight=Weight(row.weight) if row.weight else None,
        acknowledged_at=row.acknowledged_at,
        examined_at=row.examined_at,
        complete_at=row.complete_at,
        answered_at=answered_at,
        decided_at=decided_at,
    )


def tell_at(connection: Connection, ticket_id: int, moment: datetime | None) -> None:
    """Supervisors are told of a deadline next at *moment*; None: of none."""
    connection.execute(update(COMPLAINT).where(COMPLAINT.c.ticket_id == ticket_id).values(tells_at=moment))


_TELLING = (
    select(COMPLAINT.c.ticket_id)
    .where(COMPLAINT.c.tells_at <= bindparam("now"), COMPLAINT.c.tells_at.is_not(None))
    .order_by(COMPLAINT.c.tells_at)
    .limit(bindparam("most"))
)


def telling(connection: Connection, now: datetime, most: int = 50) -> list[int]:
    """The complaints of whose deadlines somebody is to be told now."""
    return list(connection.execute(_TELLING, {"now": now, "most": most}).scalars())


_TOLD = select(EVENT.c.what, EVENT.c.detail).where(
    EVENT.c.ticket_id == bindparam("key"), EVENT.c.what.in_((Reminder.DUE_SOON, Reminder.OVERDUE))
)


def told(connection: Connection, ticket_id: int) -> set[tuple[str, str | None, str | None]]:
    """What supervisors were told of its deadlines: what, of which step, and when it was to end."""
    rows = connection.execute(_TOLD, {"key": ticket_id})
    return {(row.what, row.detail.get("step"), row.detail.get("due")) for row in rows}


def keep_from(
    connection: Connection, ticket_id: int, officers: Iterable[int], found: str, now: datetime
) -> None:
    """To these officers the complaint does not exist, because of what was *found*."""
    for officer_id in sorted(set(officers)):
        row = {"officer_id": officer_id, "ticket_id": ticket_id, "found": found, "at": now}
        connection.execute(insert_into(connection, ACCUSED).values(**row).on_conflict_do_nothing())


def show_to(connection: Connection, ticket_id: int, officers: Iterable[int]) -> None:
    """The complaint is not about these officers after all."""
    theirs = (ACCUSED.c.ticket_id == ticket_id, ACCUSED.c.officer_id.in_(sorted(set(officers))))
    connection.execute(delete(ACCUSED).where(*theirs))


_ACCUSED = select(ACCUSED.c.officer_id, ACCUSED.c.found).where(ACCUSED.c.ticket_id == bindparam("key"))


def accused(connection: Connection, ticket_id: int) -> dict[int, str]:
    """The officers whom the complaint is kept from, and why."""
    return {row.officer_id: row.found for row in connection.execute(_ACCUSED, {"key": ticket_id})}


def about(connection: Connection, contact_ids: Iterable[int], officer_id: int) -> list[int]:
    """The complaints of these contacts, open or closed, that are kept from this officer."""
    theirs = (TICKET.c.contact_id.in_(sorted(contact_ids)), ACCUSED.c.officer_id == officer_id)
    found = select(TICKET.c.id).join(ACCUSED, ACCUSED.c.ticket_id == TICKET.c.id).where(*theirs)
    return list(connection.execute(found.order_by(TICKET.c.id)).scalars())


def has_reader(connection: Connection, office: str, ticket_id: int) -> bool:
    """Whether any supervisor of *office* may read the complaint."""
    kept_from = select(ACCUSED.c.officer_id).where(ACCUSED.c.ticket_id == ticket_id)
    found = (
        select(OFFICER.c.id)
        .select_from(MEMBERSHIP.join(OFFICER, OFFICER.c.id == MEMBERSHIP.c.officer_id))
        .where(MEMBERSHIP.c.office == office, MEMBERSHIP.c.role == "supervisor")
        .where(OFFICER.c.disabled_at.is_(None), OFFICER.c.id.not_in(kept_from))
    )
    return connection.execute(found.limit(1)).first() is not None


def servants(connection: Connection, ticket_ids: Iterable[int]) -> set[int]:
    """The officers who have these tickets or have written to their citizens."""
    wanted = sorted(set(ticket_ids))
    holders = select(TICKET.c.claimed_by).where(TICKET.c.id.in_(wanted), TICKET.c.claimed_by.is_not(None))
    writers = select(MESSAGE.c.officer_id).where(
        MESSAGE.c.ticket_id.in_(wanted), MESSAGE.c.direction == "out", MESSAGE.c.officer_id.is_not(None)
    )
    return set(connection.execute(holders).scalars()) | set(connection.execute(writers).scalars())
