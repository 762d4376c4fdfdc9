"""The chat of somebody who writes just now, loaded under their lock before their message is kept."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    literal_column,
    select,
)

from bot.conversation import Conversation
from storage import calendar, later
from storage.columns import AnyRow, table, written
from storage.contacts import Home
from storage.conversations import CONVERSATION, Pending, Thread, value_of
from storage.intake import PENDING
from storage.slots import padded
from storage.tables import Address, Contact, Message
from storage.thread_columns import PERSON, THREAD, calendar_of, with_tickets

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


_THEIRS = (
    CONVERSATION.c.address_id == ADDRESS.c.id,
    CONVERSATION.c.channel == bindparam("channel"),
    CONVERSATION.c.thread == written(""),
)
WITH_ONE = CONVERSATION.c.sender == bindparam("sender")
WITH_SEVERAL = CONVERSATION.c.sender.in_(bindparam("senders", expanding=True))
_WAITS = (
    select(MESSAGE.c.id)
    .where(MESSAGE.c.address_id == ADDRESS.c.id, PENDING)
    .limit(literal_column("1"))
    .scalar_subquery()
    .is_not(None)
)


def chats_of(people: FromClause, *which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The chats of those of ``ADDRESS`` that are among *people*, with those who have none.

    *which*: with what numbers of ours, and again of whom, lest PostgreSQL reads all of a number's.
    """
    known = people.join(CONTACT, CONTACT.c.id == ADDRESS.c.contact_id)
    return select(
        ADDRESS.c.id.label("address_id"),
        CONVERSATION.c.sender,
        _WAITS.label("waits"),
        calendar_of(ADDRESS.c.office),
        *PERSON,
        *THREAD,
    ).select_from(with_tickets(known.outerjoin(CONVERSATION, and_(*_THEIRS, *which))))


_KEY: BindParameter[int] = bindparam("key")
_ONE = chats_of(ADDRESS, WITH_ONE, CONVERSATION.c.address_id == _KEY).where(ADDRESS.c.id == _KEY)
_KEYS: BindParameter[int] = bindparam("keys", expanding=True)
_OF_THEM = CONVERSATION.c.address_id.in_(_KEYS)
_SEVERAL = chats_of(ADDRESS, WITH_SEVERAL, _OF_THEM).where(ADDRESS.c.id.in_(_KEYS))


def load(connection: Connection, ends: Ends, home: Home, message: Pending) -> Thread | None:
    """The chat with *home*, who is locked, for the turn of *message*; None when an older one waits."""
    if home.new:
        return _begun(ends, home, message, calendar.version(connection, ends.office))
    row = later.take(connection, _key(ends, home.address_id))
    if row is None:
        asked = {"channel": ends.channel, "sender": ends.sender, "key": home.address_id}
        row = connection.execute(_ONE, asked).one()
    return None if row.waits else _loaded(row, ends, home, message)


Wanted = tuple[Ends, int]
"""A chat by its ends and by the id of its address, which is locked."""


def expect(connection: Connection, channel: str, wanted: Collection[Wanted]) -> None:
    """Let the first turn that loads each of these chats, at most ``SLOTS``, find it without asking."""
    senders = padded({ends.sender for ends, _ in wanted})
    keys = padded(sorted({address_id for _, address_id in wanted}))
    tell(
        connection,
        wanted,
        connection.execute(_SEVERAL, {"channel": channel, "senders": senders, "keys": keys}),
    )


def tell(connection: Connection, wanted: Iterable[Wanted], rows: Iterable[AnyRow]) -> None:
    """The same of *rows* that were asked for already; of who has a chat with another number only, nothing."""
    found = {(row.address_id, row.sender): row for row in rows}
    for ends, address_id in wanted:
        row = found.get((address_id, ends.sender)) or found.get((address_id, None))
        if row is not None:
            later.tell(connection, _key(ends, address_id), row)


def _key(ends: Ends, address_id: int) -> tuple[str, str, str, int]:
    return "chat", ends.channel, ends.sender, address_id


def _loaded(row: AnyRow, ends: Ends, home: Home, message: Pending) -> Thread:
    return _begun(ends, home, message, row.calendar_version)._replace(
        id=row.conversation_id,
        value=value_of(row),
        opted_out_at=row.opted_out_at,
        complaint_id=row.complaint_id,
        subject=row.subject or "",
        holds=bool(row.holds),
    )


def _begun(ends: Ends, home: Home, message: Pending, calendar_version: int) -> Thread:
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
        calendar_version=calendar_version,
    )


def about(thread: Thread) -> set[Hashable]:
    """What a turn of this chat may change, by which two turns of one transaction meet."""
    both = (thread.value.ticket, thread.value.complaint)
    return {("contact", thread.contact_id), *(("ticket", each.id) for each in both if each)}
