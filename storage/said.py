"""What is said to and by the desk, as it is inserted: by one statement, whoever says it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam

from storage import later
from storage.columns import table
from storage.inserting import adding
from storage.tables import Message

MESSAGE: Table = table(Message)

# All named, though most stay empty: rows with the same columns share a statement.
_UNSAID: Mapping[str, Any] = {
    "account": "",
    "external_id": None,
    "officer_id": None,
    "conversation_id": None,
    "ticket_id": None,
    "subject": "",
    "content": "text",
    "choice": None,
    "replies_to": None,
    "media": [],
    "raw": None,
    "mail_id": None,
    "intake": None,
    "outcome": None,
    "delivery": None,
    "rank": 0,
    "text_key": None,
    "part_of": None,
    "part": 0,
    "answers": False,
    "tries": 0,
    "next_try_at": None,
    "template": None,
    "menu": None,
    "doubts": 0,
}
_ALWAYS = ("mid", "office", "direction", "author", "channel", "address_id", "sender", "address", "body", "at")
_ADD = adding(MESSAGE).values({name: bindparam(name) for name in (*_ALWAYS, *_UNSAID)})


def put(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert *rows* of messages, at the end of a turn (``later``). What one does not say is empty."""
    later.put(connection, _ADD, [{**_UNSAID, **row} for row in rows])
