"""What a refusal of WhatsApp's comes to, at once or in a report: who waits, who is told, who opted out."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from channels.contract import Trouble
from channels.whatsapp import errors, remedies
from channels.whatsapp.remedies import Patience, Rest
from handlers import consenting
from storage import alarms, sender_pace
from storage.columns import AnyRow

_DAY = timedelta(days=1)
_JITTERED = {"20429"}
# How the codes begin that come from the channel and not from the account.
_WHATSAPPS = "63"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of the message: ``queued`` until then, or ``failed``."""

    delivery: str
    next_try_at: datetime | None = None


def met(
    connection: Connection, message: AnyRow, code: str, words: str | None, trouble: Trouble, now: datetime
) -> Fate:
    """Write down what *code* means for the sender, the people and the alarms; what becomes of the message.

    *words*: the provider's own.
    """
    if code == errors.OPTED_OUT:
        consenting.refused_by_provider(connection, message, code, now)
    if trouble is not Trouble.RETRY:
        if code not in errors.REMEDY:
            _tell(connection, message, code, remedies.UNKNOWN_ALARM, now)
        return Fate("failed")
    patience = remedies.patience(code)
    if patience.most_tries is not None and message.tries >= patience.most_tries:
        return Fate("failed")
    return Fate("queued", _again(connection, message, code, patience, words, now))


def _again(
    connection: Connection, message: AnyRow, code: str, patience: Patience, words: str | None, now: datetime
) -> datetime:
    """When the message is tried again; others of its number may have to wait as long."""
    if patience.rest is Rest.LIMIT:
        return _limited(connection, message, code, patience, words, now)
    wait = _until_tomorrow(now) if patience.tomorrow else patience.wait(message.tries)
    again = now + (_jittered(wait) if code in _JITTERED else wait)
    # The number's row is always locked before an alarm's.
    if patience.rest is Rest.SENDER:
        first = wait if patience.tomorrow else patience.first
        longest = max(first, patience.longest)
        again = sender_pace.pause(connection, message.sender, code, first, longest, now)
    if patience.alarm:
        _tell(connection, message, code, patience.alarm, now)
    return again


def _limited(
    connection: Connection, message: AnyRow, code: str, patience: Patience, words: str | None, now: datetime
) -> datetime:
    """63018 is one code for three limits: a recipient's, the number's, that of conversations begun."""
    if message.last_inbound_at is None or now - message.last_inbound_at >= _DAY:
        _tell(connection, message, code, patience.alarm, now)
        return now + remedies.BEGINNING_LIMIT.wait(message.tries)
    within = remedies.SENDER_WITHIN
    others = sender_pace.limit_reached(connection, message.sender, message.address, now, within)
    told = remedies.is_about_sender(words)
    if not (others if told is None else told):
        return now + patience.wait(message.tries)
    rest = remedies.SENDER_LIMIT
    again = sender_pace.pause(connection, message.sender, code, rest.first, rest.longest, now)
    _tell(connection, message, code, patience.alarm, now)
    return again


def went(connection: Connection, message: AnyRow, now: datetime, *, arrived: bool) -> None:
    """A message was taken, or has *arrived*: where its number was in trouble, that and its alarms are over.

    What WhatsApp itself found wrong is over only when something has arrived.
    """
    if not message.trouble or (message.trouble.startswith(_WHATSAPPS) and not arrived):
        return
    sender_pace.recovered(connection, message.sender)
    for alarm in (remedies.CONFIGURATION_ALARM, remedies.LIMIT_ALARM, remedies.DAILY_ALARM):
        alarms.settle(connection, _key(message.sender, alarm), None, now)


def lost(connection: Connection, message: AnyRow, code: str, now: datetime) -> None:
    """A message is given up that the provider has never taken, whatever was tried."""
    _tell(connection, message, code, remedies.LOST_ALARM, now)


def _tell(connection: Connection, message: AnyRow, code: str, what: str, now: datetime) -> None:
    about: dict[str, Any] = {"sender": message.sender, "code": code, "why": errors.officer_words(code)}
    sender_pace.trouble(connection, message.sender, code)
    alarms.raise_alarm(connection, _key(message.sender, what), None, what, about, now)


def _key(sender: str, what: str) -> str:
    return f"{what}:{sender}"


def _until_tomorrow(now: datetime) -> timedelta:
    tomorrow = datetime.combine(now.date() + _DAY, time(0, 5), tzinfo=now.tzinfo)
    return tomorrow - now


def _jittered(wait: timedelta) -> timedelta:
    """Up to a half longer, so that several processes do not come again together."""
    return wait * random.uniform(1.0, 1.5)  # noqa: S311  # nothing secret
