"""How mail programs announce what they repeat: one line at a time, Indonesian and English.

Every test looks at a bounded piece of a line and no expression can run back and forth over it. The layouts
marked (seen) come from public mail; the others are rebuilt from the programs' templates.
"""

import re
from itertools import takewhile

# A line is judged by its beginning; what is longer is prose.
LONGEST_LINE = 400

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_QUOTED = re.compile(r"[ \t]{0,3}>(?!=)")
_WROTE = re.compile(r"\b(?:menulis|menuliskan|wrote)\s?:?\s?(?:[-*_]{2,10})?$", re.IGNORECASE)
_WHEN_FIRST = re.compile(r"[-*_\s]{0,12}(?:Pada|On|Tanggal|Tgl\.?)\s", re.IGNORECASE)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b")
_NAME_FIRST = re.compile(
    r"[^:]{0,120}<[^<>@\s]{1,64}@[^<>@\s]{1,253}>[^:]{0,60}\s(?:menulis|wrote):?$", re.IGNORECASE
)

_RUNNING = re.compile(
    r"(?:Pada|On)\s[^<>]{1,200}<[^<>@\s]{1,64}@[^<>@\s]{1,253}>\s?(?:menulis|wrote):\s", re.IGNORECASE
)

# "-----Pesan Asli-----", "-------- Original Message --------", "---- Pesan asal ----"
_ORIGINAL = re.compile(
    r"[-_=*\s]{2,40}(?:pesan\s(?:asli|asal|awal|sebelumnya|semula)|original\s(?:message|e-?mail|appointment)|"
    r"reply\smessage|pesan\sbalasan)[-_=*:\s]{0,40}$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"[-_=*\s]{0,40}(?:forwarded\s(?:message|by\s.{1,120})|pesan\s(?:yang\s)?(?:terusan|diteruskan)|"
    r"begin\sforwarded\smessage|awal\spesan\s(?:yang\s)?(?:terusan|diteruskan)|"
    r"mulai\spesan\s(?:yang\s)?(?:terusan|diteruskan)|diteruskan\soleh\s.{1,120}|surel\sterusan)[-_=*:\s]{0,40}$",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"[-#=*_>\s]{0,40}(?:(?:mohon\s)?balas(?:lah)?\s(?:di\s)?atas\s(?:baris|garis)\sini|"
    r"(?:please\s)?(?:reply|write)\sabove\sthis\sline)[-#=*_.\s]{0,40}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_\-=*]{5,200}$")

_LABEL = re.compile(r"[*_\s]{0,4}([A-Za-z][A-Za-z -]{0,20}?)\s?[*_]{0,2}\s?:[*_]{0,2}(?:\s|$)")
_FROM = {"from", "dari", "pengirim"}
_SENT = {"sent", "dikirim", "date", "tanggal", "dikirim pada", "terkirim", "waktu", "hari"}
_REST = {
    "to",
    "kepada",
    "ke",
    "untuk",
    "cc",
    "tembusan",
    "subject",
    "subjek",
    "perihal",
    "judul",
    "hal",
    "bcc",
}
_SENT_BY_PROGRAM = {"sent", "dikirim", "dikirim pada", "terkirim"}

BARE_SIGNATURE = "--"
_SIGNATURE = re.compile(r"--[ \xa0]?$")
_SENT_FROM = re.compile(
    r"[*_\s<>]{0,4}(?:(?:di)?kirim(?:an)?\s(?:dari|melalui|menggunakan|via)|terkirim\sdari|sent\s(?:from|with|via|using)|"
    r"dapatkan\s(?:outlook|aplikasi)|get\s(?:outlook|the\sapp)|unduh\s(?:outlook|aplikasi))\s(.{1,160})$",
    re.IGNORECASE,
)
_DEVICES = re.compile(
    r"iphone|ipad|android|outlook|yahoo|samsung|galaxy|xiaomi|redmi|oppo|vivo|realme|huawei|blackberry|mail|"
    r"ponsel|smartphone|perangkat|my phone|mobile|proton|surel|ios\b|windows|telepon|hp saya|gmail|poco|"
    r"infinix|nokia",
    re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(r"\s{0,4}(?:fwd?|trs|terusan|diteruskan|wg|tr)\s?:", re.IGNORECASE)


def tidy(line: str) -> str:
    """*line* without what can't be seen, blanks single, cut where judging ends."""
    judged = line[:LONGEST_LINE]
    return " ".join((judged if judged.isascii() else _INVISIBLE.sub("", judged)).split())


def is_quoted(line: str) -> bool:
    """A line that carries a quote mark. ``>=`` is a comparison."""
    return _QUOTED.match(line) is not None


def says_wrote(line: str) -> bool:
    """A tidy line that ends an announcement: "… menulis:"."""
    return _WROTE.search(line[-40:]) is not None


def is_announcement(joined: str) -> bool:
    """One to four tidy lines joined: who wrote when, as Gmail, Apple Mail, Yahoo and Roundcube say it.

    Starts with *Pada* or *On* and holds a time of day or an address beside a date, so that a sentence of a
    citizen ("Pada rapat kemarin Kepala Dinas menulis:") is none.
    """
    if _NAME_FIRST.match(joined):
        return True
    if not _WHEN_FIRST.match(joined) or len(joined) > LONGEST_LINE:
        return False
    dated = _YEAR.search(joined) is not None
    return says_wrote(joined) and ("@" in joined or (dated and _CLOCK.search(joined) is not None))


def is_running_announcement(line: str) -> bool:
    """An announcement that runs on into what it announces, as Yahoo's telephone program writes it."""
    found = _RUNNING.match(line)
    return found is not None and _CLOCK.search(found[0]) is not None


def ends_head(line: str) -> bool:
    """A tidy line that may tell, in whatever language, what is quoted right below it."""
    return line.endswith(":") and (_dated(line) or "@" in line or says_wrote(line))


def starts_announcement(line: str) -> bool:
    """A tidy line with which an announcement may begin."""
    return _WHEN_FIRST.match(line) is not None or "<" in line or _dated(line)


def is_foreign_announcement(joined: str) -> bool:
    """Tidy lines joined, with quoted lines right after: who and when and a colon, in whatever language."""
    timed = _CLOCK.search(joined) is not None
    return joined.endswith(":") and _dated(joined) and (timed or "@" in joined)


def tells_moment(words: str) -> bool:
    """Tidy words with a date and a time of day, as an announcement has them."""
    return _dated(words) and _CLOCK.search(words) is not None


def _dated(line: str) -> bool:
    return _YEAR.search(line) is not None


def is_original_line(line: str) -> bool:
    """A tidy line like "-----Pesan Asli-----"."""
    return line[:1] in "-_=*" and _ORIGINAL.match(line) is not None


def is_forward_line(line: str) -> bool:
    """A tidy line like "---------- Pesan terusan ---------"."""
    return _FORWARDED.match(line) is not None


def is_our_line(line: str) -> bool:
    """The line that Loket writes above what it repeats."""
    return _OURS.match(line) is not None


def is_rule(line: str) -> bool:
    """A tidy line of nothing but a drawn rule."""
    return _RULE.match(line) is not None


def label_of(line: str) -> str:
    """The label before a colon in a tidy line, in lower case, or nothing."""
    found = _LABEL.match(line)
    return found[1].lower().strip() if found else ""


def is_author_label(line: str) -> bool:
    """A tidy line like "Dari: …"."""
    return label_of(line) in _FROM


def is_header_block(lines: list[str]) -> bool:
    """Tidy lines that begin with the block Outlook writes above what it repeats.

    *Dari* first, then a date and a recipient or subject. A letter's own head ("Dari: … Tanggal: … Perihal:
    …") has no *Dikirim*, and no address beside a time of day, and is not taken for one; nor is a line of the
    writer's ("Dari: Bappeda …") above such a block.
    """
    if not lines or label_of(lines[0]) not in _FROM:
        return False
    rest = list(takewhile(lambda line: not is_author_label(line), lines[1:9]))
    labels = {label_of(line) for line in rest}
    by_program, addressed = bool(labels & _SENT_BY_PROGRAM), "@" in lines[0]
    clock = any(_CLOCK.search(line) for line in rest if label_of(line) in _SENT)
    sure = (by_program and (clock or addressed)) or (clock and addressed)
    return bool(labels & _SENT) and bool(labels & _REST) and sure


def is_signature_line(line: str) -> bool:
    """The line before a signature: ``-- `` (RFC 3676, 4.3), also where a server took its blank."""
    return _SIGNATURE.fullmatch(line) is not None


def is_sent_from(line: str) -> bool:
    """A tidy line that a phone adds: "Dikirim dari iPhone saya"."""
    found = _SENT_FROM.match(line)
    return found is not None and len(line) <= 120 and _DEVICES.search(found[1]) is not None


def is_forward_subject(subject: str) -> bool:
    """Whether a subject says that the mail hands on another ("Re: Fwd: …" answers one)."""
    return _FORWARD_SUBJECT.match(subject[:200]) is not None
