"""The office's own answers: drafted, previewed, published with a word on personal data, found by citizens."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.policy import SearchFirst
from handlers import answering, markdown, officer, searching
from handlers.answering import Written
from storage.columns import table
from storage.tables import Audit
from tests.handlers.filling import form
from tests.handlers.site import REQUEST, Site

HOME = "/inbox/7411/jawaban"
QUESTION = "Berapa jumlah penduduk Kolaka Timur?"
WRITTEN = {"question": QUESTION, "body": "**120 ribu** jiwa.\r\n\r\n- [tabel](https://koltimkab.bps.go.id)"}
READ = {"checked": "1"}


@pytest.fixture
def editor(site: Site) -> FlaskClient:
    """An officer's browser, at an office that searches first."""
    offices = site.runtime.settings.offices
    offices["7411"] = replace(offices["7411"], search_first=SearchFirst(enabled=True))
    return site.signed_in("officer")


def found(site: Site, said: str = "brp jmlh pddk kolaka timur", office: str = "7411") -> list[str]:
    with site.runtime.database.read() as connection:
        return [each.link for each in searching.found(connection, site.runtime.office(office), said)]


def published(editor: FlaskClient, **more: str) -> int:
    """The id of an answer that was just published."""
    assert editor.post(f"{HOME}/terbitkan", data=WRITTEN | READ | more).status_code == 303
    page = editor.get(HOME).text
    return int(page.split(f"{HOME}/", 2)[2].split('"')[0].split("/")[0])


def test_a_draft_is_seen_by_officers_only(site: Site, editor: FlaskClient) -> None:
    answer = editor.post(f"{HOME}/simpan", data=WRITTEN)
    assert answer.status_code == 303
    page = editor.get(answer.location).text
    assert "**120 ribu** jiwa.\n\n- [tabel]" in page
    assert "draf" in editor.get(HOME).text
    assert found(site) == []
    number = answer.location.rsplit("/", 1)[1]
    assert site.signed_in("").get(f"/jawaban/7411/{number}").status_code == 404


def test_a_preview_keeps_nothing_and_shows_what_citizens_see(site: Site, editor: FlaskClient) -> None:
    page = editor.post(f"{HOME}/periksa", data=WRITTEN).text
    assert "<strong>120 ribu</strong> jiwa." in page
    assert 'href="https://koltimkab.bps.go.id"' in page
    assert "120 ribu jiwa. tabel" in page
    assert QUESTION not in editor.get(HOME).text
    assert found(site) == []


def test_it_goes_back_to_writing_with_every_word(editor: FlaskClient) -> None:
    page = editor.post(f"{HOME}/periksa", data=WRITTEN | {"act": "back"}).text
    assert "**120 ribu** jiwa." in page
    assert QUESTION in page


def test_publishing_needs_the_officers_word(site: Site, editor: FlaskClient) -> None:
    refused = editor.post(f"{HOME}/terbitkan", data=WRITTEN)
    assert (refused.status_code, found(site)) == (422, [])
    assert "Centang dulu" in refused.text
    assert "**120 ribu**" in refused.text


def test_what_is_published_is_found_by_citizens_and_read_by_all(site: Site, editor: FlaskClient) -> None:
    number = published(editor)
    assert found(site) == [f"https://bot.example.org/jawaban/7411/{number}"]
    page = site.signed_in("").get(f"/jawaban/7411/{number}")
    assert (page.status_code, "<strong>120 ribu</strong>" in page.text) == (200, True)
    site.writes("brp jmlh pddk kolaka timur")
    assert "120 ribu jiwa." in site.last_said()
    assert "menggunakan API" not in site.last_said()
    with site.runtime.database.read() as connection:
        kinds = connection.execute(select(table(Audit).c.what)).scalars().all()
    assert "answer_published" in kinds


def test_a_published_answer_is_changed_by_publishing_only(site: Site, editor: FlaskClient) -> None:
    number = published(editor)
    shown = form(editor.get(f"{HOME}/{number}").text, f"{HOME}/periksa")
    changed = shown.to_dict() | {"question": "Berapa luas Kolaka Timur?"}
    assert editor.post(f"{HOME}/simpan", data=changed).status_code == 409
    assert found(site, "luas kolaka timur") == []
    editor.post(f"{HOME}/terbitkan", data=changed | READ)
    assert len(found(site, "luas kolaka timur")) == 1
    assert found(site) == []


@pytest.mark.parametrize("act", ["simpan", "terbitkan"])
def test_a_colleagues_text_is_not_overwritten(site: Site, editor: FlaskClient, act: str) -> None:
    place = editor.post(f"{HOME}/simpan", data=WRITTEN).location
    old = form(editor.get(place).text, f"{HOME}/periksa").to_dict()
    site.signed_in("supervisor").post(f"{HOME}/simpan", data=old | {"body": "121 ribu, sudah direvisi."})
    previewed = editor.post(f"{HOME}/periksa", data=old | {"body": "Tulisan saya."}).text
    mine = form(previewed, f"{HOME}/terbitkan").to_dict()
    refused = editor.post(f"{HOME}/{act}", data=mine | READ)
    assert refused.status_code == 409
    assert "rekan Anda lebih dulu menyimpan yang lain" in refused.text
    assert "121 ribu, sudah direvisi." in refused.text
    again = form(refused.text, f"{HOME}/periksa").to_dict()
    assert again["body"] == "Tulisan saya."
    assert form(editor.get(place).text, f"{HOME}/periksa")["body"] == "121 ribu, sudah direvisi."
    assert editor.post(f"{HOME}/{act}", data=again | READ).status_code == 303
    assert form(editor.get(place).text, f"{HOME}/periksa")["body"] == "Tulisan saya."


def test_what_is_withdrawn_is_found_by_nobody(site: Site, editor: FlaskClient) -> None:
    number = published(editor)
    editor.post(f"{HOME}/{number}/tarik")
    assert found(site) == []
    assert site.signed_in("").get(f"/jawaban/7411/{number}").status_code == 404
    assert QUESTION in editor.get(HOME).text


@pytest.mark.parametrize("missing", ["question", "body"])
@pytest.mark.parametrize("act", ["periksa", "simpan", "terbitkan"])
def test_what_is_not_complete_is_kept_in_the_editor(editor: FlaskClient, missing: str, act: str) -> None:
    refused = editor.post(f"{HOME}/{act}", data=WRITTEN | READ | {missing: "  "})
    assert refused.status_code == 422
    assert "Isi pertanyaan dan jawabannya dulu" in refused.text


def test_the_answers_of_another_office_do_not_exist(site: Site, editor: FlaskClient) -> None:
    number = published(editor)
    stranger = site.signed_in("stranger")
    assert QUESTION not in stranger.get("/inbox/6571/jawaban").text
    assert stranger.get(f"/inbox/6571/jawaban/{number}").status_code == 404
    assert stranger.post(f"/inbox/6571/jawaban/{number}/tarik").status_code == 404
    stranger.post("/inbox/6571/jawaban/terbitkan", data=WRITTEN | READ | {"id": str(number), "body": "Palsu"})
    assert "Palsu" not in site.signed_in("").get(f"/jawaban/7411/{number}").text
    assert site.signed_in("").get(f"/jawaban/6571/{number}").status_code == 404


def closed_ticket(site: Site) -> int:
    ticket = site.asks(REQUEST)
    reply = "Luas panen 2021-2024 ada di tabel 5.1. Hubungi Siti di 0812-3456-7890."
    form, everything = str(uuid4()), 2**31
    officer.reply(site.runtime, site.people["officer"], ticket, reply, form, asks_back=False, seen=everything)
    officer.close(site.runtime, site.people["officer"], ticket)
    return ticket


def test_a_closed_ticket_becomes_a_draft_that_an_officer_reads_first(site: Site, editor: FlaskClient) -> None:
    ticket = closed_ticket(site)
    assert "Jadikan jawaban kantor" in editor.get(f"/inbox/7411/tickets/{ticket}").text
    page = editor.get(f"/inbox/7411/tickets/{ticket}/jawaban").text
    assert "Luas panen 2021-2024 ada di tabel 5.1." in page
    assert "Tulis ulang supaya berlaku untuk siapa saja" in page
    assert "Luas panen" not in editor.get(HOME).text
    assert found(site, "luas panen padi") == []


def test_what_could_be_personal_is_named_in_the_preview(site: Site, editor: FlaskClient) -> None:
    form: Mapping[str, str] = {
        "question": "Luas panen?",
        "body": "Hubungi Siti di 0812-3456-7890 atau siti@contoh.id, tiket KTM-2026-00001.",
        "from_ticket": str(closed_ticket(site)),
    }
    page = editor.post(f"{HOME}/periksa", data=form).text
    assert all(
        f"<li>{each}</li>" in page for each in ("siti@contoh.id", "0812-3456-7890", "KTM-2026-00001", "siti")
    )


def test_an_open_ticket_and_a_complaint_become_no_answer(site: Site, editor: FlaskClient) -> None:
    opened = site.asks()
    assert editor.get(f"/inbox/7411/tickets/{opened}/jawaban").status_code == 303
    complaint = site.complains()
    assert editor.get(f"/inbox/7411/tickets/{complaint}/jawaban").status_code == 404
    officer.close(site.runtime, site.people["supervisor"], complaint)
    supervisor = site.signed_in("supervisor")
    assert supervisor.get(f"/inbox/7411/tickets/{complaint}/jawaban").status_code == 303
    assert "Jadikan jawaban" not in supervisor.get(f"/inbox/7411/tickets/{complaint}").text


def test_unanswered_searches_are_the_offices_list(site: Site, editor: FlaskClient) -> None:
    site.writes("data jumlah kucing peliharaan")
    page = editor.get("/inbox/7411/pencarian").text
    assert "data jumlah kucing peliharaan" in page
    assert "tidak ada hasil" in page
    link = page.split('href="/inbox/7411/jawaban/baru?')[1].split('"')[0]
    assert 'value="data jumlah kucing peliharaan"' in editor.get(f"{HOME}/baru?{link}").text
    assert "kucing" not in site.signed_in("stranger").get("/inbox/6571/pencarian").text
    address = page.split('action="/inbox/7411/pencarian/')[1].split('"')[0]
    assert site.signed_in("stranger").post(f"/inbox/6571/pencarian/{address}").status_code == 404
    editor.post(f"/inbox/7411/pencarian/{address}")
    assert "kucing" not in editor.get("/inbox/7411/pencarian").text


def test_a_search_that_was_answered_stands_apart(site: Site, editor: FlaskClient) -> None:
    published(editor)
    site.writes("jumlah penduduk kolaka timur")
    assert "1 tanpa kabar lagi" in editor.get("/inbox/7411/pencarian").text
    site.writes("sudah, terima kasih")
    page = editor.get("/inbox/7411/pencarian").text
    assert "1 terjawab, 0 belum terjawab" in page
    assert "jumlah penduduk kolaka timur" in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[klik](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://contoh.id/x.png)",
        '<a href="https://a.id" onclick="x()">a</a>',
        "<style>body{display:none}</style>",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
def test_markdown_can_do_nothing_but_be_read(text: str) -> None:
    made = markdown.rendered(text)
    assert not any(
        mark in made for mark in ("<script", "<img", "<style", 'href="javascript', 'href="data', "<a onclick")
    )


def test_markdown_is_rendered_and_made_plain() -> None:
    text = "# Judul\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. satu\n2. _dua_ & <tiga>"
    made = markdown.rendered(text)
    assert all(part in made for part in ("<h2>Judul</h2>", "<td>1</td>", "<em>dua</em> &amp; &lt;tiga&gt;"))
    assert markdown.plain("**120 ribu** jiwa & [tabel](https://a.id)") == "120 ribu jiwa & tabel"


@pytest.mark.parametrize(
    "text",
    ["Kotabaru 2019-2023: 1.234.567 jiwa", "kode 10631, tabel 5.1.1", "https://a.id/2025/02/28/123456789"],
)
def test_figures_are_no_personal_data(text: str) -> None:
    assert list(answering.traces(Written("Apa?", text))) == []
