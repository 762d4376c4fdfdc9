"""Everything that is kept about one person at one office, table by table: what they get as their copy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from storage import personal, theirs
from storage.columns import AnyRow, Base
from storage.theirs import AUDIT
from storage.unseen import Unseen

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
ACCESS = ("person_copied",)
"""What the audit log calls it when somebody took a copy."""


def of(connection: Connection, contact_id: int, officer_id: int | None = None) -> Rows:
    """The rows by table, each with its columns, as far as ``storage.personal`` gives them out.

    Only what was said by the person or to them: no word of anybody else, and no note among officers. To the
    officer who takes it for them, complaints about that officer do not exist there either.
    """
    contacts = theirs.person(connection, contact_id)
    found = theirs.of(connection, contacts, of_others=False)
    unseen = Unseen(connection, found, officer_id) if officer_id is not None else None
    rows = {
        each.name: [_given(each, row, unseen) for row in _rows(connection, each, found, unseen)]
        for each in _tables()
    }
    return {**{name: some for name, some in rows.items() if some}, "access": _access(connection, contacts)}


def _tables() -> Iterator[Table]:
    for each in Base.metadata.sorted_tables:
        if personal.is_personal(each) and each.name not in personal.NOT_THEIRS:
            yield each


def given_columns(each: Table) -> list[str]:
    """The columns of a table that its person gets."""
    withheld = personal.WITHHELD.get(each.name, frozenset())
    return [column.name for column in each.columns if column.name not in withheld]


def _given(each: Table, row: AnyRow, unseen: Unseen | None) -> dict[str, Any]:
    given = {name: getattr(row, name) for name in given_columns(each)}
    return unseen.blanked(each, given) if unseen else given


def _rows(connection: Connection, each: Table, found: theirs.Rows, unseen: Unseen | None) -> Iterator[AnyRow]:
    (key,) = each.primary_key
    ids = found.get(each.name) if key.name == "id" else found.get("ticket")
    for which in theirs.among(each, key.name, ids or ()):
        for row in connection.execute(select(each).where(which).order_by(key)):
            note = each.name == "message" and row.direction == "note"
            if not note and not (unseen and unseen.left_out(each, row)):
                yield row


def _access(connection: Connection, contacts: Sequence[int]) -> list[dict[str, Any]]:
    """Who took a copy of these data, and when: the citizen, or an officer."""
    rows = connection.execute(select(AUDIT).where(AUDIT.c.what.in_(ACCESS)).order_by(AUDIT.c.id))
    return [
        {"at": row.at, "by": "officer" if row.officer_id else "citizen"}
        for row in rows
        if row.detail.get("contact") in contacts
    ]
