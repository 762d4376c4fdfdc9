"""An office is a block of the configuration: swapped it behaves otherwise, a new one needs no code."""

import re
from pathlib import Path
from typing import Any

import pytest

from handlers import standards, wording
from handlers.web.app import create_app
from storage import catalogue
from storage.catalogue import Item
from tests.driver import Desk, running_desk, write_shipped

ROOT = Path(__file__).resolve().parent.parent
SAME_WORDS = ("mohon data ipm kecamatan mawar tahun 2023 untuk skripsi", "1")
SHORT_NAMES = {"6302": "KTB", "6402": "KBR", "1905": "BSL", "6571": "TRK", "7411": "KTM"}
PUBLISHED = Item("publication", "1", "IPM Menurut Kecamatan: Kecamatan Mawar 2023", "https://contoh.id/1")
MINE = {"short_name": "KTB", "name": {"id": "BPS Kabupaten Contoh", "en": "BPS Example"}}
SENDER = {"whatsapp": ["+6281100006302"], "email": []}

OUTCOMES: dict[str, dict[str, Any]] = {
    "6302": {
        "channels": ["Portal", "WhatsApp", "Email", "Datang langsung"],
        "asked": "Ringkasan permintaan",
        "online": "maksimal 3 (tiga) hari kerja setelah permintaan jelas dan persyaratan pelayanan lengkap.",
        "visit": "maksimal 10 (sepuluh) menit sejak",
        "closing": "menutup percakapan online jika layanan konsultasi telah selesai.",
        "complaints": ["Kotak saran dan pengaduan", "Situs web", "Email", "Telepon"],
        "told": "paling lambat dalam 3 (tiga) hari kerja setelah permintaan jelas dan lengkap",
    },
    "6402": {
        "channels": ["Portal", "Datang langsung"],
        "asked": "pesan melalui saluran ini tidak dilayani",
        "online": None,
        "visit": None,
        "closing": "menutup percakapan online jika layanan konsultasi telah selesai.",
        "complaints": ["Kotak saran dan pengaduan"],
        "told": "pesan melalui saluran ini tidak dilayani",
    },
    "1905": {
        "channels": ["Portal", "Datang langsung"],
        "asked": "Di sini kami menerima pengaduan dan saran",
        "online": "maksimal 3 (tiga) hari kerja setelah permintaan jelas dan persyaratan pelayanan lengkap.",
        "visit": "maksimal 5 (lima) menit sejak",
        "closing": "telah selesai atau pengguna layanan tidak merespon kembali selama 7 (tujuh) hari.",
        "complaints": ["Kotak saran dan pengaduan", "Situs web", "Email", "Telepon", "WhatsApp"],
        "told": "Di sini kami menerima pengaduan dan saran",
    },
    "6571": {
        "channels": ["Portal", "WhatsApp", "Email", "Datang langsung"],
        "asked": "mohon tuliskan *nama*",
        "online": "maksimal 3 (tiga) hari kerja setelah permintaan jelas dan persyaratan pelayanan lengkap.",
        "visit": "maksimal 10 (sepuluh) menit sejak",
        "closing": "menutup percakapan online jika layanan konsultasi telah selesai.",
        "complaints": ["Situs web", "Email", "Telepon", "WhatsApp", "Facebook", "Instagram"],
        "told": "kami belum menemukan nama",
    },
    "7411": {
        "channels": ["Portal", "WhatsApp", "Email", "Datang langsung"],
        "asked": "Kami menemukan informasi yang mungkin Bapak/Ibu cari",
        "online": "maksimal 3 (tiga) hari kerja.",
        "visit": "maksimal 10 (sepuluh) menit sejak",
        "closing": "ditutup otomatis oleh aplikasi pelayanan jika pengguna layanan tidak merespon kembali"
        " selama 3 (tiga) hari kerja.",
        "complaints": ["Kotak saran dan pengaduan", "Situs web", "Email", "WhatsApp"],
        "told": "Senang dapat membantu",
    },
}


def swapped(code: str) -> Any:
    """One and the same office, with the rules of the office *code* and nothing else of it."""

    def change(content: dict[str, Any]) -> None:
        rules = content["offices"][code]
        content["channels"]["email"]["mailboxes"] = {}
        content["offices"] = {"7499": {**rules, **MINE, "senders": SENDER}}

    return lambda folder, url, public: write_shipped(folder, url, public, change)


@pytest.mark.parametrize("code", OUTCOMES)
def test_the_same_words_come_to_what_the_block_says(code: str, database_url: str, tmp_path: Path) -> None:
    with running_desk(database_url, tmp_path, written=swapped(code)) as desk:
        with desk.runtime.database.write() as connection:
            catalogue.keep(connection, "7499", "csv", [PUBLISHED], "Contoh", desk.clock())
        for text in SAME_WORDS:
            desk.writes(text, office="7499")
        heard, office = desk.heard(), desk.runtime.office("7499")
    wanted = OUTCOMES[code]
    assert wanted["asked"] in heard[0]
    assert wanted["told"] in heard[-1]
    assert [way.partition(":")[0] for way in wording.ways_to_consult(office, "id")] == wanted["channels"]
    for part in ("online", "visit", "closing"):
        said = {"online": standards.answering, "visit": standards.waiting, "closing": standards.closing}[part]
        sentence = said(office, "id")
        assert sentence is None if wanted[part] is None else wanted[part] in (sentence or "")
    section = next(it for it in standards.sections(office, "id") if it.key == "complaints")
    labels = [line.label or line.text for group in section.groups for line in group.lines]
    assert labels == wanted["complaints"]


def test_no_two_offices_have_the_same_outcome() -> None:
    assert len({repr(outcome) for outcome in OUTCOMES.values()}) == 5


def test_one_key_makes_the_desk_the_service_application(database_url: str, tmp_path: Path) -> None:
    """Bangka Selatan's steps 10 to 16, once the office has declared it."""

    def declared(content: dict[str, Any]) -> None:
        content["offices"]["1905"]["modes"]["whatsapp"] = "consult"

    def written(folder: Path, url: str, public: str) -> Path:
        return write_shipped(folder, url, public, declared)

    with running_desk(database_url, tmp_path, written=written) as desk:
        for text in ("mohon data ipm 2023 untuk skripsi", "Siti", "mahasiswa", "siti@contoh.id", "1"):
            desk.writes(text, office="1905")
            desk.clock.forward(minutes=1)
        for text in ("data ipm bangka selatan 2023 untuk skripsi", "1"):
            desk.writes(text, office="1905")
        desk.settle()
        assert [ticket.reference for ticket in desk.tickets()] == ["BSL-2026-00001"]
        desk.replies("Ada di tabel 4.1.")
        desk.settle()
        desk.clock.forward(days=7, hours=1)
        desk.settle()
        (ticket,) = desk.tickets()
        assert (ticket.status, ticket.closable_at is not None) == ("open", True)


SIXTH = {
    "short_name": "XYZ",
    "name": {"id": "BPS Kabupaten Keenam", "en": "BPS-Statistics Sixth Regency"},
    "timezone": "Asia/Jayapura",
    "modes": {"whatsapp": "consult", "portal": "off"},
    "senders": {"whatsapp": ["+62 811-0000-9999"]},
    "sla": {"days": 5, "starts": "received"},
    "autoclose": {"mode": "working_days", "days": 2, "by": "system"},
    "visit": {"wait_minutes": 15},
    "complaints": {"web": "https://contoh.example/aduan"},
    "standard": {
        "title": "Konsultasi Contoh",
        "procedure": {"online": ["Pengguna menulis", {"text": "Petugas menjawab", "status": "confirmed"}]},
    },
}  # fmt: skip


def _with_sixth(folder: Path, url: str, public: str) -> Path:
    return write_shipped(folder, url, public, lambda content: content["offices"].update({"9999": SIXTH}))


def test_a_sixth_office_needs_no_code(database_url: str, tmp_path: Path) -> None:
    with running_desk(database_url, tmp_path, written=_with_sixth) as desk:
        _consult(desk)
        page = create_app(desk.runtime).test_client().get("/standar/9999").text
        assert "Konsultasi Contoh" in page
        assert "maksimal 15 (lima belas) menit" in page
        assert "maksimal 5 (lima) hari kerja." in page
        assert "selama 2 (dua) hari kerja" in page
        assert 'href="https://wa.me/6281100009999"' in page


def _consult(desk: Desk) -> None:
    """From the first word to the closing after the silence, in the office's own zone and numbers."""
    desk.writes("data luas panen keenam 2023 untuk tugas", office="9999")
    desk.writes("1", office="9999")
    assert "*XYZ-2026-00001*" in desk.heard()[-1]
    assert "paling lambat *Senin, 13 Juli 2026*" in desk.heard()[-1]
    desk.replies("Ada di tabel 5.1.")
    desk.settle()
    desk.clock.at = desk.clock.at.replace(day=8, hour=6, minute=35)  # 15.35 WIT of the second working day
    desk.settle()
    assert [ticket.status for ticket in desk.tickets()] == ["closed"]


NAMED = re.compile(
    r"kotabaru|kutai|bangka|tarakan|kolaka|\b(?:6302|6402|1905|6571|7411)\b|\b(?:KTB|KBR|BSL|TRK|KTM)\b",
    re.IGNORECASE,
)


def test_the_code_names_no_office() -> None:
    """The demo, which plays with three of the shipped offices, is the exception."""
    files = [
        path
        for folder in ("bot", "channels", "handlers", "storage", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".txt", ".html", ".css", ".js", ".po"}
        and not {"demo", "shipped", "demo.js"} & {*path.relative_to(ROOT).parts}
    ]
    assert len(files) > 300
    guilty = {str(path.relative_to(ROOT)) for path in files if NAMED.search(path.read_text("utf-8"))}
    assert guilty == set()
