"""Files of citizens' messages, fetched in the background: no text waits for them or is lost."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import Connection

from channels.contract import FetchError, Sought
from handlers.media import scanning
from handlers.media.judging import judge
from handlers.media.looking import look
from handlers.runtime import Runtime
from storage import media, tickets, unwanted
from storage.columns import AnyRow

log = logging.getLogger(__name__)
# A file is often not there yet when its message is; later it is the network that may be away.
WAITS = (1, 3, 10, 60, 600, 3600, 6 * 3600, 24 * 3600)
DISK, STOPPED, NO_SOURCE = "disk", "stopped", "no_source"
AT_ONCE = 2
_ROUNDS = 50
_MEGABYTE = 1024 * 1024


def fetch_due(runtime: Runtime, pool: ThreadPoolExecutor, stopping: Event | None = None) -> None:
    """Fetch what is due, and let providers forget what is here. Once *stopping* is set no more is begun."""
    ending = stopping or Event()
    for _ in range(_ROUNDS):
        if ending.is_set():
            return
        with runtime.database.write() as connection:
            claimed = media.claim(connection, runtime.clock(), AT_ONCE)
        if not claimed:
            return
        list(pool.map(lambda row: _guarded(runtime, row), claimed))


def _guarded(runtime: Runtime, row: AnyRow) -> None:
    """A failing database or a bug leaves the file to its lease; the next ones go on."""
    try:
        (_fetch if row.state == "pending" else _forget)(runtime, row)
    except Exception as error:  # noqa: BLE001  # as said
        log.error("the file %s of a message was not fetched: %s", row.id, type(error).__name__)


def _fetch(runtime: Runtime, row: AnyRow) -> None:
    if row.tries > len(WAITS) + 1:
        # Whoever had it never came to say why: its end may be this file's doing.
        _put_off(runtime, row, row.reason or STOPPED, again=False)
        return
    try:
        facts = _taken_in(runtime, row)
    except FetchError as error:
        _put_off(runtime, row, error.reason, again=error.again)
    except OSError as error:
        log.error("a fetched file can't be kept: %s", type(error).__name__)
        _put_off(runtime, row, DISK, again=True)
    else:
        _keep(runtime, row, facts)


def _taken_in(runtime: Runtime, row: AnyRow) -> Mapping[str, Any]:
    """Fetch, look and keep, with no transaction open. Raises ``FetchError``, and ``OSError`` for our disk."""
    source = runtime.media.get(row.channel)
    if source is None:
        raise FetchError(NO_SOURCE, again=False)
    most = runtime.settings.channels.whatsapp.media.largest_mb * _MEGABYTE
    content = source.fetch(Sought(row.account, row.external_id, row.url), most)
    seen = look(content)
    judged = judge(seen, row.id)
    sha256 = runtime.files.put(content)
    scanning.verdict(runtime, sha256, content)
    return {
        "state": judged.state,
        "reason": judged.reason,
        "kind": seen.kind,
        "name": judged.name,
        "size": len(content),
        "sha256": sha256,
        "shown": runtime.files.put(seen.picture) if seen.picture and not seen.problem else None,
    }


def _keep(runtime: Runtime, row: AnyRow, facts: Mapping[str, Any]) -> None:
    now = runtime.clock()
    forget_at = now if runtime.settings.channels.whatsapp.media.delete_after_storing else None
    with runtime.database.write() as connection:
        _touch(connection, row.id, now)
        if not media.fetched(connection, row.id, facts, now, forget_at):
            # Its person was erased meanwhile, unless another worker was first, whose row has the same files.
            unwanted.note(connection, unwanted.held_by(facts), now)


def _put_off(runtime: Runtime, row: AnyRow, reason: str, *, again: bool) -> None:
    now = runtime.clock()
    last = row.tries > len(WAITS) or not again
    later = None if last else now + timedelta(seconds=WAITS[row.tries - 1])
    with runtime.database.write() as connection:
        _touch(connection, row.id, now)
        media.put_off(connection, row.id, reason, later)
    if last:
        log.error("the file %s of a message is given up: %s", row.id, reason)


def _forget(runtime: Runtime, row: AnyRow) -> None:
    """Ask the provider to forget what is kept here; after a day of trying it stays there."""
    now = runtime.clock()
    try:
        runtime.media[row.channel].delete(Sought(row.account, row.external_id, row.url))
    except FetchError as error:
        over = row.tries > len(WAITS) or not error.again
        later = None if over else now + timedelta(seconds=WAITS[row.tries - 1])
        if over:
            log.error("the provider keeps file %s: %s", row.id, error.reason)
        _note_forgotten(runtime, row, None, later)
    else:
        _note_forgotten(runtime, row, now, None)


def _note_forgotten(runtime: Runtime, row: AnyRow, at: datetime | None, later: datetime | None) -> None:
    with runtime.database.write() as connection:
        media.forgotten(connection, row.id, at, later)


def _touch(connection: Connection, media_id: int, now: datetime) -> None:
    """Open pages of the ticket learn of it. First, for a ticket is locked before the rest."""
    ticket_id = media.ticket_of(connection, media_id)
    if ticket_id is not None:
        tickets.touch(connection, ticket_id, now)
