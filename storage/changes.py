"""What has changed on any office's pages lately: the one query that feeds all open pages of a process."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.tables import Ticket
from storage.voice_tables import Accused

MOST = 500


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
    """The tickets touched at *moment* or later (None: ever), oldest first."""
    statement = select(Ticket.id, Ticket.office, Ticket.handled_by, Ticket.kind, Ticket.touched_at)
    if moment is not None:
        statement = statement.where(Ticket.touched_at >= moment)
    rows = connection.execute(statement.order_by(Ticket.touched_at).limit(MOST)).all()
    about = _accused(connection, [row.id for row in rows if row.kind == "complaint"])
    return tuple(
        Touched(
            row.id,
            frozenset({row.office, row.handled_by}),
            row.kind == "complaint",
            row.touched_at,
            frozenset(about[row.id]),
        )
        for row in rows
    )


def _accused(connection: Connection, complaints: Sequence[int]) -> Mapping[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    if complaints:
        theirs = select(Accused.ticket_id, Accused.officer_id).where(Accused.ticket_id.in_(complaints))
        for row in connection.execute(theirs):
            found[row.ticket_id].add(row.officer_id)
    return found
