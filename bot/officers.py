"""While an officer is talking the bot is silent; what officers do to a ticket goes through here."""

from collections.abc import Mapping
from datetime import datetime

from bot import before_ticket, complaints, holding
from bot.conversation import CloseReason, Conversation, Outcome, Refusal, State, Ticket, TicketKind
from bot.effects import (
    AskRating,
    ClearTimers,
    CloseTicket,
    Decision,
    Effect,
    ForwardTicket,
    MarkClear,
    NoteEvent,
    RelayReply,
    ReopenTicket,
    Say,
)
from bot.events import (
    Content,
    MessageReceived,
    OfficerClosed,
    OfficerForwarded,
    OfficerMarkedClear,
    OfficerReopened,
    OfficerReplied,
    TimerKind,
)
from bot.policy import Desk
from bot.texts import Text
from bot.understanding import Intent, intent

_WINDOW_CLOSED = "window_closed"


def relay(conversation: Conversation, event: MessageReceived) -> Decision:
    """A citizen's words while a ticket is open: to the ticket. Only a complaint gets an offer, once."""
    current = conversation.current
    if holding.only_agrees(conversation, event):
        return Decision(conversation, (), Outcome.FILED, current.id if current else None)
    consulting = current is not None and current is conversation.ticket
    if consulting and event.content is Content.TEXT and intent(event.text) is Intent.COMPLAIN:
        return complaints.offer(conversation)
    return Decision(conversation, (), Outcome.TICKET, current.id if current else None)


def on_complaint(conversation: Conversation) -> bool:
    """Whether the talk is about the complaint: an officer spoke there last."""
    return conversation.complaint is not None and conversation.focus is TicketKind.COMPLAINT


def replied(conversation: Conversation, event: OfficerReplied) -> Decision:
    """Queue the officer's words; from now on the citizen's answer belongs to that ticket.

    A complaint being written goes on: its words must not reach the officer it may be about.
    """
    ticket = find(conversation, event.ticket_id)
    if ticket is None:
        return refuse(conversation, Refusal.CLOSED)
    if conversation.opted_out or conversation.blocked:
        return refuse(conversation, Refusal.OPTED_OUT if conversation.opted_out else Refusal.BLOCKED)
    relayed = RelayReply(ticket.id, answers=not event.asks_back)
    if conversation.state is State.COMPLAINING:
        return Decision(conversation, (relayed,))
    opened, conversation = _open_draft(conversation)
    asking = complaints.still_asked(conversation)
    heard = conversation.but(state=State.WITH_OFFICERS, focus=ticket.kind, asking=asking, misses=0)
    return Decision(heard, (*opened, relayed))


def _open_draft(conversation: Conversation) -> tuple[tuple[Effect, ...], Conversation]:
    """An officer speaks up on a complaint while a new request is half written: it must not be lost."""
    if not conversation.draft.text:
        return (), conversation
    opened = before_ticket.open_ticket(conversation, confirmed=False, say=None)
    return opened.effects, opened.conversation


def acted(
    conversation: Conversation,
    desk: Desk,
    event: OfficerMarkedClear | OfficerClosed | OfficerReopened | OfficerForwarded,
    now: datetime,
) -> Decision:
    """An officer did something to a ticket, without words of their own."""
    match event:
        case OfficerMarkedClear():
            return marked_clear(conversation, desk, event, now)
        case OfficerClosed():
            return closed(conversation, desk, event, now)
        case OfficerReopened():
            return reopened(conversation, desk, event, now)
        case OfficerForwarded():
            return forwarded(conversation, desk, event, now)


def marked_clear(
    conversation: Conversation, desk: Desk, event: OfficerMarkedClear, now: datetime
) -> Decision:
    """Start the promise, and tell the citizen where that is possible now."""
    ticket = find(conversation, event.ticket_id)
    if ticket is None or ticket.clear:
        return refuse(conversation, Refusal.ALREADY if ticket else Refusal.CLOSED)
    told = tell(conversation, desk, now, ticket.id, Text.MARKED_CLEAR)
    return Decision(conversation, (MarkClear(ticket.id), *told))


def closed(conversation: Conversation, desk: Desk, event: OfficerClosed, now: datetime) -> Decision:
    """The officer is done, or waits no longer: say so and ask for the rating in the same message."""
    ticket = find(conversation, event.ticket_id)
    if ticket is None:
        return refuse(conversation, Refusal.CLOSED)
    silent = ticket.waiting_for_citizen and ticket.kind is TicketKind.CONSULTATION
    if event.for_silence and not silent:
        return refuse(conversation, Refusal.ALREADY)
    reason = CloseReason.SILENCE if event.for_silence else CloseReason.OFFICER
    return close(conversation, desk, ticket, reason, now)


def close(
    conversation: Conversation, desk: Desk, ticket: Ticket, reason: CloseReason, now: datetime
) -> Decision:
    """Close *ticket*. A consultation is followed by the rating question if WhatsApp lets us ask it now."""
    if ticket.kind is TicketKind.COMPLAINT:
        return _close_complaint(conversation, desk, ticket, reason, now)
    text = Text.CLOSED_BY_SILENCE if reason is CloseReason.SILENCE else Text.CLOSED_BY_OFFICER
    told = tell(conversation, desk, now, ticket.id, text)
    complaining = conversation.state is State.COMPLAINING
    busy = complaining or on_complaint(conversation)
    asks = not busy and any(isinstance(effect, Say) for effect in told)
    rating: tuple[Effect, ...] = (AskRating(ticket.id), Say(Text.ASK_RATING)) if asks else ()
    after = conversation.but(ticket=None, last_closed=ticket.id, closed_at=now, misses=0)
    if not complaining:
        after = after.but(state=State.RATING if asks else before_ticket.rests(after), asking="")
    idle = ClearTimers((TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE))
    return Decision(after, (CloseTicket(ticket.id, reason), idle, *told, *rating))


def _close_complaint(
    conversation: Conversation, desk: Desk, ticket: Ticket, reason: CloseReason, now: datetime
) -> Decision:
    told = tell(conversation, desk, now, ticket.id, Text.COMPLAINT_CLOSED)
    after = conversation.but(complaint=None, focus=TicketKind.CONSULTATION)
    if conversation.state is State.WITH_OFFICERS and conversation.ticket is None:
        after = after.but(state=State.CLOSED, last_closed=None, closed_at=now)
    return Decision(after, (CloseTicket(ticket.id, reason), *told))


def reopened(conversation: Conversation, desk: Desk, event: OfficerReopened, now: datetime) -> Decision:
    """Open a closed ticket again, unless that would mix it with another open or half-written request."""
    if find(conversation, event.ticket_id):
        return refuse(conversation, Refusal.ALREADY)
    if event.kind is TicketKind.CONSULTATION and conversation.ticket:
        return refuse(conversation, Refusal.ANOTHER_OPEN)
    if conversation.draft.text or conversation.state is State.COMPLAINING:
        return refuse(conversation, Refusal.WRITING_NEW)
    told = tell(conversation, desk, now, event.ticket_id, Text.REOPENED)
    again = conversation.but(
        state=State.WITH_OFFICERS, focus=event.kind, last_closed=None, closed_at=None, asking="", misses=0
    )
    return Decision(again, (ReopenTicket(event.ticket_id), *told))


def forwarded(conversation: Conversation, desk: Desk, event: OfficerForwarded, now: datetime) -> Decision:
    """Another office works on it now. For the citizen number, promise and conversation stay the same."""
    ticket = find(conversation, event.ticket_id)
    if ticket is None or ticket.kind is TicketKind.COMPLAINT:
        return refuse(conversation, Refusal.NOT_FORWARDED if ticket else Refusal.CLOSED)
    name = event.name.get(conversation.language) or next(iter(event.name.values()))
    told = tell(conversation, desk, now, ticket.id, Text.FORWARDED, {"to": name})
    return Decision(conversation, (ForwardTicket(ticket.id, event.office), *told))


def find(conversation: Conversation, ticket_id: int) -> Ticket | None:
    """The open ticket with this id, if it is one of this conversation's."""
    mine = (conversation.ticket, conversation.complaint)
    return next((ticket for ticket in mine if ticket and ticket.id == ticket_id), None)


def tell(
    conversation: Conversation,
    desk: Desk,
    now: datetime,
    ticket_id: int,
    text: Text,
    values: Mapping[str, str] | None = None,
) -> tuple[Effect, ...]:
    """Say *text* if the citizen can be reached by free text now; else leave a row that it was skipped."""
    if conversation.opted_out or conversation.blocked:
        return (NoteEvent(ticket_id, f"skipped:{text}:opted_out"),)
    if not desk.manners.take_free_text(conversation.last_inbound_at, now):
        return (NoteEvent(ticket_id, f"skipped:{text}:{_WINDOW_CLOSED}"),)
    return (Say(text, values or {}),)


def went_unsaid(decision: Decision) -> bool:
    """Whether something was to be told, and this way takes no free text now; another one might."""
    return any(
        isinstance(it, NoteEvent) and it.what.endswith(f":{_WINDOW_CLOSED}") for it in decision.effects
    )


def refuse(conversation: Conversation, why: Refusal) -> Decision:
    """Nothing changes; the officer is told why."""
    return Decision(conversation, refusal=why)
