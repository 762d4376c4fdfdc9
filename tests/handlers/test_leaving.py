"""An officer goes on leave: what waits for the office goes back, once, and nothing else."""

from datetime import UTC, datetime
from typing import Any

from handlers import jobs, officer
from storage import officers
from storage.db import Database
from tests.driver import Desk
from tests.handlers.duties import knows, logged, on_leave, shares
from tests.handlers.test_assigning import OTHERS, asks, holder
from tests.storage.test_plans import listening


def _held_by(desk: Desk, officer_id: int, number: int = 0) -> int:
    ticket = asks(desk, number=number)
    assert officer.claim(desk.runtime, officer_id, ticket) is None
    return ticket


def test_tickets_go_back_when_the_leave_begins_and_only_once(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    ticket = _held_by(desk, rahma)
    on_leave(desk.runtime, rahma, "2026-07-07 am", "2026-07-08 pm")
    desk.settle()
    assert holder(desk, ticket) == rahma
    desk.clock.at = datetime(2026, 7, 6, 15, 59, tzinfo=UTC)  # 23.59 WITA
    desk.settle()
    assert holder(desk, ticket) == rahma
    shares(desk.runtime, assign="turns")
    desk.clock.forward(minutes=1)
    desk.settle()
    assert holder(desk, ticket) == jufri
    assert logged(desk.runtime, ticket, "given_back") == [{"from": rahma}]
    officer.transfer(desk.runtime, jufri, ticket, rahma)
    desk.clock.forward(hours=1)
    desk.settle()
    assert holder(desk, ticket) == rahma


def test_a_leave_from_the_afternoon_on_begins_with_the_lunch_break(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    ticket = _held_by(desk, rahma)
    on_leave(desk.runtime, rahma, "2026-07-06 pm", "2026-07-06 pm")
    desk.clock.at = datetime(2026, 7, 6, 3, 59, tzinfo=UTC)
    desk.settle()
    assert holder(desk, ticket) == rahma
    desk.clock.forward(minutes=2)
    desk.settle()
    assert holder(desk, ticket) is None


def test_a_leave_that_has_begun_gives_back_at_once(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    ticket = _held_by(desk, rahma)
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-06 pm")
    assert holder(desk, ticket) is None


def test_what_waits_for_the_citizen_stays_until_they_write(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    ticket = _held_by(desk, rahma)
    desk.replies("Tahun berapa?", ticket, asks_back=True)
    shares(desk.runtime, assign="load")
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-07 pm")
    assert holder(desk, ticket) == rahma
    desk.writes("2024", address=OTHERS[0])
    assert holder(desk, ticket) == jufri
    assert logged(desk.runtime, ticket, "given_back") == [{"from": rahma}]


def test_after_the_leave_the_citizen_s_word_stays_with_the_officer(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    ticket = _held_by(desk, rahma)
    desk.replies("Tahun berapa?", ticket, asks_back=True)
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-06 pm")
    desk.clock.forward(days=1)
    desk.writes("2024", address=OTHERS[0])
    assert holder(desk, ticket) == rahma


def test_free_days_and_what_is_over_take_nothing_away(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    ticket = _held_by(desk, rahma)
    on_leave(desk.runtime, rahma, "2026-07-11 am", "2026-07-12 pm")
    desk.clock.forward(days=5)
    desk.settle()
    assert holder(desk, ticket) == rahma
    on_leave(desk.runtime, rahma, "2026-07-13 am", "2026-07-14 pm")
    desk.clock.forward(days=4)  # the worker was away meanwhile
    desk.settle()
    assert holder(desk, ticket) == rahma


def test_only_the_tickets_of_that_office_go_back(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    ticket = _held_by(desk, rahma)
    with desk.runtime.database.write() as connection:
        officers.set_role(connection, rahma, "6571", "officer")
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-06 pm", office="6571")
    assert holder(desk, ticket) == rahma


def test_who_takes_nothing_by_the_desk_is_not_given_what_goes_back(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    knows(desk.runtime, jufri, takes=False)
    ticket = _held_by(desk, rahma)
    shares(desk.runtime, assign="turns")
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-06 pm")
    assert holder(desk, ticket) is None
    assert logged(desk.runtime, ticket, "not_assigned")[0]["why"] == "nobody"


def test_what_goes_back_at_one_moment_is_shared_in_turns(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    tickets = [_held_by(desk, rahma, number) for number in range(6)]
    others = {desk.officer("jufri", role="officer"), desk.officer("sari", role="officer")}
    shares(desk.runtime, assign="turns")
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-06 pm")
    held = [holder(desk, ticket) for ticket in tickets]
    assert held[:2] == held[2:4] == held[4:]
    assert set(held) == others


def test_a_ticket_that_goes_back_is_watched_again(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    ticket = _held_by(desk, rahma)
    desk.clock.forward(days=1)
    desk.settle()
    on_leave(desk.runtime, rahma, "2026-07-07 am", "2026-07-07 pm")
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []
    desk.clock.forward(hours=6)
    desk.settle()
    assert len(logged(desk.runtime, ticket, "unclaimed")) == 1


def test_a_tick_without_a_leave_that_begins_is_one_statement(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-06 am")
    on_leave(desk.runtime, rahma, "2026-08-03 am", "2026-08-05 pm")
    with listening(desk.runtime.database.engine) as heard:
        jobs.begin_leaves(desk.runtime)
    assert len([statement for statement, _ in heard if statement.startswith("SELECT")]) == 1
    assert _plan(desk.runtime.database, heard) in ("", "ix_leave_begins")


def _plan(database: Database, heard: list[tuple[str, Any]]) -> str:
    """The index that SQLite takes; empty on PostgreSQL, whose tables are too small here to say."""
    if not database.is_sqlite:
        return ""
    statement, parameters = next(one for one in heard if one[0].startswith("SELECT"))
    with database.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    return "ix_leave_begins" if "ix_leave_begins" in str(rows) else str(rows)
