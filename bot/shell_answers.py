"""The shell has answered a question that the turn put to it."""

from datetime import datetime

from bot import before_ticket, codes, searching, status
from bot.conversation import Conversation
from bot.effects import Decision
from bot.events import CodeChecked, CodeMailed, SearchFinished, TicketsFound
from bot.policy import Desk


def taken(
    conversation: Conversation,
    event: TicketsFound | CodeMailed | CodeChecked | SearchFinished,
    desk: Desk,
    now: datetime,
) -> Decision:
    """What follows from the answer."""
    match event:
        case TicketsFound():
            return status.told(conversation, event)
        case CodeMailed():
            return codes.mailed(conversation, event, now)
        case CodeChecked():
            return codes.checked(conversation, event, before_ticket.pending(conversation), now)
        case SearchFinished():
            return searching.finished(conversation, event, desk)
