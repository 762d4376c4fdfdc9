"""What people shorten when they write, and the words it stands for: plain data, and the two traps in it."""

import re
from collections.abc import Sequence

from bot import words

SHORT = {
    "sy": "saya",
    "sya": "saya",
    "yg": "yang",
    "utk": "untuk",
    "u": "untuk",
    "dgn": "dengan",
    "dg": "dengan",
    "brp": "berapa",
    "brapa": "berapa",
    "thn": "tahun",
    "th": "tahun",
    "kab": "kabupaten",
    "kec": "kecamatan",
    "kcmtn": "kecamatan",
    "ds": "desa",
    "kel": "kelurahan",
    "prov": "provinsi",
    "prop": "provinsi",
    "jml": "jumlah",
    "jmlh": "jumlah",
    "jlh": "jumlah",
    "pddk": "penduduk",
    "pnddk": "penduduk",
    "pdd": "penduduk",
    "sdh": "sudah",
    "udh": "sudah",
    "udah": "sudah",
    "blm": "belum",
    "tdk": "tidak",
    "gk": "tidak",
    "ga": "tidak",
    "gak": "tidak",
    "ngga": "tidak",
    "nggak": "tidak",
    "gmn": "bagaimana",
    "gmna": "bagaimana",
    "gimana": "bagaimana",
    "knp": "kenapa",
    "klo": "kalau",
    "kalo": "kalau",
    "dr": "dari",
    "pd": "pada",
    "dlm": "dalam",
    "krn": "karena",
    "bs": "bisa",
    "lgsg": "langsung",
    "dmn": "di mana",
    "kmrn": "kemarin",
    "bln": "bulan",
    "tgl": "tanggal",
    "org": "orang",
    "tlg": "tolong",
    "tlng": "tolong",
    "mhn": "mohon",
    "mksh": "terima kasih",
    "makasih": "terima kasih",
    "tq": "terima kasih",
    "trims": "terima kasih",
    "trmksh": "terima kasih",
    "bpk": "bapak",
    "kk": "kak",
    "jln": "jalan",
    "mnrt": "menurut",
    "klmpk": "kelompok",
    "lap": "lapangan",
    "pert": "pertumbuhan",
    "prod": "produksi",
    "kemisk": "kemiskinan",
    "pengang": "pengangguran",
    "peng": "pengeluaran",
    "rt": "rumah tangga",
}
SCHOOLS = {
    "sd": "sekolah dasar",
    "smp": "sekolah menengah pertama",
    "sma": "sekolah menengah atas",
    "smk": "sekolah menengah kejuruan",
}
PROVINCES = {
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
_ALL = {**SHORT, **SCHOOLS, **PROVINCES}
_UNTIL = re.compile(r"\bs\s?[./]\s?d\b\.?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?:19|20)\d\d")


def expand(text: str) -> tuple[str, ...]:
    """The words of *text* in lower case, with abbreviations written out.

    ``sd`` between two years is *sampai dengan*, else a school; ``min`` is a greeting at the beginning, at the
    end and behind a greeting, else *minimum*.
    """
    said = _WORD.findall(_UNTIL.sub(" sd ", text.casefold()))
    meant = (_meant(said, place) for place in range(len(said)))
    return tuple(word for each in meant for word in each.split())


def _meant(said: Sequence[str], place: int) -> str:
    word = said[place]
    before = said[place - 1] if place else ""
    after = said[place + 1] if place + 1 < len(said) else ""
    if word == "sd" and _is_year(before) and _is_year(after):
        return "sampai dengan"
    if word == "min" and before and after and before not in words.GREETING | words.ADDRESS:
        return "minimum"
    return _ALL.get(word, word)


def _is_year(word: str) -> bool:
    return _YEAR.fullmatch(word) is not None
