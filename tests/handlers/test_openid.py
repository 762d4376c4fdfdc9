"""Officers sign in at an issuer: who gets in, who does not, and what the page says when nobody can."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from handlers import passwords
from handlers.web import signing
from storage import officers, sign_ins
from storage.columns import table
from storage.tables import Audit
from tests.databases import SqliteTemplate
from tests.driver import PUBLIC_URL, Clock, environment, write_config
from tests.handlers.site import PASSWORD, Site, running_site, token_of
from tests.issuer import CLIENT, LocalIssuer, running_issuer

pytestmark = pytest.mark.usefixtures("cheap_passwords")
MAILBOX_PASSWORD = environment()["MAILBOX_PASSWORD"]
LEAVE, BACK = "/sign-in/akun", "/sign-in/akun/kembali"
DOCUMENT = "/.well-known/openid-configuration"
Opened = Callable[..., Site]


@pytest.fixture
def there() -> Iterator[LocalIssuer]:
    """An issuer that knows the desk by the password of the test's mailboxes."""
    with running_issuer(Clock()) as running:
        running.secret = MAILBOX_PASSWORD
        yield running


@pytest.fixture
def opened(there: LocalIssuer, sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Opened]:
    """The site as it is in service, at which officers may sign in there."""

    with ExitStack() as open_sites:

        def site(**oidc: object) -> Site:
            settings = {"issuer": there.url, "client_id": CLIENT, "client_secret": "env:MAILBOX_PASSWORD"}
            sign_in = {"second_factor": "supervisors", "oidc": settings | oidc}

            def written(folder: Path, url: str) -> Path:
                path = write_config(folder, url)
                path.write_text(f"{path.read_text('utf-8')}\nsign_in: {json.dumps(sign_in)}\n", "utf-8")
                return path

            url = sqlite_template.copy(tmp_path)
            running = open_sites.enter_context(
                running_site(url, tmp_path, forms_checked=True, written=written)
            )
            there.clock = running.clock
            object.__setattr__(running.runtime.issuer, "seconds", 60.0)
            return running

        yield site


def _there(location: str) -> str:
    """What the browser is sent back to, once the person has signed in there."""
    sent = requests.get(location, allow_redirects=False, timeout=60).headers["Location"]
    assert sent.startswith(PUBLIC_URL + BACK + "?")
    return sent.removeprefix(PUBLIC_URL)


def _came_back(client: FlaskClient, path: str = LEAVE) -> TestResponse:
    left = client.get(path)
    assert left.status_code == 303
    return client.get(_there(left.location))


def _door(client: FlaskClient, answer: TestResponse) -> str:
    """The sign-in page that the browser was led to."""
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
    return client.get(answer.location).text


def _audited(site: Site) -> list[tuple[str, int | None, dict[str, Any]]]:
    rows = table(Audit)
    with site.runtime.database.read() as connection:
        found = connection.execute(select(rows.c.what, rows.c.officer_id, rows.c.detail).order_by(rows.c.id))
        return [(row.what, row.officer_id, row.detail) for row in found]


def _is_in(client: FlaskClient) -> bool:
    return client.get("/inbox/7411").status_code == 200


def _put(**told: Any) -> Callable[[dict[str, Any]], None]:
    return lambda whole: whole.update(told)


def test_an_officer_signs_in_and_out_as_with_a_password(opened: Opened) -> None:
    site = opened()
    client, officer = site.app.test_client(), site.people["officer"]
    answer = _came_back(client, f"{LEAVE}?next=/inbox/7411?list%3Dmine")
    assert (answer.status_code, answer.location) == (303, "/inbox/7411?list=mine")
    assert _is_in(client)
    assert _audited(site) == [("signed_in", officer, {"address": "127.0.0.1", "how": "oidc"})]
    with site.runtime.database.read() as connection:
        [row] = sign_ins.of_officer(connection, officer, signing.oldest(site.clock()))
        assert row.browser.startswith("Werkzeug/")
    form = {"csrf_token": token_of(client.get("/inbox/7411").text)}
    assert client.post("/sign-out", data=form).location == "/sign-in"
    with site.runtime.database.read() as connection:
        assert sign_ins.of_officer(connection, officer, signing.oldest(site.clock())) == []
    assert not _is_in(client)


def test_a_sign_in_ends_with_the_day_and_with_the_officer(opened: Opened) -> None:
    site = opened()
    rested, dismissed = site.app.test_client(), site.app.test_client()
    _came_back(rested)
    site.clock.forward(hours=4)
    assert not _is_in(rested)
    _came_back(dismissed)
    with site.runtime.database.write() as connection:
        officers.disable(connection, site.people["officer"], site.clock())
    assert not _is_in(dismissed)


@pytest.mark.parametrize(
    ("claims", "says", "why"),
    [
        (_put(email="nobody@bps.go.id"), "tidak terdaftar sebagai petugas", "unknown"),
        (_put(email="disabled@bps.go.id"), "tidak terdaftar sebagai petugas", "unknown"),
        (_put(email_verified=False), "belum terbukti milik Anda", "unverified"),
        (_put(email=None), "belum terbukti milik Anda", "unverified"),
        (_put(nonce="another"), "tidak dapat memastikan siapa Anda", "refused"),
        (_put(aud="another"), "tidak dapat memastikan siapa Anda", "refused"),
        (_put(exp=1), "tidak dapat memastikan siapa Anda", "refused"),
    ],
)
def test_nobody_else_gets_in_and_nobody_is_made(
    opened: Opened, there: LocalIssuer, claims: Callable[[dict[str, Any]], None], says: str, why: str
) -> None:
    site = opened()
    with site.runtime.database.write() as connection:
        officers.disable(connection, site.people["disabled"], site.clock())
    there.claims = claims
    client = site.app.test_client()
    page = _door(client, _came_back(client))
    assert says in page
    assert "Akun BPS" in page
    assert not _is_in(client)
    [(what, _, told)] = _audited(site)
    assert (what, told) == ("openid_refused", {"address": "127.0.0.1", "how": "oidc", "why": why})
    with site.runtime.database.read() as connection:
        assert len(officers.listed(connection)) == len(site.people)


def test_an_issuer_may_be_trusted_with_addresses(opened: Opened, there: LocalIssuer) -> None:
    there.claims = _put(email_verified=False, email=" Officer@BPS.go.id")
    client = opened(trust_email=True).app.test_client()
    _came_back(client)
    assert _is_in(client)


def test_an_answer_to_another_browser_s_question_is_none(opened: Opened, there: LocalIssuer) -> None:
    """Who sends an officer a link with a code of their own does not get them into their account."""
    site = opened()
    attacker, officer = site.app.test_client(), site.app.test_client()
    link = _there(attacker.get(LEAVE).location)
    before = there.asked.count("/token")
    assert "sudah tidak berlaku" in _door(officer, officer.get(link))
    officer.get(LEAVE)
    assert "sudah tidak berlaku" in _door(officer, officer.get(link))
    assert there.asked.count("/token") == before
    assert _audited(site) == []
    assert not _is_in(officer)


@pytest.mark.parametrize(
    "query", ["", "?state=", "?state=x&code=y", "?code=C1", "?state=%C3%A9&code=%00", "?error=x"]
)
def test_who_has_asked_nothing_is_answered_nothing(opened: Opened, there: LocalIssuer, query: str) -> None:
    client = opened().app.test_client()
    assert "sudah tidak berlaku" in _door(client, client.get(BACK + query))
    assert there.asked == []


def test_a_code_and_a_state_open_once(opened: Opened, there: LocalIssuer) -> None:
    site = opened()
    client, copied = site.app.test_client(), site.app.test_client()
    link = _there(client.get(LEAVE).location)
    cookie = client.get_cookie("loket")
    assert cookie is not None
    assert client.get(link).location == "/inbox"
    assert client.get(link).location == "/inbox"  # back and forth in the browser
    assert there.asked.count("/token") == 1
    with client:
        client.post("/sign-out", data={"csrf_token": token_of(client.get("/inbox/7411").text)})
    assert "sudah tidak berlaku" in _door(client, client.get(link))
    copied.set_cookie("loket", cookie.value)
    assert "tidak dapat memastikan" in _door(copied, copied.get(link))
    assert not _is_in(copied)


def test_a_question_is_answered_within_minutes(opened: Opened, there: LocalIssuer) -> None:
    site = opened()
    client = site.app.test_client()
    link = _there(client.get(LEAVE).location)
    site.clock.forward(minutes=11)
    assert "sudah tidak berlaku" in _door(client, client.get(link))
    assert "/token" not in there.asked


def test_nothing_of_an_earlier_session_survives(opened: Opened) -> None:
    client = opened().app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    _came_back(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert "openid" not in session


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "\t//evil.example"]
)
def test_signing_in_there_never_leads_elsewhere(opened: Opened, target: str) -> None:
    client = opened().app.test_client()
    left = client.get(LEAVE, query_string={"next": target})
    assert client.get(_there(left.location)).location == "/inbox"
    assert client.get(LEAVE, query_string={"next": target}).location == "/inbox"


def test_a_long_way_back_fits_into_the_browser(opened: Opened) -> None:
    client = opened().app.test_client()
    left = client.get(LEAVE, query_string={"next": "/inbox/7411?q=" + "x" * 9000, "lang": "x" * 9000})
    assert client.get(_there(left.location)).location.startswith("/inbox/7411?q=xxx")


def _status(code: int, body: str = "{}") -> Callable[[], Response]:
    return lambda: Response(body, code)


@pytest.mark.parametrize("path", [DOCUMENT, "/token"])
@pytest.mark.parametrize("answer", [_status(500), _status(200, "<html>"), None])
def test_passwords_go_on_while_the_issuer_is_away(
    opened: Opened, there: LocalIssuer, path: str, answer: Callable[[], Response] | None
) -> None:
    site = opened()
    client = site.app.test_client()
    link = _there(client.get(LEAVE).location) if path == "/token" else LEAVE
    there.broken[path] = answer or there.never
    if answer is None:
        object.__setattr__(site.runtime.issuer, "seconds", 0.5)
    page = _door(client, client.get(link))
    assert "Akun BPS sedang tidak dapat dihubungi" in page
    assert "Kata sandi tetap dapat dipakai" in page
    form = {"email": "officer@bps.go.id", "password": PASSWORD, "csrf_token": token_of(page)}
    assert client.post("/sign-in", data=form).location == "/inbox"
    assert [what for what, _, _ in _audited(site)] == ["signed_in"]


@pytest.mark.parametrize(
    ("error", "says"),
    [("access_denied", "Anda batal masuk dengan Akun BPS"), ("<b>login_required", "tidak dapat memastikan")],
)
def test_who_refuses_there_is_back_at_the_door(
    opened: Opened, there: LocalIssuer, error: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = opened().app.test_client()
    state = _there(client.get(f"{LEAVE}?next=/inbox/7411&lang=id").location).partition("state=")[2]
    with caplog.at_level(logging.DEBUG):
        answer = client.get(BACK, query_string={"state": state, "error": error, "error_description": "<i>"})
    assert answer.location == "/sign-in?next=/inbox/7411&lang=id"
    page = client.get(answer.location).text
    assert says in page
    assert "<b>" not in page + caplog.text
    assert says not in client.get("/sign-in").text
    assert "sudah tidak berlaku" in _door(client, client.get(f"{BACK}?state={state}&code=C1"))
    assert "/token" not in there.asked


def test_an_answer_of_another_issuer_is_not_taken(opened: Opened, there: LocalIssuer) -> None:
    client = opened().app.test_client()
    link = _there(client.get(LEAVE).location)
    answer = client.get(f"{link}&iss=https://another.example")
    assert "tidak dapat memastikan" in _door(client, answer)
    assert "/token" not in there.asked
    link = _there(client.get(LEAVE).location)
    assert client.get(f"{link}&iss={there.url}").location == "/inbox"


def test_who_came_in_by_the_issuer_needs_no_code_and_no_password_of_ours(
    opened: Opened, there: LocalIssuer
) -> None:
    """Supervisors must have a code here, and this one has a password that nobody has seen."""
    site = opened()
    there.email = "supervisor@bps.go.id"
    with site.runtime.database.write() as connection:
        officers.set_password(
            connection, site.people["supervisor"], passwords.hashed(PASSWORD), temporary=True
        )
    client = site.app.test_client()
    _came_back(client)
    assert _is_in(client)
    token = token_of(client.get("/akun").text)
    assert client.post("/akun/keluar", data={"csrf_token": token}).location == "/akun"
    assert _is_in(client)
    assert [told.get("how") for what, _, told in _audited(site) if what == "signed_in"] == ["oidc", "oidc"]
    by_password = site.app.test_client()
    form = {
        "email": there.email,
        "password": PASSWORD,
        "csrf_token": token_of(by_password.get("/sign-in").text),
    }
    by_password.post("/sign-in", data=form)
    assert by_password.get("/inbox/7411").location == "/akun"


def _posts(client: FlaskClient, email: str) -> TestResponse:
    page = client.get("/sign-in?sandi=1").text
    return client.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token_of(page)})


def test_with_only_the_issuer_administrators_alone_have_passwords(opened: Opened, there: LocalIssuer) -> None:
    site = opened(only=True, label="SSO Provinsi")
    client = site.app.test_client()
    page = client.get("/sign-in").text
    assert 'name="password"' not in page
    assert "Masuk dengan SSO Provinsi" in page
    assert "Pengelola sistem: masuk dengan kata sandi" in page
    refused = _posts(client, "officer@bps.go.id")
    assert refused.status_code == 422
    assert "tidak cocok" in refused.text
    assert _posts(site.app.test_client(), "administrator@bps.go.id").status_code == 303
    _came_back(client)
    assert _is_in(client)
    there.broken[DOCUMENT] = _status(500)
    other = site.app.test_client()
    page = _door(other, other.get(LEAVE))
    assert "SSO Provinsi sedang tidak dapat dihubungi" in page
    assert "Kata sandi tetap" not in page


def test_the_door_speaks_english_all_the_way(opened: Opened, there: LocalIssuer) -> None:
    there.claims = _put(email="nobody@bps.go.id")
    client = opened(label="BPS account").app.test_client()
    page = client.get("/sign-in?lang=en").text
    assert "Sign in with BPS account" in page
    assert 'href="/sign-in/akun?next=/inbox&amp;lang=en"' in page
    assert "not registered as an officer here" in _door(client, _came_back(client, f"{LEAVE}?lang=en"))


def test_who_is_in_already_is_not_sent_away(opened: Opened, there: LocalIssuer) -> None:
    client = opened().signed_in("officer")
    assert client.get(f"{LEAVE}?next=/inbox/7411").location == "/inbox/7411"
    assert there.asked == []


def test_without_an_issuer_there_is_no_such_way(site: Site) -> None:
    client = site.app.test_client()
    assert [client.get(path).status_code for path in (LEAVE, BACK)] == [404, 404]
    page = client.get("/sign-in").text
    assert LEAVE not in page
    assert 'name="password"' in page


def test_nothing_of_openid_is_imported_before_somebody_signs_in() -> None:
    asked = "import sys, handlers.compose, handlers.web.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    modules = done.stdout.split()
    assert "handlers.web.openid" in modules
    assert [name for name in modules if name.partition(".")[0] in {"authlib", "joserfc"}] == []


def test_no_secret_and_no_address_stands_in_a_log(
    opened: Opened, there: LocalIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    site = opened()
    client = site.app.test_client()
    with caplog.at_level(logging.INFO):
        _came_back(client)
        there.claims = _put(email="nobody@bps.go.id")
        _came_back(site.app.test_client())
        there.secret = "another"
        _came_back(site.app.test_client())
    assert "invalid_client" in caplog.text
    assert MAILBOX_PASSWORD not in caplog.text + repr(site.runtime)
    assert "@bps.go.id" not in caplog.text
