"""The clock of the promise after closing, reopening and forwarding, and with another calendar."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.calendar import WorkingCalendar
from bot.conversation import Clock, TicketKind
from bot.events import (
    CalendarChanged,
    OfficeMessageSent,
    OfficerClosed,
    OfficerForwarded,
    OfficerReopened,
    OfficerReplied,
    TimerKind,
)
from bot.policy import Desk, Mode, Sla
from bot.texts import Text
from tests.bot.desk import MAIL, WHATSAPP, Shell, office
from tests.bot.test_clocks import DAYS, asked, at, clock, due_told, is_open, keeping


def test_a_ticket_closed_unanswered_and_reopened_is_due_as_before_and_warned_of() -> None:
    shell = asked("2026-07-06 10:00")
    closed_with = clock(shell)
    shell.take(OfficerClosed(1))
    assert TimerKind.DUE not in shell.timers
    shell.waits(hours=1)
    shell.take(OfficerReopened(1, TicketKind.CONSULTATION, closed_with))
    assert clock(shell) == closed_with
    assert shell.timers[TimerKind.DUE] == shell.now
    shell.fires(TimerKind.DUE)
    assert (shell.told, shell.timers[TimerKind.DUE]) == ([], at("2026-07-08 08:00"))


def test_a_ticket_closed_while_the_citizen_was_asked_back_is_due_again_once_it_is_reopened() -> None:
    shell = asked("2026-07-06 10:00")
    promised = clock(shell).due_at
    shell.take(OfficerReplied(1, asks_back=True))
    closed_with = clock(shell)
    shell.take(OfficerClosed(1))
    shell.waits(days=1)
    shell.take(OfficerReopened(1, TicketKind.CONSULTATION, closed_with))
    again = clock(shell)
    assert (again.paused, again.pauses) == (False, ((at("2026-07-06 10:00"), shell.now),))
    assert again.due_at is not None
    assert promised is not None
    assert again.due_at > promised
    assert shell.timers[TimerKind.DUE] == shell.now
    shell.fires(TimerKind.DUE)
    assert shell.timers[TimerKind.DUE] > shell.now


def test_a_reopened_ticket_that_was_answered_owes_nothing() -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1))
    shell.take(OfficerClosed(1))
    shell.take(OfficerReopened(1, TicketKind.CONSULTATION))
    assert TimerKind.DUE not in shell.timers


@pytest.mark.parametrize("starts", ["received", "clear_and_complete"])
def test_who_asks_on_after_closing_is_promised_an_answer_anew(starts: str) -> None:
    desk = keeping(starts)
    desk = replace(desk, office=replace(desk.office, after_closing="reopen"))
    shell = asked("2026-07-06 10:00", desk)
    shell.take(OfficerReplied(1))
    shell.take(OfficerClosed(1))
    shell.now = at("2026-07-08 10:00")
    shell.hears("terima kasih banyak")
    assert not is_open(shell)
    shell.hears("kalau data tahun 2024 ada?")
    assert is_open(shell)
    assert shell.said == [Text.REOPENED]
    assert due_told(shell) == [at("2026-07-13 15:30")]
    assert clock(shell) == Clock(at("2026-07-08 10:00"), at("2026-07-13 15:30"))
    shell.take(OfficerReplied(1, asks_back=True))
    assert clock(shell).paused


def test_beyond_the_days_of_grace_it_is_a_new_request() -> None:
    desk = keeping()
    desk = replace(desk, office=replace(desk.office, after_closing="reopen", reopen_days=7))
    shell = asked("2026-07-06 10:00", desk)
    shell.take(OfficerReplied(1))
    shell.take(OfficerClosed(1))
    shell.now = at("2026-07-13 10:00")
    shell.now += timedelta(seconds=1)
    shell.hears("kalau data tahun 2024 ada?")
    assert not is_open(shell)


@pytest.mark.parametrize(
    ("words", "opens"), [("Terima kasih banyak atas bantuannya.", False), ("Kalau data 2024?", True)]
)
def test_letters_after_closing_keep_to_the_same_rule(words: str, *, opens: bool) -> None:
    plain = office(sla=Sla(starts="received"), after_closing="reopen", modes={"email": Mode.CONSULT})
    shell = Shell(Desk(plain, MAIL, DAYS), at("2026-07-06 10:00"))
    shell.mails("Mohon data penduduk Kotabaru 2020 untuk skripsi")
    shell.take(OfficerReplied(1))
    shell.take(OfficerClosed(1))
    shell.now = at("2026-07-08 10:00")
    shell.mails(words)
    assert (shell.tickets[1].open, len(shell.tickets)) == (opens, 1)
    if opens:
        assert clock(shell) == Clock(at("2026-07-08 10:00"), at("2026-07-13 15:30"))
        assert due_told(shell) == [at("2026-07-13 15:30")]


def test_a_forwarded_ticket_keeps_its_number_and_its_promise() -> None:
    shell = asked("2026-07-06 10:00")
    before, timers = clock(shell), dict(shell.timers)
    shell.take(OfficerForwarded(1, "7411", {"id": "BPS Kabupaten Kolaka Timur"}))
    assert shell.forwarded == [(1, "7411")]
    assert (clock(shell), shell.timers) == (before, timers)
    assert shell.said == [Text.FORWARDED]


def test_a_new_holiday_moves_what_is_promised_and_its_warning() -> None:
    shell = asked("2025-08-15 10:00", Desk(keeping().office, WHATSAPP, without("2025-08-18")))
    assert clock(shell).due_at == at("2025-08-20 15:30")
    shell.desk = keeping()
    shell.take(CalendarChanged(dict(shell.timers)))
    assert clock(shell).due_at == at("2025-08-21 15:30")
    assert shell.timers[TimerKind.DUE] == at("2025-08-20 08:00")
    assert shell.said == []


def test_a_new_holiday_moves_nothing_that_is_over() -> None:
    shell = asked("2025-08-15 10:00", Desk(keeping().office, WHATSAPP, without("2025-08-18")))
    shell.take(OfficerReplied(1))
    shell.take(OfficeMessageSent(1))
    before, timers = clock(shell), dict(shell.timers)
    shell.desk = keeping()
    shell.take(CalendarChanged(dict(shell.timers)))
    assert (clock(shell), shell.timers) == (before, timers)


def without(day: str) -> WorkingCalendar:
    """The calendar before that day was decreed."""
    gone = datetime.fromisoformat(day).date()
    return replace(DAYS, days={each: it for each, it in DAYS.days.items() if each != gone})


def test_a_question_back_after_the_end_stops_nothing_any_more() -> None:
    """A promise that was missed stays missed, whatever is asked and answered afterwards."""
    shell = asked("2026-07-06 10:00")
    before = clock(shell)
    assert before.due_at is not None
    shell.now = before.due_at
    assert _asking_back(shell).paused
    shell = asked("2026-07-06 10:00")
    shell.now = before.due_at + timedelta(seconds=1)
    assert _asking_back(shell) == before
    shell.hears("tahun 2024")
    assert clock(shell) == before


def _asking_back(shell: Shell) -> Clock:
    shell.take(OfficerReplied(1, asks_back=True))
    return clock(shell)
