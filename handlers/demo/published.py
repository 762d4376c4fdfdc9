"""A small catalogue for the demo, and an answer of the office: titles in the manner of BPS, all made up."""

from datetime import date

from handlers import answering
from handlers.answering import Written
from handlers.runtime import Runtime
from handlers.searching import place_words
from storage import catalogue, officers
from storage.catalogue import Item
from storage.inbox import View

_SITES = {"7411": "https://koltimkab.bps.go.id", "6571": "https://tarakankota.bps.go.id"}
_KTM = (
    ("publication", "Kabupaten Kolaka Timur Dalam Angka 2025", date(2025, 2, 28)),
    ("publication", "Kabupaten Kolaka Timur Dalam Angka 2026", date(2026, 2, 27)),
    ("publication", "Statistik Daerah Kabupaten Kolaka Timur 2025", date(2025, 9, 26)),
    ("publication", "Statistik Kesejahteraan Rakyat Kabupaten Kolaka Timur 2025", date(2025, 12, 12)),
    (
        "statictable",
        "Jumlah Penduduk Menurut Kecamatan di Kabupaten Kolaka Timur, 2020-2024",
        date(2025, 3, 10),
    ),
    ("statictable", "Laju Pertumbuhan Penduduk Menurut Kecamatan, 2020-2024", date(2025, 3, 10)),
    ("statictable", "Jumlah Sekolah Dasar dan Guru Menurut Kecamatan, 2024", date(2025, 4, 2)),
    ("pressrelease", "Indeks Pembangunan Manusia Kolaka Timur Tahun 2025", date(2025, 12, 1)),
    ("pressrelease", "Indeks Pembangunan Manusia Kolaka Timur Tahun 2024", date(2024, 12, 2)),
    ("pressrelease", "Keadaan Ketenagakerjaan Kolaka Timur Agustus 2025", date(2025, 12, 15)),
    ("news", "Pelatihan Petugas Sensus Ekonomi 2026 di Kolaka Timur", date(2026, 5, 4)),
)
_TRK = (
    ("publication", "Kota Tarakan Dalam Angka 2026", date(2026, 2, 27)),
    ("publication", "PDRB Kota Tarakan Menurut Lapangan Usaha 2021-2025", date(2026, 4, 10)),
    (
        "pressrelease",
        "Perkembangan Indeks Harga Konsumen dan Inflasi Kota Tarakan Desember 2024",
        date(2025, 1, 2),
    ),
    (
        "pressrelease",
        "Perkembangan Indeks Harga Konsumen dan Inflasi Kota Tarakan Desember 2023",
        date(2024, 1, 2),
    ),
    ("pressrelease", "Keadaan Ketenagakerjaan Kota Tarakan Agustus 2025", date(2025, 12, 15)),
    ("statictable", "Jumlah Hotel dan Akomodasi Lain di Kota Tarakan, 2020-2024", date(2025, 5, 20)),
)
_ANSWER = Written(
    "Bagaimana meminta data kemiskinan menurut kecamatan?",
    "Angka kemiskinan dihitung dari Susenas dan **tersedia sampai tingkat kabupaten**, tidak menurut "
    "kecamatan.\n\n"
    "- Angka kabupaten: _Statistik Kesejahteraan Rakyat_\n"
    "- Data keluarga menurut desil bukan dari BPS; silakan hubungi Dinas Sosial",
)


def fill(runtime: Runtime) -> None:
    """Let the catalogue hold what is published, as if it had been read from a file."""
    for office, listed in (("7411", _KTM), ("6571", _TRK)):
        items = [_item(office, number, *told) for number, told in enumerate(listed, 1)]
        with runtime.database.write() as connection:
            place = place_words(runtime.office(office))
            catalogue.keep(connection, office, "csv", items, place, runtime.clock())


def _item(office: str, number: int, kind: str, title: str, day: date) -> Item:
    link = f"{_SITES[office]}/{kind}/{day:%Y/%m/%d}/{number}/contoh.html"
    return Item(kind, str(number), title, link, day)


def write_answer(runtime: Runtime, email: str) -> None:
    """The officer with this address publishes an answer."""
    with runtime.database.read() as connection:
        account = officers.find_by_email(connection, email)
    if account is not None:
        answering.publish(runtime, View("7411", account.id, complaints=False), _ANSWER)
