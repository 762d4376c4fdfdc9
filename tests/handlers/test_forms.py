"""The form of one page that a letter leads to: what it shows, what it takes, and whom it turns away."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import introductions, labels
from bot.conversation import Profile
from channels.email.tokens import Purpose, Token
from handlers import officer
from handlers.phrases import PHRASES
from storage.columns import table
from storage.tables import Contact, Message, Ticket
from tests.handlers.site import Site, running_site

LINK = re.compile(r"https://\S+(/formulir/\S+)")
UNCLEAR = b"From: Siti Contoh <siti@contoh.id>\r\nSubject: Tanya\r\n\r\nMohon data penduduk\r\n"
GREETING = b"From: Siti Contoh <siti@contoh.id>\r\nSubject: Halo\r\n\r\nSelamat pagi\r\n"
ENGLISH = b"From: a <siti@contoh.id>\r\nSubject: Statistics\r\n\r\nHello, I need the population figures."


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A site whose officers' forms need their token, as in earnest."""
    with running_site(database_url, tmp_path, forms_checked=True) as running:
        yield running


def _said(site: Site, direction: str) -> list[str]:
    rows = table(Message)
    wanted = select(rows.c.body).where(rows.c.direction == direction).order_by(rows.c.id)
    with site.runtime.database.read() as connection:
        return [row.body for row in connection.execute(wanted)]


def _asked(site: Site, raw: bytes, office: str = "7411") -> str:
    """A letter arrives and is asked back; the address of the form."""
    site.mail_arrives(raw, office=office)
    found = LINK.search(_said(site, "out")[-1])
    assert found is not None
    return found[1]


def _fills(client: FlaskClient, link: str, form: str = "", **fields: str) -> int:
    return client.post(link, data={"form": form or str(uuid4()), **fields}).status_code


def _request(site: Site) -> dict[str, str]:
    with site.runtime.database.read() as connection:
        rows = table(Ticket)
        return dict(
            connection.execute(select(rows.c.request).order_by(rows.c.id.desc())).scalars().first() or {}
        )


def test_the_form_asks_what_is_missing_and_shows_nothing_told(site: Site) -> None:
    link = _asked(site, UNCLEAR)
    page = site.signed_in("").get(link)
    assert page.status_code == 200
    assert re.findall(r'name="(\w+)"', page.text)[1:] == ["form", "area", "years", "use"]
    assert "KTM-2026-00001" in page.text
    assert "Siti" not in page.text
    assert "penduduk" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in page.headers


def test_what_is_filled_in_is_a_message_of_the_thread(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    answer = client.post(
        link, data={"form": str(uuid4()), "area": "Kolaka  Timur", "years": "2020", "use": "skripsi"}
    )
    assert (answer.status_code, answer.location) == (303, f"{link}?terkirim=1")
    assert _said(site, "in")[-1] == "Wilayah: Kolaka Timur\nTahun: 2020\nKeperluan: skripsi"
    request = _request(site)
    assert (request["area"], request["years"], request["use"]) == ("Kolaka Timur", "2020", "skripsi")
    assert _said(site, "out")[-1].startswith("Terima kasih. Keterangan Bapak/Ibu untuk nomor KTM-2026-00001")
    for page in (client.get(answer.location), client.get(link)):
        assert page.status_code == 200
        assert "sudah kami terima" in page.text
        assert "<form" not in page.text


def test_a_form_sent_twice_is_taken_once(site: Site) -> None:
    client, link, form = site.signed_in(""), _asked(site, UNCLEAR), str(uuid4())
    assert [_fills(client, link, form, years="2020") for _ in range(2)] == [303, 303]
    assert _said(site, "in").count("Tahun: 2020") == 1


def test_half_a_form_leaves_the_rest_to_another(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    _fills(client, link, years="2020")
    page = client.get(link).text
    assert 'name="area"' in page
    assert 'name="years"' not in page


@pytest.mark.parametrize("fields", [{}, {"years": "  "}, {"name": "Orang Lain", "text": "halo"}])
def test_an_empty_form_is_asked_again(site: Site, fields: dict[str, str]) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    answer = client.post(link, data={"form": str(uuid4()), **fields})
    assert answer.status_code == 422
    assert "sedikitnya satu baris" in answer.text
    assert len(_said(site, "in")) == 1


def test_a_form_without_its_id_is_not_taken(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    assert _fills(client, link, "x", years="2020") == 422
    assert client.post(link, data={"years": "2020"}).status_code == 422


def test_registration_is_chosen_from_lists(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, GREETING, "6571")
    page = client.get(link).text
    assert "<option>Pemerintah daerah</option>" in page
    institution, use = "Sekolah, kampus, atau lembaga penelitian", "Tugas sekolah/kuliah"
    _fills(
        client,
        link,
        name="Siti Aminah",
        institution_category=institution,
        main_use=use,
        what="jumlah sekolah",
    )
    rows = table(Contact)
    with site.runtime.database.read() as connection:
        told = connection.execute(select(rows.c.name, rows.c.institution_category, rows.c.main_use)).one()
    assert tuple(told) == ("Siti Aminah", "pendidikan", "tugas")
    assert _request(site)["what"] == "jumlah sekolah"


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_choice_is_read_as_what_it_is(language: str) -> None:
    phrases = PHRASES[language]
    choices = [("institution_category", phrases.institutions), ("main_use", phrases.main_uses)]
    for field, options in choices:
        for key, label in options.items():
            line = f"{phrases.labels[field]}: {label}"
            profile = introductions.tell(Profile(), ("main_use",), labels.read(line), "")
            assert getattr(profile, field) == key


def test_the_form_speaks_the_letters_language(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, ENGLISH)
    page = client.get(link).text
    assert '<html lang="en">' in page
    assert "Region" in page
    _fills(client, link, area="Kolaka Timur", years="2020", use="thesis")
    assert _said(site, "in")[-1].startswith("Region: Kolaka Timur")
    assert "We have what we need" in client.get(link).text


def test_a_closed_ticket_needs_no_form(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    officer.close(site.runtime, site.people["supervisor"], site.newest_ticket())
    assert "sudah tidak diperlukan" in client.get(link).text
    assert _fills(client, link, years="2020") == 200
    assert len(_said(site, "in")) == 1


def test_nobody_comes_in_with_another_word(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    tokens = site.runtime.tokens
    words = [
        "x",
        link.rsplit("/", 1)[1][:-1] + "2",
        tokens.sign(Token(Purpose.THREAD, 1)),
        tokens.sign(Token(Purpose.FORM, 4711)),
        tokens.sign(Token(Purpose.FORM, 36**12 - 1)),
        "f.1.0." + "a" * 16,
        "%00",
    ]
    for word in words:
        page = client.get(f"/formulir/{word}")
        assert page.status_code == 404, word
        assert "KTM" not in page.text
        assert _fills(client, f"/formulir/{word}", years="2020") == 404
    assert len(_said(site, "in")) == 1


def test_too_many_forms_from_one_place(site: Site) -> None:
    client, link = site.signed_in(""), _asked(site, UNCLEAR)
    answers = [_fills(client, link) for _ in range(31)]
    assert answers == [422] * 30 + [429]
    assert "Mohon tunggu" in client.post(link).text
    assert client.get(link).status_code == 200


def test_a_form_can_not_take_the_id_that_anothers_mail_will_have(site: Site) -> None:
    client, link = site.app.test_client(), _asked(site, UNCLEAR)
    for mail in range(2, 5):
        _fills(client, link, str(uuid5(NAMESPACE_OID, f"loket mail {mail}")), area=f"Kecamatan {mail}")
    site.mail_arrives(
        b"From: Budi <budi@contoh.id>\r\nSubject: IPM\r\n\r\nMohon data IPM Kolaka Timur 2023\r\n"
    )
    assert _said(site, "in")[-1] == "Mohon data IPM Kolaka Timur 2023"


def test_what_is_filled_in_belongs_to_the_ticket_that_the_form_names(site: Site) -> None:
    """A complaint stands beside it, and its supervisor has spoken since."""
    link = _asked(site, GREETING, office="6571")
    consultation = site.newest_ticket()
    word = site.runtime.tokens.sign(Token(Purpose.THREAD, 1, site.last_id("out")))
    answer = (
        f"Subject: Re: Halo\r\nIn-Reply-To: <{word}@bps.go.id>\r\n\r\nPENGADUAN: petugas kasar kemarin.\r\n"
    )
    site.mail_arrives(GREETING.partition(b"Subject")[0] + answer.encode(), office="6571")
    complaint = site.newest_ticket()
    assert complaint != consultation
    told = (site.people["stranger"], complaint, "Kapan kejadiannya?", str(uuid4()))
    assert officer.reply(site.runtime, *told, asks_back=True, seen=10**9) is None
    assert _fills(site.signed_in(""), link, name="Siti Aminah", what="inflasi") == 303
    assert "Nama: Siti Aminah" in site.bodies(consultation, "citizen")[-1]
    assert not any("Siti Aminah" in body for body in site.bodies(complaint, "citizen"))
