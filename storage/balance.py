"""What came and left in a day and where each message ended: counted through the index of moments."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.tables import Message, Unrouted

INTAKE = ("handled", "filed", "shunted", "pending")
DELIVERY = (
    *("queued", "sending", "sent", "delivered", "read"),
    *("held", "unknown", "failed", "cancelled"),
)


@dataclass(slots=True)
class Day:
    """The messages of one day by where they ended. ``unrouted``: for a number that no office owns.

    ``lost``: messages of which the database does not say where they ended. There must be none.
    """

    incoming: Counter[str] = field(default_factory=Counter)
    outgoing: Counter[str] = field(default_factory=Counter)
    unrouted: int = 0
    lost: int = 0

    @property
    def came(self) -> int:
        """Everything that came."""
        return self.incoming.total()

    @property
    def left(self) -> int:
        """Everything that was to leave."""
        return self.outgoing.total()


def day(connection: Connection, begins: datetime, ends: datetime) -> Mapping[str, Day]:
    """The balance of each channel from *begins* on and before *ends*."""
    counted = (
        select(
            Message.channel, Message.direction, Message.intake, Message.delivery, func.count().label("many")
        )
        .where(Message.at >= begins, Message.at < ends, Message.direction.in_(("in", "out")))
        .group_by(Message.channel, Message.direction, Message.intake, Message.delivery)
    )
    days: dict[str, Day] = {}
    for row in connection.execute(counted):
        one = days.setdefault(row.channel, Day())
        into, end = (one.incoming, row.intake) if row.direction == "in" else (one.outgoing, row.delivery)
        if end is None:
            one.lost += row.many
        else:
            into[end] += row.many
    stray = (
        select(Unrouted.channel, func.count().label("many"))
        .where(Unrouted.at >= begins, Unrouted.at < ends)
        .group_by(Unrouted.channel)
    )
    for channel, many in connection.execute(stray):
        days.setdefault(channel, Day()).unrouted = many
    return days


def open_unrouted(connection: Connection) -> int:
    """How many messages for nobody's number wait for somebody to look at them."""
    waiting = select(func.count()).select_from(Unrouted).where(Unrouted.settled_at.is_(None))
    return int(connection.execute(waiting).scalar_one())
