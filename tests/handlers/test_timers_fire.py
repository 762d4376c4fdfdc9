"""Deadlines happen once, a broken one stops nobody, and the desk closes by itself only where it may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.events import TimerDue, TimerKind
from bot.machine import decide
from handlers import deciding, jobs
from storage.columns import AnyRow, table
from storage.tables import Rating, TicketEvent, Timer
from tests.driver import Desk

TIMER, EVENT, RATING = table(Timer), table(TicketEvent), table(Rating)


def waiting_for_citizen(desk: Desk, office: str = "6302") -> None:
    """A ticket whose officer has answered."""
    desk.writes("petugas", office=office)
    desk.officer(office=office)
    desk.replies("Jawaban")
    desk.settle()


def timers(desk: Desk) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(TIMER).order_by(TIMER.c.id)))


def idle(desk: Desk) -> set[str]:
    """The timers of the citizen's silence that are set."""
    return {row.kind for row in timers(desk)} & {TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE}


def logged(desk: Desk) -> list[str]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(EVENT.c.what).order_by(EVENT.c.id)).scalars())


def last(desk: Desk) -> AnyRow:
    return desk.tickets()[-1]


@pytest.mark.parametrize("gives_up", [True, False])
def test_a_complaint_that_is_over_leaves_nothing_open_for_ever(lone: Desk, *, gives_up: bool) -> None:
    """Given up by silence in the middle, or told and closed by its supervisor."""
    waiting_for_citizen(lone)
    lone.writes("pengaduan", office="6302")
    assert idle(lone) == set()
    if gives_up:
        lone.clock.forward(days=3)
        lone.settle()
    else:
        lone.writes("Surat kami seminggu tidak dijawab, mohon perhatian", office="6302")
        assert idle(lone) == set()
        lone.clock.forward(days=20)
        assert lone.closes() is None
    assert idle(lone) == {TimerKind.IDLE_WARN, TimerKind.IDLE_CLOSE}
    for _ in range(2):
        lone.clock.at = min(row.due_at for row in timers(lone) if row.kind in idle(lone))
        lone.settle()
    assert idle(lone) == set()
    assert (lone.tickets()[0].status, lone.tickets()[0].close_reason) == ("closed", "silence")


def test_silence_closes_after_the_office_s_seven_days(desk: Desk) -> None:
    """The warning would come outside WhatsApp's window, so it is recorded as skipped; so is the rating.

    A day before is a Sunday: it comes on the Friday, when the office opens.
    """
    waiting_for_citizen(desk)
    desk.clock.forward(days=3, hours=22, minutes=59)
    desk.settle()
    assert logged(desk)[-1] == "replied"
    desk.clock.forward(minutes=1)
    desk.settle()
    assert logged(desk)[-1] == "skipped:idle_warning:window_closed"
    desk.clock.forward(days=3, minutes=59)
    desk.settle()
    assert last(desk).status == "open"
    desk.clock.forward(minutes=1)
    desk.settle()
    assert (last(desk).status, last(desk).close_reason, last(desk).closings) == ("closed", "silence", 1)
    assert logged(desk).count("closed") == 1
    assert timers(desk) == []
    assert [message.text for message in desk.phone()][1:] == ["Jawaban"]


def test_a_word_of_the_citizen_stops_the_clock(desk: Desk) -> None:
    waiting_for_citizen(desk)
    desk.clock.forward(days=5)
    desk.writes("sebentar ya", office="6302")
    assert timers(desk) == []
    desk.clock.forward(days=30)
    desk.settle()
    assert last(desk).status == "open"


def test_the_clock_counts_from_the_last_answer_that_left(desk: Desk) -> None:
    waiting_for_citizen(desk)
    desk.clock.forward(hours=4)
    desk.replies("Tambahan")
    desk.settle()
    assert {row.kind: row.due_at for row in timers(desk)}["idle_close"] == desk.clock() + timedelta(days=7)


def test_three_working_days_of_silence_end_with_the_service_of_the_third(desk: Desk) -> None:
    waiting_for_citizen(desk, "7411")
    desk.clock.forward(days=3, hours=6, minutes=29)
    desk.settle()
    assert last(desk).status == "open"
    desk.clock.forward(minutes=1)
    desk.settle()
    assert (last(desk).status, last(desk).close_reason) == ("closed", "silence")


def test_two_workers_at_once_fire_a_deadline_once(desk: Desk) -> None:
    waiting_for_citizen(desk)
    desk.clock.forward(days=7)
    (ended,) = [row for row in timers(desk) if row.kind == "idle_close"]
    with ThreadPoolExecutor(6) as pool:
        fired = [pool.submit(jobs.fire_timers, desk.runtime) for _ in range(6)]
    assert [each.exception() for each in fired] == [None] * 6
    assert ended.id not in {row.id for row in timers(desk)}
    assert (logged(desk).count("closed"), last(desk).closings) == (1, 1)


def test_a_deadline_set_anew_meanwhile_does_not_happen(desk: Desk) -> None:
    waiting_for_citizen(desk)
    row = timers(desk)[0]
    desk.clock.forward(days=3)
    desk.replies("Lagi")
    jobs._fire(desk.runtime, row.conversation_id, TimerKind(row.kind))
    assert last(desk).status == "open"
    assert timers(desk) == []  # a silence counts from words that have left


def _for_timers(error: Exception) -> Any:
    def broken(conversation: Any, event: Any, office: Any, now: Any) -> Any:
        if isinstance(event, TimerDue):
            raise error
        return decide(conversation, event, office, now)

    return broken


@pytest.mark.parametrize("error", [RuntimeError("rahasia"), IntegrityError("x", {}, Exception("rahasia"))])
def test_a_broken_deadline_is_put_off_ever_longer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    waiting_for_citizen(desk)
    desk.clock.forward(days=7)
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "decide", _for_timers(error))
        for minutes in (1, 2, 4, 8):
            jobs.fire_timers(desk.runtime)
            assert {row.due_at for row in timers(desk)} == {desk.clock() + timedelta(minutes=minutes)}
            desk.clock.forward(minutes=minutes)
    assert "rahasia" not in caplog.text
    desk.settle()
    assert (last(desk).status, timers(desk)) == ("closed", [])


def test_a_database_that_is_away_costs_a_deadline_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_for_citizen(desk)
    desk.clock.forward(days=7)
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "decide", _for_timers(OperationalError("x", {}, Exception("gone"))))
        jobs.fire_timers(desk.runtime)
    assert {row.tries for row in timers(desk)} == {0}
    desk.settle()
    assert last(desk).status == "closed"


def test_an_abandoned_registration_ends_and_its_request_reaches_an_officer(desk: Desk) -> None:
    for text in ("halo", "1"):
        desk.writes(text, office="6571")
    desk.writes("halo", office="6571", address="+6281299999999")
    desk.writes("data padi 2023 Tarakan untuk skripsi", office="6571")
    assert {row.kind for row in timers(desk)} == {"abandon"}
    desk.clock.forward(days=3, minutes=1)
    desk.settle()
    assert {row.kind for row in timers(desk)} == {"unclaimed"}
    for _ in range(3):
        desk.clock.forward(days=3)
        desk.settle()
    assert [row.confirmed for row in desk.tickets()] == [False]


def test_an_unanswered_rating_question_ends(desk: Desk) -> None:
    desk.writes("petugas", office="6302")
    desk.replies("Jawaban")
    desk.closes()
    assert {row.kind for row in timers(desk)} == {"rating_end", "rating_remind"}
    desk.clock.forward(days=4)
    desk.settle()
    assert timers(desk) == []
    with desk.runtime.database.read() as connection:
        assert [row.score for row in connection.execute(select(RATING))] == [None]
