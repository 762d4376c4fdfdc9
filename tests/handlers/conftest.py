"""The web application for the tests of pages: on SQLite; what differs between databases lies in storage."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import SqliteTemplate
from tests.driver import Desk, running_desk
from tests.handlers.site import Site, running_site


@pytest.fixture
def lone(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A running desk with a local provider, on SQLite."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


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
