"""What is said to a citizen becomes rows of the outbox: one for each part that the channel can carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from channels.menus import Menu
from handlers.media import sending
from handlers.runtime import Runtime
from storage import mids, outbox
from storage.conversations import Thread


@dataclass(frozen=True, slots=True)
class Words:
    """A message to be sent: the *text*, by a bot or an officer, and what is known about it.

    *mid* is its own id. *menu*: what the text names by number, to be tapped.
    """

    text: str
    author: str
    mid: str
    ticket_id: int | None
    officer_id: int | None = None
    answers: bool = False
    text_key: str | None = None
    outcome: str | None = None
    media: Sequence[Mapping[str, str]] = ()
    menu: Menu | None = None


def queue(
    runtime: Runtime,
    connection: Connection,
    thread: Thread,
    conversation_id: int,
    words: Words,
    now: datetime,
) -> None:
    """Put *words* in the outbox. Raises ``ValueError`` when they say nothing."""
    parts = sending.parts(runtime, thread.channel, words.text, words.media)
    common = {
        "office": thread.office,
        "direction": "out",
        "author": words.author,
        "channel": thread.channel,
        "address_id": thread.address_id,
        "conversation_id": conversation_id,
        "ticket_id": words.ticket_id,
        "officer_id": words.officer_id,
        "answers": words.answers,
        "sender": thread.sender,
        "address": thread.reply_to,
        "at": now,
        "next_try_at": now,
        "delivery": "queued",
        "text_key": words.text_key,
        "outcome": words.outcome,
        "part_of": words.mid,
        "menu": words.menu.kept() if words.menu and len(parts) == 1 else None,
    }
    rows = [
        {
            **common,
            "mid": words.mid if part == 0 else mids.new(now),
            "part": part,
            "body": body,
            "media": [dict(file) for file in files],
        }
        for part, (body, files) in enumerate(parts)
    ]
    outbox.queue(connection, rows)
