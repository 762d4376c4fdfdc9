"""With an officer, while rating and after closing: what may happen there."""

from dataclasses import replace

import pytest

from bot.conversation import Outcome, Refusal, State, TicketKind
from bot.effects import NoteEvent, RecordRating
from bot.events import (
    Content,
    OfficerClosed,
    OfficerMarkedClear,
    OfficerReopened,
    OfficerReplied,
    TimerKind,
)
from bot.texts import Text
from tests.bot.desk import (
    ASK,
    rating,
    with_officer,
)

# --- with an officer ---


@pytest.mark.parametrize(
    "text", ["menu", "0", "status", "batal", "1", "p", "terima kasih", "info", "english", ASK]
)
def test_with_an_officer_the_bot_is_silent(text: str) -> None:
    shell = with_officer()
    decision = shell.hears(text)
    assert (decision.outcome, decision.about, shell.said) == (Outcome.TICKET, 1, [])


def test_a_complaint_is_offered_once_in_a_consultation() -> None:
    shell = with_officer()
    shell.hears("saya kecewa sekali")
    assert shell.said == [Text.COMPLAINT_OFFER]
    shell.hears("saya sangat kecewa")
    assert shell.said == []


def test_stop_works_with_an_officer_but_only_as_a_word() -> None:
    shell = with_officer()
    shell.hears("jangan kirim pesan lagi ke nomor ini")
    assert shell.said == []
    shell.hears("Berhenti.")
    assert shell.said == [Text.OPTED_OUT]


def test_an_officer_is_refused_what_cannot_be_done() -> None:
    shell = with_officer()
    assert shell.take(OfficerReplied(99)).refusal is Refusal.CLOSED
    assert shell.take(OfficerReopened(1, TicketKind.CONSULTATION)).refusal is Refusal.ALREADY
    assert shell.take(OfficerMarkedClear(1)).refusal is None
    assert shell.take(OfficerMarkedClear(1)).refusal is Refusal.ALREADY
    shell.hears("STOP")
    assert shell.take(OfficerReplied(1)).refusal is Refusal.OPTED_OUT
    shell.value = shell.value.but(opted_out=False, blocked=True)
    assert shell.take(OfficerReplied(1)).refusal is Refusal.BLOCKED


def test_reopening_waits_for_what_is_half_written() -> None:
    shell = rating()
    shell.hears("data kemiskinan")
    assert shell.take(OfficerReopened(1, TicketKind.CONSULTATION)).refusal is Refusal.WRITING_NEW
    shell.hears("pengaduan")
    assert shell.take(OfficerReopened(1, TicketKind.CONSULTATION)).refusal is Refusal.WRITING_NEW


def test_outside_the_window_nothing_is_said_but_noted() -> None:
    shell = with_officer()
    shell.waits(hours=30)
    decision = shell.take(OfficerClosed(1))
    assert shell.said == []
    assert any(isinstance(effect, NoteEvent) for effect in decision.effects)
    assert shell.value.state is State.CLOSED


def test_a_held_answer_leaves_with_the_next_word_even_after_closing() -> None:
    shell = with_officer()
    shell.waits(hours=30)
    shell.take(OfficerReplied(1))
    shell.take(OfficerClosed(1))
    assert shell.held == 1
    shell.hears("halo")
    assert shell.held == 0


# --- rating ---


@pytest.mark.parametrize(
    ("text", "outcome", "said", "score"),
    [
        ("4", Outcome.RATING, [Text.RATING_THANKS], 4),
        ("4 petugasnya ramah", Outcome.RATING, [Text.COMMENT_THANKS], 4),
        ("sangat baik", Outcome.RATING, [Text.RATING_THANKS], 4),
        ("LEWATI", Outcome.RATING, [Text.COMMENT_THANKS], None),
        ("5", Outcome.ANSWERED, [Text.RATING_UNCLEAR], None),
        ("0", Outcome.ANSWERED, [Text.RATING_UNCLEAR], None),
        ("5 bintang", Outcome.ANSWERED, [Text.RATING_UNCLEAR], None),
        ("petugasnya ramah dan cepat", Outcome.ANSWERED, [Text.RATING_UNCLEAR], None),
        ("biasa saja", Outcome.ANSWERED, [Text.RATING_UNCLEAR], None),
        ("sip, 4 bintang", Outcome.RATING, [Text.RATING_THANKS], 4),
        ("pelayanannya sangat baik", Outcome.RATING, [Text.RATING_THANKS], 4),
        ("Sama-sama pak", Outcome.FILED, [], None),
        ("Aamiin, sukses selalu BPS", Outcome.FILED, [], None),
        ("survei sudah diisi", Outcome.FILED, [], None),
        ("hotel bintang 5", Outcome.ANSWERED, [Text.ASK_DETAILS], None),
        ("terima kasih", Outcome.FILED, [], None),
        ("👍", Outcome.FILED, [], None),
        ("4 kecamatan data penduduk brp?", Outcome.ANSWERED, [Text.ASK_DETAILS], None),
        ("saya mau tanya data penduduk", Outcome.ANSWERED, [Text.ASK_DETAILS], None),
        ("petugas", Outcome.TICKET, [Text.HANDED_TO_OFFICER], None),
        ("menu", Outcome.ANSWERED, [Text.MENU], None),
        ("status", Outcome.ANSWERED, [Text.STATUS_LIST], None),
        ("pengaduan", Outcome.COMPLAINT, [Text.COMPLAINT_ASK], None),
        ("halo", Outcome.ANSWERED, [Text.GREETING, Text.MENU], None),
        ("1, kecewa, datanya salah semua", Outcome.COMPLAINT, [Text.COMPLAINT_CONFIRM], 1),
    ],
)
def test_a_rating(text: str, outcome: Outcome, said: list[Text], score: int | None) -> None:
    shell = rating()
    decision = shell.hears(text)
    assert (decision.outcome, shell.said) == (outcome, said)
    assert [rated.score for rated in shell.ratings] == ([score] if score else [])


KIND = (
    *("Sama-sama pak", "5 bintang", "pelayanannya sangat baik", "puas banget", "survei sudah diisi"),
    "Selamat Hari Raya Idul Fitri 1447 H, mohon maaf lahir dan batin 🙏",
)


@pytest.mark.parametrize("said", KIND)
@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("rated", [(), ("4",), ("4", "lewati"), ("lewati",)])
def test_kind_words_after_closing_open_nothing(said: str, anew: bool, rated: tuple[str, ...]) -> None:
    shell = rating()
    if anew:
        shell.desk = replace(shell.desk, office=replace(shell.desk.office, after_closing="reopen"))
    for text in (*rated, said):
        shell.hears(text)
    assert shell.value.state in (State.RATING, State.CLOSED)
    assert (shell.value.draft.text, shell.value.last_closed) == ("", 1)
    assert not shell.tickets[1].open


@pytest.mark.parametrize(
    ("text", "outcome", "comment"),
    [
        ("petugasnya ramah", Outcome.RATING, "petugasnya ramah"),
        ("petugasnya mau membantu", Outcome.RATING, "petugasnya mau membantu"),
        ("saran: webnya dipercepat", Outcome.RATING, "saran: webnya dipercepat"),
        ("mohon ditingkatkan", Outcome.RATING, "mohon ditingkatkan"),
        ("baik", Outcome.RATING, "baik"),
        ("terima kasih", Outcome.FILED, None),
        ("lewati", Outcome.RATING, None),
        ("data kemiskinan 2023 ada?", Outcome.ANSWERED, None),
        ("saya kecewa", Outcome.COMPLAINT, None),
        ("hubungkan saya dengan petugas", Outcome.TICKET, None),
    ],
)
def test_a_remark_on_the_rating(text: str, outcome: Outcome, comment: str | None) -> None:
    shell = rating()
    shell.hears("2")
    assert shell.hears(text).outcome is outcome
    expected = [RecordRating(1, 2)] + ([RecordRating(1, None, comment)] if comment else [])
    assert shell.ratings == expected


def test_a_second_number_corrects_the_first() -> None:
    shell = rating()
    shell.hears("1")
    shell.hears("4")
    assert [rated.score for rated in shell.ratings] == [1, 4]


def test_an_unanswered_rating_ends() -> None:
    shell = rating()
    shell.waits(days=3)
    shell.fires(TimerKind.RATING_END)
    assert (shell.value.state, shell.said, shell.timers) == (State.CLOSED, [], {})


# --- after closing ---


@pytest.mark.parametrize(
    ("text", "outcome", "state"),
    [
        ("terima kasih banyak", Outcome.FILED, State.CLOSED),
        ("🙏", Outcome.FILED, State.CLOSED),
        ("sudah cukup, terima kasih", Outcome.FILED, State.CLOSED),
        ("4", Outcome.ANSWERED, State.CHOOSING),
        ("p", Outcome.ANSWERED, State.CHOOSING),
        ("batal", Outcome.ANSWERED, State.CLOSED),
        (ASK, Outcome.ANSWERED, State.CONFIRMING),
    ],
)
def test_in_the_days_of_grace(text: str, outcome: Outcome, state: State) -> None:
    shell = rating()
    shell.hears("4")
    shell.hears("lewati")
    shell.waits(days=5)
    assert shell.hears(text).outcome is outcome
    assert shell.value.state is state
    assert shell.value.last_closed == 1


def test_a_new_request_is_linked_only_in_the_days_of_grace() -> None:
    for days, linked in ((5, 1), (9, None)):
        shell = rating()
        shell.hears("lewati")
        shell.waits(days=days)
        shell.hears("petugas")
        assert shell.tickets[2].linked_to == linked


def test_thanks_after_the_days_of_grace_are_answered() -> None:
    shell = rating()
    shell.hears("lewati")
    shell.waits(days=9)
    shell.hears("terima kasih")
    assert shell.said == [Text.THANKS]


@pytest.mark.parametrize(
    ("text", "content"),
    [("", Content.STICKER), ("", Content.EMPTY), ("  ", Content.TEXT), ("😮", Content.TEXT)],
)
def test_what_says_nothing_leaves_the_rating_question_open(text: str, content: Content) -> None:
    shell = rating()
    assert shell.hears(text, content).outcome is Outcome.FILED
    assert (shell.value.state, shell.said) == (State.RATING, [])
    assert shell.hears("3").outcome is Outcome.RATING


@pytest.mark.parametrize("content", [Content.VOICE, Content.LOCATION, Content.CONTACT])
def test_what_nobody_hears_is_kept_and_the_mark_asked_for_again(content: Content) -> None:
    shell = rating()
    shell.hears("", content)
    assert shell.said == [Text.MEDIA_KEPT, Text.ASK_RATING]
    assert shell.hears("4").outcome is Outcome.RATING
    shell = rating()
    shell.hears("", content)
    shell.hears("", content)
    assert shell.value.state is not State.RATING


def test_a_question_mark_is_no_mere_sign() -> None:
    shell = rating()
    shell.hears("?")
    assert shell.said != []
