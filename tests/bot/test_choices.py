"""Taps: the present question, an older one, the menu from anywhere, and buttons that are none of ours."""

import pytest

from bot import choices
from bot.conversation import Conversation, Outcome, Request, State
from bot.effects import AskRating, LookUpTickets, OpenTicket, RecordRating, Say
from bot.events import Content, MessageReceived
from bot.texts import Text
from tests.bot.desk import ASK, PLAIN, REGISTERING, SEARCHING, Shell, rating, with_officer


def _confirming() -> Shell:
    shell = Shell(PLAIN)
    shell.hears(ASK)
    assert shell.value.state is State.CONFIRMING
    return shell


def test_a_tap_answers_the_question_that_waits() -> None:
    shell = _confirming()
    decision = shell.hears("Sudah benar", choice="summary.1")
    assert any(isinstance(effect, OpenTicket) for effect in decision.effects)
    assert shell.value.state is State.WITH_OFFICERS


@pytest.mark.parametrize(
    ("id_", "title"), [("found.1", "Sudah"), ("rating.1", "Tidak baik"), ("complaint.1", "Sampaikan")]
)
def test_a_tap_on_an_older_question_answers_nothing_and_the_present_one_is_put_again(
    id_: str, title: str
) -> None:
    shell = _confirming()
    before = shell.value
    decision = shell.hears(title, choice=id_)
    assert shell.said == [Text.CHOICE_STALE, Text.SUMMARY]
    assert decision.outcome is Outcome.ANSWERED
    assert shell.value.but(spoken=before.spoken) == before
    shell.hears("Sudah benar", choice="summary.1")
    assert shell.value.state is State.WITH_OFFICERS


def test_a_tap_below_an_older_message_of_the_same_question_is_old_too() -> None:
    shell = _confirming()
    shell.take(MessageReceived("Sudah benar", choice="summary.1", current=False))
    assert shell.said == [Text.CHOICE_STALE, Text.SUMMARY]
    assert shell.value.state is State.CONFIRMING


def test_an_older_ratings_button_rates_nothing() -> None:
    shell = rating()
    decision = shell.take(MessageReceived("Tidak baik", choice="rating.1", current=False))
    assert not any(isinstance(effect, RecordRating | AskRating) for effect in decision.effects)
    assert shell.said == [Text.CHOICE_STALE, Text.ASK_RATING]


def test_tapping_a_rating_twice_rates_once_and_changes_it_with_another() -> None:
    shell = rating()
    shell.hears("Baik", choice="rating.3")
    shell.hears("Sangat baik", choice="rating.4")
    assert [each.score for each in shell.ratings] == [3, 4]


@pytest.mark.parametrize("title", ["Sudah benar", "Tulis ulang"])
def test_what_is_tapped_while_an_officer_is_there_is_relayed_like_words(title: str) -> None:
    shell = with_officer()
    decision = shell.hears(title, choice="summary.2")
    assert shell.said == []
    assert decision.outcome is Outcome.TICKET


def test_the_menus_choices_work_from_everywhere_before_a_ticket() -> None:
    shell = _confirming()
    decision = shell.hears("Cek status permintaan", choice="menu.2")
    assert any(isinstance(effect, LookUpTickets) for effect in decision.effects)
    shell.hears("Info layanan", choice="menu.4")
    assert Text.OFFICE_FACTS in shell.said
    shell.hears("Konsultasi/minta data", choice="menu.1")
    assert shell.said == [Text.CHOICE_STALE, Text.SUMMARY]
    shell.hears("Pengaduan", choice="menu.3")
    assert shell.said == [Text.COMPLAINT_ASK]


@pytest.mark.parametrize("state", [State.NEW, State.CHOOSING, State.CLOSED, State.RATING])
def test_an_old_menu_still_begins_a_consultation_where_nothing_is_asked(state: State) -> None:
    shell = Shell(PLAIN, value=Conversation(state=state, turned_away="cara bikin npwp"))
    shell.hears("Konsultasi/minta data", choice="menu.1")
    assert shell.said == [Text.ASK_REQUEST]
    assert shell.value.state is State.DESCRIBING
    assert shell.value.draft == Request()


@pytest.mark.parametrize("id_", ["insist.0", "menu.0"])
def test_a_human_is_one_tap_away_from_every_question(id_: str) -> None:
    shell = _confirming()
    shell.hears("Petugas", choice=id_)
    assert shell.said == [Text.HANDED_TO_OFFICER]


def test_after_everything_an_old_button_is_told_politely() -> None:
    shell = Shell(SEARCHING, value=Conversation(state=State.CLOSED))
    shell.hears("Sudah", choice="found.1")
    assert shell.said == [Text.CHOICE_STALE]
    assert shell.value.state is State.CLOSED


@pytest.mark.parametrize(
    "id_", ["1", "2", "confirm:42", "menu.7", "menu.", ".1", "menu.1.1", "x" * 10_000, "\x00", "rating.9"]
)
@pytest.mark.parametrize("title", ["Ya, kirim", "", "🔥"])
def test_a_button_of_somebody_else_is_the_words_on_it(id_: str, title: str) -> None:
    tapped, written = _confirming(), _confirming()
    content = Content.TEXT if title else Content.EMPTY
    assert tapped.hears(title, content, id_) == written.hears(title, content)


def test_the_words_on_a_button_are_those_of_the_question_that_waits() -> None:
    shell = Shell(REGISTERING)
    shell.hears("butuh data penduduk kotabaru 2020 untuk skripsi")
    shell.hears("Tulis ulang", choice=None)
    assert shell.value.state is State.REGISTERING


def test_every_question_with_choices_has_a_name_of_its_own() -> None:
    asked = [
        *(Say(text) for text in Text if text is not Text.ASK_CORRECTION),
        Say(Text.ASK_CORRECTION, {"field": "main_use"}),
        Say(Text.ASK_CORRECTION, {"field": "institution_category"}),
    ]
    names = [name for say in asked if (name := choices.question_of(say))]
    assert len(names) == len(set(names)) == 10
    assert all(choices.may_answer(name, "1") for name in names)


def _late(text: str) -> MessageReceived:
    return MessageReceived(text, current=False)


@pytest.mark.parametrize("text", ["1", "ya", "Sudah benar", "tidak"])
def test_a_bare_answer_from_before_the_question_answers_nothing(text: str) -> None:
    shell = _confirming()
    assert shell.take(_late(text)).outcome is Outcome.ANSWERED
    assert shell.said == [Text.CHOICE_STALE, Text.SUMMARY]
    assert shell.value.state is State.CONFIRMING
    shell = rating()
    assert shell.take(_late("4")).outcome is Outcome.ANSWERED
    assert shell.said == [Text.CHOICE_STALE, Text.ASK_RATING]


def test_what_says_more_is_heard_however_late() -> None:
    assert with_officer().take(_late("1")).outcome is Outcome.TICKET
    shell = _confirming()
    shell.take(_late("petugas"))
    assert shell.value.state is State.WITH_OFFICERS
    shell = Shell(PLAIN)
    shell.take(_late(ASK))
    assert shell.value.state is State.CONFIRMING


def test_a_word_from_before_the_silence_does_not_lift_it() -> None:
    shell = with_officer()
    shell.hears("STOP")
    assert shell.take(_late("MULAI")).outcome is Outcome.AFTER_OPT_OUT
    assert shell.value.opted_out
    shell.hears("MULAI")
    assert not shell.value.opted_out
