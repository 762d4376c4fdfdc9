"""From the first word to a ticket: what every state makes of what may happen in it."""

import pytest

from bot.conversation import State, TicketKind
from bot.events import (
    Content,
    TimerKind,
)
from bot.texts import Text
from tests.bot.desk import (
    ABOUT,
    ASK,
    NAME_ONLY,
    REGISTERING,
    Shell,
    after,
    requests,
)

# --- the first word ---


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("p", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("assalamualaikum", State.CHOOSING, [Text.SALAM, Text.GREETING, Text.MENU]),
        ("1", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("ya", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("tidak", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("batal", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("menu", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("terima kasih", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("lewati", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("Selamat Idul Fitri, mohon maaf lahir batin", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("pelayanannya memuaskan", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("\u200b", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("  ", State.CHOOSING, [Text.GREETING, Text.EMPTY_MESSAGE]),
        ("halo, data penduduk", State.DESCRIBING, [Text.GREETING, Text.ASK_DETAILS]),
        (ASK, State.CONFIRMING, [Text.GREETING, Text.SUMMARY]),
        ("petugas", State.WITH_OFFICERS, [Text.GREETING, Text.HANDED_TO_OFFICER]),
        ("pengaduan", State.COMPLAINING, [Text.GREETING, Text.COMPLAINT_ASK]),
        (f"mau komplain, {ABOUT}", State.COMPLAINING, [Text.GREETING, Text.COMPLAINT_CONFIRM]),
        ("status", State.NEW, [Text.STATUS_NONE]),
        ("info", State.NEW, [Text.OFFICE_FACTS]),
        ("english", State.CHOOSING, [Text.GREETING, Text.MENU]),
        ("STOP", State.NEW, [Text.OPTED_OUT]),
    ],
)
def test_the_first_word(text: str, state: State, said: list[Text]) -> None:
    shell = after(text)
    assert (shell.value.state, shell.said) == (state, said)


def test_the_first_word_of_somebody_who_has_to_register() -> None:
    shell = after(ASK, desk=REGISTERING)
    assert shell.said == [Text.GREETING, Text.ASK_NAME]
    assert shell.value.draft.text == ASK


@pytest.mark.parametrize("text", ["Hello, do you have GDP data of Kotabaru?", "english"])
def test_english_is_answered_in_english(text: str) -> None:
    assert after(text).value.language == "en"


# --- the menu ---


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("1", State.DESCRIBING, [Text.ASK_REQUEST]),
        ("no. 1", State.DESCRIBING, [Text.ASK_REQUEST]),
        ("2", State.CHOOSING, [Text.STATUS_NONE]),
        ("3", State.COMPLAINING, [Text.COMPLAINT_ASK]),
        ("*4*", State.CHOOSING, [Text.OFFICE_FACTS]),
        ("0", State.WITH_OFFICERS, [Text.HANDED_TO_OFFICER]),
        ("7", State.CHOOSING, [Text.NOT_UNDERSTOOD, Text.MENU]),
        ("tidak", State.CHOOSING, [Text.NOT_UNDERSTOOD, Text.MENU]),
        ("p", State.CHOOSING, [Text.MENU]),
        ("mulai", State.CHOOSING, [Text.MENU]),
        ("ya", State.DESCRIBING, [Text.ASK_REQUEST]),
        ("iya pak", State.DESCRIBING, [Text.ASK_REQUEST]),
        ("ok", State.CHOOSING, [Text.THANKS]),
        ("menu", State.CHOOSING, [Text.MENU]),
        ("batal", State.CLOSED, [Text.CANCELLED]),
        ("data penduduk", State.DESCRIBING, [Text.ASK_DETAILS]),
        (ASK, State.CONFIRMING, [Text.SUMMARY]),
    ],
)
def test_the_menu(text: str, state: State, said: list[Text]) -> None:
    shell = after("p", text)
    assert (shell.value.state, shell.said) == (state, said)


def test_a_tap_is_its_number() -> None:
    shell = after("p")
    shell.hears("Pengaduan", choice="3")
    assert shell.said == [Text.COMPLAINT_ASK]


@pytest.mark.parametrize("form", [("p",), ("p", "1"), ("data penduduk",), (ASK,)])
def test_not_understood_twice_is_a_human(form: tuple[str, ...]) -> None:
    shell = after(*form, "9", "9")
    assert shell.said == [Text.HANDED_TO_OFFICER]
    assert not shell.tickets[1].confirmed


# --- registration ---


def test_registration_asks_one_thing_at_a_time_and_then_goes_on() -> None:
    shell = after(ASK, "Siti Aminah", "mahasiswa", "1", "siti@contoh.id", desk=REGISTERING)
    assert shell.said == [Text.SUMMARY]
    profile = shell.value.profile
    assert (profile.name, profile.institution_category) == ("Siti Aminah", "pendidikan")
    assert (profile.main_use, profile.email) == ("tugas", "siti@contoh.id")


@pytest.mark.parametrize(
    "text",
    [
        "data kemiskinan 2023 ada?",
        "harga beras 2023",
        "berapa ipm",
        "nama saya Siti, mau tanya data kemiskinan",
    ],
)
def test_a_request_instead_of_a_name_is_kept(text: str) -> None:
    shell = after("p", "1", text, desk=REGISTERING)
    assert shell.value.draft.text == text


def test_an_answer_to_another_question_is_no_request() -> None:
    shell = after("p", "1", "Siti", "6", "mahasiswa", "1", "siti@contoh.id", desk=REGISTERING)
    assert shell.said == [Text.ASK_REQUEST]


@pytest.mark.parametrize("text", ["p", "1", "ya", "terima kasih", "mahasiswa"])
def test_no_name_is_made_of_anything(text: str) -> None:
    shell = after(ASK, text, desk=REGISTERING)
    assert shell.said == [Text.NAME_UNCLEAR, Text.ASK_NAME]
    assert shell.value.profile.name == ""


def test_an_unclear_category_and_address_are_asked_again() -> None:
    shell = after(ASK, "Siti", "12", desk=REGISTERING)
    assert shell.said == [Text.CHOICE_UNCLEAR, Text.ASK_INSTITUTION_CATEGORY]
    for text in ("6", "1", "siti@contoh"):
        shell.hears(text)
    assert shell.said == [Text.EMAIL_UNCLEAR, Text.ASK_EMAIL]
    assert shell.value.draft.text == ASK


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("status", [Text.STATUS_NONE, Text.ASK_NAME]),
        ("info", [Text.OFFICE_FACTS, Text.ASK_NAME]),
        ("english", [Text.ASK_NAME]),
        ("menu", [Text.MENU]),
        ("0", [Text.HANDED_TO_OFFICER]),
        ("batal", [Text.CANCELLED]),
        ("STOP", [Text.OPTED_OUT]),
    ],
)
def test_a_side_step_while_registering(text: str, said: list[Text]) -> None:
    assert after(ASK, text, desk=NAME_ONLY).said == said


# --- the request ---


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("kotabaru, 2020, skripsi", State.CONFIRMING, [Text.SUMMARY]),
        ("2020", State.CONFIRMING, [Text.SUMMARY]),
        ("lewati", State.CONFIRMING, [Text.SUMMARY]),
        ("tidak tahu", State.CONFIRMING, [Text.SUMMARY]),
        ("Indonesia", State.CONFIRMING, [Text.SUMMARY]),
        ("1", State.DESCRIBING, [Text.NOT_UNDERSTOOD, Text.ASK_DETAILS]),
        ("p", State.DESCRIBING, [Text.NOT_UNDERSTOOD, Text.ASK_DETAILS]),
        ("status", State.DESCRIBING, [Text.STATUS_NONE, Text.ASK_DETAILS]),
        ("ga jadi deh", State.CLOSED, [Text.CANCELLED]),
        ("petugas", State.WITH_OFFICERS, [Text.HANDED_TO_OFFICER]),
    ],
)
def test_what_was_missing_is_asked_once(text: str, state: State, said: list[Text]) -> None:
    shell = after("data penduduk", text)
    assert (shell.value.state, shell.said) == (state, said)


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("1", State.WITH_OFFICERS, [Text.TICKET_OPENED]),
        ("ya betul pak", State.WITH_OFFICERS, [Text.TICKET_OPENED]),
        ("👍", State.WITH_OFFICERS, [Text.TICKET_OPENED]),
        ("yes", State.WITH_OFFICERS, [Text.TICKET_OPENED]),
        ("2", State.DESCRIBING, [Text.ASK_CHANGE]),
        ("tidak", State.DESCRIBING, [Text.ASK_CHANGE]),
        ("tidak, tahunnya 2022", State.CONFIRMING, [Text.SUMMARY]),
        ("3", State.CONFIRMING, [Text.NOT_UNDERSTOOD, Text.SUMMARY]),
        ("p", State.CONFIRMING, [Text.NOT_UNDERSTOOD, Text.SUMMARY]),
        ("info", State.CONFIRMING, [Text.OFFICE_FACTS, Text.SUMMARY]),
        ("menu", State.CHOOSING, [Text.MENU]),
        ("0", State.WITH_OFFICERS, [Text.HANDED_TO_OFFICER]),
    ],
)
def test_the_summary(text: str, state: State, said: list[Text]) -> None:
    shell = after(ASK, text)
    assert (shell.value.state, shell.said) == (state, said)


@pytest.mark.parametrize(
    "bubbles",
    [
        ("halo, nama saya Rina",),
        ("maaf mau tanya", "halo, nama saya Rina"),
        ("maaf mengganggu waktunya pak", "saya mahasiswa UHO"),
        ("assalamualaikum", "saya Rina, mahasiswa UHO"),
        ("p", "1", "maaf mau tanya", "nama saya Rina"),
    ],
)
def test_what_is_said_before_the_request_is_not_the_data(bubbles: tuple[str, ...]) -> None:
    shell = after(*bubbles, "data penduduk kotabaru 2020 untuk skripsi")
    assert shell.said == [Text.SUMMARY]
    assert shell.value.draft.what == "data penduduk kotabaru 2020 untuk skripsi"
    assert not shell.tickets


def test_a_ticket_holds_the_request_as_it_was_written() -> None:
    shell = after(ASK, "tidak, tahunnya 2022", "1")
    assert requests(shell) == [f"{ASK}\ntidak, tahunnya 2022"]
    assert shell.tickets[1].request.years == "2022"
    assert shell.tickets[1].confirmed


def test_rewriting_keeps_what_is_not_told_again() -> None:
    shell = after(ASK, "2", "tahun 2022 saja")
    draft = shell.value.draft
    assert (draft.what, draft.years, draft.use) == (ASK, "2022", "skripsi")


def test_the_menu_keeps_the_request() -> None:
    shell = after(ASK, "menu", "1")
    assert shell.said == [Text.SUMMARY]


def test_who_asks_for_a_human_with_a_request_has_said_the_request() -> None:
    shell = after("data penduduk", "hubungkan ke petugas, saya butuh data ipm 2023")
    assert requests(shell) == ["data penduduk\nhubungkan ke petugas, saya butuh data ipm 2023"]


def test_a_second_cancel_changes_nothing() -> None:
    shell = after(ASK, "batal")
    cancelled = shell.value
    shell.hears("batal")
    assert shell.said == [Text.CANCELLED]
    assert shell.value == cancelled.but(spoken=cancelled.spoken + 1)


# --- what is not text ---


@pytest.mark.parametrize("content", [Content.VOICE, Content.IMAGE, Content.VIDEO, Content.DOCUMENT])
@pytest.mark.parametrize("before", [(), ("p",), ("p", "1"), ("data penduduk",), (ASK,)])
def test_a_recording_or_picture_reaches_an_officer(before: tuple[str, ...], content: Content) -> None:
    shell = after(*before)
    shell.hears("", content)
    assert Text.MEDIA_KEPT in shell.said
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert len(shell.tickets) == 1


@pytest.mark.parametrize("content", [Content.STICKER, Content.LOCATION, Content.CONTACT, Content.EMPTY])
def test_a_sticker_alone_is_no_request(content: Content) -> None:
    shell = after("p")
    shell.hears("", content)
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert not shell.tickets


def test_who_only_speaks_gets_a_human_at_the_second_recording() -> None:
    shell = Shell()
    shell.hears("", Content.VOICE)
    shell.hears("", Content.VOICE)
    assert shell.said == [Text.HANDED_TO_OFFICER]


def test_words_under_a_picture_are_words() -> None:
    shell = Shell()
    shell.hears(ASK, Content.IMAGE)
    assert shell.said == [Text.GREETING, Text.SUMMARY]


@pytest.mark.parametrize("content", [Content.VOICE, Content.IMAGE])
def test_evidence_joins_the_complaint(content: Content) -> None:
    shell = after("pengaduan")
    shell.hears("", content)
    assert shell.said == [Text.COMPLAINT_CONFIRM]
    shell.hears("1")
    assert shell.tickets[1].ticket.kind is TicketKind.COMPLAINT


@pytest.mark.parametrize(
    ("said", "unsure"), [("undangan rapat besok jam 9", 1), ("pak andi ada?", 1), ("data penduduk", 0)]
)
def test_what_may_be_no_request_for_data_has_a_way_to_an_officer(said: str, unsure: int) -> None:
    assert after(said).says[-1].values["unsure"] == unsure


SAID_YES = (
    "iyaa",
    "bener",
    "udh sesuai",
    "okee",
    "nggih",
    "iya itu saja",
    "yap betul sekali",
    "cukup",
    "itu saja",
)


@pytest.mark.parametrize("said", [*SAID_YES, "tidak ada lagi", "sudah lengkap", "ya sudah benar semua pak"])
def test_a_summary_is_agreed_to_in_many_words(said: str) -> None:
    shell = after(ASK, said)
    assert shell.said == [Text.TICKET_OPENED]
    assert requests(shell) == [ASK]


@pytest.mark.parametrize("said", ["bukan itu", "belum lengkap", "tdk sesuai", "blm bener"])
def test_a_summary_that_is_wrong_is_told_anew(said: str) -> None:
    assert after(ASK, said).said == [Text.ASK_CHANGE]
