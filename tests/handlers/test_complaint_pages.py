"""The register of complaints: its page, its filters, its print, and what a supervisor enters."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from storage.columns import table
from storage.complaint_register import PAGE
from storage.complaints import COMPLAINT
from storage.tables import TicketEvent
from storage.voice_tables import Complaint
from tests.handlers.filling import form
from tests.handlers.site import Site
from tests.storage.seeding import Thread, put

REGISTER = "/inbox/7411/pengaduan"
ENTERED = {
    "category": "behaviour",
    "weight": "usual",
    "plan": "Memanggil petugas dan meminta maaf",
    "plan_by": "  Kepala   Subbagian Umum ",
    "plan_due": "2026-07-20",
}


def treated(site: Site, ticket: int, **told: str) -> str:
    """What the register shows after a supervisor has entered this."""
    client = site.signed_in("supervisor")
    answer = client.post(f"{REGISTER}/{ticket}", data={**ENTERED, **told}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_the_register_shows_what_was_entered(site: Site) -> None:
    ticket = site.complains()
    assert "Tindak lanjut pengaduan disimpan." in treated(site, ticket)
    page = site.signed_in("supervisor").get(REGISTER).text
    for told in (
        *("KTM-P-2026-00001", "Perilaku pelaksana", "Surat kami seminggu tidak dijawab"),
        *("Memanggil petugas", "Kepala Subbagian Umum", "Senin, 20 Juli 2026"),
    ):
        assert told in page


def test_the_page_of_a_complaint_tells_every_deadline(site: Site) -> None:
    ticket = site.complains()
    page = site.signed_in("supervisor").get(f"/inbox/7411/tickets/{ticket}").text
    for told in ("Tanda terima", "Pemeriksaan kelengkapan", "Tanggapan", "Penyelesaian"):
        assert told in page
    assert "Tahap berikutnya:" in page
    assert "Senin, 13 Juli 2026 pukul 15.30 WITA" in page
    assert "tepat waktu" in page


def test_a_consultation_has_no_such_card(site: Site) -> None:
    page = site.signed_in("supervisor").get(f"/inbox/7411/tickets/{site.asks()}").text
    assert 'id="pengaduan"' not in page


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", {1, 2}),
        ("?keadaan=open", {1}),
        ("?keadaan=closed", {2}),
        ("?keadaan=late", set()),
        ("?unsur=behaviour", {1}),
        ("?unsur=-", {2}),
        ("?dari=2026-07-06", {1, 2}),
        ("?dari=2026-07-07", set()),
        ("?sampai=2026-07-06", {1, 2}),
        ("?sampai=2026-07-05", set()),
    ],
)
@pytest.mark.parametrize("place", [REGISTER, f"{REGISTER}/cetak"])
def test_the_filters(place: str, asked: str, shown: set[int], site: Site) -> None:
    treated(site, site.complains())
    second = site.complains(address="+6281299990002")
    site.signed_in("supervisor").post(f"/inbox/7411/tickets/{second}/close")
    page = site.signed_in("supervisor").get(f"{place}{asked}").text
    assert {number for number in (1, 2) if f"KTM-P-2026-0000{number}" in page} == shown


def test_what_is_late_is_found(site: Site) -> None:
    site.complains()
    site.clock.forward(days=8)
    page = site.signed_in("supervisor").get(f"{REGISTER}?keadaan=late").text
    assert "KTM-P-2026-00001" in page
    assert 'class="stage late"' in page


@pytest.mark.parametrize("asked", ["?keadaan=semua", "?unsur=warna"])
def test_a_filter_that_does_not_exist(asked: str, site: Site) -> None:
    assert site.signed_in("supervisor").get(f"{REGISTER}{asked}").status_code == 404


def test_a_date_that_is_none_is_said_so(site: Site) -> None:
    site.complains()
    page = site.signed_in("supervisor").get(f"{REGISTER}?dari=kemarin").text
    assert "Tanggal tidak terbaca" in page
    assert "KTM-P-2026-00001" in page


def test_the_whole_register_prints(site: Site) -> None:
    many = PAGE + 3
    with site.runtime.database.write() as connection:
        thread = Thread(connection, "7411", "aduan")
        for number in range(many):
            text = {"text": f"isi pengaduan nomor {number} selengkapnya"}
            ticket = thread.ticket(kind="complaint", request=text, status="closed", closed_at=site.clock())
            put(connection, Complaint, ticket_id=ticket, office="7411")
    client = site.signed_in("supervisor")
    first = client.get(REGISTER).text
    assert first.count("KTB-P-") + first.count("KTM-P-") == PAGE
    assert client.get(f"{REGISTER}?page=1").text.count("<tr>") == 1 + 3
    printed = client.get(f"{REGISTER}/cetak").text
    assert printed.count("selengkapnya") == many
    assert "RAHASIA" in printed
    assert f"{many} pengaduan" in printed


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"category": "warna"}, "Pilih unsur dan bobot"),
        ({"weight": "berat"}, "Pilih unsur dan bobot"),
        ({"plan_due": "besok"}, "Tanggal tidak terbaca"),
        ({"plan": " "}, "Tulis dulu rencana"),
    ],
)
def test_what_can_not_be_kept_is_said(told: dict[str, str], problem: str, site: Site) -> None:
    ticket = site.complains()
    answer = site.signed_in("supervisor").post(f"{REGISTER}/{ticket}", data={**ENTERED, **told})
    assert (answer.status_code, problem in answer.text) == (422, True)
    with site.runtime.database.read() as connection:
        assert connection.execute(select(COMPLAINT.c.plan, COMPLAINT.c.category)).one() == ("", "")


def test_what_is_refused_is_still_there(site: Site) -> None:
    ticket, other = site.complains(), str(site.people["officer"])
    told = {**ENTERED, "plan": " ", "accused": other}
    page = site.signed_in("supervisor").post(f"{REGISTER}/{ticket}", data=told).text
    again = form(page, f"{REGISTER}/{ticket}")
    assert {name: again[name] for name in ("category", "weight", "plan_by", "plan_due", "accused")} == {
        name: told[name] for name in ("category", "weight", "plan_by", "plan_due", "accused")
    }
    again["plan"] = ENTERED["plan"]
    answer = site.signed_in("supervisor").post(f"{REGISTER}/{ticket}", data=again, follow_redirects=True)
    assert "Tindak lanjut pengaduan disimpan." in answer.text


def test_a_colleagues_save_is_not_overwritten_and_stands_beside_what_was_entered(site: Site) -> None:
    ticket, other = site.complains(), str(site.people["officer"])
    mine, place = site.signed_in("supervisor"), f"{REGISTER}/{ticket}"
    old = form(mine.get(f"/inbox/7411/tickets/{ticket}").text, place)
    treated(site, ticket, accused=other)
    old["category"] = "time"
    answer = mine.post(place, data=old)
    assert answer.status_code == 409
    assert "rekan Anda lebih dulu menyimpan yang lain" in answer.text
    assert "Kini tersimpan: Perilaku pelaksana" in answer.text
    again = form(answer.text, place)
    assert (again["category"], again["plan"], again["accused"]) == ("time", ENTERED["plan"], other)
    assert "Tindak lanjut pengaduan disimpan." in mine.post(place, data=again, follow_redirects=True).text
    kept = form(mine.get(f"/inbox/7411/tickets/{ticket}").text, place)
    assert (kept["category"], kept["weight"], kept["accused"]) == ("time", ENTERED["weight"], other)


def test_a_plan_of_a_day_that_nobody_means_can_still_be_mended(site: Site) -> None:
    ticket = site.complains()
    with site.runtime.database.write() as connection:
        connection.execute(COMPLAINT.update().values(plan="lama", plan_due=date(9999, 12, 31)))
    client, place = site.signed_in("supervisor"), f"{REGISTER}/{ticket}"
    told = form(client.get(f"/inbox/7411/tickets/{ticket}").text, place)
    assert client.post(place, data=told).status_code == 422
    told["plan_due"] = "2026-07-20"
    assert client.post(place, data=told).status_code == 303


def test_complete_and_done_are_each_said_once(site: Site) -> None:
    ticket = site.complains()
    client = site.signed_in("supervisor")
    assert "ditandai lengkap" in client.post(f"{REGISTER}/{ticket}/lengkap", follow_redirects=True).text
    assert "ditandai lengkap" not in client.post(f"{REGISTER}/{ticket}/lengkap", follow_redirects=True).text
    treated(site, ticket)
    assert "ditandai selesai" in client.post(f"{REGISTER}/{ticket}/rencana", follow_redirects=True).text
    rows = table(TicketEvent)
    with site.runtime.database.read() as connection:
        for what in ("complaint_complete", "plan_done", "treated"):
            assert connection.execute(select(func.count()).where(rows.c.what == what)).scalar() == 1


def test_a_supervisor_who_says_that_it_is_about_them_sees_it_no_more(site: Site) -> None:
    ticket = site.complains()
    page = treated(site, ticket, accused=str(site.people["supervisor"]))
    assert "tidak diperlihatkan kepada Anda" in page
    assert "KTM-P-2026-00001" not in page
    assert site.signed_in("supervisor").get(f"/inbox/7411/tickets/{ticket}").status_code == 404


def test_who_it_is_about_is_offered_to_nobody_as_its_officer(site: Site) -> None:
    ticket = site.complains()
    other = site.people["disabled"]  # a supervisor, in spite of the name
    offered = f'<option value="{other}">'
    assert offered in site.signed_in("supervisor").get(f"/inbox/7411/tickets/{ticket}").text
    page = treated(site, ticket, accused=str(other))
    assert offered not in page
    assert "ditetapkan pengawas" in page


def test_every_page_is_called_what_leads_to_it(site: Site) -> None:
    client = site.signed_in("supervisor")
    pages = re.findall(
        r'<li[^>]*><a href="(/inbox/7411/[a-z-]+)"[^>]*>([^<]+)', client.get("/inbox/7411").text
    )
    assert len(pages) >= 7
    for path, name in pages:
        assert f"<h1>{name}" in client.get(path).text, path
