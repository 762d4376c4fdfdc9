"""Who writes, and how their chats stand, asked for all messages of a transaction before their turns begin."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func

from storage import chats, contacts
from storage.chats import ADDRESS, Ends
from storage.contacts import Home
from storage.slots import padded

_NAMED = ADDRESS.alias("named")
_BOTH = (
    chats.chats_of(ADDRESS.join(_NAMED, ADDRESS.c.id == func.coalesce(_NAMED.c.alias_of, _NAMED.c.id)))
    .add_columns(_NAMED.c.id, _NAMED.c.value, _NAMED.c.alias_of, ADDRESS.c.contact_id, _NAMED.c.dead_at)
    .where(_NAMED.c.office == bindparam("office"), _NAMED.c.kind == bindparam("channel"))
)
_BOTH_OF_ONE = _BOTH.where(_NAMED.c.value == bindparam("value"))
_BOTH_OF_SEVERAL = _BOTH.where(_NAMED.c.value.in_(bindparam("values", expanding=True)))


def expect(connection: Connection, ends: Ends, people: Sequence[Sequence[str]]) -> dict[str, Home]:
    """Let the turns of a transaction find without asking who has these addresses, and their chats.

    Of each person the aliases and then the address, at most ``SLOTS`` in all. On PostgreSQL who is
    known stays locked, in the order of their ids. Gives those who are known, by their addresses.
    """
    if connection.dialect.name == "sqlite":
        return _at_once(connection, ends, people)
    homes = contacts.expect(connection, ends.office, ends.channel, people)
    if homes:
        chats.expect(connection, ends, sorted({home.address_id for home in homes.values()}))
    return homes


def expect_one(connection: Connection, ends: Ends, values: Sequence[str]) -> None:
    """The same for one person, where it saves a statement: who must be locked first is asked for first."""
    if connection.dialect.name == "sqlite":
        _at_once(connection, ends, [values])


def _at_once(connection: Connection, ends: Ends, people: Sequence[Sequence[str]]) -> dict[str, Home]:
    """Both in one statement: on SQLite writers take turns, so that nothing changes between the two."""
    named = [value for values in people for value in values]
    asked = {"office": ends.office, "channel": ends.channel, "sender": ends.sender}
    if len(named) == 1:
        rows = connection.execute(_BOTH_OF_ONE, {**asked, "value": named[0]}).all()
    else:
        rows = connection.execute(_BOTH_OF_SEVERAL, {**asked, "values": padded(named)}).all()
    chats.tell(connection, ends, rows)
    return contacts.tell(connection, ends.office, ends.channel, people, rows)
