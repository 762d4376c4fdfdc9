"""Threads that begin with a letter, loaded without asking for what can't be there yet."""

from collections.abc import Collection

from sqlalchemy import Connection, Table, bindparam, select

from bot.conversation import Conversation, Profile
from storage import calendar, later
from storage.columns import AnyRow, table
from storage.conversations import PERSON, NewThread, Pending, Thread
from storage.tables import Contact

CONTACT: Table = table(Contact)
_PEOPLE = select(CONTACT.c.id, *PERSON).where(CONTACT.c.id.in_(bindparam("keys", expanding=True)))


def expect(connection: Connection, contact_ids: Collection[int]) -> None:
    """Let the first turn of each of these people, who are locked, know what is known of them."""
    for row in connection.execute(_PEOPLE, {"keys": list(contact_ids)}):
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
        calendar_version=_calendar_version(connection, new.office),
    )


def _calendar_version(connection: Connection, office: str) -> int:
    return later.once(connection, ("calendar", office), lambda: calendar.version(connection, office))


def _key(contact_id: int) -> tuple[str, int]:
    return "person", contact_id


def _value(person: AnyRow) -> Conversation:
    return Conversation(
        language=person.language,
        profile=Profile(person.name, person.institution_category, person.main_use, person.email),
        opted_out=person.opted_out_at is not None,
        blocked=person.blocked_at is not None,
    )
