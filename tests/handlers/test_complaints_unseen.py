"""Whom a complaint is not for learns nothing of it: no mere officer, and no supervisor it is about."""

import io
import zipfile

import pytest
from sqlalchemy import select, update

from handlers import people
from handlers.web.streams import concerns
from storage import changes, complaints, copying, officers
from storage.columns import table
from storage.inbox import View
from storage.tables import Ticket
from tests.handlers.site import Site
from tests.handlers.test_own_data_merged import contact_of

TOLD = "pengaduan petugas zebra kasar sekali"


def _everything_shown(site: Site, ticket: int) -> str:
    """What an officer's pages show of a ticket and of the searches a suspicious one would try."""
    client = site.signed_in("officer")
    addresses = [f"/inbox/7411/tickets/{ticket}", "/inbox/7411?list=open"]
    return "".join(client.get(address).text for address in addresses)


@pytest.mark.parametrize("given_up", ["tidak", "batal", "menu"])
def test_a_complaint_given_up_is_not_quoted_on_the_next_request(given_up: str, site: Site) -> None:
    site.writes("halo")
    site.writes(TOLD)
    site.writes(given_up)
    shown = _everything_shown(site, site.asks())
    assert "Ringkasan" in shown
    assert "zebra" not in shown
    assert "KTM-2026-00001" not in site.signed_in("officer").get("/inbox/7411?q=zebra").text


@pytest.mark.parametrize("then", [(), ("batal",), ("Petugas zebra kasar sekali kemarin",)])
def test_telling_a_complaint_beside_a_consultation_changes_nothing_there(
    then: tuple[str, ...], site: Site
) -> None:
    ticket = site.asks()
    officer = site.signed_in("officer")
    before = officer.get("/inbox/7411/changes").headers["ETag"]
    for words in ("PENGADUAN", *then):
        site.writes(words)
    shown = _everything_shown(site, ticket)
    assert "pengaduan" not in shown.lower()
    assert "batalkan" not in shown
    assert officer.get("/inbox/7411/changes").headers["ETag"] == before


def test_the_supervisor_reads_the_questions_on_the_complaint(site: Site) -> None:
    site.asks()
    site.writes("PENGADUAN")
    site.writes("Petugas zebra kasar sekali kemarin")
    said = site.bodies(site.newest_ticket(), "bot")
    assert len(said) == 2
    assert "Silakan tulis pengaduan" in said[0]


PLACES = (
    "/inbox/7411?list=complaints",
    "/inbox/7411?list=waiting",
    "/inbox/7411?list=open",
    "/inbox/7411?list=overdue",
    "/inbox/7411?q=zebra",
    "/inbox/7411?q=P-2026",
    "/inbox/7411/pengaduan",
    "/inbox/7411/pengaduan/cetak",
    "/inbox/7411/changes",
)


def _accuse(site: Site, ticket: int, name: str = "supervisor") -> None:
    with site.runtime.database.write() as connection:
        complaints.keep_from(connection, ticket, [site.people[name]], "said", site.clock())


def _complains(site: Site) -> int:
    site.writes("pengaduan", address="+6281299990000")
    site.writes("Pegawai itu kasar seperti zebra kemarin", address="+6281299990000")
    return site.newest_ticket()


@pytest.mark.parametrize("place", PLACES)
def test_a_supervisor_finds_nothing_of_a_complaint_about_them(place: str, site: Site) -> None:
    ticket = _complains(site)
    with site.runtime.database.write() as connection:
        connection.execute(update(table(Ticket)).values(due_at=site.clock()))
    site.clock.forward(days=1)
    before = site.signed_in("supervisor").get(place)
    _accuse(site, ticket)
    after = site.signed_in("supervisor").get(place)
    assert after.status_code == 200
    assert "zebra" not in after.text.replace("q=zebra", "").replace('value="zebra"', "").replace(
        "“zebra”", ""
    )
    assert "KTM-P-" not in after.text
    if place.endswith("changes"):
        assert before.headers["ETag"] != after.headers["ETag"]
    else:
        assert "KTM-P-" in before.text


def test_a_supervisor_it_is_about_sees_no_counts_of_it(site: Site) -> None:
    ticket = _complains(site)
    counted = '<span class="count">1</span>'
    assert counted in site.signed_in("supervisor").get("/inbox/7411").text
    _accuse(site, ticket)
    assert counted not in site.signed_in("supervisor").get("/inbox/7411").text


def test_other_tickets_of_the_citizen_do_not_show_it(site: Site) -> None:
    ticket = site.asks()
    site.writes("pengaduan")
    site.writes("Pegawai itu kasar seperti zebra kemarin")
    page = f"/inbox/7411/tickets/{ticket}"
    assert "KTM-P-" in site.signed_in("supervisor").get(page).text
    _accuse(site, site.newest_ticket())
    assert "KTM-P-" not in site.signed_in("supervisor").get(page).text


def test_an_open_page_hears_nothing_of_a_complaint_about_its_reader(site: Site) -> None:
    ticket = _complains(site)
    _accuse(site, ticket)
    with site.runtime.database.read() as connection:
        (touched,) = changes.since(connection, None)
    accused, other = site.people["supervisor"], site.people["officer"]
    assert not concerns(View("7411", accused, complaints=True), touched)
    assert concerns(View("7411", other, complaints=True), touched)
    assert not concerns(View("7411", other, complaints=False), touched)


PHONE = "+6281234567890"
MAILED = (
    b"From: Siti <siti@contoh.id>\r\nSubject: Pengaduan zebra\r\nMessage-ID: <satu@contoh.id>\r\n\r\n"
    b"PENGADUAN: petugas itu kasar seperti zebra kemarin."
)


def _read(raw: bytes) -> str:
    """Everything in a copy, as text."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def _copy(site: Site, ticket: int, name: str = "supervisor") -> str:
    answer = site.signed_in(name).post(f"/inbox/7411/tickets/{ticket}/person/copy")
    assert answer.status_code == 200
    return _read(answer.data)


def _asked_and_complained(site: Site) -> int:
    """The ticket of somebody who then complained about the supervisor."""
    ticket = site.asks()
    site.writes("pengaduan")
    site.writes("Pegawai itu kasar seperti zebra kemarin")
    _accuse(site, site.newest_ticket())
    return ticket


def test_a_supervisor_takes_no_copy_of_a_complaint_about_them(site: Site) -> None:
    ticket = _asked_and_complained(site)
    told = _copy(site, ticket)
    assert "luas panen" in told
    for words in ("zebra", "KTM-P-", '"complaint_id": 2', "complaint_draft", '"complaint": ['):
        assert words not in told


def test_others_and_the_citizen_get_it(site: Site) -> None:
    ticket = _asked_and_complained(site)
    with site.runtime.database.write() as connection:
        officers.set_role(connection, site.people["officer"], "7411", "supervisor")
    assert "zebra" in _copy(site, ticket, "officer")
    with site.runtime.database.read() as connection:
        rows = copying.of(connection, contact_of(site, PHONE))
    assert "zebra" in str(rows["message"])
    assert "state" in rows["conversation"][0]


def test_nor_of_one_that_was_closed(site: Site) -> None:
    ticket = _asked_and_complained(site)
    with site.runtime.database.write() as connection:
        connection.execute(update(table(Ticket)).values(status="closed", closed_at=site.clock()))
    told = _copy(site, ticket)
    assert "zebra" not in told
    assert "KTM-P-" not in told


def test_nor_of_one_that_came_by_mail(site: Site) -> None:
    site.mail_arrives(MAILED)
    site.mail_arrives(MAILED.replace(b"\r\n\r\n", b"\r\nX-Moved: 1\r\n\r\n", 1))
    site.complains(address="+6281299990000")
    ticket = site.asks()
    merged = people.merge(
        *(site.runtime, site.people["supervisor"], "7411"),
        *(contact_of(site, PHONE), contact_of(site, "siti@contoh.id")),
    )
    assert merged is None
    with site.runtime.database.read() as connection:
        mailed = connection.execute(select(table(Ticket)).order_by(table(Ticket).c.id)).first()
    assert mailed is not None
    assert mailed.kind == "complaint"
    assert "zebra" in _copy(site, ticket)
    _accuse(site, mailed.id)
    told = _copy(site, ticket)
    assert "luas panen" in told
    assert "siti@contoh.id" in told
    for words in ("zebra", "KTM-P-", "satu@contoh.id"):
        assert words not in told


def test_nor_of_one_that_is_not_filed_yet(site: Site) -> None:
    ticket = site.asks()
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/close")
    site.clock.forward(days=2)
    site.writes("halo")
    site.writes(TOLD)
    with site.runtime.database.read() as connection:
        assert "zebra" in str(copying.of(connection, contact_of(site, PHONE)))
    assert "zebra" not in _copy(site, ticket)


def test_a_supervisor_finds_nobody_by_the_number_of_a_complaint_about_them(site: Site) -> None:
    ticket, complaint = site.asks(), _complains(site)
    by_number = f"/inbox/7411/tickets/{ticket}/person?with=KTM-P-2026-00001"
    by_address = f"/inbox/7411/tickets/{ticket}/person?with=081299990000"
    client = site.signed_in("supervisor")
    assert "9999-0000" in client.get(by_number).text
    assert "1 tiket" in client.get(by_address).text
    _accuse(site, complaint)
    assert "9999-0000" not in client.get(by_number).text
    assert "0 tiket" in client.get(by_address).text


def test_the_list_of_wishes_does_not_name_it(site: Site) -> None:
    complaint = site.complains(address=PHONE)
    site.writes("hapus data saya")
    site.writes("ya hapus")
    client = site.signed_in("supervisor")
    assert "KTM-P-" in client.get("/inbox/7411/data-pribadi").text
    _accuse(site, complaint)
    page = client.get("/inbox/7411/data-pribadi").text
    assert "KTM-P-" not in page
    assert "masih ada yang terbuka" not in page
