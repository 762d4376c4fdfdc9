"""An officer's account: passwords, second factors, and sign-ins that end on the server."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from handlers import guessing, jobs, passwords, second_factors
from handlers.passwords import Weakness, weakness
from handlers.web import signing
from storage import guesses, officers, sign_ins
from storage.columns import table
from storage.tables import Audit, Officer
from tests.databases import SqliteTemplate
from tests.driver import write_config
from tests.handlers.site import PASSWORD, Site, running_site

OWN = "empat kata yang baru saja"
EMAIL = "officer@bps.go.id"
pytestmark = pytest.mark.usefixtures("cheap_passwords")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _enter(client: FlaskClient, password: str = PASSWORD, email: str = EMAIL, **more: Any) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def _audited(site: Site) -> list[str]:
    with site.runtime.database.read() as connection:
        return list(connection.execute(select(table(Audit).c.what).order_by(table(Audit).c.id)).scalars())


def _secret(site: Site, name: str = "officer") -> str:
    with site.runtime.database.read() as connection:
        found = second_factors.secret(site.runtime, connection, site.people[name])
    assert found
    return found


def _code(site: Site, steps: int = 0, name: str = "officer") -> str:
    return pyotp.TOTP(_secret(site, name)).at(int(site.clock().timestamp()) + 30 * steps)


def _with_a_code(site: Site, name: str = "officer") -> tuple[FlaskClient, list[str]]:
    """A browser of an officer who has just set up a second factor, and their recovery codes."""
    client = site.signed_in(name)
    page = client.post("/akun/kode", data={"current": PASSWORD})
    assert _secret(site, name) in page.text
    assert "data:image/svg+xml," in page.text
    page = client.post("/akun/kode/pasang", data={"code": _code(site, name=name)})
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", page.text)
    assert (page.status_code, len(codes), len(set(codes))) == (200, 10, 10)
    site.clock.forward(seconds=60)
    return client, codes


@pytest.mark.parametrize(
    ("password", "what"),
    [
        ("empat-kata-lain", None),
        ("kursi hujan pelan biru", None),
        ("ⓐⓑⓒ kursi hujan pelan", None),
        ("kursi hujan pe", Weakness.SHORT),
        ("", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("aaaaaaaaaaaaaaaaaa", Weakness.SIMPLE),
        ("ababababababababab", Weakness.SIMPLE),
        ("123456789012345678", Weakness.COMMON),
        ("Password12345678!", Weakness.COMMON),
        ("Bismillah1234567890", Weakness.COMMON),
        ("IndonesiaRaya1945!!", Weakness.COMMON),
        ("qwertyuiop12345678", Weakness.COMMON),
        ("BadanPusatStatistik2026", Weakness.COMMON),
        ("rahmawati.bps@2026", Weakness.COMMON),
        ("Rahmawati Lestari 1", Weakness.COMMON),
    ],
)
def test_which_passwords_are_taken(password: str, what: Weakness | None) -> None:
    assert weakness(password, ("Rahmawati Lestari", "rahmawati@bps.go.id")) is what


def test_the_same_letters_are_the_same_password_on_every_keyboard() -> None:
    stored = passwords.hashed("kursi hujan cafe\u0301 biru")
    assert passwords.matches("kursi hujan caf\u00e9 biru", stored)
    assert not passwords.matches("\ud800" * 20, stored)


def test_an_officer_changes_the_password_and_other_browsers_are_signed_out(site: Site) -> None:
    here, there = site.signed_in("officer"), site.signed_in("officer")
    form = {"current": PASSWORD, "new": OWN, "again": OWN}
    for wrong in ({"current": "salah"}, {"new": "pendek"}, {"again": "lain"}, {"new": "Officer 1234567890"}):
        assert here.post("/akun/kata-sandi", data=form | wrong).status_code == 422
    assert there.get("/inbox/7411").status_code == 200
    assert here.post("/akun/kata-sandi", data=form).status_code == 303
    assert here.get("/inbox/7411").status_code == 200
    assert there.get("/inbox/7411").status_code == 302
    assert _enter(site.app.test_client(), OWN).location == "/inbox"
    assert _enter(site.app.test_client()).status_code == 422
    assert "password_changed" in _audited(site)


def test_a_copied_cookie_is_worth_nothing_after_signing_out(site: Site) -> None:
    client, thief = site.signed_in("officer"), site.app.test_client()
    with client.session_transaction() as session:
        copied = dict(session)
    with thief.session_transaction() as session:
        session.update(copied)
    assert thief.get("/inbox/7411").status_code == 200
    client.post("/sign-out")
    assert thief.get("/inbox/7411").status_code == 302


def test_signing_out_everywhere_leaves_this_browser_signed_in(site: Site) -> None:
    here, there = site.signed_in("officer"), site.signed_in("officer")
    assert here.get("/akun").text.count("a test") == 2
    assert here.post("/akun/keluar").status_code == 303
    assert (here.get("/inbox/7411").status_code, there.get("/inbox/7411").status_code) == (200, 302)
    with site.runtime.database.read() as connection:
        left = sign_ins.of_officer(connection, site.people["officer"], signing.oldest(site.clock()))
    assert len(left) == 1


GECKO = "(KHTML, like Gecko)"
WINDOWS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {GECKO} Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 {GECKO} Version/18.5"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (WINDOWS, "Chrome, Windows"),
        (f"{WINDOWS} Edg/140.0.0.0", "Edge, Windows"),
        (f"{IPHONE} Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", "Firefox, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_a_browser_is_called_what_its_user_calls_it(site: Site, said: str, shown: str) -> None:
    client = site.app.test_client()
    _enter(client, headers={"User-Agent": said})
    assert f'<span class="quiet">{shown}</span>' in client.get("/akun").text


def test_a_second_factor_is_asked_for_and_no_code_opens_twice(site: Site) -> None:
    _with_a_code(site)
    client = site.app.test_client()
    assert _enter(client).location == "/sign-in/kode?next=/inbox"
    assert client.get("/inbox/7411").status_code == 302
    code = _code(site)
    assert client.post("/sign-in/kode", data={"code": code, "next": "/inbox/7411"}).location == "/inbox/7411"
    assert client.get("/inbox/7411").status_code == 200
    other = site.app.test_client()
    _enter(other)
    assert other.post("/sign-in/kode", data={"code": code}).status_code == 422
    assert other.get("/inbox/7411").status_code == 302


def test_a_code_may_be_one_step_early_or_late_and_no_more(site: Site) -> None:
    _with_a_code(site)
    runtime, officer = site.runtime, site.people["officer"]
    for steps, right in ((-2, False), (2, False), (-1, True), (-1, False), (0, True), (1, True), (0, False)):
        with runtime.database.write() as connection:
            opened = second_factors.right(runtime, connection, officer, _code_at(site, steps), site.clock())
        assert opened is right, steps


def _code_at(site: Site, steps: int) -> str:
    return f" {_code(site, steps)[:3]} {_code(site, steps)[3:]} "


@pytest.mark.parametrize("code", ["", "12345", "1234567", "٠١٢٣٤٥", "\x00", "x" * 5000, "\ud800"])
def test_what_is_no_code_opens_nothing(site: Site, code: str) -> None:
    _with_a_code(site)
    with site.runtime.database.write() as connection:
        of = (site.runtime, connection, site.people["officer"])
        assert not second_factors.right(*of, code, site.clock())
        assert not second_factors.recovered(connection, site.people["officer"], code)


def test_a_recovery_code_opens_once(site: Site) -> None:
    _, codes = _with_a_code(site)
    for expected in (303, 422):
        client = site.app.test_client()
        _enter(client)
        assert client.post("/sign-in/kode", data={"code": codes[0].upper()}).status_code == expected


def test_neither_secret_nor_codes_stand_in_the_database(site: Site) -> None:
    _, codes = _with_a_code(site)
    secret, url = _secret(site), site.runtime.database.url.removeprefix("sqlite:///")
    with site.runtime.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = Path(url).read_bytes()
    for word in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert word.encode() not in kept


def test_the_half_of_a_sign_in_is_over_after_minutes_and_after_a_new_password(site: Site) -> None:
    _with_a_code(site)
    slow, ended = site.app.test_client(), site.app.test_client()
    _enter(slow)
    site.clock.forward(minutes=6)
    assert slow.post("/sign-in/kode", data={"code": _code(site)}).location.startswith("/sign-in?")
    _enter(ended)
    with site.runtime.database.write() as connection:
        officers.set_password(connection, site.people["officer"], passwords.hashed(OWN))
    assert ended.post("/sign-in/kode", data={"code": _code(site)}).location.startswith("/sign-in?")
    assert site.app.test_client().get("/sign-in/kode").location.startswith("/sign-in?")


def test_guesses_at_codes_are_limited(site: Site) -> None:
    _with_a_code(site)
    client = site.app.test_client()
    _enter(client)
    answers = [client.post("/sign-in/kode", data={"code": "000000"}) for _ in range(9)]
    assert [one.status_code for one in answers] == [422] * 8 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    assert client.post("/sign-in/kode", data={"code": _code(site)}).status_code == 429
    site.clock.forward(minutes=11)
    _enter(client)
    assert client.post("/sign-in/kode", data={"code": _code(site)}).status_code == 303


def test_a_second_factor_is_taken_off_with_the_password_and_by_who_may(site: Site) -> None:
    client, _ = _with_a_code(site)
    assert client.post("/akun/kode/lepas", data={"current": "salah"}).status_code == 422
    assert client.post("/akun/kode/lepas", data={"current": PASSWORD}).status_code == 303
    assert _enter(site.app.test_client()).location == "/inbox"
    for name, address in (
        ("supervisor", "/inbox/7411/petugas"),
        ("administrator", "/administration/petugas"),
    ):
        mine, _ = _with_a_code(site)
        form = {"officer": site.people["officer"], "act": "code"}
        assert "Lepas kode" in site.signed_in(name).get(address).text
        assert site.signed_in(name).post(address, data=form).status_code == 303
        assert mine.get("/inbox/7411").status_code == 302
        assert _enter(site.app.test_client()).location == "/inbox"
    assert _audited(site).count("second_factor_removed") == 3


def test_a_supervisor_helps_nobody_who_is_more_than_an_officer_here(site: Site) -> None:
    _with_a_code(site, "supervisor")
    with site.runtime.database.write() as connection:
        officers.set_role(connection, site.people["officer"], "6571", "officer")
    for name in ("officer", "supervisor", "administrator", "stranger"):
        for act in ("code", "sign-ins", "password"):
            form = {"officer": site.people[name], "act": act}
            site.signed_in("supervisor").post("/inbox/7411/petugas", data=form)
    assert not {"second_factor_removed", "sign_ins_ended", "password_reset"} & set(_audited(site))


def test_a_password_made_by_an_administrator_opens_only_the_page_for_ones_own(site: Site) -> None:
    form = {"officer": site.people["officer"], "act": "password"}
    page = site.signed_in("administrator").post("/administration/petugas", data=form).text
    made = re.findall(r'class="secret">([^<]+)<', page)[0]
    client = site.app.test_client()
    assert _enter(client).status_code == 422
    assert _enter(client, made).location == "/inbox"
    assert client.get("/inbox/7411").location == "/akun"
    assert client.post("/inbox/7411/pemberitahuan").location == "/akun"
    assert "dibuatkan orang lain" in client.get("/akun").text
    assert (
        client.post("/akun/kata-sandi", data={"current": made, "new": OWN, "again": OWN}).status_code == 303
    )
    assert client.get("/inbox/7411").status_code == 200
    assert "password_reset" in _audited(site)


def test_a_stranger_who_guesses_shuts_out_strangers_only(site: Site) -> None:
    """The officer's own browser goes on, from wherever; a new one waits for an hour at most."""
    mine = site.app.test_client()
    assert _enter(mine).status_code == 303
    _guess_from_everywhere(site, guessing.BY_STRANGERS)
    new = site.app.test_client()
    assert _enter(new, headers={"X-Forwarded-For": "198.51.100.9"}).status_code == 429
    assert _enter(mine, headers={"X-Forwarded-For": "198.51.100.9"}).status_code == 303
    site.clock.forward(minutes=61)
    assert _enter(new).status_code == 303


def test_colleagues_behind_one_address_do_not_shut_out_a_known_browser(site: Site) -> None:
    mine = site.app.test_client()
    _enter(mine)
    for number in range(guessing.FROM_A_PLACE):
        _note(site, "127.0.0.1", f"colleague{number}@bps.go.id")
    assert _enter(site.app.test_client()).status_code == 429
    assert _enter(mine).status_code == 303
    assert _enter(mine, email="supervisor@bps.go.id").status_code == 429


def _guess_from_everywhere(site: Site, times: int) -> None:
    for number in range(times):
        _note(site, f"2001:db8:0:{number:x}::/64", EMAIL)


def _note(site: Site, place: str, email: str) -> None:
    with site.runtime.database.write() as connection:
        guessing.note(connection, guessing.Guesser(place, email), site.clock())


def test_a_forged_device_is_a_stranger(site: Site) -> None:
    mine = site.app.test_client()
    _enter(mine)
    _guess_from_everywhere(site, guessing.BY_STRANGERS)
    for forged in ("x", "", "a.b.c", "\u00e9"):
        client = site.app.test_client()
        client.set_cookie(signing.DEVICE, forged, path="/sign-in")
        assert _enter(client).status_code == 429


def test_guesses_and_sign_ins_that_are_over_are_forgotten(site: Site) -> None:
    site.signed_in("officer")
    _note(site, "198.51.100.9", EMAIL)
    site.clock.forward(days=2)
    jobs.tidy(site.runtime)
    with site.runtime.database.read() as connection:
        assert guesses.count(connection, LONG_AGO) == (0, None)
        assert sign_ins.of_officer(connection, site.people["officer"], LONG_AGO) == []


@pytest.fixture
def strict(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Site]:
    """The site of an installation where supervisors and administrators must have a second factor."""

    def written(folder: Path, url: str) -> Path:
        path = write_config(folder, url)
        path.write_text(path.read_text() + "\nsign_in: {second_factor: supervisors}\n")
        return path

    with running_site(sqlite_template.copy(tmp_path), tmp_path, written=written) as running:
        yield running


def test_who_must_have_a_code_is_led_to_it_and_can_not_take_it_off(strict: Site) -> None:
    assert strict.signed_in("officer").get("/inbox/7411").status_code == 200
    for name in ("supervisor", "administrator"):
        client = strict.signed_in(name)
        assert client.get("/inbox").location == "/akun"
        assert "wajib" in client.get("/akun").text
        client, _ = _with_a_code(strict, name)
        assert client.get("/inbox").location != "/akun"
        client.post("/akun/kode/lepas", data={"current": PASSWORD})
        with strict.runtime.database.read() as connection:
            row = connection.execute(
                select(Officer.second_factor_at).where(Officer.id == strict.people[name])
            ).one()
        assert row.second_factor_at is not None


def test_a_secret_survives_the_change_of_the_installation_s_key_once_it_was_used(site: Site) -> None:
    _with_a_code(site)
    runtime, officer = site.runtime, site.people["officer"]
    plain = _secret(site)
    object.__setattr__(runtime.keys, "signing", ("n" * 40, *runtime.keys.signing))
    with runtime.database.write() as connection:
        assert second_factors.right(runtime, connection, officer, _code(site), site.clock())
    object.__setattr__(runtime.keys, "signing", ("n" * 40,))
    assert _secret(site) == plain
