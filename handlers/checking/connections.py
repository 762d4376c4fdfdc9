"""Whether PostgreSQL has connections enough for all processes of the installation."""

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from handlers.checking.findings import Finding, fine, warning
from handlers.checking.installation import looking_at
from handlers.settings import Settings

_FOR_OTHERS = 5
"""What backups, ``loket check`` and somebody with psql need beside."""


def enough(settings: Settings, processes: int) -> Iterator[Finding]:
    """Compare what the server allows with what *processes* may use at once. Says nothing of SQLite."""
    try:
        with looking_at(settings) as connection:
            if connection is None or connection.dialect.name == "sqlite":
                return
            allowed = _allowed(connection)
    except SQLAlchemyError:
        return  # told already
    yield _said(allowed, processes, settings.database.connections)


def _allowed(connection: Connection) -> int:
    """How many connections an ordinary user may open."""
    kept = connection.exec_driver_sql(
        "SELECT sum(setting::int) FROM pg_settings"
        " WHERE name IN ('superuser_reserved_connections', 'reserved_connections')"
    ).scalar_one()
    return int(connection.exec_driver_sql("SHOW max_connections").scalar_one()) - int(kept or 0)


def _said(allowed: int, processes: int, each: int) -> Finding:
    wanted = processes * each + _FOR_OTHERS
    if wanted > allowed:
        fits = max(1, (allowed - _FOR_OTHERS) // processes)
        return warning(
            f"PostgreSQL mengizinkan {allowed} koneksi; {processes} proses dapat memakai {wanted}"
            f" (masing-masing {each}). Kecilkan database.connections menjadi {fits},"
            " atau naikkan max_connections.",
            f"PostgreSQL allows {allowed} connections; {processes} processes may use {wanted} (each {each})."
            f" Lower database.connections to {fits}, or raise max_connections.",
        )
    return fine(
        f"Koneksi PostgreSQL cukup untuk {processes} proses ({wanted} dari {allowed}).",
        f"PostgreSQL has connections enough for {processes} processes ({wanted} of {allowed}).",
    )
