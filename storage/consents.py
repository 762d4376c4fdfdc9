"""What people, providers and officers said about wanting messages: recorded, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select, update

from storage.asked import made_once
from storage.columns import AnyRow, table
from storage.inbox import View, asked_by, known
from storage.inserting import adding
from storage.provider_tables import Consent
from storage.tables import Contact, Conversation, Officer, Ticket

CONSENT: Table = table(Consent)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)
_NOTE = adding(CONSENT)
LONGEST_WORDS = 255


def note(
    connection: Connection,
    *,
    office: str,
    contact_id: int,
    channel: str,
    address: str,
    what: str,
    source: str,
    now: datetime,
    words: str = "",
    message_id: int | None = None,
    officer_id: int | None = None,
) -> None:
    """Record that a person wants (``in``) or does not want (``out``) messages; *source* says who said so."""
    row = {"office": office, "contact_id": contact_id, "channel": channel, "address": address}
    row |= {"what": what, "source": source, "words": words[:LONGEST_WORDS], "message_id": message_id}
    connection.execute(_NOTE, {**row, "officer_id": officer_id, "at": now})


def whose(connection: Connection, conversation_id: int) -> AnyRow | None:
    """The person of a conversation, with since when they want silence."""
    statement = (
        select(CONTACT.c.id, CONTACT.c.opted_out_at)
        .join(CONVERSATION, CONVERSATION.c.contact_id == CONTACT.c.id)
        .where(CONVERSATION.c.id == conversation_id)
    )
    return connection.execute(statement).first()


def silence(connection: Connection, contact_id: int, now: datetime) -> bool:
    """This person wants silence from now on; False when they did before."""
    statement = (
        update(CONTACT)
        .where(CONTACT.c.id == contact_id, CONTACT.c.opted_out_at.is_(None))
        .values(opted_out_at=now)
    )
    return connection.execute(statement).rowcount == 1


def told(connection: Connection, view: View, ticket_id: int) -> list[AnyRow]:
    """What is recorded about the person of this ticket, newest first, with the name of the officer."""
    return list(connection.execute(_told(view), asked_by(view, ticket_id=ticket_id)))


@made_once
def _told(view: View) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Consent.at, Consent.what, Consent.source, Consent.channel, Consent.address, Consent.words),
            Officer.name.label("officer"),
        )
        .join(Ticket, Ticket.contact_id == Consent.contact_id)
        .outerjoin(Officer, Officer.id == Consent.officer_id)
        .where(Ticket.id == bindparam("ticket_id"), known(view))
        .order_by(Consent.id.desc())
    )
