"""A person is erased, in one transaction; then the files that nobody else has, and the traces of SQLite."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select, update

from handlers import compose, erasure_journal
from handlers.erasure_journal import Line
from handlers.runtime import Runtime
from storage import erasure, forgotten, officers, people, theirs, traces, unwanted
from storage.columns import AnyRow, table
from storage.db import Database
from storage.files import Files
from storage.privacy_tables import PrivacyRequest

ERASED = "person_erased"
JUST_PUT = timedelta(minutes=15)
REQUEST = table(PrivacyRequest)
_TRIES = 3
Wanted = Callable[[Connection], bool]
"""Whether they still are to be erased, asked once nobody else can act for them any more."""


@dataclass(frozen=True, slots=True)
class Done:
    """The contacts that were erased now, if any was left; the marks of what must not come again."""

    contacts: Sequence[AnyRow] = ()
    marks: Sequence[str] = ()


Noted = Callable[[Done], None]
"""Writes down who was erased, before it is certain."""


def _always(_connection: Connection) -> bool:
    return True


def _nowhere(_done: Done) -> None:
    pass


def erase(
    runtime: Runtime, office: str, contact_id: int, officer_id: int | None, wanted: Wanted = _always
) -> bool:
    """Erase the person behind this contact, and note that in the journal; False when there is none left.

    Asked for by an officer, by the person's own request, or by the time that has gone by (no officer). Files
    and traces stay for ``clean_up``. Nobody is erased whom the journal can't take.
    """

    def noted(done: Done) -> None:
        erasure_journal.write(runtime.settings.data_dir, done.contacts, done.marks)

    now = runtime.clock()
    return bool(erase_in(runtime.database, office, contact_id, officer_id, now, wanted, noted).contacts)


def erase_in(
    database: Database,
    office: str,
    contact_id: int,
    officer_id: int | None,
    now: datetime,
    wanted: Wanted = _always,
    noted: Noted = _nowhere,
) -> Done:
    """The same in the database alone.

    It is *noted* at the end of the transaction: were it done afterwards, whoever is erased by a process that
    ends in between would come back with a restore.
    """
    for _ in range(_TRIES):
        try:
            with database.write() as connection:
                rows = _locked(connection, office, contact_id)
                fresh = [row for row in rows if row.erased_at is None]
                if not fresh or not wanted(connection):
                    return Done()
                done = Done(fresh, _erase(connection, office, contact_id, rows, officer_id, now))
                noted(done)
                return done
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
) -> Sequence[str]:
    done = erasure.erase(connection, [row.id for row in rows], now)
    waiting = (REQUEST.c.contact_id.in_([row.id for row in rows]), REQUEST.c.state != "cancelled")
    over = {"state": "done", "done_at": now, "erase_at": None}
    connection.execute(update(REQUEST).where(*waiting, REQUEST.c.state != "done").values(**over))
    detail = {"office": office, "contact": contact_id, "rows": dict(done.rows)}
    officers.record(connection, ERASED, now, officer_id, detail)
    return done.marks


def clean_up(database: Database, files: Files) -> int:
    """Take away the files that nobody has any more, and the traces of erased words; how many files.

    What is young stays until the next time: a file that was just put may be of a message whose row is still
    to come. So do traces that somebody reads at this moment.
    """
    gone = _take_away(database, files)
    traces.tidy(database)
    return gone


def _take_away(database: Database, files: Files) -> int:
    """In no transaction: whoever names one of them anew has put it just before, and then it stays."""
    before = compose.now() - JUST_PUT  # a disk has a clock of its own
    with database.read() as connection:
        old = {name for name in unwanted.waiting(connection) if files.is_older(name, before)}
        if not old:
            return 0
        named = {name for name in unwanted.named(connection) if name in old}  # to its end: that closes it
    gone = {name for name in old - named if files.remove(name, before)}
    with database.write() as connection:
        unwanted.done(connection, gone | named)
    return len(gone)


def again(database: Database, files: Files, journal: Path, now: datetime) -> int:
    """Erase anew whoever the *journal* names and an older backup has brought back; how many.

    What came from them after that backup is not in it, and must not come in now: its marks are kept first.
    """
    lines = list(erasure_journal.read(journal))
    with database.write() as connection:
        forgotten.mark_all(connection, (mark for line in lines for mark in line.marks), now)
    done = sum(_again(database, line, now) for line in lines)
    if done:
        clean_up(database, files)
    return done


def _again(database: Database, line: Line, now: datetime) -> bool:
    """A contact is the same when its number and the moment it was made are."""
    with database.read() as connection:
        known = select(people.CONTACT).where(people.CONTACT.c.id == line.contact)
        row = connection.execute(known).first()
    if row is None or row.created_at.isoformat() != line.created_at or row.erased_at is not None:
        return False
    return bool(erase_in(database, row.office, row.id, None, now).contacts)
