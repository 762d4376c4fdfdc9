"""Connections: a process opens no more than it may, and ``loket check`` counts them for all processes."""

from pathlib import Path

import pytest

from handlers.checking import connections
from handlers.checking.findings import Level
from handlers.settings import Settings, load
from storage.db import Database
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
