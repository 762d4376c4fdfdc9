"""Marks of what was erased: a message or mail that comes again is known by its mark, and is not kept.

A mark is a SHA-256 of what providers and mail servers call it, or of all its bytes: nobody can guess these,
and nothing of them can be read back.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, select

from storage import later
from storage.columns import table
from storage.inserting import insert_into
from storage.privacy_tables import Forgotten
from storage.slots import padded

FORGOTTEN: Table = table(Forgotten)
_AT_ONCE = 500


def of_message(channel: str, account: str, external_id: str) -> str:
    """The mark of a message, by what its provider calls it."""
    return _mark("message", channel, account, external_id)


def of_report(channel: str, external_id: str) -> str:
    """The mark by which a provider's late report about a message is known."""
    return _mark("report", channel, external_id)


def of_bytes(mailbox: str, sha256: str) -> str:
    """The mark of a mail, by all its bytes."""
    return _mark("bytes", mailbox, sha256)


def of_mail(mailbox: str, message_id: str, fingerprint: str) -> str:
    """The mark of a mail, by its Message-ID together with what it says."""
    return _mark("mail", mailbox, message_id, fingerprint)


def _mark(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()


def mark_all(connection: Connection, marks: Iterable[str], now: datetime) -> None:
    """Keep these marks."""
    rows = [{"mark": mark, "at": now} for mark in sorted(set(marks))]
    statement = insert_into(connection, FORGOTTEN).on_conflict_do_nothing()
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, rows[start : start + _AT_ONCE])


_KNOWN = select(FORGOTTEN.c.mark).where(FORGOTTEN.c.mark.in_(bindparam("marks", expanding=True)))


def among(connection: Connection, marks: Sequence[str]) -> set[str]:
    """Which of *marks* are known."""
    found: set[str] = set()
    for start in range(0, len(marks), _AT_ONCE):
        some = marks[start : start + _AT_ONCE]
        found |= set(connection.execute(_KNOWN, {"marks": some}).scalars())
    return found


def expect(connection: Connection, marks: Sequence[str]) -> None:
    """Let the first turn that asks ``is_known`` for each of *marks*, at most ``SLOTS``, know."""
    known = set(connection.execute(_KNOWN, {"marks": padded(marks)}).scalars())
    for mark in marks:
        later.tell(connection, ("forgotten", mark), mark in known)


def is_known(connection: Connection, mark: str) -> bool:
    """Whether what bears this mark was erased."""
    told: bool | None = later.take(connection, ("forgotten", mark))
    return mark in among(connection, [mark]) if told is None else told
