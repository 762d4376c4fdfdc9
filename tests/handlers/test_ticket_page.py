"""The page of a ticket: what it says, what it does, and what it keeps when it refuses."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import update

from handlers import officer
from storage.columns import table
from storage.tables import Contact, Message, Ticket
from tests.handlers.site import Site, composed


def _page(site: Site, ticket: int, who: str = "officer", query: str = "") -> str:
    answer = site.signed_in(who).get(f"/inbox/7411/tickets/{ticket}{query}")
    assert answer.status_code == 200
    return unescape(answer.text)


def _post(site: Site, ticket: int, act: str, who: str = "officer", **form: str) -> tuple[int, str]:
    answer = site.signed_in(who).post(f"/inbox/7411/tickets/{ticket}/{act}", data=form, follow_redirects=True)
    return answer.status_code, unescape(answer.text)


def test_a_reply_is_queued_and_claims_the_ticket(site: Site) -> None:
    ticket = site.asks()
    code, page = _post(site, ticket, "reply", **composed("Baik, *segera*.", site.last_id()))
    assert code == 200
    assert site.bodies(ticket) == ["Baik, *segera*."]
    assert "Baik, <b>segera</b>." in page
    assert "Anda pegang" in page
    assert "antre" in page


def test_the_same_form_twice_sends_once(site: Site) -> None:
    ticket = site.asks()
    form = composed("Sekali saja", site.last_id())
    assert [_post(site, ticket, "reply", **form)[0] for _ in range(2)] == [200, 200]
    assert site.bodies(ticket) == ["Sekali saja"]


def test_a_note_twice_is_kept_once_and_never_sent(site: Site) -> None:
    ticket = site.asks()
    form = composed("cek ke Pak Jufri", 0)
    assert _post(site, ticket, "note", **form)[0] == 200
    page = _post(site, ticket, "note", **form)[1]
    assert page.count("cek ke Pak Jufri") == 1
    assert "hanya petugas" in page


def test_a_stale_view_gets_a_second_look(site: Site) -> None:
    ticket = site.asks()
    form = composed("Jawaban lama", site.last_id(), asks_back="1")
    site.writes("Maaf, maksud saya tahun 2025")
    code, page = _post(site, ticket, "reply", **form)
    assert code == 409
    assert site.bodies(ticket) == []
    assert "1 pesan baru masuk sejak Anda mulai menulis" in page
    assert ">Jawaban lama</textarea>" in page
    assert f'value="{form["form_id"]}"' in page
    assert re.search(r'name="asks_back" value="1" checked', page)
    assert re.search(r'<li class="message citizen fresh"[^>]*>\s*<p class="body">Maaf, maksud saya', page)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    assert _post(site, ticket, "reply", **{**form, "seen": seen[1]})[0] == 200
    assert site.bodies(ticket) == ["Jawaban lama"]


def test_a_page_of_another_ticket_gets_a_second_look(site: Site) -> None:
    """After a restore the address of a page that stood open may be another citizen's."""
    ticket = site.asks()
    form = composed("Untuk orang lain", 10**9, reference="KTM-2026-00099")
    code, page = _post(site, ticket, "reply", **form)
    assert code == 409
    assert site.bodies(ticket) == []
    assert "Halaman ini dibuka untuk tiket KTM-2026-00099" in page
    assert ">Untuk orang lain</textarea>" in page
    own = re.search(r'name="reference" value="([^"]+)"', page)
    assert own is not None
    assert own[1] != form["reference"]
    assert _post(site, ticket, "reply", **{**form, "reference": own[1]})[0] == 200
    assert site.bodies(ticket) == ["Untuk orang lain"]


def test_a_colleagues_reply_makes_a_view_stale_too(site: Site) -> None:
    ticket = site.asks()
    form = composed("Jawaban saya", site.last_id())
    _post(site, ticket, "reply", "supervisor", **composed("Jawaban rekan", site.last_id()))
    assert _post(site, ticket, "reply", **form)[0] == 409
    assert site.bodies(ticket) == ["Jawaban rekan"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001])
def test_nothing_and_too_much_is_not_sent(site: Site, text: str) -> None:
    ticket = site.asks()
    code, page = _post(site, ticket, "reply", **composed(text, site.last_id()))
    assert code == 422
    assert text.strip() in page
    assert site.bodies(ticket) == []
    code, page = _post(site, ticket, "note", text=text)
    assert (code, "Tulis dulu jawabannya." in page) == (422, False)
    assert ("Tulis dulu catatannya." in page) is not bool(text.strip())


def test_a_form_id_that_is_none_still_sends(site: Site) -> None:
    ticket = site.asks()
    form = composed("Baik", site.last_id()) | {"form_id": "'; drop table", "seen": str(site.last_id())}
    assert _post(site, ticket, "reply", **form)[0] == 200
    assert site.bodies(ticket) == ["Baik"]


def test_after_berhenti_nothing_can_be_sent_and_the_text_is_kept(site: Site) -> None:
    ticket = site.asks()
    seen = site.last_id()
    site.writes("BERHENTI")
    page = _page(site, ticket)
    assert "Warga meminta BERHENTI: tidak dapat mengirim" in page
    assert 'id="send"' not in page
    code, page = _post(site, ticket, "reply", **composed("Tetap saja", site.last_id() + seen))
    assert code == 409
    assert ">Tetap saja</textarea>" in page
    assert site.bodies(ticket) == []


def test_the_button_says_the_way(site: Site) -> None:
    ticket = site.asks()
    site.clock.forward(minutes=48)
    page = _page(site, ticket)
    assert "Jendela WhatsApp terbuka 23 jam 7 menit lagi: jawaban langsung terkirim." in page
    assert "Kirim lewat WhatsApp" in page
    site.clock.forward(hours=24)
    page = _page(site, ticket)
    assert "Jendela WhatsApp tertutup. Templat WhatsApp tidak dapat dikirim" in page
    assert "Simpan, dikirim setelah warga membalas" in page


def test_closing_can_be_undone_from_its_own_message(site: Site) -> None:
    ticket = site.asks()
    code, page = _post(site, ticket, "close")
    assert code == 200
    assert re.search(r"Tiket KTM-2026-\d{5} ditutup\.", page)
    assert page.count(f"/inbox/7411/tickets/{ticket}/reopen") == 2
    code, page = _post(site, ticket, "reopen")
    assert "Tutup tiket" in page


def test_clear_and_complete_is_said_once(site: Site) -> None:
    ticket = site.asks()
    assert "Jelas & lengkap" in _page(site, ticket)
    assert "Janji layanan:" in _post(site, ticket, "clear")[1]
    assert "didahului" in _post(site, ticket, "clear")[1]


def test_claim_release_transfer(site: Site) -> None:
    ticket = site.asks()
    assert "Anda pegang" in _post(site, ticket, "claim")[1]
    assert "didahului" in _post(site, ticket, "claim", "supervisor")[1]
    assert "belum diambil" in _post(site, ticket, "release")[1]
    to = str(site.people["supervisor"])
    assert "diambil Supervisor" in _post(site, ticket, "transfer", to=to)[1]
    assert "Pilih dulu petugas" in _post(site, ticket, "transfer")[1]
    stranger = str(site.people["stranger"])
    assert "didahului" in _post(site, ticket, "transfer", to=stranger)[1]
    assert "diambil Supervisor" in _page(site, ticket)


def test_only_who_may_have_it_is_offered_a_complaint(site: Site) -> None:
    ticket = site.complains()
    page = _page(site, ticket, "supervisor")
    offered = re.findall(r'<option value="(\d+)">', page)
    assert str(site.people["officer"]) not in offered
    assert str(site.people["supervisor"]) in offered


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        *(("queued", "antre"), ("sending", "sedang dikirim"), ("sent", "dikirim"), ("delivered", "diterima")),
        *(("read", "dibaca"), ("held", "tertahan menunggu balasan warga"), ("cancelled", "dibatalkan")),
        *(("unknown", "belum pasti, sedang dicek"), ("failed", "gagal: nomor tidak terdaftar di WhatsApp")),
    ],
)
def test_every_delivery_is_said_in_words(site: Site, delivery: str, words: str) -> None:
    ticket = site.asks()
    _post(site, ticket, "reply", **composed("Baik", site.last_id()))
    rows = table(Message)
    code = "63024" if delivery == "failed" else None
    with site.runtime.database.write() as connection:
        change = update(rows).where(rows.c.author == "officer").values(delivery=delivery, error_code=code)
        connection.execute(change)
    assert re.search(
        rf'<span class="delivery {delivery}">[^/]*(</span> )?{words}</span>', _page(site, ticket)
    )


def test_the_promise_is_said_only_when_it_is_one(site: Site) -> None:
    here = site.asks()
    assert "Paling lambat Kamis, 9 Juli 2026, belum dijanjikan kepada warga" in _page(site, here)
    assert "Janji layanan" not in _page(site, site.complains(), "supervisor")


def test_what_a_citizen_wrote_is_text_and_nothing_else(site: Site) -> None:
    nasty = (
        '<script>alert(1)</script> *tebal* data padi 2024 kabupaten x untuk "skripsi" <img src=x onerror=y>'
    )
    ticket = site.asks(nasty)
    raw = site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}").text
    assert "<script>alert" not in raw
    assert "<img" not in raw
    assert "&lt;script&gt;alert(1)" in raw


def test_looking_marks_read_but_refreshing_does_not(site: Site) -> None:
    ticket = site.asks()
    client = site.signed_in("officer")
    client.get(f"/inbox/7411/tickets/{ticket}", headers={"X-Live": "1"})
    assert 'class="row unread"' in client.get("/inbox/7411").text
    client.get(f"/inbox/7411/tickets/{ticket}")
    assert 'class="row unread"' not in client.get("/inbox/7411").text


def test_a_page_in_somebodys_hands_is_seen_by_colleagues(site: Site) -> None:
    ticket = site.asks()
    officer.present(site.runtime, site.people["supervisor"], ticket, writing=True)
    answer = site.signed_in("officer").post(
        f"/inbox/7411/tickets/{ticket}/present", data={"seen": str(site.last_id())}
    )
    assert "Supervisor sedang menulis" in answer.text
    assert "Officer sedang melihat" in _page(site, ticket, "supervisor")
    assert 'class="row unread"' not in site.signed_in("officer").get("/inbox/7411").text


def test_the_list_says_how_long_what_has_no_deadline_waits(site: Site) -> None:
    site.complains()
    with site.runtime.database.write() as connection:
        connection.execute(update(table(Ticket)).values(due_at=None))
    site.clock.forward(hours=2)
    assert "menunggu 2 jam" in site.signed_in("supervisor").get("/inbox/7411").text
    site.clock.forward(hours=24)
    assert ">sejak kemarin 09.00<" in site.signed_in("supervisor").get("/inbox/7411").text


def test_search_from_the_page(site: Site) -> None:
    ticket = site.asks()
    client = site.signed_in("officer")
    assert f"/tickets/{ticket}?list=waiting&amp;q=panen" in client.get("/inbox/7411?q=panen").text
    odd = client.get("/inbox/7411", query_string={"q": "panen /0?", "page": "0"}).text
    assert f'href="/inbox/7411/tickets/{ticket}?list=waiting&amp;q=panen+/0?"' in odd
    assert "Tidak ada yang cocok" in client.get("/inbox/7411?q=%22+OR+*+NEAR(").text
    assert client.get("/inbox/7411?list=nonsense").status_code == 404
    assert client.get("/inbox/7411?page=99999999999999999999").status_code == 200


def test_a_long_conversation_is_shortened(site: Site) -> None:
    ticket = site.asks()
    for number in range(210):
        officer.note(site.runtime, site.people["officer"], ticket, f"catatan {number}", f"form-{number}")
    assert "Tampilkan semua pesan" in _page(site, ticket)
    assert "catatan 3<" not in _page(site, ticket)
    assert "catatan 3<" in _page(site, ticket, query="?all=1")


def test_a_number_without_a_name_and_an_unconfirmed_request(site: Site) -> None:
    site.writes("petugas")
    ticket = site.newest_ticket()
    rows = table(Contact)
    with site.runtime.database.write() as connection:
        connection.execute(update(rows).values(name="", profile_name=""))
        connection.execute(update(table(Ticket)).values(touched_at=site.clock() + timedelta(seconds=1)))
    page = _page(site, ticket)
    assert "+62 812-3456-7890" in page
    assert "belum dikonfirmasi warga" in page


def test_a_first_load_is_light(site: Site) -> None:
    ticket = site.asks()
    client = site.signed_in("officer")
    pages = [f"/inbox/7411/tickets/{ticket}", "/static/loket.css", "/static/loket.js", "/static/loket.svg"]
    answers = [client.get(page) for page in pages]
    assert sum(len(answer.data) for answer in answers) < 150_000
    for answer in answers:
        answer.close()


def test_what_was_offered_to_tap_is_shown_and_what_went_by_number_alone_is_not(site: Site) -> None:
    ticket, message = site.asks(), table(Message)
    page = _page(site, ticket)
    assert "<li>Sudah benar</li><li>Tulis ulang</li>" in page
    assert "Apakah sudah benar?" in page
    assert "Balas <b>1</b>" not in page
    with site.runtime.database.write() as connection:
        connection.execute(update(message).where(message.c.menu.is_not(None)).values(menu={"about": "x"}))
    page = _page(site, ticket)
    assert 'class="offered"' not in page
    assert "Balas <b>1</b> bila sudah benar" in page


def test_a_page_that_has_emptied_does_not_say_that_nobody_waits(site: Site) -> None:
    site.asks()
    client = site.signed_in("officer")
    beyond = client.get("/inbox/7411?page=1").text
    assert "Tidak ada yang menunggu jawaban kita" not in beyond
    assert 'Tidak ada lagi di halaman ini. <a href="/inbox/7411?list=waiting">Ke awal daftar</a>' in beyond
