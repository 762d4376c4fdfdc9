"""Why a mail did not arrive: what each reason means for it, and how it is told to an officer.

A reason is an enhanced status code (RFC 3463) where the server gave one, else its three digits (RFC 5321),
or a word of our own for what happened before any server could say anything.
"""

import re
from collections.abc import Mapping

from channels.contract import SendError, Trouble

UNREACHABLE = "unreachable"
NOT_TRUSTED = "not_trusted"
NOT_OFFERED = "not_offered"
AUTH = "auth"
SENDER_REFUSED = "sender"
LIMIT = "limit"
NO_MAILBOX = "no_mailbox"
NO_ANSWER = "no_answer"
PERHAPS = "perhaps"
BOUNCED = "bounced"
ADDRESS = "address"
NO_LETTER = "no_letter"

_TROUBLE: Mapping[str, Trouble] = {
    # Nothing is wrong with the mail: it leaves once our own server, or the settings, are put right.
    **dict.fromkeys(
        (UNREACHABLE, NOT_TRUSTED, NOT_OFFERED, AUTH, SENDER_REFUSED, LIMIT, NO_MAILBOX), Trouble.RETRY
    ),
    NO_ANSWER: Trouble.UNKNOWN,
    ADDRESS: Trouble.PERMANENT,
    NO_LETTER: Trouble.PERMANENT,
}
_LONGEST_WORDS = 200

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$|:)")
# How our own server says that we have sent too much: for now, though many call it final (Gmail, Zoho).
_TOO_MUCH = re.compile(
    r"\b(?:daily|hourly|sending|relay|relaying) (?:\w+ ){0,3}(?:quota|limit)|\bmail rate exceeded|"
    r"\bmax(?:imum)? (?:e-?mails|messages) per\b|\b(?:e-?mails|messages) per (?:hour|day)\b",
    re.IGNORECASE,
)
# How our own server says, be it only at the recipient or the end of the mail, that this mailbox may not send.
_MAY_NOT = re.compile(
    r"\brelay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:permitted|allowed))|"
    r"\b(?:unable|not permitted) to relay|sendasdenied|permissions? to send as|"
    r"authentication (?:is )?required|^5\.7\.(?:3|8|57|60)\b",
    re.IGNORECASE,
)
_SIGN_IN_FIRST = (530, 534, 535)
_ANY_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\s]+")

# By our own word, by the last two numbers of an enhanced status, by three digits; Indonesian, then English.
_ROWS: tuple[tuple[str, str, str], ...] = (
    (UNREACHABLE, "server email kita tidak dapat dihubungi", "our mail server can't be reached"),
    (
        NOT_TRUSTED,
        "sertifikat server email kita tidak dapat dipercaya",
        "our mail server's certificate can't be trusted",
    ),
    (
        NOT_OFFERED,
        "server email kita tidak menawarkan sambungan yang aman",
        "our mail server offers no safe connection",
    ),
    (
        AUTH,
        "server email kita menolak kata sandi kotak surat",
        "our mail server refused the mailbox's password",
    ),
    (
        SENDER_REFUSED,
        "server email kita tidak mengizinkan kotak surat ini mengirim",
        "our mail server doesn't allow this mailbox to send",
    ),
    (
        NO_MAILBOX,
        "alamat pengirim belum punya kotak surat di pengaturan",
        "the settings name no mailbox for this sender",
    ),
    (NO_ANSWER, "server email tidak memberi jawaban", "the mail server gave no answer"),
    (
        PERHAPS,
        "mungkin sudah terkirim, mungkin dua kali: server email tidak memberi jawaban",
        "perhaps sent, perhaps twice: the mail server gave no answer",
    ),
    (BOUNCED, "dikembalikan oleh server penerima", "sent back by the recipient's server"),
    (ADDRESS, "alamat email tujuan tidak sah", "the e-mail address is not valid"),
    (NO_LETTER, "surat tidak dapat disusun", "the letter could not be written"),
    ("1.1 2.4", "alamat email tidak dikenal", "the e-mail address is unknown"),
    ("1.2 4.4 1.10", "domain alamat email tidak ditemukan", "the address's domain was not found"),
    ("1.3 1.0 1.4 1.5 1.7 1.8", "alamat email tujuan tidak sah", "the e-mail address is not valid"),
    ("1.6", "alamat email sudah pindah", "the e-mail address has moved"),
    ("2.1", "kotak surat penerima tidak aktif", "the recipient's mailbox is disabled"),
    ("2.2", "kotak surat penerima penuh", "the recipient's mailbox is full"),
    ("2.3 3.4 6.3 552 523", "email terlalu besar bagi penerima", "the mail is too large for the recipient"),
    ("3.1 452", "server penerima kehabisan tempat", "the recipient's server is out of space"),
    (
        "3.0 3.2 3.3 3.5 4.0 4.2 4.3 421 450 451",
        "server penerima sedang tidak menerima email",
        "the recipient's server takes no mail at the moment",
    ),
    ("4.1", "server penerima tidak menjawab", "the recipient's server does not answer"),
    (f"{LIMIT} 4.5", "batas pengiriman email tercapai", "the limit for sending mail is reached"),
    ("4.6", "email berputar di antara server", "the mail went round in a loop"),
    ("4.7", "server penerima tidak menerima sampai batas waktu", "the mail was not taken in time"),
    (
        "7.0 7.1 7.2 7.7 7.28 554 571",
        "ditolak server penerima, mungkin dianggap spam",
        "refused by the recipient's server, perhaps taken for spam",
    ),
    (
        "7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27 7.29 7.509 7.515",
        "ditolak karena pengirim tidak terbukti (SPF, DKIM, DMARC): hubungi pengelola email kantor",
        "refused because the sender was not proved (SPF, DKIM, DMARC): ask who runs the office's mail",
    ),
    (
        "7.3 7.8 7.57 7.60 530 534 535",
        "server email kita tidak mengizinkan pengiriman",
        "our mail server doesn't allow sending",
    ),
    ("6.0 6.1 6.2 6.5", "isi email ditolak server penerima", "the recipient's server refused the content"),
    (
        "550 551 553",
        "alamat email tidak diterima server penerima",
        "the recipient's server refused the address",
    ),
)
_WORDS = {
    language: {code: row[place] for row in _ROWS for code in row[0].split()}
    for place, language in ((1, "id"), (2, "en"))
}
# Google's and others' word for "come back later" to servers they don't know yet.
_GREYLISTED = {
    "id": "server penerima terus meminta kita mencoba lagi nanti",
    "en": "the recipient's server keeps asking to try again later",
}
_UNKNOWN_CODE = {"id": "ditolak server email (kode {})", "en": "refused by the mail server (code {})"}
_WITHOUT_CODE = {"id": "gagal tanpa keterangan", "en": "failed without a reason"}
_TWICE = {"id": "{}, mungkin dua kali", "en": "{}, perhaps twice"}
_TRIED = {"id": "sudah dicoba berulang kali, {}", "en": "tried again and again, {}"}


def failure(code: str, why: str = "") -> SendError:
    """The ``SendError`` that one of our own words stands for."""
    detail = _WORDS["en"][code]
    return SendError(code, f"{detail} ({why})" if why else detail, _TROUBLE[code])


def refusal(code: int, words: bytes, recipient: str) -> SendError:
    """What a server's refusal means: with 4 it may be tried again, with 5 never (RFC 5321, 4.2.1).

    What is between us and our own server passes, whatever its number: we have sent too much, or may not send.
    """
    said = told(words, recipient)
    if code // 100 == 5 and _TOO_MUCH.search(said):
        return failure(LIMIT, f"{code} {said}")
    if code in _SIGN_IN_FIRST or (code // 100 == 5 and _MAY_NOT.search(said)):
        return failure(SENDER_REFUSED, f"{code} {said}")
    status = _STATUS.match(said)
    exact = status[0] if status and status[1] == str(code // 100) else str(code)
    return SendError(
        exact, f"{code} {said}".strip(), Trouble.PERMANENT if code // 100 == 5 else Trouble.RETRY
    )


def sign_in_refused(code: int, words: bytes, user: str) -> SendError:
    """The server did not believe us. A passing fault of its own (454) is no word about the password."""
    return failure(AUTH if code // 100 == 5 else UNREACHABLE, f"{code} {told(words, user)}".strip())


def told(words: bytes, recipient: str) -> str:
    """A server's words on one line, without addresses, at most 200 letters."""
    line = _UNPRINTABLE.sub(" ", words.decode("utf-8", "replace"))
    for private in (recipient, recipient.rpartition("@")[0]):
        if len(private) > 2:
            line = re.sub(rf"(?<!\w){re.escape(private)}(?!\w)", "…", line, flags=re.IGNORECASE)
    return _ANY_ADDRESS.sub("…", line)[:_LONGEST_WORDS].strip()


def is_ours(code: str | None) -> bool:
    """Whether our own server or our settings stand in the way of every mail, not this recipient of this."""
    return _TROUBLE.get(code or "") is Trouble.RETRY


def officer_words(code: str | None, language: str = "id") -> str:
    """Why a mail did not arrive, short, in Indonesian or English, for an officer."""
    language = language if language in _WORDS else "en"
    if not code:
        return _WITHOUT_CODE[language]
    words = _words(code, language)
    return _TRIED[language].format(words) if is_ours(code) or code.startswith("4") else words


def with_doubt(word: str, delivery: str | None, code: str | None, language: str = "id") -> str:
    """*word*, which tells how far a mail got, with the doubt that a lost answer of its server has left."""
    language = language if language in _WORDS else "en"
    if delivery == "unknown" and code == PERHAPS:
        return _WORDS[language][PERHAPS]
    return _TWICE[language].format(word) if delivery == "sent" and code == NO_ANSWER else word


def _words(code: str, language: str) -> str:
    if code.startswith("4.7."):
        return _GREYLISTED[language]
    known = _WORDS[language]
    return known.get(code) or known.get(code[2:]) or _UNKNOWN_CODE[language].format(code)
