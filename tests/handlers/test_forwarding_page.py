"""The page on which a ticket is passed on, and what either office then sees of it."""

import re

import pytest

from storage import officers
from tests.handlers.duties import TOPICS, logged, shares
from tests.handlers.site import Site

WHY = {"to": "6571", "why": "Yang ditanyakan data kantor lain"}


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def _handled_by(site: Site, ticket: int) -> str:
    return "6571" if logged(site.runtime, ticket, "forwarded") else "7411"


def test_it_offers_offices_that_have_officers(site: Site) -> None:
    ticket = site.asks()
    page = site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}/teruskan").text
    assert re.findall(r'name="to" value="(\d+)"', page) == ["6571"]
    assert "Kantor penerima yang menjawab" in page
    assert (
        f"/inbox/7411/tickets/{ticket}/teruskan"
        in site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}").text
    )


@pytest.mark.parametrize(
    ("form", "code", "sentence"),
    [
        ({**WHY, "to": ""}, 422, "Pilih dulu kantor"),
        ({**WHY, "why": "  "}, 422, "Tulis dulu alasannya"),
        ({**WHY, "to": "1905"}, 409, "Pilih kantor lain"),
        ({**WHY, "to": "7411"}, 409, "Pilih kantor lain"),
        ({**WHY, "to": "../6571"}, 409, "Pilih kantor lain"),
    ],
)
def test_what_is_refused_comes_back_with_the_words(
    site: Site, form: dict[str, str], code: int, sentence: str
) -> None:
    ticket = site.asks()
    answer = site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/teruskan", data=form)
    assert answer.status_code == code
    assert sentence in answer.text
    assert form["why"] in answer.text
    assert _handled_by(site, ticket) == "7411"


def test_both_offices_see_what_they_need(site: Site) -> None:
    ticket = site.asks()
    client = site.signed_in("officer")
    told = client.post(f"/inbox/7411/tickets/{ticket}/teruskan", data=WHY, follow_redirects=True)
    page = _plain(told.text)
    assert "Diteruskan ke BPS Kota Tarakan, yang kini menjawab warga." in page
    assert "Tarik kembali" in page
    assert "Jawaban ke warga" not in page
    assert "Tutup tiket" not in page
    receiver = _plain(site.signed_in("stranger").get(f"/inbox/6571/tickets/{ticket}").text)
    assert "Diteruskan dari BPS Kabupaten Kolaka Timur" in receiver
    assert "Yang ditanyakan data kantor lain" in receiver
    assert "meneruskan tiket ke BPS Kota Tarakan" in receiver
    assert "KTM-2026-00001" in site.signed_in("officer").get("/inbox/7411?list=forwarded").text
    assert "KTM-2026-00001" in site.signed_in("officer").get("/inbox/7411?q=00001").text


def test_the_first_office_notes_and_takes_back(site: Site) -> None:
    ticket = site.asks()
    client = site.signed_in("officer")
    client.post(f"/inbox/7411/tickets/{ticket}/teruskan", data=WHY)
    assert (
        client.post(f"/inbox/7411/tickets/{ticket}/note", data={"text": "Sudah ditelepon"}).status_code == 303
    )
    assert "Sudah ditelepon" in site.signed_in("stranger").get(f"/inbox/6571/tickets/{ticket}").text
    back = client.post(f"/inbox/7411/tickets/{ticket}/teruskan/kembali", follow_redirects=True)
    assert "Tiket kembali ke kantor Anda." in back.text
    assert "Jawaban ke warga" in back.text
    assert site.signed_in("stranger").get(f"/inbox/6571/tickets/{ticket}").status_code == 404


def test_the_receiver_may_pass_it_on_and_loses_it(site: Site) -> None:
    with site.runtime.database.write() as connection:
        officers.set_role(connection, site.people["former"], "1905", "officer")
    ticket = site.asks()
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/teruskan", data=WHY)
    stranger = site.signed_in("stranger")
    page = stranger.get(f"/inbox/6571/tickets/{ticket}/teruskan").text
    assert "Tiket ini hilang dari daftar kantor Anda." in page
    answer = stranger.post(f"/inbox/6571/tickets/{ticket}/teruskan", data={**WHY, "to": "1905"})
    assert answer.location == "/inbox/6571"
    assert stranger.get(f"/inbox/6571/tickets/{ticket}").status_code == 404
    assert site.signed_in("former").get(f"/inbox/1905/tickets/{ticket}").status_code == 200
    assert site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}").status_code == 200


def test_the_forms_need_their_token(guarded: Site) -> None:
    ticket = guarded.asks()
    for end in ("teruskan", "teruskan/kembali", "topic"):
        address = f"/inbox/7411/tickets/{ticket}/{end}"
        assert guarded.signed_in("officer").post(address, data=WHY).status_code == 400


def test_the_topic_is_shown_and_changed(site: Site) -> None:
    shares(site.runtime, assign="turns", topics=TOPICS)
    ticket = site.asks()
    client, address = site.signed_in("officer"), f"/inbox/7411/tickets/{ticket}"
    page = client.get(address).text
    assert '<option value="tani" selected>Pertanian</option>' in page
    assert "Loket memberikan tiket kepada Officer (gilirannya; topik Pertanian)" in _plain(page)
    client.post(f"{address}/topic", data={"topic": "harga"})
    assert "mengganti topik: Harga dan inflasi" in _plain(client.get(address).text)
    for wrong in ("unknown", "x" * 400):
        assert (
            "Pilih topik dari daftar."
            in client.post(f"{address}/topic", data={"topic": wrong}, follow_redirects=True).text
        )
    client.post(f"{address}/topic", data={"topic": ""})
    assert "mengganti topik: tidak ada" in _plain(client.get(address).text)
    assert [one["topic"] for one in logged(site.runtime, ticket, "topic_set")] == ["harga", ""]
