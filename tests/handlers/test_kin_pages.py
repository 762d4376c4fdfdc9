"""What officers see of tickets that belong together, and what they do about it on the pages."""

import re
from html import unescape

from sqlalchemy import insert, select, update

from storage.columns import AnyRow, table
from storage.tables import Address, Conversation, Ticket
from tests.handlers.site import Site, composed

SECOND = "+6281299998888"
TICKET, ADDRESS, CONVERSATION = table(Ticket), table(Address), table(Conversation)


def _get(site: Site, ticket: int, what: str = "", who: str = "officer") -> str:
    answer = site.signed_in(who).get(f"/inbox/7411/tickets/{ticket}{what}")
    assert answer.status_code == 200
    return unescape(answer.text)


def _post(site: Site, ticket: int, act: str, who: str = "officer", **form: object) -> tuple[int, str, str]:
    """The status, the page that it leads to, and its words."""
    address = f"/inbox/7411/tickets/{ticket}/{act}"
    answer = site.signed_in(who).post(address, data=form, follow_redirects=True)
    return answer.status_code, answer.request.path, unescape(answer.text)


def _row(site: Site, ticket: int) -> AnyRow:
    with site.runtime.database.read() as connection:
        return connection.execute(select(TICKET).where(TICKET.c.id == ticket)).one()


def _two(site: Site) -> tuple[int, int]:
    """Two tickets of two citizens: KTM-2026-00001 and KTM-2026-00002."""
    return site.asks(), site.asks(address=SECOND)


def _guessed(site: Site) -> tuple[int, int]:
    first, second = _two(site)
    with site.runtime.database.write() as connection:
        connection.execute(update(TICKET).where(TICKET.c.id == second).values(perhaps_of=first))
    return first, second


def test_a_guess_is_merged_with_one_click_and_undone_with_another(site: Site) -> None:
    first, second = _guessed(site)
    page = _get(site, second)
    assert re.search(r"Mungkin milik <a [^>]+>KTM-2026-00001</a>", page)
    code, path, page = _post(site, second, "kin/merge", other=first)
    assert (code, path) == (200, f"/inbox/7411/tickets/{first}")
    assert "Pesan KTM-2026-00002 kini ada di tiket ini." in page
    assert page.count("Peserta Siti Contoh") >= 1
    assert "menggabungkan ke sini tiket KTM-2026-00002" in page
    merged = _get(site, second)
    assert re.search(r"Digabung ke <a [^>]+>KTM-2026-00001</a>", merged)
    assert "Mungkin milik" not in merged
    assert "/reopen" not in merged
    _, _, page = _post(site, first, "kin/unmerge", other=second)
    assert "Penggabungan dibatalkan" in page
    assert "Peserta" not in page
    assert "Mungkin milik" in _get(site, second)


def test_a_guess_that_is_none_is_gone(site: Site) -> None:
    _, second = _guessed(site)
    _, _, page = _post(site, second, "kin/refuse")
    assert "Mungkin milik" not in page
    assert "Dicatat: bukan bagian tiket itu." in page


def test_a_guess_at_a_closed_ticket_can_be_linked(site: Site) -> None:
    first, second = _guessed(site)
    _post(site, first, "close")
    page = _get(site, second)
    assert "KTM-2026-00001</a> (Siti Contoh), selesai" in page
    assert "kin/merge" not in page
    _, _, page = _post(site, second, "kin/link", other=first)
    assert re.search(r"Bertaut dengan <a [^>]+>KTM-2026-00001</a>", page)
    assert re.search(r"Bertaut dengan <a [^>]+>KTM-2026-00002</a>", _get(site, first))
    _, _, page = _post(site, first, "kin/unlink", other=second)
    assert "Bertaut dengan" not in page


def test_a_ticket_is_searched_for_and_merged(site: Site) -> None:
    first, second = _two(site)
    assert "Warga ini tidak mempunyai tiket lain." in _get(site, second, "/kin")
    page = _get(site, second, "/kin?with=00001")
    assert "Gabungkan tiket ini ke KTM-2026-00001" in page
    assert "Tidak ada tiket sejenis yang cocok" in _get(site, second, "/kin?with=kasuari")
    assert "Tidak ada tiket sejenis yang cocok" in _get(site, second, "/kin?with=00002")
    _post(site, second, "kin/merge", other=first)
    assert "Tiket ini sudah digabung ke KTM-2026-00001." in _get(site, second, "/kin?with=00001")


def test_complaints_and_consultations_are_never_offered_to_each_other(site: Site) -> None:
    consultation, complaint = site.asks(), site.complains()
    for who in ("officer", "supervisor"):
        assert "KTM-P-" not in _get(site, consultation, "/kin?with=KTM", who)
    assert "KTM-2026-00001" not in _get(site, complaint, "/kin?with=KTM", "supervisor")
    for act in ("kin/merge", "kin/link"):
        code, _, page = _post(site, consultation, act, "officer", other=complaint)
        assert (code, "Tiket itu tidak ditemukan di kantor ini." in page) == (200, True)
        _, _, page = _post(site, consultation, act, "supervisor", other=complaint)
        assert "Hanya dua tiket yang sejenis dapat disatukan." in page
    with site.runtime.database.write() as connection:
        connection.execute(update(TICKET).where(TICKET.c.id == consultation).values(perhaps_of=complaint))
    assert "Mungkin milik" not in _get(site, consultation)


def test_a_ticket_of_another_office_is_none(site: Site) -> None:
    here = site.asks()
    site.writes("petugas", address=SECOND, office="6571")
    there = site.newest_ticket()
    for act in ("merge", "link", "unlink", "unmerge"):
        _, _, page = _post(site, here, f"kin/{act}", other=there)
        assert "Tiket itu tidak ditemukan di kantor ini." in page
    assert "TRK-2026" not in _get(site, here, "/kin?with=TRK")


def test_a_second_request_is_split_off_and_brought_back(site: Site) -> None:
    ticket = site.asks()
    site.writes("Satu lagi: berapa tarif data mikro?")
    message = site.last_id()
    page = _get(site, ticket, "/kin")
    assert "Satu lagi: berapa tarif data mikro?" in page
    assert "Di WhatsApp tutup dulu tiket ini" in page
    code, path, page = _post(site, ticket, "kin/split", message=message)
    assert path.endswith("/kin")
    assert "Di WhatsApp satu percakapan hanya memuat satu tiket terbuka." in page
    assert "Pilih dulu pesan" in _post(site, ticket, "kin/split")[2]
    _post(site, ticket, "close")
    code, path, page = _post(site, ticket, "kin/split", message=message)
    new = site.newest_ticket()
    assert (code, path) == (200, f"/inbox/7411/tickets/{new}")
    assert "Tiket KTM-2026-00002 dibuka dengan pesan yang dipisahkan." in page
    assert re.search(r"Dipisahkan dari <a [^>]+>KTM-2026-00001</a>", page)
    assert re.search(r"Bertaut dengan <a [^>]+>KTM-2026-00002</a>", _get(site, ticket))
    _, _, page = _post(site, new, "kin/unsplit")
    assert "Pemisahan dibatalkan" in page
    assert re.search(r"Digabung ke <a [^>]+>KTM-2026-00001</a>", page)
    assert "Satu lagi: berapa tarif data mikro?" in _get(site, ticket)


def test_what_can_t_be_undone_says_why(site: Site) -> None:
    first, second = _two(site)
    assert "sedang tidak digabung" in _post(site, first, "kin/unmerge")[2]
    _post(site, second, "kin/merge", other=first)
    _post(site, first, "close")
    site.writes("data penduduk Kolaka Timur", address=SECOND)
    page = _post(site, first, "kin/unmerge", other=second)[2]
    assert "Warga sedang menulis permintaan baru." in page


def test_the_composer_offers_every_way_and_says_which_is_closed(site: Site) -> None:
    into, gone = _two(site)
    assert 'id="ways" hidden disabled' in re.sub(r' data-\w+="[^"]*"', "", _get(site, into))
    _post(site, gone, "kin/merge", other=into)
    row = _row(site, into)
    with site.runtime.database.write() as connection:
        mail = {"office": "7411", "contact_id": row.contact_id, "kind": "email", "value": "siti@contoh.id"}
        connection.execute(insert(ADDRESS).values(**mail, proved=True, created_at=site.clock()))
    page = _get(site, into)
    ways = re.findall(r'name="route" value="([^"]+)"[^>]*?( checked)?( disabled)? required>', page)
    assert [bool(checked) for _, checked, _ in ways] == [True, False, False]
    assert "peserta: Siti Contoh" in page
    assert 'data-button="Kirim lewat email"' in page
    mail_key = ways[-1][0]
    code, _, page = _post(site, into, "reply", **composed("Lewat surel.", site.last_id(), route=mail_key))
    assert code == 200
    assert re.search(r'Lewat surel\..*?<span class="channel email">Email</span>', page, re.DOTALL)
    form = composed("Jalur lain", site.last_id(), route="c99999")
    code, _, page = _post(site, into, "reply", **form)
    assert code == 409
    assert "Jalur itu sedang tidak dapat dipakai." in page
    assert ">Jalur lain</textarea>" in page
    assert "Pilih kepada siapa dikirim." in page
    assert not re.search(r'name="route"[^>]* checked', page)


def test_nothing_is_chosen_where_the_one_way_left_is_another(site: Site) -> None:
    ticket = site.asks()
    code, _, page = _post(site, ticket, "reply", **composed("Untuk peserta", site.last_id(), route="c99999"))
    assert code == 409
    assert 'id="ways" hidden' not in re.sub(r' data-\w+="[^"]*"', "", page)
    assert re.search(r'name="route" value="c[0-9]+"[^>]* required', page)
    assert not re.search(r'name="route"[^>]* checked', page)


def test_the_way_chosen_is_kept_when_the_page_comes_back(site: Site) -> None:
    into, gone = _two(site)
    _post(site, gone, "kin/merge", other=into)
    participant = f"c{_row(site, gone).conversation_id}"
    seen = site.last_id() - 1
    code, _, page = _post(site, into, "reply", **composed("Terlambat", seen, route=participant))
    assert code == 409
    assert re.search(rf'value="{participant}"[^>]* checked', page)


def test_who_takes_part_stands_on_the_card(site: Site) -> None:
    into, gone = _two(site)
    _post(site, gone, "kin/merge", other=into)
    page = _get(site, into)
    assert re.search(r"<dt>Peserta</dt><dd>Siti Contoh<br>.*?\+62 812-9999-8888", page, re.DOTALL)
