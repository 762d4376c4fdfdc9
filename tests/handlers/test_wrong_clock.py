"""A clock that jumps: told at once, no deadline comes because of it, and nothing waits a year afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from handlers import alerts, jobs, timekeeping
from handlers.checking import Level, surroundings
from handlers.web.app import create_app
from handlers.worker import Worker
from storage import alarms, mailboxes, own, reconciliation
from storage import timekeeping as left_behind
from storage.columns import table
from storage.tables import Timer
from tests.driver import MESSAGE, Desk

YEAR = {"days": 365}


def lasting(desk: Desk) -> set[str]:
    """The alarms of the installation after a tick; that minutes are left out here is not meant."""
    alerts.look(desk.runtime)
    with desk.runtime.database.read() as connection:
        return {row.key for row in alarms.open_alarms(connection, None)} - {"unsent", "stopped"}


def seen(desk: Desk, key: str) -> None:
    """An administrator marks an alarm as seen."""
    by = desk.officer("kepala")
    with desk.runtime.database.write() as connection:
        assert alarms.settle(connection, key, by, desk.clock())


def ticks(desk: Desk) -> None:
    """The worker's tick of deadlines."""
    worker = Worker(desk.runtime)
    worker._guarded("timers")  # what the scheduler calls
    worker.stop()


def open_ticket(desk: Desk) -> None:
    """A ticket that will be closed after seven days of silence."""
    assert desk.writes("petugas", office="6302") == 200
    desk.replies("Jawaban")
    desk.settle()


def timers(desk: Desk) -> int:
    with desk.runtime.database.read() as connection:
        return len(connection.execute(select(table(Timer))).all())


def findings(desk: Desk) -> list[tuple[Level, str]]:
    told = surroundings.clock(desk.runtime.settings, desk.clock())
    return [(one.level, one.english) for one in told]


def test_a_year_ahead_closes_nothing_and_back_again_all_is_as_before(lone: Desk) -> None:
    open_ticket(lone)
    assert lasting(lone) == set()
    waiting, heard = timers(lone), len(lone.phone())
    lone.clock.forward(**YEAR)
    ticks(lone)
    assert findings(lone)[0][0] is Level.WARNING
    assert lasting(lone) == {timekeeping.LEAPT}
    for _ in range(30):  # a month is not slept through: only a person ends this
        lone.clock.forward(hours=1)
        ticks(lone)
        assert lasting(lone) == {timekeeping.LEAPT}
    assert (timers(lone), lone.tickets()[0].status, len(lone.phone())) == (waiting, "open", heard)
    lone.clock.forward(hours=-30, days=-365)
    assert lasting(lone) == set(), "put right"
    ticks(lone)
    assert (timers(lone), lone.tickets()[0].status) == (waiting, "open")
    lone.clock.forward(days=4)
    ticks(lone)
    assert timers(lone) < waiting, "and it comes when it is due"


def test_after_a_week_without_power_deadlines_rest_an_hour(lone: Desk) -> None:
    open_ticket(lone)
    assert lasting(lone) == set()
    waiting, pages = timers(lone), create_app(lone.runtime).test_client()
    lone.clock.forward(days=8)
    ticks(lone)
    assert lasting(lone) == {timekeeping.LEAPT}
    (told, *others) = pages.get("/readyz").get_json()["look_at"]
    assert "deadlines rest" in told
    assert not [words for words in others if "is a worker running?" in words], "it is, and they rest"
    lone.clock.forward(minutes=59)
    ticks(lone)
    assert timers(lone) == waiting
    assert lasting(lone) == {timekeeping.LEAPT}
    lone.clock.forward(minutes=1)
    assert lasting(lone) == set()
    assert not [words for words in pages.get("/readyz").get_json()["look_at"] if "rest" in words]
    ticks(lone)
    assert timers(lone) < waiting


def test_a_clock_that_is_behind_is_told_until_it_is_right_or_somebody_says_so(lone: Desk) -> None:
    pages = create_app(lone.runtime).test_client()

    def told() -> Any:
        return pages.get("/readyz").get_json()["clock_behind_seconds"]

    assert lasting(lone) == set()
    assert (told(), findings(lone)) == (0, [])
    lone.clock.forward(hours=-1)
    assert lasting(lone) == {timekeeping.BEHIND}
    assert told() == 3600
    assert findings(lone)[0][0] is Level.ERROR
    assert lone.writes("petugas", office="6302") == 200
    lone.clock.forward(minutes=61)
    assert lasting(lone) == set()
    lone.clock.forward(days=-400)
    assert lasting(lone) == {timekeeping.BEHIND}
    seen(lone, timekeeping.BEHIND)
    assert (lasting(lone), told(), findings(lone)) == (set(), 0, [])


def test_words_of_a_wrong_hour_leave_all_the_same(desk: Desk) -> None:
    """Queued, claimed and put off a year ahead; the clock is put right; all is due at once."""
    assert desk.writes("petugas", office="6302") == 200
    desk.clock.forward(**YEAR)
    assert desk.writes("halo", office="7411", address="+6281299990001") == 200
    far = desk.clock() + timedelta(seconds=80)
    with desk.runtime.database.write() as connection:
        assert mailboxes.take(connection, "bps7411", "gone", desk.clock())
        assert reconciliation.take(connection, "AC1", "gone", desk.clock())
        message = MESSAGE
        queued = message.c.delivery == "queued"
        connection.execute(update(message).where(queued).values(next_try_at=far))
        connection.execute(
            update(message).where(queued, message.c.id > 2).values(delivery="sending", lease_until=far)
        )
    desk.clock.forward(days=-365)
    alerts.look(desk.runtime)
    desk.clock.forward(seconds=1)
    with desk.runtime.database.write() as connection:
        assert mailboxes.take(connection, "bps7411", "other", desk.clock())
        assert reconciliation.take(connection, "AC1", "other", desk.clock())
    jobs.look_up_unknown(desk.runtime)
    desk.clock.forward(minutes=5)
    desk.settle()
    desk.clock.forward(minutes=5)
    desk.settle()
    assert {row.delivery for row in desk.messages("out")} == {"delivered"}


def test_what_is_honestly_far_ahead_is_left_alone(lone: Desk) -> None:
    open_ticket(lone)
    with lone.runtime.database.write() as connection:
        mailboxes.take(connection, "bps7411", "alive", lone.clock())
        own.note(connection, timekeeping.BEAT, lone.clock())
        assert left_behind.bring_back(connection, lone.clock()) == 0


@pytest.mark.parametrize("days", [365, -365])
def test_a_number_s_pace_outlives_a_wrong_second(lone: Desk, days: int) -> None:
    """What was noted in another year is not of this second."""
    assert lone.writes("petugas", office="6302") == 200
    lone.settle()
    lone.clock.forward(days=days)
    assert lone.writes("menu", office="6302") == 200
    lone.settle()
    assert {row.delivery for row in lone.messages("out")} == {"delivered"}
