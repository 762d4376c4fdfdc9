"""A citizen's message: accepted so that it can't be lost, then handled in its turn."""

import logging
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.effects import Decision
from bot.events import Content, MessageReceived
from bot.policy import Office
from channels.contract import Inbound
from handlers import apply, focusing, taps
from handlers.rendering import plain
from handlers.runtime import Runtime
from storage import contacts, conversations, forgotten, intake, media, mids
from storage.contacts import Home
from storage.conversations import Pending, Thread
from storage.db import AWAY

log = logging.getLogger(__name__)
_ENOUGH = 200
_LONGEST_NAME = 255
# What counts as a letter or a sign and is drawn as nothing: with these people have an "empty" name.
_BLANK = frozenset(" \u115f\u1160\u200d\u2800\u3164\uffa0")


class Fate(StrEnum):
    """What became of an arriving message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNROUTED = "unrouted"


def accept(runtime: Runtime, inbound: Inbound) -> tuple[Fate, int | None]:
    """Store *inbound* once, and give the address whose turn it is (None when nothing is to be handled)."""
    now = runtime.clock()
    office = owner(runtime, inbound)
    if office is None:
        return _unrouted(runtime, inbound, now), None
    try:
        with runtime.database.write() as connection:
            home = writer(connection, inbound, office.code, now)
            added = intake.add(connection, row_of(inbound, office.code, home.address_id, now))
            if added and inbound.media:
                files = ((each.url, each.content_type) for each in inbound.media)
                media.expect(connection, office.code, added, files, now)
    except Forgotten:
        return Fate.DUPLICATE, None
    return (Fate.ACCEPTED, home.address_id) if added else (Fate.DUPLICATE, None)


def owner(runtime: Runtime, inbound: Inbound) -> Office | None:
    """The office the message came to; None for nobody's, or when its account may not speak for the number."""
    if not runtime.keys.may_speak_for(inbound.account, inbound.sender):
        return None
    return runtime.settings.office_of(inbound.channel, inbound.sender)


class Forgotten(Exception):
    """The message was erased with its person, who shall not come back by it."""


def writer(connection: Connection, inbound: Inbound, office: str, now: datetime) -> Home:
    """Who has written, locked until the end of the transaction. Raises ``Forgotten``.

    Who is unknown may have been erased. Who has written anew since is not asked about every message.
    """
    whose = (inbound.channel, inbound.address, inbound.aliases, _seen_of(inbound.profile_name))
    home = contacts.home(connection, office, *whose, now, inbound.account)
    if home.new and forgotten.is_known(connection, mark_of(inbound)):
        raise Forgotten
    return home


def _seen_of(name: str) -> str:
    """What can be read of a name that somebody gave themselves, on one line; nothing where that is blank."""
    read = plain(name, _LONGEST_NAME)
    return read if set(read) - _BLANK else ""


def mark_of(inbound: Inbound) -> str:
    """What would be left of the message, had its person been erased."""
    return forgotten.of_message(inbound.channel, inbound.account, inbound.external_id)


def row_of(inbound: Inbound, office: str, address_id: int, now: datetime) -> dict[str, Any]:
    """*inbound* as it is stored, waiting for its turn."""
    return {
        "mid": mids.new(now),
        "office": office,
        "direction": "in",
        "author": "citizen",
        "channel": inbound.channel,
        "account": inbound.account,
        "external_id": inbound.external_id,
        "address_id": address_id,
        "sender": inbound.sender,
        "address": inbound.address,
        "body": inbound.text,
        "content": inbound.content.value,
        "choice": inbound.choice,
        "replies_to": inbound.replies_to,
        "media": [asdict(media) for media in inbound.media],
        "raw": dict(inbound.raw),
        "at": min(inbound.sent_at or now, now),
        "intake": "pending",
    }


def _unrouted(runtime: Runtime, inbound: Inbound, now: datetime) -> Fate:
    row = {
        "channel": inbound.channel,
        "account": inbound.account,
        "external_id": inbound.external_id,
        "sender": inbound.sender,
        "address": inbound.address,
        "raw": {"Body": inbound.text, **inbound.raw},
        "at": now,
    }
    with runtime.database.write() as connection:
        added = intake.add_unrouted(connection, row)
    if added:
        log.error(
            "a message came to %s, for which no office answers: see the unrouted messages", inbound.sender
        )
    return Fate.UNROUTED


def drain(runtime: Runtime, address_id: int) -> None:
    """Handle what this address has pending, oldest first, until nothing waits or a turn fails."""
    for _ in range(_ENOUGH):
        try:
            if not handle(runtime, address_id):
                return
        except AWAY as error:
            log.error("the database failed in a turn; the message stays pending: %s", where(error))
            return
        except Exception as error:  # noqa: BLE001  # a bug in a turn must not lose the message
            # Not the exception itself: its words may quote the citizen.
            log.error("a turn failed: %s", where(error))
            if not _count_failure(runtime, address_id, error):
                return


def handle(runtime: Runtime, address_id: int) -> bool:
    """One turn: the oldest pending message of this address. True when another one waits behind it."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        thread = conversations.next_message(connection, address_id)
        if thread is None or thread.message is None:
            return False
        message = thread.message
        take(runtime, connection, thread, message, now)
    return message.followed


def take(
    runtime: Runtime, connection: Connection, thread: Thread, message: Pending, now: datetime
) -> Decision:
    """The turn of this message, in the caller's transaction."""
    current, wrote_at = taps.is_current(connection, thread, message, now), message.at
    said = (message.text, Content(message.content), message.choice)
    thread, ended = focusing.as_quoted(connection, thread, message)
    event = MessageReceived(*said, current=current, wrote_at=wrote_at, ended_complaint=ended)
    return apply.take(runtime, connection, thread, event, now)


def _count_failure(runtime: Runtime, address_id: int, error: Exception) -> bool:
    """Count it; True when the message was shunted, so that the next one may proceed."""
    with runtime.database.write() as connection:
        shunted = intake.failed(connection, address_id, where(error), runtime.clock())
    if shunted:
        log.error("a message could not be handled and is shown to officers")
    return shunted


def where(error: Exception) -> str:
    """Where it failed, without the words of the exception: they may quote a citizen."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
