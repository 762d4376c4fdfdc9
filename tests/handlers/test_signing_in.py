"""Signing in: forms, limits, cookies, where it leads, and what never tells whether an address exists."""

import logging
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from handlers import passwords
from handlers.shipped_files import templates_folder
from handlers.web import hosts
from handlers.web.written import FIELDS
from storage import officers, tallies
from storage.columns import table
from storage.tables import Audit
from tests.handlers.site import PASSWORD, Site, composed, token_of

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def _enter(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    page = client.get("/sign-in").text
    form = {"email": email, "password": password, "csrf_token": token_of(page), **more}
    answer = client.post("/sign-in", data=form, headers={"Referer": "https://bot.example.org/sign-in"})
    return answer.status_code, answer.location or answer.text


def test_the_right_password_leads_to_the_inbox(guarded: Site) -> None:
    client = guarded.app.test_client()
    assert _enter(client, " Officer@BPS.go.id ") == (303, "/inbox")
    assert client.get("/inbox", follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        *(("officer@bps.go.id", "salah"), ("nobody@bps.go.id", PASSWORD), ("disabled@bps.go.id", PASSWORD)),
        *(("officer@bps.go.id", ""), ("", ""), ("officer@bps.go.id", "x" * 100_000)),
    ],
)
def test_a_refusal_says_the_same_to_everybody(guarded: Site, email: str, password: str) -> None:
    with guarded.runtime.database.write() as connection:
        officers.disable(connection, guarded.people["disabled"], guarded.clock())
    code, page = _enter(guarded.app.test_client(), email, password)
    assert code == 422
    assert "tidak cocok" in page
    rows = table(Audit)
    with guarded.runtime.database.read() as connection:
        assert connection.execute(select(rows.c.what)).scalars().all() == ["sign_in_refused"]


def test_an_unknown_address_is_as_much_work(guarded: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []

    def matches(_password: str, stored: str | None) -> bool:
        checked.append(stored)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    for email in ("nobody@bps.go.id", "officer@bps.go.id"):
        _enter(guarded.app.test_client(), email, "salah")
    assert checked[0] is None
    assert checked[1] is not None


def test_a_password_for_nobody_is_checked_against_a_real_hash() -> None:
    assert not passwords.matches("an account that does not exist", None)
    assert passwords.matches(PASSWORD, passwords.hashed(PASSWORD))
    assert not passwords.matches(PASSWORD, "not a hash")


def test_a_form_without_its_token_is_refused(guarded: Site) -> None:
    client = guarded.app.test_client()
    form = {"email": "officer@bps.go.id", "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 400
    assert client.get("/inbox").location.startswith("/sign-in")


def test_a_reply_without_its_token_is_refused_and_the_words_come_back(guarded: Site) -> None:
    ticket = guarded.asks()
    client = guarded.signed_in("officer")
    form = composed("Jangan sampai hilang", guarded.last_id())
    answer = client.post(f"/inbox/7411/tickets/{ticket}/reply", data=form)
    assert answer.status_code == 400
    assert not hosts.may_be("xn--a")
    assert "Jangan sampai hilang" in answer.text
    assert guarded.bodies(ticket) == []


def test_words_written_after_the_sign_in_ended_come_back(site: Site) -> None:
    ticket = site.asks()
    form = composed("Jangan sampai hilang", site.last_id())
    answer = site.app.test_client().post(f"/inbox/7411/tickets/{ticket}/reply", data=form)
    assert answer.status_code == 401
    assert "Jangan sampai hilang" in answer.text


def test_every_field_that_was_written_comes_back_and_no_password(site: Site) -> None:
    fields = {"question": "Berapa penduduknya?", "body": "Sekian\njiwa.", "id": "17", "current": "rahasia"}
    came_from = {"Referer": "http://localhost/inbox/7411/jawaban/17?x=1"}
    answer = site.app.test_client().post("/inbox/7411/jawaban/simpan", data=fields, headers=came_from)
    assert answer.status_code == 401
    assert ">Berapa penduduknya?\n\nSekian\njiwa.</textarea>" in answer.text
    assert "Salin tulisan Anda di bawah ini. Masuk lagi" in answer.text
    assert 'href="/sign-in?next=/inbox/7411/jawaban/17"' in answer.text
    assert "rahasia" not in answer.text


def test_who_has_written_nothing_is_told_only_to_sign_in(site: Site) -> None:
    answer = site.app.test_client().post("/inbox/7411/tickets/1/claim")
    assert "Masuk lagi, lalu ulangi yang tadi." in answer.text
    assert "<textarea" not in answer.text


def test_an_old_form_comes_back_with_all_that_was_written(guarded: Site) -> None:
    client = guarded.signed_in("officer")
    answer = client.post("/inbox/7411/jawaban/simpan", data={"question": "Berapa?", "body": "Sekian."})
    assert answer.status_code == 400
    assert not hosts.may_be("xn--a")
    assert ">Berapa?\n\nSekian.</textarea>" in answer.text
    assert "Buka lagi halamannya, tempelkan, lalu kirim." in answer.text


def test_every_field_in_which_people_write_is_known_by_name() -> None:
    field = re.compile(
        r'<(?:textarea|input)(?![^>]*type="(?:hidden|checkbox|radio|file|search)")[^>]*name="([^"{]+)"'
    )
    pages = (templates_folder() / "inbox").glob("*.html")
    found = {name for page in pages for name in field.findall(page.read_text(encoding="utf-8"))}
    secrets = {"again", "code", "current", "new", "email", "password"}
    of_lists = {"from", "to", "dari", "sampai"}
    assert found - set(FIELDS) == secrets | of_lists


def test_guesses_at_one_address_are_limited(guarded: Site) -> None:
    codes = [_enter(guarded.app.test_client(), "officer@bps.go.id", "salah")[0] for _ in range(9)]
    assert codes == [422] * 8 + [429]
    assert _enter(guarded.app.test_client(), "officer@bps.go.id")[0] == 429
    assert _enter(guarded.app.test_client(), "supervisor@bps.go.id")[0] == 303


def test_guesses_from_one_place_are_limited_whatever_the_proxy_was_told(guarded: Site) -> None:
    codes = []
    for number in range(21):
        client = guarded.app.test_client()
        token = token_of(client.get("/sign-in").text)
        headers = {"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.7", "Referer": "https://bot.example.org/"}
        form = {"email": f"a{number}@bps.go.id", "password": "salah", "csrf_token": token}
        codes.append(client.post("/sign-in", data=form, headers=headers).status_code)
    assert codes == [422] * 20 + [429]


def test_right_passwords_cost_nothing(guarded: Site) -> None:
    assert {_enter(guarded.app.test_client(), "officer@bps.go.id")[0] for _ in range(12)} == {303}


def test_nothing_of_an_earlier_session_survives_signing_in(guarded: Site) -> None:
    client = guarded.app.test_client()
    before = token_of(client.get("/sign-in").text)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    _enter(client, "officer@bps.go.id")
    with client.session_transaction() as session:
        assert "planted" not in session
    form = {"language": "en", "csrf_token": before}
    assert (
        client.post("/language", data=form, headers={"Referer": "https://bot.example.org/"}).status_code
        == 400
    )


def test_a_new_password_ends_every_sign_in(site: Site) -> None:
    client = site.signed_in("officer")
    assert client.get("/inbox/7411").status_code == 200
    with site.runtime.database.write() as connection:
        officers.set_password(connection, site.people["officer"], passwords.hashed("yang baru sekali"))
    assert client.get("/inbox/7411").location.startswith("/sign-in")


def test_a_forged_session_is_nobody(site: Site) -> None:
    for cookie in ("1", "1.", "1.99", "x.1", "1.1.1", "-1.1", ".", "²." + "1"):
        client = site.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = cookie
        assert client.get("/inbox/7411").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        *(
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
        ),
        *("/%0d%0aLocation:x\r\n", "http:evil.example", "///evil.example", "", "\t//evil.example", "//["),
    ],
)
def test_signing_in_never_leads_elsewhere(guarded: Site, target: str) -> None:
    assert _enter(guarded.app.test_client(), "officer@bps.go.id", next=target) == (303, "/inbox")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(guarded: Site) -> None:
    client = guarded.app.test_client()
    door = client.get("/inbox/7411?list=mine").location
    assert door == "/sign-in?next=/inbox/7411?list%3Dmine"
    assert _enter(client, "officer@bps.go.id", next="/inbox/7411?list=mine") == (303, "/inbox/7411?list=mine")


def test_a_sign_in_ends_with_the_working_day_however_busy_it_was(guarded: Site) -> None:
    client = guarded.app.test_client()
    _enter(client, "officer@bps.go.id")
    for _ in range(6):
        guarded.clock.forward(hours=1, minutes=50)
        assert client.get("/inbox/7411").status_code == 200
    guarded.clock.forward(hours=1, minutes=50)
    assert client.get("/inbox/7411").location.startswith("/sign-in")


def test_a_browser_that_nobody_uses_is_signed_out_though_its_page_refreshes_itself(guarded: Site) -> None:
    client = guarded.app.test_client()
    _enter(client, "officer@bps.go.id")
    for _ in range(2):
        guarded.clock.forward(hours=1, minutes=20)
        assert client.get("/inbox/7411", headers={"X-Live": "1"}).status_code == 200
    guarded.clock.forward(hours=1)
    assert client.get("/inbox/7411", headers={"X-Live": "1"}).status_code == 401
    assert client.get("/inbox/7411").location.startswith("/sign-in")


def test_signing_out(guarded: Site) -> None:
    client = guarded.app.test_client()
    _enter(client, "officer@bps.go.id")
    token = token_of(client.get("/inbox/7411").text)
    answer = client.post(
        "/sign-out", data={"csrf_token": token}, headers={"Referer": "https://bot.example.org/"}
    )
    assert answer.location == "/sign-in"
    assert client.get("/inbox/7411").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_from_plain_http(guarded: Site) -> None:
    guarded.app.config["SESSION_COOKIE_SECURE"] = True
    client = guarded.app.test_client()
    page = client.get("/sign-in", base_url="https://bot.example.org")
    cookie = page.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


@pytest.mark.parametrize(
    "address", ["/sign-in", "/inbox/7411", "/static/loket.css", "/nowhere", "/privasi/7411"]
)
def test_every_answer_carries_its_protection(site: Site, address: str) -> None:
    answer = site.signed_in("officer").get(address)
    answer.close()
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_stay_out_of_caches_and_static_files_stay_in(site: Site) -> None:
    client = site.signed_in("officer")
    assert client.get("/inbox/7411").headers["Cache-Control"] == "no-store"
    static = client.get("/static/loket.css")
    assert "max-age=31536000" in static.headers["Cache-Control"]
    assert "Set-Cookie" not in static.headers
    static.close()


def test_old_keys_still_verify(site: Site) -> None:
    assert site.app.config["SECRET_KEY"] == site.runtime.keys.signing[0]
    assert site.app.config["SECRET_KEY_FALLBACKS"] == list(site.runtime.keys.signing[1:])


def test_a_page_is_indonesian_until_the_officer_wants_english(site: Site) -> None:
    assert "Masuk sebagai petugas" in site.app.test_client().get("/sign-in").text
    assert "Sign in as an officer" in site.app.test_client().get("/sign-in?lang=en").text
    client = site.signed_in("officer")
    assert "Menunggu kita" in client.get("/inbox/7411").text
    assert client.post("/language", data={"language": "en", "next": "/inbox/7411"}).location == "/inbox/7411"
    page = client.get("/inbox/7411").text
    assert '<html lang="en">' in page
    assert "Waiting for us" in page


def test_a_fault_is_logged_without_what_a_citizen_wrote(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = site.asks("data rahasia warga kabupaten Kolaka Timur 2024 untuk skripsi")

    def fails(*_args: object, **_named: object) -> None:
        raise RuntimeError(" ".join(site.bodies(ticket, "citizen")))

    monkeypatch.setattr("handlers.officer.reply", fails)
    with caplog.at_level(logging.DEBUG):
        answer = site.signed_in("officer").post(
            f"/inbox/7411/tickets/{ticket}/reply", data=composed("Tulisan petugas", site.last_id())
        )
    assert answer.status_code == 500
    assert "Tulisan petugas" in answer.text
    assert "RuntimeError" in caplog.text
    assert "rahasia" not in caplog.text
    assert "Tulisan" not in caplog.text


def test_a_broken_database_still_gives_a_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.signed_in("officer")

    def fails(*_args: object) -> None:
        raise RuntimeError("no database")

    for broken in ((officers, "find_signed_in"), (tallies, "beside")):
        with monkeypatch.context() as patch:
            patch.setattr(*broken, fails)
            answer = client.get("/inbox/7411")
        assert answer.status_code == 500
        assert "Ada yang tidak beres di sistem kami" in answer.text


@pytest.mark.parametrize("written", ["http://[", "//[x", "http://a]b/", "\x00"])
def test_a_page_that_no_address_names_leads_to_the_inbox(site: Site, written: str) -> None:
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    told = site.app.test_client().post("/inbox/7411/tickets/1/note", headers={"Referer": written})
    assert told.status_code == 401
    assert "/sign-in?next=/inbox" in told.text


@pytest.mark.parametrize("host", ["a..b", ".a", "x" * 64, f"{'x' * 64}:80"])
@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/webhooks/whatsapp-cloud"])
def test_a_host_that_can_be_none_is_refused(site: Site, host: str, path: str) -> None:
    answer = site.app.test_client().get(path, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 400
    assert not hosts.may_be("xn--a")


@pytest.mark.parametrize(
    "host", ["", "localhost", "127.0.0.1:8000", "[::1]:8000", "loket.bps.go.id", "xn--mnchen-3ya.de"]
)
def test_any_other_is_served(site: Site, host: str) -> None:
    assert site.app.test_client().get("/healthz", headers={"Host": host}).status_code == 200
