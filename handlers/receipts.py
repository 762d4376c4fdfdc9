"""What providers report about messages we sent: kept as it came, applied by rank."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from channels.contract import Receipt
from channels.menus import Menu
from channels.whatsapp.errors import refuses_choices
from channels.whatsapp.statuses import RANK
from handlers import silence, undelivered
from handlers.runtime import Runtime
from storage import conversations, offers, outbox, tickets
from storage.columns import AnyRow

WINDOW_CLOSED = "63016"
_LOST = {"failed", "cancelled"}
_MOMENTS = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at"}


class Said(StrEnum):
    """What a report comes to."""

    NOTHING = "nothing"
    LEFT = "left"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class _Report:
    """A status of the message that the provider calls *external_id*."""

    external_id: str
    status: str
    code: str | None
    words: str | None

    @property
    def rank(self) -> int:
        return RANK.get(self.status, ("", -1))[1]

    @property
    def delivery(self) -> str:
        return RANK.get(self.status, ("", -1))[0]


def receive(runtime: Runtime, receipt: Receipt) -> None:
    """Keep *receipt* once and apply it, if its message is known; else it waits for that message."""
    now, said = runtime.clock(), Said.NOTHING
    with runtime.database.write() as connection:
        fresh = outbox.keep_receipt(connection, _row(receipt, now))
        message = _about(runtime, connection, receipt)
        if fresh and message is not None:
            # First whose conversation it is, then the message, then its ticket: as in a turn of theirs.
            conversations.lock(connection, message.address_id)
            report = _Report(receipt.external_id, receipt.status, receipt.error_code, receipt.error_text)
            said = _apply(connection, message, report, now)
            outbox.mark_matched(connection, receipt.channel, receipt.external_id)
    if message is not None and said is Said.LEFT and message.sent_at is None:
        silence.begins(runtime, message)


def _about(runtime: Runtime, connection: Connection, receipt: Receipt) -> AnyRow | None:
    """The message a receipt is about; one account may not tell what became of another's message."""
    found = outbox.find_sent(connection, receipt.channel, receipt.external_id, receipt.mid)
    account = receipt.raw.get("AccountSid", "")
    return found if found is not None and runtime.keys.may_speak_for(account, found.sender) else None


def catch_up(connection: Connection, message: AnyRow, external_id: str, now: datetime) -> set[Said]:
    """Apply what was reported about *external_id* before the desk knew that this message bears it."""
    early = [
        _Report(external_id, row.status, row.error_code or None, row.error_text)
        for row in outbox.unmatched(connection, message.channel, external_id)
    ]
    said = {_apply(connection, message, report, now) for report in sorted(early, key=lambda each: each.rank)}
    if early:
        outbox.mark_matched(connection, message.channel, external_id)
    return said


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


def _apply(connection: Connection, message: AnyRow, report: _Report, now: datetime) -> Said:
    said = _written(connection, message, report, now)
    if report.delivery in _LOST and message.rank < outbox.DELIVERED_RANK:
        silence.ends(connection, message)
    return said


def _written(connection: Connection, message: AnyRow, report: _Report, now: datetime) -> Said:
    if report.code:
        outbox.keep_error(connection, message.id, report.code[:32], report.words)
    if report.rank < 0 or _is_about_a_stopped_attempt(message, report):
        return Said.NOTHING
    if report.delivery == "failed" and report.code == WINDOW_CLOSED and message.template is None:
        outbox.hold_for_window(connection, message.id, now, report.external_id)
    elif (menu := _refused(message, report)) is not None:
        offers.say_by_number(connection, message.id, menu.by_number(), report.external_id, now)
    else:
        moments = {_MOMENTS[report.status]: now} if report.status in _MOMENTS else {}
        changes = {"delivery": report.delivery, "external_id": report.external_id}
        outbox.raise_rank(connection, message.id, changes, report.rank, moments)
    if message.ticket_id is not None:
        tickets.touch(connection, message.ticket_id, now)
    if report.delivery in _LOST:
        undelivered.noted(connection, message, report.code, now)
        return Said.FAILED
    return Said.LEFT if report.rank >= outbox.SENT_RANK else Said.NOTHING


def _refused(message: AnyRow, report: _Report) -> Menu | None:
    """The choices of *message* that the provider could not bring to the phone; None when it is not that."""
    fits = report.delivery == "failed" and refuses_choices(report.code)
    return Menu.of(message.menu) if fits else None


def _is_about_a_stopped_attempt(message: AnyRow, report: _Report) -> bool:
    """A late word about an attempt that the window stopped. Only proof of arrival counts then."""
    stopped = message.external_id == report.external_id and message.rank == 0
    return stopped and report.rank < outbox.DELIVERED_RANK
