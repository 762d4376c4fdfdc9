"""The citizen's silence counts from an officer's message that has really left, and only from that."""

from sqlalchemy import Connection

from bot.events import OfficeMessageSent, TimerKind
from handlers import apply
from handlers.runtime import Runtime
from storage import clocks, conversations, timers
from storage.columns import AnyRow


def begins(runtime: Runtime, message: AnyRow) -> None:
    """*message* has left: a turn of its own starts the clock, if it is an officer's on a ticket."""
    if message.author != "officer" or message.part != 0 or message.ticket_id is None:
        return
    with runtime.database.write() as connection:
        thread = conversations.by_id(connection, message.conversation_id)
        if thread:
            apply.take(runtime, connection, thread, OfficeMessageSent(message.ticket_id), runtime.clock())


def ends(connection: Connection, message: AnyRow) -> None:
    """*message* did not reach the citizen after all: nobody is closed out for not answering it."""
    if message.author != "officer" or message.ticket_id is None:
        return
    thread = conversations.by_id(connection, message.conversation_id)
    if thread and thread.value.ticket and thread.value.ticket.id == message.ticket_id:
        timers.clear(connection, message.conversation_id, (TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE))
        clocks.end_silence(connection, message.ticket_id)
