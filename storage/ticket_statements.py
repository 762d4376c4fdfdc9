"""The statements of one ticket's page: each made once, and confined by the ``View`` that asks it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from bot.events import TimerKind
from storage.asked import made_once
from storage.columns import Moment
from storage.inbox import View, known
from storage.tables import (
    Address,
    Contact,
    Conversation,
    Message,
    Officer,
    Presence,
    Rating,
    ReadMark,
    Ticket,
    TicketEvent,
    Timer,
)

_Rows = Select[*tuple[Any, ...]]
ID: Any = bindparam("ticket_id")
"""The ticket that a statement is about."""
MOST: Any = bindparam("most")


@made_once
def find(view: View) -> _Rows:
    """The ticket with its contact, its own thread, who has it, and how far this officer has read."""
    return (
        select(
            *(Ticket.id, Ticket.office, Ticket.reference, Ticket.kind, Ticket.status, Ticket.close_reason),
            *(Ticket.waiting_for, Ticket.waiting_since, Ticket.claimed_by, Ticket.subject, Ticket.request),
            *(Ticket.confirmed, Ticket.opened_at, Ticket.clear_at, Ticket.answered_at, Ticket.closed_at),
            *(Ticket.touched_at, Ticket.linked_to, Ticket.contact_id, Ticket.handled_by, Ticket.topic),
            *(Ticket.clock_from, Ticket.due_at, Ticket.pauses, Ticket.closable_at),
            *(Conversation.channel, Conversation.reply_to, Conversation.last_inbound_at),
            *(Contact.name, Contact.profile_name, Contact.institution_category, Contact.main_use),
            *(Contact.email, Contact.language, Contact.opted_out_at, Contact.blocked_at, Contact.created_at),
            Officer.name.label("claimer"),
            _read_up_to(view).label("read_up_to"),
            _silent_until().label("silent_until"),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Officer, Officer.id == Ticket.claimed_by)
        .where(Ticket.id == ID, known(view))
    )


def _read_up_to(view: View) -> ColumnElement[int | None]:
    mine = (ReadMark.ticket_id == Ticket.id, ReadMark.officer_id == view.officer_id)
    return select(ReadMark.message_id).where(*mine).correlate(Ticket).scalar_subquery()


def _silent_until() -> ColumnElement[datetime]:
    """When the silence that is counted on the ticket ends."""
    speaking = aliased(Conversation)
    return (
        select(func.min(Timer.due_at))
        .join(speaking, speaking.id == Timer.conversation_id)
        .where(speaking.ticket_id == Ticket.id, Timer.kind == TimerKind.IDLE_CLOSE.value)
        .correlate(Ticket)
        .scalar_subquery()
    )


@made_once
def newest_messages(view: View) -> _Rows:
    """The ``most`` newest messages, newest first."""
    return messages(view).limit(MOST)


@made_once
def messages(view: View) -> _Rows:
    """All messages, newest first."""
    return (
        select(
            *(Message.id, Message.direction, Message.author, Message.officer_id, Message.channel),
            *(Message.subject, Message.body, Message.mail_id),
            *(Message.content, Message.media, Message.at, Message.delivery, Message.error_code),
            *(Message.error_text, Message.answers, Message.menu, Officer.name.label("officer")),
            *(Message.text_key, Message.mailed_as, Message.doubts),
            _participant().label("participant"),
        )
        .join(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Officer, Officer.id == Message.officer_id)
        .outerjoin(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .where(Message.ticket_id == ID, known(view))
        .order_by(Message.id.desc())
    )


def _participant() -> ColumnElement[str | None]:
    named = func.coalesce(
        func.nullif(Contact.name, ""), func.nullif(Contact.profile_name, ""), Message.address
    )
    return case((Conversation.contact_id != Ticket.contact_id, named))


@made_once
def events(view: View) -> _Rows:
    """The log, oldest first."""
    return (
        select(TicketEvent.at, TicketEvent.what, TicketEvent.detail, Officer.name.label("officer"))
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(Officer, Officer.id == TicketEvent.officer_id)
        .where(TicketEvent.ticket_id == ID, known(view))
        .order_by(TicketEvent.id)
    )


@made_once
def ratings(view: View) -> _Rows:
    """The ratings that were answered, oldest first."""
    return (
        select(Rating.score, Rating.comment, Rating.answered_at)
        .join(Ticket, Ticket.id == Rating.ticket_id)
        .where(Rating.ticket_id == ID, Rating.answered_at.is_not(None), known(view))
        .order_by(Rating.closing)
    )


@made_once
def addresses(view: View) -> _Rows:
    """The contact's addresses, oldest first, without other names of the same one."""
    return (
        select(Address.kind, Address.value, Address.proved)
        .join(Ticket, Ticket.contact_id == Address.contact_id)
        .where(Ticket.id == ID, Address.alias_of.is_(None), known(view))
        .order_by(Address.id)
    )


@made_once
def earlier(view: View) -> _Rows:
    """The ``most`` newest other tickets of the contact, with the last score given."""
    this = aliased(Ticket)
    score = (
        select(Rating.score)
        .where(Rating.ticket_id == Ticket.id, Rating.score.is_not(None))
        .order_by(Rating.closing.desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    return (
        select(
            *(Ticket.id, Ticket.reference, Ticket.status, Ticket.subject, Ticket.opened_at),
            score.label("score"),
        )
        .join(this, this.contact_id == Ticket.contact_id)
        .where(this.id == ID, _knows(this, view), Ticket.id != ID, known(view))
        .order_by(Ticket.id.desc())
        .limit(MOST)
    )


def _knows(ticket: type[Ticket], view: View) -> ColumnElement[bool]:
    return or_(ticket.handled_by == view.office, ticket.office == view.office)


@made_once
def viewers(view: View) -> _Rows:
    """The others who have had it open after ``since``, by name."""
    return (
        select(Officer.name, Presence.writing)
        .join(Officer, Officer.id == Presence.officer_id)
        .join(Ticket, Ticket.id == Presence.ticket_id)
        .where(
            Presence.ticket_id == ID,
            Presence.officer_id != view.officer_id,
            Presence.seen_at > bindparam("since", type_=Moment),
            known(view),
        )
        .order_by(Officer.name)
    )
