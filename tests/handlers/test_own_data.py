"""The copy of one's data, field by field; requests, their deadlines and the supervisors' page."""

import io
import json
import re
import zipfile
from datetime import datetime
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select, update

from handlers import erasing_due, jobs, wishes
from storage import alarms, complaints, copying, officers, personal, privacy_requests, theirs
from storage.columns import Base, table
from storage.tables import Ticket
from tests.handlers.site import Site
from tests.handlers.test_person_page import _contact, _get, _post
from tests.handlers.whole import found

TICKET = table(Ticket)
PHONE, OTHER = "+6281234567890", "+6281299998888"
LETTER = (
    b"From: Siti <siti@contoh.id>\r\nSubject: Data inflasi\r\nMessage-ID: <satu@contoh.id>\r\n\r\n"
    b"Mohon data inflasi 2023 untuk skripsi. Nama Siti."
)


def _link(site: Site) -> str:
    found_link = re.search(r"/data-saya/\S+", site.last_said())
    assert found_link is not None
    return found_link[0]


def _zip(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _lived(site: Site) -> int:
    """Somebody who asked, was noted about, rated, complained and wrote a letter; a neighbour beside them."""
    ticket = site.asks()
    client = site.signed_in("officer")
    client.post(f"/inbox/7411/tickets/{ticket}/note", data={"text": "catatan rahasia", "form_id": "a" * 36})
    client.post(f"/inbox/7411/tickets/{ticket}/close")
    site.writes("4 bagus")
    site.asks("Mohon data mentimun Kolaka Timur 2023 untuk skripsi", address=OTHER)
    return ticket


def test_the_copy_holds_every_field_of_every_row(site: Site) -> None:
    ticket = _lived(site)
    site.writes("data saya")
    got = _zip(site.app.test_client().post(_link(site)).data)
    told = json.loads(got["data.json"])
    contact = _contact(site, ticket)
    compared = 0
    with site.runtime.database.read() as connection:
        ids = theirs.of(connection, [contact], of_others=False)
        for table in Base.metadata.sorted_tables:
            if not personal.is_personal(table) or table.name in personal.NOT_THEIRS or "id" not in table.c:
                continue
            rows = {row.id: row for row in theirs.rows_of(connection, table, ids.get(table.name, ()))}
            if table.name == "message":
                rows = {key: row for key, row in rows.items() if row.direction != "note"}
            if table.name == "privacy_request":
                continue  # it counts the download itself
            given = {row["id"]: row for row in told.get(table.name, ())}
            assert given.keys() == rows.keys(), table.name
            withheld = personal.WITHHELD.get(table.name, frozenset())
            for column in table.columns:
                assert column.name in withheld or all(
                    given[key][column.name] == _json(getattr(row, column.name)) for key, row in rows.items()
                ), column
                compared += column.name not in withheld
    assert compared > 100
    assert {
        "contact",
        "address",
        "conversation",
        "message",
        "ticket",
        "ticket_event",
        "rating",
    } <= told.keys()
    everything = b"".join(got.values()).decode()
    assert "luas panen padi" in everything
    for others in ("mentimun", OTHER, "catatan rahasia"):
        assert others not in everything


def test_letters_come_as_they_came(site: Site) -> None:
    site.mail_arrives(LETTER)
    ticket = site.newest_ticket()
    with site.runtime.database.read() as connection:
        rows = copying.of(connection, _contact(site, ticket))
    assert [row["raw"] for row in rows["mail"]] == [LETTER]
    client = site.signed_in("supervisor")
    got = _zip(client.post(f"/inbox/7411/tickets/{ticket}/person/copy").data)
    assert LETTER in got.values()
    assert "Mohon data inflasi 2023" in got["baca.html"].decode()


def test_the_link_ends_and_works_a_few_times(site: Site) -> None:
    site.asks()
    site.writes("data saya")
    link, client = _link(site), site.app.test_client()
    page = client.get(link)
    assert "Unduh" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    answers = [client.post(link) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[0].headers["Content-Disposition"].startswith("attachment;")
    assert answers[0].headers["Cache-Control"] == "no-store"
    site.writes("data saya")
    later = _link(site)
    site.clock.forward(days=8)
    assert client.get(later).status_code == 404
    assert client.get(later[:-1] + "a").status_code == 404


def _asks_erasure(site: Site) -> None:
    site.writes("hapus data saya")
    site.writes("ya hapus")


def test_with_something_open_a_supervisor_erases(site: Site) -> None:
    ticket = site.asks()
    _asks_erasure(site)
    jobs.run_all(site.runtime)
    page = site.signed_in("supervisor").get("/inbox/7411/data-pribadi").text
    assert "72 jam lagi" in page
    assert "Menunggu pengawas" in page
    assert "KTM-2026-00001" in page
    site.clock.forward(hours=73)
    jobs.run_all(site.runtime)
    assert "terlambat 1 jam" in site.signed_in("supervisor").get("/inbox/7411/data-pribadi").text
    assert "Permintaan hapus data menunggu" in site.signed_in("supervisor").get("/inbox/7411").text
    assert "Permintaan hapus data menunggu" not in site.signed_in("officer").get("/inbox/7411").text
    site.signed_in("supervisor").post("/inbox/7411/data-pribadi/1")
    jobs.run_all(site.runtime)
    assert site.last_said().startswith("Sesuai permintaan, data Bapak/Ibu")
    site.clock.forward(hours=2)
    jobs.run_all(site.runtime)
    assert found(site.runtime, [PHONE, "luas panen", "Siti Contoh"]) == set()
    jobs.run_all(site.runtime)
    with site.runtime.database.read() as connection:
        assert alarms.open_alarms(connection, "7411") == []
    assert "data sudah dihapus" in site.signed_in("supervisor").get("/inbox/7411/data-pribadi").text
    shown = site.signed_in("officer").get(f"/inbox/7411/tickets/{ticket}")
    assert shown.status_code == 200
    assert "Data warga ini sudah dihapus" in shown.text
    assert site.signed_in("officer").get("/inbox/7411?list=closed").status_code == 200


def test_the_list_says_when_somebody_is_told_and_when_erased(site: Site) -> None:
    site.writes("halo")
    _asks_erasure(site)  # on Monday, 6 July, shortly after 9
    page = site.signed_in("supervisor").get("/inbox/7411/data-pribadi").text
    told = "Warga diberi tahu pada Selasa, 7 Juli 2026 pukul 05.00 WITA"
    assert f"{told}, dan datanya dihapus satu jam kemudian." in page


def test_with_nothing_open_it_happens_by_itself_unless_taken_back(site: Site) -> None:
    site.writes("halo")
    _asks_erasure(site)
    site.clock.forward(hours=19)
    jobs.run_all(site.runtime)
    site.writes("batal hapus")
    site.clock.forward(hours=10)
    jobs.run_all(site.runtime)
    assert found(site.runtime, [PHONE])
    _asks_erasure(site)
    site.clock.forward(hours=21)
    jobs.run_all(site.runtime)
    site.clock.forward(hours=2)
    jobs.run_all(site.runtime)
    assert found(site.runtime, [PHONE]) == set()


def test_who_opens_something_meanwhile_waits_for_a_supervisor(site: Site) -> None:
    site.writes("halo")
    _asks_erasure(site)
    site.asks()
    site.clock.forward(hours=21)
    jobs.run_all(site.runtime)
    with site.runtime.database.read() as connection:
        (row,) = privacy_requests.waiting(connection)
        alarm = alarms.find(connection, wishes.alarm_key("7411"))
    assert row.state == "waiting"
    assert alarm is not None
    assert found(site.runtime, [PHONE])


def test_a_supervisor_erases_who_asked_at_the_counter(site: Site) -> None:
    ticket = site.asks()
    assert "Centang dulu" in _post(site, ticket, "erase")
    assert "Hapus semua datanya" in _get(site, ticket, "/person")
    assert "datanya dihapus satu jam kemudian" in _post(site, ticket, "erase", sure="yes")
    assert "sudah berjalan" in _post(site, ticket, "erase", sure="yes")
    jobs.run_all(site.runtime)
    site.clock.forward(hours=2)
    jobs.run_all(site.runtime)
    assert found(site.runtime, [PHONE]) == set()


@pytest.mark.parametrize("request_id", [1, 99])
def test_another_office_confirms_nothing(site: Site, request_id: int) -> None:
    site.asks()
    _asks_erasure(site)
    assert not erasing_due.confirm(site.runtime, "6571", request_id, site.people["stranger"])
    with site.runtime.database.read() as connection:
        row = connection.execute(select(privacy_requests.REQUEST)).one()
    assert row.state == "waiting"


def _later(site: Site, *, hours: int = 0, minutes: int = 0) -> None:
    site.clock.forward(hours=hours, minutes=minutes)
    jobs.run_all(site.runtime)


def _state(site: Site) -> str:
    with site.runtime.database.read() as connection:
        return str(connection.execute(select(privacy_requests.REQUEST.c.state)).scalar_one())


def _confirms(site: Site, name: str = "supervisor") -> None:
    page = site.signed_in(name).post("/inbox/7411/data-pribadi/1", follow_redirects=True).text
    assert "Dicatat. Warga diberi tahu" in page
    jobs.run_all(site.runtime)


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_is_asked_in_the_last_hour_is_not_lost(confirmed: bool, site: Site) -> None:
    site.writes("halo")
    _asks_erasure(site)
    if confirmed:
        _confirms(site)
    else:
        _later(site, hours=21)
    assert "silakan menulis seperti biasa" in site.last_said()
    _later(site, minutes=10)
    ticket = site.asks()
    assert "paling lambat dalam 3 (tiga) hari kerja" in site.last_said()
    _later(site, hours=2)
    with site.runtime.database.read() as connection:
        row = connection.execute(select(TICKET).where(TICKET.c.id == ticket)).one()
        assert alarms.find(connection, wishes.alarm_key("7411")) is not None
    assert (row.status, row.close_reason, _state(site)) == ("open", None, "waiting")
    _confirms(site)
    assert "silakan menulis seperti biasa" in site.last_said()
    _later(site, hours=2)
    assert found(site.runtime, [PHONE, "luas panen"]) == set()


def test_what_is_asked_anew_in_the_last_hour_is_not_lost(site: Site) -> None:
    """A ticket that the supervisor saw closed is opened again by its citizen."""
    ticket = site.asks()
    site.asks("Mohon data inflasi Kolaka Timur 2023 untuk skripsi")
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/close")
    _asks_erasure(site)
    _confirms(site)
    _later(site, minutes=10)
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/reopen")
    _later(site, hours=2)
    assert _state(site) == "waiting"


def test_what_a_supervisor_has_seen_open_does_not_come_back(site: Site) -> None:
    site.asks()
    _asks_erasure(site)
    site.clock.forward(minutes=5)
    _confirms(site)
    site.writes("terima kasih")
    _later(site, hours=2)
    assert found(site.runtime, [PHONE]) == set()


def test_what_is_opened_between_the_word_and_the_telling_is_seen_first(site: Site) -> None:
    site.asks()
    _asks_erasure(site)
    assert erasing_due.confirm(site.runtime, "7411", 1, site.people["supervisor"])
    site.complains(address=PHONE)
    jobs.run_all(site.runtime)
    assert _state(site) == "waiting"


def _accuse(site: Site, ticket: int) -> None:
    with site.runtime.database.write() as connection:
        complaints.keep_from(connection, ticket, [site.people["supervisor"]], "said", site.clock())
        officers.set_role(connection, site.people["officer"], "7411", "supervisor")


def _close(site: Site, ticket: int) -> None:
    with site.runtime.database.write() as connection:
        closed = update(TICKET).where(TICKET.c.id == ticket)
        connection.execute(closed.values(status="closed", closed_at=site.clock()))


@pytest.mark.parametrize("closed", [False, True])
def test_the_word_of_whom_a_complaint_is_about_erases_nothing(closed: bool, site: Site) -> None:
    site.asks()
    complaint = site.complains(address=PHONE)
    _accuse(site, complaint)
    if closed:
        _close(site, complaint)
    _asks_erasure(site)
    _confirms(site)
    assert _state(site) == "waiting"
    _later(site, hours=2)
    assert found(site.runtime, ["Surat kami seminggu"])
    _confirms(site, "officer")
    _later(site, hours=2)
    assert found(site.runtime, [PHONE, "Surat kami seminggu"]) == set()


@pytest.mark.parametrize("closed", [False, True])
def test_nor_when_they_say_that_it_was_asked_elsewhere(closed: bool, site: Site) -> None:
    ticket, complaint = site.asks(), site.complains(address=PHONE)
    _accuse(site, complaint)
    for each in (ticket, complaint) if closed else ():
        _close(site, each)
    assert "Dicatat. Warga diberi tahu" in _post(site, ticket, "erase", sure="yes")
    _later(site)
    _later(site, hours=2)
    assert _state(site) == "waiting"
    assert found(site.runtime, ["Surat kami seminggu"])
    with site.runtime.database.read() as connection:
        assert alarms.find(connection, wishes.alarm_key("7411")) is not None


def test_nor_when_they_bring_its_citizen_there_afterwards(site: Site) -> None:
    complaint, ticket = site.complains(address=OTHER), site.asks()
    _accuse(site, complaint)
    assert "Dicatat. Warga diberi tahu" in _post(site, ticket, "erase", sure="yes")
    _later(site)
    _post(site, ticket, "merge", contact=_contact(site, complaint))
    _later(site, hours=2)
    assert _state(site) == "waiting"
    assert found(site.runtime, ["Surat kami seminggu"])


def test_their_word_does_not_hold_up_what_happens_by_itself(site: Site) -> None:
    complaint = site.complains(address=PHONE)
    _accuse(site, complaint)
    _close(site, complaint)
    site.clock.forward(days=2)
    _asks_erasure(site)
    _confirms(site)
    assert _state(site) == "scheduled"
    _later(site, hours=21)
    _later(site, hours=2)
    assert found(site.runtime, [PHONE]) == set()


def test_where_nobody_else_may_decide_the_administrator_hears_of_it(site: Site) -> None:
    complaint = site.complains(address=PHONE)
    with site.runtime.database.write() as connection:
        theirs_too = [site.people["supervisor"], site.people["disabled"]]
        complaints.keep_from(connection, complaint, theirs_too, "said", site.clock())
    _asks_erasure(site)
    _confirms(site)
    with site.runtime.database.read() as connection:
        assert alarms.find(connection, f"complaint_unread:{complaint}") is not None


def test_the_copy_holds_no_file_whose_name_was_only_written(site: Site) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "Zul <zul@contoh.id>", "Data", "<satu@contoh.id>"
    mail.set_content("Mohon data inflasi 2023 untuk skripsi")
    mail.add_attachment(b"%PDF-1.4 punya Zul", "application", "pdf", filename="ktp.pdf")
    site.mail_arrives(mail.as_bytes())
    theirs_alone = sha256(b"%PDF-1.4 punya Zul").hexdigest()
    assert site.runtime.files.get(theirs_alone)
    ticket = site.newest_ticket()
    site.writes("halo")
    site.writes(theirs_alone)
    site.writes("data saya")
    got = _zip(site.app.test_client().post(_link(site)).data)
    assert theirs_alone in got["data.json"].decode()
    assert [name for name in got if name.startswith("berkas/")] == []
    client = site.signed_in("supervisor")
    got = _zip(client.post(f"/inbox/7411/tickets/{ticket}/person/copy").data)
    assert [name for name in got if name.startswith("berkas/")] == [f"berkas/{theirs_alone}"]
