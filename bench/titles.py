"""A made catalogue of 20,000 titles, indicators by regions by years, and what people search in it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from storage import catalogue
from storage.catalogue import Item
from storage.db import Database

REGIONS = (
    *("Kotabaru", "Tanah Laut", "Banjar", "Barito Kuala", "Tapin", "Hulu Sungai Selatan"),
    *("Hulu Sungai Tengah", "Hulu Sungai Utara", "Tabalong", "Tanah Bumbu", "Balangan", "Banjarmasin"),
    *("Banjarbaru", "Kalimantan Selatan", "Tarakan", "Nunukan", "Malinau", "Bulungan", "Kolaka Timur"),
    *("Kolaka", "Konawe", "Kendari", "Bangka Selatan", "Bangka", "Belitung"),
)
YEARS = range(2006, 2026)
INDICATORS = (
    "Jumlah Penduduk Kabupaten {0} Menurut Kecamatan, {1}",
    "Penduduk Miskin Kabupaten {0} Tahun {1}",
    "Garis Kemiskinan Kabupaten {0}, {1}",
    "Produk Domestik Regional Bruto Kabupaten {0} Menurut Lapangan Usaha {1}",
    "Produk Domestik Regional Bruto Kabupaten {0} Menurut Pengeluaran {1}",
    "Indeks Pembangunan Manusia Kabupaten {0} {1}",
    "Indeks Harga Konsumen dan Inflasi Kabupaten {0} {1}",
    "Kabupaten {0} Dalam Angka {1}",
    "Statistik Daerah Kabupaten {0} {1}",
    "Luas Panen dan Produksi Padi Kabupaten {0} {1}",
    "Produksi Jagung Menurut Kecamatan di Kabupaten {0}, {1}",
    "Populasi Ternak Sapi dan Kambing Kabupaten {0} {1}",
    "Tingkat Pengangguran Terbuka Kabupaten {0} Agustus {1}",
    "Tingkat Partisipasi Angkatan Kerja Kabupaten {0} {1}",
    "Upah Buruh dan Pekerja Menurut Pendidikan Kabupaten {0} {1}",
    "Angka Harapan Hidup Kabupaten {0} {1}",
    "Rata-rata Lama Sekolah dan Harapan Lama Sekolah Kabupaten {0} {1}",
    "Jumlah Sekolah Dasar, Guru, dan Murid Menurut Kecamatan di Kabupaten {0} {1}",
    "Jumlah Tenaga Kesehatan Menurut Jenisnya di Kabupaten {0} {1}",
    "Jumlah Hotel dan Akomodasi di Kabupaten {0} {1}",
    "Tingkat Penghunian Kamar Hotel Berbintang Kabupaten {0} {1}",
    "Jumlah Wisatawan Mancanegara dan Nusantara di Kabupaten {0} {1}",
    "Panjang Jalan Menurut Kondisi dan Kecamatan di Kabupaten {0} {1}",
    "Ekspor dan Impor Melalui Pelabuhan di Kabupaten {0} {1}",
    "Nilai Tukar Petani {0} {1}",
    "Gini Rasio Kabupaten {0} {1}",
    "Statistik Kesejahteraan Rakyat Kabupaten {0} {1}",
    "Profil Industri Mikro dan Kecil Kabupaten {0} {1}",
    "Produksi Perikanan Tangkap Kabupaten {0} {1}",
    "Suhu Udara dan Curah Hujan di Kabupaten {0} {1}",
    "Jumlah Perceraian dan Pernikahan Kabupaten {0} {1}",
    "Pelanggan dan Energi Listrik Terjual Kabupaten {0} {1}",
    "Kepadatan Penduduk dan Rasio Jenis Kelamin Kabupaten {0} {1}",
    "Anggaran Pendapatan dan Belanja Daerah Kabupaten {0} {1}",
    "Hasil Sensus Pertanian Kabupaten {0} {1}",
    "Jumlah Kendaraan Bermotor Menurut Jenis di Kabupaten {0} {1}",
    "Direktori Perusahaan Konstruksi Kabupaten {0} {1}",
    "Laju Pertumbuhan Ekonomi Kabupaten {0} {1}",
    "Persentase Rumah Tangga Menurut Sumber Air Minum Kabupaten {0} {1}",
    "Proyeksi Penduduk Kabupaten {0} Menurut Kelompok Umur {1}",
)
OFFICES = tuple(f"63{number:02}" for number in range(2, 2 + len(REGIONS)))
# What somebody writes, and the title that is meant.
MEANT = (
    ("brp jmlh pddk kotabaru 2024", "Jumlah Penduduk Kabupaten Kotabaru Menurut Kecamatan, 2024"),
    ("jmlh pddk kotabaru 2024 brp y", "Jumlah Penduduk Kabupaten Kotabaru Menurut Kecamatan, 2024"),
    ("min ada data ipm terbaru ga", "Indeks Pembangunan Manusia Kabupaten Kotabaru 2025"),
    (
        "pdrb menurut lapangan usaha 2019-2023 ada?",
        "Produk Domestik Regional Bruto Kabupaten Kotabaru Menurut Lapangan Usaha 2023",
    ),
    (
        "pdrb adhk mnrt lap usaha kotabaru 2022",
        "Produk Domestik Regional Bruto Kabupaten Kotabaru Menurut Lapangan Usaha 2022",
    ),
    (
        "Mohon data produksi padi tahun 2022 s.d. 2024 untuk skripsi saya, terima kasih",
        "Luas Panen dan Produksi Padi Kabupaten Kotabaru 2024",
    ),
    ("pak sy mahasiswa unhas butuh data ntp kolaka 5 thn", "Nilai Tukar Petani Kolaka 2025"),
    ("data dalam angka 2025 sdh terbit blm?", "Kabupaten Kotabaru Dalam Angka 2025"),
    (
        "jml sekolah sd di nunukan brp",
        "Jumlah Sekolah Dasar, Guru, dan Murid Menurut Kecamatan di Kabupaten Nunukan 2025",
    ),
    ("ada data ekspor impor gak", "Ekspor dan Impor Melalui Pelabuhan di Kabupaten Kotabaru 2025"),
    ("tpt tarakan agustus 2024", "Tingkat Pengangguran Terbuka Kabupaten Tarakan Agustus 2024"),
    ("angka pengangguran tarakan 2020", "Tingkat Pengangguran Terbuka Kabupaten Tarakan Agustus 2020"),
    ("tpak kolaka timur thn 2023", "Tingkat Partisipasi Angkatan Kerja Kabupaten Kolaka Timur 2023"),
    ("garis kemiskinan tanah bumbu 2022", "Garis Kemiskinan Kabupaten Tanah Bumbu, 2022"),
    ("brp org miskin di banjarbaru th 2021", "Penduduk Miskin Kabupaten Banjarbaru Tahun 2021"),
    (
        "jln rusak kotabaru 2023 panjangnya brp km",
        "Panjang Jalan Menurut Kondisi dan Kecamatan di Kabupaten Kotabaru 2023",
    ),
    ("inflasi kotabaru", "Indeks Harga Konsumen dan Inflasi Kabupaten Kotabaru 2025"),
    ("ihk tapin 2019", "Indeks Harga Konsumen dan Inflasi Kabupaten Tapin 2019"),
    ("indeks pembangunan manusia malinau 2020", "Indeks Pembangunan Manusia Kabupaten Malinau 2020"),
    (
        "luas panen padi hulu sungai utara 2018",
        "Luas Panen dan Produksi Padi Kabupaten Hulu Sungai Utara 2018",
    ),
    ("populasi ternak kambing tabalong", "Populasi Ternak Sapi dan Kambing Kabupaten Tabalong 2025"),
    (
        "upah pekerja menurut pendidikan bulungan 2019",
        "Upah Buruh dan Pekerja Menurut Pendidikan Kabupaten Bulungan 2019",
    ),
    ("angka harapan hidup bangka selatan 2024", "Angka Harapan Hidup Kabupaten Bangka Selatan 2024"),
    (
        "rls dan hls kendari 2023",
        "Rata-rata Lama Sekolah dan Harapan Lama Sekolah Kabupaten Kendari 2023",
    ),
    (
        "tenaga kesehatan konawe 2015",
        "Jumlah Tenaga Kesehatan Menurut Jenisnya di Kabupaten Konawe 2015",
    ),
    ("hotel tarakan 2020", "Jumlah Hotel dan Akomodasi di Kabupaten Tarakan 2020"),
    (
        "penghunian kamar hotel bintang belitung",
        "Tingkat Penghunian Kamar Hotel Berbintang Kabupaten Belitung 2025",
    ),
    (
        "wisatawan bangka 2019",
        "Jumlah Wisatawan Mancanegara dan Nusantara di Kabupaten Bangka 2019",
    ),
    ("curah hujan kotabaru 2024", "Suhu Udara dan Curah Hujan di Kabupaten Kotabaru 2024"),
    ("population of Tarakan 2023", "Jumlah Penduduk Kabupaten Tarakan Menurut Kecamatan, 2023"),
    ("gini ratio kolaka", "Gini Rasio Kabupaten Kolaka 2025"),
    (
        "kepadatan pddk banjarmasin 2024",
        "Kepadatan Penduduk dan Rasio Jenis Kelamin Kabupaten Banjarmasin 2024",
    ),
    ("apbd kotabaru 2023", "Anggaran Pendapatan dan Belanja Daerah Kabupaten Kotabaru 2023"),
    ("sensus pertanian tapin 2023", "Hasil Sensus Pertanian Kabupaten Tapin 2023"),
    (
        "pertumbuhan ekonomi tarakan 2025",
        "Laju Pertumbuhan Ekonomi Kabupaten Tarakan 2025",
    ),
    (
        "proyeksi penduduk menurut umur barito kuala 2020",
        "Proyeksi Penduduk Kabupaten Barito Kuala Menurut Kelompok Umur 2020",
    ),
)
SIZE = len(REGIONS) * len(YEARS) * len(INDICATORS)
NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
_KINDS = ("statictable", "publication", "pressrelease")


def items() -> Iterator[Item]:
    """Every indicator of every region in every year."""
    number = 0
    for year in YEARS:
        for region in REGIONS:
            for place, title in enumerate(INDICATORS):
                number += 1
                yield Item(
                    kind=_KINDS[place % len(_KINDS)],
                    external_id=str(number),
                    title=title.format(region, year),
                    link=f"https://contoh.bps.go.id/{number}",
                    released_on=date(min(year + 1, 2026), 1 + place % 12, 1 + number % 28),
                    summary="Tabel dan uraian menurut kecamatan.",
                )


def fill(database: Database) -> None:
    """The made catalogue, each region's under an office of its own."""
    titled: dict[str, list[Item]] = {region: [] for region in REGIONS}
    for item in items():
        region = max((each for each in titled if f" {each}" in item.title), key=len)
        titled[region].append(item)
    with database.write() as connection:
        for office, (region, listed) in zip(OFFICES, titled.items(), strict=True):
            catalogue.keep(connection, office, "webapi", listed, region, NOW)
