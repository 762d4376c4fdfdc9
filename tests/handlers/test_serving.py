"""The commands that serve, as processes of their own: they start, refuse in plain words, and end cleanly."""

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from channels.simulator import LocalTwilio, create_local_twilio
from channels.simulator import serving as serving_app
from handlers import compose, databases, passwords, serving
from storage import officers, schema
from storage.db import Database
from tests import storm
from tests.databases import Postgres, SqliteTemplate
from tests.driver import CITIZEN, PUBLIC_URL, SENDERS, SID, TOKEN, environment, form_of, write_config
from tests.handlers.site import REQUEST
from tests.handlers.test_worker import wait_for
from tests.ports import free_port

PASSWORD = "sandi-yang-panjang"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def provider() -> Iterator[tuple[LocalTwilio, str]]:
    """A local Twilio and the address of its API."""
    twilio = LocalTwilio(SID, TOKEN, clock=compose.now, public_url=PUBLIC_URL)
    with serving_app(create_local_twilio(twilio)) as api_url:
        try:
            yield twilio, api_url
        finally:
            twilio.close()


@contextmanager
def started(server: storm.Server) -> Iterator[storm.Server]:
    """*server*, running, and gone at the end whatever happens."""
    server.start()
    try:
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()


def add_officer(url: str, folder: Path) -> None:
    database = Database(url, folder / "data")
    with database.write() as connection:
        added = officers.add(
            connection, email="rahma@bps.go.id", name="Rahma", password_hash=passwords.hashed(PASSWORD),
            now=compose.now(),
        )  # fmt: skip
        officers.set_role(connection, added, "7411", "supervisor")
    database.close()


PATIENT = (
    sys.executable,
    "-c",
    "from handlers import cli, serving; serving.SECONDS_TO_END = 280; cli.main()",
)
"""The desk as ever, but for how long it lets requests end when it is told to."""


def signed_in(url: str) -> requests.Session:
    """A browser in which Rahma has signed in."""
    browser = requests.Session()
    found = _TOKEN.search(browser.get(url + "/sign-in", timeout=90).text)
    form = {"email": "rahma@bps.go.id", "password": PASSWORD, "csrf_token": found[1] if found else ""}
    assert browser.post(url + "/sign-in", data=form, timeout=90).ok
    return browser


def test_ending_is_quick_and_clean_with_a_live_page_open(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """More pages listen than there are threads: others are served, and all end when told."""
    url = sqlite_template.copy(tmp_path)
    add_officer(url, tmp_path)
    port = free_port()
    own = {"LOKET_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with (
        provider() as (_, api_url),
        started(storm.server(tmp_path, port, url, api_url, environment=own, program=PATIENT)) as server,
    ):
        browser = signed_in(server.url)
        pages = [browser.get(server.url + "/inbox/7411/live", stream=True, timeout=90) for _ in range(40)]
        for page in pages:
            assert page.headers["Content-Type"].startswith("text/event-stream")
        assert signed_in(server.url).get(server.url + "/inbox/7411", timeout=90).ok
        assert server.stop() == 0  # long before it would give up waiting for them
        for page in pages:
            assert page.raw.read().startswith(b"retry: ")


@pytest.mark.postgres
def test_pages_webhooks_and_worker_as_three_processes(postgres: Postgres, tmp_path: Path) -> None:
    """What one takes another shows, on a page that was open already, and the third delivers the answer."""
    url = postgres.copy()
    add_officer(url, tmp_path)
    own = {"LOKET_PUBLIC_URL": "http://127.0.0.1"}  # so that the cookie needs no TLS
    with (
        provider() as (twilio, api_url),
        started(storm.server(tmp_path, free_port(), url, api_url, command="web")) as webhooks,
        started(storm.server(tmp_path, free_port(), url, api_url, command="web", environment=own)) as pages,
    ):
        page = signed_in(pages.url).get(pages.url + "/inbox/7411/live", stream=True, timeout=90)
        twilio.desk_url = webhooks.url
        for text in (REQUEST, "ya"):
            assert twilio.citizen_writes(CITIZEN, SENDERS["7411"], text) == 200
        assert b"event: touched" in page.iter_lines()
        page.close()
        assert twilio.phone(CITIZEN) == []
        worker = command(tmp_path, "worker", url, LOKET_WHATSAPP_API_URL=api_url)
        try:
            wait_for(lambda: twilio.phone(CITIZEN), 60)
            worker.terminate()
            assert worker.wait(90) == 0
        finally:
            worker.kill()
            worker.communicate()
        assert (pages.stop(), webhooks.stop()) == (0, 0)


def test_what_was_accepted_without_a_signature_is_nothing(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """Through the real server: the address that is signed is the one the request line held."""
    url = sqlite_template.copy(tmp_path)
    with provider() as (_, api_url), started(storm.server(tmp_path, free_port(), url, api_url)) as server:
        form = form_of("Halo", SENDERS["6302"])
        path = server.url + storm.PATH
        assert requests.post(path, data=form, headers=storm.signed(form), timeout=90).status_code == 200
        other = form_of("Halo", SENDERS["6302"])
        assert requests.post(path, data=other, headers=storm.signed(form), timeout=90).status_code == 403
        assert (
            requests.post(path + "?x=%41", data=form, headers=storm.signed(form), timeout=90).status_code
            == 403
        )
        assert requests.get(path, timeout=90).status_code == 405
        assert server.stop() == 0


def command(folder: Path, name: str, url: str, **names: str) -> "subprocess.Popen[str]":
    """``loket`` *name* with the test's configuration; an empty name in *names* is left out."""
    known = environment() | {"LOKET_CONFIG": str(write_config(folder, url))} | names
    known = os.environ | {key: value for key, value in known.items() if value}
    more = ["--port", str(free_port())] if name in ("serve", "web") else []
    arguments = [sys.executable, "-m", "handlers.cli", name, *more]
    return subprocess.Popen(arguments, env=known, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def refusal(folder: Path, name: str, url: str, **names: str) -> str:
    """What *name* says when it refuses to start: in words, with exit code 1."""
    process = command(folder, name, url, **names)
    out, told = process.communicate(timeout=200)
    assert (process.returncode, out) == (1, ""), told
    assert "Traceback" not in told
    return told


def test_a_demo_s_database_is_refused(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    url = sqlite_template.copy(tmp_path)
    database = Database(url, tmp_path / "data")
    databases.mark_as_demo(database)
    database.close()
    for name in ("serve", "worker", "replay"):
        assert "belongs to a demo" in refusal(tmp_path, name, url)


@pytest.mark.postgres
def test_an_old_postgresql_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.copy()
    database = Database(url, tmp_path / "data")
    schema.downgrade(database, "0002")
    database.close()
    assert "run loket migrate" in refusal(tmp_path, "serve", url)
    assert "does not answer" in refusal(tmp_path, "serve", _nowhere(url))


def _nowhere(url: str) -> str:
    return url.replace("loket_", "nobody_")


@pytest.mark.parametrize("lacking", ["TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID", "LOKET_SECRET_KEY"])
def test_a_missing_secret_is_named(sqlite_template: SqliteTemplate, tmp_path: Path, lacking: str) -> None:
    names: Mapping[str, str] = {lacking: ""}
    assert lacking in refusal(tmp_path, "serve", sqlite_template.copy(tmp_path), **names)


def test_a_newer_file_is_refused(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    url = sqlite_template.copy(tmp_path)
    database = Database(url, tmp_path / "data")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for name in ("serve", "migrate"):
        assert "newer Loket" in refusal(tmp_path, name, url)


@pytest.mark.parametrize(
    ("allowed", "raised"),
    [
        ((1024, 524288), (8192, 524288)),
        ((1024, 4096), (4096, 4096)),
        ((1024, -1), (8192, -1)),
        ((-1, -1), None),
    ],
)
def test_the_server_opens_as_many_files_as_it_may(
    allowed: tuple[int, int], raised: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: allowed)
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    serving._open_more_files()
    assert set_to == ([raised] if raised else [])
