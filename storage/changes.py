"""What has changed on any office's pages lately: the one query that feeds all open pages of a process."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.tables import Ticket

MOST = 500


@dataclass(frozen=True, slots=True)
class Touched:
    """A ticket whose page would look different now. Says nothing of what is in it."""

    id: int
    offices: frozenset[str]
    complaint: bool
    at: datetime


def newest(connection: Connection) -> datetime | None:
    """When any ticket was touched last."""
    return connection.execute(select(func.max(Ticket.touched_at))).scalar()


def since(connection: Connection, moment: datetime | None) -> tuple[Touched, ...]:
    """The tickets touched at *moment* or later (None: ever), oldest first."""
    statement = select(Ticket.id, Ticket.office, Ticket.handled_by, Ticket.kind, Ticket.touched_at)
    if moment is not None:
        statement = statement.where(Ticket.touched_at >= moment)
    rows = connection.execute(statement.order_by(Ticket.touched_at).limit(MOST))
    return tuple(
        Touched(row.id, frozenset({row.office, row.handled_by}), row.kind == "complaint", row.touched_at)
        for row in rows
    )
