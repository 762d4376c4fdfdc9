"""Mails are fetched: what is new in a mailbox is kept, batch after batch, before anything looks into it.

A mail is kept in one transaction together with the mailbox's cursor, and moved away on the server only after
that. So a crash at any moment loses nothing, and what is fetched again is not kept again.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from channels.email.faults import MailboxError
from channels.email.imap import OpenMailbox
from handlers.runtime import Runtime
from storage import mailboxes, mails

log = logging.getLogger(__name__)
MOST_AT_ONCE = 100
HEAVIEST = 20 * 1024 * 1024
LARGEST_IN_ROW = 64 * 1024
MOST_TRIES = 3
CLOCKS_DIFFER = timedelta(hours=1)
_STEP = 200
_Sizes = Mapping[int, tuple[int, datetime | None]]
Trouble = Counter[int]
"""How often fetching broke off at a mail, by its UID: one that always does must not stop the others."""


def fetch(runtime: Runtime, name: str, opened: OpenMailbox) -> int:
    """Keep what is new in the mailbox *name*, and move it away if that is wanted; how many mails were new.

    Raises ``MailboxError``; what was kept until then is kept.
    """
    return sum(walk(runtime, name, opened, Trouble()))


def walk(runtime: Runtime, name: str, opened: OpenMailbox, trouble: Trouble) -> Iterator[int]:
    """The same step by step: how many mails of each batch were new.

    *trouble* remembers, from one session to the next, which mails can't be fetched whole. Mails that can't
    be moved away don't keep the next ones from being fetched; that is raised at the end.
    """
    after = _begin(runtime, name, opened)
    fault = _clear_away(runtime, name, opened)
    uids = opened.new_uids(after)
    for start in range(0, len(uids), _STEP):
        sizes = opened.sizes(uids[start : start + _STEP])
        for batch in _batches(sizes, _largest(runtime, name), trouble):
            yield _keep(runtime, name, opened, batch, sizes, trouble)
            fault = fault or _clear_away(runtime, name, opened)
    if fault:
        raise fault


def _begin(runtime: Runtime, name: str, opened: OpenMailbox) -> int:
    """The UID to go on after: from the beginning when the server counts anew.

    At the very first look, only what comes from now on is read if the settings say so.
    """
    with runtime.database.read() as connection:
        cursor = mailboxes.cursor(connection, name)
    if cursor.uidvalidity == opened.uidvalidity:
        return cursor.last_uid
    begin = 0
    if cursor.uidvalidity is not None:
        log.warning("mailbox %s: the server counts its mails anew; all are looked at again", name)
    elif runtime.settings.channels.email.mailboxes[name].imap.start == "new":
        begin = opened.uid_next - 1
    with runtime.database.write() as connection:
        mailboxes.advance(connection, name, opened.uidvalidity, begin)
        if begin:
            mailboxes.begin(connection, name, runtime.clock())
        mails.unreachable(connection, name, opened.uidvalidity, runtime.clock())
    return begin


def _largest(runtime: Runtime, name: str) -> int:
    return runtime.settings.channels.email.mailboxes[name].largest_mb * 1024 * 1024


def _batches(sizes: _Sizes, largest: int, trouble: Trouble) -> Iterator[list[int]]:
    """The UIDs in order, so many at once as memory allows; what is too large or suspect by itself."""
    batch: list[int] = []
    heavy = 0
    for uid in sorted(sizes):
        size = sizes[uid][0]
        alone = size > largest or trouble[uid] > 0
        if batch and (alone or len(batch) == MOST_AT_ONCE or heavy + size > HEAVIEST):
            yield batch
            batch, heavy = [], 0
        batch, heavy = [*batch, uid], heavy + size
        if alone:
            yield batch
            batch, heavy = [], 0
    if batch:
        yield batch


def _keep(
    runtime: Runtime, name: str, opened: OpenMailbox, batch: Sequence[int], sizes: _Sizes, trouble: Trouble
) -> int:
    try:
        found, whole = _fetched(opened, batch, sizes, _largest(runtime, name), trouble)
    except MailboxError:
        trouble.update(batch)
        raise
    office = _office(runtime, name)
    rows = [_row(runtime, office, uid, sizes[uid], found[uid], whole=whole) for uid in batch if uid in found]
    _set_apart_old(runtime, name, rows)
    with runtime.database.write() as connection:
        new = mails.keep(connection, name, rows, opened.uidvalidity, batch[-1], runtime.clock())
    for uid in batch:
        trouble.pop(uid, None)
    return new


def _fetched(
    opened: OpenMailbox, batch: Sequence[int], sizes: _Sizes, largest: int, trouble: Trouble
) -> tuple[dict[int, bytes], bool]:
    """The mails of *batch* by their UIDs, and whether they are whole. Those that vanished are absent.

    Of one at which fetching broke off again and again only the beginning is had, and at last nothing: people
    are shown that it is there.
    """
    first = batch[0]
    if sizes[first][0] <= largest and trouble[first] < MOST_TRIES:
        return opened.fetch(batch), True
    if trouble[first] >= 2 * MOST_TRIES:
        log.error("mail %s can't be fetched from the server and is kept without its content", first)
        return {first: b""}, False
    beginning = opened.fetch_beginning(first)
    return ({first: beginning} if beginning else {}), False


def _office(runtime: Runtime, name: str) -> str:
    """The code of the office that the mailbox belongs to. Raises ``LookupError`` when it belongs to none."""
    office = runtime.settings.office_of("email", runtime.settings.channels.email.mailboxes[name].address)
    if office is None:
        raise LookupError(f"no office owns the address of mailbox {name}")
    return office.code


def _row(
    runtime: Runtime, office: str, uid: int, told: tuple[int, datetime | None], raw: bytes, *, whole: bool
) -> dict[str, Any]:
    """A mail as it is kept: a large one in the files folder, where it stands before its row does."""
    small = len(raw) <= LARGEST_IN_ROW
    return {
        "office": office,
        "uid": uid,
        "size": told[0],
        "whole": whole,
        "sha256": hashlib.sha256(raw).hexdigest() if small else runtime.files.put(raw),
        "raw": raw if small else None,
        "received_at": told[1],
    }


def _set_apart_old(runtime: Runtime, name: str, rows: list[dict[str, Any]]) -> None:
    """What lay in the mailbox before it was the desk's is kept, left where it is, and made no ticket of.

    It is met when the server counts anew. A clock that goes wrong by an hour makes no new mail an old one.
    """
    with runtime.database.read() as connection:
        since = mailboxes.began_at(connection, name)
    for row in rows:
        came = row["received_at"]
        old = since is not None and came is not None and came < since - CLOCKS_DIFFER
        row |= {"kind": mails.OLD if old else "", "moved_at": runtime.clock() if old else None}


def _clear_away(runtime: Runtime, name: str, opened: OpenMailbox) -> MailboxError | None:
    """Move what is kept out of the way, if that is wanted; what kept it from being moved."""
    if runtime.settings.channels.email.mailboxes[name].imap.processed is None:
        return None
    with runtime.database.read() as connection:
        waiting = mails.unmoved(connection, name, opened.uidvalidity)
    for start in range(0, len(waiting), MOST_AT_ONCE):
        some = waiting[start : start + MOST_AT_ONCE]
        try:
            opened.move(some)
        except MailboxError as error:
            log.warning("mailbox %s: %d mails could not be moved away: %s", name, len(some), error)
            return error
        with runtime.database.write() as connection:
            mails.moved(connection, name, opened.uidvalidity, some, runtime.clock())
    return None
