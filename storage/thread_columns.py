"""What is loaded of threads, of who speaks in them and of their tickets, whatever leads to them."""

from typing import Any

from sqlalchemy import ColumnElement, Join, Table, and_, func, literal_column, select

from storage.calendar import CALENDAR
from storage.columns import as_it_is, table, written
from storage.tables import Contact, Conversation, Message, Ticket

CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)
MESSAGE: Table = table(Message)
TICKET: Table = table(Ticket)
_OPEN = TICKET.alias("consultation")
_COMPLAINT = TICKET.alias("complaint")


def _ticket_columns(of: Any, prefix: str) -> list[ColumnElement[Any]]:
    names = ("id", "reference", "clear_at", "waiting_for", "claimed_by")
    return [of.c[name].label(f"{prefix}_{name}") for name in names]


def calendar_of(office: ColumnElement[str]) -> ColumnElement[Any]:
    """The version of the office's calendar, asked along, so that no turn counts with an old one."""
    found = select(CALENDAR.c.version).where(CALENDAR.c.office == office).scalar_subquery()
    return func.coalesce(found, literal_column("0")).label("calendar_version")


PERSON = (
    CONTACT.c.name,
    CONTACT.c.institution_category,
    CONTACT.c.main_use,
    CONTACT.c.email,
    CONTACT.c.language,
    CONTACT.c.opted_out_at,
    CONTACT.c.blocked_at,
)
_HELD = MESSAGE.alias("held")
# The condition of the index, and then the one that counts. Not as EXISTS: for several threads PostgreSQL
# might read all that wait, of everybody.
HELD_THERE = (
    _HELD.c.conversation_id == CONVERSATION.c.id,
    _HELD.c.delivery.in_([written("queued"), written("held")]),
    _HELD.c.delivery == written("held"),
)
"""Whether a message of an alias is held in the conversation at hand."""
_HOLDS = select(_HELD.c.id).where(*HELD_THERE).limit(literal_column("1")).scalar_subquery().is_not(None)
THREAD = (
    _HOLDS.label("holds"),
    CONVERSATION.c.id.label("conversation_id"),
    CONVERSATION.c.state,
    CONVERSATION.c.memory,
    CONVERSATION.c.last_inbound_at,
    CONVERSATION.c.complaint_id,
    CONVERSATION.c.subject,
    *_ticket_columns(_OPEN, "consultation"),
    _OPEN.c.status.label("consultation_status"),
    _OPEN.c.closed_at.label("consultation_closed_at"),
    _OPEN.c.clock_from,
    _OPEN.c.due_at,
    _OPEN.c.pauses,
    _OPEN.c.answered_at,
    _OPEN.c.silent_since,
    *_ticket_columns(_COMPLAINT, "complaint_open"),
)
_IS_THEIRS = _OPEN.c.id == CONVERSATION.c.ticket_id
_COMPLAINT_IS_OPEN = and_(
    _COMPLAINT.c.id == CONVERSATION.c.complaint_id, as_it_is(_COMPLAINT.c.status) == written("open")
)


def with_tickets(of: Join) -> Join:
    """Conversations together with their tickets, for the columns of ``THREAD``."""
    return of.outerjoin(_OPEN, _IS_THEIRS).outerjoin(_COMPLAINT, _COMPLAINT_IS_OPEN)
