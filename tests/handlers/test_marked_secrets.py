"""Secrets with a mark in them: after a day of requests and failures no log, page, row or file holds one."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from channels.whatsapp.signature import SIGNATURE
from handlers import compose, jobs, second_factors
from handlers.settings import load
from handlers.settings.yaml_text import ConfigError
from handlers.web import inbox
from handlers.web.app import create_app
from storage import officers
from storage.columns import Base
from storage.db import Database
from tests.databases import SqliteTemplate
from tests.driver import SID, Clock, environment, write_config
from tests.handlers import site as site_module
from tests.handlers.site import PASSWORD, Site
from tests.sessions import sign_in

MARK = "kq7rahasia"
TOKEN, OLD, KEY, OPERATOR, MAILBOX, WEBAPI = (f"{MARK}-{part}-{'z' * 32}" for part in "tokmlw")
GUESSED, OFFERED = f"{MARK}-yang-ditebak-orang", f"{MARK} kata yang baru sekali"
DATABASE_PASSWORD = f"{MARK}-basisdata"
CONFIG = """
webapi: {key: env:BPS_WEBAPI_KEY, api_url: "http://127.0.0.1:9/v1/api"}
"""


def _environ() -> dict[str, str]:
    return environment() | {
        "TWILIO_AUTH_TOKEN": TOKEN,
        "LOKET_SECRET_KEY": KEY,
        "LOKET_SECRET_KEY_PREVIOUS": OLD,
        "LOKET_METRICS_TOKEN": OPERATOR,
        "MAILBOX_PASSWORD": MAILBOX,
        "BPS_WEBAPI_KEY": WEBAPI,
        "LOKET_WHATSAPP_API_URL": "http://127.0.0.1:9",
    }


pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def marked(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Site]:
    """The site, with secrets that can be found again."""
    path = write_config(tmp_path, sqlite_template.copy(tmp_path))
    path.write_text(path.read_text("utf-8") + CONFIG, "utf-8")
    clock = Clock()
    runtime = compose.compose(load(path, _environ()), _environ(), clock=clock)
    site = Site(runtime, clock, create_app(runtime))
    site.app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    with runtime.database.write() as connection:
        site.people["officer"] = officers.add(
            connection, email="officer@bps.go.id", name="Officer", password_hash=site_module.HASH,
            now=clock(), administrator=True,
        )  # fmt: skip
        officers.set_role(connection, site.people["officer"], "7411", "supervisor")
    yield site
    runtime.database.close()


def _all_rows(database: Database) -> str:
    with database.read() as connection:
        return "\n".join(
            repr(dict(row._mapping))
            for each in Base.metadata.sorted_tables
            for row in connection.execute(select(each))
        )


def _played(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """A day of requests, right and wrong, and what they were answered."""
    stranger, officer = site.app.test_client(), site.app.test_client()
    sign_in(officer, site.runtime, site.people["officer"])
    ticket, said = site.asks(), []
    door = {"email": "officer@bps.go.id", "password": GUESSED}
    # Who types the password into the wrong field sees it again there, and nobody else does.
    typed = [stranger.post("/sign-in", data=form).text for form in (door, {**door, "email": GUESSED})]
    said += [page.replace(f'value="{GUESSED}"', "") for page in typed]
    said.append(officer.post("/akun/kode", data={"current": PASSWORD}).text.replace(_secret(site), ""))
    said += [officer.post("/akun/kode/pasang", data={"code": GUESSED}).text]
    change = {"current": PASSWORD, "new": OFFERED, "again": OFFERED}
    for form in (change | {"current": GUESSED}, change | {"again": GUESSED}):
        said.append(officer.post("/akun/kata-sandi", data=form).text)
    for path in ("/metrics", "/readyz"):
        for token in (GUESSED, OPERATOR):
            said.append(stranger.get(path, headers={"Authorization": f"Bearer {token}"}).text)
    hook = {"AccountSid": SID, "Body": "halo"}
    said.append(stranger.post("/webhooks/whatsapp", data=hook, headers={SIGNATURE: GUESSED}).text)
    said.append(stranger.get(f"/webhooks/whatsapp-cloud?hub.verify_token={GUESSED}").text)
    said += [officer.get(path).text for path in ("/akun", "/administration", f"/inbox/7411/tickets/{ticket}")]
    said += [
        officer.get("/administration/catatan").text,
        stranger.get(f"/{GUESSED}").text.replace(GUESSED, ""),
    ]
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "lines", lambda *_: (_ for _ in ()).throw(RuntimeError(f"{TOKEN} {KEY}")))
        said.append(officer.get("/inbox/7411").text)
    said.append(officer.post("/akun/kata-sandi", data=change).text)
    jobs.run_all(site.runtime)
    jobs.fetch_catalogue(site.runtime)
    return "\n".join(said)


def _secret(site: Site) -> str:
    with site.runtime.database.read() as connection:
        return second_factors.secret(site.runtime, connection, site.people["officer"]) or "none"


def test_no_secret_is_found_anywhere(
    marked: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    pages = _played(marked, monkeypatch)
    assert MARK not in pages
    assert "RuntimeError" in caplog.text  # the failure was logged, and it alone
    assert MARK not in caplog.text
    rows = _all_rows(marked.runtime.database)
    assert "sign_in_refused" in rows
    assert MARK not in rows
    assert _secret(marked) not in rows
    marked.runtime.database.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if MARK.encode() in path.read_bytes()] == []
    assert len(files) > 1


def test_what_is_wired_shows_no_secret(marked: Site) -> None:
    shown: list[Any] = [marked.runtime, marked.runtime.keys, marked.runtime.settings, marked.runtime.tokens]
    assert [repr(each)[:80] for each in shown if MARK in repr(each)] == []


def test_an_address_of_a_database_is_never_told_with_its_password(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://loket:{DATABASE_PASSWORD}@127.0.0.1:9/loket"
    database = Database(url, tmp_path)
    with pytest.raises(Exception, match=r"127\.0\.0\.1") as failed, database.read():
        pass
    database.close()
    assert DATABASE_PASSWORD not in f"{failed.value!r} {failed.value}"
    path = write_config(tmp_path, url)
    with pytest.raises(ConfigError) as refused:
        load(path, environment())
    assert DATABASE_PASSWORD not in str(refused.value)
    path = write_config(tmp_path, "sqlite:///var/loket.db")
    settings = load(path, environment() | {"LOKET_DATABASE_URL": url})
    assert settings.database.url == url
    assert DATABASE_PASSWORD not in repr(settings)
