"""What has changed on any office's pages lately: the one query that feeds all open pages of a process."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from storage.tables import Ticket
from storage.voice_tables import Accused

MOST = 500
"""Read at once."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A ticket whose page would look different now. Says nothing of what is in it.

    ``accused``: the officers whom a complaint is about, who must not hear that there is one.
    """

    id: int
    offices: frozenset[str]
    complaint: bool
    at: datetime
    accused: frozenset[int] = frozenset()


def newest(connection: Connection) -> datetime | None:
    """When any ticket was touched last."""
    return connection.execute(select(func.max(Ticket.touched_at))).scalar()


def since(connection: Connection, moment: datetime | None) -> tuple[Touched, ...]:
    """The tickets touched at *moment* or later (None: ever), oldest first, however many they are."""
    found: list[Touched] = []
    while len(part := _part(connection, moment, found[-1] if found else None)) == MOST:
        found += part
    return (*found, *part)


def _part(connection: Connection, moment: datetime | None, last: Touched | None) -> list[Touched]:
    """The next of them after the *last* one."""
    statement = select(Ticket.id, Ticket.office, Ticket.handled_by, Ticket.kind, Ticket.touched_at)
    if last is not None:
        beyond = or_(Ticket.touched_at > last.at, Ticket.id > last.id)
        statement = statement.where(Ticket.touched_at >= last.at, beyond)
    elif moment is not None:
        statement = statement.where(Ticket.touched_at >= moment)
    rows = connection.execute(statement.order_by(Ticket.touched_at, Ticket.id).limit(MOST)).all()
    about = _accused(connection, [row.id for row in rows if row.kind == "complaint"])
    return [
        Touched(
            row.id,
            frozenset({row.office, row.handled_by}),
            row.kind == "complaint",
            row.touched_at,
            frozenset(about[row.id]),
        )
        for row in rows
    ]


def _accused(connection: Connection, complaints: Sequence[int]) -> Mapping[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    if complaints:
        theirs = select(Accused.ticket_id, Accused.officer_id).where(Accused.ticket_id.in_(complaints))
        for row in connection.execute(theirs):
            found[row.ticket_id].add(row.officer_id)
    return found
