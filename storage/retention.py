"""What has been kept long enough goes, a part at a time; what only counts stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    exists,
    null,
    select,
    update,
)

from storage.catalogue_tables import Searched
from storage.columns import AnyRow, table
from storage.provider_tables import ReceiptRow
from storage.tables import Audit, Contact, Conversation, Message, Ticket

AUDIT, CONTACT, CONVERSATION = table(Audit), table(Contact), table(Conversation)
MESSAGE, RECEIPT, SEARCHED, TICKET = table(Message), table(ReceiptRow), table(Searched), table(Ticket)
AT_ONCE = 500
KEPT_KINDS = ("contacts_merged", "contacts_unmerged", "person_erased", "erasure_confirmed")
"""What of the audit log something still rests on, or proves that it was done."""


def silent_people(connection: Connection, before: datetime) -> list[AnyRow]:
    """Contacts of whom nothing is open and nothing was heard or closed since *before*."""
    theirs = CONVERSATION.c.contact_id == CONTACT.c.id
    their_ticket = TICKET.c.contact_id == CONTACT.c.id
    spoke = exists().where(theirs, CONVERSATION.c.last_inbound_at >= before)
    closed_late = exists().where(their_ticket, TICKET.c.closed_at >= before)
    is_open = exists().where(their_ticket, TICKET.c.status == "open")
    begun = exists().where(theirs)  # a contact that was merged into another has none: it goes with that one
    wanted = (CONTACT.c.erased_at.is_(None), CONTACT.c.created_at < before)
    statement = select(CONTACT.c.id, CONTACT.c.office).where(*wanted, begun, ~spoke, ~closed_late, ~is_open)
    return list(connection.execute(statement.order_by(CONTACT.c.id).limit(AT_ONCE)))


def drop_payloads(connection: Connection, before: datetime) -> int:
    """Empty a part of the requests as WhatsApp sent them, and forget its reports of back then."""
    old = (MESSAGE.c.direction == "in", MESSAGE.c.channel != "email", MESSAGE.c.intake != "pending")
    found = _some(connection, MESSAGE, *old, MESSAGE.c.at < before, MESSAGE.c.raw.is_not(None))
    if found:
        connection.execute(update(MESSAGE).where(MESSAGE.c.id.in_(found)).values(raw=null()))
    reports = _some(connection, RECEIPT, RECEIPT.c.at < before)
    connection.execute(delete(RECEIPT).where(RECEIPT.c.id.in_(reports)))
    return len(found) + len(reports)


def drop_searches(connection: Connection, before: datetime) -> int:
    """Empty a part of the searched words; that somebody searched, and found, still counts."""
    found = _some(connection, SEARCHED, SEARCHED.c.at < before, SEARCHED.c.query != "")
    connection.execute(update(SEARCHED).where(SEARCHED.c.id.in_(found)).values(query=""))
    return len(found)


def drop_audit(connection: Connection, before: datetime) -> int:
    """Forget a part of the audit log."""
    found = _some(connection, AUDIT, AUDIT.c.at < before, AUDIT.c.what.not_in(KEPT_KINDS))
    connection.execute(delete(AUDIT).where(AUDIT.c.id.in_(found)))
    return len(found)


def _some(connection: Connection, of: Table, *which: ColumnElement[bool]) -> Sequence[int]:
    return list(connection.execute(select(of.c.id).where(*which).order_by(of.c.id).limit(AT_ONCE)).scalars())
