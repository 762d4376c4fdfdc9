"""The chat of somebody who writes just now, loaded under their lock before their message is kept."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from sqlalchemy import Connection, Table, and_, bindparam, exists, select

from bot.conversation import Conversation
from storage import calendar, later
from storage.columns import AnyRow, table, written
from storage.contacts import Home
from storage.conversations import (
    CONVERSATION,
    PERSON,
    THREAD,
    Pending,
    Thread,
    calendar_of,
    value_of,
    with_tickets,
)
from storage.intake import PENDING
from storage.slots import padded
from storage.tables import Address, Contact, Message

ADDRESS: Table = table(Address)
CONTACT: Table = table(Contact)
MESSAGE: Table = table(Message)


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of a chat: the office's *sender* on *channel*, and where answers go."""

    office: str
    channel: str
    sender: str
    reply_to: str


_CHAT = select(
    ADDRESS.c.id.label("address_id"),
    exists().where(MESSAGE.c.address_id == ADDRESS.c.id, PENDING).label("waits"),
    calendar_of(ADDRESS.c.office),
    *PERSON,
    *THREAD,
).select_from(
    with_tickets(
        ADDRESS.join(CONTACT, CONTACT.c.id == ADDRESS.c.contact_id).outerjoin(
            CONVERSATION,
            and_(
                CONVERSATION.c.address_id == ADDRESS.c.id,
                CONVERSATION.c.channel == bindparam("channel"),
                CONVERSATION.c.sender == bindparam("sender"),
                CONVERSATION.c.thread == written(""),
            ),
        )
    )
)
_ONE = _CHAT.where(ADDRESS.c.id == bindparam("key"))
_SEVERAL = _CHAT.where(ADDRESS.c.id.in_(bindparam("keys", expanding=True)))


def load(connection: Connection, ends: Ends, home: Home, message: Pending) -> Thread | None:
    """The chat with *home*, who is locked, for the turn of *message*; None when an older one waits."""
    if home.new:
        return _begun(connection, ends, home, message)
    row = later.take(connection, _key(ends, home.address_id))
    if row is None:
        asked = {"channel": ends.channel, "sender": ends.sender, "key": home.address_id}
        row = connection.execute(_ONE, asked).one()
    return None if row.waits else _loaded(row, ends, home, message)


def expect(connection: Connection, ends: Ends, address_ids: Collection[int]) -> None:
    """Let the first turn that loads each of these chats, at most ``SLOTS``, find it without asking."""
    asked = {"channel": ends.channel, "sender": ends.sender, "keys": padded(address_ids)}
    for row in connection.execute(_SEVERAL, asked):
        later.tell(connection, _key(ends, row.address_id), row)


def _key(ends: Ends, address_id: int) -> tuple[str, str, str, int]:
    return "chat", ends.channel, ends.sender, address_id


def _loaded(row: AnyRow, ends: Ends, home: Home, message: Pending) -> Thread:
    return Thread(
        id=row.conversation_id,
        office=ends.office,
        channel=ends.channel,
        sender=ends.sender,
        address_id=home.address_id,
        contact_id=home.contact_id,
        reply_to=ends.reply_to,
        value=value_of(row),
        opted_out_at=row.opted_out_at,
        complaint_id=row.complaint_id,
        message=message,
        subject=row.subject or "",
        calendar_version=row.calendar_version,
        holds=bool(row.holds),
    )


def _begun(connection: Connection, ends: Ends, home: Home, message: Pending) -> Thread:
    """Of somebody who is new nothing is known."""
    return Thread(
        id=None,
        office=ends.office,
        channel=ends.channel,
        sender=ends.sender,
        address_id=home.address_id,
        contact_id=home.contact_id,
        reply_to=ends.reply_to,
        value=Conversation(),
        opted_out_at=None,
        complaint_id=None,
        message=message,
        calendar_version=calendar.version(connection, ends.office),
    )


def about(thread: Thread) -> set[Hashable]:
    """What a turn of this chat may change, by which two turns of one transaction meet."""
    both = (thread.value.ticket, thread.value.complaint)
    return {("contact", thread.contact_id), *(("ticket", each.id) for each in both if each)}
