"""A silence that rested for a complaint is counted again where the complaint ends in another conversation."""

from datetime import datetime

from sqlalchemy import Connection

from bot import silence
from bot.policy import Desk
from handlers import deadlines
from storage import clocks, conversations, links, tickets
from storage.conversations import Thread


def over(connection: Connection, complaint_id: int, here: Thread, at: Desk, now: datetime) -> None:
    """A turn of *here* has closed the complaint; all who speak in it are locked, as whoever closes has done.

    After a merge others lead to it as well: their consultations would wait for their citizens for ever.
    """
    row = tickets.find(connection, complaint_id)
    for conversation_id in links.threads_of(connection, row) if row else ():
        thread = conversations.by_id(connection, conversation_id) if conversation_id != here.id else None
        if thread is not None:
            _wait_anew(connection, thread, conversation_id, at, now)


def _wait_anew(connection: Connection, thread: Thread, conversation_id: int, at: Desk, now: datetime) -> None:
    ticket, counted = thread.value.ticket, silence.counted_anew(thread.value, at, now)
    if ticket is None or not counted:
        return
    clocks.begin_silence(connection, ticket.id, now)
    links.one_clock(connection, ticket.id, conversation_id)
    deadlines.settle(connection, thread.office, conversation_id, counted)
