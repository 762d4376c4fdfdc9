"""A person is erased, in one transaction; then the files that nobody else has, and the traces of SQLite."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from handlers import compose
from handlers.runtime import Runtime
from storage import erasure, officers, people, theirs, traces, unwanted
from storage.columns import AnyRow, table
from storage.db import Database
from storage.files import Files
from storage.privacy_tables import PrivacyRequest

log = logging.getLogger(__name__)
ERASED = "person_erased"
JOURNAL = "erasures.jsonl"
JUST_PUT = timedelta(minutes=15)
REQUEST = table(PrivacyRequest)
_TRIES = 3
Wanted = Callable[[Connection], bool]
"""Whether they still are to be erased, asked once nobody else can act for them any more."""


def _always(_connection: Connection) -> bool:
    return True


def erase(
    runtime: Runtime, office: str, contact_id: int, officer_id: int | None, wanted: Wanted = _always
) -> bool:
    """Erase the person behind this contact, and note that in the journal; False when there is none left.

    Asked for by an officer, by the person's own request, or by the time that has gone by (no officer). Files
    and traces stay for ``clean_up``.
    """
    done = erase_in(runtime.database, office, contact_id, officer_id, runtime.clock(), wanted)
    if done:
        note(runtime.settings.data_dir, done)
    return bool(done)


def erase_in(
    database: Database,
    office: str,
    contact_id: int,
    officer_id: int | None,
    now: datetime,
    wanted: Wanted = _always,
) -> list[AnyRow]:
    """The same in the database alone; the contacts that were this person's."""
    for _ in range(_TRIES):
        try:
            with database.write() as connection:
                rows = _locked(connection, office, contact_id)
                if all(row.erased_at for row in rows) or not wanted(connection):
                    return []
                _erase(connection, office, contact_id, rows, officer_id, now)
                return [row for row in rows if row.erased_at is None]
        except people.Moved:  # an address of theirs came meanwhile, or they were merged or taken apart
            continue
    raise people.Moved


def _locked(connection: Connection, office: str, contact_id: int) -> list[AnyRow]:
    """The contacts of this person, whom nobody merges or takes apart from here on."""
    them = theirs.person(connection, contact_id)
    rows = people.lock(connection, them)
    if theirs.person(connection, contact_id) != them:
        raise people.Moved
    return [row for row in rows.values() if row.office == office]


def _erase(
    connection: Connection,
    office: str,
    contact_id: int,
    rows: list[AnyRow],
    officer_id: int | None,
    now: datetime,
) -> None:
    done = erasure.erase(connection, [row.id for row in rows], now)
    waiting = (REQUEST.c.contact_id.in_([row.id for row in rows]), REQUEST.c.state != "cancelled")
    over = {"state": "done", "done_at": now, "erase_at": None}
    connection.execute(update(REQUEST).where(*waiting, REQUEST.c.state != "done").values(**over))
    detail = {"office": office, "contact": contact_id, "rows": dict(done.rows)}
    officers.record(connection, ERASED, now, officer_id, detail)


def clean_up(database: Database, files: Files) -> int:
    """Take away the files that nobody has any more, and the traces of erased words; how many files.

    What is young stays until the next time: a file that was just put may be of a message whose row is still
    to come. So do traces that somebody reads at this moment.
    """
    with database.read() as connection:
        names = unwanted.waiting(connection)
    gone = sum(_take_away(database, files, name) for name in names)
    traces.tidy(database)
    return gone


def _take_away(database: Database, files: Files, name: str) -> bool:
    try:
        if compose.now() - files.put_at(name) < JUST_PUT:  # a disk has a clock of its own
            return False
    except FileNotFoundError:
        pass
    with database.write() as connection:
        named = unwanted.is_named(connection, name)
        if not named:
            files.remove(name)
        unwanted.done(connection, name)
    return not named


def note(data_dir: Path, contacts: list[AnyRow]) -> None:
    """Write down who was erased, by numbers and moments only, so that a restore can do it again."""
    path = data_dir / JOURNAL
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        for row in contacts:
            told = {"office": row.office, "contact": row.id, "created_at": row.created_at.isoformat()}
            file.write(json.dumps(told) + "\n")
        file.flush()
        os.fsync(file.fileno())


def again(database: Database, files: Files, journal: Path, now: datetime) -> int:
    """Erase anew whoever the *journal* names and an older backup has brought back; how many.

    A contact is the same when its number and the moment it was made are: numbers are given anew after a
    restore.
    """
    done = 0
    for told in _read(journal):
        with database.read() as connection:
            known = select(people.CONTACT).where(people.CONTACT.c.id == told["contact"])
            row = connection.execute(known).first()
        same = row is not None and row.created_at.isoformat() == told["created_at"]
        if row is not None and same and row.erased_at is None:
            done += bool(erase_in(database, row.office, row.id, None, now))
    if done:
        clean_up(database, files)
    return done


def _read(journal: Path) -> Iterator[Mapping[str, Any]]:
    if not journal.exists():
        return
    for line in journal.read_text("utf-8").splitlines():
        try:
            told = json.loads(line)
            yield {"contact": int(told["contact"]), "created_at": str(told["created_at"])}
        except (ValueError, KeyError, TypeError):
            log.error("a line of %s can't be read and is left out", journal.name)
