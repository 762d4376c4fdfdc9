"""Plain writes of officers: claim, transfer, note, read mark, presence. Each change leaves a log row."""

from datetime import datetime

from sqlalchemy import Connection, Table, and_, bindparam, case, delete, exists, func, or_, select, update

from bot.conversation import Refusal
from storage import complaints, tickets
from storage.columns import AnyRow, as_it_is, table, written
from storage.inserting import add_once, insert_into
from storage.tables import Conversation, Membership, Message, Officer, Presence, ReadMark, Ticket

TICKET: Table = table(Ticket)
CONVERSATION: Table = table(Conversation)
MESSAGE: Table = table(Message)
MEMBERSHIP: Table = table(Membership)
OFFICER: Table = table(Officer)
READ_MARK: Table = table(ReadMark)
PRESENCE: Table = table(Presence)


_CLAIM = (
    update(TICKET)
    .where(
        TICKET.c.id == bindparam("key"),
        as_it_is(TICKET.c.status) == written("open"),
        TICKET.c.claimed_by.is_(None),
        exists().where(
            MEMBERSHIP.c.officer_id == bindparam("me"), MEMBERSHIP.c.office == TICKET.c.handled_by
        ),
    )
    .values(claimed_by=bindparam("me"), touched_at=bindparam("now"))
    .returning(TICKET.c.office)
)


def claim(connection: Connection, ticket_id: int, officer_id: int, now: datetime) -> Refusal | None:
    """Take an open ticket that nobody has. Of two at once one gets ``ALREADY``; twice is once.

    So does whose office has just forwarded it.
    """
    taken = connection.execute(_CLAIM, {"key": ticket_id, "me": officer_id, "now": now}).scalar()
    if taken is not None:
        tickets.log(connection, taken, ticket_id, "claimed", now, officer_id)
        return None
    row = tickets.find(connection, ticket_id)
    mine = row is not None and row.status == "open" and row.claimed_by == officer_id
    return None if mine else Refusal.ALREADY


_ASSIGN = (
    update(TICKET)
    .where(
        TICKET.c.id == bindparam("key"),
        as_it_is(TICKET.c.status) == written("open"),
        as_it_is(TICKET.c.handled_by) == bindparam("of"),
    )
    .values(claimed_by=bindparam("to"), touched_at=bindparam("now"))
)

_LOCK = select(TICKET.c.id).where(TICKET.c.id == bindparam("key")).with_for_update(key_share=True)


def assign(
    connection: Connection, ticket_id: int, to_officer_id: int | None, by: int, now: datetime
) -> Refusal | None:
    """Give an open ticket to an active colleague of the office that handles it, or back to all (None).

    ``ALREADY`` where they may not have it, or where it was closed or forwarded at this moment.
    """
    row = tickets.find(connection, ticket_id)
    if row is None or row.status != "open":
        return Refusal.CLOSED
    if to_officer_id is not None and not _may_have(connection, to_officer_id, row):
        return Refusal.ALREADY
    given = {"key": ticket_id, "of": row.handled_by, "to": to_officer_id, "now": now}
    if connection.execute(_ASSIGN, given).rowcount == 0:
        return Refusal.ALREADY
    what = "transferred" if to_officer_id else "released"
    tickets.log(connection, row.office, ticket_id, what, now, by, {"to": to_officer_id})
    return None


def _may_have(connection: Connection, officer_id: int, ticket: AnyRow) -> bool:
    joined = MEMBERSHIP.join(OFFICER, OFFICER.c.id == MEMBERSHIP.c.officer_id)
    role = connection.execute(
        select(MEMBERSHIP.c.role)
        .select_from(joined)
        .where(OFFICER.c.id == officer_id, OFFICER.c.disabled_at.is_(None))
        .where(MEMBERSHIP.c.office == ticket.handled_by)
    ).scalar()
    if ticket.kind != "complaint":
        return role is not None
    connection.execute(_LOCK, {"key": ticket.id})  # whom it is about may be entered at this moment
    return role == "supervisor" and officer_id not in complaints.accused(connection, ticket.id)


def note(
    connection: Connection, ticket_id: int, officer_id: int, text: str, form_id: str, now: datetime
) -> None:
    """Keep an internal note on the ticket, once per form."""
    row = tickets.find(connection, ticket_id)
    if row is None or not text:
        return
    thread = connection.execute(
        select(CONVERSATION.c.address_id, CONVERSATION.c.channel).where(
            CONVERSATION.c.id == row.conversation_id
        )
    ).one()
    kept = {
        "mid": form_id,
        "office": row.office,
        "direction": "note",
        "author": "officer",
        "officer_id": officer_id,
        "channel": thread.channel,
        "address_id": thread.address_id,
        "conversation_id": row.conversation_id,
        "ticket_id": ticket_id,
        "sender": "",
        "address": "",
        "body": text,
        "at": now,
    }
    if add_once(connection, MESSAGE, kept) is not None:
        tickets.touch(connection, ticket_id, now)
        tickets.log(connection, row.office, ticket_id, "noted", now, officer_id)


_OTHERS_WROTE = or_(
    MESSAGE.c.author == written("citizen"),
    and_(MESSAGE.c.author == written("officer"), MESSAGE.c.officer_id != bindparam("me")),
)
_NEWER = select(func.count()).where(
    MESSAGE.c.ticket_id == bindparam("ticket"), MESSAGE.c.id > bindparam("seen"), _OTHERS_WROTE
)


def newer_messages(connection: Connection, ticket_id: int, seen: int, officer_id: int) -> int:
    """How many messages of the citizen or of colleagues the ticket has beyond *seen*."""
    about = {"ticket": ticket_id, "seen": seen, "me": officer_id}
    return int(connection.execute(_NEWER, about).scalar_one())


def mark_read(connection: Connection, officer_id: int, ticket_id: int, message_id: int) -> None:
    """Remember how far the officer has read; an older mark never replaces a newer one."""
    statement = insert_into(connection, READ_MARK).values(
        officer_id=officer_id, ticket_id=ticket_id, message_id=message_id
    )
    further = case((READ_MARK.c.message_id < message_id, message_id), else_=READ_MARK.c.message_id)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["officer_id", "ticket_id"], set_={"message_id": further}
        )
    )


def present(connection: Connection, officer_id: int, ticket_id: int, writing: bool, now: datetime) -> None:
    """The officer looks at the ticket now."""
    statement = insert_into(connection, PRESENCE).values(
        officer_id=officer_id, ticket_id=ticket_id, writing=writing, seen_at=now
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["officer_id", "ticket_id"], set_={"writing": writing, "seen_at": now}
        )
    )


def forget_presence(connection: Connection, before: datetime) -> None:
    """Drop those who have not been seen since *before*."""
    connection.execute(delete(PRESENCE).where(PRESENCE.c.seen_at < before))
