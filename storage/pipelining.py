"""Statements whose answers nobody looks at go to PostgreSQL in one piece, and are waited for once.

Where client and server share a machine, to be woken by the other's answer costs more than most statements.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import DBAPIError, StatementError

if TYPE_CHECKING:
    import psycopg


@contextmanager
def in_one_piece(connection: Connection) -> Iterator[None]:
    """Send what is executed in this block without waiting for each; at its end all has been executed.

    Nothing may be asked inside; ``rows_changed`` may afterwards. What fails raises at the end at the latest,
    as SQLAlchemy names it. On SQLite, which is asked in the process itself, the block is plain.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    with _named_as_ever(connection), _driver(connection).pipeline():
        yield


def rows_changed(result: CursorResult[Any]) -> int:
    """How many rows a statement of the block has changed, after it: SQLAlchemy itself looks too early."""
    known: int = result.rowcount
    return known if known >= 0 else int(result.context.cursor.rowcount)


def _driver(connection: Connection) -> "psycopg.Connection":
    return connection.connection.driver_connection  # type: ignore[return-value]  # the dialect says which


@contextmanager
def _named_as_ever(connection: Connection) -> Iterator[None]:
    """What the driver raises at the end of the block goes by SQLAlchemy, which would have wrapped it."""
    base = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        raise _wrapped(connection, error, base) from error


def _wrapped(connection: Connection, error: Exception, base: type[Exception]) -> StatementError:
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, _driver(connection), None)  # type: ignore[arg-type]  # it is the driver's
    if gone:
        connection.invalidate(error)
    told = (None, None, error, base)
    return DBAPIError.instance(*told, hide_parameters=True, connection_invalidated=gone, dialect=dialect)
