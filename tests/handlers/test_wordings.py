"""A few messages word by word, and the small words between the sentences."""

from datetime import UTC, datetime

import pytest

from bot.effects import Say
from bot.policy import Office
from bot.texts import Text
from handlers.phrases import number_in_words
from handlers.rendering import Sentences, render_date
from handlers.shipped_files import templates_folder
from tests.handlers.offices import BANGKA_SELATAN, KOTABARU, KUTAI_BARAT, OFFICES, TARAKAN

SENTENCES = Sentences(OFFICES, "https://loket.example.go.id", templates_folder() / "messages")
NOW = datetime(2026, 3, 25, 7, 30, tzinfo=UTC)  # 15.30 WITA, 14.30 WIB
REFERENCE = "KTB-2026-00012"
REQUEST = {
    "what": "jumlah penduduk per kecamatan",
    "area": "Kotabaru",
    "years": "2020-2024",
    "use": "tugas",
    "text": "jumlah penduduk per kecamatan kab kotabaru 2020-2024",
}


def _said(office: Office, language: str, *texts: Text, reference: str = REFERENCE) -> str:
    says = [Say(text, REQUEST if text is Text.SUMMARY else {}) for text in texts]
    return SENTENCES.say(says, office, language, NOW, reference=reference)


def test_greeting_and_menu() -> None:
    assert _said(KOTABARU, "id", Text.GREETING, Text.MENU) == (
        "Selamat sore, Sahabat Data 👋\n"
        "Ini pesan otomatis layanan konsultasi statistik *BPS Kabupaten Kotabaru*.\n"
        "Petugas melayani Senin–Kamis 08.00–12.00 dan 13.00–15.30; Jumat 08.00–11.30 dan 13.00–16.00 WITA.\n"
        "Percakapan disimpan untuk keperluan layanan; pemberitahuan data pribadi: "
        "https://loket.example.go.id/privasi/6302\n"
        "\n"
        "Silakan tulis kebutuhan data Bapak/Ibu dengan kalimat sendiri, atau balas angka:\n"
        "*1* Konsultasi/minta data\n"
        "*2* Cek status permintaan\n"
        "*3* Pengaduan\n"
        "*4* Info layanan\n"
        "*0* Petugas\n"
        "\n"
        "For English, reply *english*."
    )


def test_greeting_and_a_first_question_after_a_salam() -> None:
    assert _said(KUTAI_BARAT, "id", Text.SALAM, Text.GREETING, Text.ASK_NAME) == (
        "Waalaikumsalam warahmatullahi wabarakatuh.\n"
        "\n"
        "Halo, Sahabat Data 👋\n"
        "Ini pesan otomatis layanan konsultasi statistik *BPS Kabupaten Kutai Barat*.\n"
        "Percakapan disimpan untuk keperluan layanan; pemberitahuan data pribadi: "
        "https://loket.example.go.id/privasi/6402\n"
        "Balas *0* kapan saja bila ingin langsung dengan petugas.\n"
        "\n"
        "Pesan Bapak/Ibu sudah kami catat.\n"
        "Untuk pencatatan layanan, mohon tuliskan *nama* Bapak/Ibu."
    )


def test_summary() -> None:
    assert _said(KOTABARU, "id", Text.SUMMARY) == (
        "Ringkasan permintaan Bapak/Ibu:\n"
        "*Data:* jumlah penduduk per kecamatan\n"
        "*Wilayah:* Kotabaru\n"
        "*Tahun:* 2020-2024\n"
        "*Keperluan:* Tugas sekolah/kuliah\n"
        "\n"
        "Balas *1* bila sudah benar, atau *2* untuk menulis ulang. Bila ada tambahan, langsung tuliskan."
    )


def test_summary_shows_what_is_missing_and_what_was_added_later() -> None:
    told = {
        **REQUEST,
        "area": "",
        "text": "jumlah penduduk per kecamatan\ntolong sertakan rasio jenis kelamin",
    }
    said = SENTENCES.say([Say(Text.SUMMARY, told)], KOTABARU, "id", NOW)
    assert "*Wilayah:* belum disebutkan\n" in said
    assert "*Tambahan:* tolong sertakan rasio jenis kelamin\n" in said


@pytest.mark.parametrize(
    "answer", ["Kotabaru, 2020-2024", "1. Kotabaru\n2. 2020-2024", "Wilayah: Kotabaru\nTahun: 2020-2024"]
)
def test_summary_does_not_repeat_the_answers_it_shows(answer: str) -> None:
    told = {**REQUEST, "text": f"jumlah penduduk per kecamatan\n{answer}"}
    assert "Tambahan" not in SENTENCES.say([Say(Text.SUMMARY, told)], KOTABARU, "id", NOW)


def test_ticket_opened() -> None:
    assert _said(KOTABARU, "id", Text.TICKET_OPENED) == (
        "Terima kasih. Permintaan Bapak/Ibu sudah kami terima dengan nomor *KTB-2026-00012*.\n"
        "Petugas kami akan menjawab paling lambat dalam 3 (tiga) hari kerja "
        "setelah permintaan jelas dan lengkap.\n"
        "Layanan ini tidak dipungut biaya.\n"
        "Tambahan keterangan dapat langsung ditulis di sini."
    )


def test_complaint_receipt() -> None:
    assert _said(TARAKAN, "id", Text.COMPLAINT_RECEIPT, reference="TRK-P-2026-00003") == (
        "Pengaduan Bapak/Ibu kami terima dengan nomor *TRK-P-2026-00003* "
        "pada Rabu, 25 Maret 2026 pukul 15.30 WITA. Identitas Bapak/Ibu kami rahasiakan.\n"
        "\n"
        "Kanal pengaduan lain:\n"
        "- Situs web: https://s.bps.go.id/AduanPST6571\n"
        "- Email: bps6571@bps.go.id\n"
        "- Telepon: (0551) 31715\n"
        "- WhatsApp: 0851-8310-6571\n"
        "- Facebook: BPS Kota Tarakan\n"
        "- Instagram: bpskotatarakan\n"
        "- SP4N-LAPOR!: www.lapor.go.id\n"
        "\n"
        "Tambahan keterangan dapat langsung ditulis di sini; layanan lain: balas *menu*."
    )


@pytest.mark.parametrize(
    ("office", "language", "said"),
    [
        (KOTABARU, "id", "Kamis, 5 Maret 2026 pukul 01.05 WITA"),
        (BANGKA_SELATAN, "id", "Kamis, 5 Maret 2026 pukul 00.05 WIB"),
        (KOTABARU, "en", "Thursday, 5 March 2026 at 01:05 WITA"),
    ],
)
def test_dates_stand_on_the_offices_clock(office: Office, language: str, said: str) -> None:
    assert render_date(datetime(2026, 3, 4, 17, 5, tzinfo=UTC), office, language) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *(
            (1, "satu"),
            (3, "tiga"),
            (10, "sepuluh"),
            (11, "sebelas"),
            (12, "dua belas"),
            (19, "sembilan belas"),
        ),
        *((20, "dua puluh"), (21, "dua puluh satu"), (30, "tiga puluh"), (31, "31")),
    ],
)
def test_numbers_in_words(number: int, said: str) -> None:
    assert number_in_words(number) == said
