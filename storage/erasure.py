"""A person is erased: what they said and who they are goes; what only counts stays where it stood.

All of it in the caller's transaction. What must not come back leaves a mark (``storage.forgotten``), and
files that nobody else has are named for ``storage.unwanted`` to take away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from storage import forgotten, people, personal, theirs, traces, unwanted
from storage.catalogue import remove
from storage.catalogue_tables import Answer
from storage.columns import AnyRow, Base, table
from storage.personal import Gone, Held
from storage.provider_tables import SenderPace
from storage.tables import Audit, Ticket, TicketEvent
from storage.theirs import ADDRESS, FINDING, MAIL, MESSAGE, Rows

AUDIT, ANSWER, PACE = table(Audit), table(Answer), table(SenderPace)
EVENT, TICKET = table(TicketEvent), table(Ticket)
ERASED = "erased"
"""Why a ticket was closed whose person was erased, and how the audit log calls a merge of theirs."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went or were emptied, by table; and the marks of what must not come again."""

    rows: Mapping[str, int]
    marks: tuple[str, ...]


def erase(connection: Connection, contacts: Iterable[int], now: datetime) -> Erased:
    """Erase these contacts, which are one person and are locked. Twice does nothing more."""
    them = tuple(contacts)
    found = theirs.of(connection, them, of_others=True)
    traces.secure(connection, on=True)
    traces.leave(connection, f"{now.isoformat()} {min(them, default=0)}")
    marks = tuple(sorted(set(_marked(connection, found))))
    forgotten.mark_all(connection, marks, now)
    unwanted.note(connection, _files(connection, found), now)
    _close(connection, found.get("ticket", set()), now)
    _withdraw(connection, found.get("answer", set()))
    _empty_audit(connection, them)
    _unrefuse(connection, them)
    done = {
        each.name: _apply(connection, each, found, now)
        for each in reversed(Base.metadata.sorted_tables)
        if personal.is_personal(each)
    }
    traces.secure(connection, on=False)
    return Erased({name: many for name, many in done.items() if many}, marks)


def _marked(connection: Connection, found: Rows) -> list[str]:
    """The marks by which a message or mail of theirs is known again."""
    messages = theirs.rows_of(connection, MESSAGE, found.get("message", ()))
    letters = theirs.rows_of(connection, MAIL, found.get("mail", ()))
    said = [
        forgotten.of_message(row.channel, row.account, row.external_id) for row in messages if row.external_id
    ]
    found_there = theirs.rows_of(connection, FINDING, found.get("finding", ()))
    sent = [
        forgotten.of_report(row.channel, row.external_id)
        for row in (*messages, *found_there)
        if row.external_id
    ]
    return [
        *said,
        *sent,
        *(forgotten.of_bytes(row.mailbox, row.sha256) for row in letters),
        *(
            forgotten.of_mail(row.mailbox, row.message_id, row.fingerprint)
            for row in letters
            if row.message_id and row.fingerprint
        ),
    ]


def _files(connection: Connection, found: Rows) -> set[str]:
    """What stands in the files folder for these rows: large mails, and every file that came along."""
    names = {row.sha256 for row in theirs.rows_of(connection, MAIL, found.get("mail", ())) if row.raw is None}
    for each in Base.metadata.sorted_tables:
        if each.name in found and isinstance(personal.fate_of(each.name), Gone):
            for row in theirs.rows_of(connection, each, found[each.name]):
                names |= set(unwanted.held_by(row._asdict()))
    return names


def _close(connection: Connection, tickets: Iterable[int], now: datetime) -> None:
    """What is still open is closed, for nobody is left to be answered."""
    for which in theirs.among(TICKET, "id", tickets):
        closed = (
            update(TICKET)
            .where(which, TICKET.c.status == "open")
            .values(status="closed", close_reason=ERASED, closed_at=now, closings=TICKET.c.closings + 1)
            .returning(TICKET.c.id, TICKET.c.office)
        )
        for row in connection.execute(closed).all():
            told = {"office": row.office, "ticket_id": row.id, "at": now, "what": "closed"}
            connection.execute(EVENT.insert().values(**told, detail={"reason": ERASED}))


def _withdraw(connection: Connection, answers: Iterable[int]) -> None:
    """An answer made from their words is found by nobody any more."""
    for row in theirs.rows_of(connection, ANSWER, answers):
        remove(connection, row.office, "office", "answer", str(row.id))


def _empty_audit(connection: Connection, contacts: tuple[int, ...]) -> None:
    """What was filled in at a merge is theirs; and who was erased can't be taken apart again."""
    for row in connection.execute(select(AUDIT).where(AUDIT.c.what == people.MERGED)).all():
        if row.detail.get("kept") in contacts or row.detail.get("gone") in contacts:
            bare = {name: row.detail[name] for name in ("office", "kept", "gone")}
            changed = {"what": f"{people.MERGED}_{ERASED}", "detail": bare}
            connection.execute(update(AUDIT).where(AUDIT.c.id == row.id).values(**changed))


def _unrefuse(connection: Connection, contacts: tuple[int, ...]) -> None:
    """The last recipient whom WhatsApp refused is remembered beside our number."""
    values = select(ADDRESS.c.value).where(ADDRESS.c.contact_id.in_(contacts))
    connection.execute(update(PACE).where(PACE.c.refused_address.in_(values)).values(refused_address=""))


def _apply(connection: Connection, each: Table, found: Rows, now: datetime) -> int:
    fate = personal.fate_of(each.name)
    if isinstance(fate, Held):
        return _empty(connection, each, fate, found, now)
    if "id" in each.c:
        conditions = list(theirs.among(each, "id", found.get(each.name, ())))
    else:
        conditions = [
            which for column, of in theirs.links(each) for which in _linked(each, column, of, found)
        ]
    return sum(connection.execute(delete(each).where(which)).rowcount for which in conditions)


def _linked(each: Table, column: str, of: str, found: Rows) -> Iterable[Any]:
    return theirs.among(each, column, found.get(of, ()))


def _empty(connection: Connection, each: Table, fate: Held, found: Rows, now: datetime) -> int:
    if not fate.emptied:
        return 0
    (key,) = each.primary_key
    ids = found.get(each.name) if key.name == "id" else found.get("ticket")
    many = 0
    for which in theirs.among(each, key.name, ids or ()):
        for row in connection.execute(select(each).where(which)).all():
            values = {name: _new(value, row, now) for name, value in fate.emptied.items()}
            connection.execute(update(each).where(key == getattr(row, key.name)).values(**values))
            many += 1
    return many


def _new(value: Any, row: AnyRow, now: datetime) -> Any:
    return value(row, now) if callable(value) else value
