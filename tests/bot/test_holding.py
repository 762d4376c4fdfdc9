"""Answers that waited: what a called citizen's word means, and what is said of what went by mail."""

import pytest

from bot.conversation import Outcome
from bot.effects import NoteEvent, ReleaseHeld, Say
from bot.events import AnswersMailed, CitizenCalled, Content, OfficerClosed
from bot.texts import Text
from tests.bot.desk import Shell, with_officer

MAILED = AnswersMailed(1, "KTM-2026-00001", "s…@contoh.id")


def called() -> Shell:
    """Two days after the citizen's last word they are called for an answer."""
    shell = with_officer()
    shell.waits(days=2)
    shell.take(CitizenCalled())
    return shell


@pytest.mark.parametrize(
    "text",
    [
        "ya",
        "Ya",
        "YA pak",
        "ok",
        "oke kirim",
        "kirim",
        "Kirim jawabannya",
        "baik, terima kasih",
        "siap",
        "👍",
        "send it",
    ],
)
def test_a_mere_word_releases_and_asks_for_nothing(text: str) -> None:
    shell = called()
    decision = shell.hears(text)
    assert (decision.outcome, decision.about) == (Outcome.FILED, 1)
    assert ReleaseHeld() in decision.effects
    assert shell.said == []
    assert not shell.value.called


@pytest.mark.parametrize(
    "text", ["ya, tapi tahun 2023?", "kirim lewat email saja", "belum jelas", "kapan?", "jawaban apa ya pak"]
)
def test_words_that_say_more_are_the_officers(text: str) -> None:
    shell = called()
    decision = shell.hears(text)
    assert decision.outcome is Outcome.TICKET
    assert ReleaseHeld() in decision.effects


def test_a_tap_releases_but_a_picture_is_something_to_look_at() -> None:
    assert called().hears("Kirim jawabannya", choice="jawaban_siap").outcome is Outcome.FILED
    assert called().hears("", Content.STICKER).outcome is Outcome.FILED
    assert called().hears("", Content.IMAGE).outcome is Outcome.TICKET


def test_only_who_was_called_agrees_and_only_once() -> None:
    shell = with_officer()
    assert shell.hears("ya").outcome is Outcome.TICKET
    shell = called()
    shell.hears("ya")
    assert shell.hears("ya").outcome is Outcome.TICKET


def test_what_went_by_mail_is_told_once_when_they_write() -> None:
    shell = called()
    noted = shell.take(MAILED)
    assert noted.effects == (NoteEvent(1, "answers_mailed"),)
    decision = shell.hears("halo, apakah sudah ada?")
    assert Say(Text.ANSWER_MAILED, {"ticket": "KTM-2026-00001", "email": "s…@contoh.id"}) in decision.effects
    assert decision.outcome is Outcome.TICKET
    shell.hears("baik, saya lihat")
    assert shell.said == []


def test_what_came_back_is_not_told() -> None:
    shell = called()
    shell.take(MAILED)
    assert shell.take(AnswersMailed(1, "KTM-2026-00001")).effects == (NoteEvent(1, "answers_came_back"),)
    shell.hears("halo")
    assert shell.said == []


def test_who_asks_for_silence_hears_nothing_more() -> None:
    shell = called()
    shell.take(MAILED)
    assert ReleaseHeld() not in shell.hears("BERHENTI").effects
    assert shell.said == [Text.OPTED_OUT]


@pytest.mark.parametrize("text", ["Kirim jawabannya", "YA", "baik, terima kasih"])
def test_a_word_for_the_answer_opens_nothing_after_the_officer_has_closed(text: str) -> None:
    shell = called()
    shell.take(OfficerClosed(1))
    decision = shell.hears(text)
    assert (decision.outcome, decision.about) == (Outcome.FILED, 1)
    assert ReleaseHeld() in decision.effects
    assert shell.said == []


@pytest.mark.parametrize("number", ["1", "4"])
def test_a_number_is_a_mark_also_for_who_was_called(number: str) -> None:
    shell = with_officer()
    shell.take(OfficerClosed(1))
    shell.take(CitizenCalled())
    assert shell.hears("ya").outcome is Outcome.FILED
    shell.take(CitizenCalled())
    assert shell.hears(number).outcome is Outcome.RATING


@pytest.mark.parametrize("choice", ["jawaban_siap.1", "jawaban_siap", "Kirim jawabannya"])
def test_a_tap_on_the_call_is_filed_however_often_and_whenever(choice: str) -> None:
    shell = called()
    for _ in range(2):
        decision = shell.hears("Kirim jawabannya", choice=choice)
        assert (decision.outcome, decision.about, shell.said) == (Outcome.FILED, 1, [])
    shell.take(OfficerClosed(1))
    shell.waits(days=30)
    for _ in range(2):
        assert shell.hears("Kirim jawabannya", choice=choice).outcome is Outcome.FILED
        assert shell.said == []
    shell.hears("Data jumlah penduduk 2023")
    asked = shell.value.state
    assert shell.hears("Kirim jawabannya", choice=choice).outcome is Outcome.FILED
    assert shell.value.state is asked
