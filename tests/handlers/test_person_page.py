"""The page where a supervisor merges two contacts, and the card that leads to it."""

import re
from html import unescape

from sqlalchemy import insert, select, update

from storage.columns import table
from storage.mail_tables import Notice
from storage.tables import Address, Contact, Ticket
from tests.handlers.site import Site

SECOND = "+6281299998888"
ADDRESS, CONTACT, NOTICE, TICKET = table(Address), table(Contact), table(Notice), table(Ticket)
MAIL = b"From: Budi <budi@contoh.id>\r\nSubject: Data\r\n\r\nSaya ingin bicara dengan petugas"


def _get(site: Site, ticket: int, what: str = "", who: str = "supervisor") -> str:
    answer = site.signed_in(who).get(f"/inbox/7411/tickets/{ticket}{what}")
    assert answer.status_code == 200
    return unescape(answer.text)


def _post(site: Site, ticket: int, act: str, who: str = "supervisor", **form: object) -> str:
    address = f"/inbox/7411/tickets/{ticket}/person/{act}"
    answer = site.signed_in(who).post(address, data=form, follow_redirects=True)
    assert answer.status_code == 200
    return unescape(answer.text)


def _contact(site: Site, ticket: int) -> int:
    with site.runtime.database.read() as connection:
        return int(connection.execute(select(TICKET.c.contact_id).where(TICKET.c.id == ticket)).scalar_one())


def _by_mail(site: Site) -> int:
    site.mail_arrives(MAIL)
    return site.newest_ticket()


def test_a_supervisor_finds_merges_and_undoes(site: Site) -> None:
    ticket, other = site.asks(), site.asks(address=SECOND)
    assert "Gabungkan dengan kontak lain" in _get(site, ticket)
    for query in ("0812 9999 8888", "+6281299998888", "ktm-2026-00002"):
        page = _get(site, ticket, f"/person?with={query}".replace("+", "%2B"))
        assert "+62 812-9999-8888" in page
    assert "Tidak ada kontak lain" in _get(site, ticket, "/person?with=0813")
    page = _post(site, ticket, "merge", contact=_contact(site, other))
    assert "Kedua kontak digabungkan." in page
    assert re.search(r"Sudah digabungkan.*Siti Contoh.*Supervisor.*\+62 812-9999-8888", page, re.DOTALL)
    assert _contact(site, other) == _contact(site, ticket)
    assert "KTM-2026-00002" in _get(site, ticket)
    found = re.search(r'name="merge" value="(\d+)"', page)
    assert found is not None
    page = _post(site, ticket, "unmerge", merge=found[1])
    assert "Penggabungan kontak dibatalkan." in page
    assert _contact(site, other) != _contact(site, ticket)


def test_an_officer_does_not_merge_contacts(site: Site) -> None:
    ticket = site.asks()
    assert "Gabungkan dengan kontak lain" not in _get(site, ticket, who="officer")
    client = site.signed_in("officer")
    assert client.get(f"/inbox/7411/tickets/{ticket}/person").status_code == 404
    assert client.post(f"/inbox/7411/tickets/{ticket}/person/merge").status_code == 404


def test_nonsense_is_refused_in_words(site: Site) -> None:
    ticket = site.asks()
    assert "Kontak itu tidak ditemukan" in _post(site, ticket, "merge", contact="x")
    assert "Itu kontak yang sama." in _post(site, ticket, "merge", contact=_contact(site, ticket))
    assert "Kontak itu tidak ditemukan" in _post(site, ticket, "unmerge", merge=10**30)


def test_an_address_told_is_called_unproved_until_it_is_proved(site: Site) -> None:
    ticket = site.asks()
    with site.runtime.database.write() as connection:
        connection.execute(update(CONTACT).values(email="siti@contoh.id"))
    page = _get(site, ticket, who="officer")
    assert re.search(r"siti@contoh.id <span[^>]*>\(menurut warga, belum dibuktikan\)", page)
    assert page.count('name="route"') == 1
    with site.runtime.database.write() as connection:
        mail = {"office": "7411", "contact_id": _contact(site, ticket), "kind": "email"}
        connection.execute(
            insert(ADDRESS).values(**mail, value="siti@contoh.id", proved=True, created_at=site.clock())
        )
    page = _get(site, ticket, who="officer")
    assert "belum dibuktikan" not in page
    assert page.count("siti@contoh.id") >= 1


def test_an_officer_lets_a_code_leave_to_who_writes_mails(site: Site) -> None:
    ticket = _by_mail(site)
    assert "Hubungkan WhatsApp" in _get(site, ticket, who="officer")
    page = _post(site, ticket, "connect", "officer")
    assert "Kode dikirim lewat email." in page
    assert "mengirim kode untuk menghubungkan WhatsApp" in page
    with site.runtime.database.read() as connection:
        (notice,) = connection.execute(select(NOTICE))
    assert (notice.recipient, notice.purpose, set(notice.about)) == ("budi@contoh.id", "code", {"proof"})
    chat = site.asks()
    assert "Hubungkan WhatsApp" not in _get(site, chat, who="officer")
    assert "WhatsApp warga ini sudah terhubung." in _post(site, chat, "connect", "officer")
