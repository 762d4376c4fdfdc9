"""Tickets linked, merged, split, and all of it undone. Whether that may be is decided above."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    literal_column,
    select,
    union,
    update,
)

from bot.conversation import Outcome, TicketKind
from bot.events import TimerKind
from storage.columns import AnyRow, table, written
from storage.mail_tables import Mail
from storage.tables import Address, Conversation, Message, Ticket, TicketEvent, Timer

ADDRESS: Table = table(Address)
CONVERSATION: Table = table(Conversation)
MAIL: Table = table(Mail)
MESSAGE: Table = table(Message)
TICKET: Table = table(Ticket)
EVENT: Table = table(TicketEvent)
TIMER: Table = table(Timer)
MERGED = "merged"
"""Why a ticket is closed whose messages went to another one."""
_COUNTS = (Outcome.TICKET.value, Outcome.COMPLAINT.value, Outcome.AFTER_OPT_OUT.value)
_IDLE = (TimerKind.IDLE_WARN.value, TimerKind.IDLE_CLOSE.value)


class Moved(Exception):
    """Who speaks in these tickets changed while their turn was waited for: ask again."""


def _speaking() -> Select[tuple[int]]:
    these: BindParameter[int] = bindparam("tickets", expanding=True)
    there: BindParameter[int] = bindparam("conversations", expanding=True)
    chosen: BindParameter[int] = bindparam("addresses", expanding=True)
    homes = select(TICKET.c.conversation_id).where(TICKET.c.id.in_(these))
    where = (
        CONVERSATION.c.id.in_(there),
        CONVERSATION.c.id.in_(homes),
        CONVERSATION.c.ticket_id.in_(these),
        CONVERSATION.c.complaint_id.in_(these),
    )
    # One SELECT each, since PostgreSQL looks into no index for an OR with a subquery in it.
    speaking = (select(CONVERSATION.c.address_id).where(one) for one in where)
    theirs = union(*speaking, select(ADDRESS.c.id).where(ADDRESS.c.id.in_(chosen)))
    return select(ADDRESS.c.id).where(ADDRESS.c.id.in_(theirs)).order_by(ADDRESS.c.id)


_SPEAKING = _speaking()
_LOCK_SPEAKING = _SPEAKING.with_for_update()
_LOCK_TICKETS = (
    select(TICKET)
    .where(TICKET.c.id.in_(bindparam("tickets", expanding=True)))
    .order_by(TICKET.c.id)
    .with_for_update()
)


def _leading() -> Select[tuple[int]]:
    these: BindParameter[int] = bindparam("tickets", expanding=True)
    where = (CONVERSATION.c.ticket_id.in_(these), CONVERSATION.c.complaint_id.in_(these))
    return select(union(*(select(CONVERSATION.c.id).where(one) for one in where)).subquery().c.id)


_WRITE_ANEW = (
    update(CONVERSATION).where(CONVERSATION.c.id.in_(_leading())).values(ticket_id=CONVERSATION.c.ticket_id)
)


def lock(
    connection: Connection,
    ticket_ids: Sequence[int],
    conversation_ids: Sequence[int] = (),
    address_ids: Sequence[int] = (),
) -> dict[int, AnyRow]:
    """Wait for everybody who speaks in these tickets or conversations, then for the tickets; their rows.

    The addresses are locked in the order of their ids, as everywhere. Raises ``Moved`` when somebody came
    in meanwhile whose address is not locked. The conversations that lead there are written anew (PostgreSQL):
    whoever has read one while they wait for its lock finds out (``conversations.doubt``).
    """
    whose = {"tickets": ticket_ids, "conversations": conversation_ids, "addresses": address_ids}
    locked = set(connection.execute(_LOCK_SPEAKING, whose).scalars())
    rows = connection.execute(_LOCK_TICKETS, {"tickets": ticket_ids}).all()
    if not set(connection.execute(_SPEAKING, whose).scalars()) <= locked:
        raise Moved
    if connection.dialect.name != "sqlite":
        connection.execute(_WRITE_ANEW, {"tickets": ticket_ids})
    return {row.id: row for row in rows}


def pointing(kind: str) -> Any:
    """The column of a conversation that names its open ticket of this kind."""
    return CONVERSATION.c.complaint_id if kind == TicketKind.COMPLAINT else CONVERSATION.c.ticket_id


def threads_of(connection: Connection, ticket: AnyRow) -> list[int]:
    """The conversations whose next words belong to *ticket*, oldest first."""
    where = pointing(ticket.kind) == ticket.id
    return list(
        connection.execute(select(CONVERSATION.c.id).where(where).order_by(CONVERSATION.c.id)).scalars()
    )


def point(connection: Connection, kind: str, conversation_ids: Iterable[int], ticket_id: int | None) -> None:
    """From now the words of these conversations belong to *ticket_id*."""
    column = pointing(kind)
    connection.execute(
        update(CONVERSATION)
        .where(CONVERSATION.c.id.in_(list(conversation_ids)))
        .values({column.name: ticket_id})
    )


def forget_silence(connection: Connection, conversation_ids: Iterable[int]) -> None:
    """Nobody is closed out for a silence that began before the ticket of these conversations changed."""
    connection.execute(
        delete(TIMER).where(TIMER.c.conversation_id.in_(list(conversation_ids)), TIMER.c.kind.in_(_IDLE))
    )


_OTHERS = select(CONVERSATION.c.id).where(
    CONVERSATION.c.ticket_id == bindparam("ticket"), CONVERSATION.c.id != bindparam("but")
)
_FORGET_OTHERS = delete(TIMER).where(TIMER.c.conversation_id.in_(_OTHERS), TIMER.c.kind.in_(_IDLE))


def one_clock(connection: Connection, ticket_id: int, conversation_id: int) -> None:
    """The silence on this ticket is counted in this conversation from now on, and in no other."""
    connection.execute(_FORGET_OTHERS, {"ticket": ticket_id, "but": conversation_id})


def message_ids(connection: Connection, ticket_id: int) -> list[int]:
    """Every message and note of the ticket, oldest first."""
    found = select(MESSAGE.c.id).where(MESSAGE.c.ticket_id == ticket_id).order_by(MESSAGE.c.id)
    return list(connection.execute(found).scalars())


def find_message(connection: Connection, ticket_id: int, message_id: int) -> AnyRow | None:
    """The message of this ticket with this id."""
    found = select(MESSAGE).where(MESSAGE.c.id == message_id, MESSAGE.c.ticket_id == ticket_id)
    return connection.execute(found).first()


def from_on(connection: Connection, ticket_id: int, chosen: AnyRow) -> list[AnyRow]:
    """The messages of the ticket in the conversation of *chosen*, from that one on, oldest first."""
    found = select(MESSAGE).where(MESSAGE.c.ticket_id == ticket_id, _goes_with(chosen))
    return list(connection.execute(found.order_by(MESSAGE.c.id)))


def heard_besides(connection: Connection, ticket_id: int, chosen: AnyRow) -> bool:
    """Whether the ticket holds words of a citizen that don't go with *chosen*."""
    found = select(MESSAGE.c.id).where(
        MESSAGE.c.ticket_id == ticket_id, MESSAGE.c.direction == written("in"), ~_goes_with(chosen)
    )
    return connection.execute(found.limit(1)).first() is not None


def _goes_with(chosen: AnyRow) -> ColumnElement[bool]:
    return and_(MESSAGE.c.conversation_id == chosen.conversation_id, MESSAGE.c.id >= chosen.id)


def said_before(connection: Connection, ticket_id: int, chosen: AnyRow) -> bool:
    """Whether the ticket holds messages of the conversation of *chosen* from before that one."""
    found = select(MESSAGE.c.id).where(
        MESSAGE.c.ticket_id == ticket_id,
        MESSAGE.c.conversation_id == chosen.conversation_id,
        MESSAGE.c.id < chosen.id,
    )
    return connection.execute(found.limit(1)).first() is not None


def since_in(
    connection: Connection, ticket_id: int, conversation_ids: Iterable[int], moment: datetime
) -> list[int]:
    """The messages that came into the ticket by these conversations at *moment* or later."""
    found = select(MESSAGE.c.id).where(
        MESSAGE.c.ticket_id == ticket_id,
        MESSAGE.c.conversation_id.in_(list(conversation_ids)),
        MESSAGE.c.at >= moment,
    )
    return list(connection.execute(found).scalars())


def move(
    connection: Connection,
    messages: Sequence[int],
    from_id: int,
    to_id: int,
    conversation_id: int | None = None,
) -> int:
    """Give these messages of one ticket, and the mails they came in, to another; how many there were.

    *conversation_id*: they are of that conversation from now on.
    """
    changes: dict[str, Any] = {"ticket_id": to_id}
    if conversation_id is not None:
        changes["conversation_id"] = conversation_id
    mails = select(MESSAGE.c.mail_id).where(MESSAGE.c.id.in_(messages), MESSAGE.c.mail_id.is_not(None))
    connection.execute(
        update(MAIL).where(MAIL.c.id.in_(mails), MAIL.c.ticket_id == from_id).values(**changes)
    )
    moved = update(MESSAGE).where(MESSAGE.c.id.in_(messages), MESSAGE.c.ticket_id == from_id)
    return connection.execute(moved.values(**changes)).rowcount


def close_into(connection: Connection, ticket_id: int, into_id: int, now: datetime) -> None:
    """The ticket's messages are in another one now: it is closed, and no rating is asked for it."""
    connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id)
        .values(status="closed", close_reason=MERGED, closed_at=now, merged_into=into_id, touched_at=now)
    )


def stand_alone(connection: Connection, ticket_id: int, now: datetime) -> None:
    """The ticket is open again, with messages of its own."""
    connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id)
        .values(status="open", close_reason=None, closed_at=None, merged_into=None, touched_at=now)
    )


def owe(connection: Connection, ticket: AnyRow, other: AnyRow, now: datetime) -> None:
    """*ticket* waits for the office if one of the two does, for as long as the first of them."""
    owed = [one.waiting_since for one in (ticket, other) if one.waiting_for == "office"]
    changes: dict[str, Any] = {"touched_at": now}
    if owed:
        changes |= {"waiting_for": "office", "waiting_since": min(owed)}
        changes |= {"silent_since": None, "closable_at": None}
    connection.execute(update(TICKET).where(TICKET.c.id == ticket.id).values(**changes))


def recount(connection: Connection, ticket: AnyRow, now: datetime, owed_since: datetime | None) -> None:
    """Who is waited for, since when, and when was answered: read anew from the ticket's messages.

    An answer from before *owed_since* was to another promise; None: no answer is looked for.
    """
    answers = (MESSAGE.c.author == written("officer"), MESSAGE.c.answers)
    counts = MESSAGE.c.at >= owed_since if owed_since else false()
    said = connection.execute(
        select(
            func.max(_at_where(MESSAGE.c.author == written("officer"))).label("spoken"),
            func.min(_at_where(and_(*answers, counts))).label("answered"),
        ).where(MESSAGE.c.ticket_id == ticket.id, MESSAGE.c.direction == written("out"))
    ).one()
    heard = select(func.min(MESSAGE.c.at)).where(
        MESSAGE.c.ticket_id == ticket.id, MESSAGE.c.direction == written("in"), MESSAGE.c.outcome.in_(_COUNTS)
    )
    if said.spoken:
        heard = heard.where(MESSAGE.c.at > said.spoken)
    owed = connection.execute(heard).scalar()
    waiting = "citizen" if said.spoken and owed is None else "office"
    since = owed if said.spoken else ticket.opened_at
    connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket.id)
        .values(
            waiting_for=waiting,
            waiting_since=since or said.spoken,
            answered_at=said.answered,
            silent_since=None,
            closable_at=None,
            touched_at=now,
        )
    )


def _at_where(condition: Any) -> Any:
    """The moment of a message for which *condition* holds, else nothing."""
    return case((condition, MESSAGE.c.at))


def last_word(connection: Connection, ticket_id: int) -> AnyRow | None:
    """The newest message of an officer on the ticket: its conversation, and how far it got."""
    ours = (MESSAGE.c.direction == written("out"), MESSAGE.c.author == written("officer"))
    found = select(MESSAGE.c.conversation_id, MESSAGE.c.delivery)
    found = found.where(MESSAGE.c.ticket_id == ticket_id, *ours)
    return connection.execute(found.order_by(MESSAGE.c.id.desc()).limit(1)).first()


def link(connection: Connection, ticket_id: int, other_id: int | None, now: datetime) -> None:
    """The ticket goes on from *other_id*, or from none."""
    connection.execute(
        update(TICKET).where(TICKET.c.id == ticket_id).values(linked_to=other_id, touched_at=now)
    )


def refuse_guess(connection: Connection, ticket_id: int, now: datetime) -> bool:
    """The ticket is not of the one it named; False when nobody thinks so (any more)."""
    done = connection.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id, TICKET.c.perhaps_of.is_not(None))
        .values(perhaps_of=None, touched_at=now)
    )
    return done.rowcount == 1


_LATEST = (
    select(EVENT)
    .where(EVENT.c.ticket_id == bindparam("ticket"), EVENT.c.what == bindparam("named"))
    .order_by(EVENT.c.id.desc())
    .limit(literal_column("1"))
)


def latest(connection: Connection, ticket_id: int, what: str) -> AnyRow | None:
    """The newest row of the ticket's log of this kind."""
    return connection.execute(_LATEST, {"ticket": ticket_id, "named": what}).first()


def another_open(connection: Connection, conversation_id: int, besides: Sequence[int]) -> bool:
    """Whether a second open consultation stands in this conversation, which has room for one."""
    found = select(TICKET.c.id).where(
        TICKET.c.conversation_id == conversation_id,
        TICKET.c.kind == TicketKind.CONSULTATION.value,
        TICKET.c.status == written("open"),
        TICKET.c.id.not_in(besides),
    )
    return connection.execute(found.limit(1)).first() is not None


def merged_here(connection: Connection, ticket_id: int) -> bool:
    """Whether another ticket's messages went to this one."""
    found = select(TICKET.c.id).where(TICKET.c.merged_into == ticket_id)
    return connection.execute(found.limit(1)).first() is not None


def joined(connection: Connection, ticket_id: int) -> list[int]:
    """The tickets whose words are in this one: those merged into it, and into those."""
    found, into = list[int](), [ticket_id]
    while into:
        wanted = select(TICKET.c.id).where(TICKET.c.merged_into.in_(into)).order_by(TICKET.c.id)
        into = [one for one in connection.execute(wanted).scalars() if one not in found]
        found += into
    return found


def survivor(connection: Connection, ticket_id: int) -> int:
    """The ticket that has the words of *ticket_id* now: itself, unless it was merged."""
    seen = {ticket_id}
    while True:
        into = connection.execute(select(TICKET.c.merged_into).where(TICKET.c.id == ticket_id)).scalar()
        if into is None or into in seen:
            return ticket_id
        seen.add(into)
        ticket_id = into
