"""The question after a closing, its one reminder and its answer; and the questionnaire of the survey."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, false, func, insert, select, update

from bot.satisfaction import Element
from storage.columns import AnyRow, table, written
from storage.inserting import add_once
from storage.tables import Contact, Conversation, Rating, Ticket
from storage.voice_tables import Survey

RATING: Table = table(Rating)
SURVEY: Table = table(Survey)
TICKET: Table = table(Ticket)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)


_ASKED = ("office", "ticket_id", "closing", "close_reason", "comment", "page", "asked_at")
_ASK = (
    insert(RATING)
    .from_select(
        _ASKED,
        select(
            *(TICKET.c.office, TICKET.c.id, TICKET.c.closings, TICKET.c.close_reason),
            *(written(""), false(), bindparam("now", type_=RATING.c.asked_at.type)),
        ).where(TICKET.c.id == bindparam("key")),
    )
    .returning(RATING.c.id)
)


def ask(connection: Connection, ticket_id: int, now: datetime) -> int:
    """Remember the question for the closing just made; a second one for the same closing is impossible."""
    return int(connection.execute(_ASK, {"key": ticket_id, "now": now}).scalar_one())


def remind(connection: Connection, ticket_id: int, now: datetime) -> int | None:
    """Remember the reminder of the last question; None when there was one, or no question is open."""
    fresh = (RATING.c.reminded_at.is_(None), RATING.c.answered_at.is_(None))
    reminded = update(RATING).where(RATING.c.id == _latest(ticket_id), *fresh).values(reminded_at=now)
    found: int | None = connection.execute(reminded.returning(RATING.c.id)).scalar()
    return found


def record(
    connection: Connection, ticket_id: int, score: int | None, comment: str, now: datetime, *, page: bool
) -> int | None:
    """Answer the last question about this ticket; an empty part leaves what was told before. Its id."""
    told: dict[str, Any] = {"answered_at": now}
    if score is not None:
        told |= {"score": score, "page": page}
    if comment:
        told["comment"] = comment
    answered = update(RATING).where(RATING.c.id == _latest(ticket_id)).values(**told)
    found: int | None = connection.execute(answered.returning(RATING.c.id)).scalar()
    return found


def _latest(ticket_id: int) -> Any:
    return select(func.max(RATING.c.id)).where(RATING.c.ticket_id == ticket_id).scalar_subquery()


def find(connection: Connection, rating_id: int) -> AnyRow | None:
    """The question with its answer, its ticket as it stands, and whether the questionnaire was filled in."""
    answered = select(SURVEY.c.id).where(
        SURVEY.c.ticket_id == RATING.c.ticket_id, SURVEY.c.closing == RATING.c.closing
    )
    statement = (
        select(
            *(RATING.c.id, RATING.c.office, RATING.c.ticket_id, RATING.c.closing, RATING.c.score),
            *(RATING.c.asked_at, RATING.c.answered_at, TICKET.c.reference, TICKET.c.status),
            *(TICKET.c.closings, TICKET.c.conversation_id, CONTACT.c.language),
            answered.scalar_subquery().label("survey_id"),
        )
        .join(TICKET, TICKET.c.id == RATING.c.ticket_id)
        .join(CONTACT, CONTACT.c.id == TICKET.c.contact_id)
        .where(RATING.c.id == rating_id)
    )
    return connection.execute(statement).first()


def thread_of(connection: Connection, ticket_id: int) -> int | None:
    """The conversation in which the question about the ticket was put: its state waits for the answer.

    The ticket's own where none does.
    """
    waits = and_(CONVERSATION.c.contact_id == TICKET.c.contact_id, CONVERSATION.c.state == "rating")
    rows = connection.execute(
        select(CONVERSATION.c.id, CONVERSATION.c.memory, TICKET.c.conversation_id)
        .select_from(TICKET)
        .outerjoin(CONVERSATION, waits)
        .where(TICKET.c.id == ticket_id)
    ).all()
    asked = (row.id for row in rows if row.id and (row.memory or {}).get("last_closed") == ticket_id)
    return next(asked, rows[0].conversation_id if rows else None)


def fill_in(
    connection: Connection, asked: AnyRow, marks: Mapping[Element, int], suggestion: str, now: datetime
) -> bool:
    """Keep a questionnaire for the closing that was *asked* about; False when there is one."""
    about = {"office": asked.office, "ticket_id": asked.ticket_id, "closing": asked.closing}
    row = {**about, **{element.value: mark for element, mark in marks.items()}}
    return add_once(connection, SURVEY, {**row, "suggestion": suggestion, "answered_at": now}) is not None
