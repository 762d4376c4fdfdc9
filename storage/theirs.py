"""Which rows are a person's: found by the foreign keys that lead to their contact, whatever the table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from storage import personal
from storage.columns import Base, table
from storage.mail_tables import Mail, Notice, Proof
from storage.people import MERGED, UNMERGED
from storage.provider_tables import Finding, ReceiptRow, Unrouted
from storage.tables import Address, Audit, Contact, Message

ADDRESS, AUDIT, CONTACT = table(Address), table(Audit), table(Contact)
MAIL, MESSAGE, NOTICE, PROOF = table(Mail), table(Message), table(Notice), table(Proof)
RECEIPT, UNROUTED, FINDING = table(ReceiptRow), table(Unrouted), table(Finding)
AT_ONCE = 500
Rows = dict[str, set[int]]
"""The ids of rows, by the name of their table."""
_Value = tuple[str, str, str]
_SPOKEN_BY: Mapping[str, AbstractSet[str]] = {"message": {"address"}, "mail": set()}
"""What a row must hang on to be its person's own word, or a word to them."""


def person(connection: Connection, contact_id: int) -> tuple[int, ...]:
    """The contact with those that were merged into it: one person."""
    rows = connection.execute(select(AUDIT.c.id, AUDIT.c.detail).where(AUDIT.c.what == MERGED)).all()
    undone = {
        row.detail.get("merge")
        for row in connection.execute(select(AUDIT.c.detail).where(AUDIT.c.what == UNMERGED))
    }
    merges = [(row.detail.get("kept"), row.detail.get("gone")) for row in rows if row.id not in undone]
    found, more = {contact_id}, True
    while more:
        joined = {gone for kept, gone in merges if kept in found} - found
        found, more = found | joined, bool(joined)
    return tuple(sorted(found))


def of(connection: Connection, contacts: Iterable[int], *, of_others: bool) -> Rows:
    """Every row that is about these contacts.

    *of_others*: also what somebody else has said in their tickets, which speaks of them. Without it only what
    was said by them or to them.
    """
    found: Rows = {"contact": set(contacts), "mail": set()}
    values = _values(connection, found["contact"])
    before: dict[str, int] = {}
    while before != (before := {name: len(ids) for name, ids in found.items()}):
        for each in Base.metadata.sorted_tables:
            if personal.is_personal(each) and "id" in each.c:
                _follow(connection, each, found, of_others=of_others)
        _mails(connection, found, values)
    _beside(connection, found, values)
    return found


def _follow(connection: Connection, each: Table, found: Rows, *, of_others: bool) -> None:
    theirs = found.setdefault(each.name, set())
    for column, parent in links(each):
        if not of_others and parent not in _SPOKEN_BY.get(each.name, {parent}):
            continue
        for which in among(each, column, found.get(parent, ())):
            theirs |= set(connection.execute(select(each.c.id).where(which)).scalars())


def links(each: Table) -> Iterator[tuple[str, str]]:
    """The columns of *each* that lead to rows of a person, with the tables they lead to; none to its own."""
    for key in each.foreign_keys:
        parent = key.column.table
        if parent is not each and personal.is_personal(parent) and key.column.name in {"id", "ticket_id"}:
            yield key.parent.name, parent.name


def _mails(connection: Connection, found: Rows, values: Sequence[_Value]) -> None:
    """Mails that became their messages, and those that they are the author of."""
    for which in among(MESSAGE, "id", found.get("message", ())):
        asked = select(MESSAGE.c.mail_id).where(which, MESSAGE.c.mail_id.is_not(None))
        found["mail"] |= set(connection.execute(asked).scalars())
    for office, kind, value in values:
        if kind == "email":
            _add(connection, found, MAIL, and_(MAIL.c.office == office, MAIL.c.author == value))


def _beside(connection: Connection, found: Rows, values: Sequence[_Value]) -> None:
    """What else no foreign key leads to: reports of their messages, mails to them, strays from them."""
    for which in among(MESSAGE, "id", found.get("message", ())):
        sent = select(MESSAGE.c.mid, MESSAGE.c.external_id).where(which, MESSAGE.c.direction == "out")
        rows = connection.execute(sent).all()
        ids, mids = {row.external_id for row in rows} - {None}, {row.mid for row in rows}
        _add(connection, found, RECEIPT, or_(RECEIPT.c.external_id.in_(ids), RECEIPT.c.mid.in_(mids)))
    for office, kind, value in (*values, *_told(connection, found["contact"])):
        mailed = (NOTICE.c.office == office, NOTICE.c.recipient == value, NOTICE.c.officer_id.is_(None))
        _add(connection, found, NOTICE, and_(*mailed))
        for stray in (UNROUTED, FINDING):
            _add(connection, found, stray, and_(stray.c.channel == kind, stray.c.address == value))


def _values(connection: Connection, contacts: AbstractSet[int]) -> list[_Value]:
    asked = select(ADDRESS.c.office, ADDRESS.c.kind, ADDRESS.c.value).where(
        ADDRESS.c.contact_id.in_(contacts)
    )
    return [(row.office, row.kind, row.value) for row in connection.execute(asked)]


def _told(connection: Connection, contacts: AbstractSet[int]) -> list[_Value]:
    """Addresses that they named and did not (yet) prove: codes were mailed there."""
    named = select(CONTACT.c.office, CONTACT.c.email).where(CONTACT.c.id.in_(contacts), CONTACT.c.email != "")
    tried = select(PROOF.c.office, PROOF.c.value).where(PROOF.c.contact_id.in_(contacts))
    return [(row[0], "told", row[1]) for each in (named, tried) for row in connection.execute(each)]


def _add(connection: Connection, found: Rows, of_table: Table, which: ColumnElement[bool]) -> None:
    theirs = found.setdefault(of_table.name, set())
    theirs |= set(connection.execute(select(of_table.c.id).where(which)).scalars())


def among(of_table: Table, column: str, ids: Iterable[int]) -> Iterator[ColumnElement[bool]]:
    """Conditions, each for a part of *ids*, that together name them all."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        yield of_table.c[column].in_(wanted[start : start + AT_ONCE])


def rows_of(connection: Connection, of_table: Table, ids: Iterable[int]) -> list[Any]:
    """These rows, in the order of their ids."""
    return [
        row
        for which in among(of_table, "id", ids)
        for row in connection.execute(select(of_table).where(which).order_by(of_table.c.id))
    ]
