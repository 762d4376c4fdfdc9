"""The manners of mail: the first letter opens the ticket, one answer, one request for what is missing."""

from dataclasses import replace

import pytest

from bot.conversation import Outcome, Profile, State, TicketKind
from bot.effects import OpenTicket, SaveProfile
from bot.events import Content, OfficeMessageSent, OfficerReplied, TimerKind
from bot.policy import Desk, Mode
from bot.texts import Text
from tests.bot.desk import BY_MAIL, PLAIN, REGISTERING_BY_MAIL, Shell, by_mail, in_mode, thread

ASK = "Mohon data penduduk Kotabaru 2020 untuk skripsi"
COMPLAINT_ONLY = by_mail(in_mode(Mode.COMPLAINT_ONLY))
SITI = Profile("Siti Aminah", "pendidikan", "tugas")


def _first(text: str, subject: str = "", content: Content = Content.TEXT, desk: Desk = BY_MAIL) -> Shell:
    shell = Shell(desk)
    shell.mails(text, subject, content)
    return shell


def test_the_first_letter_opens_the_ticket_at_once() -> None:
    shell = Shell(BY_MAIL)
    decision = shell.mails(ASK, "Permohonan data penduduk")
    opened = next(effect for effect in decision.effects if isinstance(effect, OpenTicket))
    assert (opened.kind, opened.confirmed) == (TicketKind.CONSULTATION, True)
    assert opened.request.text == f"Permohonan data penduduk\n{ASK}"
    assert (opened.request.area, opened.request.years) == ("Kotabaru", "2020")
    assert shell.said == [Text.TICKET_OPENED]
    assert decision.outcome is Outcome.TICKET
    assert shell.value.state is State.WITH_OFFICERS
    assert set(shell.timers) == {TimerKind.UNCLAIMED}


# Mails as citizens write them; the first kind needs no question back.
@pytest.mark.parametrize(
    "text",
    [
        "jmlh pddk kotabaru 2024 brp y",
        "min ada data ipm terbaru ga",
        "pdrb adhk menurut lapangan usaha 2019-2023 ada?",
        "Mohon data produksi padi dan jagung tahun 2022 s.d. 2024 untuk skripsi saya, terima kasih",
        "pak sy mahasiswa unhas butuh data ntp sultra 5 thn",
        "data dalam angka 2025 sdh terbit blm?",
        "jml sekolah sd di tanjung selor brp",
        "ada data ekspor impor gak",
        "beda tpt sama tpak apa",
        "kenapa angka pdrb bps beda dgn dinas",
        "syarat konsultasi apa aja",
        "bisa zoom ga buat konsultasinya",
        "permintaan sy kemarin sudah diproses?",
        "bisa bicara dgn petugasnya langsung?",
        "p, mau nanya min, klo mau beli peta digital wilayah brp?",
        "Bersama ini kami kirim permohonan data penduduk, surat terlampir. Mohon dapat dibantu.",
        "status",
        "english",
    ],
)
def test_what_an_officer_can_begin_with_is_not_asked_back(text: str) -> None:
    shell = _first(text)
    assert shell.said == [Text.TICKET_OPENED]
    assert shell.value.asking == ""


@pytest.mark.parametrize(
    "text", ["p", "ping", "hallo min", "slmt pagi bapak ibu", "permisi", "👋", "mohon data"]
)
def test_a_mere_greeting_is_asked_for_the_request(text: str) -> None:
    shell = _first(text, "tanya")
    assert shell.said == [Text.TICKET_OPENED, Text.ASK_MISSING]
    assert shell.asked == ("what", "area", "years", "use")


@pytest.mark.parametrize("content", [Content.EMPTY, Content.DOCUMENT, Content.IMAGE, Content.TEXT])
def test_a_letter_without_words_opens_a_ticket_and_is_asked(content: Content) -> None:
    shell = _first("", "", content)
    assert shell.said == [Text.TICKET_OPENED, Text.ASK_MISSING]
    assert shell.tickets[1].request.text
    assert not shell.tickets[1].request.what


def test_a_salam_is_answered_first() -> None:
    assert _first("Assalamualaikum. Mohon data IPM 2023").said == [Text.SALAM, Text.TICKET_OPENED]


def test_figures_of_no_place_and_no_time_are_asked_back() -> None:
    assert _first("Mohon data penduduk").asked == ("area", "years", "use")
    assert _first("Mohon data penduduk untuk skripsi").asked == ("area", "years")


@pytest.mark.parametrize(
    ("subject", "text", "kept"),
    [
        ("Permintaan data PDRB 2020-2024", "", "Permintaan data PDRB 2020-2024"),
        ("Data IPM", "Mohon data IPM 2023", "Mohon data IPM 2023"),
        ("data", "Mohon data IPM 2023", "Mohon data IPM 2023"),
        ("IPM 2023", "Mohon datanya", "IPM 2023\nMohon datanya"),
    ],
)
def test_a_subject_is_kept_where_it_says_more(subject: str, text: str, kept: str) -> None:
    assert _first(text, subject).tickets[1].request.text == kept


def test_a_subject_that_names_figures_is_the_title() -> None:
    shell = _first("Selamat pagi, bersama ini kami mohon bantuan.", "Data IPM 2023")
    assert (shell.tickets[1].request.what, shell.tickets[1].request.years) == ("Data IPM 2023", "2023")
    assert _first("Kami mencari upah buruh.", "Permohonan data").tickets[1].request.what.startswith("Kami")


def test_the_lines_above_a_formal_letter_tell_nothing() -> None:
    heading = "Kepada Yth.\nKepala BPS Kabupaten Kotabaru\ndi Tempat\n\nDengan hormat,\n"
    request = _first(f"{heading}kami mohon data luas panen.").tickets[1].request
    assert (request.what, request.area) == ("kami mohon data luas panen.", "")


def test_an_english_letter_is_answered_in_english() -> None:
    assert _first("Could you please send me the GDP of Kotabaru for 2019?").value.language == "en"
    assert _first("GDP 2019", "Request for the figures of Kotabaru").value.language == "en"
    assert _first(ASK).value.language == "id"


# --- registration ---


def test_registration_is_asked_once_in_the_same_answer() -> None:
    shell = _first("Mohon data penduduk Kotabaru 2020", desk=REGISTERING_BY_MAIL)
    assert shell.said == [Text.TICKET_OPENED, Text.ASK_MISSING]
    # Not the address: they have written from it.
    assert shell.asked == ("name", "institution_category", "main_use")
    assert shell.value.asking == "name institution_category main_use"


def test_who_introduces_themselves_is_not_asked() -> None:
    shell = _first(
        "Nama saya Siti Aminah, mahasiswa Unlam. Mohon data IPM Kotabaru 2023 untuk skripsi.",
        desk=REGISTERING_BY_MAIL,
    )
    assert shell.said == [Text.TICKET_OPENED]
    assert shell.value.profile == SITI


def test_the_registered_are_never_asked_again() -> None:
    shell = Shell(REGISTERING_BY_MAIL)
    shell.value = shell.value.but(profile=SITI)
    shell.mails("Mohon data IPM 2023")
    assert shell.said == [Text.TICKET_OPENED]
    assert shell.tickets[1].request.use == "tugas"


@pytest.mark.parametrize(
    "reply",
    [
        "Nama: Siti Aminah\nInstansi/asal: Universitas Lambung Mangkurat\nKeperluan: skripsi",
        "> Nama: Siti Aminah\n> Instansi/asal: kampus\n> Keperluan: tugas kuliah",
        "Siti Aminah, mahasiswa, skripsi",
        "Selamat siang, nama saya Siti Aminah, saya mahasiswa Unlam, untuk skripsi",
    ],
)
def test_the_reply_completes_and_is_thanked_once(reply: str) -> None:
    shell = _first("Mohon data penduduk Kotabaru 2020", desk=REGISTERING_BY_MAIL)
    decision = shell.mails(reply, "Re: Mohon data")
    assert shell.said == [Text.REQUEST_COMPLETED]
    assert shell.value.profile == SITI
    assert shell.tickets[1].words[-1] == reply
    assert (decision.outcome, decision.about) == (Outcome.TICKET, 1)
    shell.mails("Nama: Siti Rahma\nInstansi: swasta")
    assert shell.said == []
    assert shell.value.profile == replace(SITI, name="Siti Rahma", institution_category="swasta")
    assert shell.noted[-1] == "profile_changed"


def test_half_an_answer_is_kept_in_silence_and_nothing_is_asked_again() -> None:
    shell = _first("p", desk=REGISTERING_BY_MAIL)
    asked = shell.asked
    assert asked == ("name", "institution_category", "main_use", "what", "area", "years")
    shell.mails("Nama: Siti Aminah\nInstansi/asal:\nData: jumlah penduduk")
    assert shell.said == []
    assert shell.value.asking == "institution_category main_use area years"
    shell.mails("Kotabaru 2020-2023")
    assert shell.said == []
    shell.mails("Instansi: mahasiswa; Keperluan: skripsi")
    assert shell.said == [Text.REQUEST_COMPLETED]
    request = shell.tickets[1].request
    assert (request.what, request.area, request.years) == ("jumlah penduduk", "Kotabaru", "2020-2023")
    assert request.use == "skripsi"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("Wilayah: Kotabaru\nTahun: 2020\nKeperluan: skripsi", ("Kotabaru", "2020", "skripsi")),
        ("Kotabaru, 2020, skripsi", ("Kotabaru", "2020", "skripsi")),
        ("kab kotabaru tahun 2020 untuk skripsi ya pak", ("Kotabaru", "2020", "skripsi ya pak")),
        ("Baik pak, terima kasih", ("", "", "")),
        ("Kapan kira-kira datanya bisa saya terima?", ("", "", "")),
    ],
)
def test_the_request_is_completed_and_nothing_is_guessed(reply: str, told: tuple[str, str, str]) -> None:
    shell = thread("Mohon data penduduk", reply)
    request = shell.tickets[1].request
    assert (request.area, request.years, request.use) == told
    assert shell.said == ([Text.REQUEST_COMPLETED] if told[0] else [])


QUOTED = """Terlampir isiannya, terima kasih.

Pada Sen, 6 Jul 2026 BPS Kabupaten Kotabaru menulis:
> Permintaan Bapak/Ibu sudah kami terima dengan nomor KTB-2026-00001.
> Wilayah: Pulau Laut
> Tahun: 2020
> Keperluan: skripsi
"""


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Terlampir isiannya, terima kasih.", QUOTED),
        (QUOTED, QUOTED),
        ("", QUOTED),
        (QUOTED.replace("> ", ""), ""),
    ],
)
def test_lines_filled_in_what_is_quoted_are_read(text: str, whole: str) -> None:
    shell = thread("Mohon data penduduk")
    shell.mails(text, whole=whole)
    request = shell.tickets[1].request
    assert (request.area, request.years, request.use) == ("Pulau Laut", "2020", "skripsi")
    assert shell.said == [Text.REQUEST_COMPLETED]


def test_our_own_words_in_a_quote_tell_nothing() -> None:
    shell = thread("Mohon data penduduk")
    shell.desk = replace(BY_MAIL, office=replace(BY_MAIL.office, email="bps6302@bps.go.id"))
    shell.mails(
        "> BPS Kabupaten Kotabaru\n> Email: bps6302@bps.go.id\n> paling lambat 2026\n> Wilayah:\n> Tahun:"
    )
    assert shell.value.profile == Profile()
    shell.mails("Terima kasih " + "kami baca surat Bapak Ibu dari BPS Kotabaru tahun 2020 " * 8)
    assert (shell.tickets[1].request.area, shell.tickets[1].request.years) == ("", "")


def test_once_an_officer_has_spoken_the_desk_is_silent() -> None:
    shell = thread("Mohon data penduduk")
    shell.take(OfficerReplied(1, asks_back=True))
    shell.take(OfficeMessageSent(1))
    decision = shell.mails("Wilayah: Kotabaru\nTahun: 2020\nKeperluan: skripsi")
    assert shell.said == []
    assert shell.tickets[1].request.years == "2020"
    assert decision.outcome is Outcome.TICKET


def test_what_was_told_unasked_is_kept_of_the_writer_only() -> None:
    shell = thread("Mohon data penduduk Kotabaru 2020")
    decision = shell.mails("Nama: Siti\nTahun: 2021")
    assert any(isinstance(effect, SaveProfile) for effect in decision.effects)
    assert shell.tickets[1].request.years == "2020"


# --- complaints ---


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Pengaduan", "Petugas meminta uang"),
        ("Keluhan pelayanan", "Sudah dua minggu kami menunggu."),
        ("Permintaan data", "Saya sangat kecewa, sudah dua minggu tidak ada jawaban."),
        ("", "Dengan hormat, saya mau melaporkan pungutan saat minta data"),
        ("Pengaduan", ""),
    ],
)
def test_a_complaint_is_filed_at_once(subject: str, text: str) -> None:
    shell = Shell(BY_MAIL)
    decision = shell.mails(text, subject)
    assert shell.said == [Text.COMPLAINT_RECEIPT]
    assert decision.outcome is Outcome.COMPLAINT
    assert [kept.ticket.kind for kept in shell.tickets.values()] == [TicketKind.COMPLAINT]
    assert (text or subject) in shell.tickets[1].request.text
    shell.mails("Tambahan: terjadi hari Senin")
    assert shell.said == []
    assert shell.tickets[1].words[-1] == "Tambahan: terjadi hari Senin"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Permohonan informasi publik", "Mohon dokumen pengadaan tahun 2024."),
        ("Surat", "Dengan hormat, kami mengajukan permohonan informasi publik atas dokumen pengadaan."),
    ],
)
def test_public_information_is_handed_on_by_letter_too(subject: str, text: str) -> None:
    shell = Shell(BY_MAIL)
    shell.mails(text, subject=subject)
    assert shell.said == [Text.PUBLIC_INFORMATION]
    assert text in shell.tickets[1].request.text


def test_figures_about_complaints_are_a_request() -> None:
    assert _first("Mohon data jumlah pengaduan masyarakat 2023", "Data pengaduan").said == [
        Text.TICKET_OPENED
    ]


def test_beside_a_consultation_the_way_to_complain_is_offered_once() -> None:
    shell = thread(ASK, "saya kecewa, tidak ada jawaban")
    assert shell.said == [Text.COMPLAINT_OFFER]
    shell.mails("kecewa sekali")
    assert shell.said == []
    shell.mails("PENGADUAN petugas meminta uang")
    assert shell.said == [Text.COMPLAINT_RECEIPT]
    assert shell.tickets[2].ticket.kind is TicketKind.COMPLAINT
    shell.mails("Apakah datanya sudah ada?")
    assert shell.tickets[1].words[-1] == "Apakah datanya sudah ada?"


def test_the_bare_word_beside_a_consultation_is_asked_what_it_is_about() -> None:
    shell = thread("Mohon data penduduk", "PENGADUAN")
    assert shell.said == [Text.COMPLAINT_ASK]
    assert TimerKind.ABANDON in shell.timers
    shell.mails("status permintaan saya tidak jelas")
    assert shell.said == [Text.COMPLAINT_RECEIPT]
    assert shell.value.state is State.WITH_OFFICERS
    assert shell.value.asking == "area years use"


@pytest.mark.parametrize("answer", ["batal", "Batal.", "Tidak perlu, terima kasih."])
def test_a_complaint_may_be_called_off(answer: str) -> None:
    shell = thread(ASK, "pengaduan", answer)
    assert shell.said == [Text.CANCELLED]
    assert shell.value.state is State.WITH_OFFICERS
    assert len(shell.tickets) == 1


def test_a_complaint_that_never_comes_leads_back_to_the_officer() -> None:
    shell = thread("Mohon data penduduk", "pengaduan")
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert shell.value.state is State.WITH_OFFICERS
    assert shell.value.asking == "area years use"
    assert set(shell.timers) == {TimerKind.UNCLAIMED}


# --- where the office does not consult by mail ---


def test_where_complaints_are_taken_the_rest_is_told_the_way_once() -> None:
    shell = _first("Mohon data IPM", desk=COMPLAINT_ONLY)
    assert shell.said == [Text.CHANNEL_COMPLAINT_ONLY]
    assert shell.tickets == {}
    assert shell.mails("Mohon data IPM, penting").outcome is Outcome.FILED
    assert shell.said == []
    shell.mails("PENGADUAN: petugas tidak sopan")
    assert shell.said == [Text.COMPLAINT_RECEIPT]


@pytest.mark.parametrize(
    ("mode", "way"), [(Mode.OFF, Text.CHANNEL_OFF), (Mode.LINK_ONLY, Text.CHANNEL_LINK_ONLY)]
)
def test_a_closed_channel_shows_the_way_once(mode: Mode, way: Text) -> None:
    shell = _first("Pengaduan: petugas tidak sopan", desk=by_mail(in_mode(mode)))
    assert shell.said == [way]
    shell.mails("halo?")
    assert shell.said == []
    shell.desk = by_mail(PLAIN)
    shell.mails(ASK)
    assert shell.said == [Text.TICKET_OPENED]
