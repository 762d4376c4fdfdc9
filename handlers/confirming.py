"""Messages that left long ago without a final word: the provider is asked, ever more rarely."""

from datetime import datetime, timedelta

from channels.contract import KeepsLog, SendError
from handlers import receipts
from handlers.runtime import Runtime
from storage import receipts as reported
from storage.columns import AnyRow

AT_ONCE = 20
_AGES = (timedelta(hours=12), timedelta(hours=36), timedelta(days=4))
_WHILE_ASKING = timedelta(hours=1)


def ask_due(runtime: Runtime) -> None:
    """Ask about those that are due, some at a time; costs what is due."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        due = reported.claim_unconfirmed(connection, now, now + _WHILE_ASKING, AT_ONCE)
    for message in due:
        _ask(runtime, message)


def _ask(runtime: Runtime, message: AnyRow) -> None:
    """Ask once. When the provider can't be asked, it stays due in an hour."""
    channel = runtime.channels[message.channel]
    receipt = None
    if isinstance(channel, KeepsLog) and message.external_id:
        try:
            receipt = channel.ask(message.sender, message.external_id)
        except SendError:
            return
    if receipt is not None:
        receipts.receive(runtime, receipt)
    moment = _next(message, runtime.clock()) if receipt is not None else None
    with runtime.database.write() as connection:
        reported.ask_again(connection, message.id, moment)


def _next(message: AnyRow, now: datetime) -> datetime | None:
    """Half a day after it left, a day and a half, four days; what nobody knows then stays merely sent."""
    left = message.sent_at or message.at
    moments = (left + age for age in _AGES)
    return next((moment for moment in moments if moment > now), None)
