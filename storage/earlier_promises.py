"""What was promised on tickets before the promise that stands there, as their logs keep it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.columns import AnyRow
from storage.tables import TicketEvent

ASKED_ON, CLOSED = "asked_on", "closed"
"""What the log says when a citizen asked on after the closing and a new promise was made; of closings."""
_JOINED, _PARTED = ("merged_here", "split_undone"), "merge_undone"
"""What it says where the words of another ticket came to this one, with its promises, and left again."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Earlier:
    """A promise that came before the one that stands on the ticket.

    *here*: it was made on this very ticket, and not on one whose words came to it.
    """

    due_at: datetime | None
    answered_at: datetime | None
    over_at: datetime
    here: bool = True


def earlier(connection: Connection, tickets: Sequence[int]) -> dict[int, tuple[Earlier, ...]]:
    """What was promised on these tickets before the promise that stands there, oldest first."""
    found: defaultdict[int, list[tuple[int, Earlier]]] = defaultdict(list)
    closed: dict[int, datetime] = {}
    for row in _logged(connection, tickets):
        mine = found[row.ticket_id]
        if row.what == CLOSED:
            closed[row.ticket_id] = row.at
        elif row.what == ASKED_ON:
            due, answered = _moment(row.detail.get("due_at")), _moment(row.detail.get("answered_at"))
            mine.append((row.ticket_id, Earlier(due, answered, closed.get(row.ticket_id, row.at))))
        elif row.what == _PARTED:
            mine[:] = [(of, each) for of, each in mine if of != row.detail["ticket"]]
        else:
            mine += [(row.detail["ticket"], _read(each)) for each in row.detail.get("promises", ())]
    return {ticket: tuple(each for _, each in mine) for ticket, mine in found.items()}


def as_logged(promise: Earlier) -> dict[str, Any]:
    """*promise* as the log keeps it where tickets become one."""
    moments = {name: getattr(promise, name) for name in ("due_at", "answered_at", "over_at")}
    told = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return told | {"here": promise.here}


def _read(logged: Mapping[str, Any]) -> Earlier:
    over = datetime.fromisoformat(logged["over_at"])
    return Earlier(_moment(logged["due_at"]), _moment(logged["answered_at"]), over, logged["here"])


def _logged(connection: Connection, tickets: Sequence[int]) -> Iterator[AnyRow]:
    columns = (TicketEvent.ticket_id, TicketEvent.what, TicketEvent.at, TicketEvent.detail)
    for start in range(0, len(tickets), _AT_ONCE):
        theirs = TicketEvent.ticket_id.in_(tickets[start : start + _AT_ONCE])
        wanted = select(*columns).where(theirs, TicketEvent.what.in_((ASKED_ON, CLOSED, *_JOINED, _PARTED)))
        yield from connection.execute(wanted.order_by(TicketEvent.id))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
