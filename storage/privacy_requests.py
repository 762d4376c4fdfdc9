"""What people asked about their own data: recorded, due, and done."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, insert, or_, select, update

from storage.columns import AnyRow, table
from storage.inbox import View, about_them
from storage.privacy_tables import PrivacyRequest
from storage.tables import Contact, Conversation, Ticket, TicketEvent

REQUEST: Table = table(PrivacyRequest)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)
EVENT: Table = table(TicketEvent)
TICKET: Table = table(Ticket)
COPY, ERASURE = "copy", "erasure"
UNDONE = ("waiting", "scheduled", "told")
"""The states of what is still to be done."""
CHANGEABLE = ("waiting", "scheduled")
"""The states in which a supervisor's word makes a difference."""
_MOST = 200
_ANEW = ("reopened", "asked_on")


def add(
    connection: Connection,
    *,
    office: str,
    contact_id: int,
    conversation_id: int | None,
    kind: str,
    channel: str,
    now: datetime,
    due_at: datetime,
    state: str,
    erase_at: datetime | None = None,
) -> int:
    """Record a request; its id. A copy is the person's at once, so it is done with its link."""
    row = {"office": office, "contact_id": contact_id, "conversation_id": conversation_id, "kind": kind}
    row |= {"channel": channel, "asked_at": now, "due_at": due_at, "state": state, "erase_at": erase_at}
    done_at = now if state == "done" else None
    added = insert(REQUEST).values(**row, done_at=done_at, opened=0).returning(REQUEST.c.id)
    return int(connection.execute(added).scalar_one())


def undone(connection: Connection, contact_id: int) -> AnyRow | None:
    """The erasure of this person that is still to be done."""
    wanted = (REQUEST.c.contact_id == contact_id, REQUEST.c.kind == ERASURE, REQUEST.c.state.in_(UNDONE))
    return connection.execute(select(REQUEST).where(*wanted).order_by(REQUEST.c.id)).first()


def withdraw(connection: Connection, contact_id: int) -> int:
    """Drop what is still to be done for this person; how many requests that were."""
    wanted = (REQUEST.c.contact_id == contact_id, REQUEST.c.kind == ERASURE, REQUEST.c.state.in_(UNDONE))
    dropped = update(REQUEST).where(*wanted).values(state="cancelled", erase_at=None)
    return int(connection.execute(dropped).rowcount)


def schedule(connection: Connection, request_id: int, erase_at: datetime, officer_id: int | None) -> bool:
    """A supervisor has confirmed it; False when it waits no more."""
    waits = (REQUEST.c.id == request_id, REQUEST.c.state.in_(CHANGEABLE))
    told = {"state": "scheduled", "erase_at": erase_at, "confirmed_by": officer_id}
    return connection.execute(update(REQUEST).where(*waits).values(**told)).rowcount == 1


def put_back(connection: Connection, request_id: int) -> None:
    """Something was opened meanwhile: a supervisor looks at it after all."""
    waits = (REQUEST.c.id == request_id, REQUEST.c.state.in_(("scheduled", "told")))
    back = {"state": "waiting", "erase_at": None, "confirmed_by": None}
    connection.execute(update(REQUEST).where(*waits).values(**back))


def tell(connection: Connection, request_id: int, erase_at: datetime) -> bool:
    """Its person is told; of two processes one gets True."""
    scheduled = (REQUEST.c.id == request_id, REQUEST.c.state == "scheduled")
    told = update(REQUEST).where(*scheduled).values(state="told", erase_at=erase_at)
    return connection.execute(told).rowcount == 1


def due(connection: Connection, now: datetime) -> list[AnyRow]:
    """What the clock acts on now, oldest first; ``speaker``: whose the conversation is that asked."""
    wanted = (REQUEST.c.erase_at.is_not(None), REQUEST.c.erase_at <= now)
    spoken = REQUEST.outerjoin(CONVERSATION, CONVERSATION.c.id == REQUEST.c.conversation_id)
    rows = select(REQUEST, CONVERSATION.c.contact_id.label("speaker")).select_from(spoken)
    return list(connection.execute(rows.where(*wanted).order_by(REQUEST.c.erase_at).limit(_MOST)))


def give(connection: Connection, request_id: int, contact_id: int) -> None:
    """It is this contact who asked it."""
    connection.execute(update(REQUEST).where(REQUEST.c.id == request_id).values(contact_id=contact_id))


def waiting(connection: Connection) -> list[AnyRow]:
    """Every erasure that waits for a supervisor."""
    wanted = (REQUEST.c.kind == ERASURE, REQUEST.c.state == "waiting")
    return list(connection.execute(select(REQUEST).where(*wanted).order_by(REQUEST.c.due_at)))


def find(connection: Connection, request_id: int) -> AnyRow | None:
    """The request with this id."""
    return connection.execute(select(REQUEST).where(REQUEST.c.id == request_id)).first()


def listed(connection: Connection, office: str) -> list[AnyRow]:
    """The requests of an office with who asked: what is still to be done first, then the newest."""
    rows = connection.execute(
        select(REQUEST, CONTACT.c.name, CONTACT.c.profile_name, CONTACT.c.erased_at)
        .join(CONTACT, CONTACT.c.id == REQUEST.c.contact_id)
        .where(REQUEST.c.office == office)
        .order_by(REQUEST.c.id.desc())
        .limit(_MOST)
    ).all()
    undone = sorted((row for row in rows if row.state in UNDONE), key=lambda row: row.due_at)
    return [*undone, *(row for row in rows if row.state not in UNDONE)]


def open_tickets(
    connection: Connection, contact_ids: Sequence[int], view: View | None = None
) -> list[AnyRow]:
    """What is still open for these contacts, as far as these eyes may know of it."""
    wanted = [TICKET.c.contact_id.in_(contact_ids), TICKET.c.status == "open", TICKET.c.merged_into.is_(None)]
    if view:
        wanted.append(TICKET.c.id.not_in(about_them(view)))
    columns = (TICKET.c.id, TICKET.c.reference, TICKET.c.contact_id, TICKET.c.kind)
    return list(connection.execute(select(*columns).where(*wanted).order_by(TICKET.c.id)))


def asked_since(connection: Connection, contact_ids: Sequence[int], moment: datetime) -> bool:
    """Whether anything that is open was opened, or asked anew, after *moment*."""
    said = (EVENT.c.ticket_id == TICKET.c.id, EVENT.c.what.in_(_ANEW), EVENT.c.at > moment)
    anew = or_(TICKET.c.opened_at > moment, select(EVENT.c.id).where(*said).exists())
    theirs = (TICKET.c.contact_id.in_(contact_ids), TICKET.c.status == "open", TICKET.c.merged_into.is_(None))
    return connection.execute(select(TICKET.c.id).where(*theirs, anew).limit(1)).first() is not None


def latest_thread(connection: Connection, contact_id: int) -> int | None:
    """Where this person was spoken with last."""
    wanted = select(CONVERSATION.c.id).where(CONVERSATION.c.contact_id == contact_id)
    newest = wanted.order_by(CONVERSATION.c.last_inbound_at.desc(), CONVERSATION.c.id.desc()).limit(1)
    found = connection.execute(newest.where(CONVERSATION.c.last_inbound_at.is_not(None))).scalar()
    return int(found) if found is not None else None


def open_copy(connection: Connection, request_id: int, most: int) -> bool:
    """Count that the copy is taken; False when it was taken *most* times."""
    left = (REQUEST.c.id == request_id, REQUEST.c.kind == COPY, REQUEST.c.opened < most)
    counted = update(REQUEST).where(*left).values(opened=REQUEST.c.opened + 1)
    return connection.execute(counted).rowcount == 1


def due_before(connection: Connection, moment: datetime) -> list[AnyRow]:
    """Erasures that are still to be done and must be before *moment*."""
    wanted = (REQUEST.c.kind == ERASURE, REQUEST.c.state.in_(UNDONE), REQUEST.c.due_at <= moment)
    return list(connection.execute(select(REQUEST).where(*wanted).order_by(REQUEST.c.due_at)))
