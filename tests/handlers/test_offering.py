"""What is offered to tap is what the text names by number, everywhere, and means the same."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from bot.conversation import Conversation, Request, State, TicketKind
from bot.effects import Say
from bot.events import Content, MessageReceived
from bot.machine import decide
from bot.policy import Office
from bot.texts import Text
from channels.menus import Form, Menu, Option, form
from handlers import offering
from handlers.rendering import Sentences
from handlers.shipped_files import templates_folder
from tests.bot.offices import PLAIN, REGISTERING, START
from tests.handlers.offices import KOTABARU, OFFICES

NOW = datetime(2026, 3, 25, 7, 30, tzinfo=UTC)
SENTENCES = Sentences(OFFICES, "https://loket.example.go.id", templates_folder() / "messages")
REQUEST = {"what": "jumlah penduduk", "area": "Kotabaru", "years": "2024", "use": "tugas", "text": ""}
FOUND = {"titles": ("IPM",), "links": ("https://a.example/1",), "kinds": ("news",), "days": ("",)}
NUMBER = re.compile(r"\*(\d|batal|cancel)\*")

ASKED = {
    "menu": (Say(Text.MENU),),
    "insist": (Say(Text.REDIRECT_TAX, {"to": ""}), Say(Text.REDIRECT_INSIST)),
    "institution_category": (Say(Text.ASK_INSTITUTION_CATEGORY),),
    "main_use": (Say(Text.ASK_MAIN_USE),),
    "correct_institution_category": (Say(Text.ASK_CORRECTION, {"field": "institution_category"}),),
    "correct_main_use": (Say(Text.ASK_CORRECTION, {"field": "main_use"}),),
    "found": (Say(Text.SEARCH_FOUND, {**FOUND, "summaries": ("",)}), Say(Text.ASK_FOUND)),
    "summary": (Say(Text.SUMMARY, REQUEST),),
    "complaint": (Say(Text.COMPLAINT_CONFIRM, {"text": "petugas tidak ramah"}),),
    "rating": (Say(Text.CLOSED_BY_OFFICER), Say(Text.ASK_RATING)),
}
DRAFT = Request("data penduduk kotabaru 2024 skripsi", "penduduk", "kotabaru", "2024", "skripsi")
WAITING = {
    "menu": Conversation(state=State.CHOOSING),
    "insist": Conversation(state=State.CHOOSING, turned_away="cara bikin npwp"),
    "institution_category": Conversation(state=State.REGISTERING, asking="institution_category"),
    "main_use": Conversation(state=State.REGISTERING, asking="main_use"),
    "correct_institution_category": Conversation(state=State.CORRECTING, correcting="institution_category"),
    "correct_main_use": Conversation(state=State.CORRECTING, correcting="main_use"),
    "found": Conversation(state=State.SUGGESTING, draft=DRAFT, searches=1),
    "summary": Conversation(state=State.CONFIRMING, draft=DRAFT, asking="summary"),
    "complaint": Conversation(
        state=State.COMPLAINING, complaint_draft="petugas tidak ramah", focus=TicketKind.COMPLAINT
    ),
    "rating": Conversation(state=State.RATING, last_closed=7, closed_at=START),
}


def _menu(office: Office, language: str, says: tuple[Say, ...]) -> tuple[str, Menu | None]:
    say = partial(SENTENCES.say, says, office, language, NOW, reference="KTB-2026-00012")
    return offering.said(say, choosable=True)


def _offered() -> Iterator[tuple[str, str, Menu]]:
    for language in KOTABARU.languages:
        for question, says in ASKED.items():
            menu = _menu(KOTABARU, language, says)[1]
            assert menu is not None, (question, language)
            yield language, question, menu


OFFERED = [
    pytest.param(language, question, option, id=f"{language}-{option.id}")
    for language, question, menu in _offered()
    for option in menu.options
]


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize(("office", "language"), [(o, la) for o in OFFICES.values() for la in o.languages])
def test_a_menu_is_what_the_text_numbers(question: str, office: Office, language: str) -> None:
    text, menu = _menu(office, language, ASKED[question])
    assert menu is not None
    assert form(menu) is not None
    assert [option.id for option in menu.options] == [f"{question}.{it}" for it in NUMBER.findall(text)]
    assert NUMBER.findall(menu.body) == []
    lines = dict(re.findall(r"^\*(\d)\* (.+)$", text, re.MULTILINE))
    for answer, words in lines.items():
        option = next(each for each in menu.options if each.id == f"{question}.{answer}")
        assert (option.description or option.title).casefold() == words.casefold()


def test_few_short_choices_are_buttons_and_the_rest_are_lists() -> None:
    shown = {question: form(menu) for language, question, menu in _offered() if language == "id"}
    buttons = {question for question, it in shown.items() if it is Form.BUTTONS}
    assert buttons == {"insist", "found", "summary", "complaint"}


def test_the_words_above_buttons_name_no_number() -> None:
    text, menu = _menu(KOTABARU, "id", ASKED["found"])
    assert menu is not None
    assert text.endswith("*1* Sudah\n*2* Belum, tanya petugas\nAtau tulis kata kunci lain.")
    assert menu.body.endswith("Apakah sudah menjawab kebutuhan Bapak/Ibu?\n\nAtau tulis kata kunci lain.")


def test_without_choices_or_for_a_channel_that_shows_none_there_is_no_menu() -> None:
    assert _menu(KOTABARU, "id", (Say(Text.THANKS),))[1] is None
    say = partial(SENTENCES.say, ASKED["menu"], KOTABARU, "id", NOW)
    assert offering.said(say, choosable=False)[1] is None


def test_two_questions_at_once_and_long_words_stay_a_numbered_text() -> None:
    assert _menu(KOTABARU, "id", (*ASKED["menu"], *ASKED["summary"]))[1] is None
    long = Say(Text.SEARCH_FOUND, {**FOUND, "links": ("https://a.example/" + "x" * 900,), "summaries": ("",)})
    text, menu = _menu(KOTABARU, "id", (long, Say(Text.ASK_FOUND)))
    assert menu is None
    assert "*2* Belum" in text


def test_an_offices_own_sentence_offers_what_it_says_by_the_same_means() -> None:
    own = {
        "ask_found": {"id": "Cocok?\n{{ option(1, 'Ya, cocok') }}\n{{ option(2, 'Belum') }}"},
        "menu": {"id": "Pilih: {{ option(7, 'Undian') }}"},
        "summary": {"id": "Balas *1* bila benar."},
    }
    sentences = Sentences(
        {"6302": replace(KOTABARU, texts=own)}, "https://loket.example.go.id", templates_folder() / "messages"
    )

    def menu(says: tuple[Say, ...]) -> Menu | None:
        say = partial(sentences.say, says, KOTABARU, "id", NOW)
        return offering.said(say, choosable=True)[1]

    found = menu((Say(Text.ASK_FOUND),))
    assert found is not None
    assert [(option.id, option.title) for option in found.options] == [
        ("found.1", "Ya, cocok"),
        ("found.2", "Belum"),
    ]
    assert menu(ASKED["menu"]) is None
    assert menu(ASKED["summary"]) is None


@pytest.mark.parametrize(("language", "question", "option"), OFFERED)
def test_tapped_typed_by_number_or_in_its_words_it_means_the_same(
    language: str, question: str, option: Option
) -> None:
    waiting = WAITING[question].but(language=language, last_inbound_at=START)
    desk = REGISTERING if waiting.state in (State.REGISTERING, State.CORRECTING) else PLAIN
    answer = option.id.rpartition(".")[2]
    said = {
        "tapped": MessageReceived(option.title, choice=option.id),
        "tapped without words": MessageReceived("", Content.EMPTY, option.id),
        "by number": MessageReceived(answer),
        "in words": MessageReceived(option.title),
    }
    came_to = {how: decide(waiting, event, desk, START) for how, event in said.items()}
    for how, decision in came_to.items():
        assert decision == came_to["by number"], how
