"""The public page of the service standard: as published, for everybody, cheap, and honest."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from handlers import calendars
from tests.driver import write_shipped
from tests.handlers.site import Site, running_site
from tests.storage.test_plans import listening

CODES = ("6302", "6402", "1905", "6571", "7411")
BEFORE_CHRISTMAS = datetime(2026, 12, 14, 3, 0, tzinfo=UTC)


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The shipped offices, ten days before Christmas."""
    with running_site(database_url, tmp_path, written=write_shipped) as running:
        running.clock.at = BEFORE_CHRISTMAS
        calendars.fill(running.runtime.database, running.runtime.settings.offices, BEFORE_CHRISTMAS)
        yield running


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.app.test_client()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_office_has_its_page(client: FlaskClient, language: str) -> None:
    for code in CODES:
        page = client.get(f"/standar/{code}?lang={language}")
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert "None" not in page.text
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert "6402" in page.text or "hari kerja" in page.text or "working days" in page.text


def test_the_page_of_an_office_in_its_own_words(client: FlaskClient) -> None:
    page = client.get("/standar/7411").text
    assert "maksimal 3 (tiga) hari kerja." in page
    assert "ditutup otomatis oleh aplikasi pelayanan" in page
    assert 'href="https://wa.me/6282188887411"' in page
    assert 'href="mailto:bps7411@bps.go.id"' in page
    assert 'href="http://s.bps.go.id/PengaduanLayananBPS7411"' in page
    assert "/privasi/7411" in page
    assert "Surat Keputusan" not in page


def test_each_sentence_bears_a_sign_and_a_word(client: FlaskClient) -> None:
    page = client.get("/standar/6571").text
    assert page.count("</li>") > 20
    numbered = [part for part in page.split("<li value=")[1:] if "</li>" in part]
    assert len(numbered) == 25
    assert all('class="mark ' in part.split("</li>")[0] for part in numbered)
    assert page.count("dilengkapi</span>") == 5  # three steps, the closing rule, and the legend


def test_closures_of_today_and_of_the_next_weeks(site: Site, client: FlaskClient) -> None:
    page = client.get("/standar/6302").text
    assert "<strong>Kantor tutup</strong> 24–25 Desember 2026" in page
    assert "<strong>Closed</strong> 24–25 December 2026" in client.get("/standar/6302?lang=en").text
    site.clock.forward(days=10)
    assert "<strong>Hari ini kantor tutup</strong> (24–25 Desember 2026)" in client.get("/standar/6302").text
    site.clock.forward(days=2)
    assert "Desember 2026:" not in client.get("/standar/6302").text


def test_a_page_that_did_not_change_is_not_sent_again(site: Site, client: FlaskClient) -> None:
    first = client.get("/standar/1905")
    assert first.cache_control.public
    assert first.cache_control.max_age == 300
    again = client.get("/standar/1905", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    site.clock.forward(days=1)
    changed = client.get("/standar/1905", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_an_officer_who_is_signed_in_leaves_nothing_in_a_shared_cache(site: Site) -> None:
    assert site.signed_in("officer").get("/standar/7411").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/standar/9999", "Halaman ini tidak ada"),
        ("/standar/9999?lang=en", "This page does not exist"),
        ("/standar/%3Cb%3E", "Halaman ini tidak ada"),
        ("/standar/7411?lang=jv", "Standar pelayanan"),
    ],
)
def test_an_unknown_office_or_language(client: FlaskClient, path: str, said: str) -> None:
    page = client.get(path)
    assert page.status_code == (200 if "7411" in path else 404)
    assert said in page.text


def test_what_nobody_confirmed_is_told_apart(client: FlaskClient) -> None:
    page = client.get("/standar/6402").text
    before, apart = page.split("Belum dikonfirmasi kantor")
    assert "hari kerja" not in page
    assert "Persyaratan" not in before
    assert "Persyaratan: Online" in apart
    assert "belum menjadi janji layanan" in apart


def test_the_page_costs_one_question(site: Site, client: FlaskClient) -> None:
    client.get("/standar/6302")
    with listening(site.runtime.database.engine) as asked:
        client.get("/standar/6302")
    assert len([statement for statement, _ in asked if "SELECT" in statement.upper()]) == 1
