"""Twilio's error codes, and beside them Meta's: what each asks for, and how it is told to an officer.

The codes are the same in an answer and in a status callback. An unknown one is given up: Twilio warns
that codes change, and a message that is tried for ever helps nobody.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from channels.contract import SendError, Trouble
from channels.whatsapp.cloud.codes import ROWS as _OF_META


class Remedy(StrEnum):
    """What an error asks for."""

    RETRY = "retry"
    CHECK = "check"
    WINDOW = "window"
    GIVE_UP = "give_up"
    CONTENT = "content"
    CONFIGURATION = "configuration"


TROUBLE: Mapping[Remedy, Trouble] = MappingProxyType(
    {
        Remedy.RETRY: Trouble.RETRY,
        Remedy.CHECK: Trouble.UNKNOWN,
        Remedy.WINDOW: Trouble.WINDOW_CLOSED,
        Remedy.GIVE_UP: Trouble.PERMANENT,
        Remedy.CONTENT: Trouble.PERMANENT,
        # Nothing is wrong with the message: it leaves once somebody has put the installation right.
        Remedy.CONFIGURATION: Trouble.RETRY,
    }
)

OPTED_OUT = "21610"
WINDOW_CLOSED = "63016"
ALREADY_THERE = "63025"
NEVER_AGAIN = frozenset({ALREADY_THERE})
"""What is asked for at the provider, and never sent again, whatever the answer."""

# What went wrong before Twilio could say anything.
UNREACHABLE = "unreachable"
NO_ANSWER = "no_answer"
BAD_ANSWER = "bad_answer"
REFUSED_HOST = "refused_host"
NO_ACCOUNT = "no_account"
REDIRECTED = "redirected"
UNSENDABLE = "unsendable"
# What is never found out: it was sent several times, and nobody ever answered.
LOST = "unknown"

_ROWS: tuple[tuple[str, Remedy, str, str], ...] = (
    (
        UNREACHABLE,
        Remedy.RETRY,
        "penyedia WhatsApp tidak dapat dihubungi",
        "the WhatsApp provider can't be reached",
    ),
    (NO_ANSWER, Remedy.CHECK, "penyedia WhatsApp tidak menjawab", "the WhatsApp provider did not answer"),
    (BAD_ANSWER, Remedy.CHECK, "jawaban penyedia tidak terbaca", "the provider's answer can't be read"),
    (
        REFUSED_HOST,
        Remedy.CONFIGURATION,
        "alamat penyedia tidak diizinkan oleh pengaturan",
        "the settings don't allow this provider's address",
    ),
    (
        NO_ACCOUNT,
        Remedy.CONFIGURATION,
        "nomor pengirim belum punya akun di pengaturan",
        "the settings name no account for this sender",
    ),
    (REDIRECTED, Remedy.CONFIGURATION, "alamat penyedia sudah pindah", "the provider's address has moved"),
    (
        LOST,
        Remedy.CHECK,
        "tidak pasti sampai: penyedia tidak memberi jawaban",
        "nobody knows whether it arrived: the provider gave no answer",
    ),
    (UNSENDABLE, Remedy.CONTENT, "pesan berisi tanda yang rusak", "the message holds broken characters"),
    ("20003 20005 63001", Remedy.CONFIGURATION, "akun penyedia ditolak", "the provider account was refused"),
    ("20404", Remedy.CONFIGURATION, "akun penyedia tidak ditemukan", "the provider account was not found"),
    ("20429 30001 63017 63119", Remedy.RETRY, "penyedia sedang sibuk", "the provider is busy"),
    ("21611", Remedy.RETRY, "antrean nomor pengirim penuh", "the sender's queue is full"),
    ("20500 20503", Remedy.CHECK, "gangguan di penyedia WhatsApp", "a fault at the WhatsApp provider"),
    ("21211 21604 21614", Remedy.GIVE_UP, "alamat tujuan tidak sah", "the address is not valid"),
    (
        "21408",
        Remedy.CONFIGURATION,
        "negara tujuan belum diaktifkan",
        "the destination country is not enabled",
    ),
    ("21602 21619", Remedy.CONTENT, "pesan kosong", "the message is empty"),
    ("21620 21623", Remedy.CONTENT, "lampiran tidak dapat dikirim", "the attachment can't be sent"),
    ("21603 21606 21212", Remedy.CONFIGURATION, "nomor pengirim salah", "the sender number is wrong"),
    ("21609", Remedy.CONFIGURATION, "alamat laporan status salah", "the status address is wrong"),
    (OPTED_OUT, Remedy.GIVE_UP, "warga berhenti berlangganan", "the citizen unsubscribed"),
    ("21617 21658 14103", Remedy.CONTENT, "pesan terlalu panjang", "the message is too long"),
    ("21654 21656", Remedy.CONTENT, "isian templat tidak sah", "the template's values are not valid"),
    ("21655 92005", Remedy.CONFIGURATION, "templat tidak ditemukan", "the template was not found"),
    (
        "30008 63009 63010 63011 63012 63023",
        Remedy.RETRY,
        "gangguan sementara di WhatsApp",
        "a passing fault at WhatsApp",
    ),
    (
        "63003 63024",
        Remedy.GIVE_UP,
        "nomor tidak terdaftar di WhatsApp",
        "the number is not registered on WhatsApp",
    ),
    (
        "63005 63006 63021 63034 63037 11751",
        Remedy.CONTENT,
        "isi ditolak WhatsApp",
        "WhatsApp refused the content",
    ),
    (
        "63007 63002 63008",
        Remedy.CONFIGURATION,
        "nomor pengirim belum tersambung ke WhatsApp",
        "the sender number is not connected to WhatsApp",
    ),
    ("63013", Remedy.CONTENT, "isi melanggar aturan WhatsApp", "the content breaks WhatsApp's rules"),
    (
        "63014 63033",
        Remedy.GIVE_UP,
        "warga memblokir nomor ini atau tidak dapat dijangkau",
        "the citizen blocked this number or can't be reached",
    ),
    ("63015", Remedy.CONFIGURATION, "warga belum masuk sandbox", "the citizen has not joined the sandbox"),
    (
        "63016",
        Remedy.WINDOW,
        "jendela 24 jam tertutup: menunggu balasan warga",
        "the 24-hour window is closed: waiting for the citizen to write",
    ),
    ("63018", Remedy.RETRY, "batas pengiriman WhatsApp tercapai", "WhatsApp's sending limit is reached"),
    ("63019", Remedy.RETRY, "lampiran gagal diambil", "the attachment could not be fetched"),
    (
        "63020 63022 63026 63051",
        Remedy.CONFIGURATION,
        "nomor pengirim dibatasi oleh WhatsApp",
        "WhatsApp restricts the sender number",
    ),
    ("63025", Remedy.CHECK, "lampiran sudah ada di WhatsApp", "the attachment is already at WhatsApp"),
    (
        "63027 63028 63029 63040 63041 63042",
        Remedy.CONFIGURATION,
        "templat belum siap di WhatsApp",
        "the template is not ready at WhatsApp",
    ),
    ("63030 63036", Remedy.CONTENT, "bentuk pesan tidak didukung", "this form of message is not supported"),
    ("63031", Remedy.CONTENT, "pengirim dan tujuan sama", "sender and recipient are the same"),
    ("63032 63049", Remedy.GIVE_UP, "WhatsApp memilih tidak mengirim", "WhatsApp chose not to deliver"),
    ("63038", Remedy.RETRY, "batas harian akun tercapai", "the account's daily limit is reached"),
    ("57012", Remedy.CONFIGURATION, "tanda tangan tidak cocok", "the signature does not match"),
    (
        "11200 11205 11210 11215 11220 11235 11237 12100 12300",
        Remedy.CONFIGURATION,
        "alamat webhook Loket tidak dapat dihubungi penyedia",
        "the provider can't reach the desk's webhook",
    ),
)

_ALL = (*_ROWS, *((codes, Remedy(remedy), own, english) for codes, remedy, own, english in _OF_META))
REMEDY: Mapping[str, Remedy] = MappingProxyType(
    {code: remedy for codes, remedy, _, _ in _ALL for code in codes.split()}
)
# The template that carries them is not there, or not as the message needs it.
_TEMPLATE = frozenset(["21655", "92005", "63027", "63028", "63029", "63040", "63041", "63042"])
_WORDS = {
    "id": {code: words for codes, _, words, _ in _ALL for code in codes.split()},
    "en": {code: words for codes, _, _, words in _ALL for code in codes.split()},
}
_UNKNOWN_CODE = {"id": "ditolak penyedia (kode {})", "en": "refused by the provider (code {})"}
_WITHOUT_CODE = {"id": "gagal tanpa keterangan", "en": "failed without a reason"}


def trouble(code: str | None) -> Trouble:
    """What *code* means for the message, in an answer and in a status callback alike."""
    return TROUBLE[REMEDY.get(code or "", Remedy.GIVE_UP)]


def is_unreachable(code: str | None) -> bool:
    """Whether it is this citizen who can't be reached on WhatsApp, who has not asked for silence there."""
    return code != OPTED_OUT and REMEDY.get(code or "") is Remedy.GIVE_UP


def needs_fixing(code: str | None) -> bool:
    """Whether an administrator must act before anything leaves: wait long between tries, raise the alarm."""
    return REMEDY.get(code or "") is Remedy.CONFIGURATION


def refuses_choices(code: str | None) -> bool:
    """Whether *code* may be about the buttons of a message, so that it can still be said without them.

    A code we don't know may be: to try once more as a text costs nothing.
    """
    return bool(code) and (code in _TEMPLATE or REMEDY.get(code or "", Remedy.CONTENT) is Remedy.CONTENT)


def officer_words(code: str | None, language: str = "id") -> str:
    """Why a message did not arrive, short, in Indonesian or English, for an officer."""
    language = language if language in _WORDS else "en"
    if not code:
        return _WITHOUT_CODE[language]
    return _WORDS[language].get(code) or _UNKNOWN_CODE[language].format(code)


def failure(code: str, why: str = "") -> SendError:
    """The ``SendError`` that *code* of our table stands for."""
    detail = officer_words(code, "en")
    return SendError(code, f"{detail} ({why})" if why else detail, trouble(code))
