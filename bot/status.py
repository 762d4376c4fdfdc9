"""What citizens are told about their own tickets when they ask how far they have come."""

from bot import before_ticket
from bot.conversation import Conversation
from bot.effects import Decision, Say
from bot.events import TicketsFound
from bot.texts import Text


def told(conversation: Conversation, event: TicketsFound) -> Decision:
    """A line a ticket, and the question that is still open."""
    again = before_ticket.pending(conversation)
    if not event.tickets:
        return Decision(conversation, (Say(Text.STATUS_NONE), *again))
    lines = tuple(f"{found.reference}|{_progress(found.open, found.answered)}" for found in event.tickets)
    return Decision(conversation, (Say(Text.STATUS_LIST, {"tickets": lines}), *again))


def _progress(is_open: bool, answered: bool) -> str:
    if not is_open:
        return "closed"
    return "answered" if answered else "waiting"
