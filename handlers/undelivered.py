"""A message did not arrive: what waits for it, or what it said, is looked at anew."""

from datetime import datetime

from sqlalchemy import Connection

from channels.email.sending import CHANNEL as MAIL
from channels.whatsapp import errors
from storage import held
from storage.columns import AnyRow


def noted(connection: Connection, message: AnyRow, code: str | None, now: datetime) -> None:
    """*message* failed with *code*. Its address is locked, unless it is a mail."""
    if message.text_key == held.CALL:
        held.wake(connection, message.conversation_id, now)
    elif message.author != "officer":
        return
    elif message.channel == MAIL:
        held.came_back(connection, message.id, now)
    elif errors.is_unreachable(code):
        held.refused(connection, message.id, now)


def waits_for_repair(message: AnyRow, code: str | None) -> bool:
    """Whether a call can't leave before somebody has put the installation right: nobody waits for that."""
    return message.text_key == held.CALL and errors.needs_fixing(code)
