"""Who writes, and how their chats stand, asked for all messages of a transaction before their turns begin."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func

from storage import chats, contacts, conversations
from storage.chats import ADDRESS, Ends
from storage.contacts import Home
from storage.slots import padded

Writer = tuple[Ends, Sequence[str]]
"""Somebody who writes: between whom the message went, and their aliases and then their address."""
_Known = Mapping[tuple[str, str], Home]

_NAMED = ADDRESS.alias("named")
_PEOPLE = ADDRESS.join(_NAMED, ADDRESS.c.id == func.coalesce(_NAMED.c.alias_of, _NAMED.c.id))
_COLUMNS = (
    *(_NAMED.c.id, _NAMED.c.office, _NAMED.c.value, _NAMED.c.alias_of),
    *(ADDRESS.c.contact_id, _NAMED.c.dead_at),
)
_KIND = _NAMED.c.kind == bindparam("channel")
_BOTH_OF_ONE = (
    chats.chats_of(_PEOPLE, chats.WITH_ONE)
    .add_columns(*_COLUMNS)
    .where(_KIND, _NAMED.c.office == bindparam("office"), _NAMED.c.value == bindparam("value"))
)
_BOTH_LOCKED = _BOTH_OF_ONE.add_columns(conversations.VERSION).with_for_update(of=ADDRESS)
_BOTH_OF_SEVERAL = (
    chats.chats_of(_PEOPLE, chats.WITH_SEVERAL)
    .add_columns(*_COLUMNS)
    .where(_KIND, _NAMED.c.office.in_(bindparam("offices", expanding=True)))
    .where(_NAMED.c.value.in_(bindparam("values", expanding=True)))
)


def expect(connection: Connection, channel: str, writers: Sequence[Writer]) -> _Known:
    """Let the turns of a transaction find without asking who *writers* on *channel* are, and their chats.

    With at most ``SLOTS`` addresses in all, to any number of ours. On PostgreSQL who is known stays locked,
    in the order of their ids. Gives those who are known, by office and address.
    """
    if connection.dialect.name == "sqlite":
        return _at_once(connection, channel, writers)
    homes = contacts.expect(connection, channel, [(ends.office, values) for ends, values in writers])
    if wanted := _chats(writers, homes):
        chats.expect(connection, channel, wanted)
    return homes


def expect_one(connection: Connection, writer: Writer) -> None:
    """The same for one person, where it saves a statement.

    On PostgreSQL only for who goes by one address and has a chat. They are locked, but the chat is told as it
    stood before the lock was waited for, so that ``conversations.save`` makes sure that it stood so still.
    """
    if connection.dialect.name == "sqlite":
        _at_once(connection, writer[0].channel, [writer])
    elif len(writer[1]) == 1:
        _locked(connection, writer)


def _locked(connection: Connection, writer: Writer) -> None:
    ends, (value,) = writer
    one = {"channel": ends.channel, "office": ends.office, "sender": ends.sender, "value": value}
    rows = connection.execute(_BOTH_LOCKED, one).all()
    homes = contacts.tell(connection, ends.channel, [(ends.office, [value])], rows)
    begun = [row for row in rows if row.version is not None]
    chats.tell(connection, _chats([writer], homes), begun)
    for row in begun:
        conversations.doubt(connection, row.conversation_id, row.version)


def _at_once(connection: Connection, channel: str, writers: Sequence[Writer]) -> _Known:
    """Both in one statement: on SQLite writers take turns, so that nothing changes between the two."""
    rows = connection.execute(*_asked(channel, writers)).all()
    homes = contacts.tell(connection, channel, [(ends.office, values) for ends, values in writers], rows)
    chats.tell(connection, _chats(writers, homes), rows)
    return homes


def _asked(channel: str, writers: Sequence[Writer]) -> tuple[Select[*tuple[Any, ...]], Mapping[str, object]]:
    ends, values = writers[0]
    if len(writers) == len(values) == 1:  # a list is written into the statement anew at every execution
        one = {"office": ends.office, "sender": ends.sender, "value": values[0]}
        return _BOTH_OF_ONE, {"channel": channel, **one}
    several = {
        "offices": padded({ends.office for ends, _ in writers}),
        "senders": padded({ends.sender for ends, _ in writers}),
        "values": padded([value for _, values in writers for value in values]),
    }
    return _BOTH_OF_SEVERAL, {"channel": channel, **several}


def _chats(writers: Sequence[Writer], homes: _Known) -> set[tuple[Ends, int]]:
    return {
        (ends, homes[ends.office, value].address_id)
        for ends, values in writers
        for value in values
        if (ends.office, value) in homes
    }
