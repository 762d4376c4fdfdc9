"""The same sentences in letters: their own wording where a chat's does not fit, and nothing of a menu."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from bot import labels
from bot.effects import Say
from bot.policy import Office
from bot.texts import Text
from handlers.rendering import Sentences
from handlers.shipped_files import templates_folder
from tests.handlers.offices import KOTABARU, KUTAI_BARAT, OFFICES

PUBLIC = "https://loket.example.go.id"
MESSAGES = templates_folder() / "messages"
SENTENCES = Sentences(OFFICES, PUBLIC, MESSAGES)
NOW = datetime(2026, 3, 25, 7, 30, tzinfo=UTC)
REFERENCE = "KTB-2026-00012"
REGISTRATION = ("name", "institution_category", "main_use")
# What the desk says by mail.
LETTERS = (
    *(Text.SALAM, Text.TICKET_OPENED, Text.ASK_MISSING, Text.REQUEST_COMPLETED),
    *(Text.COMPLAINT_RECEIPT, Text.COMPLAINT_OFFER, Text.COMPLAINT_ASK, Text.COMPLAINT_CLOSED),
    *(Text.CLOSED_BY_OFFICER, Text.CLOSED_BY_SILENCE, Text.IDLE_WARNING, Text.MARKED_CLEAR, Text.REOPENED),
    Text.FORWARDED,
    *(Text.ASK_RATING, Text.CANCELLED, Text.OPTED_OUT, Text.OPTED_OUT_REMINDER, Text.WELCOME_BACK),
    *(Text.CHANNEL_OFF, Text.CHANNEL_LINK_ONLY, Text.CHANNEL_COMPLAINT_ONLY),
)
ASKED = {"missing": (*REGISTRATION, "what", "area", "years")}
_VALUES: Mapping[Text, Mapping[str, str | tuple[str, ...]]] = {
    Text.ASK_MISSING: ASKED,
    Text.FORWARDED: {"to": "BPS Kota Tarakan"},
}
# Marks, signs and words that mean something in a chat only.
OF_A_CHAT = re.compile(
    r"[*_👋🙏]|di sini|percakapan ini|\bmenu\b|balas angka|right here|this conversation|reply with a number",
    re.IGNORECASE,
)


def _letter(office: Office, language: str, *texts: Text, form_link: str | None = None) -> str:
    says = [Say(text, dict(_VALUES.get(text, {}))) for text in texts]
    return SENTENCES.say(says, office, language, NOW, reference=REFERENCE, letter=True, form_link=form_link)


@pytest.mark.parametrize(("code", "language"), [*product(OFFICES, ("id", "en"))])
@pytest.mark.parametrize("text", LETTERS)
def test_a_letter_speaks_of_no_chat(text: Text, code: str, language: str) -> None:
    said = _letter(OFFICES[code], language, text)
    assert not OF_A_CHAT.search(said), said
    assert not re.search(r"[{}]|None|\n\n\n|[ \t]\n", said)
    assert 0 < len(said) <= 1200


def test_the_one_answer_with_everything_asked() -> None:
    said = _letter(KOTABARU, "id", Text.SALAM, Text.TICKET_OPENED, Text.ASK_MISSING)
    assert said == (
        "Waalaikumsalam warahmatullahi wabarakatuh.\n"
        "\n"
        "Yth. Bapak/Ibu,\n"
        "\n"
        "Terima kasih atas surat Bapak/Ibu. Ini jawaban otomatis layanan konsultasi statistik "
        "BPS Kabupaten Kotabaru.\n"
        "\n"
        "Permintaan Bapak/Ibu sudah kami terima dengan nomor KTB-2026-00012.\n"
        "Petugas kami akan menjawab melalui email paling lambat dalam 3 (tiga) hari kerja "
        "setelah permintaan jelas dan lengkap.\n"
        "Layanan ini tidak dipungut biaya.\n"
        "\n"
        "Agar petugas dapat segera mengerjakannya, mohon dilengkapi:\n"
        "\n"
        "Nama:\n"
        "Instansi/asal:\n"
        "Keperluan:\n"
        "Data yang dibutuhkan:\n"
        "Wilayah:\n"
        "Tahun:\n"
        "\n"
        "Cukup balas surat ini dengan bahasa bebas, atau salin dan isi baris di atas."
    )


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_label_that_is_printed_is_read(language: str) -> None:
    asked = _letter(KOTABARU, language, Text.ASK_MISSING)
    filled = "\n".join(f"{line} isi" if line.endswith(":") else line for line in asked.splitlines()[2:])
    told = labels.read(filled).told
    assert told.keys() == {"name", "institution_category", "use", "what", "area", "years"}
    assert set(told.values()) == {"isi"}


def test_the_form_is_linked_only_where_there_is_one() -> None:
    link = f"{PUBLIC}/formulir/f.1.0.abc"
    assert _letter(KOTABARU, "id", Text.ASK_MISSING, form_link=link).endswith(f"satu halaman: {link}")
    assert "formulir" not in _letter(KOTABARU, "id", Text.ASK_MISSING)


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_letter_promises_nothing_that_is_only_assumed(language: str) -> None:
    said = _letter(KUTAI_BARAT, language, *LETTERS)
    assert not re.search(r"hari kerja|working day|paling lambat", said)


def test_an_offices_own_words_reach_letters_where_no_wording_for_letters_stands() -> None:
    office = replace(KOTABARU, texts={"marked_clear": {"id": "Sudah *jelas*: {{ reference }}"}})
    sentences = Sentences({"6302": office}, PUBLIC, MESSAGES)
    said = sentences.say([Say(Text.MARKED_CLEAR)], office, "id", NOW, reference=REFERENCE, letter=True)
    assert said == f"Sudah jelas: {REFERENCE}"


def test_an_office_may_have_its_own_words_for_letters_alone() -> None:
    own = {"ticket_opened": {"id": "Balas 1"}, "ticket_opened.mail": {"id": "Salam, {{ reference }}"}}
    office = replace(KOTABARU, texts=own)
    sentences = Sentences({"6302": office}, PUBLIC, MESSAGES)
    says = [Say(Text.TICKET_OPENED)]
    assert sentences.say(says, office, "id", NOW, reference=REFERENCE) == "Balas 1"
    assert sentences.say(says, office, "id", NOW, reference=REFERENCE, letter=True) == f"Salam, {REFERENCE}"


def test_a_chat_stays_a_chat() -> None:
    said = SENTENCES.say([Say(Text.TICKET_OPENED)], KOTABARU, "id", NOW, reference=REFERENCE)
    assert f"*{REFERENCE}*" in said
    assert "di sini" in said
