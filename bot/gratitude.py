"""Thanks for what was sent, or to somebody by name: they ask for nothing, though they speak of data."""

import re
from collections.abc import Iterable

from bot import words
from bot.intents import Message

_SENT = (
    r"(?:data|file|berkas|lampiran|tabel|publikasi|email|surel|informasi|info|jawaban|penjelasan|tanggapan"
    r"|balasan|respon|respons|bantuan|pelayanan|layanan)(?:nya)?"
)
_FOR_WHAT = re.compile(
    rf"\b(?:atas|untuk|utk) (?:semua |segala )?{_SENT}(?: (?:dan|serta) {_SENT})?"
    r"(?: (?:yang|yg|telah|tlh|sudah|sdh|diberikan|dikirim|dikirimkan|disampaikan|tersebut|ini))*"
)
_ARRIVED = re.compile(
    rf"(?:\b{_SENT} )?\b(?:sudah|sdh|udah|telah) (?:(?:saya|kami|aku) )?"
    r"(?:terima|diterima|download|unduh|dapat|dapatkan|buka|baca|masuk)\b(?: dengan baik)?"
    rf"(?: {_SENT})?"
)
_BY_NAME = re.compile(
    r"\b(?:pak|bu|ibu|bapak|mas|mbak|mba|kak|bang|kang|teh) (?P<name>[a-z]{3,}(?: [a-z]{3,})?)"
)
_OFFICE = re.compile(r"\bbps(?: (?:kabupaten|kab|kota|provinsi|prov))?(?: [a-z]{3,}){0,2}")
# "Ditunggu" and "mengirim" are no names; "Dian" and "Mega" are.
_A_VERB = re.compile(r"(?:di|me|ber|ter|ke|se)[a-z]{4,}")
_NO_NAME = (
    words.NOT_IN_A_NAME | words.FILLER | words.REQUEST | words.NO | words.TOPICS | words.WISHING
    | words.ASKING | words.UNFINISHED | words.WITH_A_BUT | words.THANKS | words.ACKNOWLEDGE
)  # fmt: skip


def without_what_for(message: Message) -> list[str]:
    """The words of thanks without what they are for, and without who they go to."""
    spoken = _ARRIVED.sub(" ", _FOR_WHAT.sub(" ", " ".join(message.said)))
    spoken = _BY_NAME.sub(_unnamed, spoken)
    if not message.about_figures:
        spoken = _OFFICE.sub(" ", spoken)
    return spoken.split()


def _unnamed(found: re.Match[str]) -> str:
    return " " if _are_names(found["name"].split()) else found.group()


def _are_names(said: Iterable[str]) -> bool:
    return not any(word in _NO_NAME or _A_VERB.fullmatch(word) for word in said)
