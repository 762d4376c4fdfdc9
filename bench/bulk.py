"""Filling without what makes single rows safe: indexes and search are built at the end, all at once."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

from bench.province import Province, fill
from storage.db import Database

_MOST = "('message', 'ticket', 'mail', 'ticket_event')"
_SQLITE_ASIDE = f"""
SELECT type, name, sql FROM sqlite_master
WHERE type = 'index' AND tbl_name IN {_MOST} AND sql NOT LIKE 'CREATE UNIQUE%'
      OR type = 'trigger' AND name LIKE '%_search_insert'
"""  # noqa: S608  # words of our own
_POSTGRES_ASIDE = f"""
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE NOT indisunique AND indrelid::regclass::text IN {_MOST}
"""  # noqa: S608  # words of our own
_UNSAFE = ("fsync = off", "full_page_writes = off", "autovacuum = off", "max_wal_size = '4GB'")


def filled(address: str, folder: Path, province: Province) -> None:
    """Fill the empty database at *address*, whose tables are there."""
    (_sqlite if address.startswith("sqlite") else _postgres)(address, folder, province)


def _sqlite(address: str, folder: Path, province: Province) -> None:
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        aside = connection.execute(_SQLITE_ASIDE).fetchall()
        for kind, name, _ in aside:
            connection.execute(f"DROP {kind} {name}")
        _fill(address, folder, province, "PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF")
        for pragma in ("synchronous = OFF", "cache_size = -1000000", "temp_store = FILE"):
            connection.execute(f"PRAGMA {pragma}")
        for _, _, made in aside:
            connection.execute(made)
        for name in ("message_search", "ticket_search"):
            connection.execute(f"INSERT INTO {name}({name}) VALUES('rebuild')")  # the same
        connection.execute("PRAGMA analysis_limit = 1000")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _postgres(address: str, folder: Path, province: Province) -> None:
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        for setting in _UNSAFE:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
        aside = connection.execute(_POSTGRES_ASIDE.encode()).fetchall()
        for name, _ in aside:
            connection.execute(f"DROP INDEX {name}".encode())
        _fill(address, folder, province, "SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET max_parallel_maintenance_workers = 0")
        for _, made in aside:
            connection.execute(made.encode())
        for setting in _UNSAFE:
            connection.execute(f"ALTER SYSTEM RESET {setting.split()[0]}".encode())
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _fill(address: str, folder: Path, province: Province, *first: str) -> None:
    database = Database(address, folder)
    with database.engine.connect() as connection:
        for statement in (*first, *(("BEGIN IMMEDIATE",) if database.is_sqlite else ())):
            connection.exec_driver_sql(statement)
        fill(connection, province)
        connection.exec_driver_sql("COMMIT")
    database.close()
