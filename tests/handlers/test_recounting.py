"""A changed calendar reaches every open ticket, whoever opened it and whatever dies meanwhile."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from bot.calendar import DayKind
from bot.events import CalendarChanged, TimerKind
from bot.machine import decide
from handlers import calendars, deciding, jobs, recounting
from storage import calendar, clocks
from storage.columns import AnyRow, table
from storage.db import Database
from storage.tables import Ticket, TicketEvent, Timer
from tests.driver import Desk
from tests.storage.seeding import NOON, Thread

TICKET, EVENT, TIMER = table(Ticket), table(TicketEvent), table(Timer)
# Monday, 6 July 2026, 9 o'clock in Kolaka Timur; three working days end on Thursday.
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 7, day) for day in (7, 8, 9, 10))
ON_THURSDAY = datetime(2026, 7, 9, 7, 30, tzinfo=UTC)
ON_FRIDAY = datetime(2026, 7, 10, 8, 0, tzinfo=UTC)


def opens(desk: Desk, number: int = 1) -> int:
    """A citizen's ticket at Kolaka Timur, whose promise counts from its arrival."""
    desk.writes("petugas", address=f"+62812345678{number:02}")
    return int(desk.tickets()[-1].id)


def closes(desk: Desk, *days: date, office: str = "7411", works: Iterable[date] = ()) -> None:
    """The office says that these days are not worked, and those that it said before are."""
    with desk.runtime.database.write() as connection:
        calendar.count_up(connection, office)
        for day in days:
            calendar.put_day(connection, office, day, DayKind.CLOSED, "Banjir", desk.clock())
        for day in works:
            assert calendar.remove_day(connection, office, day)


def due(desk: Desk) -> list[datetime | None]:
    return [row.due_at for row in desk.tickets()]


def timers(desk: Desk, kind: TimerKind) -> list[datetime]:
    found = select(TIMER.c.due_at).where(TIMER.c.kind == kind.value).order_by(TIMER.c.id)
    with desk.runtime.database.read() as connection:
        return list(connection.execute(found).scalars())


def logged(desk: Desk, what: str) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(EVENT).where(EVENT.c.what == what).order_by(EVENT.c.id)))


def test_a_day_added_moves_every_open_promise(desk: Desk) -> None:
    for number in range(3):
        opens(desk, number)
    assert due(desk) == [ON_THURSDAY] * 3
    closes(desk, WEDNESDAY)
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_FRIDAY] * 3
    assert timers(desk, TimerKind.DUE) == [datetime(2026, 7, 9, 0, 0, tzinfo=UTC)] * 3
    moved = logged(desk, "due_moved")
    assert [row.detail for row in moved] == [
        {"was": ON_THURSDAY.isoformat(), "due": ON_FRIDAY.isoformat()}
    ] * 3
    assert {row.officer_id for row in moved} == {None}
    assert {row.calendar_version for row in desk.tickets()} == {2}


def test_a_day_taken_away_moves_them_back(desk: Desk) -> None:
    opens(desk)
    closes(desk, WEDNESDAY)
    jobs.recount(desk.runtime)
    closes(desk, works=[WEDNESDAY])
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_THURSDAY]
    assert timers(desk, TimerKind.DUE) == [datetime(2026, 7, 8, 0, 0, tzinfo=UTC)]


def test_what_is_counted_already_is_left_alone(desk: Desk) -> None:
    opens(desk)
    closes(desk, FRIDAY)
    jobs.recount(desk.runtime)
    touched = desk.tickets()[0].touched_at
    desk.clock.forward(minutes=1)
    jobs.recount(desk.runtime)
    assert logged(desk, "due_moved") == []
    assert desk.tickets()[0].touched_at == touched
    assert desk.tickets()[0].calendar_version == 2


def test_another_office_s_calendar_moves_nothing(desk: Desk) -> None:
    opens(desk)
    closes(desk, WEDNESDAY, office="6571")
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_THURSDAY]


def test_paused_answered_and_closed_tickets_stay(desk: Desk) -> None:
    paused, answered, closed = (opens(desk, number) for number in range(3))
    desk.runtime.settings.offices["7411"] = replace(
        desk.runtime.office("7411"),
        sla=replace(desk.runtime.office("7411").sla, pause_while_waiting_citizen=True),
    )
    desk.replies("Tahun berapa?", paused, asks_back=True)
    desk.replies("Ini datanya", answered)
    desk.replies("Ini datanya", closed)
    desk.closes(closed)
    before = [(row.due_at, row.status) for row in desk.tickets()]
    assert before == [(None, "open"), (ON_THURSDAY, "open"), (ON_THURSDAY, "closed")]
    closes(desk, WEDNESDAY)
    jobs.recount(desk.runtime)
    assert [(row.due_at, row.status) for row in desk.tickets()] == before
    assert [row.calendar_version for row in desk.tickets()][:2] == [2, 2]
    desk.writes("Tahun 2020", address="+6281234567800")
    assert desk.tickets()[0].due_at == ON_FRIDAY


def test_a_complaint_is_counted_anew_and_a_ticket_without_a_promise_is_noted(desk: Desk) -> None:
    for text_ in ("pengaduan", "petugas meminta uang kepada saya"):
        desk.writes(text_)
    desk.writes("petugas", office="6302", address="+6281200000009")
    monday = due(desk)[0]
    closes(desk, WEDNESDAY)
    closes(desk, WEDNESDAY, office="6302")
    jobs.recount(desk.runtime)
    assert [row.kind for row in desk.tickets()] == ["complaint", "consultation"]
    assert {row.calendar_version for row in desk.tickets()} == {2}
    assert monday is not None
    assert due(desk) == [monday + timedelta(days=1), None]


def test_a_silence_ends_later_and_nobody_is_closed_out_too_early(desk: Desk) -> None:
    opens(desk)
    desk.replies("Ini datanya")
    desk.settle()
    assert timers(desk, TimerKind.IDLE_CLOSE) == [ON_THURSDAY]
    closes(desk, THURSDAY)
    desk.clock.at = ON_THURSDAY
    jobs.fire_timers(desk.runtime)  # before any tick has counted anew
    assert desk.tickets()[0].status == "open"
    assert timers(desk, TimerKind.IDLE_CLOSE) == [ON_FRIDAY]
    desk.clock.at = ON_FRIDAY
    jobs.fire_timers(desk.runtime)
    assert desk.tickets()[0].status == "closed"


def test_officers_are_not_told_of_a_lateness_that_the_new_calendar_takes_away(desk: Desk) -> None:
    opens(desk)
    desk.clock.at = datetime(2026, 7, 8, 0, 0, tzinfo=UTC)
    desk.settle()
    desk.clock.at = datetime(2026, 7, 10, 0, 30, tzinfo=UTC)
    closes(desk, THURSDAY)
    jobs.fire_timers(desk.runtime)
    assert len(logged(desk, "due_soon")) == 1
    assert logged(desk, "overdue") == []
    assert timers(desk, TimerKind.DUE) == [datetime(2026, 7, 13, 0, 0, tzinfo=UTC)]


def test_nobody_is_warned_twice(desk: Desk) -> None:
    opens(desk)
    desk.clock.at = datetime(2026, 7, 8, 0, 0, tzinfo=UTC)
    desk.settle()
    assert len(logged(desk, "due_soon")) == 1
    closes(desk, THURSDAY, FRIDAY)
    for hours in range(0, 24 * 7, 3):
        desk.clock.at = datetime(2026, 7, 8, 0, 0, tzinfo=UTC) + timedelta(hours=hours)
        jobs.recount(desk.runtime)
        jobs.fire_timers(desk.runtime)
    assert due(desk) == [datetime(2026, 7, 13, 7, 30, tzinfo=UTC)]
    assert len(logged(desk, "due_soon")) == 1
    assert len(logged(desk, "overdue")) == 1


def test_two_conversations_of_a_ticket_are_told_once(desk: Desk) -> None:
    """The promise counts where the ticket was opened; an answer by mail has made a second conversation."""
    first = desk.mails("Mohon data luas panen padi 2021-2024 untuk skripsi saya")
    desk.writes("petugas", address="+6281234567801")
    mail, chat = desk.tickets()
    assert first.ticket_id == mail.id
    with desk.runtime.database.write() as connection:
        connection.execute(
            text("UPDATE conversation SET ticket_id = :into WHERE ticket_id = :chat"),
            {"into": mail.id, "chat": chat.id},
        )
        clocks_of = TIMER.c.kind == TimerKind.DUE.value
        mine = TIMER.c.conversation_id == mail.conversation_id
        connection.execute(delete(TIMER).where(clocks_of, mine))
        connection.execute(update(TICKET).where(TICKET.c.id == chat.id).values(status="closed"))
    assert len(timers(desk, TimerKind.DUE)) == 1
    closes(desk, WEDNESDAY)
    jobs.recount(desk.runtime)
    assert timers(desk, TimerKind.DUE) == [datetime(2026, 7, 9, 0, 0, tzinfo=UTC)]
    assert len(logged(desk, "due_moved")) == 1


def test_what_another_process_opened_with_the_old_calendar_is_caught(desk: Desk) -> None:
    """It had loaded its thread before the change, and commits after the tick that counted all others."""
    opens(desk, 1)
    with desk.runtime.database.read() as connection:
        old = desk.runtime.calendars.of(connection, "7411")
    closes(desk, WEDNESDAY)
    jobs.recount(desk.runtime)
    late = opens(desk, 2)
    with desk.runtime.database.write() as connection:
        values = {"due_at": ON_THURSDAY, "calendar_version": old.version}
        connection.execute(update(TICKET).where(TICKET.c.id == late).values(**values))
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_FRIDAY, ON_FRIDAY]


def test_a_kill_between_two_tickets_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        opens(desk, number)
    closes(desk, WEDNESDAY)
    counted = clocks.counted_anew
    done: list[int] = []

    def killed(connection: Connection, ticket_id: int, version: int) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(ticket_id)
        counted(connection, ticket_id, version)

    monkeypatch.setattr(clocks, "counted_anew", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.recount(desk.runtime)
    assert due(desk).count(ON_FRIDAY) == 2
    monkeypatch.setattr(clocks, "counted_anew", counted)
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_FRIDAY] * 4
    assert len(logged(desk, "due_moved")) == 4


def test_two_workers_move_each_promise_once(desk: Desk) -> None:
    for number in range(6):
        opens(desk, number)
    closes(desk, WEDNESDAY)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: jobs.recount(desk.runtime), range(4)))
    assert due(desk) == [ON_FRIDAY] * 6
    assert len(logged(desk, "due_moved")) == 6


def test_a_ticket_that_fails_stops_no_other_and_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = opens(desk, 1)
    opens(desk, 2)
    closes(desk, WEDNESDAY)

    def broken(conversation: Any, event: Any, *more: Any) -> Any:
        if isinstance(event, CalendarChanged) and conversation.ticket.id == first:
            raise RuntimeError("rahasia warga")
        return decide(conversation, event, *more)

    monkeypatch.setattr(deciding, "decide", broken)
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_THURSDAY, ON_FRIDAY]
    assert "rahasia" not in caplog.text
    assert f"counting ticket {first} anew failed" in caplog.text
    monkeypatch.setattr(deciding, "decide", decide)
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_FRIDAY, ON_FRIDAY]


def test_one_tick_does_so_much_and_the_next_one_goes_on(desk: Desk) -> None:
    for number in range(3):
        opens(desk, number)
    closes(desk, WEDNESDAY)
    recounting.recount(desk.runtime, most=2)
    assert due(desk).count(ON_FRIDAY) == 2
    recounting.recount(desk.runtime, most=2)
    assert due(desk) == [ON_FRIDAY] * 3


def test_an_upgraded_library_moves_promises_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opens(desk)
    known = calendars.library

    def library(year: int) -> tuple[dict[str, Any], ...]:
        new = {"day": WEDNESDAY, "kind": "collective", "name": "Cuti baru", "estimated": False}
        return (*known(year), new) if year == 2026 else known(year)

    monkeypatch.setattr(calendars, "library", library)
    jobs.fill_calendars(desk.runtime)
    jobs.recount(desk.runtime)
    assert due(desk) == [ON_FRIDAY]


def test_only_what_is_open_and_old_is_read(database: Database) -> None:
    """The index answers alone, whatever is stored: nothing is sorted, no ticket read that is not old."""
    statement = (
        select(TICKET)
        .where(TICKET.c.office == "7411", TICKET.c.status == "open", TICKET.c.calendar_version < 2)
        .order_by(TICKET.c.calendar_version)
        .limit(100)
    )
    with database.write() as connection:
        _many_tickets(connection)
        asked = statement.compile(connection, compile_kwargs={"literal_binds": True})
        if connection.dialect.name == "sqlite":
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
            assert "SEARCH ticket USING INDEX ix_ticket_counted (office=? AND calendar_version<?)" in plan
            assert "TEMP B-TREE" not in plan
        else:
            connection.exec_driver_sql("ANALYZE ticket")
            plan = " ".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {asked}"))
            assert "Index Scan using ix_ticket_counted" in plan
            assert "Sort" not in plan
        assert len(clocks.counted_before(connection, "7411", 2)) == 100


def _many_tickets(connection: Connection) -> None:
    """5,000 closed tickets and 2,000 open ones, of which 300 were counted with the first calendar."""
    thread = Thread(connection, "7411")
    common = {
        "office": "7411", "handled_by": "7411", "conversation_id": thread.conversation, "year": 2026,
        "contact_id": thread.contact, "kind": "complaint", "waiting_since": NOON, "opened_at": NOON,
        "subject": "", "request": {}, "touched_at": NOON,
    }  # fmt: skip
    rows = [
        {**common, "number": number, "reference": f"KTM-P-2026-{number:05}",
         "status": "open" if number < 2000 else "closed", "calendar_version": 1 if number < 300 else 2}
        for number in range(7000)
    ]  # fmt: skip
    connection.execute(insert(TICKET), rows)
