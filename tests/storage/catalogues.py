"""A made catalogue of 20,000 titles: indicators by regions by years, always the same, never in a file."""

from collections.abc import Iterator
from datetime import date

from storage.catalogue import Item

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
SIZE = len(REGIONS) * len(YEARS) * len(INDICATORS)
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
