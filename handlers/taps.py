"""Whether what was tapped stands below the question as it was put last."""

from sqlalchemy import Connection

from storage import offers
from storage.columns import AnyRow
from storage.conversations import Pending, Thread


def is_current(connection: Connection, thread: Thread, message: Pending) -> bool:
    """False when the same question was put again about something else: another ticket, a changed request.

    True where the provider does not tell what was tapped, or nothing of ours is known by that id.
    """
    if not (message.choice and message.replies_to and thread.id):
        return True
    asked = offers.asked_since(connection, thread.id, message.replies_to)
    return not any(_differs(one, asked[0]) for one in asked[1:])


def _differs(one: AnyRow, tapped: AnyRow) -> bool:
    if _question(one) != _question(tapped):
        return False
    about = [(row.menu or {}).get("about", "") for row in (one, tapped)]
    pairs = (about, [one.ticket_id, tapped.ticket_id])
    return any(all(pair) and pair[0] != pair[1] for pair in pairs)


def _question(row: AnyRow) -> str:
    """What a message asks stands at its end."""
    return (row.text_key or "").rpartition("+")[2]
