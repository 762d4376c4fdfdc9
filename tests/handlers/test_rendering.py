"""What citizens read: complete in both languages, short, honest about promises, safe with their own words."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError, UndefinedError

from bot import words
from bot.effects import Say
from bot.policy import Hours, Office, Sla, Status
from bot.texts import Text
from handlers.phrases import PHRASES
from handlers.rendering import Sentences, plain
from handlers.shipped_files import languages, templates_folder
from tests.handlers.offices import BANGKA_SELATAN, KOLAKA_TIMUR, KOTABARU, KUTAI_BARAT, OFFICES

MESSAGES = templates_folder() / "messages"
PUBLIC = "https://loket.example.go.id"
SENTENCES = Sentences(OFFICES, PUBLIC, MESSAGES)
NOW = datetime(2026, 3, 25, 7, 30, tzinfo=UTC)  # 15.30 WITA, 14.30 WIB
REFERENCE = "KTB-2026-00012"
MISSING = ("what", "area", "years", "use")
REQUEST = {
    "what": "jumlah penduduk per kecamatan",
    "area": "Kotabaru",
    "years": "2020-2024",
    "use": "tugas",
    "text": "jumlah penduduk per kecamatan kab kotabaru 2020-2024",
}
DAY = ("07:30-16:00",)
LONG = "panjang sekali " * 200
TOLD: Mapping[Text, tuple[Mapping[str, str | int | tuple[str, ...]], ...]] = {
    Text.PROFILE_KNOWN: (
        {"name": "Siti A…", "institution_category": "swasta", "main_use": "tugas", "email": "s…@contoh.id"},
        {"name": "", "institution_category": "", "main_use": "", "email": "s…@contoh.id"},
    ),
    Text.ASK_CORRECTION: tuple(
        {"field": field} for field in ("name", "institution_category", "main_use", "email")
    ),
    Text.SUMMARY: (
        REQUEST,
        dict.fromkeys((*MISSING, "text"), ""),
        {**dict.fromkeys(MISSING, LONG), "text": f"{LONG}\nbeda"},
    ),
    Text.ASK_MISSING: ({"missing": ("name", "institution_category", "main_use")}, {"missing": MISSING}),
    Text.ASK_DETAILS: ({"missing": MISSING, "unsure": 1}, {"missing": ("area",)}),
    Text.MEDIA_KEPT: tuple(
        {"content": content, "goes_on": goes_on}
        for goes_on in (True, False)
        for content in ("voice", "image", "sticker", "video", "document", "location", "contact", "text")
    ),
    Text.CHOICE_STALE: ({"tapped": True}, {"tapped": False}),
    Text.EMPTY_MESSAGE: ({"content": "empty"},),
    Text.COMPLAINT_CONFIRM: ({"text": "kecewa, dari minggu lalu tidak ada jawaban"}, {"text": LONG}),
    Text.COMPLAINT_RECEIPT: ({}, {"consulting": 1}),
    Text.ANSWER_MAILED: ({"ticket": REFERENCE, "email": "s…@contoh.id"},),
    Text.MAILED_INSTEAD: ({"why": "window"}, {"why": "refused"}),
    Text.FORWARDED: ({"to": "BPS Kabupaten Kotabaru"},),
    Text.REDIRECT_AREA: ({"to": "BPS Kabupaten Kotabaru"},),
    Text.SEARCH_FOUND: (
        {
            "titles": ("Kabupaten Kotabaru Dalam Angka 2024", LONG),
            "summaries": ("", LONG),
            "kinds": ("publication", "answer"),
            "days": ("2024-02-28", ""),
            "links": (
                "https://kotabarukab.bps.go.id/id/publication/2024/02/28/a1b2",
                "https://bot.example.org/j/1",
            ),
        },
    ),
    Text.STATUS_LIST: (
        {"tickets": ("KTB-2026-00012|waiting", "KTB-2026-00009|answered", "KTB-2026-00003|closed")},
        {"tickets": tuple(f"KTB-2026-{number:05}|closed" for number in range(40))},
    ),
    Text.RATING_THANKS: tuple({"score": score} for score in (1, 2, 3, 4)),
    Text.CODE_MAILED: ({"email": "siti_r@contoh.id"}, {"email": f"{'s' * 64}@{'contoh.' * 19}id"}),
    Text.CODE_PROVED: ({"email": "siti_r@contoh.id"},),
    Text.ERASURE_NOTED: ({"due": "Rabu, 25 Maret 2026 pukul 15.30 WITA"},),
}
OFFICE_AND_LANGUAGE = [*product(OFFICES, ("id", "en"))]
TOGETHER = [
    (Text.CODE_MAILED, Text.SUMMARY),
    (Text.GREETING, Text.MENU),
    (Text.SALAM, Text.GREETING, Text.MENU),
    (Text.SALAM, Text.GREETING, Text.ASK_NAME),
    (Text.GREETING, Text.ASK_INSTITUTION_CATEGORY),
    (Text.GREETING, Text.ASK_MAIN_USE),
    (Text.GREETING, Text.ASK_EMAIL),
    (Text.GREETING, Text.ASK_DETAILS),
    (Text.SALAM, Text.GREETING, Text.MEDIA_KEPT),
    (Text.GREETING, Text.EMPTY_MESSAGE),
    (Text.NOT_UNDERSTOOD, Text.MENU),
    (Text.NOT_UNDERSTOOD, Text.ASK_DETAILS),
    (Text.NAME_UNCLEAR, Text.ASK_NAME),
    (Text.CHOICE_UNCLEAR, Text.ASK_INSTITUTION_CATEGORY),
    (Text.CHOICE_UNCLEAR, Text.ASK_MAIN_USE),
    (Text.EMAIL_UNCLEAR, Text.ASK_EMAIL),
    (Text.STATUS_LIST, Text.ASK_NAME),
    (Text.STATUS_NONE, Text.ASK_REQUEST),
    (Text.CLOSED_BY_OFFICER, Text.ASK_RATING),
    (Text.CLOSED_BY_SILENCE, Text.ASK_RATING),
    (Text.WELCOME_BACK, Text.MENU),
]
NEVER_WITHOUT_TICKET = {
    *(Text.TICKET_OPENED, Text.HANDED_TO_OFFICER, Text.COMPLAINT_RECEIPT, Text.COMPLAINT_OFFER),
    Text.FORWARDED,
    *(Text.COMPLAINT_CLOSED, Text.CLOSED_BY_OFFICER, Text.CLOSED_BY_SILENCE, Text.IDLE_WARNING),
    *(Text.MARKED_CLEAR, Text.REOPENED, Text.PRIVACY_HANDED, Text.PUBLIC_INFORMATION),
}
ABOUT_A_TICKET = [
    *sorted(NEVER_WITHOUT_TICKET),
    *(Text.ASK_RATING, Text.RATING_UNCLEAR, Text.RATING_THANKS, Text.OPTED_OUT, Text.OPTED_OUT_REMINDER),
    *(Text.WELCOME_BACK, Text.CANCELLED, Text.DISTRESS),
]


def _says(*texts: Text) -> list[Say]:
    return [Say(text, TOLD.get(text, ({},))[0]) for text in texts]


def _said(office: Office, language: str, *texts: Text, reference: str = REFERENCE) -> str:
    return SENTENCES.say(_says(*texts), office, language, NOW, reference=reference)


def _altered(office: Office, language: str, *texts: Text) -> str:
    sentences = Sentences({office.code: office}, PUBLIC, MESSAGES)
    return sentences.say(_says(*texts), office, language, NOW, reference=REFERENCE)


@pytest.mark.parametrize(("code", "language"), OFFICE_AND_LANGUAGE)
@pytest.mark.parametrize("text", Text)
def test_every_sentence_can_be_said(text: Text, code: str, language: str) -> None:
    references = (REFERENCE,) if text in NEVER_WITHOUT_TICKET else ("", REFERENCE)
    for values, reference in product(TOLD.get(text, ({},)), references):
        said = SENTENCES.say([Say(text, values)], OFFICES[code], language, NOW, reference=reference)
        assert said == said.strip()
        assert 0 < len(said) <= 700
        assert not re.search(r"[{}]|None|\n\n\n|[ \t]\n|\*\*", said)
        assert sum(said.count(emoji) for emoji in "👋🙏") <= 1


@pytest.mark.parametrize(("code", "language"), OFFICE_AND_LANGUAGE)
@pytest.mark.parametrize("texts", TOGETHER, ids="+".join)
def test_sentences_of_one_turn_are_one_short_message(
    texts: tuple[Text, ...], code: str, language: str
) -> None:
    said = _said(OFFICES[code], language, *texts)
    assert said.count("\n\n") >= len(texts) - 1
    assert len(said) <= 700


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("text", ABOUT_A_TICKET)
def test_a_message_about_a_ticket_names_it(text: Text, language: str) -> None:
    assert REFERENCE in _said(KOTABARU, language, text)


def test_a_complaint_beside_a_consultation_does_not_lead_into_the_officers_talk() -> None:
    say = Say(Text.COMPLAINT_RECEIPT, {"consulting": 1})
    said = SENTENCES.say([say], KOTABARU, "id", NOW, reference="KTB-P-2026-00003")
    assert "langsung ditulis di sini" not in said
    assert "balas *PENGADUAN*" in said


def test_the_number_written_to_is_no_other_way_to_complain() -> None:
    assert "0821-8888-7411" not in _said(KOLAKA_TIMUR, "id", Text.COMPLAINT_RECEIPT)


def test_received_counts_without_a_condition() -> None:
    said = _said(KOLAKA_TIMUR, "id", Text.TICKET_OPENED)
    assert "paling lambat dalam 3 (tiga) hari kerja.\n" in said


@pytest.mark.parametrize("text", Text)
def test_an_assumed_promise_is_never_spoken(text: Text) -> None:
    told = TOLD.get(text, ({},))
    for values, language in product(told, ("id", "en")):
        said = SENTENCES.say([Say(text, values)], KUTAI_BARAT, language, NOW, reference=REFERENCE)
        assert not re.search(r"hari kerja|working day|paling lambat", said)


@pytest.mark.parametrize("status", [Status.STATED, Status.RESTORED, Status.CONFIRMED])
def test_any_other_promise_is_spoken(status: Status) -> None:
    office = replace(KUTAI_BARAT, sla=Sla(days=5, status=status))
    assert "5 (lima) hari kerja" in _altered(office, "id", Text.TICKET_OPENED)
    assert "5 working days" in _altered(office, "en", Text.MARKED_CLEAR)


@pytest.mark.parametrize("status", [Status.ASSUMED, Status.RESTORED])
@pytest.mark.parametrize(
    "texts", [(Text.GREETING, Text.MENU), (Text.OFFICE_FACTS,), (Text.CHANNEL_OFF,)], ids="+".join
)
def test_unsure_hours_are_never_spoken(texts: tuple[Text, ...], status: Status) -> None:
    office = replace(KOTABARU, hours=replace(KOTABARU.hours, status=status))
    for language in ("id", "en"):
        assert not re.search(r"\d\d[.:]\d\d|Senin|Monday", _altered(office, language, *texts))


@pytest.mark.parametrize(
    ("hours", "indonesian", "english"),
    [
        (
            BANGKA_SELATAN.hours,
            "Senin dan Selasa 08.00–15.00; Jumat 08.00–11.00 WIB",
            "Monday and Tuesday 08:00–15:00; Friday 08:00–11:00 WIB",
        ),
        (
            Hours(Status.CONFIRMED, DAY, DAY, DAY, DAY, DAY, (), DAY),
            "Senin–Jumat dan Minggu 07.30–16.00 WIB",
            "Monday–Friday and Sunday 07:30–16:00 WIB",
        ),
    ],
)
def test_hours_put_equal_days_together(hours: Hours, indonesian: str, english: str) -> None:
    office = replace(BANGKA_SELATAN, hours=hours)
    assert f"Jam layanan: {indonesian}\n" in _altered(office, "id", Text.OFFICE_FACTS)
    assert f"Service hours: {english}\n" in _altered(office, "en", Text.OFFICE_FACTS)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("*tebal* _miring_ ~coret~ ```kode```", "tebal miring coret kode"),
        ("baris\nkedua\r\n\tketiga", "baris kedua ketiga"),
        ("budi_santoso@contoh.go.id", "budi_santoso@contoh.go.id"),
        ("a_*_b __x__", "ab x"),
        ("balik\u202ekanan\u200b\x00", "balikkanan"),
        ("rusak\ud83d", "rusak"),
        ("keluarga 👨\u200d👩\u200d👧", "keluarga 👨\u200d👩\u200d👧"),
        ("{{ office.email }}", "{{ office.email }}"),
        ("<b>&amp;", "<b>&amp;"),
        ("", ""),
        (" *_~` ", ""),
    ],
)
def test_a_citizens_words_can_switch_nothing_on(typed: str, said: str) -> None:
    assert plain(typed) == said
    confirm = SENTENCES.say([Say(Text.COMPLAINT_CONFIRM, {"text": typed})], KOTABARU, "id", NOW)
    assert f"“{said}”" in confirm


@pytest.mark.parametrize("typed", ["kata " * 1000, "x" * 5000, "*" * 5000 + "x"])
def test_a_citizens_words_are_cut(typed: str) -> None:
    said = plain(typed)
    assert len(said) <= 300
    assert said.endswith("…") or typed.startswith("*")


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        SENTENCES.say([Say(Text.SUMMARY)], KOTABARU, "id", NOW)


def test_courtesy_is_no_addition() -> None:
    lines = (
        "Selamat sore Bapak/Ibu",
        "Perkenalkan, saya Andi.",
        "Mohon data padi",
        "Atas perhatian Ibu, kami senang",
    )
    told = {**REQUEST, "what": "Mohon data padi", "text": "\n".join(lines)}
    assert "Tambahan" not in SENTENCES.say([Say(Text.SUMMARY, told)], KOTABARU, "id", NOW)


def test_a_rewritten_request_does_not_come_back_as_an_addition() -> None:
    told = {
        **REQUEST,
        "what": "data kemiskinan",
        "text": "[gambar]\nharga beras merah\ndata kemiskinan\nper desa",
    }
    said = SENTENCES.say([Say(Text.SUMMARY, told)], KOTABARU, "id", NOW)
    assert "*Tambahan:* [gambar]; per desa" in said


@pytest.mark.parametrize("tongue", ["en", "jv", ""])
def test_an_unspoken_language_becomes_the_offices_first(tongue: str) -> None:
    office = replace(KOTABARU, languages=("id",))
    said = _altered(office, tongue, Text.MENU)
    assert said.startswith("Silakan tulis")
    assert "english" not in said


def test_the_notice_is_linked_in_the_language_spoken() -> None:
    assert f"{PUBLIC}/privasi/7411?lang=id" in _said(KOLAKA_TIMUR, "id", Text.GREETING)
    assert _said(KOLAKA_TIMUR, "en", Text.OFFICE_FACTS).endswith(f"{PUBLIC}/privasi/7411")


@pytest.mark.parametrize(
    ("text", "language", "starts"),
    [(Text.CHANNEL_OFF, "id", "Ini pesan"), (Text.CHANNEL_LINK_ONLY, "en", "Thank you")],
)
def test_a_closed_channel_shows_the_way(text: Text, language: str, starts: str) -> None:
    said = _said(BANGKA_SELATAN, language, text)
    assert said.startswith(starts)
    assert "- Portal: https://pst.bps.go.id\n" in said
    assert "Komplek Perkantoran Pemkab" in said
    assert "bps1905@bps.go.id" not in said
    assert "0812" not in said


def test_a_closed_channel_is_no_dead_end_without_other_channels() -> None:
    office = replace(KUTAI_BARAT, modes={}, website="kubarkab.bps.go.id")
    said = _altered(office, "id", Text.CHANNEL_OFF)
    assert said.endswith("- Telepon: (0545) 4046036\n- Situs web: kubarkab.bps.go.id")


def test_where_a_complaint_is_offered_after_closing() -> None:
    assert "PENGADUAN" in _said(KOTABARU, "id", Text.ASK_RATING)
    assert "PENGADUAN" not in _said(BANGKA_SELATAN, "id", Text.ASK_RATING)


@pytest.mark.parametrize(
    ("office", "said"),
    [
        (BANGKA_SELATAN, "kami tutup karena tidak ada balasan selama 7 (tujuh) hari."),
        (KOLAKA_TIMUR, "kami tutup otomatis karena tidak ada balasan selama 3 (tiga) hari kerja."),
        (KOTABARU, "kami tutup karena tidak ada balasan."),
    ],
)
def test_closing_by_silence(office: Office, said: str) -> None:
    assert said in _said(office, "id", Text.CLOSED_BY_SILENCE)


def test_options_are_numbered_as_the_desk_reads_them() -> None:
    for language in ("id", "en"):
        options = [PHRASES[language].institutions[option] for option in words.INSTITUTIONS]
        lines = _said(KOTABARU, language, Text.ASK_INSTITUTION_CATEGORY).splitlines()[1:]
        assert lines == [f"*{number}* {option}" for number, option in enumerate(options, 1)]


def test_every_language_has_its_phrases() -> None:
    assert PHRASES.keys() == languages()
    for phrases in PHRASES.values():
        assert phrases.institutions.keys() == set(words.INSTITUTIONS)
        assert phrases.main_uses.keys() == set(words.MAIN_USES)


def test_every_sentence_has_a_file_and_no_file_is_left_over() -> None:
    for language in languages():
        assert {path.stem.removesuffix(".mail") for path in (MESSAGES / language).iterdir()} == set(Text)
        assert {path.stem for path in (MESSAGES / language).iterdir()} >= set(Text)


@pytest.mark.parametrize(
    ("hour", "indonesian", "english"),
    [
        *((2, "malam", "evening"), (3, "pagi", "morning"), (10, "pagi", "morning"), (11, "siang", "morning")),
        *((14, "siang", "afternoon"), (15, "sore", "afternoon"), (17, "sore", "afternoon")),
        (18, "malam", "evening"),
    ],
)
def test_the_greeting_follows_the_offices_clock(hour: int, indonesian: str, english: str) -> None:
    now = datetime(2026, 3, 25, (hour - 8) % 24, 59, tzinfo=UTC)
    assert SENTENCES.say([Say(Text.GREETING)], KOTABARU, "id", now).startswith(f"Selamat {indonesian},")
    assert SENTENCES.say([Say(Text.GREETING)], KOTABARU, "en", now).startswith(f"Good {english} ")


def test_an_office_may_say_it_in_its_own_words() -> None:
    own = {"thanks": {"id": "Sami-sami, {{ name }} {{ '*' ~ reference ~ '*' if reference }}"}}
    office = replace(KOTABARU, texts=own)
    assert _altered(office, "id", Text.THANKS) == f"Sami-sami, BPS Kabupaten Kotabaru *{REFERENCE}*"
    assert _altered(office, "en", Text.THANKS).startswith("You are welcome.")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{{ nama }}", "a sentence knows no nama"),
        ("{{ values.nomor }}", "a sentence knows no values.nomor"),
        ("{% if hours %}", "line 1"),
        ("{{ name|kapital }}", "line 1"),
    ],
)
def test_a_sentence_of_an_office_that_cannot_work_is_refused_by_its_path(source: str, complaint: str) -> None:
    office = replace(KOTABARU, texts={"thanks": {"id": source}})
    with pytest.raises(ValueError, match=rf"^offices\.6302\.texts\.thanks\.id: .*{re.escape(complaint)}"):
        Sentences({"6302": office}, PUBLIC, MESSAGES)


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"greeting\.txt"):
        Sentences(OFFICES, PUBLIC, tmp_path)


def test_a_file_that_cannot_work_is_told_when_all_are_compiled(tmp_path: Path) -> None:
    shutil.copytree(MESSAGES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "en" / "thanks.txt").write_text("{% if hours %}", "utf-8")
    sentences = Sentences(OFFICES, PUBLIC, tmp_path)
    with pytest.raises(TemplateSyntaxError):
        sentences.compile()
