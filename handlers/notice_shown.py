"""Which notice on personal data a person was shown first, and when: whoever asks later can be told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import State
from bot.effects import Say
from bot.texts import Text
from storage import contacts
from storage.conversations import Thread

VERSION = "2026-11-28"
"""The day of the wording in ``templates/notices``: changed with it."""

_GREETINGS = frozenset({Text.GREETING, Text.CHANNEL_COMPLAINT_ONLY})


def note(connection: Connection, thread: Thread, says: Sequence[Say], now: datetime, *, letter: bool) -> None:
    """The greeting links to the notice, and so does every letter: the first of either is remembered."""
    first = thread.value.state is State.NEW if letter else any(say.text in _GREETINGS for say in says)
    if first:
        contacts.note_notice(connection, thread.contact_id, VERSION, now)
