"""A copy of one's own data, and being erased: asked for on every channel, at any time, and confirmed once."""

from datetime import timedelta

import pytest

from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, RequestCopy, RequestErasure, Say, WithdrawErasure
from bot.events import ErasureBegins, MessageReceived, OfficerReplied
from bot.machine import decide
from bot.texts import Text
from tests.bot.desk import ASK, BY_MAIL, START, after, complaint_filed, thread, with_officer

ASKED = Conversation(state=State.CHOOSING, erasure_asked_at=START)


def _says(decision: Decision) -> list[Text]:
    return [each.text for each in decision.effects if isinstance(each, Say)]


def _kinds(decision: Decision) -> set[type]:
    return {type(each) for each in decision.effects} & {RequestCopy, RequestErasure, WithdrawErasure}


@pytest.mark.parametrize(
    "text",
    [
        *("data saya", "DATA SAYA", "tolong minta salinan data saya", "minta data pribadi saya"),
        *("minta salinan semua chat saya", "my data", "copy of my data"),
    ],
)
def test_a_copy_is_theirs_at_once(text: str) -> None:
    shell = after(text)
    assert shell.said == [Text.GREETING, Text.DATA_COPY]
    assert shell.value.state is State.CHOOSING


@pytest.mark.parametrize(
    "text",
    [
        *("hapus data", "HAPUS DATA SAYA", "saya ingin menghapus data saya", "tolong hapus semua chat saya"),
        *("saya mau data saya dihapus dari sistem", "delete my data"),
    ],
)
def test_to_be_erased_is_asked_once(text: str) -> None:
    shell = after("halo", text)
    assert shell.said == [Text.ERASURE_ASK]
    assert shell.value.erasure_asked_at == shell.now


@pytest.mark.parametrize(
    "text", ["ya hapus", "YA, HAPUS", "ya hapus data saya", "ya hapus pak", "Iya kak, hapus"]
)
def test_the_word_for_it_records_it_with_its_deadline(text: str) -> None:
    decision = decide(ASKED, MessageReceived(text), after().desk, START + timedelta(days=6))
    assert (_kinds(decision), decision.outcome) == ({RequestErasure}, Outcome.ANSWERED)
    noted = next(each for each in decision.effects if isinstance(each, Say))
    assert noted.text is Text.ERASURE_NOTED
    assert noted.values["due"] == START + timedelta(days=6, hours=72)
    assert decision.conversation.erasure_asked_at is None


def test_a_word_that_comes_too_late_or_unasked_erases_nothing() -> None:
    late = decide(ASKED, MessageReceived("ya hapus"), after().desk, START + timedelta(days=8))
    assert _kinds(late) == set()
    assert _kinds(decide(Conversation(), MessageReceived("ya hapus"), after().desk, START)) == set()


@pytest.mark.parametrize("text", ["ya", "Iya pak", "ok", "setuju"])
def test_a_bare_yes_is_asked_for_the_word(text: str) -> None:
    beside_a_complaint = complaint_filed()
    beside_a_complaint.hears("hapus data")
    for shell in (after("hapus data"), after(ASK, "hapus data"), beside_a_complaint, thread("HAPUS DATA")):
        decision = decide(shell.value, MessageReceived(text), shell.desk, shell.now)
        assert (_kinds(decision), _says(decision)) == (set(), [Text.ERASURE_ASK])


def test_a_yes_to_something_else_is_left_alone() -> None:
    shell = after("hapus data")
    shell.waits(minutes=1)
    shell.hears(ASK)
    shell.hears("ya")
    assert shell.said == [Text.TICKET_OPENED]
    waiting = with_officer()
    waiting.take(OfficerReplied(1, asks_back=True))
    waiting.hears("hapus data")
    assert waiting.said == [Text.ERASURE_ASK]
    waiting.take(OfficerReplied(1, asks_back=True))
    assert (waiting.hears("ya").outcome, waiting.said) == (Outcome.TICKET, [])


@pytest.mark.parametrize("text", ["batal", "batal hapus", "ga jadi"])
def test_it_can_be_taken_back(text: str) -> None:
    decision = decide(ASKED, MessageReceived(text), after().desk, START)
    assert _kinds(decision) == {WithdrawErasure}
    assert _says(decision)[0] is Text.ERASURE_WITHDRAWN


def test_with_an_officer_only_the_exact_words_act() -> None:
    for begun in (with_officer, complaint_filed):
        shell = begun()
        shell.hears("saya mau tanya apakah bisa hapus data saya di tabel itu")
        assert Text.ERASURE_ASK not in shell.said
        shell.hears("hapus data saya")
        assert shell.said == [Text.ERASURE_ASK]
        assert shell.value.state is State.WITH_OFFICERS
        shell.hears("data saya")
        assert shell.said[0] is Text.DATA_COPY


def test_by_mail_only_who_reads_our_letters_confirms() -> None:
    shell = thread("HAPUS DATA\n\nSalam,\nBudi")
    assert shell.said == [Text.ERASURE_ASK]
    assert shell.tickets == {}
    forged = decide(shell.value, MessageReceived("YA HAPUS", vouched=False), BY_MAIL, shell.now)
    assert (_kinds(forged), _says(forged)) == (set(), [Text.ERASURE_ASK])
    older = shell.now - timedelta(minutes=1)
    for known in (None, older):  # an older letter's id stands in every answer that went to others as well
        forged = decide(shell.value, MessageReceived("YA HAPUS", letter_at=known), BY_MAIL, shell.now)
        assert (_kinds(forged), _says(forged)) == (set(), [Text.ERASURE_ASK])
    read = decide(shell.value, MessageReceived("YA HAPUS\n\nBudi", letter_at=shell.now), BY_MAIL, shell.now)
    assert (_kinds(read), _says(read)) == ({RequestErasure}, [Text.ERASURE_NOTED])


def test_the_last_word_before_it_keeps_their_silence() -> None:
    assert _says(decide(ASKED, ErasureBegins(), after().desk, START)) == [Text.ERASURE_DONE]
    for silent in (ASKED.but(opted_out=True), ASKED.but(blocked=True)):
        assert decide(silent, ErasureBegins(), after().desk, START).effects == ()
