"""No faster than WhatsApp allows: so many a second from a number, and a pause between two to one person."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handlers.runtime import Runtime
from storage import outbox, sender_pace
from storage.columns import AnyRow

_LIMITED = "whatsapp"


def within(runtime: Runtime, connection: Connection, channel: str, claimed: Sequence[AnyRow]) -> list[AnyRow]:
    """Those of *claimed* that may leave now. The others wait for their moments as if unclaimed.

    Holds across processes, and costs two statements for each sender of a batch.
    """
    if channel != _LIMITED or not claimed:
        return list(claimed)
    now = runtime.clock()
    later = _spaced(runtime, connection, claimed, now)
    most = runtime.settings.channels.whatsapp.messages_per_second
    by_sender: dict[str, list[AnyRow]] = defaultdict(list)
    for message in claimed:
        if message.id not in later:
            by_sender[message.sender].append(message)
    for sender in sorted(by_sender):
        theirs = by_sender[sender]
        places = sender_pace.take(connection, sender, len(theirs), most, now)
        waiting = zip(theirs[places.now :], places.later, strict=True)
        later |= {message.id: moment for message, moment in waiting}
    if later:
        outbox.put_off(connection, later)
    return [message for message in claimed if message.id not in later]


def _spaced(
    runtime: Runtime, connection: Connection, claimed: Sequence[AnyRow], now: datetime
) -> dict[int, datetime]:
    """When those may leave whose recipient has got something a moment ago."""
    gap = timedelta(seconds=runtime.settings.channels.whatsapp.recipient_seconds)
    if not gap:
        return {}
    ids = {message.conversation_id for message in claimed if message.conversation_id is not None}
    last = outbox.last_left(connection, ids, now - gap)
    found = ((message.id, last.get(message.conversation_id)) for message in claimed)
    return {key: moment + gap for key, moment in found if moment is not None}
