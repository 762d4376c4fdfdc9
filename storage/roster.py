"""What the roster's page shows of an office. Like all of officers' pages, confined by a ``View``."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, select

from bot.routing import Absence, Roster
from storage.duty import LEAVE, absence, roster
from storage.inbox import View
from storage.tables import Membership, Officer


@dataclass(frozen=True, slots=True)
class Member:
    """An officer of the office: what they answer, and whether tickets are given to them."""

    id: int
    name: str
    role: str
    topics: tuple[str, ...]
    takes: bool


@dataclass(frozen=True, slots=True)
class Away:
    """A leave of an officer."""

    id: int
    officer_id: int
    name: str
    absence: Absence
    reason: str


def members(connection: Connection, view: View) -> tuple[Member, ...]:
    """Who belongs to the office and is not disabled, by name."""
    statement = (
        select(Officer.id, Officer.name, Membership.role, Membership.topics, Membership.takes)
        .join(Membership, Membership.officer_id == Officer.id)
        .where(Membership.office == view.office, Officer.disabled_at.is_(None))
        .order_by(Officer.name, Officer.id)
    )
    rows = connection.execute(statement)
    return tuple(Member(row.id, row.name, row.role, tuple(row.topics), row.takes) for row in rows)


def leaves(connection: Connection, view: View, since: date) -> tuple[Away, ...]:
    """Leaves that last until *since* or longer, in their order."""
    statement = (
        select(*LEAVE.c, Officer.name)
        .join(Officer, Officer.id == LEAVE.c.officer_id)
        .join(
            Membership,
            and_(Membership.officer_id == LEAVE.c.officer_id, Membership.office == LEAVE.c.office),
        )
        .where(LEAVE.c.office == view.office, LEAVE.c.last >= since, Officer.disabled_at.is_(None))
        .order_by(LEAVE.c.first, LEAVE.c.first_half, Officer.name)
    )
    rows = connection.execute(statement)
    return tuple(Away(row.id, row.officer_id, row.name, absence(row), row.reason) for row in rows)


def planned(connection: Connection, view: View, since: date) -> Roster:
    """Who serves when, and who is away, exactly as tickets are given by it."""
    return roster(connection, view.office, since)
