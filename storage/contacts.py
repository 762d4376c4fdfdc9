"""People at one office and the addresses they write from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.conversation import Profile
from storage import later
from storage.changed_hands import is_anothers
from storage.columns import AnyRow, plain, table
from storage.inserting import add_once, adding
from storage.reserving import next_id
from storage.slots import padded
from storage.tables import Address, Contact

CONTACT: Table = table(Contact)
ADDRESS: Table = table(Address)


@dataclass(frozen=True, slots=True)
class Home:
    """The address row a person's turns lock, and the contact behind it. ``new``: made in this turn."""

    address_id: int
    contact_id: int
    new: bool = field(default=False, compare=False)


_HOME = ADDRESS.alias("home")
# Whose it is stands in the row that is locked: the others are shown as they were before the wait.
_LOCKED = (
    select(
        *(ADDRESS.c.id, ADDRESS.c.office, ADDRESS.c.value, ADDRESS.c.alias_of),
        *(_HOME.c.contact_id, ADDRESS.c.dead_at),
    )
    .join(_HOME, _HOME.c.id == func.coalesce(ADDRESS.c.alias_of, ADDRESS.c.id))
    .where(ADDRESS.c.kind == bindparam("kind"))
    .order_by(_HOME.c.id)
    .with_for_update(of=_HOME)
)
_AMONG = ADDRESS.c.value.in_(bindparam("values", expanding=True))
_OF_OFFICE = _LOCKED.where(ADDRESS.c.office == bindparam("office"))
_FIND = _OF_OFFICE.where(_AMONG)
# Of two offices also who is known to both and writes to one: to name pairs would take a plan of forty parts.
_FIND_ALL = _LOCKED.where(ADDRESS.c.office.in_(bindparam("offices", expanding=True)), _AMONG)
# A list is written into the statement anew at every execution.
_FIND_ONE = _OF_OFFICE.where(ADDRESS.c.value == bindparam("value"))
# WhatsApp vouches for its numbers; a sender of mail is only what the mail says.
_CLAIMED = {"email"}
_NEW_CONTACT, _NEW_ADDRESS = adding(CONTACT), adding(ADDRESS)
_ADD_CONTACT = insert(CONTACT).returning(CONTACT.c.id)


def home(
    connection: Connection,
    office: str,
    kind: str,
    address: str,
    aliases: Sequence[str],
    profile_name: str,
    now: datetime,
    account: str = "",
) -> Home:
    """The person who writes from *address* to our *account*, made on the first message.

    An alias (WhatsApp's external id) identifies more surely than a number that may change hands, so it is
    looked at first. Two known people are never merged: then the alias wins and the number stays where it is.
    It stays as well where an alias that nobody knows shows that the number has changed hands.

    The home row, and no alias, stays locked until the end of the transaction (PostgreSQL; on SQLite writers
    take turns anyway), so that one person's messages become visible in the order of their ids. Where two
    people are named both are locked, in the order of their ids.

    An address that was buried lives again once somebody writes from it.
    """
    values = [*aliases, address]
    rows = later.take(connection, (office, kind, *values))
    if rows is None:
        rows = _rows(connection, office, kind, values)
    found = {row.value: row for row in rows}
    if aliases and found.keys() == {address} and _is_anothers(connection, found[address], aliases, account):
        return _new_person(connection, office, kind, list(aliases), profile_name, now)
    for value in values:
        if row := found.get(value):
            known = Home(row.alias_of or row.id, row.contact_id)
            if row.dead_at is not None:
                _revive(connection, row.id)
            if missing := [value for value in values if value not in found]:
                _add_addresses(connection, office, kind, missing, known, now)
            return known
    return _new_person(connection, office, kind, values, profile_name, now)


def _is_anothers(connection: Connection, row: AnyRow, aliases: Sequence[str], account: str) -> bool:
    return is_anothers(connection, row.alias_of or row.id, row.contact_id, aliases, account)


Named = tuple[str, Sequence[str]]
"""Somebody who writes to an office: its code, then their aliases and their address."""


def expect(connection: Connection, kind: str, people: Sequence[Named]) -> dict[tuple[str, str], Home]:
    """Lock *people*, in the order of their ids, for the turns of one transaction.

    With at most ``SLOTS`` addresses in all. The first turn of each finds them by ``home`` without asking
    again. Gives those who are known, by office and address.
    """
    offices = padded({office for office, _ in people})
    values = padded([value for _, values in people for value in values])
    found = connection.execute(_FIND_ALL, {"kind": kind, "offices": offices, "values": values})
    return tell(connection, kind, people, found)


def tell(
    connection: Connection, kind: str, people: Sequence[Named], rows: Iterable[AnyRow]
) -> dict[tuple[str, str], Home]:
    """The same of *rows* that were asked for already."""
    found = {(row.office, row.value): row for row in rows}
    homes: dict[tuple[str, str], Home] = {}
    for office, values in people:
        theirs = {value: found[office, value] for value in values if (office, value) in found}
        later.tell(connection, (office, kind, *values), list(theirs.values()))
        homes |= {
            (office, value): Home(row.alias_of or row.id, row.contact_id) for value, row in theirs.items()
        }
    return homes


def known(connection: Connection, office: str, kind: str, address: str) -> Home | None:
    """The person who has this address, locked like ``home``; None for one nobody has written from."""
    rows = _rows(connection, office, kind, [address])
    return Home(rows[0].alias_of or rows[0].id, rows[0].contact_id) if rows else None


def _rows(connection: Connection, office: str, kind: str, values: Sequence[str]) -> Sequence[AnyRow]:
    if len(values) == 1:
        one = {"office": office, "kind": kind, "value": values[0]}
        return connection.execute(_FIND_ONE, one).all()
    return connection.execute(_FIND, _keys(office, kind, values)).all()


def bury(connection: Connection, address_id: int, why: str, now: datetime) -> None:
    """Mail to this address comes back, until somebody writes from it again."""
    connection.execute(
        update(ADDRESS).where(ADDRESS.c.id == address_id).values(dead_at=now, dead_why=why[:255])
    )


def _revive(connection: Connection, address_id: int) -> None:
    connection.execute(update(ADDRESS).where(ADDRESS.c.id == address_id).values(dead_at=None, dead_why=""))


def _keys(office: str, kind: str, values: Sequence[str]) -> dict[str, object]:
    return {"office": office, "kind": kind, "values": list(values)}


def _new_person(
    connection: Connection, office: str, kind: str, values: list[str], profile_name: str, now: datetime
) -> Home:
    """A contact with these addresses, the surest first: of two at once the later joins the earlier."""
    person = {"office": office, "profile_name": profile_name[:255], "created_at": now}
    if later.may_wait(connection):
        return _written_later(connection, person, kind, values)
    contact_id = connection.execute(_ADD_CONTACT, person).scalar_one()
    for value in values[:-1]:
        if _insert_address(connection, office, kind, value, contact_id, None, now) is None:
            return _joined(connection, office, kind, values, profile_name, now, contact_id)
    first = _insert_address(connection, office, kind, values[-1], contact_id, None, now)
    if first is None:
        return _joined(connection, office, kind, values, profile_name, now, contact_id)
    if len(values) > 1:
        others = update(ADDRESS).where(ADDRESS.c.contact_id == contact_id, ADDRESS.c.id != first)
        connection.execute(others.values(alias_of=first))
    return Home(first, contact_id, new=True)


def _written_later(
    connection: Connection, person: dict[str, object], kind: str, values: Sequence[str]
) -> Home:
    """The same where turns share the transaction. Was another faster, they all end."""
    contact_id, ids = next_id(connection, CONTACT), [next_id(connection, ADDRESS) for _ in values]
    contact = {**person, "id": contact_id, "notice_version": "", "notice_at": None}
    later.put_new(connection, _NEW_CONTACT, contact, ("contact", contact_id), rank=0)
    common = {"office": person["office"], "kind": kind, "contact_id": contact_id}
    common |= {"proved": kind not in _CLAIMED, "created_at": person["created_at"]}
    for value, address_id in zip(reversed(values), ids, strict=True):
        row = {
            **common,
            "id": address_id,
            "value": value,
            "alias_of": None if address_id == ids[0] else ids[0],
        }
        later.put_new(connection, _NEW_ADDRESS, row, ("address", address_id), rank=1)
    return Home(ids[0], contact_id, new=True)


def _joined(
    connection: Connection,
    office: str,
    kind: str,
    values: list[str],
    profile_name: str,
    now: datetime,
    contact_id: int,
) -> Home:
    """Another transaction was first with one of the addresses: what was made here is not needed."""
    connection.execute(delete(ADDRESS).where(ADDRESS.c.contact_id == contact_id))
    connection.execute(delete(CONTACT).where(CONTACT.c.id == contact_id))
    return home(connection, office, kind, values[-1], values[:-1], profile_name, now)


def _add_addresses(
    connection: Connection, office: str, kind: str, values: Sequence[str], known: Home, now: datetime
) -> None:
    for value in values:
        _insert_address(connection, office, kind, value, known.contact_id, known.address_id, now)


def _insert_address(
    connection: Connection,
    office: str,
    kind: str,
    value: str,
    contact_id: int,
    alias_of: int | None,
    now: datetime,
) -> int | None:
    """The new row's id; None when another transaction was first."""
    row = {"office": office, "kind": kind, "value": value, "contact_id": contact_id}
    row["proved"] = kind not in _CLAIMED
    return add_once(connection, ADDRESS, {**row, "alias_of": alias_of, "created_at": now})


def _told_now(column: Column[Any]) -> ColumnElement[Any]:
    was, told = (bindparam(f"{word}{column.name}", type_=column.type) for word in ("was_", ""))
    return case((was == told, column), else_=told)


_SAVE_PROFILE = (
    update(CONTACT)
    .where(CONTACT.c.id == bindparam("key"))
    .values({field.name: _told_now(CONTACT.c[field.name]) for field in fields(Profile)})
)


def save_profile(connection: Connection, contact_id: int, before: Profile, profile: Profile) -> None:
    """Keep what the citizen told about themselves, as far as it differs from what was known *before*.

    Another turn of theirs may have changed the rest.
    """
    later.need(connection, ("contact", contact_id))
    were = {f"was_{name}": value for name, value in plain(before).items()}
    connection.execute(_SAVE_PROFILE, {"key": contact_id, **were, **plain(profile)})


def save_manner(connection: Connection, contact_id: int, manner: Mapping[str, object]) -> None:
    """Keep the ``language`` they want, and since when they want silence (``opted_out_at``): what is given."""
    later.need(connection, ("contact", contact_id))
    connection.execute(update(CONTACT).where(CONTACT.c.id == contact_id).values(**manner))


_NOTICE_SHOWN = (
    update(CONTACT)
    .where(CONTACT.c.id == bindparam("key"), CONTACT.c.notice_at.is_(None))
    .values(notice_version=bindparam("version"), notice_at=bindparam("now"))
)


def note_notice(connection: Connection, contact_id: int, version: str, now: datetime) -> None:
    """They were shown this version of the notice on personal data; only the first time is kept."""
    if not later.amend(connection, ("contact", contact_id), notice_version=version, notice_at=now):
        row = {"key": contact_id, "version": version, "now": now}
        later.put(connection, _NOTICE_SHOWN, [row])
