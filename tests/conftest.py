"""What every test shares."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.collecting import collect_less_often
from storage.db import Database
from tests.compiled import compiled_once
from tests.databases import ON_BOTH, Postgres, SqliteTemplate, an_empty_one, running_postgres
from tests.dovecot import Dovecot, running_dovecot
from tests.driver import Desk, running_desk
from tests.flushing import IN_SERVICE, prepared, with_synchronous
from tests.no_skips import pytest_make_collect_report, pytest_runtest_makereport
from tests.patience import patience
from tests.playing import load_profile

load_profile()
__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--rewrite-stories``: write down what the desk says now, to be read before it is committed."""
    parser.addoption("--rewrite-stories", action="store_true", help="rewrite tests/stories/*.yaml")


def pytest_configure() -> None:
    """Byte code is kept, whatever the environment says: else every server process compiles all modules."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long begins first, on each of the workers, who get a part of the list each."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if not item.get_closest_marker("long")]
    size = len(others) // workers + 1
    parts = ((long[at::workers], others[at * size : (at + 1) * size]) for at in range(workers))
    items[:] = [item for begins, goes_on in parts for item in (*begins, *goes_on)]


def pytest_collection_finish() -> None:
    """Thousands of tests stay till the end: the collector of garbage need not go through them ever again."""
    collect_less_often()


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> Iterator[None]:
    """Templates are compiled once, whatever number of desks is made."""
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient() -> Iterator[None]:
    """Nothing gives up early because the machine is busy with other things."""
    with patience():
        yield


@pytest.fixture(scope="session", autouse=True)
def _unflushed() -> Iterator[None]:
    """Nobody waits for the disk."""
    with prepared(with_synchronous("OFF")):
        yield


@pytest.fixture
def flushing() -> Iterator[None]:
    """SQLite flushes as in service, for tests of just that."""
    with prepared(IN_SERVICE):
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started once for all tests that ask."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server for all tests that ask; each takes a ``new_user()`` and leaves it running."""
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """An empty desk on SQLite, to be copied."""
    return SqliteTemplate(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=ON_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with all tables: each test runs on SQLite and on PostgreSQL."""
    with an_empty_one(request, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A fresh database with all tables, on SQLite and on PostgreSQL."""
    opened = Database(database_url, tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A running desk with a local provider, on SQLite and on PostgreSQL."""
    with running_desk(database_url, tmp_path) as running:
        yield running
