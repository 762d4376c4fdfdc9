"""Bringing the tables up to date: by itself on SQLite, after a backup; never by itself on PostgreSQL."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from storage import schema
from storage.columns import table
from storage.db import Database, make_private
from storage.tables import Installation

INSTALLATION = table(Installation)
DEMO = "demo"


_WAITED_TOO_LONG = {"55P03", "57014"}  # PostgreSQL: lock_timeout, statement_timeout


class SchemaOld(Exception):
    """The tables are older (or newer) than this program; the text says what to run."""


class NotCopied(Exception):
    """The file could not be copied before its tables are changed, so they were not; the text says why."""


class SchemaBusy(Exception):
    """Something held on to a table for longer than a migration may wait; the text says what to do."""


def make_ready(database: Database, now: datetime) -> None:
    """Raise ``SchemaOld`` on PostgreSQL when ``loket migrate`` is due; on SQLite back up and migrate."""
    at, wanted = schema.current(database), schema.head()
    if at == wanted:
        return
    _refuse_newer(at, wanted)
    if not database.is_sqlite:
        raise SchemaOld(
            f"the database is at revision {at or 'none'}, this program needs {wanted}: run loket migrate"
        )
    migrate(database, now)


def migrate(database: Database, now: datetime) -> None:
    """Bring the tables to the newest revision; what a SQLite file held before is copied first."""
    at, wanted = schema.current(database), schema.head()
    _refuse_newer(at, wanted)
    copy = back_up(database, now) if database.is_sqlite and at not in (None, wanted) else None
    try:
        _upgrade(database)
    except Exception:
        if copy is not None:  # nothing was changed, and whatever has started this starts it again and again
            copy.unlink(missing_ok=True)
        raise


def _upgrade(database: Database) -> None:
    try:
        schema.upgrade(database)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in _WAITED_TOO_LONG:
            raise
        raise SchemaBusy(
            "something held on to a table for too long (a backup, a report, an open transaction):"
            " nothing was changed, run loket migrate again"
        ) from error


def _refuse_newer(at: str | None, wanted: str) -> None:
    if at is not None and not schema.knows(at):
        raise SchemaOld(
            f"the database is at revision {at}, this program knows {wanted} at most:"
            " it was made by a newer Loket, which must be used"
        )


def back_up(database: Database, now: datetime) -> Path:
    """A whole, consistent copy of the SQLite file beside it, made while others may read and write.

    Raises ``NotCopied``, and leaves no half of a copy: whatever has started this starts it again and again.
    """
    source = Path(database.url.removeprefix("sqlite:///"))
    target = database.data_dir / "backups" / f"{source.stem}-{now:%Y%m%dT%H%M%SZ}.db"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(target)
    try:
        with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(target)) as copy:
            whole.backup(copy)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise NotCopied(
            f"{source} can't be copied to {target.parent} before its tables are brought up to date: {error}."
            " Nothing was changed. Make room, or mend what this says, then start again"
        ) from error
    return target


def mark_as_demo(database: Database) -> None:
    """Remember that this database belongs to a demo."""
    if not is_demo(database):
        with database.write() as connection:
            connection.execute(insert(INSTALLATION).values(key=DEMO, value="yes"))


def is_demo(database: Database) -> bool:
    """Whether a demo made this database: ``serve`` refuses it."""
    with database.read() as connection:
        return (
            connection.execute(select(INSTALLATION.c.value).where(INSTALLATION.c.key == DEMO)).scalar()
            is not None
        )
