"""What an officer can do about a message that did not arrive: by its code, else by what the error asks."""

from collections.abc import Mapping

from channels.whatsapp.errors import REMEDY, Remedy

_OTHER_WAY = (
    "hubungi lewat telepon atau email",
    "reach them by telephone or e-mail",
)
_WAITS = ("akan dicoba lagi sendiri", "it will be tried again by itself")
_MEND = (
    "beri tahu pengelola sistem; pesan berangkat sendiri setelah diperbaiki",
    "tell the administrator; it leaves by itself once that is mended",
)
_REWRITE = ("ubah isinya, lalu kirim lagi", "change what it says and send it again")
_BY_REMEDY: Mapping[Remedy, tuple[str, str]] = {
    Remedy.RETRY: _WAITS,
    Remedy.CHECK: ("tunggu: sedang dicek ke penyedia", "wait: the provider is being asked"),
    Remedy.WINDOW: ("dikirim setelah warga membalas", "it is sent once the citizen writes"),
    Remedy.GIVE_UP: _OTHER_WAY,
    Remedy.CONTENT: _REWRITE,
    Remedy.CONFIGURATION: _MEND,
}
_ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "21610",
        "hanya warga yang dapat membukanya lagi dengan menulis MULAI; hubungi lewat telepon atau email",
        "only the citizen can lift it, by writing MULAI; reach them by telephone or e-mail",
    ),
    (
        "21211 21604 21614",
        "periksa nomornya, atau hubungi lewat email",
        "check the number, or reach them by e-mail",
    ),
    (
        "21617 21658 14103",
        "kirim lagi dalam beberapa pesan yang lebih pendek",
        "send it again as several shorter messages",
    ),
    (
        "21602 21619",
        "tulis isinya, lalu kirim lagi",
        "write something and send it again",
    ),
    (
        "21620 21623 11751 63021 63034 63037",
        "kirim berkas lain (lebih kecil, PDF atau JPG), atau tautannya",
        "send another file (smaller, PDF or JPG), or a link to it",
    ),
    (
        "63019",
        "lampirkan lagi berkasnya, atau kirim tautannya",
        "attach the file again, or send a link to it",
    ),
    (
        "63014 63033",
        "tunggu sampai warga menulis lagi, atau hubungi lewat email",
        "wait until the citizen writes again, or reach them by e-mail",
    ),
    (
        "30008 63010 63011 63012 63023",
        "kirim lagi nanti, atau hubungi lewat email",
        "send it again later, or reach them by e-mail",
    ),
    (
        "63025",
        "jangan kirim lagi: sedang dicek apakah sudah sampai",
        "do not send it again: it is being checked whether it arrived",
    ),
    ("63036", "kirim sebagai teks biasa", "send it as plain text"),
    ("63031", "periksa nomor warga: sama dengan nomor kantor", "check their number: it is the office's own"),
    (
        "63038",
        "dicoba lagi besok; bila mendesak, hubungi lewat telepon atau email",
        "it is tried again tomorrow; if it is urgent, reach them by telephone or e-mail",
    ),
    (
        "unknown",
        "tanyakan kepada warga lewat telepon atau email apakah sudah sampai",
        "ask the citizen by telephone or e-mail whether it arrived",
    ),
)
_BY_CODE = {code: (theirs, english) for codes, theirs, english in _ROWS for code in codes.split()}


def advice(code: str | None, language: str = "id") -> str:
    """What to do now, short, in Indonesian or English."""
    remedy = REMEDY.get(code or "", Remedy.GIVE_UP)
    words = _BY_CODE.get(code or "") or _BY_REMEDY[remedy]
    return words[0 if language == "id" else 1]
