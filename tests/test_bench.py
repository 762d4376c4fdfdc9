"""The measurements still run, and no hot query reads a whole table. Speed itself is not asserted here."""

from pathlib import Path

import pytest

from bench import (
    desk,
    growth,
    live,
    live_desk,
    pages,
    queues,
    rawpages,
    run,
    scaling,
    searching,
    table,
    titles,
    understanding,
)
from bench.databases import with_tables
from bench.heap import Heap
from bench.measuring import Run, Size
from bench.queues import Kind
from bench.run import Effort
from bench.servers import Target
from storage import conversations
from storage.db import Database
from tests.databases import SqliteTemplate

EFFORT = Effort((Size(4, 1),), 1, Heap(closed=5, open=60), requests=16, conversations=2, mails=0)
SQLITE = ["SQLite"]


def test_webhooks_are_measured_beside_the_floor() -> None:
    """Every answer was 200, and each line has its floor, its cost and its memory."""
    memory: dict[Target, float] = {}
    targets = [Target("floor", "SQLite"), Target("web", "SQLite")]
    found = run.measured(targets, [Size(4, 1, often=2)], rounds=1, warm_up=Size(1, 1), memory=memory)
    assert [len(runs) for runs in found.values()] == [2, 2]
    (line,) = run.webhook_lines(found, memory)
    assert (line.what, line.database, line.clients) == ("accept and handle", "SQLite", 4)
    assert line.rate > 0
    assert line.floor > 0
    assert line.memory
    assert "| accept and handle | SQLite | 4 |" in table.markdown([line])


def test_how_much_the_rounds_differ_is_told_where_there_are_enough() -> None:
    """Half of ten rounds lie between the quartiles of their ratios; of three nothing is said."""
    many = [Run(400, 100.0 * turn, 2.0, 5.0, 2.0, 0.0, 0.1) for turn in range(1, 11)]
    floors = [Run(400, 1000.0, 1.0, 2.0, 1.0, 0.0, 0.1)] * 10
    told = table.markdown([table.line("accept", "SQLite", 1, many, floors)])
    assert "0.55 (0.27 to 0.83 in half of the rounds), wanted 0.7: **missed**" in told
    assert "half" not in table.markdown([table.line("accept", "SQLite", 1, many[:3], floors[:3])])


def test_both_sides_of_the_pages_find_the_same_desk(tmp_path: Path) -> None:
    """On a filled desk the bare app has a line for every ticket, and as many messages as were written."""
    address = with_tables(f"sqlite:///{tmp_path}/p.db", tmp_path)
    assert desk.filled(address, tmp_path, EFFORT.heap)
    bare = rawpages.pages_app(address).test_client()
    found = [bare.get(path.format(number=7)).text.count("<tr>") for _, path in pages.PAGES.values()]
    assert found == [41, desk.MESSAGES - 1, 1]


@pytest.mark.stress
def test_pages_are_measured_beside_raw_sql(tmp_path: Path) -> None:
    """The officer is signed in, and both sides answer every page."""
    lines = run.page_lines(SQLITE, EFFORT, tmp_path, None)
    assert [line.what for line in lines] == ["inbox list", "ticket page", "search"]
    assert all(line.rate > 0 and line.floor > 0 for line in lines)


@pytest.mark.stress
def test_delivering_is_measured_beside_a_bare_loop(tmp_path: Path) -> None:
    """Everything that was queued has left, on both sides."""
    (line,) = run.delivery_lines(SQLITE, EFFORT, tmp_path, None)
    assert line.rate > 0
    assert line.floor > 0


def test_a_tick_is_measured_beside_its_statement(tmp_path: Path) -> None:
    """What is due is found by both."""
    line = run.tick_line("SQLite", tmp_path, None)
    assert line.rate > 0
    assert line.floor > 0


def test_the_document_says_what_the_simulation_prints() -> None:
    """Every table of docs/scaling.md is there, as its program makes it now."""
    document = scaling.DOCUMENT.read_text("utf-8")
    assert all(f"<!-- {name} -->" in document for name in scaling.TABLES)
    assert scaling.updated(document) == document, "python -m bench.scaling --update"


def test_a_queue_serves_in_turn_and_more_servers_wait_less() -> None:
    """Nobody waits where enough serve; one server that is nearly busy all the time makes a queue."""
    kinds = [Kind(rate=50, services=(0.018,))]
    one, four = (queues.waits(kinds, (many,), 60) for many in (1, 4))
    assert len(one) == len(four) > 2_000
    assert queues.percentile(one, 0.95) > 3 * queues.percentile(four, 0.95)
    assert queues.percentile(four, 0.5) == pytest.approx(0.015)


def test_growth_counts_what_was_said(tmp_path: Path) -> None:
    """Two conversations open two tickets."""
    grown = growth.measured(f"sqlite:///{tmp_path}/g.db", tmp_path, 2)
    assert grown.tickets == 2
    assert grown.messages > 20
    assert grown.added > 0


def test_finding_a_pending_message_does_not_read_all_messages(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """Its cost must not grow with what is stored."""
    database = Database(sqlite_template.copy(tmp_path), tmp_path / "data")
    statement = conversations._NEXT_MESSAGE.compile(database.engine)
    values = tuple(1 for _ in statement.positiontup or ())
    with database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row.detail for row in plan]
    database.close()
    assert any("ix_message_pending" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN")] == []


def test_understanding_is_measured() -> None:
    """Both figures are there; how large they are is not asserted."""
    assert min(understanding.measured(rounds=1)) > 0


def test_searches_are_measured_and_compared(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """A run names its times, and says when two databases did not find the same."""
    database = Database(sqlite_template.copy(tmp_path), tmp_path / "data")
    played = searching.measured(database, rounds=1)
    database.close()
    assert len(played.took) == len(played.found) == len(titles.MEANT)
    other = searching.Run(played.filled, played.took, played.found[1:])
    assert "found the same;" in searching.markdown({"SQLite": played, "PostgreSQL": played})
    assert "**not** the same" in searching.markdown({"SQLite": played, "PostgreSQL": other})


def test_open_pages_are_measured_beside_ordinary_requests() -> None:
    """The pages hear of what comes in and fetch themselves; every answer was 200."""
    size = live.Size(pages=6, offices=2, rounds=1, seconds=2.0)
    with live_desk.running("", size.offices) as desk:
        halves = live.measured(desk, size)
    assert [len(half.took) for half in halves] == [1, 1]
    assert min(halves[1].mib) > 0
    assert "| SQLite | a ticket |" in live.markdown("SQLite", size, halves)
