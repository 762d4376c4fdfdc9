"""Codes of the desk in officers' words: deliveries, refusals, the log, what a message consists of."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

import phonenumbers
from markupsafe import Markup, escape

from bot.conversation import Refusal
from channels.email import errors as mail_errors
from channels.menus import Menu
from channels.whatsapp import errors
from handlers.linking import Obstacle
from handlers.people import Unmerged
from handlers.phrases import PHRASES
from handlers.proving import Unsent
from handlers.routes import Hindrance
from handlers.web import current, moments, whatsapp_words
from handlers.web.language import chosen, gettext
from storage.inbox import Listed, ListName
from storage.ticket_page import Line, Logged, Person

_Word = Callable[[], str]
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*\S)\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w_/.])_(?=\S)([^_\n]*\S)_(?![\w_])")

_LISTS: Mapping[ListName, _Word] = {
    ListName.WAITING: lambda: gettext("Menunggu kita"),
    ListName.OVERDUE: lambda: gettext("Lewat tenggat"),
    ListName.MINE: lambda: gettext("Tiket saya"),
    ListName.UNASSIGNED: lambda: gettext("Belum diambil"),
    ListName.CITIZEN: lambda: gettext("Menunggu warga"),
    ListName.CLOSABLE: lambda: gettext("Boleh ditutup"),
    ListName.OPEN: lambda: gettext("Semua terbuka"),
    ListName.CLOSED: lambda: gettext("Selesai"),
    ListName.COMPLAINTS: lambda: gettext("Pengaduan"),
    ListName.FORWARDED: lambda: gettext("Diteruskan"),
    ListName.HELD: lambda: gettext("Tertahan"),
}
_EMPTY: Mapping[ListName, _Word] = {
    ListName.WAITING: lambda: gettext("Tidak ada yang menunggu jawaban kita. Kabar baru muncul di sini."),
    ListName.OVERDUE: lambda: gettext("Tidak ada jawaban yang lewat tenggat."),
    ListName.MINE: lambda: gettext("Anda belum memegang tiket. Ambil satu dari “Belum diambil”."),
    ListName.UNASSIGNED: lambda: gettext("Semua tiket sudah ada yang memegang."),
    ListName.CITIZEN: lambda: gettext("Tidak ada tiket yang menunggu balasan warga."),
    ListName.CLOSABLE: lambda: gettext("Tidak ada tiket yang warganya diam cukup lama untuk ditutup."),
    ListName.OPEN: lambda: gettext("Belum ada tiket terbuka. Tiket muncul di sini begitu warga menulis."),
    ListName.CLOSED: lambda: gettext("Belum ada tiket yang selesai."),
    ListName.COMPLAINTS: lambda: gettext("Tidak ada pengaduan."),
    ListName.FORWARDED: lambda: gettext("Tidak ada tiket yang diteruskan ke kantor lain."),
    ListName.HELD: lambda: gettext("Tidak ada jawaban yang tertahan: semua sudah berangkat."),
}
_DELIVERIES: Mapping[str, _Word] = {
    "queued": lambda: gettext("antre"),
    "sending": lambda: gettext("sedang dikirim"),
    "sent": lambda: gettext("dikirim"),
    "delivered": lambda: gettext("diterima"),
    "read": lambda: gettext("dibaca"),
    "held": lambda: gettext("tertahan menunggu balasan warga"),
    "unknown": lambda: gettext("belum pasti, sedang dicek"),
    "failed": lambda: gettext("gagal"),
    "cancelled": lambda: gettext("dibatalkan"),
}
_TICKS: Mapping[str, str] = {"sent": "✓", "delivered": "✓✓", "read": "✓✓", "failed": "✕"}
_REFUSALS: Mapping[Refusal, _Word] = {
    Refusal.CLOSED: lambda: gettext("Tiket ini sudah ditutup. Buka lagi bila masih perlu menjawab."),
    Refusal.OPTED_OUT: lambda: gettext(
        "Warga meminta BERHENTI, jadi tidak ada yang dikirim sampai ia menulis MULAI."
    ),
    Refusal.BLOCKED: lambda: gettext("Kontak ini diblokir, jadi tidak ada yang dikirim."),
    Refusal.ANOTHER_OPEN: lambda: gettext(
        "Warga ini sudah mempunyai tiket lain yang terbuka. Lanjutkan di sana."
    ),
    Refusal.WRITING_NEW: lambda: gettext("Warga sedang menulis permintaan baru. Tunggu sampai selesai."),
    Refusal.ALREADY: lambda: gettext(
        "Sudah didahului: keadaan tiket baru saja berubah. Lihat keadaan terbarunya."
    ),
    Refusal.MERGED: lambda: gettext("Tiket ini sudah digabung ke tiket lain. Lanjutkan di sana."),
    Refusal.NOT_FORWARDED: lambda: gettext("Pengaduan tidak dapat diteruskan ke kantor lain."),
    Refusal.NO_OFFICE: lambda: gettext("Pilih kantor lain yang sudah mempunyai petugas di Loket."),
    Refusal.NO_WAY: lambda: gettext(
        "Jalur itu sedang tidak dapat dipakai. Pilih jalur lain, lalu kirim lagi."
    ),
}
_CONTENTS: Mapping[str, _Word] = {
    "voice": lambda: gettext("🎤 Pesan suara"),
    "image": lambda: gettext("🖼 Gambar"),
    "sticker": lambda: gettext("Stiker"),
    "video": lambda: gettext("🎞 Video"),
    "document": lambda: gettext("📎 Dokumen"),
    "location": lambda: gettext("📍 Lokasi"),
    "contact": lambda: gettext("👤 Kartu kontak"),
    "empty": lambda: gettext("Pesan kosong"),
}
_CHANNELS: Mapping[str, str] = {"whatsapp": "WhatsApp", "email": "Email"}
_EVENTS: Mapping[str, _Word] = {
    "opened": lambda: gettext("tiket dibuka"),
    "claimed": lambda: gettext("mengambil tiket"),
    "released": lambda: gettext("melepas tiket"),
    "transferred": lambda: gettext("mengalihkan tiket"),
    "noted": lambda: gettext("menulis catatan"),
    "replied": lambda: gettext("menjawab"),
    "marked_clear": lambda: gettext("menandai jelas & lengkap"),
    "completed": lambda: gettext("warga melengkapi permintaan"),
    "profile_changed": lambda: gettext("warga mengubah data dirinya"),
    "closed": lambda: gettext("menutup tiket"),
    "reopened": lambda: gettext("membuka lagi tiket"),
    "rated": lambda: gettext("warga memberi nilai"),
    "due_soon": lambda: gettext("petugas diingatkan: tenggat sudah dekat"),
    "overdue": lambda: gettext("petugas diberi tahu: lewat tenggat"),
    "unclaimed": lambda: gettext("pengawas diberi tahu: belum ada yang mengambil"),
    "answers_mailed": lambda: gettext("jawaban yang tertahan dikirim lewat email"),
    "answers_came_back": lambda: gettext("emailnya kembali: jawaban tertahan lagi"),
    "held_stuck": lambda: gettext("jawaban tertahan tanpa jalan lain: hubungi warga lewat telepon"),
    "closable": lambda: gettext("boleh ditutup karena tidak ada balasan"),
    "asked_on": lambda: gettext("warga bertanya lagi setelah ditutup: janji dihitung dari awal"),
    "treated": lambda: gettext("mencatat tindak lanjut pengaduan"),
    "complaint_complete": lambda: gettext("menandai pengaduan lengkap"),
    "plan_done": lambda: gettext("menandai rencana tindak lanjut selesai"),
    "complaint_offered": lambda: gettext("bot menawarkan jalur pengaduan"),
    "guess_refused": lambda: gettext("menandai bukan bagian tiket lain"),
    "consent_in": lambda: gettext("mencatat bahwa warga bersedia dihubungi"),
    "consent_out": lambda: gettext("mencatat bahwa warga tidak mau dihubungi"),
    "code_mailed": lambda: gettext("mengirim kode untuk menghubungkan WhatsApp"),
}


# What was done with another ticket, whose number follows.
_WITH_ANOTHER: Mapping[str, _Word] = {
    "linked": lambda: gettext("menautkan dengan"),
    "unlinked": lambda: gettext("melepas tautan dengan"),
    "merged": lambda: gettext("menggabungkan tiket ini ke"),
    "merged_here": lambda: gettext("menggabungkan ke sini tiket"),
    "merge_undone": lambda: gettext("membatalkan penggabungan dengan"),
    "split": lambda: gettext("memisahkan sebagian pesan ke"),
    "split_here": lambda: gettext("memisahkan tiket ini dari"),
    "split_undone": lambda: gettext("membatalkan pemisahan dengan"),
}
_UNMERGED: Mapping[Unmerged, _Word] = {
    Unmerged.GONE: lambda: gettext("Kontak itu tidak ditemukan di kantor ini."),
    Unmerged.SAME: lambda: gettext("Itu kontak yang sama."),
    Unmerged.CHANGED: lambda: gettext(
        "Sudah didahului: kontak itu baru saja berubah. Lihat keadaan terbarunya."
    ),
    Unmerged.MOVED_ON: lambda: gettext(
        "Tidak dapat dibatalkan: alamatnya sudah pindah lagi ke kontak lain. Batalkan dulu penggabungan itu."
    ),
}
_UNSENT: Mapping[Unsent, _Word] = {
    Unsent.NO_ADDRESS: lambda: gettext("Warga ini tidak mempunyai alamat email yang dapat dikirimi."),
    Unsent.NO_CHAT: lambda: gettext("Kantor ini tidak melayani WhatsApp."),
    Unsent.CONNECTED: lambda: gettext("WhatsApp warga ini sudah terhubung."),
    Unsent.TOO_MANY: lambda: gettext(
        "Sudah tiga kode hari ini, atau kotak surat kantor belum siap. Coba lagi besok."
    ),
}
_HINDRANCES: Mapping[Hindrance, _Word] = {
    Hindrance.OFF: lambda: gettext("kanal ini tidak dibuka kantor"),
    Hindrance.NO_SENDER: lambda: gettext("kantor tidak mempunyai alamat pengirim di kanal ini"),
    Hindrance.DEAD: lambda: gettext("surat ke alamat ini kembali"),
    Hindrance.OPTED_OUT: lambda: gettext("meminta BERHENTI"),
    Hindrance.BLOCKED: lambda: gettext("kontak diblokir"),
    Hindrance.NEVER_WROTE: lambda: gettext("belum pernah menulis dari sini"),
    Hindrance.WINDOW: lambda: gettext("jendela 24 jam tertutup"),
    Hindrance.BUSY: lambda: gettext("ada tiket lain yang terbuka di sana"),
    Hindrance.WRITING: lambda: gettext("sedang menulis permintaan baru di sana"),
}
_OBSTACLES: Mapping[Obstacle, _Word] = {
    Obstacle.GONE: lambda: gettext("Tiket itu tidak ditemukan di kantor ini."),
    Obstacle.CHANGED: lambda: gettext(
        "Sudah didahului: keadaan tiket baru saja berubah. Lihat keadaan terbarunya."
    ),
    Obstacle.NOT_ALIKE: lambda: gettext("Hanya dua tiket yang sejenis dapat disatukan."),
    Obstacle.NOT_OPEN: lambda: gettext("Kedua tiket harus masih terbuka. Buka lagi dulu yang sudah ditutup."),
    Obstacle.LINKED: lambda: gettext("Sudah bertaut. Lepas dulu tautan yang lama bila keliru."),
    Obstacle.MERGED: lambda: gettext("Tiket ini sudah digabung ke tiket lain. Lanjutkan di sana."),
    Obstacle.NOT_MERGED: lambda: gettext("Tiket ini sedang tidak digabung ke tiket mana pun."),
    Obstacle.MERGED_ON: lambda: gettext(
        "Tiket tujuannya sudah digabung lagi ke tiket lain. Batalkan dulu penggabungan yang terakhir."
    ),
    Obstacle.HOLDS_ANOTHER: lambda: gettext(
        "Ada tiket lain yang digabung ke tiket ini. Batalkan dulu penggabungan itu."
    ),
    Obstacle.TAKEN_APART: lambda: gettext(
        "Tidak dapat dibatalkan: sebagian pesannya sudah dipindahkan lagi ke tiket lain."
    ),
    Obstacle.ANOTHER_OPEN: lambda: gettext(
        "Warga ini sudah mempunyai tiket lain yang terbuka di percakapan itu. Tutup dulu tiket itu."
    ),
    Obstacle.WRITING_NEW: lambda: gettext("Warga sedang menulis permintaan baru. Tunggu sampai selesai."),
    Obstacle.NOTHING_LEFT: lambda: gettext(
        "Tidak ada pesan warga yang tersisa di tiket ini. Pilih pesan yang lebih baru."
    ),
    Obstacle.ON_CHAT: lambda: gettext(
        "Di WhatsApp satu percakapan hanya memuat satu tiket terbuka. Tutup dulu tiket ini, lalu pisahkan."
    ),
    Obstacle.UNDER_WAY: lambda: gettext("Masih ada pesan yang sedang dikirim. Coba lagi sebentar lagi."),
}


def list_title(name: ListName) -> str:
    """The name of a list."""
    return _LISTS[name]()


def empty_list(name: ListName) -> str:
    """What an empty list says instead of nothing."""
    return _EMPTY[name]()


def delivery(line: Line) -> str:
    """How far a message got, with the reason when it failed."""
    word = _DELIVERIES.get(line.delivery or "", lambda: line.delivery or "")()
    if line.mailed_as is not None and line.delivery == "cancelled":
        return gettext("dialihkan ke email, lihat di bawah")
    if line.delivery == "failed":
        word = f"{word}: {failure(line.error_code, line.error_text, line.channel)}"
        return f"{word}; {gettext('dialihkan ke email, lihat di bawah')}" if line.mailed_as else word
    if line.channel == "email":
        return mail_errors.with_doubt(word, line.delivery, line.error_code, chosen())
    return whatsapp_words.how_far(word, line, current.runtime().clock())


def failure(code: str | None, text: str | None, channel: str = "whatsapp") -> str:
    """Why a message failed on *channel*, in words an officer can act on."""
    if not code:
        return text or gettext("penyebab tidak diketahui")
    told = mail_errors.officer_words if channel == "email" else errors.officer_words
    return told(code, chosen())


def tick(line: Line) -> str:
    """The sign that goes with the words."""
    return _TICKS.get(line.delivery or "", "")


def formatted(text: str) -> Markup:
    """WhatsApp's ``*tebal*`` and ``_miring_`` as the citizen sees them; everything else as it was written."""
    safe = str(escape(text))
    return Markup(_ITALIC.sub(r"<i>\1</i>", _BOLD.sub(r"<b>\1</b>", safe)))  # noqa: S704  # escaped just above


def unmerged(why: Unmerged) -> str:
    """Why two contacts stay as they are."""
    return _UNMERGED[why]()


def unsent(why: Unsent) -> str:
    """Why no code was mailed."""
    return _UNSENT[why]()


def dead(why: str) -> str:
    """Why mail to an address came back: a code such as ``5.1.1`` in words, words as they are."""
    return why if " " in why else mail_errors.officer_words(why, chosen())


def hindrance(why: Hindrance, detail: str = "") -> str:
    """Why a way to a citizen can't be taken now."""
    word = _HINDRANCES[why]()
    return f"{word}: {detail}" if detail else word


def obstacle(why: Obstacle) -> str:
    """Why tickets can't be brought together or taken apart, and what to do instead."""
    return _OBSTACLES[why]()


def refusal(why: Refusal) -> str:
    """Why an act can't be done, and what to do instead."""
    return _REFUSALS[why]()


def channel(name: str) -> str:
    """The channel's name."""
    return _CHANNELS.get(name, name)


def by_channel(name: str) -> str:
    """The channel's name within a sentence."""
    return gettext("email") if name == "email" else channel(name)


def offered(line: Line) -> Menu | None:
    """What the citizen could tap below a message of ours, and the words above it."""
    return Menu.of(line.menu)


def content(kind: str) -> str:
    """What a message without text consists of; empty for a text."""
    word = _CONTENTS.get(kind)
    return word() if word else ""


def last_words(line: Listed) -> str:
    """The newest words about a ticket on one line: what was said last, else what it is about."""
    parts = (content(line.last_content), " ".join(line.last_body[:300].split()))
    said = " ".join(part for part in parts if part)
    return said or line.subject or gettext("Ingin bicara dengan petugas")


def address(value: str) -> str:
    """A telephone number as people write it; anything else as it is."""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(value: str) -> str:
    """An address of which only the ends can be read."""
    return f"{value[:5]}…{value[-3:]}" if len(value) > 9 else "…"


def person(who: Person, fallback: str) -> str:
    """What to call a contact: the name they gave, else the name on their telephone, else their address."""
    return who.name or who.profile_name or address(fallback)


def institution(who: Person) -> str:
    """The kind of institution the contact belongs to."""
    return PHRASES[chosen()].institutions.get(who.institution_category, who.institution_category)


def main_use(use: str) -> str:
    """What data are used for, in words when it is one of the registered uses."""
    return PHRASES[chosen()].main_uses.get(use, use)


def logged(row: Logged) -> str:
    """One row of a ticket's log."""
    if row.what.startswith("skipped:") and row.what.endswith(":not_answerable"):
        return gettext("jawaban otomatis tidak dikirim ke alamat ini")
    if row.what.startswith("skipped:"):
        return gettext("pemberitahuan tidak dikirim karena warga tidak dapat dihubungi saat itu")
    if row.what == "closed" and row.detail.get("reason") == "silence":
        return gettext("tiket ditutup karena tidak ada balasan")
    if (act := _WITH_ANOTHER.get(row.what)) is not None:
        return f"{act()} {row.detail.get('reference', '')}".rstrip()
    if row.what == "due_moved":
        return _due_moved(row.detail.get("due"))
    word = _EVENTS.get(row.what)
    return word() if word else row.what


def _due_moved(due: str | None) -> str:
    """The end of the promise after the office's calendar has changed."""
    if due is None:
        return gettext("tenggat dihitung ulang: kalender kantor berubah")
    moment = moments.full(datetime.fromisoformat(due), current.office())
    return gettext("tenggat menjadi %(moment)s: kalender kantor berubah", moment=moment)
