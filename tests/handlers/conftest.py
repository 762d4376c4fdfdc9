"""The web application for the tests of pages: on SQLite; what differs between databases lies in storage."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from handlers import passwords
from tests.databases import SqliteTemplate
from tests.driver import Desk, running_desk
from tests.handlers import site as site_module
from tests.handlers.site import Site, running_site


@pytest.fixture
def lone(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A running desk with a local provider, on SQLite."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 with hardly any work, for tests that sign in many times. To be asked for before a site."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._nobody.cache_clear()
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(site_module, "HASH", cheap.hash(site_module.PASSWORD))
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def site(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Site]:
    """The site, forms unchecked."""
    with running_site(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


@pytest.fixture
def guarded(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Site]:
    """The site as it is in service: every form needs its token."""
    with running_site(sqlite_template.copy(tmp_path), tmp_path, forms_checked=True) as running:
        yield running
