"""Two contacts that are one person: brought together, and taken apart again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select, update

from storage.columns import AnyRow, table
from storage.inbox import View, about_them
from storage.privacy_tables import PrivacyRequest
from storage.tables import Address, Audit, Contact, Conversation, Ticket

ADDRESS: Table = table(Address)
AUDIT: Table = table(Audit)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)
REQUEST: Table = table(PrivacyRequest)
TICKET: Table = table(Ticket)
MERGED, UNMERGED = "contacts_merged", "contacts_unmerged"
MOST = 200
_MOVING = {"addresses": ADDRESS, "conversations": CONVERSATION, "tickets": TICKET, "requests": REQUEST}
"""What goes with its contact, as the log calls it."""
_FILLED = ("name", "profile_name", "institution_category", "main_use", "email")


class Moved(Exception):
    """Somebody's addresses changed while their turn was waited for: ask again."""


@dataclass(frozen=True, slots=True)
class Found:
    """A contact, as a supervisor looks for one."""

    id: int
    name: str
    addresses: tuple[tuple[str, str, bool], ...]
    tickets: int


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that can be undone: who did it (None: the citizen, by a code), when, and whom it brought."""

    id: int
    at: datetime
    officer_id: int | None
    name: str
    addresses: tuple[str, ...]


def lock(connection: Connection, contact_ids: Sequence[int], *, at_once: bool = False) -> dict[int, AnyRow]:
    """Wait for the turns of these people, in the order of their addresses; their rows by id.

    *at_once*: do not wait, for the caller holds an address already; the database says that it is busy.
    Raises ``Moved`` when an address came meanwhile.
    """
    theirs = select(ADDRESS.c.id).where(ADDRESS.c.contact_id.in_(contact_ids)).order_by(ADDRESS.c.id)
    locked = set(connection.execute(theirs.with_for_update(nowait=at_once)).scalars())
    people = select(CONTACT).where(CONTACT.c.id.in_(contact_ids)).order_by(CONTACT.c.id)
    rows = connection.execute(people.with_for_update(nowait=at_once)).all()
    if not set(connection.execute(theirs).scalars()) <= locked:
        raise Moved
    return {row.id: row for row in rows}


def merge(
    connection: Connection, kept: AnyRow, gone: AnyRow, now: datetime, *, silence: bool
) -> dict[str, Any]:
    """Everything of *gone* is of *kept* now, whose profile is filled where it is empty.

    *silence*: a wish for silence of either counts for both. Gives what an undoing needs.
    """
    moved = {name: _moved(connection, of, kept.id, gone.id) for name, of in _MOVING.items()}
    wanted = [*_FILLED, "blocked_at", *(("opted_out_at",) if silence else ())]
    filled = {name: getattr(gone, name) for name in wanted if getattr(gone, name) and not getattr(kept, name)}
    if filled:
        connection.execute(update(CONTACT).where(CONTACT.c.id == kept.id).values(**filled))
    _touch(connection, kept.id, now)
    return {"office": kept.office, "kept": kept.id, "gone": gone.id, **moved, "filled": _as_text(filled)}


def _moved(connection: Connection, of: Table, kept_id: int, gone_id: int) -> list[int]:
    done = update(of).where(of.c.contact_id == gone_id).values(contact_id=kept_id).returning(of.c.id)
    return sorted(connection.execute(done).scalars())


def _as_text(filled: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in filled.items()
    }


def unmerge(connection: Connection, detail: Mapping[str, Any], kept: AnyRow, now: datetime) -> bool:
    """Give the addresses of a merge back, and all that hangs on them; False when they went on elsewhere.

    *detail*: as ``merge`` gave it, be it an older one, which moved no requests.
    """
    addresses, gone_id = detail["addresses"], detail["gone"]
    there = select(func.count()).where(ADDRESS.c.id.in_(addresses), ADDRESS.c.contact_id == kept.id)
    if connection.execute(there).scalar_one() != len(addresses):
        return False
    back = {"contact_id": gone_id}
    connection.execute(update(ADDRESS).where(ADDRESS.c.id.in_(addresses)).values(back))
    theirs = CONVERSATION.c.address_id.in_(addresses)
    connection.execute(update(CONVERSATION).where(theirs).values(back))
    spoken = select(CONVERSATION.c.id).where(theirs)
    connection.execute(update(TICKET).where(TICKET.c.conversation_id.in_(spoken)).values(back))
    # What was asked since goes with who asked it there; one without a conversation came with the merge.
    asked = or_(REQUEST.c.conversation_id.in_(spoken), REQUEST.c.id.in_(detail.get("requests", ())))
    connection.execute(update(REQUEST).where(asked).values(back))
    _empty(connection, detail["filled"], kept)
    for each in (kept.id, gone_id):
        _touch(connection, each, now)
    return True


def _empty(connection: Connection, filled: Mapping[str, str], kept: AnyRow) -> None:
    """Forget what the merge had filled in, unless it was told otherwise since."""
    now_there = _as_text({name: getattr(kept, name) for name in filled if getattr(kept, name)})
    same = {name for name, value in filled.items() if now_there.get(name) == value}
    emptied = {name: None if name.endswith("_at") else "" for name in same}
    if emptied:
        connection.execute(update(CONTACT).where(CONTACT.c.id == kept.id).values(**emptied))


def _touch(connection: Connection, contact_id: int, now: datetime) -> None:
    connection.execute(update(TICKET).where(TICKET.c.contact_id == contact_id).values(touched_at=now))


def find_merge(connection: Connection, office: str, merge_id: int) -> AnyRow | None:
    """A merge at this office that was not undone yet."""
    found = select(AUDIT).where(AUDIT.c.id == merge_id, AUDIT.c.what == MERGED)
    row = connection.execute(found).first()
    if row is None or row.detail["office"] != office or merge_id in _undone(connection):
        return None
    return row


def _undone(connection: Connection) -> set[int]:
    rows = connection.execute(select(AUDIT.c.detail).where(AUDIT.c.what == UNMERGED))
    return {int(row.detail["merge"]) for row in rows}


def merges_into(connection: Connection, office: str, contact_id: int) -> tuple[Merge, ...]:
    """Who was merged into this contact and could be taken apart again, newest first."""
    undone = _undone(connection)
    rows = connection.execute(select(AUDIT).where(AUDIT.c.what == MERGED).order_by(AUDIT.c.id.desc()))
    mine = [
        row
        for row in rows
        if row.id not in undone and (row.detail["office"], row.detail["kept"]) == (office, contact_id)
    ]
    return tuple(_merge(connection, row) for row in mine[:MOST])


def _merge(connection: Connection, row: AnyRow) -> Merge:
    addresses = row.detail["addresses"]
    said = select(ADDRESS.c.value).where(ADDRESS.c.id.in_(addresses), ADDRESS.c.alias_of.is_(None))
    who = select(CONTACT.c.name, CONTACT.c.profile_name).where(CONTACT.c.id == row.detail["gone"])
    found = connection.execute(who).one()
    values = tuple(connection.execute(said.order_by(ADDRESS.c.id)).scalars())
    return Merge(row.id, row.at, row.officer_id, found.name or found.profile_name, values)


def looked_for(
    connection: Connection, view: View, besides: int, values: Sequence[str], reference: str
) -> tuple[Found, ...]:
    """Contacts of the office with one of these addresses, or whose ticket bears this number.

    A complaint about the supervisor who looks leads to nobody, and is not counted.
    """
    office, shown = view.office, TICKET.c.id.not_in(about_them(view))
    numbered = (TICKET.c.office == office, TICKET.c.reference == reference, shown)
    by_address = select(ADDRESS.c.contact_id).where(ADDRESS.c.office == office, ADDRESS.c.value.in_(values))
    by_ticket = select(TICKET.c.contact_id).where(*numbered)
    which = or_(CONTACT.c.id.in_(by_address), CONTACT.c.id.in_(by_ticket))
    rows = connection.execute(
        select(CONTACT.c.id, CONTACT.c.name, CONTACT.c.profile_name)
        .where(CONTACT.c.office == office, CONTACT.c.id != besides, which)
        .order_by(CONTACT.c.id)
    )
    return tuple(_found(connection, row, shown) for row in rows)


def _found(connection: Connection, row: AnyRow, shown: ColumnElement[bool]) -> Found:
    ways = connection.execute(
        select(ADDRESS.c.kind, ADDRESS.c.value, ADDRESS.c.proved)
        .where(ADDRESS.c.contact_id == row.id, ADDRESS.c.alias_of.is_(None))
        .order_by(ADDRESS.c.id)
    )
    many = select(func.count()).where(TICKET.c.contact_id == row.id, shown)
    addresses = tuple((way.kind, way.value, bool(way.proved)) for way in ways)
    return Found(row.id, row.name or row.profile_name, addresses, connection.execute(many).scalar_one())


def language_of(connection: Connection, contact_id: int) -> str:
    """The language this person is spoken to in."""
    return str(connection.execute(select(CONTACT.c.language).where(CONTACT.c.id == contact_id)).scalar_one())
