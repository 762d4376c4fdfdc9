"""What SQLite keeps of erased words, in its search index and in its log, until both are tidied.

The database itself remembers that there is something to tidy: whoever erased may have ended before it was
done. Of a database that remembers nothing at all nobody knows.
"""

from sqlalchemy import Connection, inspect, update

from storage import own
from storage.db import SECONDS_TO_WAIT, Database
from storage.inserting import insert_into
from storage.own import INSTALLATION

LEFT = "traces"
_NONE = ""
_INDEXES = ("message_search", "ticket_search", "catalogue_search")
_PAGES = 200
"""Of an index at once, in some tenths of a second: who writes meanwhile waits that long."""
_MILLISECONDS_FOR_READERS = 500


def secure(connection: Connection, *, on: bool) -> None:
    """SQLite overwrites whole pages that are given up from here on, too, and does not only forget them."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA secure_delete={'ON' if on else 'FAST'}")


def leave(connection: Connection, what: str) -> None:
    """Remember that this erasure, told from others by *what*, leaves traces."""
    if connection.dialect.name == "sqlite":
        own.put_word(connection, LEFT, what)


def tidy(database: Database) -> bool:
    """Let no trace be left; False when somebody is reading them still, so that it must be tried again."""
    if not database.is_sqlite:
        return True
    with database.read() as connection:
        before = own.word(connection, LEFT)
        if before == _NONE:
            return True
        there = inspect(connection).get_table_names()
    for name in (each for each in _INDEXES if each in there):
        _merge(database, name)
    done = _empty_log(database)
    if done:
        with database.write() as connection:
            _remember(connection, before)
    return done


def _merge(database: Database, name: str) -> None:
    """A word that was deleted stands beside its deletion until the parts of an index are merged into one."""
    pages, going_on = -_PAGES, True  # the first time: all parts into one, however few there are
    while going_on:
        with database.write() as connection:
            secure(connection, on=True)
            before = _changes(connection)
            connection.exec_driver_sql(f"INSERT INTO {name}({name}, rank) VALUES('merge', {pages})")
            going_on = _changes(connection) - before > 1  # the command itself counts as one
            secure(connection, on=False)
        pages = _PAGES


def _changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


def _empty_log(database: Database) -> bool:
    """Bring the log into the file, and cut it off; False when a reader needs it still."""
    with database.read() as connection:
        _wait_for_others(connection, _MILLISECONDS_FOR_READERS)
        try:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        finally:
            _wait_for_others(connection, int(SECONDS_TO_WAIT * 1000))
    return not busy


def _wait_for_others(connection: Connection, milliseconds: int) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")


def _remember(connection: Connection, before: str | None) -> None:
    """Nothing is left, unless somebody else was erased meanwhile."""
    if before is None:
        first = insert_into(connection, INSTALLATION).values(key=LEFT, value=_NONE)
        connection.execute(first.on_conflict_do_nothing())
        return
    same = (INSTALLATION.c.key == LEFT, INSTALLATION.c.value == before)
    connection.execute(update(INSTALLATION).where(*same).values(value=_NONE))
