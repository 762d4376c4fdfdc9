"""The register of complaints as its pages and reports read it, confined by a ``View`` as all lists are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, select

from bot.complaint_days import Course
from storage import complaints
from storage.asked import made_once
from storage.inbox import View, asked_by, visible
from storage.tables import Contact, Conversation, Officer, Ticket
from storage.voice_tables import Complaint

PAGE = 50


class Standing(StrEnum):
    """How far the complaints shown have come."""

    ALL = "all"
    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which complaints are shown: received from *since* to before *until*; empty parts choose nothing."""

    standing: Standing = Standing.ALL
    category: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register. ``due_at``: the next deadline that is still owed."""

    ticket_id: int
    reference: str
    subject: str
    text: str
    name: str
    address: str
    channel: str
    category: str
    open: bool
    claimer: str | None
    due_at: datetime | None
    course: Course
    plan: str
    plan_by: str
    plan_due: date | None
    plan_done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accused:
    """An officer whom the complaint on a page is kept from, and why."""

    officer_id: int
    name: str
    found: str


def listed(
    connection: Connection,
    view: View,
    wanted: Wanted,
    now: datetime,
    *,
    page: int | None = None,
) -> tuple[Entry, ...]:
    """The register in the order of its numbers, newest first: a *page* and one line more, or all of it."""
    statement = _entries(view, *_conditions(wanted, now)).order_by(
        Ticket.year.desc(), Ticket.number.desc(), Ticket.id.desc()
    )
    if page is not None:
        statement = statement.offset(page * PAGE).limit(PAGE + 1)
    return tuple(_entry(connection, row) for row in connection.execute(statement).all())


def count(connection: Connection, view: View, wanted: Wanted, now: datetime) -> int:
    """How many complaints there are of these."""
    entries = _entries(view, *_conditions(wanted, now)).with_only_columns(
        func.count(Ticket.id), maintain_column_froms=True
    )
    return int(connection.execute(entries).scalar_one())


def by_category(connection: Connection, view: View, wanted: Wanted, now: datetime) -> Mapping[str, int]:
    """How many of these complaints belong to each element; the empty one: not said yet."""
    columns = (Complaint.category, func.count(Ticket.id))
    entries = _entries(view, *_conditions(wanted, now)).with_only_columns(
        *columns, maintain_column_froms=True
    )
    return {row[0]: int(row[1]) for row in connection.execute(entries.group_by(Complaint.category))}


def entry(connection: Connection, view: View, ticket_id: int) -> Entry | None:
    """The line of one complaint; None when there is none that this officer may know of."""
    row = connection.execute(_of_ticket(view), asked_by(view, ticket_id=ticket_id)).first()
    return None if row is None else _entry(connection, row)


@made_once
def _of_ticket(view: View) -> Select[*tuple[Any, ...]]:
    return _entries(view, Ticket.id == bindparam("ticket_id"))


def kept_from(connection: Connection, view: View, ticket_id: int) -> tuple[Accused, ...]:
    """The officers whom this complaint is kept from, by name."""
    rows = connection.execute(_kept_from(view), asked_by(view, ticket_id=ticket_id))
    return tuple(Accused(row.id, row.name, row.found) for row in rows)


@made_once
def _kept_from(view: View) -> Select[*tuple[Any, ...]]:
    accused = complaints.ACCUSED
    return (
        select(Officer.id, Officer.name, accused.c.found)
        .join(accused, accused.c.officer_id == Officer.id)
        .join(Ticket, Ticket.id == accused.c.ticket_id)
        .where(accused.c.ticket_id == bindparam("ticket_id"), visible(view))
        .order_by(Officer.name)
    )


def _entries(view: View, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Ticket.id, Ticket.reference, Ticket.subject, Ticket.status, Ticket.due_at, Ticket.opened_at),
            Ticket.request,
            *(Ticket.answered_at, Ticket.closed_at, Ticket.merged_into, Complaint.category, Complaint.weight),
            *(Complaint.acknowledged_at, Complaint.examined_at, Complaint.complete_at, Complaint.plan),
            *(Complaint.plan_by, Complaint.plan_due, Complaint.plan_done_at),
            *(Conversation.channel, Conversation.reply_to, Officer.name.label("claimer")),
            func.coalesce(func.nullif(Contact.name, ""), Contact.profile_name).label("name"),
        )
        .join(Complaint, Complaint.ticket_id == Ticket.id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Officer, Officer.id == Ticket.claimed_by)
        .where(Complaint.office == view.office, visible(view), *conditions)
    )


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    standing = {
        Standing.OPEN: Ticket.status == "open",
        Standing.LATE: and_(Ticket.status == "open", Ticket.due_at < now),
        Standing.CLOSED: Ticket.status == "closed",
    }
    conditions = [standing[wanted.standing]] if wanted.standing in standing else []
    if wanted.category is not None:
        conditions.append(Complaint.category == wanted.category)
    if wanted.since is not None:
        conditions.append(Ticket.opened_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Ticket.opened_at < wanted.until)
    return conditions


def _entry(connection: Connection, row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        ticket_id=row.id,
        reference=row.reference,
        subject=row.subject,
        text=row.request.get("text", ""),
        name=row.name,
        address=row.reply_to,
        channel=row.channel,
        category=row.category,
        open=row.status == "open",
        claimer=row.claimer,
        due_at=row.due_at if row.status == "open" else None,
        course=complaints.course(connection, row),
        plan=row.plan,
        plan_by=row.plan_by,
        plan_due=row.plan_due,
        plan_done_at=row.plan_done_at,
    )
