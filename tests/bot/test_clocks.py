"""The clock of the promise: started, paused, answered, told where it is sure, and warned of by day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.conversation import Clock, Outcome
from bot.effects import Reminder
from bot.events import (
    OfficerMarkedClear,
    OfficerReplied,
    TimerKind,
)
from bot.policy import Desk, Routing, Sla, Status
from bot.texts import Text
from tests.bot.decreed_days import decreed
from tests.bot.desk import ABOUT, ASK, WHATSAPP, Shell, office

WITA = ZoneInfo("Asia/Makassar")
DAYS = decreed()


def at(written: str) -> datetime:
    """A moment on the office's clock."""
    return datetime.fromisoformat(written).replace(tzinfo=WITA).astimezone(UTC)


def keeping(starts: str = "received", **changes: object) -> Desk:
    """A desk on WhatsApp that promises three working days, counted from *starts*."""
    sla = Sla(starts=starts, **changes)  # type: ignore[arg-type]  # the tests' own words
    return Desk(office(sla=sla), WHATSAPP, DAYS)


def asked(moment: str, desk: Desk | None = None) -> Shell:
    """A consultation, number 1, opened at *moment*."""
    shell = Shell(desk or keeping(), at(moment))
    shell.hears(ASK)
    shell.hears("1")
    return shell


def clock(shell: Shell) -> Clock:
    return shell.tickets[1].ticket.clock


def is_open(shell: Shell) -> bool:
    return shell.tickets[1].open


def due_told(shell: Shell) -> list[object]:
    """The due moments that the last turn's sentences name."""
    return [say.values["due"] for say in shell.says if "due" in say.values]


# --- what starts it ---


def test_a_request_starts_the_clock_where_it_counts_from_receipt() -> None:
    shell = asked("2026-03-13 15:50")
    assert clock(shell) == Clock(at("2026-03-13 15:50"), at("2026-03-25 15:30"))
    assert shell.said == [Text.TICKET_OPENED]
    assert due_told(shell) == [at("2026-03-25 15:30")]


def test_elsewhere_only_the_officers_mark_starts_it() -> None:
    shell = asked("2026-07-06 10:00", keeping("clear_and_complete"))
    assert (clock(shell), due_told(shell)) == (Clock(), [])
    assert TimerKind.DUE not in shell.timers
    shell.now = at("2026-07-08 13:00")
    shell.hears("tahun 2023")
    shell.take(OfficerMarkedClear(1))
    assert clock(shell) == Clock(at("2026-07-08 13:00"), at("2026-07-13 15:30"))
    assert (shell.said, due_told(shell)) == ([Text.MARKED_CLEAR], [at("2026-07-13 15:30")])


def test_the_mark_moves_nothing_where_receipt_counts() -> None:
    shell = asked("2026-07-06 10:00")
    shell.now = at("2026-07-08 09:00")
    shell.hears("sudah?")
    shell.take(OfficerMarkedClear(1))
    assert clock(shell).due_at == at("2026-07-09 15:30")
    assert (shell.said, due_told(shell)) == ([Text.MARKED_CLEAR], [])


def test_what_was_answered_already_is_not_promised_once_more() -> None:
    shell = asked("2026-07-06 10:00", keeping("clear_and_complete"))
    shell.take(OfficerReplied(1))
    shell.take(OfficerMarkedClear(1))
    assert (clock(shell).due_at, due_told(shell)) == (None, [])


@pytest.mark.parametrize(
    ("start", "same_day", "next_day"),
    [
        ("2026-03-13 15:50", "2026-03-25 15:30", "2026-03-25 15:30"),
        ("2026-03-13 16:01", "2026-03-25 15:30", "2026-03-26 15:30"),
        ("2026-03-14 10:00", "2026-03-25 15:30", "2026-03-26 15:30"),
        ("2026-03-20 10:00", "2026-03-27 16:00", "2026-03-30 15:30"),
        ("2026-05-13 10:00", "2026-05-20 15:30", "2026-05-20 15:30"),
        ("2026-05-26 10:00", "2026-06-03 15:30", "2026-06-03 15:30"),
        ("2026-12-23 10:00", "2026-12-30 15:30", "2026-12-30 15:30"),
        ("2026-12-31 10:00", "2027-01-07 15:30", "2027-01-07 15:30"),
        ("2025-08-15 10:00", "2025-08-21 15:30", "2025-08-21 15:30"),
    ],
)
def test_the_worked_examples_in_the_sentence(start: str, same_day: str, next_day: str) -> None:
    for rule, due in (("same_day", same_day), ("next_working_day", next_day)):
        shell = asked(start, keeping(after_hours_counts_as=rule))
        assert due_told(shell) == [at(due)], rule


# --- what may be said ---


def test_an_estimated_date_on_the_way_is_counted_and_not_promised() -> None:
    shell = asked("2027-03-05 10:00")
    assert clock(shell).due_at == at("2027-03-18 15:30")
    assert (shell.said, due_told(shell)) == ([Text.TICKET_OPENED], [])


def test_a_year_without_its_collective_leave_is_not_promised() -> None:
    shell = asked("2028-07-03 10:00")
    assert clock(shell).due_at is not None
    assert due_told(shell) == []


def test_an_assumed_standard_is_counted_and_not_promised() -> None:
    shell = asked("2026-07-06 10:00", keeping(status=Status.ASSUMED))
    assert clock(shell).due_at == at("2026-07-09 15:30")
    assert due_told(shell) == []


# --- what stops it ---


def test_only_an_officers_answer_ends_it() -> None:
    shell = asked("2026-07-06 10:00")
    shell.hears("status")
    shell.hears("data inflasi juga")
    assert clock(shell).runs
    assert TimerKind.DUE in shell.timers
    shell.take(OfficerReplied(1))
    assert not clock(shell).runs
    assert clock(shell).due_at == at("2026-07-09 15:30")
    assert {TimerKind.DUE, TimerKind.UNCLAIMED} & shell.timers.keys() == set()


def test_an_answer_that_is_held_ends_it_too() -> None:
    shell = asked("2026-07-06 10:00")
    shell.waits(days=2)
    assert not shell.window_open
    shell.take(OfficerReplied(1))
    assert (clock(shell).runs, shell.held) == (False, 1)


def test_a_question_back_pauses_until_the_citizen_answers() -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    assert clock(shell).due_at is None
    assert clock(shell).paused
    assert TimerKind.DUE not in shell.timers
    shell.now = at("2026-07-08 11:00")
    shell.hears("tahun 2023")
    assert clock(shell).due_at == at("2026-07-13 15:30")
    assert not clock(shell).paused
    assert shell.timers[TimerKind.DUE] == at("2026-07-10 08:00")
    assert shell.said == []


def test_a_question_back_does_not_pause_where_the_standard_says_so() -> None:
    shell = asked("2026-07-06 10:00", keeping(pause_while_waiting_citizen=False))
    shell.take(OfficerReplied(1, asks_back=True))
    assert clock(shell).due_at == at("2026-07-09 15:30")
    assert TimerKind.DUE in shell.timers


def test_two_questions_in_a_row_are_one_pause() -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    shell.waits(days=1)
    shell.take(OfficerReplied(1, asks_back=True))
    shell.now = at("2026-07-08 11:00")
    shell.hears("tahun 2023")
    assert clock(shell).pauses == ((at("2026-07-06 10:00"), at("2026-07-08 11:00")),)


def test_a_complaint_in_between_is_no_answer_to_the_question() -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    for words in ("pengaduan", ABOUT):
        shell.hears(words)
    assert clock(shell).paused
    shell.hears("tahun 2023")
    assert not clock(shell).paused


def test_stop_ends_a_pause_so_that_nothing_stands_still_for_ever() -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    assert shell.hears("STOP").outcome is Outcome.AFTER_OPT_OUT
    assert not clock(shell).paused
    assert clock(shell).due_at == at("2026-07-09 15:30")


def test_a_question_on_the_last_day_leaves_time_for_the_answer() -> None:
    """The promise would end while the citizen is asked: it ends with the next working day instead."""
    shell = asked("2026-07-06 10:00")
    shell.now = at("2026-07-09 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    shell.now = at("2026-07-13 09:00")
    shell.hears("tahun 2023")
    assert clock(shell).due_at == at("2026-07-14 15:30")


def test_a_promise_missed_before_the_question_stays_missed() -> None:
    shell = asked("2026-07-06 10:00")
    shell.now = at("2026-07-10 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    shell.waits(days=3)
    shell.hears("tahun 2023")
    assert clock(shell).due_at == at("2026-07-09 15:30")


# --- whom it warns ---


def test_officers_are_warned_at_the_opening_of_the_day_before_and_after_the_end() -> None:
    shell = asked("2026-07-06 10:00")
    assert shell.timers[TimerKind.DUE] == at("2026-07-08 08:00")
    shell.now = at("2026-07-08 08:00")
    shell.fires(TimerKind.DUE)
    assert shell.told == [(1, Reminder.DUE_SOON)]
    assert shell.timers[TimerKind.DUE] == at("2026-07-10 08:00")
    shell.now = at("2026-07-10 08:00")
    shell.fires(TimerKind.DUE)
    assert shell.told[1:] == [(1, Reminder.OVERDUE)]
    assert TimerKind.DUE not in shell.timers


def test_a_warning_long_before_is_the_opening_of_a_day_after_the_start() -> None:
    shell = asked("2026-07-06 10:00", keeping(warn_days_before=5))
    assert shell.timers[TimerKind.DUE] == at("2026-07-07 08:00")
    shell = asked("2026-07-06 10:00", keeping(warn_days_before=0))
    assert shell.timers[TimerKind.DUE] == at("2026-07-09 08:00")


def test_a_promise_resumed_on_the_day_of_its_warning_is_warned_of_the_next() -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1, asks_back=True))
    shell.now = at("2026-07-06 11:00")
    shell.hears("tahun 2023")
    shell.now = at("2026-07-08 09:00")
    shell.take(OfficerReplied(1, asks_back=True))
    shell.now = at("2026-07-08 10:00")
    shell.hears("kabupaten")
    assert clock(shell).due_at == at("2026-07-09 15:30")
    assert shell.timers[TimerKind.DUE] == at("2026-07-09 08:00")


@pytest.mark.parametrize("night", ["2026-07-08 23:00", "2026-07-09 03:00"])
def test_a_late_worker_wakes_nobody(night: str) -> None:
    shell = asked("2026-07-06 10:00")
    shell.now = at(night)
    shell.fires(TimerKind.DUE)
    assert shell.told == []
    assert shell.timers[TimerKind.DUE] == at("2026-07-09 08:00")
    shell.now = at("2026-07-09 08:00")
    shell.fires(TimerKind.DUE)
    assert shell.told == [(1, Reminder.DUE_SOON)]


def test_a_worker_that_was_away_over_the_end_tells_only_that_it_is_over() -> None:
    shell = asked("2026-07-06 10:00")
    shell.now = at("2026-07-11 10:00")  # a Saturday
    shell.fires(TimerKind.DUE)
    assert (shell.told, shell.timers[TimerKind.DUE]) == ([], at("2026-07-13 08:00"))
    shell.now = at("2026-07-13 08:00")
    shell.fires(TimerKind.DUE)
    assert shell.told == [(1, Reminder.OVERDUE)]


def test_a_warning_that_comes_too_early_comes_again() -> None:
    shell = asked("2026-07-06 10:00")
    shell.fires(TimerKind.DUE)
    assert (shell.told, shell.timers[TimerKind.DUE]) == ([], at("2026-07-08 08:00"))


@pytest.mark.parametrize("asks_back", [False, True])
def test_who_has_answered_is_warned_of_nothing(*, asks_back: bool) -> None:
    shell = asked("2026-07-06 10:00")
    shell.take(OfficerReplied(1, asks_back=asks_back))
    shell.now = at("2026-07-10 08:00")
    for kind in (TimerKind.DUE, TimerKind.UNCLAIMED):
        shell.fires(kind)
    assert (shell.told, shell.timers) == ([], {})


def test_nobody_took_it_for_hours_of_service() -> None:
    shell = asked("2026-07-06 14:30")
    assert shell.timers[TimerKind.UNCLAIMED] == at("2026-07-07 11:00")
    shell.now = at("2026-07-07 11:00")
    shell.fires(TimerKind.UNCLAIMED)
    assert shell.told == [(1, Reminder.UNCLAIMED)]
    never = Desk(office(routing=Routing(escalate_after_hours=0)), WHATSAPP, DAYS)
    assert TimerKind.UNCLAIMED not in asked("2026-07-06 14:30", never).timers
