"""Splitting a ticket that holds two requests, and undoing it; see ``linking``."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.conversation import Request, TicketKind
from handlers import complaints, linking, uniting
from handlers.linking import Act, Obstacle, Stopped, need
from handlers.runtime import Runtime
from storage import beginnings, conversations, links, tickets
from storage.beginnings import NewThread
from storage.columns import AnyRow
from storage.conversations import Thread
from storage.tickets import Opened

_MAIL = "email"
_LEAVING = ("queued", "sending", "unknown")


def split(runtime: Runtime, officer_id: int, ticket_id: int, message_id: int) -> Opened | Obstacle:
    """A new ticket with this message of the citizen and the later ones of its conversation.

    By mail it gets a thread of its own, so that both may stand open. On chat, where a conversation has room
    for one open consultation, the old ticket must be closed first; only the conversation of a participant
    goes with its words.
    """
    with runtime.database.read() as connection:
        chosen = links.find_message(connection, ticket_id, message_id)
    if chosen is None or chosen.direction != "in":
        return Obstacle.GONE
    opened: list[Opened] = []

    def change(act: Act) -> None:
        opened.append(_split(act, act.ticket(ticket_id), chosen))

    stopped = linking.perform(runtime, officer_id, (ticket_id,), change, (chosen.conversation_id,))
    return stopped or opened[-1]


def _split(act: Act, ticket: AnyRow, chosen: AnyRow) -> Opened:
    need(ticket.merged_into is None, Obstacle.MERGED)
    rows = links.from_on(act.connection, ticket.id, chosen)
    need(bool(rows) and rows[0].id == chosen.id, Obstacle.CHANGED)
    need(links.heard_besides(act.connection, ticket.id, chosen), Obstacle.NOTHING_LEFT)
    thread = conversations.by_id(act.connection, chosen.conversation_id)
    if thread is None or thread.id is None:
        raise Stopped(Obstacle.GONE)
    home = _home(act, ticket, thread, chosen)
    # A letter's own id names its thread, and must not change between two tries to send it.
    stays = home.id == thread.id
    need(stays or not any(row.delivery in _LEAVING for row in rows), Obstacle.UNDER_WAY)
    opened = _open(act, ticket, home, rows)
    messages = [row.id for row in rows]
    links.move(act.connection, messages, ticket.id, opened.id, home.id)
    linking.resume(act, home, ticket.kind, opened.id)
    new = tickets.find(act.connection, opened.id)
    if new is None:
        raise LookupError(opened.id)
    links.recount(act.connection, ticket, act.now, ticket.answered_at)
    links.recount(act.connection, new, act.now, chosen.at)
    uniting.split_off(act.runtime, act.connection, new.id, chosen.at, act.now)
    for each in (ticket, new):
        uniting.look_again(act.runtime, act.connection, each.id, act.now)
    answered = ticket.answered_at.isoformat() if ticket.answered_at else None
    act.log((new, "split_here"), (ticket, "split"), messages=messages, thread=thread.id, answered=answered)
    return opened


def _home(act: Act, ticket: AnyRow, thread: Thread, chosen: AnyRow) -> Thread:
    """The conversation of the new ticket: a thread of its own by mail, else the one its words came in."""
    theirs = thread.id != ticket.conversation_id
    whole = not links.said_before(act.connection, ticket.id, chosen)
    if thread.channel == _MAIL and not (theirs and whole):
        return _own_thread(act, thread)
    if ticket.kind == TicketKind.CONSULTATION:
        need(theirs or ticket.status != "open", Obstacle.ON_CHAT)
    return linking.room_in(act, chosen.conversation_id, ticket.kind, besides=(ticket.id,))


def _own_thread(act: Act, thread: Thread) -> Thread:
    common = {name: getattr(thread, name) for name in ("office", "channel", "sender", "address_id")}
    new = NewThread(**common, contact_id=thread.contact_id, reply_to=thread.reply_to, subject=thread.subject)
    begun = conversations.by_id(act.connection, beginnings.begin(act.connection, new, act.now))
    if begun is None:
        raise LookupError("a thread just begun")
    return begun._replace(value=begun.value.but(last_inbound_at=thread.value.last_inbound_at))


def _open(act: Act, ticket: AnyRow, home: Thread, rows: Sequence[AnyRow]) -> Opened:
    office = act.runtime.office(ticket.office)
    said = next((row.body for row in rows if row.direction == "in" and row.body), "")
    opening = tickets.Opening(
        office=office.code,
        short_name=office.short_name,
        local_year=act.now.astimezone(ZoneInfo(office.timezone)).year,
        conversation_id=home.id or 0,
        contact_id=home.contact_id,
        kind=TicketKind(ticket.kind),
        request=Request(text=said),
        confirmed=False,
        linked_to=ticket.id,
        handled_by=ticket.handled_by,
        letter=home.subject,
    )
    opened = tickets.open_ticket(act.connection, opening, act.now)
    if ticket.kind == TicketKind.COMPLAINT:
        complaints.split_off(act.runtime, act.connection, ticket, opened.id, act.now)
    return opened


def undo_split(runtime: Runtime, officer_id: int, ticket_id: int) -> Obstacle | None:
    """Everything of the ticket goes back to the one it was split from; its number stays used, and closed.

    Not once it was closed, merged, or took in another ticket.
    """
    with runtime.database.read() as connection:
        done = links.latest(connection, ticket_id, "split_here")
    if done is None or "thread" not in done.detail:  # its citizen was erased: the log counts only
        return Obstacle.GONE
    from_id = done.detail["ticket"]
    return linking.perform(
        *(runtime, officer_id, (ticket_id, from_id), lambda act: _undo_split(act, done)),
        conversation_ids=(done.detail["thread"],),
    )


def _undo_split(act: Act, done: AnyRow) -> None:
    new, ticket = act.ticket(done.ticket_id), act.ticket(done.detail["ticket"])
    need(new.merged_into is None, Obstacle.MERGED)
    need(new.status == "open", Obstacle.NOT_OPEN)
    need(ticket.merged_into is None, Obstacle.MERGED_ON)
    need(ticket.handled_by == new.handled_by, Obstacle.GONE)
    need(not links.merged_here(act.connection, new.id), Obstacle.HOLDS_ANOTHER)
    threads = links.threads_of(act.connection, new)
    messages = done.detail["messages"]
    moved = links.move(act.connection, messages, new.id, ticket.id, done.detail["thread"])
    need(moved == len(messages), Obstacle.TAKEN_APART)
    links.move(act.connection, links.message_ids(act.connection, new.id), new.id, ticket.id)
    links.close_into(act.connection, new.id, ticket.id, act.now)
    links.point(act.connection, new.kind, threads, ticket.id)
    links.forget_silence(act.connection, threads)
    links.recount(act.connection, ticket, act.now, uniting.first_answer(ticket, new, done))
    uniting.look_again(act.runtime, act.connection, ticket.id, act.now)
    missed = uniting.back(act.connection, new, done.at, act.now)
    act.log((new, "split_undone"), (ticket, "split_undone"), missed, messages=messages)
