"""What providers report about messages we sent: kept as it came, applied by rank."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.contract import Receipt
from channels.whatsapp.statuses import RANK
from handlers.runtime import Runtime
from storage import outbox, tickets
from storage.columns import AnyRow

WINDOW_CLOSED = "63016"
_MOMENTS = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at"}


def receive(runtime: Runtime, receipt: Receipt) -> None:
    """Keep *receipt* once and apply it, if its message is known; else it waits for that message."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        fresh = outbox.keep_receipt(connection, _row(receipt, now))
        message = outbox.find_sent(connection, receipt.channel, receipt.external_id, receipt.mid)
        if fresh and message is not None:
            _apply(connection, message, receipt.status, receipt.error_code, receipt.error_text, now)
            outbox.mark_matched(connection, receipt.channel, receipt.external_id)


def catch_up(connection: Connection, message: AnyRow, external_id: str, now: datetime) -> None:
    """Apply what was reported about *external_id* before the desk knew that this message bears it."""
    early = outbox.unmatched(connection, message.channel, external_id)
    for row in early:
        _apply(connection, message, row.status, row.error_code or None, row.error_text, now)
    if early:
        outbox.mark_matched(connection, message.channel, external_id)


def _row(receipt: Receipt, now: datetime) -> dict[str, Any]:
    return {
        "channel": receipt.channel,
        "external_id": receipt.external_id,
        "mid": receipt.mid,
        "status": receipt.status[:32],
        "error_code": (receipt.error_code or "")[:32],
        "error_text": receipt.error_text,
        "raw": dict(receipt.raw),
        "at": now,
    }


def _apply(
    connection: Connection, message: AnyRow, status: str, code: str | None, words: str | None, now: datetime
) -> None:
    delivery, rank = RANK.get(status, ("", -1))
    if code:
        outbox.keep_error(connection, message.id, code[:32], words)
    if rank < 0:
        return
    if delivery == "failed" and code == WINDOW_CLOSED:
        held = "held" if message.author == "officer" else "cancelled"
        outbox.hold_for_window(connection, message.id, held)
    else:
        moments = {_MOMENTS[status]: now} if status in _MOMENTS else {}
        outbox.raise_rank(connection, message.id, {"delivery": delivery, **moments}, rank)
    if message.ticket_id is not None:
        tickets.touch(connection, message.ticket_id, now)
