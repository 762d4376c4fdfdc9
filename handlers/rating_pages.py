"""What is sent from the pages behind a rating question's link, each once for the closing asked about."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.events import RatingSent
from bot.satisfaction import Element
from bot.understanding import accuses, insists_on_human, is_request
from handlers import apply
from handlers.mailroom import turns
from handlers.mailroom.turns import Place
from handlers.runtime import Runtime
from storage import conversations, ratings
from storage.columns import AnyRow
from storage.contacts import Home
from storage.conversations import Thread

OPEN_FOR = timedelta(days=30)
"""So long after it was put a question may be answered on its page."""


def is_open(asked: AnyRow, now: datetime) -> bool:
    """Whether the question may be answered: not yet answered, not too old, and about the last closing."""
    return asked.score is None and may_fill_in(asked, now)


def may_fill_in(asked: AnyRow, now: datetime) -> bool:
    """Whether the survey may be filled in for the closing that was asked about."""
    last = asked.status == "closed" and asked.closing == asked.closings
    return bool(last and now - asked.asked_at <= OPEN_FOR)


def rate(runtime: Runtime, rating_id: int, score: int, comment: str, message_id: str) -> bool:
    """Take the mark in a turn of the conversation that was asked; False when it counts no more.

    Words that ask for something are a letter of the citizen too, where they write letters.
    """
    now = runtime.clock()
    with runtime.database.write() as connection:
        asked = ratings.find(connection, rating_id)
        thread = _thread(connection, asked)
        # Once more under the lock: it may have been answered while this waited.
        asked = ratings.find(connection, rating_id)
        if asked is None or thread is None or not is_open(asked, now):
            return False
        apply.take(runtime, connection, thread, RatingSent(asked.ticket_id, score, comment), now)
        if _asks(comment) and thread.channel == "email":
            _hear(runtime, connection, thread, comment, message_id, now)
    return True


def _thread(connection: Connection, asked: AnyRow | None) -> Thread | None:
    conversation = ratings.thread_of(connection, asked.ticket_id) if asked is not None else None
    return conversations.by_id(connection, conversation) if conversation is not None else None


def _asks(comment: str) -> bool:
    return not accuses(comment) and (is_request(comment) or insists_on_human(comment))


def _hear(
    runtime: Runtime, connection: Connection, thread: Thread, text: str, message_id: str, now: datetime
) -> None:
    """*text* as if it had come by mail, in the thread in which the question was put."""
    heard = turns.told_on_a_page(runtime, thread, "rating", message_id, text)
    if not turns.was_heard(connection, heard):
        home, place = Home(thread.address_id, thread.contact_id), Place(conversation_id=thread.id)
        turns.take(runtime, connection, heard, home, place, now)


def fill_in(runtime: Runtime, rating_id: int, marks: Mapping[Element, int], suggestion: str) -> bool:
    """Keep the questionnaire; False when there is one for this closing, or it counts no more."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        asked = ratings.find(connection, rating_id)
        if asked is None or not may_fill_in(asked, now):
            return False
        return ratings.fill_in(connection, asked, marks, suggestion, now)
