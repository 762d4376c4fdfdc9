"""The citizen has written: what that makes of their ticket, with one statement a turn at most."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, and_, bindparam, case, exists, update

from bot.conversation import Conversation
from storage import later
from storage.columns import as_it_is, table, written
from storage.promise_tables import Leave
from storage.tickets import TICKET, Overtaken

LEAVE: Table = table(Leave)

# One that was opened in the same transaction has waited from its beginning.
_TURNED = and_(TICKET.c.waiting_since == bindparam("now"), TICKET.c.opened_at < bindparam("now"))
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
        _TURNED.label("turned"),
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
_WROTE_AGAIN = (
    update(TICKET)
    .where(
        TICKET.c.id.in_(bindparam("keys", expanding=True)),
        as_it_is(TICKET.c.status) == written("open"),
        as_it_is(TICKET.c.waiting_for) == written("office"),
        TICKET.c.claimed_by.is_(None),
    )
    .values(silent_since=None, closable_at=None, touched_at=bindparam("now"))
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


def heard(connection: Connection, ticket_id: int, before: Conversation, now: datetime) -> Heard | None:
    """The citizen has written on a ticket; *before* is how their chat stood. None if nobody is to be told.

    That is so where the ticket waits for the office already and is nobody's, and what fails is done anew. It
    is then written last, with one statement for all turns; ``later.Missed`` is raised if that has changed.
    """
    if later.is_shared(connection) and _is_nothing_new(ticket_id, before):
        later.change(connection, _WROTE_AGAIN, ticket_id, now)
        return None
    return citizen_wrote(connection, ticket_id, now)


def _is_nothing_new(ticket_id: int, before: Conversation) -> bool:
    known = {each.id: each for each in (before.ticket, before.complaint) if each}
    ticket = known.get(ticket_id)
    return ticket is not None and not ticket.claimed and not ticket.waiting_for_citizen


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
