"""What citizens and offices write to each other: texts of differing length, common words and rare ones."""

import random
from collections.abc import Iterator

from bench.titles import INDICATORS, REGIONS

TEXTS = 20_000
COMMON, MIDDLING, NOWHERE = "data", "inflasi", "zxqwvy"
_OPENINGS = (
    "Selamat pagi, saya mahasiswa yang sedang menyusun skripsi.",
    "Assalamualaikum, mohon bantuannya untuk data berikut.",
    "Permisi min, mau tanya data.",
    "Dengan hormat, kami dari dinas memerlukan data untuk perencanaan.",
    "halo kak, data ini ada ndak ya",
)
_CLOSINGS = (
    "Terima kasih banyak.",
    "Mohon dikirim dalam format excel ya, makasih",
    "Kalau bisa per kecamatan.",
    "ditunggu kabarnya, terima kasih",
    "",
)
_ANSWERS = (
    "Baik, tabel yang diminta sudah kami siapkan; silakan diunduh dari laman kantor.",
    "Angka itu hanya tersedia sampai tingkat kabupaten, bukan desa.",
    "Apakah yang dimaksud menurut lapangan usaha atau menurut pengeluaran?",
    "Data tahun tersebut terbit bulan depan, akan kami kabari.",
    "Kami lampirkan publikasinya, bab tiga halaman empat puluh.",
)
_SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "su",
    "ra",
    "te",
    "ngu",
    "bar",
    "wi",
    "pa",
    "do",
    "sen",
    "ti",
    "ho",
    "le",
    "jam",
)


def rare(number: int) -> str:
    """A word that stands in one text of the vocabulary only, as names do."""
    word = ""
    for _ in range(4):
        number, place = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[place]
    return word + "yah"


def texts(how_many: int = TEXTS) -> Iterator[str]:
    """So many texts, the same ones each time."""
    chance = random.Random(7)  # noqa: S311  # nothing is secret here
    for number in range(how_many):
        yield _text(chance, number)


def _text(chance: random.Random, number: int) -> str:
    if number % 3 == 2:
        return f"{chance.choice(_ANSWERS)} {rare(number)}"
    asked = [_asked(chance) for _ in range(1 if chance.random() < 0.8 else chance.randint(2, 9))]
    told = [chance.choice(_OPENINGS), *asked, f"Nama saya {rare(number)}.", chance.choice(_CLOSINGS)]
    return " ".join(told if number % 3 == 0 else told[1:3])


def _asked(chance: random.Random) -> str:
    # Few indicators are asked often, most of them seldom.
    indicator = INDICATORS[int(len(INDICATORS) * chance.random() ** 2)]
    return indicator.format(chance.choice(REGIONS), chance.randint(2015, 2025)) + "."
