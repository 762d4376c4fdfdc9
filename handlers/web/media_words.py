"""What officers read about files of WhatsApp messages: what they are, why one is missing or shut."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.policy import Office
from channels.mime import looking
from channels.whatsapp import fetching as twilio
from handlers.media import fetching, judging, scanning
from handlers.media.judging import Family
from handlers.web import moments
from handlers.web.language import gettext
from handlers.web.mail_words import size
from storage.media_pages import Kept

_Word = Callable[[], str]
_SOON = 3
_REASONS: Mapping[str, _Word] = {
    twilio.NOT_THERE: lambda: gettext("belum tersedia di Twilio"),
    twilio.GONE: lambda: gettext("sudah dihapus di Twilio"),
    twilio.REFUSED: lambda: gettext("Twilio menolak izin kita"),
    twilio.AWAY: lambda: gettext("Twilio tidak dapat dihubungi"),
    twilio.ANSWER: lambda: gettext("jawaban Twilio tidak dimengerti"),
    twilio.TOO_LARGE: lambda: gettext("terlalu besar"),
    twilio.TOO_SLOW: lambda: gettext("terlalu lama"),
    twilio.TRUNCATED: lambda: gettext("terputus di tengah jalan"),
    twilio.EMPTY: lambda: gettext("berkasnya kosong"),
    twilio.NO_PLACE: lambda: gettext("alamatnya bukan alamat Twilio kita"),
    twilio.NO_REDIRECT: lambda: gettext("alamatnya menuju tempat lain"),
    twilio.REDIRECTS: lambda: gettext("alamatnya berputar-putar"),
    twilio.PRIVATE: lambda: gettext("alamatnya menuju jaringan dalam"),
    fetching.DISK: lambda: gettext("tidak dapat disimpan di server kita"),
    fetching.STOPPED: lambda: gettext("pengunduhan terhenti berulang kali"),
    judging.KIND_REFUSED: lambda: gettext("bukan foto, suara, video, PDF, atau dokumen Office"),
    looking.UNREADABLE: lambda: gettext("rusak atau bukan seperti yang disebut"),
    looking.TOO_MANY_PIXELS: lambda: gettext("gambarnya terlalu besar untuk dibuka"),
    looking.BOMB: lambda: gettext("isinya mengembang terlalu besar"),
}
_FAMILIES: Mapping[Family, _Word] = {
    Family.PICTURE: lambda: gettext("Foto dari pengguna layanan"),
    Family.SOUND: lambda: gettext("Pesan suara dari pengguna layanan"),
    Family.FILM: lambda: gettext("Video dari pengguna layanan"),
    Family.DOCUMENT: lambda: gettext("Dokumen dari pengguna layanan"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A file as its page shows it.

    ``family``: how; empty for one that is only a link, or not even that. ``note``: why it is not (simply)
    there. ``file``: whether it can be had; ``again``: whether to offer another try.
    """

    id: int
    family: str
    label: str
    name: str
    size: str
    note: str
    file: bool
    risky: bool
    again: bool


def pieces(files: Iterable[Kept], now: datetime, office: Office) -> tuple[Piece, ...]:
    """The files of a message for people."""
    return tuple(_piece(kept, now, office) for kept in files)


def _piece(kept: Kept, now: datetime, office: Office) -> Piece:
    infected, unscanned = kept.verdict == scanning.INFECTED, kept.verdict == scanning.UNSCANNED
    family = judging.FAMILIES.get(kept.kind) if kept.state == "stored" and not infected else None
    # A picture is made anew here; a sound that nobody has looked at is not played by itself.
    shut = family is None or (unscanned and family is not Family.PICTURE)
    return Piece(
        id=kept.id,
        family="" if shut or family is None else family.value,
        label=_FAMILIES[family]() if family else "",
        name=kept.name,
        size=size(kept.size),
        note=_note(kept, now, office),
        file=kept.sha256 is not None and not infected,
        risky=kept.state == "blocked" or unscanned,
        again=kept.state == "failed" or (kept.state == "pending" and kept.tries >= _SOON),
    )


def _note(kept: Kept, now: datetime, office: Office) -> str:
    if kept.verdict == scanning.INFECTED:
        return gettext("Berkas ini mengandung virus (%(virus)s) dan tidak dapat dibuka.", virus=kept.virus)
    match kept.state:
        case "pending":
            return _pending(kept, now, office)
        case "failed":
            return gettext("Berkas tidak dapat diunduh: %(why)s.", why=_why(kept))
        case "blocked":
            return gettext("Berkas ini tidak dibuka di sini: %(why)s.", why=_why(kept))
        case _ if kept.verdict == scanning.UNSCANNED:
            return gettext("Belum diperiksa: pemindai virus tidak dapat dihubungi.")
        case _:
            return ""


def _pending(kept: Kept, now: datetime, office: Office) -> str:
    if not kept.reason or kept.next_try_at is None:
        return gettext("Berkas sedang diunduh …")
    return gettext(
        "Berkas belum dapat diunduh: %(why)s. Dicoba lagi %(moment)s.",
        why=_why(kept),
        moment=moments.short(kept.next_try_at, now, office),
    )


def _why(kept: Kept) -> str:
    word = _REASONS.get(kept.reason)
    return word() if word else kept.reason
