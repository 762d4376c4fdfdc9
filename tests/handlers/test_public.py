"""The pages anybody may open."""

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from handlers.shipped_files import templates_folder
from handlers.web.public import blueprint
from storage.columns import table
from storage.tables import Contact
from tests.driver import Desk
from tests.handlers.offices import OFFICES
from tests.handlers.site import Site


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    folder = templates_folder()
    app = Flask(__name__, template_folder=str(folder), static_folder=str(folder / "static"))
    app.extensions["loket"] = SimpleNamespace(settings=SimpleNamespace(offices=OFFICES))
    app.jinja_env.globals["static"] = "/static/{}".format  # the whole site adds a fingerprint
    app.register_blueprint(blueprint)
    return app.test_client()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("code", OFFICES)
def test_the_notice_of_every_office(client: FlaskClient, code: str, language: str) -> None:
    page = client.get(f"/privasi/{code}?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert OFFICES[code].name[language] in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "None" not in page.text


@pytest.mark.parametrize(("code", "language"), [("6302", "id"), ("7411", "en")])
def test_the_notice_comes_in_the_offices_first_language(
    client: FlaskClient, code: str, language: str
) -> None:
    for query in ("", "?lang=jv", "?lang="):
        assert f'<html lang="{language}">' in client.get(f"/privasi/{code}{query}").text


def test_the_notice_says_how_long_and_who_answers(client: FlaskClient) -> None:
    page = client.get("/privasi/1905").text
    assert "dapat meminta data dihapus lebih awal" in page
    assert "Kepala Subbagian Umum, bps1905@bps.go.id" in page
    assert "Email: bps6302@bps.go.id" in client.get("/privasi/6302").text


def test_whatsapp_is_named_where_it_is_used(client: FlaskClient) -> None:
    assert "di luar negeri" in client.get("/privasi/1905").text
    assert "di luar negeri" not in client.get("/privasi/6402").text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/privasi/9999", "Halaman ini tidak ada"),
        ("/privasi/9999?lang=en", "This page does not exist"),
        ("/privasi/%3Cb%3E", "Halaman ini tidak ada"),
    ],
)
def test_an_unknown_office_is_told_in_plain_words(client: FlaskClient, path: str, said: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert page.text.count(said) == 2


def test_the_look_is_served_locally(client: FlaskClient) -> None:
    assert "/static/public.css" in client.get("/privasi/6302").text
    with client.get("/static/public.css") as look:
        assert look.mimetype == "text/css"


def test_which_notice_was_shown_first_is_remembered(site: Site) -> None:
    assert "Versi 2026-11-28" in site.app.test_client().get("/privasi/7411").text
    site.writes("halo")
    first = site.clock()
    site.clock.forward(days=40)
    site.writes("halo")
    site.mail_arrives(b"From: Siti <siti@contoh.id>\r\nSubject: Data\r\n\r\nMohon data IPM 2023.")
    rows = table(Contact)
    with site.runtime.database.read() as connection:
        shown = connection.execute(select(rows.c.notice_version, rows.c.notice_at).order_by(rows.c.id)).all()
    assert [row.notice_version for row in shown] == ["2026-11-28"] * 2
    assert [row.notice_at for row in shown] == [first, site.clock()]


@pytest.mark.parametrize("first", ["halo", "pengaduan", "saya mau komplain petugasnya kasar sekali kemarin"])
def test_the_notice_is_shown_where_only_complaints_are_taken(desk: Desk, first: str) -> None:
    for said in (first, "pengaduan", "petugas tidak ada di tempat kemarin"):
        desk.writes(said, office="1905")
    shown = [said for said in desk.heard() if "/privasi/1905" in said]
    assert shown == desk.heard()[:1]
    assert "Ini pesan otomatis" in shown[0]
    assert ("balas *PENGADUAN*" in shown[0]) == (first == "halo")
    with desk.runtime.database.read() as connection:
        assert connection.execute(select(table(Contact))).one().notice_at == desk.clock()
