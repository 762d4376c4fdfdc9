"""Connections: a process opens no more than it may, and ``loket check`` counts them for all processes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.exc import TimeoutError as NoneFree

from handlers.checking import connections
from handlers.checking.findings import Level
from handlers.settings import Settings, load
from storage import db
from storage.db import READERS_ON_SQLITE, Database
from tests.databases import Postgres, SqliteTemplate
from tests.driver import environment, write_config


def _settings(folder: Path, url: str) -> Settings:
    return load(write_config(folder, url), environment())


@pytest.mark.postgres
def test_what_the_server_allows_is_compared(postgres: Postgres, tmp_path: Path) -> None:
    settings = _settings(tmp_path, postgres.bare())
    (enough,) = connections.enough(settings, 1)
    (short,) = connections.enough(settings, 1000)
    assert (enough.level, short.level) == (Level.OK, Level.WARNING)
    assert "database.connections to 1," in short.english


def test_the_advice_fits() -> None:
    assert connections._said(97, 3, 30).level is Level.OK
    short = connections._said(97, 6, 30)
    assert "6 processes may use 185 (each 30)" in short.english
    assert "database.connections to 15," in short.english
    assert connections._said(97, 6, 15).level is Level.OK


def test_sqlite_has_no_such_limit(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    settings = _settings(tmp_path, sqlite_template.copy(tmp_path))
    assert list(connections.enough(settings, 1000)) == []


@pytest.mark.postgres
def test_a_process_opens_no_more_than_it_may(postgres: Postgres, tmp_path: Path) -> None:
    database = Database(postgres.bare(), tmp_path, most=2)
    with database.read(), database.read():
        assert database.connections() == (2, 2)
        assert database.engine.pool.status().endswith("Current Checked out connections: 2")
        assert database.engine.pool.size() + database.engine.pool._max_overflow == 2  # type: ignore[attr-defined]
    database.close()


def test_what_a_process_keeps_of_an_sqlite_file_is_bounded(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """However many ask at once: so many connections, each with so many KiB of pages, and never more."""
    database = Database(sqlite_template.copy(tmp_path), tmp_path)
    with ThreadPoolExecutor(3 * READERS_ON_SQLITE) as threads:
        list(threads.map(lambda _: _read(database), range(60)))
    with ExitStack() as stack:
        all_of_them = [stack.enter_context(database.read()) for _ in range(READERS_ON_SQLITE)]
        all_of_them.append(stack.enter_context(database.write()))
        kept = [-int(one.exec_driver_sql("PRAGMA cache_size").scalar_one()) for one in all_of_them]
        mapped = {one.exec_driver_sql("PRAGMA mmap_size").scalar() for one in all_of_them}
        assert database.connections() == (len(kept), database.most)
        assert database.engine.pool.status().startswith(f"Pool size: {len(kept)}  Connections in pool: 0 ")
        assert database.engine.pool._max_overflow == 0  # type: ignore[attr-defined]
    assert sum(kept) <= 60_000
    assert mapped == {0}, "an error of the disk is answered, and does not end the process"
    database.close()


def _read(database: Database) -> object:
    with database.read() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM officer").scalar()


def test_who_writes_to_sqlite_waits_for_no_reader(
    sqlite_template: SqliteTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who finds no room among the readers is told so, and finds it as soon as one has gone."""
    monkeypatch.setattr(db, "SECONDS_TO_WAIT", 0.05)
    database = Database(sqlite_template.copy(tmp_path), tmp_path)
    with ExitStack() as stack:
        for _ in range(READERS_ON_SQLITE):
            stack.enter_context(database.read())
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE installation SET value = value")
        with pytest.raises(NoneFree):
            _read(database)
    assert _read(database) == 0
    database.close()
