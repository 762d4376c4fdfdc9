"""The words of titles and of searches as the index holds them: written out, stemmed, plain ASCII.

Stemmed here and not by a database, so that SQLite and PostgreSQL find exactly the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from bot import words
from bot.spelling import spelt_out

MOST_WORDS = 10
LONGEST_QUERY = 300
_MOST_TERMS = 400
_LONGEST_WORD = 40
_SPAN = re.compile(
    r"\b((?:19|20)\d\d)\s?(?:-|–|—|/|s\s?[./]?\s?d\.?|sampai dengan|sampai|hingga|to)\s?((?:19|20)\d\d)\b"
)
# Where a word says itself that the next one is a place.
_PLACE = re.compile(
    r"\b(?:(?:di|kab(?:upaten)?|kota|prov(?:insi)?|kec(?:amatan)?|desa|kel(?:urahan)?)\b\.? ?)+([a-z]{3,})"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_SPAN = 40
_WORD = re.compile(r"[a-z0-9]+")
_UNTIL = re.compile(r"\bs\s?[./]\s?d\b\.?", re.IGNORECASE)
_THANKS = re.compile(
    r"\b(?:terima\s?kasih|makasih|mksh|trims|tks|demikian|atas perhatian\w*|hormat (?:kami|saya))\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:mem)?(?:butuh|perlu)(?:kan)?\b|\b(?:mohon|minta|meminta|mencari|cari|permohonan)\b", re.IGNORECASE
)
_SIGN = re.compile(r"[^\w\x00-\x7f]")

# A title says the one or the other, and so does who searches.
ACRONYMS = {
    "pdrb": "produk domestik regional bruto",
    "ipm": "indeks pembangunan manusia",
    "ihk": "indeks harga konsumen",
    "ntp": "nilai tukar petani",
    "tpt": "tingkat pengangguran terbuka",
    "tpak": "tingkat partisipasi angkatan kerja",
    "adhk": "atas dasar harga konstan",
    "adhb": "atas dasar harga berlaku",
    "uhh": "umur harapan hidup",
    "rls": "rata rata lama sekolah",
    "hls": "harapan lama sekolah",
    "apm": "angka partisipasi murni",
    "apk": "angka partisipasi kasar",
    "aps": "angka partisipasi sekolah",
    "dda": "dalam angka",
    "lpe": "laju pertumbuhan ekonomi",
    "ipg": "indeks pembangunan gender",
    "idg": "indeks pemberdayaan gender",
    "ikk": "indeks kemahalan konstruksi",
    "brs": "berita resmi statistik",
    "kbli": "klasifikasi baku lapangan usaha indonesia",
    "umk": "upah minimum kabupaten",
    "pad": "pendapatan asli daerah",
    "apbd": "anggaran pendapatan dan belanja daerah",
    "tik": "teknologi informasi dan komunikasi",
}
_OTHER_WORDS = {
    "kda": "dda",
    "kca": "dda",
    "population": "penduduk",
    "gdp": "pdrb",
    "grdp": "pdrb",
    "hdi": "ipm",
    "cpi": "ihk",
    "poverty": "kemiskinan",
    "poor": "miskin",
    "unemployment": "pengangguran",
    "inflation": "inflasi",
    "regency": "kabupaten",
    "district": "kecamatan",
    "rice": "padi",
    "export": "ekspor",
    "exports": "ekspor",
    "import": "impor",
    "imports": "impor",
    "growth": "pertumbuhan",
    "tourist": "wisatawan",
    "tourists": "wisatawan",
    "hotels": "hotel",
    "ratio": "rasio",
}
# What stands for more than one word, or is shortened in titles only.
_SHORT_FOR = {
    "sd": "sekolah dasar",
    "smp": "sekolah menengah pertama",
    "sma": "sekolah menengah atas",
    "smk": "sekolah menengah kejuruan",
    "jln": "jalan",
    "mnrt": "menurut",
    "lap": "lapangan",
    "prod": "produksi",
    "klmpk": "kelompok",
    "pert": "pertumbuhan",
    "rt": "rumah tangga",
    "ds": "desa",
    "sumut": "sumatera utara",
    "sumbar": "sumatera barat",
    "sumsel": "sumatera selatan",
    "kepri": "kepulauan riau",
    "jabar": "jawa barat",
    "jateng": "jawa tengah",
    "jatim": "jawa timur",
    "diy": "daerah istimewa yogyakarta",
    "ntb": "nusa tenggara barat",
    "ntt": "nusa tenggara timur",
    "kalbar": "kalimantan barat",
    "kalteng": "kalimantan tengah",
    "kalsel": "kalimantan selatan",
    "kaltim": "kalimantan timur",
    "kaltara": "kalimantan utara",
    "sulut": "sulawesi utara",
    "sulteng": "sulawesi tengah",
    "sulsel": "sulawesi selatan",
    "sultra": "sulawesi tenggara",
    "sulbar": "sulawesi barat",
    "malut": "maluku utara",
}
# What the stemmer would take apart wrongly.
_IRREGULAR = {
    "kependudukan": "penduduk",
    "ketenagakerjaan": "tenaga kerja",
    "perekonomian": "ekonomi",
    "perindustrian": "industri",
    "wisatawan": "wisata",
    "pariwisata": "wisata",
    "kepemudaan": "pemuda",
    "kepariwisataan": "wisata",
    "rumahtangga": "rumah tangga",
    "nganggur": "menganggur",
}


@cache
def _stemmer() -> Any:
    from snowballstemmer import stemmer  # it brings all languages: who searches loads them

    return stemmer("indonesian")


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: terms that must be there, such as only rank, and the years that were named."""

    needed: tuple[str, ...]
    helpful: frozenset[str]
    years: frozenset[str]
    places: frozenset[str] = frozenset()


def query_of(text: str) -> Query:
    """*text* as a search. A query without a telling word looks for what else it says, then for its years."""
    cut = _point_of(text[:LONGEST_QUERY])
    said = [_OTHER_WORDS.get(word, word) for word in _phrases_shortened(_written_out(cut))]
    years = frozenset(word for word in said if _YEAR.fullmatch(word)) | _between(cut)
    telling = [word for word in said if _tells(word) and word not in words.HELPFUL]
    helpful = [word for word in said if word in words.HELPFUL]
    needed = _stems(telling or helpful) or tuple(sorted(years))
    places = frozenset(_stems(word for name in _PLACE.findall(cut.casefold()) for word in _written_out(name)))
    return Query(needed[:MOST_WORDS], frozenset(_stems(helpful)) - set(needed), years, places & set(needed))


def _point_of(text: str) -> str:
    """*text* without who asks before a wish and who thanks at the end: names are in no title."""
    body = next(part for part in (_THANKS.split(text)[0], text) if part.strip() or part is text)
    wished = _WISH.split(body, maxsplit=1)[-1]
    return (
        wished if any(_tells(word) and word not in words.HELPFUL for word in _written_out(wished)) else body
    )


def terms_of(text: str, besides: str = "") -> str:
    """All terms of a title or text, each once; *besides* is known of it without being said."""
    said = _written_out(f"{text} {besides}")
    there = " ".join(said)
    known = [
        *said,
        *(short for short, phrase in ACRONYMS.items() if phrase in there),
        *(word for short in said if short in ACRONYMS for word in ACRONYMS[short].split()),
        *sorted(_between(text)),
    ]
    return " ".join(_stems(known)[:_MOST_TERMS])


def telling(terms: Iterable[str]) -> set[str]:
    """Those of a title's *terms* that make it another title: neither years nor words of all titles."""
    return {term for term in terms if term not in _common() and not _YEAR.fullmatch(term)}


def years_in(terms: Iterable[str]) -> set[str]:
    """The years among *terms*."""
    return {term for term in terms if _YEAR.fullmatch(term)}


def _written_out(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", _SIGN.sub(" ", text)).encode("ascii", "ignore").decode()
    said = tuple(_WORD.findall(_UNTIL.sub(" sd ", folded.casefold())))
    spelt = (word for word in spelt_out(said) if len(word) <= _LONGEST_WORD)
    meant = (_IRREGULAR.get(word) or _SHORT_FOR.get(word, word) for word in spelt)
    return [word for each in meant for word in each.split()]


def _phrases_shortened(said: Sequence[str]) -> list[str]:
    """A known phrase is looked for by its acronym: the words alone would be found everywhere."""
    there = f" {' '.join(said)} "
    for short, phrase in ACRONYMS.items():
        there = there.replace(f" {phrase} ", f" {short} ")
    return there.split()


def _tells(word: str) -> bool:
    if word in words.SAYS_NOTHING or _YEAR.fullmatch(word):
        return False
    return len(word) > 1 and (not word.isdecimal() or len(word) > 2)


def _between(text: str) -> frozenset[str]:
    """The years of a span like 2019-2023, the first and the last included."""
    return frozenset(
        str(year) for first, last in _SPAN.findall(text.casefold()) for year in _all(first, last)
    )


def _all(first: str, last: str) -> Iterator[int]:
    if int(first) <= int(last) <= int(first) + _LONGEST_SPAN:
        yield from range(int(first), int(last) + 1)


def _stems(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_stem(word) for word in said))


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word)) or word


@cache
def _common() -> frozenset[str]:
    return frozenset(_stems(words.HELPFUL | words.SAYS_NOTHING))
