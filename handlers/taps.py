"""Whether what was tapped or written answers what was said last."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage import offers
from storage.columns import AnyRow
from storage.conversations import Pending, Thread

LATE = timedelta(minutes=1)
"""Clocks differ, and a provider may take a moment: only what took longer is looked at."""


def is_current(connection: Connection, thread: Thread, message: Pending, now: datetime) -> bool:
    """False for a tap below a question that was put again since about something else: another ticket, a
    changed request; and for what was written before the last thing that it could be about.

    True where the provider does not tell what was tapped, or nothing of ours is known by that id.
    """
    if message.choice and message.replies_to and thread.id:
        asked = offers.asked_since(connection, thread.id, message.replies_to)
        return not any(_differs(one, asked[0]) for one in asked[1:])
    if thread.id is None or now - message.at <= LATE:
        return True
    if thread.opted_out_at is not None:
        return not _is_before_silence(thread, message.at)
    said_at = offers.last_said_at(connection, thread.id)
    return said_at is None or said_at <= message.at


def _is_before_silence(thread: Thread, at: datetime) -> bool:
    """Their wish for silence was heard after this was written, and was not itself late and older."""
    since, last = thread.opted_out_at, thread.value.last_inbound_at
    return since is not None and at < since and (last is None or at < last)


def _differs(one: AnyRow, tapped: AnyRow) -> bool:
    if _question(one) != _question(tapped):
        return False
    about = [(row.menu or {}).get("about", "") for row in (one, tapped)]
    pairs = (about, [one.ticket_id, tapped.ticket_id])
    return any(all(pair) and pair[0] != pair[1] for pair in pairs)


def _question(row: AnyRow) -> str:
    """What a message asks stands at its end."""
    return (row.text_key or "").rpartition("+")[2]
