"""What officers read about mails: their files, what one was taken for, why it was put aside; and alarms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal

from channels.mime.bounces import Outcome
from channels.mime.kinds import Kind
from channels.mime.mail import Role, Unread, Why
from handlers import calendar_gaps, clock_alarm, complaints, wishes
from handlers.media.sending import LINKED
from handlers.phrases import PHRASES
from handlers.web import calendar_words, whatsapp_words
from handlers.web.language import chosen, gettext, ngettext
from storage.columns import AnyRow
from storage.mail_pages import Listed
from storage.ticket_page import Line

_Word = Callable[[], str]
_KB, _MB = 1024, 1024 * 1024
_OFFICERS = "officer"
_ROLES = (Role.ATTACHED, Role.INLINE, LINKED)
# Pictures that a browser shows without running anything.
SHOWN_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_UNREAD: Mapping[str, _Word] = {
    Why.HEADER: lambda: gettext("mempunyai kepala yang terlalu panjang"),
    Why.LINES: lambda: gettext("mempunyai terlalu banyak baris"),
    Why.PARTS: lambda: gettext("mempunyai terlalu banyak bagian"),
    Why.DEPTH: lambda: gettext("mempunyai terlalu banyak surat di dalamnya"),
    Why.ADDRESSES: lambda: gettext("mempunyai terlalu banyak alamat penerima"),
    Why.TIME: lambda: gettext("tidak selesai dibaca dalam 20 detik"),
    Why.MEMORY: lambda: gettext("perlu terlalu banyak memori untuk dibaca"),
    Why.BROKEN: lambda: gettext("rusak susunannya sehingga tidak terbaca"),
    "flood": lambda: gettext("datang bersama terlalu banyak surat dari alamat yang sama"),
    "no author": lambda: gettext("tidak menyebut pengirimnya"),
}
_KINDS: Mapping[str, _Word] = {
    Kind.PERSONAL: lambda: gettext("Surat pribadi"),
    Kind.AUTOMATIC: lambda: gettext("Balasan otomatis"),
    Kind.BOUNCE: lambda: gettext("Surat kita yang kembali"),
    Kind.COMPLAINT: lambda: gettext("Laporan spam atas surat kita"),
    Kind.RECEIPT: lambda: gettext("Tanda sudah dibaca"),
    Kind.LIST: lambda: gettext("Surat massal"),
    Kind.OWN: lambda: gettext("Surat kita sendiri"),
    "duplicate": lambda: gettext("Surat kembar"),
    "old": lambda: gettext("Surat lama"),
    _OFFICERS: lambda: gettext("Surat petugas"),
}
_ALARMS: Mapping[str, _Word] = {
    "stopped": lambda: gettext(
        "Loket sempat berhenti bekerja. Periksa apakah ada pesan warga yang terlambat dijawab."
    ),
    "clock_behind": lambda: gettext(
        "Jam komputer lebih lambat daripada saat Loket terakhir bekerja: jam itu, atau jam sebelumnya, salah."
        " Periksa jamnya. Kalau sekarang sudah benar, tandai ini sudah dilihat."
    ),
    "clock_leapt": lambda: gettext(
        "Jam komputer melompat beberapa hari, atau Loket lama mati: tenggat, penutupan, dan penghapusan"
        " ditahan satu jam; kalau lebih dari 30 hari, sampai ini ditandai sudah dilihat. Periksa jamnya."
    ),
    "disk_low": lambda: gettext(
        "Ruang disk hampir habis. Kalau penuh, pesan warga tidak dapat diterima. Kosongkan ruang."
    ),
    "unsent": lambda: gettext("Ada pesan yang lebih dari 15 menit belum terkirim."),
    "mail_unread": lambda: gettext("Kotak surat tidak dibaca selama lebih dari 10 menit."),
    "mail_shunted": lambda: gettext("Ada surat yang belum terbaca. Lihat “Belum tertangani”."),
    "mail_address_hour": lambda: gettext(
        "Terlalu banyak surat otomatis ke satu alamat dalam satu jam: bot diam di sana."
    ),
    "mail_address_day": lambda: gettext(
        "Terlalu banyak surat otomatis ke satu alamat dalam sehari: bot diam di sana."
    ),
    "mail_ticket_day": lambda: gettext(
        "Terlalu banyak surat otomatis untuk satu tiket dalam sehari: bot diam di sana."
    ),
    "mail_total_hour": lambda: gettext(
        "Terlalu banyak surat otomatis dalam satu jam: bot diam dulu. Petugas tetap dapat menjawab."
    ),
    "mail_repeated": lambda: gettext(
        "Surat yang sama masuk berulang kali dari satu alamat: bot tidak menjawabnya lagi."
    ),
    "mail_flood": lambda: gettext(
        "Satu alamat mengirim terlalu banyak surat: selebihnya ada di “Belum tertangani”."
    ),
    "mail_machine": lambda: gettext(
        "Sebuah mesin terus mengirim surat otomatis. Suratnya disimpan tanpa dijawab."
    ),
    "mail_probe": lambda: gettext(
        "Surat uji ke kotak surat kita sendiri tidak kembali: jalur email mungkin terputus."
    ),
    "mail_unsent": lambda: gettext(
        "Email tidak dapat dikirim: server menolak kita. Jawaban menunggu dan dikirim setelah diperbaiki."
    ),
    "mailbox_away": lambda: gettext("Kotak surat tidak dapat dihubungi: surat baru belum masuk."),
    "mailbox_refused": lambda: gettext(
        "Kotak surat menolak kata sandi atau izin kita: surat baru belum masuk. Hubungi pengelola sistem."
    ),
    "scanner_away": lambda: gettext(
        "Pemindai virus tidak dapat dihubungi: berkas warga belum diperiksa. Hubungi pengelola sistem."
    ),
    "notice_bounced": lambda: gettext("Surat pemberitahuan kembali. Periksa alamat email petugas."),
    "notice_failed": lambda: gettext("Surat pemberitahuan tidak terkirim. Periksa alamat email petugas."),
    "officer_unproved": lambda: gettext(
        "Surat atas nama petugas tidak terbukti asli, jadi tidak diteruskan. Tanyakan kepada petugasnya."
    ),
    "officer_word_stolen": lambda: gettext(
        "Orang lain memakai alamat balasan milik petugas. Suratnya tidak dikirim kepada warga."
    ),
}
_RULES: Mapping[str, _Word] = {
    "names none of our mails": lambda: gettext("tidak menyebut surat kita yang mana pun"),
    "about a notice": lambda: gettext("tentang pemberitahuan kepada petugas"),
    "unreadable report": lambda: gettext("laporannya tidak terbaca"),
    Outcome.PERMANENT: lambda: gettext("tidak dapat sampai"),
    Outcome.TEMPORARY: lambda: gettext("tertunda, masih dicoba"),
    Outcome.DELIVERED: lambda: gettext("sudah sampai"),
    Outcome.UNKNOWN: lambda: gettext("sebabnya tidak disebut"),
    "same Message-ID and content": lambda: gettext("sama dengan surat yang sudah masuk"),
    "handled before": lambda: gettext("sama dengan surat yang sudah masuk"),
    "before the desk": lambda: gettext("sudah ada sebelum kotak surat ini dilayani Loket"),
    "probe": lambda: gettext("surat uji"),
    "own mail": lambda: "",
    "subject of an automatic reply, on a reply": lambda: gettext("judulnya judul balasan otomatis"),
    "null return path, and a subject of an absence": lambda: gettext("judulnya pemberitahuan sedang cuti"),
    "an emoji below a mail": lambda: gettext("hanya emoji di bawah surat"),
    "no_token": lambda: gettext("petugas menulis tanpa alamat balasan tiket"),
    "stranger": lambda: gettext("alamat balasan petugas dipakai orang lain"),
    "not_yours": lambda: gettext("alamat balasan milik petugas lain"),
    "office_address": lambda: gettext("petugas membalas dari alamat kantor"),
    "unproved": lambda: gettext("pengirimnya tidak terbukti"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A file of a message as its page shows it: ``index`` names it, ``shown`` opens in the browser.

    ``linked``: the citizen got a link to it.
    """

    index: int
    name: str
    size: str
    shown: bool
    linked: bool


def files(line: Line) -> tuple[Chip, ...]:
    """The files of a message for people: what was attached, then what stood in its words."""
    kept = [(index, each) for index, each in enumerate(line.media) if each.get("role") in _ROLES]
    kept.sort(key=lambda one: _ROLES.index(one[1]["role"]))
    return tuple(
        Chip(
            *(index, each["name"], size(int(each["size"]))),
            shown=each["content_type"] in SHOWN_IMAGES,
            linked=each["role"] == LINKED,
        )
        for index, each in kept
    )


def size(count: int) -> str:
    """``512 B``, ``34 kB``, ``1,2 MB``: bytes as people measure them."""
    if count < _KB:
        return f"{count} B"
    if count < _MB:
        return f"{round(count / _KB)} kB"
    digits = "#,##0.#" if count < 10 * _MB else "#,##0"
    return f"{format_decimal(count / _MB, format=digits, locale=PHRASES[chosen()].locale)} MB"


def aside(mail: Listed) -> str:
    """Why a mail was put aside for people."""
    if mail.rule == Why.SIZE:
        return gettext("terlalu besar (%(size)s)", size=size(mail.size))
    if mail.tries:
        return ngettext("%(num)s kali gagal diolah", "%(num)s kali gagal diolah", mail.tries)
    word = _UNREAD.get(mail.rule)
    return word() if word else mail.rule or gettext("tidak dapat diolah")


def unread(mail: Unread) -> str:
    """Why a mail can't be shown."""
    if mail.why is Why.SIZE:
        return gettext("terlalu besar (%(size)s)", size=size(mail.found))
    return _UNREAD[mail.why]()


def kind(name: str) -> str:
    """What a mail was taken for."""
    word = _KINDS.get(name)
    return word() if word else name


def rule(taken_for: str, name: str) -> str:
    """Why a mail was *taken_for* that; a header that said so stands as it was."""
    word = _RULES.get(name)
    if word:
        return word()
    if taken_for == _OFFICERS:
        return gettext("petugas diberi tahu sebabnya lewat email")
    return gettext("tandanya: %(mark)s", mark=name.partition(" (RFC")[0]) if name else ""


def alarm(row: AnyRow) -> str:
    """What a person must look at, and where."""
    if row.what == complaints.UNREAD:
        return gettext(
            "Pengaduan %(number)s tidak dapat dibaca pengawas mana pun di kantor %(office)s,"
            " karena mungkin tentang mereka. Tambahkan pengawas lain.",
            **row.about,
        )
    if row.what == "breach":
        return gettext("Kegagalan pelindungan data nomor %(number)s belum diberitahukan.", **row.about)
    if row.what == wishes.ALARM:
        return gettext("Permintaan hapus data menunggu: buka Data pribadi sebelum 3 x 24 jam lewat.")
    if row.what == clock_alarm.OFF:
        return gettext(
            "Jam komputer %(much)s menurut jam %(host)s: tenggat, jendela WhatsApp, dan tanggal tiket"
            " ikut salah. Nyalakan sinkronisasi waktu.",
            much=clock_alarm.how_far(row.about["seconds"], chosen()),
            host=row.about["host"],
        )
    if row.what == calendar_gaps.WHAT:
        return calendar_words.lacking(row.about)
    if told := whatsapp_words.alarm(row.what, row.about):
        return told
    word = _ALARMS.get(row.what)
    return word() if word else gettext("Ada yang perlu dilihat: %(what)s.", what=row.what)
