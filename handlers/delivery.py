"""Delivering: claim under a lease, send with no transaction open, record what became of it."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.contract import Accepted, Outbound, SendError, Trouble
from handlers import receipts, silence
from handlers.runtime import Runtime
from storage import outbox, tickets
from storage.columns import AnyRow

log = logging.getLogger(__name__)
WORTH_AN_ALARM = 5
WORTH_ASKING_WHY = timedelta(hours=1)
MOST_REPEATS = 3


def claim(runtime: Runtime) -> list[AnyRow]:
    """What may leave now, claimed for this process."""
    with runtime.database.write() as connection:
        return outbox.claim(connection, runtime.clock())


def deliver(runtime: Runtime, message: AnyRow) -> None:
    """Send one claimed message and record the outcome. Never raises for a provider's fault."""
    if _silenced(message):
        _keep_back(runtime, message)
        return
    channel = runtime.channels[message.channel]
    if not channel.manners.take_free_text(message.last_inbound_at, runtime.clock()):
        _hold(runtime, message)
        return
    try:
        accepted = channel.send(_outbound(message))
    except SendError as error:
        _not_sent(runtime, message, error)
    else:
        _sent(runtime, message, accepted)


def give_back(runtime: Runtime, message: AnyRow) -> None:
    """This process ends before it could send *message*: another may at once."""
    with runtime.database.write() as connection:
        outbox.give_back(connection, message.id)


def look(runtime: Runtime, message: AnyRow) -> None:
    """Ask the provider about a message whose outcome is unknown; only a certain no lets it leave again."""
    try:
        accepted = runtime.channels[message.channel].find(_outbound(message), _others(runtime, message))
    except SendError as error:
        _ask_again(runtime, message, error)
        return
    if accepted:
        _sent(runtime, message, accepted)
    elif message.tries >= MOST_REPEATS:
        lost = SendError("unknown", "sent several times without an answer", Trouble.PERMANENT)
        _put_back(runtime, message, "failed", lost, None)
    else:
        again = SendError("unknown", "not found at the provider", Trouble.RETRY)
        _put_back(runtime, message, "queued", again, runtime.clock())


def _ask_again(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    """The provider could not be asked: look again after half the time that has gone, at most half an hour."""
    waited = runtime.clock() - message.at
    later = min(max(waited / 2, timedelta(seconds=5)), timedelta(minutes=30))
    _put_back(runtime, message, "unknown", error, runtime.clock() + later)
    if waited > WORTH_ASKING_WHY:
        log.error("nobody knows whether message %s left: %s", message.mid, error.code)


def backoff(tries: int) -> timedelta:
    """How long to wait after so many tries: 2 s, 4 s … at most half an hour."""
    return timedelta(seconds=min(1800, 2 ** min(tries, 11)))


def _outbound(message: AnyRow) -> Outbound:
    return Outbound(message.mid, message.sender, message.address, message.body)


def _others(runtime: Runtime, message: AnyRow) -> list[str]:
    with runtime.database.read() as connection:
        return outbox.known_ids(connection, message)


def _silenced(message: AnyRow) -> bool:
    """Whether the citizen asked for silence after this was queued (not: whether this answers that)."""
    return message.opted_out_at is not None and bool(message.at < message.opted_out_at)


def _keep_back(runtime: Runtime, message: AnyRow) -> None:
    with runtime.database.write() as connection:
        outbox.keep_back(connection, message.id)
        _touch(connection, message, runtime.clock())


def _hold(runtime: Runtime, message: AnyRow) -> None:
    """An officer's answer waits for the citizen's next word; a bot's sentence would only be late."""
    with runtime.database.write() as connection:
        outbox.hold_for_window(connection, message.id)
        _touch(connection, message, runtime.clock())


def _sent(runtime: Runtime, message: AnyRow, accepted: Accepted) -> None:
    now = runtime.clock()
    with runtime.database.write() as connection:
        left = outbox.sent(connection, message.id, accepted.external_id, now)
        reports = receipts.catch_up(connection, message, accepted.external_id, now)
        _touch(connection, message, now)
    if left and receipts.Said.FAILED not in reports:
        silence.begins(runtime, message)


def _not_sent(runtime: Runtime, message: AnyRow, error: SendError) -> None:
    later = runtime.clock() + backoff(message.tries)
    match error.trouble:
        case Trouble.WINDOW_CLOSED:
            _hold(runtime, message)
        case Trouble.UNKNOWN:
            _put_back(runtime, message, "unknown", error, later)
        case Trouble.RETRY:
            # Without an end: a wrong token or a provider that is away for a day must lose no answer.
            # Where the channel has a window, its end turns this into a held answer.
            _put_back(runtime, message, "queued", error, later)
            if message.tries >= WORTH_AN_ALARM:
                log.error("message %s still can't leave: %s", message.mid, error.code)
        case Trouble.PERMANENT:
            _put_back(runtime, message, "failed", error, None)
            log.error("message %s was not delivered: %s", message.mid, error.code)


def _put_back(
    runtime: Runtime, message: AnyRow, delivery: str, error: SendError, next_try_at: datetime | None
) -> None:
    with runtime.database.write() as connection:
        outbox.put_back(connection, message.id, delivery, error.code, error.detail, next_try_at)
        _touch(connection, message, runtime.clock())


def _touch(connection: Connection, message: AnyRow, now: datetime) -> None:
    if message.ticket_id is not None:
        tickets.touch(connection, message.ticket_id, now)
