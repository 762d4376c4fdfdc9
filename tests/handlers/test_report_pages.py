"""The report's page and its files: read back, harmless in spreadsheets, personal when asked only, logged."""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from handlers import erasing
from handlers.sheets import FORMULA
from handlers.web.cells import XLSX, Sheet, as_csv
from handlers.web.workbooks import as_xlsx
from storage.catalogue_tables import Searched
from storage.columns import table
from storage.own_tables import Audit
from storage.tables import Contact, Conversation
from storage.voice_tables import Accused
from tests.bot.test_satisfaction import WORKED
from tests.handlers.site import Site, composed
from tests.storage.seeding import Thread, put
from tests.storage.test_satisfaction import answers, sheets

PAGE = "/inbox/7411/laporan"
AUDIT, CONTACT = table(Audit), table(Contact)
JULY = datetime(2026, 7, 31, 15, 59, 30, tzinfo=UTC)
NAME, MAIL, WRITTEN = "=cmd|' /C calc'!A0", "+62@contoh.id", "@SUM(1+9)*cmd"


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())


def _shown(site: Site, period: str, name: str = "supervisor") -> str:
    return _plain(site.signed_in(name).get(f"{PAGE}?masa={period}").text)


@pytest.fixture
def july(site: Site) -> Site:
    """One ticket in the last minute of July (WITA), whose citizen writes formulas; its answer in August."""
    with site.runtime.database.write() as connection:
        thread = Thread(connection, "7411")
        thread.ticket(opened_at=JULY, subject=WRITTEN, topic="=1+1", clock_from=JULY, due_at=JULY)
        told = {"name": NAME, "email": MAIL, "main_use": "tugas"}
        connection.execute(update(CONTACT).where(CONTACT.c.id == thread.contact).values(**told))
    return site


def _sheets(content: bytes) -> Mapping[str, list[list[Any]]]:
    book = load_workbook(BytesIO(content))
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def _lines(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def _logged(site: Site) -> list[Any]:
    with site.runtime.database.read() as connection:
        return list(connection.execute(select(AUDIT).where(AUDIT.c.what == "people_exported")))


# --- The page ---


def test_an_empty_month_says_so(site: Site) -> None:
    shown = _shown(site, "2026-03")
    assert "Maret 2026 1 Maret – 31 Maret 2026" in shown
    assert "Tidak ada konsultasi yang dibuka pada masa ini." in shown
    assert "<svg" not in site.signed_in("supervisor").get(f"{PAGE}?masa=2026-03").text


def test_the_last_minute_of_a_month_belongs_to_it(july: Site) -> None:
    assert "Konsultasi dibuka 1 masa sebelumnya: 0" in _shown(july, "2026-07")
    assert "Konsultasi dibuka 0 masa sebelumnya: 1" in _shown(july, "2026-08")
    assert "Konsultasi dibuka 1 masa sebelumnya: 0" in _shown(july, "2026-T3")
    assert "Konsultasi dibuka 1 masa sebelumnya: 0" in _shown(july, "2026")


def test_what_really_happened_is_told(site: Site) -> None:
    """A citizen asks, an officer answers after an hour and a half of service."""
    ticket = site.asks()
    site.clock.forward(hours=1, minutes=30)
    answer = composed("Berikut datanya.", site.last_id(), answers="yes")
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/reply", data=answer)
    shown = _shown(site, "")
    assert "Laporan konsultasi statistik Juli 2026" in shown
    assert "Janji ditepati 100 % 1 dari 1 janji" in shown
    assert "Jawaban pertama 1,5 jam" in shown
    assert "Konsultasi dibuka menurut kanal WhatsApp 1" in shown


@pytest.mark.parametrize(
    "period", ["2026-13", "2026-T5", "juli", "1999", "2200-01", "2026-1", "٢٠٢٦", "2026-"]
)
def test_a_period_that_is_none_is_told(site: Site, period: str) -> None:
    assert "Masa itu tidak dikenal. Ini laporan bulan ini." in _shown(site, period)
    client = site.signed_in("supervisor")
    for file in ("angka.csv", "tiket.csv", "laporan.xlsx"):
        assert client.get(f"{PAGE}/{file}?masa={period}").status_code == 404


def test_pictures_have_words_and_no_style_of_their_own(july: Site) -> None:
    page = july.signed_in("supervisor").get(f"{PAGE}?masa=2026-07").text
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) > 4
    assert all('role="img"' in one or 'aria-hidden="true"' in one for one in pictures)
    assert "Seluruhnya 1; paling banyak 31 Jul: 1." in page
    assert "style=" not in page


def test_an_administrator_reads_the_report_of_an_office_without_its_inbox(july: Site) -> None:
    client = july.signed_in("administrator")
    page = client.get(f"{PAGE}?masa=2026-07").text
    assert "Konsultasi dibuka 1" in _plain(page)
    assert "data pribadi" not in page
    assert 'class="rail"' not in page
    assert f'href="{PAGE}"' in client.get("/administration").text


def test_the_report_speaks_english(july: Site) -> None:
    client = july.signed_in("supervisor")
    client.post("/language", data={"language": "en", "next": PAGE})
    page = _plain(client.get(f"{PAGE}?masa=2026-T3").text)
    assert "Quarter III 2026" in page
    assert "Consultations opened 1" in page


# --- What citizens said ---


def _worked(site: Site) -> None:
    """The worked data set of the index, in July; each of its people is asked for a rating, and gives a 4."""
    with site.runtime.database.write() as connection:
        answers(connection, "7411", site.clock(), *sheets(29, WORKED))


def test_the_index_and_the_ratings_stand_in_the_report(site: Site) -> None:
    _worked(site)
    shown = _shown(site, "2026-07")
    assert "Nilai sesudah layanan 4,00 rata-rata dari 4; 29 menjawab dari 29 yang ditanya" in shown
    assert "Kepuasan (IKM) 91,48 Mutu A · Sangat baik" in shown
    assert "29 jawaban dari 29 pengguna; tabel sampel meminta 27." in shown
    assert "Sampel belum memenuhi" not in shown
    book = _sheets(site.signed_in("supervisor").get(f"{PAGE}/laporan.xlsx?masa=2026-07").data)
    assert ["Indeks Kepuasan Masyarakat", 91.48, "A"] in book["Kepuasan (IKM)"]
    assert ["4 · Sangat baik", 29] in book["Nilai sesudah layanan"]
    lines = _lines(site.signed_in("supervisor").get(f"{PAGE}/angka.csv?masa=2026-07").data)
    assert ["Kepuasan (IKM)", "Indeks Kepuasan Masyarakat", "Nilai", "91.48"] in lines


def test_where_nobody_said_anything_the_report_says_so(site: Site) -> None:
    shown = _shown(site, "2026-03")
    assert "Belum ada nilai pada masa ini; 0 warga ditanya." in shown
    assert "Belum ada jawaban survei pada masa ini." in shown
    assert "Pengaduan diterima 0" in shown


def test_a_complaint_is_counted_for_who_may_know_of_it(site: Site) -> None:
    """Not for the administrator, who is no supervisor, and not for the supervisor whom it is about."""
    complaint = site.complains()
    client = site.signed_in("supervisor")
    assert "Pengaduan diterima 1" in _shown(site, "2026-07")
    assert "Pengaduan diterima" in _sheets(client.get(f"{PAGE}/laporan.xlsx?masa=2026-07").data)
    assert "Pengaduan" not in _shown(site, "2026-07", "administrator")
    unseen = site.signed_in("administrator").get(f"{PAGE}/laporan.xlsx?masa=2026-07").data
    assert not [title for title in _sheets(unseen) if "Pengaduan" in title]
    with site.runtime.database.write() as connection:
        put(
            connection, Accused, officer_id=site.people["supervisor"], ticket_id=complaint, found="said",
            at=site.clock(),
        )  # fmt: skip
    assert "Pengaduan diterima 0" in _shown(site, "2026-07")


def test_what_was_searched_in_vain_is_told_once_two_have_asked(july: Site) -> None:
    """The words of one person alone are theirs: they are counted, and stand in no report."""
    with july.runtime.database.write() as connection:
        people = [Thread(connection, "7411").conversation for _ in range(3)]
        queries = ("Harga cabai 2025", "harga cabai 2025", "nama saya Siti Contoh", "=1+1", "=1+1")
        for query, who in zip(queries, (*people, people[0], people[0]), strict=True):
            searched = {"query": query, "found": 0, "answered": False, "at": JULY}
            put(connection, Searched, office="7411", conversation_id=who, **searched)
    shown = _shown(july, "2026-07")
    assert "Pencarian warga 5 pencarian tidak terjawab, dari 5" in shown
    assert "harga cabai 2025 2 orang" in shown
    client = july.signed_in("supervisor")
    told_in_files = [
        client.get(f"{PAGE}/angka.csv?masa=2026-07").text,
        repr(_sheets(client.get(f"{PAGE}/laporan.xlsx?masa=2026-07").data)["Pencarian warga"]),
    ]
    assert all("harga cabai 2025" in each for each in told_in_files)
    assert not [each for each in (shown, *told_in_files) if "Siti Contoh" in each or "=1+1 1 orang" in each]
    assert "Pencarian warga" not in _shown(july, "2026-08").split("Laporan konsultasi")[1]


# --- The files ---


def test_a_workbook_is_read_back(july: Site) -> None:
    answer = july.signed_in("supervisor").get(f"{PAGE}/laporan.xlsx?masa=2026-07")
    assert answer.mimetype == XLSX
    assert "laporan-7411-2026-07.xlsx" in answer.headers["Content-Disposition"]
    sheets = _sheets(answer.data)
    assert ["Konsultasi dibuka", 1, 0] in sheets["Ringkasan"]
    assert ["Janji terlewat", 0, 0] in sheets["Ringkasan"]
    assert ["masih berjalan", 1] in sheets["Janji"]
    assert sheets["Kanal"][0] == ["Masa", "WhatsApp", "Jumlah"]
    assert sheets["Kanal"][-1] == ["31 Jul", 1, 1]
    assert sheets["Keperluan"][1] == ["Tugas sekolah/kuliah", 1]
    heads, ticket = sheets["Tiket"]
    assert dict(zip(heads, ticket, strict=True))["Dibuka"] == datetime(2026, 7, 31, 23, 59, 30)  # noqa: DTZ001


def test_no_file_tells_who_it_was(july: Site) -> None:
    client = july.signed_in("supervisor")
    for file in ("angka.csv", "tiket.csv", "laporan.xlsx"):
        content = client.get(f"{PAGE}/{file}?masa=2026-07").data
        told = repr(_sheets(content)) if file.endswith("xlsx") else content.decode()
        assert "1" in told
        assert not [word for word in (NAME, MAIL, WRITTEN, "+62812") if word in told]
    assert _logged(july) == []


def test_the_figures_stand_in_lines(july: Site) -> None:
    lines = _lines(july.signed_in("supervisor").get(f"{PAGE}/angka.csv?masa=2026-07").data)
    assert lines[0] == ["Bagian", "Rincian", "Ukuran", "Nilai"]
    assert ["Ringkasan", "Konsultasi dibuka", "Juli 2026", "1"] in lines
    assert ["Kanal", "31 Jul", "WhatsApp", "1"] in lines
    assert ["Topik", "'=1+1", "Jumlah", "1"] in lines


def _formulas(content: bytes) -> Iterator[str]:
    for page in load_workbook(BytesIO(content)):
        for row in page.iter_rows():
            yield from (str(cell.value) for cell in row if cell.data_type == "f")


def test_personal_data_come_when_asked_for_and_are_logged(july: Site) -> None:
    client = july.signed_in("supervisor")
    answer = client.post(f"{PAGE}/pengguna", data={"masa": "2026-07", "sure": "ya", "as": "xlsx"})
    heads, ticket = _sheets(answer.data)["Tiket"]
    told = dict(zip(heads, ticket, strict=True))
    assert (told["Nama"], told["Email"], told["Perihal"]) == (NAME, MAIL, WRITTEN)
    assert told["Alamat"].startswith("+62812")
    assert list(_formulas(answer.data)) == []
    written = client.post(f"{PAGE}/pengguna", data={"masa": "2026-07", "sure": "ya", "as": "csv"})
    row = _lines(written.data)[1]
    assert row[-4:] == [f"'{NAME}", f"'{told['Alamat']}", f"'{MAIL}", f"'{WRITTEN}"]
    logged = _logged(july)
    assert [one.officer_id for one in logged] == [july.people["supervisor"]] * 2
    common = {"office": "7411", "period": "2026-07", "people": 1}
    assert [one.detail for one in logged] == [{**common, "as": "xlsx"}, {**common, "as": "csv"}]


@pytest.mark.parametrize(
    "form", [{"masa": "2026-07"}, {"masa": "x", "sure": "ya"}, {"masa": "2026-07", "sure": "1"}]
)
def test_nothing_leaves_unasked(july: Site, form: dict[str, str]) -> None:
    answer = july.signed_in("supervisor").post(f"{PAGE}/pengguna", data=form)
    assert answer.status_code == 422
    assert NAME not in answer.text
    assert _logged(july) == []


def test_personal_data_are_not_for_an_administrator_of_the_installation(july: Site) -> None:
    form = {"masa": "2026-07", "sure": "ya", "as": "xlsx"}
    assert july.signed_in("administrator").post(f"{PAGE}/pengguna", data=form).status_code == 404
    with july.runtime.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(AUDIT)).scalar_one() == 0


@pytest.mark.parametrize("mark", FORMULA)
def test_a_formula_stays_text(mark: str) -> None:
    text = f"{mark}HYPERLINK(1)"
    content = as_xlsx([Sheet("=A1:[?]", [["nama"], [text], ["biasa\x00\x0b"]])])
    page = load_workbook(BytesIO(content)).worksheets[0]
    assert (page["A2"].data_type, page["A2"].quotePrefix) == ("s", True)
    assert page["A2"].value.endswith("HYPERLINK(1)")
    assert page["A3"].value == "biasa"
    assert list(_formulas(content)) == []
    assert not _lines(as_csv([[text, 1, -1, "a\nb"]]))[0][0].startswith(FORMULA)
    assert _lines(as_csv([[text, 1, -1, "a\nb"]]))[0][1:] == ["1", "-1", "a b"]


def test_no_separator_lets_a_formula_begin_a_cell(site: Site) -> None:
    """Excel parts cells by semicolons where numbers have a decimal comma, as in Indonesia."""
    subject = "Data penduduk;=cmd|' /C calc'!A0; +1;\"@x"
    with site.runtime.database.write() as connection:
        Thread(connection, "7411").ticket(opened_at=JULY, subject=subject, clock_from=JULY, due_at=JULY)
    form = {"masa": "2026-07", "sure": "ya", "as": "csv"}
    text = site.signed_in("supervisor").post(f"{PAGE}/pengguna", data=form).data.decode("utf-8-sig")
    assert "Data penduduk" in text
    for mark in ",;\t":
        cells = [cell for row in csv.reader(StringIO(text, newline=""), delimiter=mark) for cell in row]
        assert not [cell for cell in cells if cell.strip().startswith(FORMULA)]


def test_one_person_who_writes_twice_by_mail_is_one(site: Site) -> None:
    """By mail every letter is a conversation."""
    said = "data stunting desa lalingato, atas nama siti aminah"
    with site.runtime.database.write() as connection:
        one = Thread(connection, "7411")
        common = {"office": "7411", "created_at": JULY, "last_inbound_at": JULY, "reply_to": "siti@contoh.id"}
        mail = {"channel": "email", "sender": "a@b.id", "address_id": one.address, "contact_id": one.contact}
        again = put(connection, Conversation, **common, **mail)
        for who in (one.conversation, again):
            searched = {"query": said, "found": 0, "answered": False, "at": JULY}
            put(connection, Searched, office="7411", conversation_id=who, **searched)
    assert said not in _shown(site, "2026-07")


def test_who_was_erased_counts_and_why_it_was_closed_is_said_in_words(site: Site) -> None:
    site.asks()
    with site.runtime.database.read() as connection:
        contact = int(connection.execute(select(CONTACT.c.id)).scalar_one())
    assert erasing.erase(site.runtime, "7411", contact, None)
    told = _shown(site, "2026-07")
    assert "ditutup karena data warga dihapus 1 " in told
    assert "erased" not in told
    lines = _lines(site.signed_in("supervisor").get(f"{PAGE}/angka.csv?masa=2026-07").data)
    assert ["Penutupan", "ditutup karena data warga dihapus", "Jumlah", "1"] in lines
