"""A desk on SQLite alone, for what does not depend on the database, and its pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from channels.simulator import serving
from handlers.web.app import create_app
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, Desk, running_desk
from tests.handlers.site import REQUEST
from tests.sessions import sign_in


@pytest.fixture
def lone(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A running desk with a local provider, on SQLite."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


class Browser(FlaskClient):
    """Reads an answer to its end, so that no file stays open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """As ever, but buffered."""
        return super().open(*args, **{"buffered": True, **kwargs})


@dataclass
class Office:
    """A desk with its pages, and people to look at them."""

    desk: Desk
    app: Flask

    def client(self, name: str = "rahma", role: str = "supervisor", office: str = "7411") -> FlaskClient:
        """A browser in which an officer is signed in."""
        officer_id = self.desk.officer(name, office, role)
        return sign_in(self.app.test_client(), self.desk.runtime, officer_id)

    def asks(self, address: str = CITIZEN) -> int:
        """A citizen asks and confirms; the id of the ticket."""
        self.desk.writes(REQUEST, address=address)
        self.desk.writes("ya", address=address)
        return int(self.desk.tickets()[-1].id)

    def page(self, ticket: int) -> str:
        """The address of a ticket."""
        return f"/inbox/7411/tickets/{ticket}"


@pytest.fixture
def office(lone: Desk) -> Iterator[Office]:
    """The whole site, at which Twilio can fetch files."""
    app = create_app(lone.runtime)
    app.test_client_class = Browser
    app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    with serving(app) as url:
        lone.twilio.desk_url = url
        yield Office(lone, app)
