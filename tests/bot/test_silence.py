"""Silence that was asked for, channels that do not consult, and deadlines."""

from datetime import timedelta

import pytest

from bot.conversation import Conversation, Outcome, State
from bot.effects import Decision, NoteEvent
from bot.events import (
    Content,
    MessageReceived,
    OfficerClosed,
    TimerKind,
)
from bot.policy import Desk, Mode
from bot.texts import Text
from tests.bot.desk import (
    ABOUT,
    ASK,
    COMPLAINT_ONLY,
    LINK_ONLY,
    NAME_ONLY,
    OFF,
    SELF_CLOSING,
    after,
    complaint_filed,
    in_mode,
    requests,
    with_officer,
)

# --- silence, limits, other modes ---


def test_after_stop_only_mulai_is_answered() -> None:
    shell = after(ASK, "STOP")
    shell.hears("halo")
    assert shell.said == [Text.OPTED_OUT_REMINDER]
    shell.waits(hours=23)
    assert shell.hears("data lain").outcome is Outcome.AFTER_OPT_OUT
    assert shell.said == []
    shell.waits(hours=2)
    shell.hears("halo")
    assert shell.said == [Text.OPTED_OUT_REMINDER]
    shell.hears("MULAI")
    assert shell.said == [Text.WELCOME_BACK, Text.SUMMARY]


def test_after_stop_a_draft_is_let_go() -> None:
    shell = after(ASK, "STOP")
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert not shell.tickets
    shell.hears("mulai")
    assert shell.said == [Text.WELCOME_BACK, Text.MENU]


def test_an_answer_held_back_by_stop_leaves_with_mulai() -> None:
    shell = with_officer()
    shell.hears("STOP")
    shell.held = 1
    shell.hears("mulai")
    assert (shell.held, shell.said, shell.value.state) == (0, [Text.WELCOME_BACK], State.WITH_OFFICERS)


def test_a_blocked_contact_is_filed() -> None:
    shell = after("p")
    shell.value = shell.value.but(blocked=True)
    assert shell.hears(ASK).outcome is Outcome.FILED
    assert shell.said == []


def test_who_writes_too_much_is_heard_but_not_answered() -> None:
    shell = after("p", desk=NAME_ONLY)
    for _ in range(10):
        shell.hears("status")
    assert shell.said == []
    shell.hears("petugas")
    assert shell.said == [Text.HANDED_TO_OFFICER]
    shell.waits(hours=2)
    shell.take(OfficerClosed(1))
    shell.hears("4")
    assert shell.said == [Text.RATING_THANKS]


@pytest.mark.parametrize(
    ("desk", "text"),
    [
        (OFF, Text.CHANNEL_OFF),
        (LINK_ONLY, Text.CHANNEL_LINK_ONLY),
        (COMPLAINT_ONLY, Text.CHANNEL_COMPLAINT_ONLY),
    ],
)
@pytest.mark.parametrize("said", ["p", ASK, "petugas", "menu", "batal", "status", "1"])
def test_a_channel_that_does_not_consult_tells_the_way(desk: Desk, text: Text, said: str) -> None:
    shell = after(said, desk=desk)
    assert (shell.said, shell.value.state) == ([text], State.NEW)


def test_a_channel_for_complaints_takes_them() -> None:
    shell = complaint_filed(COMPLAINT_ONLY)
    assert requests(shell) == [ABOUT]
    shell.hears("lupa, kejadiannya kemarin")
    assert shell.said == []
    shell.hears("petugas")
    assert (shell.said, shell.value.state) == ([Text.CHANNEL_COMPLAINT_ONLY], State.WITH_OFFICERS)


def test_giving_up_a_complaint_where_only_those_are_taken() -> None:
    for text in ("batal", "menu", "petugas", "tidak"):
        shell = after("pengaduan", text, desk=COMPLAINT_ONLY)
        assert (shell.said, shell.value.state) == ([Text.CANCELLED], State.CLOSED)


def test_a_channel_that_was_closed_keeps_open_tickets_and_drafts() -> None:
    shell = with_officer()
    shell.desk = OFF
    assert shell.hears("tambahan").about == 1
    half = after("data penduduk")
    half.desk = in_mode(Mode.OFF)
    half.hears("2020")
    half.waits(days=4)
    half.fires(TimerKind.ABANDON)
    assert requests(half) == ["data penduduk"]


# --- deadlines ---


@pytest.mark.parametrize("texts", [("p",), ("p", "1"), ("pengaduan",)])
def test_who_said_nothing_yet_is_let_go(texts: tuple[str, ...]) -> None:
    shell = after(*texts)
    shell.waits(days=4)
    shell.fires(TimerKind.ABANDON)
    assert (shell.value.state, shell.said, shell.tickets, shell.timers) == (State.CLOSED, [], {}, {})


def test_a_deadline_that_comes_early_comes_again() -> None:
    shell = after("p")
    shell.waits(days=2)
    shell.hears("1")
    shell.waits(days=1)
    shell.fires(TimerKind.ABANDON)
    assert shell.timers[TimerKind.ABANDON] == shell.now + timedelta(days=2)


def test_the_desk_closes_after_silence_with_a_note_where_it_may_not_speak() -> None:
    shell = with_officer(desk=SELF_CLOSING)
    shell.waits(days=1, hours=1)
    decision = shell.fires(TimerKind.IDLE_WARN)
    assert (shell.said, decision.effects) == ([], (NoteEvent(1, "skipped:idle_warning:window_closed"),))
    shell.waits(days=1)
    shell.fires(TimerKind.IDLE_CLOSE)
    assert not shell.tickets[1].open
    assert shell.value.state is State.CLOSED


def test_any_word_of_the_citizen_stops_the_idle_clock() -> None:
    for text in ("sebentar", "STOP"):
        shell = with_officer(desk=SELF_CLOSING)
        shell.hears(text)
        assert shell.timers == {}
        shell.fires(TimerKind.IDLE_CLOSE)
        assert shell.tickets[1].open


def test_the_idle_clock_of_a_closed_ticket_does_not_close_the_next() -> None:
    shell = with_officer(desk=SELF_CLOSING)
    shell.take(OfficerClosed(1))
    assert set(shell.timers) == {TimerKind.RATING_END, TimerKind.RATING_REMIND}


def test_a_word_behind_stop_keeps_its_ticket() -> None:
    shell = with_officer()
    shell.hears("STOP")
    decision: Decision = shell.take(MessageReceived("terlambat", Content.TEXT))
    assert (decision.outcome, decision.about) == (Outcome.AFTER_OPT_OUT, 1)
    assert isinstance(decision.conversation, Conversation)
