"""The ways to the people of a ticket: threads that lead to it, and its contact's other proved addresses."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, Table, and_, bindparam, func, or_, select

from bot.conversation import State
from storage import links
from storage.columns import AnyRow, as_it_is, table, written
from storage.tables import Address, Contact, Conversation, Ticket

ADDRESS: Table = table(Address)
CONTACT: Table = table(Contact)
CONVERSATION: Table = table(Conversation)
TICKET: Table = table(Ticket)


@dataclass(frozen=True, slots=True)
class Route:
    """A way to somebody of a ticket.

    ``home``: the ticket's own thread; ``leads``: what is written there comes to the ticket already.
    ``conversation_id`` is None, and ``sender`` empty, where no thread exists yet. ``theirs``: the ticket's
    own contact, not somebody whose ticket was merged into it. ``busy``: the thread has another open ticket;
    ``writing``: somebody is telling a new request or complaint there. ``proved``: the address is known to
    be of who writes from it.
    """

    channel: str
    sender: str
    address: str
    address_id: int
    conversation_id: int | None
    home: bool
    leads: bool
    theirs: bool
    name: str
    last_inbound_at: datetime | None
    opted_out: bool
    blocked: bool
    dead_why: str | None
    busy: bool = False
    writing: bool = False
    proved: bool = True


_WHO = (
    func.coalesce(func.nullif(CONTACT.c.name, ""), CONTACT.c.profile_name).label("name"),
    CONTACT.c.opted_out_at,
    CONTACT.c.blocked_at,
    ADDRESS.c.contact_id,
    ADDRESS.c.id.label("address_id"),
    ADDRESS.c.dead_at,
    ADDRESS.c.dead_why,
    ADDRESS.c.proved,
)
_THREAD = (
    CONVERSATION.c.id,
    CONVERSATION.c.sender,
    CONVERSATION.c.last_inbound_at,
    CONVERSATION.c.state,
    CONVERSATION.c.memory,
)


def of_ticket(connection: Connection, ticket: AnyRow) -> list[Route]:
    """Every way, the ticket's own first, then the others it was spoken on, then those not used for it yet."""
    spoken = _spoken(connection, ticket)
    known = {route.address_id for route in spoken}
    return [*spoken, *(route for route in _unused(connection, ticket) if route.address_id not in known)]


@cache
def _spoken_on(kind: str) -> Select[*tuple[Any, ...]]:
    home: BindParameter[int] = bindparam("home")
    return (
        select(*_WHO, *_THREAD, CONVERSATION.c.channel, CONVERSATION.c.reply_to)
        .select_from(
            CONVERSATION.join(ADDRESS, ADDRESS.c.id == CONVERSATION.c.address_id).join(
                CONTACT, CONTACT.c.id == CONVERSATION.c.contact_id
            )
        )
        .where(or_(CONVERSATION.c.id == home, links.pointing(kind) == bindparam("ticket")))
        .order_by(CONVERSATION.c.id != home, CONVERSATION.c.id)
    )


def _spoken(connection: Connection, ticket: AnyRow) -> list[Route]:
    keys = {"home": ticket.conversation_id, "ticket": ticket.id}
    rows = connection.execute(_spoken_on(ticket.kind), keys)
    return [_route(row, ticket, row.channel, row.reply_to, leads=True) for row in rows]


@cache
def _unused_for(kind: str) -> Select[*tuple[Any, ...]]:
    chat = and_(CONVERSATION.c.address_id == ADDRESS.c.id, CONVERSATION.c.thread == written(""))
    return (
        select(
            *(*_WHO, *_THREAD, ADDRESS.c.kind, ADDRESS.c.value, CONVERSATION.c.reply_to),
            TICKET.c.id.label("other_id"),
        )
        .select_from(
            ADDRESS.join(CONTACT, CONTACT.c.id == ADDRESS.c.contact_id)
            .outerjoin(CONVERSATION, chat)
            .outerjoin(
                TICKET,
                and_(TICKET.c.id == links.pointing(kind), as_it_is(TICKET.c.status) == written("open")),
            )
        )
        .where(
            ADDRESS.c.contact_id == bindparam("contact"),
            ADDRESS.c.alias_of.is_(None),
            ADDRESS.c.proved.is_(True),
        )
        .order_by(ADDRESS.c.id, CONVERSATION.c.id)
    )


def _unused(connection: Connection, ticket: AnyRow) -> list[Route]:
    """Proved addresses of the ticket's contact, with the chat that stands there, if one does."""
    rows = connection.execute(_unused_for(ticket.kind), {"contact": ticket.contact_id})
    return [
        _route(row, ticket, row.kind, row.reply_to or row.value, leads=False, busy=row.other_id is not None)
        for row in rows
    ]


def _route(
    row: AnyRow, ticket: AnyRow, channel: str, address: str, *, leads: bool, busy: bool = False
) -> Route:
    return Route(
        channel=channel,
        sender=row.sender or "",
        address=address,
        address_id=row.address_id,
        conversation_id=row.id,
        home=row.id == ticket.conversation_id,
        leads=leads,
        theirs=row.contact_id == ticket.contact_id,
        name=row.name,
        last_inbound_at=row.last_inbound_at,
        opted_out=row.opted_out_at is not None,
        blocked=row.blocked_at is not None,
        dead_why=row.dead_why if row.dead_at is not None else None,
        busy=busy,
        writing=row.state == State.COMPLAINING or bool((row.memory or {}).get("draft")),
        proved=bool(row.proved),
    )
