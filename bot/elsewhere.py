"""What people ask a statistics office for that is another's business, and whose."""

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.spelling import spelt

WRONG_NUMBER = "wrong_number"
AREA = "area"

_BUSINESS = {
    "wage": r"umk|ump|umr|umsk|upah minimum|minimum wage",
    "aid": r"bansos|bantuan (?:sosial|umkm|beras|pangan|pemerintah)|pkh|bpnt|blt|bst|desil|dtks|dtsen"
    r"|(?:kartu )?prakerja|program keluarga harapan|social aid",
    "civil": r"ktp|e ktp|kartu keluarga|kk baru|akta|akte|surat pindah|dukcapil|disdukcapil"
    r"|(?:buat|urus|cetak|pecah|ubah|ganti|syarat) (?:\w+ )?kk|kk (?:saya )?hilang|nik saya",
    "health": r"bpjs|jkn|kartu indonesia sehat",
    "tax": r"npwp|spt|(?:bayar|lapor|cek|urus) pajak|pajak (?:motor|mobil|kendaraan|saya)|samsat"
    r"|stnk|bpkb|(?:buat|urus|perpanjang) (?:\w+ )?sim",
    "licence": r"nib|oss|izin usaha|siup|imb|pbg",
    "jobs": r"(?:mitra|petugas) (?:statistik|bps|sensus|survei) (?:kapan|buka|dibuka|bagaimana|\d{4})"
    r"|(?:daftar|gaji|honor|jadi|lowongan|pendaftaran|rekrutmen|seleksi) (?:\w+ )?(?:mitra|petugas)"
    r"|lowongan|loker|rekrutmen|cpns|job vacanc(?:y|ies)",
    "utilities": r"pln|listrik (?:mati|padam)|mati (?:listrik|lampu)|pdam|air (?:\w+ )?(?:mati|tidak ngalir)"
    r"|token listrik",
}
_OTHERS = re.compile(rf"\b(?:{'|'.join(f'(?P<{key}>{told})' for key, told in _BUSINESS.items())})\b")
_NOT_US = re.compile(
    r"\bsalah (?:sambung|nomor|alamat wa)\b|\bnomor (?:\w+ )?salah\b|\bwrong number\b"
    r"|^(?:\w+ ){0,2}ini (?:nomor|wa) (?!bps)(?:\w+ ){1,4}(?:kan|bukan|ya)$"
)
# Of all this there are figures, too.
_FIGURES = re.compile(
    r"\b(?:data\b(?! saya)|jumlah|persentase|persen|statistik|angka|tabel|publikasi|rasio|indeks|tren"
    r"|laju|rata|berapa (?:banyak|orang)|pengeluaran|penerimaan|realisasi|dataset"
    r"|number of|figures|statistics)"
)
# Neither a year nor beneficiaries are asked for by who asks for their own.
_COUNTED = re.compile(r"\b(?:(?:19|20)\d\d|peserta|pelanggan|penerima)\b")
_PERSONAL = re.compile(r"\b(?:saya|anak|kapan|cair|cara|buat|urus|daftar|syarat|ubah|hilang|lowongan|gaji)\b")
_WAGE_AS_DATA = re.compile(
    r"\b(?:publikasi|inflasi|pdrb|ihk|khl|survei|tabel)\b|\buntuk (?:\w+ ){0,3}um[kpr]\b"
)
_COMPARES = re.compile(r"\b(?:banding\w*|dibanding\w*|vs|versus|selain|dan|antar|compare\w*)\b")


def business(sentence: str) -> tuple[str, str] | None:
    """Whose business *sentence* (in usual spelling) is, and the words that say so; None if it may be ours."""
    if found := _NOT_US.search(sentence):
        return WRONG_NUMBER, found.group()
    found = _OTHERS.search(sentence)
    if not found or not found.lastgroup:
        return None
    if _COUNTED.search(sentence) and found.lastgroup != "wage" and not _PERSONAL.search(sentence):
        return None
    figures = (_WAGE_AS_DATA if found.lastgroup == "wage" else _FIGURES).search(sentence)
    return None if figures else (found.lastgroup, found.group())


def other_area(sentence: str, own: str, neighbours: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """The office of *neighbours* whose area *sentence* names instead of our *own*, and the name found."""
    padded = f" {sentence} "
    if (own and f" {own} " in padded) or _COMPARES.search(sentence):
        return None
    named = ((office, written(name)) for office, names in neighbours.items() for name in names)
    return next(((office, name) for office, name in named if f" {name} " in padded), None)


@lru_cache(maxsize=1024)
def written(name: str) -> str:
    """A name of the configuration in the spelling that sentences are compared in."""
    return " ".join(spelt(word) for word in name.casefold().split())
