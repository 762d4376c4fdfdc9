"""The citizen's silence: counted in the office's days, warned of once, by day, and ended by any word."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot import officers
from bot.conversation import CloseReason, Outcome, Refusal, TicketKind
from bot.effects import CloseTicket, MarkClosable, NoteEvent
from bot.events import (
    CalendarChanged,
    OfficeMessageSent,
    OfficerClosed,
    OfficerReopened,
    OfficerReplied,
    TimerKind,
)
from bot.policy import AutoClose, Desk, Mode
from bot.texts import Text
from tests.bot.decreed_days import decreed
from tests.bot.desk import ABOUT, ASK, MAIL, WHATSAPP, Shell, office

WITA, WIB = ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jakarta")
KTM = AutoClose(mode="working_days", days=3, by="system")
BSL = AutoClose(mode="calendar_days", days=7, by="officer")
IDLE = {TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE}


def wita(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=WITA).astimezone(UTC)


def wib(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=WIB).astimezone(UTC)


def closing_by(rule: AutoClose, zone: str = "Asia/Makassar", **changes: object) -> Desk:
    """A desk by mail, where free text may always leave, that closes by *rule*."""
    by_mail = office(autoclose=rule, timezone=zone, modes={"email": Mode.CONSULT}, **changes)
    return Desk(by_mail, MAIL, decreed(zone))


def silent_since(moment: datetime, desk: Desk) -> Shell:
    """A consultation, number 1, whose citizen was answered at *moment*."""
    shell = Shell(desk, moment)
    shell.mails("Mohon data penduduk Kotabaru 2020 untuk skripsi")
    shell.take(OfficerReplied(1))
    shell.take(OfficeMessageSent(1))
    return shell


def answered_on_chat(rule: AutoClose) -> Shell:
    """A consultation on chat, number 1, whose citizen was answered on a Monday at ten."""
    shell = Shell(Desk(office(autoclose=rule), WHATSAPP, decreed()), wita("2026-07-06 10:00"))
    for said in (ASK, "1"):
        shell.hears(said)
    shell.take(OfficerReplied(1))
    shell.take(OfficeMessageSent(1))
    return shell


@pytest.mark.parametrize(
    ("spoken", "warned", "closed"),
    [
        ("2026-03-17 14:20", "2026-03-26 08:00", "2026-03-27 16:00"),
        ("2026-03-13 14:20", "2026-03-17 08:00", "2026-03-25 15:30"),
        ("2026-07-06 23:50", "2026-07-08 08:00", "2026-07-09 15:30"),
    ],
)
def test_three_working_days_around_the_feasts(spoken: str, warned: str, closed: str) -> None:
    shell = silent_since(wita(spoken), closing_by(KTM))
    assert shell.timers[TimerKind.IDLE_WARN] == wita(warned)
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita(closed)


@pytest.mark.parametrize(
    ("spoken", "plain", "rolled"),
    [
        ("2026-03-12 10:05", "2026-03-25 08:00", "2026-03-25 15:30"),
        ("2026-03-17 14:20", "2026-03-25 08:00", "2026-03-25 15:30"),
        ("2026-06-01 09:00", "2026-06-08 09:00", "2026-06-08 09:00"),
    ],
)
def test_seven_calendar_days_and_the_office_that_opens_later(spoken: str, plain: str, rolled: str) -> None:
    for rule, closed in ((BSL, plain), (replace(BSL, roll_to_working_day=True), rolled)):
        shell = silent_since(wib(spoken), closing_by(rule, "Asia/Jakarta"))
        assert shell.timers[TimerKind.IDLE_CLOSE] == wib(closed)


def test_one_warning_and_then_the_end() -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.now = wita("2026-07-08 08:00")
    shell.fires(TimerKind.IDLE_WARN)
    assert shell.said == [Text.IDLE_WARNING]
    assert shell.timers.keys() & IDLE == {TimerKind.IDLE_CLOSE}
    shell.now = wita("2026-07-09 15:30")
    decision = shell.fires(TimerKind.IDLE_CLOSE)
    assert CloseTicket(1, CloseReason.SILENCE) in decision.effects
    assert shell.said == [Text.CLOSED_BY_SILENCE, Text.ASK_RATING]
    assert not shell.tickets[1].open


@pytest.mark.parametrize("kind", sorted(IDLE))
def test_a_late_worker_speaks_in_the_morning(kind: TimerKind) -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.now = wita("2026-07-10 02:00")
    shell.fires(kind)
    assert shell.said == []
    assert shell.tickets[1].open
    assert shell.timers[kind] == wita("2026-07-10 08:00")


def test_a_warning_that_comes_too_late_puts_the_closing_off() -> None:
    """The desk was down: nobody is warned and closed in the same minute."""
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.now = wita("2026-07-10 09:00")
    shell.fires(TimerKind.IDLE_WARN)
    assert shell.said == [Text.IDLE_WARNING]
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita("2026-07-13 15:30")


def test_a_warning_that_can_t_be_said_puts_nothing_off() -> None:
    shell = Shell(Desk(office(autoclose=KTM), WHATSAPP, decreed()), wita("2026-07-06 10:00"))
    for words in (ASK, "1"):
        shell.hears(words)
    shell.take(OfficerReplied(1))
    shell.take(OfficeMessageSent(1))
    shell.now = wita("2026-07-10 09:00")
    decision = shell.fires(TimerKind.IDLE_WARN)
    assert decision.effects == (NoteEvent(1, "skipped:idle_warning:window_closed"),)
    assert officers.went_unsaid(decision)


def test_an_office_that_warns_nobody_any_more() -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.desk = closing_by(replace(KTM, warn_days_before=0))
    shell.now = wita("2026-07-08 08:00")
    assert shell.fires(TimerKind.IDLE_WARN).effects == ()
    assert TimerKind.IDLE_WARN not in silent_since(wita("2026-07-06 10:00"), shell.desk).timers


def test_an_officer_closes_from_the_list() -> None:
    shell = silent_since(wib("2026-06-01 09:00"), closing_by(BSL, "Asia/Jakarta"))
    shell.now = wib("2026-06-08 09:00")
    assert shell.fires(TimerKind.IDLE_CLOSE).effects == (MarkClosable(1),)
    assert shell.tickets[1].open
    decision = shell.take(OfficerClosed(1, for_silence=True))
    assert CloseTicket(1, CloseReason.SILENCE) in decision.effects
    assert shell.said == [Text.CLOSED_BY_SILENCE, Text.ASK_RATING]


def test_a_citizen_who_has_written_is_not_closed_for_silence() -> None:
    shell = silent_since(wib("2026-06-01 09:00"), closing_by(BSL, "Asia/Jakarta"))
    shell.now = wib("2026-06-08 09:00")
    shell.fires(TimerKind.IDLE_CLOSE)
    shell.mails("Maaf baru sempat membalas.")
    assert shell.closable == []
    assert shell.take(OfficerClosed(1, for_silence=True)).refusal is Refusal.ALREADY
    assert shell.take(OfficerClosed(1)).refusal is None


@pytest.mark.parametrize("words", ["sebentar", "terima kasih", "STOP", "👍"])
def test_any_word_ends_the_silence(words: str) -> None:
    shell = answered_on_chat(KTM)
    shell.hears(words)
    assert shell.timers.keys() & IDLE == set()
    assert shell.tickets[1].ticket.silent_since is None


def test_who_asks_for_their_data_meanwhile_is_waited_for_anew() -> None:
    """They are there, and have not answered: neither is it closed at the old day, nor never."""
    shell = answered_on_chat(BSL)
    shell.now = wita("2026-07-13 10:00")
    shell.fires(TimerKind.IDLE_CLOSE)
    assert shell.closable == [1]
    assert shell.hears("data saya").outcome is Outcome.ANSWERED
    assert (shell.closable, shell.tickets[1].ticket.silent_since) == ([], shell.now)
    shell.now = wita("2026-07-17 10:00")
    shell.fires(TimerKind.IDLE_CLOSE)
    assert shell.closable == []
    shell.now = shell.timers[TimerKind.IDLE_CLOSE]
    assert shell.now == wita("2026-07-20 10:00")
    shell.fires(TimerKind.IDLE_CLOSE)
    assert shell.closable == [1]


def test_while_they_complain_the_silence_on_the_request_rests() -> None:
    shell = answered_on_chat(BSL)
    shell.now = wita("2026-07-13 10:00")
    shell.fires(TimerKind.IDLE_CLOSE)
    assert shell.closable == [1]
    shell.hears("pengaduan")
    shell.hears(ABOUT)
    assert (shell.closable, shell.timers.keys() & IDLE) == ([], set())
    shell.waits(days=30)
    shell.take(OfficerClosed(2))
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita("2026-08-19 10:00")


def test_words_that_have_not_left_are_no_beginning() -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.waits(days=1)
    shell.take(OfficerReplied(1))
    assert shell.timers.keys() & IDLE == set()
    assert shell.tickets[1].ticket.silent_since is None
    shell.waits(hours=1)
    shell.take(OfficeMessageSent(1))
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita("2026-07-10 16:00")


def test_who_wrote_while_the_answer_was_on_its_way_is_not_silent() -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.take(OfficerReplied(1))
    shell.mails("Satu lagi, per kecamatan.")
    shell.take(OfficeMessageSent(1))
    assert shell.timers.keys() & IDLE == set()
    assert shell.tickets[1].ticket.silent_since is None


@pytest.mark.parametrize("kind", sorted(IDLE))
def test_the_offices_own_slowness_closes_nothing(kind: TimerKind) -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.mails("Satu lagi, per kecamatan.")
    shell.now = wita("2026-07-29 10:00")
    shell.fires(kind)
    assert (shell.tickets[1].open, shell.said, shell.timers.keys() & IDLE) == (True, [], set())


def test_reopening_begins_no_silence() -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(KTM))
    shell.now = wita("2026-07-09 15:30")
    shell.fires(TimerKind.IDLE_CLOSE)
    shell.take(OfficerReopened(1, TicketKind.CONSULTATION))
    shell.waits(days=20)
    shell.fires(TimerKind.IDLE_CLOSE)
    assert shell.tickets[1].open


def test_a_new_holiday_moves_a_silence_and_warns_nobody_twice() -> None:
    shell = silent_since(wita("2026-03-17 14:20"), closing_by(KTM))
    without = {day: it for day, it in shell.desk.calendar.days.items() if day.month != 3}
    shell.desk = replace(shell.desk, calendar=replace(shell.desk.calendar, days=without))
    shell.take(CalendarChanged(dict(shell.timers)))
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita("2026-03-20 16:00")
    assert shell.timers[TimerKind.IDLE_WARN] == wita("2026-03-19 08:00")
    shell.timers.pop(TimerKind.IDLE_WARN)
    shell.desk = closing_by(KTM)
    shell.take(CalendarChanged(dict(shell.timers)))
    assert shell.timers[TimerKind.IDLE_CLOSE] == wita("2026-03-27 16:00")
    assert TimerKind.IDLE_WARN not in shell.timers


def test_an_office_without_the_rule_counts_no_silence() -> None:
    shell = silent_since(wita("2026-07-06 10:00"), closing_by(AutoClose()))
    assert shell.timers.keys() & IDLE == set()
    shell.fires(TimerKind.IDLE_CLOSE)
    assert shell.tickets[1].open
