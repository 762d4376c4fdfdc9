"""The calendar changes: promises and silences that were counted with the old one, and who is told of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.calendar import Day, DayKind, WorkingCalendar
from bot.conversation import CloseReason
from bot.effects import ClearTimers, CloseTicket, Decision, KeepClock, Reminder
from bot.events import CalendarChanged, OfficeMessageSent, OfficerClosed, OfficerReplied, TimerKind
from bot.policy import AutoClose, Desk, Sla
from bot.texts import Text
from tests.bot.desk import ASK, CALENDAR, Shell, after, by_mail, complaint_filed, desk, thread

RECEIVED = desk(sla=Sla(starts="received"))
SILENT = desk(autoclose=AutoClose(mode="working_days", days=3, by="system", warn_days_before=1))
BY_CLICK = desk(autoclose=AutoClose(mode="working_days", days=3, by="officer", warn_days_before=0))
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in (3, 4, 5, 6))
CLOSED = Day(DayKind.CLOSED, "Banjir")


def calendar(*closed: date) -> WorkingCalendar:
    return replace(CALENDAR, days=dict.fromkeys(closed, CLOSED))


def changes(shell: Shell, *closed: date) -> Decision:
    """From now these days are closed, and no others."""
    shell.desk = replace(shell.desk, calendar=calendar(*closed))
    return shell.take(CalendarChanged(dict(shell.timers)))


def wita(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(date(2026, 3, day), time(hour, minute), CALENDAR.zone).astimezone(UTC)


def asked() -> Shell:
    """A request of Monday at nine, due on Thursday: officers are told on Wednesday morning."""
    shell = after(ASK, "1", desk=RECEIVED)
    assert due(shell) == wita(5, 15, 30)
    assert shell.timers[TimerKind.DUE] == wita(4, 8)
    return shell


def due(shell: Shell) -> datetime | None:
    return shell.tickets[1].ticket.clock.due_at


def comes(shell: Shell, kind: TimerKind) -> Decision:
    """The clock goes on to this deadline, and it comes."""
    shell.now = shell.timers[kind]
    return shell.fires(kind)


@pytest.mark.parametrize(
    ("closed", "ends", "told"),
    [
        ((TUESDAY,), wita(6, 16), wita(5, 8)),
        ((WEDNESDAY,), wita(6, 16), wita(5, 8)),
        ((THURSDAY,), wita(6, 16), wita(4, 8)),
        ((TUESDAY, WEDNESDAY, THURSDAY), wita(10, 15, 30), wita(9, 8)),
        ((FRIDAY,), wita(5, 15, 30), wita(4, 8)),
        ((date(2026, 3, 2),), wita(5, 15, 30), wita(4, 8)),
    ],
)
def test_a_day_added_moves_the_promise_and_its_warning(
    closed: tuple[date, ...], ends: datetime, told: datetime
) -> None:
    shell = asked()
    changes(shell, *closed)
    assert (due(shell), shell.timers[TimerKind.DUE]) == (ends, told)


def test_a_day_taken_away_moves_them_back() -> None:
    shell = asked()
    changes(shell, WEDNESDAY)
    changes(shell)
    assert (due(shell), shell.timers[TimerKind.DUE]) == (wita(5, 15, 30), wita(4, 8))


def test_what_is_moved_is_marked_so_that_it_stands_in_the_log() -> None:
    shell = asked()
    kept = [one for one in changes(shell, TUESDAY).effects if isinstance(one, KeepClock)]
    assert [one.moved for one in kept] == [True]
    assert changes(shell, TUESDAY).effects == ()


def test_who_was_told_that_it_ends_soon_is_not_told_so_again() -> None:
    shell = asked()
    comes(shell, TimerKind.DUE)
    assert shell.told == [(1, Reminder.DUE_SOON)]
    changes(shell, THURSDAY, FRIDAY, date(2026, 3, 9))
    assert due(shell) == wita(10, 15, 30)
    assert shell.timers[TimerKind.DUE] == wita(11, 8)
    comes(shell, TimerKind.DUE)
    assert shell.told == [(1, Reminder.DUE_SOON), (1, Reminder.OVERDUE)]


def test_what_was_late_and_is_no_more_is_told_once_when_it_is_late() -> None:
    shell = asked()
    comes(shell, TimerKind.DUE)
    comes(shell, TimerKind.DUE)
    assert shell.told[-1] == (1, Reminder.OVERDUE)
    changes(shell, TUESDAY, WEDNESDAY)
    assert due(shell) == wita(9, 15, 30)
    assert shell.timers[TimerKind.DUE] == wita(10, 8)
    changes(shell, TUESDAY, WEDNESDAY, FRIDAY)
    comes(shell, TimerKind.DUE)
    assert [what for _, what in shell.told] == [Reminder.DUE_SOON, Reminder.OVERDUE, Reminder.OVERDUE]


def test_what_stays_late_is_not_told_again() -> None:
    shell = asked()
    comes(shell, TimerKind.DUE)
    comes(shell, TimerKind.DUE)
    shell.waits(days=14)
    changes(shell, WEDNESDAY)
    assert due(shell) == wita(6, 16)
    assert TimerKind.DUE not in shell.timers


def test_a_promise_that_ends_earlier_now_is_told_at_once() -> None:
    shell = asked()
    changes(shell, TUESDAY, WEDNESDAY)
    shell.now = wita(4, 10)
    changes(shell, TUESDAY)
    assert shell.timers[TimerKind.DUE] == wita(5, 8)
    changes(shell)
    assert (due(shell), shell.timers[TimerKind.DUE]) == (wita(5, 15, 30), shell.now)
    comes(shell, TimerKind.DUE)
    assert shell.told == [(1, Reminder.DUE_SOON)]


def test_a_promise_that_has_ended_without_a_warning_is_late() -> None:
    shell = asked()
    changes(shell, *(date(2026, 3, day) for day in range(3, 7)))
    shell.now = wita(9, 9)
    changes(shell)
    comes(shell, TimerKind.DUE)
    assert shell.told == [(1, Reminder.OVERDUE)]
    assert TimerKind.DUE not in shell.timers


def test_a_paused_promise_is_left_alone_and_counted_when_it_goes_on() -> None:
    shell = asked()
    shell.take(OfficerReplied(1, asks_back=True))
    assert changes(shell, WEDNESDAY).effects == ()
    assert due(shell) is None
    shell.waits(days=1)
    shell.hears("untuk 2020")
    assert due(shell) == wita(9, 15, 30)


def test_a_kept_promise_stays() -> None:
    shell = asked()
    shell.take(OfficerReplied(1, asks_back=False))
    assert changes(shell, WEDNESDAY).effects == ()
    assert due(shell) == wita(5, 15, 30)


def test_a_closed_ticket_stays() -> None:
    shell = asked()
    shell.take(OfficerReplied(1, asks_back=False))
    shell.take(OfficerClosed(1))
    assert changes(shell, WEDNESDAY).effects == ()


def test_a_request_that_is_not_clear_yet_has_no_promise_to_move() -> None:
    shell = after(ASK, "1")
    assert changes(shell, WEDNESDAY).effects == ()


def test_a_complaint_has_none_either() -> None:
    assert changes(complaint_filed(), WEDNESDAY).effects == ()


def test_letters_are_promised_the_same() -> None:
    shell = thread(ASK, desk=by_mail(RECEIVED))
    assert due(shell) == wita(5, 15, 30)
    changes(shell, WEDNESDAY)
    assert due(shell) == wita(6, 16)


# --- silence ---


def silent(of: Desk = SILENT) -> Shell:
    """Answered on Monday: closed on Thursday at the end, warned on Wednesday morning."""
    shell = after(ASK, "1", desk=of)
    shell.take(OfficerReplied(1, asks_back=False))
    shell.take(OfficeMessageSent(1))
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(5, 15, 30)
    return shell


def test_a_silence_lasts_longer_by_a_day_added() -> None:
    shell = silent()
    changes(shell, WEDNESDAY)
    assert shell.timers[TimerKind.IDLE_WARN] == wita(5, 8)
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(6, 16)
    changes(shell)
    assert shell.timers[TimerKind.IDLE_WARN] == wita(4, 8)
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(5, 15, 30)


def test_nobody_is_warned_twice_of_a_silence() -> None:
    shell = silent()
    comes(shell, TimerKind.IDLE_WARN)
    changes(shell, THURSDAY, FRIDAY, date(2026, 3, 9))
    assert TimerKind.IDLE_WARN not in shell.timers
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(10, 15, 30)
    decision = comes(shell, TimerKind.IDLE_CLOSE)
    assert CloseTicket(1, CloseReason.SILENCE) in decision.effects
    assert Text.IDLE_WARNING not in shell.said


def test_a_silence_that_is_over_by_a_day_taken_away_is_warned_of_first() -> None:
    shell = silent()
    changes(shell, *(date(2026, 3, day) for day in range(3, 7)))
    shell.now = wita(9, 9)
    changes(shell)
    assert shell.timers[TimerKind.IDLE_WARN] == wita(9, 9)
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(10, 9)
    assert not comes(shell, TimerKind.IDLE_WARN).refusal
    assert shell.tickets[1].open
    comes(shell, TimerKind.IDLE_CLOSE)
    assert not shell.tickets[1].open


def test_a_silence_of_which_nobody_is_warned_ends_by_an_officers_click() -> None:
    shell = silent(BY_CLICK)
    changes(shell, WEDNESDAY)
    assert TimerKind.IDLE_WARN not in shell.timers
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(6, 16)
    comes(shell, TimerKind.IDLE_CLOSE)
    assert shell.closable == [1]


def test_a_warning_that_has_no_moment_any_more_is_let_go() -> None:
    shell = silent()
    shell.desk = desk(autoclose=AutoClose("working_days", 3, "system", warn_days_before=0))
    assert ClearTimers((TimerKind.IDLE_WARN,)) in changes(shell, WEDNESDAY).effects


def test_a_citizen_who_wrote_is_not_silent() -> None:
    shell = silent()
    shell.hears("masih kurang")
    assert changes(shell, WEDNESDAY).effects == ()
