"""Threads that begin with a letter, loaded without asking for what can't be there yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Table, bindparam, insert, select

from bot.conversation import Conversation, Profile, State
from storage import calendar, later
from storage.columns import AnyRow, plain, table
from storage.conversations import CONVERSATION, Pending, Thread
from storage.inserting import adding
from storage.reserving import next_id
from storage.slots import padded
from storage.tables import Contact
from storage.thread_columns import PERSON

CONTACT: Table = table(Contact)
_PEOPLE = select(CONTACT.c.id, *PERSON).where(CONTACT.c.id.in_(bindparam("keys", expanding=True)))


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread that begins with a mail. ``ticket_id``: an open ticket that its words belong to already."""

    office: str
    channel: str
    sender: str
    address_id: int
    contact_id: int
    reply_to: str
    subject: str
    ticket_id: int | None = None


_BEGIN_LATER = adding(CONVERSATION)
_BEGIN = insert(CONVERSATION).returning(CONVERSATION.c.id)


def begin(connection: Connection, new: NewThread, now: datetime) -> int:
    """The row of a thread by mail, told from the others of its address by a name of its own."""
    state = State.WITH_OFFICERS if new.ticket_id else State.NEW
    row = {**plain(new), "thread": str(uuid4()), "state": state.value, "memory": {}, "created_at": now}
    if not later.may_wait(connection):
        return int(connection.execute(_BEGIN, row).scalar_one())
    row |= {"id": next_id(connection, CONVERSATION), "complaint_id": None, "last_inbound_at": None}
    later.put_new(connection, _BEGIN_LATER, row, ("conversation", row["id"]), rank=2)
    return int(row["id"])


def expect(connection: Connection, contact_ids: Collection[int]) -> None:
    """Let the first turn of each of these people, who are locked, know what is known of them."""
    for row in connection.execute(_PEOPLE, {"keys": padded(contact_ids)}):
        later.tell(connection, _key(row.id), row)


def begun(
    connection: Connection, conversation_id: int, new: NewThread, message: Pending, *, newcomer: bool
) -> Thread:
    """The thread just begun, which belongs to no ticket, for the turn of *message*, its person locked."""
    person = None if newcomer else later.take(connection, _key(new.contact_id))
    if person is None and not newcomer:
        person = connection.execute(_PEOPLE, {"keys": [new.contact_id]}).one()
    return Thread(
        id=conversation_id,
        office=new.office,
        channel=new.channel,
        sender=new.sender,
        address_id=new.address_id,
        contact_id=new.contact_id,
        reply_to=new.reply_to,
        value=_value(person) if person else Conversation(),
        opted_out_at=person.opted_out_at if person else None,
        complaint_id=None,
        message=message,
        subject=new.subject,
        calendar_version=calendar.version(connection, new.office),
    )


def _key(contact_id: int) -> tuple[str, int]:
    return "person", contact_id


def _value(person: AnyRow) -> Conversation:
    return Conversation(
        language=person.language,
        profile=Profile(person.name, person.institution_category, person.main_use, person.email),
        opted_out=person.opted_out_at is not None,
        blocked=person.blocked_at is not None,
    )
