"""Short and careless Indonesian in one spelling, for comparing: abbreviations, drawn-out letters, slips."""

import re
from functools import lru_cache

_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")
_TWICE = re.compile(r"([^\W\d]{3,})2")
_WRITTEN = {
    "aplikasi": "app apps apk",
    "bagaimana": "gmn gmna gimana gmana gimna bgmn bagaimna",
    "banget": "bgt bngt",
    "banyak": "bnyk byk",
    "belum": "blm blom belom blum",
    "benar": "bener bnr benr beneer",
    "berapa": "brp brapa brpa berp berape piro",
    "berhenti": "brenti brhenti berenti setop",
    "bicara": "ngomong ngobrol berbicara",
    "bisa": "bs bsa",
    "buat": "bikin membuat bikinin buatin",
    "bulan": "bln",
    "dalam": "dlm",
    "dapat": "dpt dapet",
    "dari": "dr",
    "data": "dta dt",
    "dengan": "dgn dg dngn ama sama",
    "dibalas": "dibales dibls",
    "dimana": "dmn dmna dimn",
    "error": "eror erorr",
    "inflasi": "inflsi inflassi",
    "iya": "iyaa iyah iyap iyo iye yaa",
    "jangan": "jgn jngn jangn",
    "jumlah": "jml jmlh juml jmlah jumlh jlh",
    "kabupaten": "kab",
    "kalau": "klo kalo klu kl",
    "karena": "krn",
    "kecamatan": "kec kcmtn",
    "kelurahan": "kel",
    "kemarin": "kmrn kmarin kmren kemaren",
    "kemiskinan": "kemiskanan kmiskinan kemiskinn",
    "kenapa": "knp knapa napa mengapa ngapa",
    "kirim": "krm kirimin kirimkan kirimi",
    "konsultasi": "konsul konsultasikan",
    "langsung": "lgsg lgsung lsg lngsung",
    "maaf": "sori sorry sry maap mf afwan",
    "makasih": "mksh mksih mkasih mkasi maksih maksi makasi makasihh makasii makaci makacih maacih maaci",
    "masih": "msh",
    "mau": "pengen pingin pgn kepengen pengin handak ingin mo mw",
    "minggu": "mgg",
    "mohon": "mhn mohn memohon",
    "nomor": "nmr nomer no nomr",
    "oke": "okk okee okey okeh okok",
    "orang": "org orng",
    "pada": "pd",
    "penduduk": "pddk pnddk pendduk pnduduk penddk",
    "petugas": "ptgs ptugas petgas ptugs",
    "provinsi": "prov",
    "saja": "aja sj ae",
    "sambung": "sambungin disambungin sambungkan disambungkan hubungkan dihubungkan",
    "sampai": "sampe smpe",
    "saya": "sy aku gue gw ane ulun abdi",
    "sudah": "sdh udh udah dah sdah",
    "survei": "survey",
    "tahun": "thn th",
    "tanya": "tny nanya bertanya menanyakan",
    "telepon": "telp tlp telpon telfon",
    "tidak": "ga gk gak g ngga nggak enggak engga kagak tdk tak ndak nda dak",
    "tolong": "tlg tlng please pls",
    "terimakasih": "terimakasi trimakasih trimakasi tarimakasih trimaksih terimaksih trmksih trimksh trmksh",
    "terima": "trima tarima",
    "untuk": "utk u tuk untk bwt",
    "urus": "ngurus mengurus",
    "web": "website situs",
    "yang": "yg yng",
}
_SHORT_FOR = {short: word for word, listed in _WRITTEN.items() for short in listed.split()}
_ENDINGS = ("nya", "kah", "lah")
# What ends like that by itself.
_WHOLE = frozenset((
    "punya", "hanya", "tanya", "nanya", "bertanya", "makanya", "salah", "jumlah", "masalah",
    "sekolah", "lelah", "telah", "wilayah", "tambah", "olah", "belah", "sebelah", "nikah",
    "langkah", "pernah", "naskah", "berkah",
))  # fmt: skip
_LONGEST = 40
_SMALLEST = frozenset((
    "suhu", "temperatur", "max", "maks", "maksimum", "upah", "nilai", "usia", "umur", "kelembapan",
    "tekanan",
))  # fmt: skip


@lru_cache(maxsize=4096)
def spelt(word: str) -> str:
    """*word* (in lower case) as it is usually written, without *-nya*, *-kah* and *-lah*."""
    if len(word) > _LONGEST:
        return word
    word = _TWICE.sub(r"\1", _DRAWN_OUT.sub(r"\1", word))
    if word in _SHORT_FOR or word in _WHOLE:
        return _SHORT_FOR.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending)
            return _SHORT_FOR.get(stem, stem)
    return word


def spelt_out(said: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a message as usually written. What two of them mean, what stands beside them shows.

    *sd* between numbers is *sampai*, else a primary school; *min* beside a measure is *minimum*, else
    somebody is spoken to.
    """
    written = tuple(map(spelt, said))
    if "sd" not in written and "min" not in written:
        return written
    return tuple(_in_place(word, written, place) for place, word in enumerate(written))


def _in_place(word: str, written: tuple[str, ...], place: int) -> str:
    around = written[max(place - 2, 0) : place + 3]
    before, after = (written[place - 1] if place else ""), "".join(written[place + 1 : place + 2])
    if word == "sd" and before.isdecimal() and after.isdecimal():
        return "sampai"
    if word == "min":
        return word if _SMALLEST.isdisjoint(around) and not after.isdecimal() else "minimum"
    return word
