"""The citizen has written: what that makes of their ticket, in the one statement that every turn pays."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, bindparam, case, exists, update

from storage.columns import as_it_is, table, written
from storage.promise_tables import Leave
from storage.tickets import TICKET, Overtaken

LEAVE: Table = table(Leave)

_CITIZEN_WROTE = (
    update(TICKET)
    .where(TICKET.c.id == bindparam("key"), as_it_is(TICKET.c.status) == written("open"))
    .values(
        waiting_since=case(
            (TICKET.c.waiting_for == written("citizen"), bindparam("now")), else_=TICKET.c.waiting_since
        ),
        waiting_for="office",
        silent_since=None,
        closable_at=None,
        touched_at=bindparam("now"),
    )
    .returning(
        TICKET.c.office,
        TICKET.c.handled_by,
        TICKET.c.conversation_id,
        TICKET.c.kind,
        TICKET.c.topic,
        TICKET.c.claimed_by,
        (TICKET.c.waiting_since == bindparam("now")).label("turned"),
        exists()
        .where(
            LEAVE.c.office == TICKET.c.handled_by,
            LEAVE.c.officer_id == TICKET.c.claimed_by,
            LEAVE.c.last >= bindparam("lately"),
            LEAVE.c.given_back_at.is_not(None),
        )
        .correlate(TICKET)
        .label("perhaps_away"),
    )
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A ticket on which the citizen has just written, which is open, with what is needed to give it away.

    ``turned``: it waits for the office since then. ``perhaps_away``: who has it is perhaps on leave, which is
    asked along, so that it costs no statement.
    """

    office: str
    handled_by: str
    conversation_id: int
    kind: str
    topic: str
    claimed_by: int | None
    turned: bool
    perhaps_away: bool


def citizen_wrote(connection: Connection, ticket_id: int, now: datetime) -> Heard:
    """From now the office owes an answer, if it did not already. Raises ``Overtaken`` on a closed ticket."""
    told = {"key": ticket_id, "now": now, "lately": now.date() - timedelta(days=1)}
    row = connection.execute(_CITIZEN_WROTE, told).first()
    if row is None:
        raise Overtaken
    return Heard(
        office=row.office,
        handled_by=row.handled_by,
        conversation_id=row.conversation_id,
        kind=row.kind,
        topic=row.topic,
        claimed_by=row.claimed_by,
        turned=bool(row.turned),
        perhaps_away=bool(row.perhaps_away),
    )
