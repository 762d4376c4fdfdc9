"""The database: one engine, reading transactions, and writing transactions that wait their turn.

On SQLite one process writes at a time: every writer takes a lock file in ``data_dir`` first, because
SQLite's own busy handler is unfair between processes. PostgreSQL needs no such lock.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import QueuePool

from storage.fair import Places

LOCK_NAME = "write.lock"
RESTED_SECONDS = 5.0
SECONDS_TO_WAIT = 10.0
"""To write, to read, or for a lock: Twilio waits fifteen for an answer, and hears a no before."""
SECONDS_TO_CONNECT = 5
_REFUSED_FOR = 90.0
_SQLITE_REFUSALS = {10, 13}  # an error of the disk; no room on it
_POSTGRES_REFUSALS = {"53100", "58030"}  # likewise
MOST_CONNECTIONS, _KEPT = 30, 20
READERS_ON_SQLITE = 6
"""At once in a process, one who writes besides. What each has read of the file it keeps for itself."""
AWAY = (OperationalError, InterfaceError, NoneFree)
"""What a database raises that is away, busy or full. Anything else it raises is a bug in the statement."""
_GAVE_WAY = {"40001", "40P01"}  # serialization, deadlock
_WAITED = {"55P03", "57014"}  # for a lock, or too long
_SECONDS_FOR_OTHERS = 0.05
_Result = TypeVar("_Result")


def passes(error: Exception) -> bool:
    """Whether the same may succeed at once: the connection was stale, or another transaction went first."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _state(error) in _GAVE_WAY)


def is_busy(error: Exception) -> bool:
    """Whether the database works, and only let another transaction go first."""
    return _state(error) in _GAVE_WAY | _WAITED


def _state(error: Exception) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", ""))


def again(act: Callable[[], _Result]) -> _Result:
    """What *act* gives, done once more where the database failed in a way that passes.

    Nobody knows then whether it was committed: only for what may happen twice.
    """
    try:
        return act()
    except AWAY as error:
        if not passes(error):
            raise
    return act()


def after_others(act: Callable[[], _Result], *moved: type[Exception]) -> _Result:
    """What *act* gives, done once more where another transaction had to go first: nothing was written then.

    *moved*: what it raises by itself where it finds that.
    """
    try:
        return act()
    except moved:
        pass
    except AWAY as error:
        if _state(error) not in _GAVE_WAY:
            raise
    time.sleep(_SECONDS_FOR_OTHERS)  # who was waited for is not overtaken once more
    return act()


class Database:
    """Reads and writes. ``url`` is SQLAlchemy's; *data_dir* holds the lock file (and SQLite's own).

    *most*: how many connections to PostgreSQL there may be at once; who finds none waits for one. On SQLite
    there are few, and one of them is the writer's, who never waits for readers.
    """

    def __init__(self, url: str, data_dir: Path, *, most: int = MOST_CONNECTIONS) -> None:
        self.url = url
        self.data_dir = data_dir
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.is_sqlite else _postgres(url, most)
        self.most = _ON_SQLITE if self.is_sqlite else most
        self._readers = Places(READERS_ON_SQLITE) if self.is_sqlite else None
        self._turn = _WriteTurn(data_dir / LOCK_NAME) if self.is_sqlite else None
        self._writer: Connection | None = None
        self._refused_at: float | None = None

    @property
    def folder(self) -> Path | None:
        """Where SQLite's file stands; None for another database."""
        return Path(self.url.removeprefix("sqlite:///").partition("?")[0]).parent if self.is_sqlite else None

    @property
    def is_refused(self) -> bool:
        """Whether the disk has refused to take what this process wanted to write, a moment ago."""
        return self._refused_at is not None and time.monotonic() - self._refused_at < _REFUSED_FOR

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that only reads."""
        with self._among_readers(), self.engine.connect() as connection:
            yield connection
            # Nothing was written, but at a rollback psycopg forgets all statements that it has prepared.
            connection.commit()

    @contextmanager
    def _among_readers(self) -> Iterator[None]:
        """The writer has its turn already while it waits for a connection, and all other writers with it."""
        if self._readers is None:
            yield
            return
        if not self._readers.take(SECONDS_TO_WAIT):
            raise NoneFree(_READ)
        try:
            yield
        finally:
            self._readers.give_back()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on any exception."""
        try:
            with self._transaction() as connection:
                yield connection
        except OperationalError as error:
            if is_of_the_disk(error):
                self._refused_at = time.monotonic()
            raise

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._turn is None:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._turn:
            connection = self._writing_connection()
            with connection.begin():
                # The driver commits or rolls back what this has begun; by itself it would begin nothing.
                connection.exec_driver_sql(_BEGIN)
                yield connection

    def _writing_connection(self) -> Connection:
        """The connection of whoever has the turn, kept: to take one each time costs like a statement."""
        if self._writer and self._writer.in_transaction():  # whoever had it was ended in the middle
            self._writer.close()
        if self._writer is None or self._writer.closed:
            self._writer = self.engine.connect()
        return self._writer

    def connections(self) -> tuple[int, int]:
        """How many connections of this process are in use, and how many may be."""
        pool, kept = self.engine.pool, self._writer is not None and not self._writer.in_transaction()
        return (pool.checkedout() - kept, self.most) if isinstance(pool, QueuePool) else (0, self.most)

    def close(self) -> None:
        """Give all connections back. The value can't be used afterwards."""
        if self._turn:
            self._return_the_writing_connection(self._turn)
            self._turn.close()
        self.engine.dispose()

    def _return_the_writing_connection(self, turn: "_WriteTurn") -> None:
        """Unless somebody is writing and does not end."""
        if self._writer:
            with suppress(NoneFree), turn:
                self._writer.close()
            self._writer = None


_BEGIN = "BEGIN IMMEDIATE"
_TAKEN = "somebody else is writing all the time"
_READ = "others are reading all the time"
_ON_SQLITE = READERS_ON_SQLITE + 1


def is_of_the_disk(error: Exception) -> bool:
    """Whether the database works, and its disk takes nothing more: it is full, or fails."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    refused = code is not None and code & 0xFF in _SQLITE_REFUSALS
    return refused or _state(error) in _POSTGRES_REFUSALS


class _WriteTurn:
    """One writer at a time: first among the threads of this process, then among processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        make_private(path)
        self._file = path.open("ab")

    def __enter__(self) -> None:
        until = time.monotonic() + SECONDS_TO_WAIT
        if not self._threads.acquire(timeout=SECONDS_TO_WAIT):
            raise NoneFree(_TAKEN)
        try:
            self._wait_for_the_file(until)
        except BaseException:
            self._threads.release()
            raise

    def _wait_for_the_file(self, until: float) -> None:
        """In steps: a lock on a file can't be waited for with a limit."""
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise NoneFree(_TAKEN) from None
                time.sleep(0.002)

    def close(self) -> None:
        """Give the lock file back."""
        self._file.close()

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


def _sqlite(url: str) -> Engine:
    path = url.removeprefix("sqlite:///").partition("?")[0]
    if path and path != ":memory:":
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(Path(path))
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=_ON_SQLITE,
        max_overflow=0,
        pool_use_lifo=True,  # the one used last has its pages at hand
        connect_args={"timeout": SECONDS_TO_WAIT},
        hide_parameters=True,  # errors are logged, and parameters hold what citizens write
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def make_private(path: Path) -> None:
    """Make the file if it is missing, for its owner alone: it holds, or stands beside, what citizens write.

    SQLite gives its companions (``-wal``, ``-shm``) the same rights. A file that is there keeps its own.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # what is committed survives a power cut
    "foreign_keys=ON",
    "secure_delete=FAST",  # where a page is written anyway, what is deleted on it is overwritten
    "temp_store=MEMORY",
    "cache_size=-8000",  # KiB, times _ON_SQLITE; with less an office's list is read anew from file every time
    "wal_autocheckpoint=4000",  # pages, 16 MB: many messages write the same ones, written to the file once
)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


# To compile a statement, or to start processes that share in it, takes PostgreSQL far longer than to execute
# any of ours. It does both where it expects far more rows than there are.
_PLANNING = "-c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0"


def _postgres(url: str, most: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=min(most, _KEPT),
        max_overflow=most - min(most, _KEPT),
        pool_timeout=SECONDS_TO_CONNECT,
        pool_use_lifo=True,  # the one used last has most statements prepared
        hide_parameters=True,  # as above
        connect_args={
            "connect_timeout": SECONDS_TO_CONNECT,
            "tcp_user_timeout": 5000,  # of a server that says nothing any more
            "options": f"{_PLANNING} -c timezone=UTC -c lock_timeout={SECONDS_TO_WAIT}s",
        },
    )
    _ping_after_rest(engine)
    return engine


def _ping_after_rest(engine: Engine) -> None:
    """Try a connection that has rested before it is used: the server may have gone and come back.

    A ping before every use would cost a tenth of a turn; a connection lost in between fails once, and
    the pool then drops them all.
    """

    def used(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def wanted(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", wanted)
