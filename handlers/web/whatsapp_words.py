"""What officers read about messages on WhatsApp: how sure it is that one arrived, and what they can do."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.whatsapp import remedies
from channels.whatsapp.advice import advice
from channels.whatsapp.errors import needs_fixing, officer_words
from handlers import reconciling
from handlers.web.language import chosen, gettext
from storage.ticket_page import Line

_WORTH_SAYING = timedelta(hours=12)


def how_far(word: str, line: Line, now: datetime) -> str:
    """*word*, which says how far the message got, with why it waits or what is not sure about it."""
    if line.delivery == "queued" and line.error_code:
        return gettext(
            "%(word)s: %(why)s, dicoba lagi", word=word, why=officer_words(line.error_code, chosen())
        )
    if line.delivery == "sent" and now - line.at >= _WORTH_SAYING:
        return gettext("%(word)s, belum ada kabar apakah diterima", word=word)
    return word


def doubt(line: Line) -> str:
    """What is said of a message that the citizen may have got twice; else nothing."""
    return gettext("mungkin terkirim dua kali") if line.perhaps_twice else ""


def remedy(line: Line) -> str:
    """What an officer can do about a message of theirs that failed or can't leave; else nothing."""
    code = line.error_code
    if line.channel != "whatsapp" or not code:
        return ""
    tells = line.delivery in ("failed", "unknown") or (line.delivery == "queued" and needs_fixing(code))
    return advice(code, chosen()) if tells else ""


def alarm(what: str, about: Mapping[str, Any]) -> str:
    """What an administrator must look at, where it is about WhatsApp; else nothing."""
    word = _ALARMS.get(what)
    if word is None:
        return ""
    code = about.get("code")
    told = {**about, "why": officer_words(code, chosen())} if code else about
    return word(told)


_ALARMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    remedies.CONFIGURATION_ALARM: lambda about: gettext(
        "WhatsApp %(sender)s tidak dapat mengirim: %(why)s (kode %(code)s). Perbaiki pengaturannya;"
        " jawaban menunggu dan berangkat sendiri setelah itu.",
        **about,
    ),
    remedies.LIMIT_ALARM: lambda about: gettext(
        "WhatsApp %(sender)s mengirim terlalu banyak: %(why)s (kode %(code)s). Pengiriman diperlambat.",
        **about,
    ),
    remedies.DAILY_ALARM: lambda about: gettext(
        "WhatsApp %(sender)s: %(why)s (kode %(code)s). Jawaban menunggu sampai besok.", **about
    ),
    remedies.UNKNOWN_ALARM: lambda about: gettext(
        "WhatsApp %(sender)s menolak sebuah pesan dengan kode %(code)s yang belum dikenal Loket.", **about
    ),
    remedies.LOST_ALARM: lambda about: gettext(
        "Sebuah pesan dari WhatsApp %(sender)s tidak terkirim: penyedia tidak menerimanya, walaupun dicoba"
        " selama sehari.",
        **about,
    ),
    reconciling.MISSED_ALARM: lambda about: gettext(
        "%(count)s pesan warga tidak sampai lewat webhook dan diambil dari catatan Twilio. Periksa webhook"
        " akun …%(account)s.",
        **about,
    ),
    reconciling.FINDING_ALARM: lambda _about: gettext(
        "Ada pesan dari nomor kita di catatan Twilio yang tidak dikenal Loket. Lihat “Neraca pesan”."
    ),
    reconciling.AWAY_ALARM: lambda about: gettext(
        "Catatan pesan Twilio akun …%(account)s tidak dapat dibaca: %(why)s (kode %(code)s).", **about
    ),
}
