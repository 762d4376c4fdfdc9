"""What providers report about messages we sent: kept as it came, applied by rank."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection

from channels.contract import Receipt, Trouble
from channels.menus import Menu
from channels.whatsapp import errors
from channels.whatsapp.statuses import RANK
from handlers import refusals, silence, undelivered
from handlers.runtime import Runtime
from storage import conversations, forgotten, offers, outbox, tickets
from storage import receipts as reported
from storage.columns import AnyRow
from storage.db import again

LOST = {"failed", "cancelled"}
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


def receive(runtime: Runtime, receipt: Receipt) -> Said:
    """Keep *receipt* once and apply it, if its message is known; else it waits for that message."""
    return again(partial(_received, runtime, receipt))


def _received(runtime: Runtime, receipt: Receipt) -> Said:
    now, said = runtime.clock(), Said.NOTHING
    with runtime.database.write() as connection:
        fresh = reported.keep_receipt(connection, _row(receipt, now))
        message = _about(runtime, connection, receipt)
        if fresh and message is not None:
            # First whose conversation it is, then the message, then its ticket: as in a turn of theirs.
            conversations.lock(connection, message.address_id)
            message = _as_it_is_now(runtime, connection, receipt, message)
            report = _Report(receipt.external_id, receipt.status, receipt.error_code, receipt.error_text)
            said = _apply(connection, message, report, now)
            reported.mark_matched(connection, receipt.channel, receipt.external_id)
        elif fresh and message is None and _is_erased(connection, receipt):
            reported.drop(connection, receipt.channel, receipt.external_id)
        elif fresh and message is None and receipt.mid and _proves_arrival(receipt):
            reported.arrived_twice(connection, receipt.mid, receipt.external_id)
        if message is not None and said is Said.LEFT and message.sent_at is None:
            silence.begins(runtime, connection, message)
    return said


def _is_erased(connection: Connection, receipt: Receipt) -> bool:
    """Whether its message was erased: the report holds the number that it went to."""
    mark = forgotten.of_report(receipt.channel, receipt.external_id)
    return bool(forgotten.among(connection, [mark]))


def _about(runtime: Runtime, connection: Connection, receipt: Receipt) -> AnyRow | None:
    """The message a receipt is about; one account may not tell what became of another's message."""
    found = reported.find_sent(connection, receipt.channel, receipt.external_id, receipt.mid)
    account = receipt.account or receipt.raw.get("AccountSid", "")
    return found if found is not None and runtime.keys.may_speak_for(account, found.sender) else None


def _as_it_is_now(runtime: Runtime, connection: Connection, receipt: Receipt, message: AnyRow) -> AnyRow:
    """Another report may have been faster to the lock; only what takes something back must know."""
    takes_back = RANK.get(receipt.status, ("", -1))[0] in LOST
    return (takes_back and _about(runtime, connection, receipt)) or message


def catch_up(connection: Connection, message: AnyRow, external_id: str, now: datetime) -> set[Said]:
    """Apply what was reported about *external_id* before the desk knew that this message bears it."""
    early = [
        _Report(external_id, row.status, row.error_code or None, row.error_text)
        for row in reported.unmatched(connection, message.channel, external_id)
    ]
    said = {_apply(connection, message, report, now) for report in sorted(early, key=lambda each: each.rank)}
    if early:
        reported.mark_matched(connection, message.channel, external_id)
    return said


def _proves_arrival(receipt: Receipt) -> bool:
    return RANK.get(receipt.status, ("", -1))[1] >= outbox.DELIVERED_RANK


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
    if report.delivery in LOST and message.rank < outbox.DELIVERED_RANK:
        silence.ends(connection, message)
    return said


def _written(connection: Connection, message: AnyRow, report: _Report, now: datetime) -> Said:
    if report.code:
        reported.keep_error(connection, message.id, report.code[:32], report.words)
    if report.rank < 0 or _is_about_a_stopped_attempt(message, report):
        return Said.NOTHING
    given_up = report.delivery == "cancelled"
    if (menu := _refused(message, report)) is not None:
        offers.say_by_number(connection, message.id, menu.by_number(), report.external_id, now)
    elif report.delivery == "failed" and message.rank < outbox.DELIVERED_RANK:
        given_up = _failed(connection, message, report, now)
    else:
        _raised(connection, message, report, now)
    if message.ticket_id is not None:
        tickets.touch(connection, message.ticket_id, now)
    if report.delivery in LOST:
        if given_up or undelivered.waits_for_repair(message, report.code):
            undelivered.noted(connection, message, report.code, now)
        return Said.FAILED
    return Said.LEFT if report.rank >= outbox.SENT_RANK else Said.NOTHING


def _refused(message: AnyRow, report: _Report) -> Menu | None:
    """The choices of *message* that the provider could not bring to the phone; None when it is not that."""
    fits = report.delivery == "failed" and errors.refuses_choices(report.code)
    return Menu.of(message.menu) if fits else None


def _raised(connection: Connection, message: AnyRow, report: _Report, now: datetime) -> None:
    moments = {_MOMENTS[report.status]: now} if report.status in _MOMENTS else {}
    changes = {"delivery": report.delivery, "external_id": report.external_id}
    reported.raise_rank(connection, message.id, changes, report.rank, moments)
    if report.rank >= outbox.DELIVERED_RANK:
        refusals.went(connection, message, now, arrived=True)


def _failed(connection: Connection, message: AnyRow, report: _Report, now: datetime) -> bool:
    """The provider took it and could not bring it: what its code asks for, as if it had been told at once.

    True when it has failed for good.
    """
    trouble = errors.trouble(report.code)
    if trouble is Trouble.WINDOW_CLOSED and message.template is None:
        outbox.hold_for_window(connection, message.id, now, report.external_id)
    elif report.code in errors.NEVER_AGAIN:
        reported.ask_again(connection, message.id, now)
    elif trouble is Trouble.UNKNOWN:
        outbox.try_anew(connection, message.id, report.external_id, "unknown", now)
    else:
        outbox.lock(connection, message.id)
        fate = refusals.met(connection, message, report.code or "", report.words, trouble, now)
        if fate.delivery == "failed":
            _raised(connection, message, report, now)
            return True
        outbox.try_anew(connection, message.id, report.external_id, fate.delivery, fate.next_try_at)
    return False


def _is_about_a_stopped_attempt(message: AnyRow, report: _Report) -> bool:
    """A late word about an attempt that the window stopped. Only proof of arrival counts then."""
    stopped = message.external_id == report.external_id and message.rank == 0
    return stopped and report.rank < outbox.DELIVERED_RANK
