"""The citizen's silence counts from an officer's message that has really left, and only from that."""

import logging

from sqlalchemy import Connection

from bot.events import OfficeMessageSent, TimerKind
from handlers import apply, inbound
from handlers.runtime import Runtime
from storage import clocks, conversations, timers
from storage.columns import AnyRow
from storage.db import AWAY

log = logging.getLogger(__name__)


def begins(runtime: Runtime, connection: Connection, message: AnyRow) -> None:
    """*message* has left: a turn starts the clock, if it is an officer's on a ticket.

    In the transaction that records that it left, for a process may die between two. A bug in the turn does
    not undo the record: the message would leave again.
    """
    if message.author != "officer" or message.part != 0 or message.ticket_id is None:
        return
    thread = conversations.by_id(connection, message.conversation_id)
    if thread is None:
        return
    try:
        with connection.begin_nested():
            apply.take(runtime, connection, thread, OfficeMessageSent(message.ticket_id), runtime.clock())
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # as said
        log.error("the silence on ticket %s could not begin: %s", message.ticket_id, inbound.where(error))


def ends(connection: Connection, message: AnyRow) -> None:
    """*message* did not reach the citizen after all: nobody is closed out for not answering it."""
    if message.author != "officer" or message.ticket_id is None:
        return
    thread = conversations.by_id(connection, message.conversation_id)
    if thread and thread.value.ticket and thread.value.ticket.id == message.ticket_id:
        timers.clear(connection, message.conversation_id, (TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE))
        clocks.end_silence(connection, message.ticket_id)
