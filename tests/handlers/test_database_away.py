"""While the database is away everybody is told so politely and soon, and all heals when it is back."""

import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from handlers.outage import FIRST_REST, LONGEST_REST, Outage
from handlers.web.app import create_app
from storage import db
from storage.db import LOCK_NAME, Database
from tests.driver import CITIZEN, Desk

LEAVE = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
FORM = "csrf_token=x&email=a%40bps.go.id&password=x"


@pytest.fixture
def cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A browser at a desk whose PostgreSQL is not there."""
    gone = Database("postgresql+psycopg://nobody@/gone?host=/nonexistent", desk.runtime.settings.data_dir)
    monkeypatch.setattr(desk.runtime.database, "engine", gone.engine)
    monkeypatch.setattr(desk.runtime.database, "_writer", None)
    app = create_app(desk.runtime)
    app.config.update(WTF_CSRF_ENABLED=False)
    yield app.test_client()
    gone.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_say_so_in_plain_words(cut_off: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    page = cut_off.post("/sign-in", data=FORM, content_type="application/x-www-form-urlencoded")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert "Basis data kami sedang tidak menjawab" in page.text
    assert "OperationalError" not in page.text
    assert "the database failed at POST auth.sign_in: OperationalError" in caplog.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_proxy_and_the_provider_are_told(cut_off: FlaskClient, desk: Desk) -> None:
    assert cut_off.get("/healthz").status_code == 200
    ready = cut_off.get("/readyz")
    assert (ready.status_code, (ready.json or {})["database"]) == (503, "OperationalError")
    assert desk.writes("halo") == 503


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_has_been_away_costs_nobody_an_answer(desk: Desk) -> None:
    """Connections that it has forgotten are not given out as if they lived, however fresh they are."""
    assert desk.writes("halo") == 200
    beside = create_engine(desk.runtime.database.url)
    for _ in range(3):
        with beside.connect() as connection:
            assert connection.execute(LEAVE).scalar_one() >= 1
        assert desk.writes("petugas") == 200
        assert {row.intake for row in desk.messages()} == {"handled"}
        desk.settle()
    beside.dispose()
    assert len(desk.phone(CITIZEN)) >= 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_writes_all_the_time_is_not_waited_for_without_an_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "SECONDS_TO_WAIT", 0.1)
    lock: Path = desk.runtime.settings.data_dir / LOCK_NAME
    with lock.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert desk.writes("halo") == 503
        assert desk.messages() == []
    assert desk.writes("halo") == 200
    assert [row.intake for row in desk.messages()] == ["handled"]


def test_an_outage_is_told_once_and_asked_about_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now = [100.0]
    outage, rests = Outage(lambda: now[0]), []
    for _ in range(8):
        outage.met(OSError())
        outage.met(OSError())  # another thread, at the same moment
        began = now[0]
        while outage.rests():
            now[0] += 0.25
        rests.append(now[0] - began)
    assert rests[0] == FIRST_REST
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST
    assert caplog.messages == ["the database is away (OSError); everything waits for it"]
    outage.over()
    outage.over()
    assert caplog.messages[1:] == [f"the database is back after {now[0] - 100:.0f} seconds"]
    assert not outage.rests()


def test_a_disk_that_takes_nothing_more_is_not_called_a_database_that_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    Outage().met(OperationalError("INSERT", {}, full))
    said = "the disk takes nothing more: it is full, or fails (OperationalError); everything waits for it"
    assert caplog.messages == [said]
