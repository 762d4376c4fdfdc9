"""The measurements still run, and no hot query reads a whole table. Speed itself is not asserted here."""

from pathlib import Path

from bench import live, live_desk, searching, titles, understanding
from bench.measuring import Size
from bench.report import markdown
from bench.run import SQLITE, measured
from storage import conversations
from storage.db import Database
from tests.databases import SqliteTemplate


def test_a_small_measurement_beside_the_floor() -> None:
    """Every answer was 200, and the table names what was measured."""
    floor, _, web = SQLITE
    results = measured([floor, web], [Size(4, 1)], rounds=1, warm_up=Size(1, 1))
    assert [run.requests for run in results[web, 4]] == [80]
    assert all(run.rate > 0 for runs in results.values() for run in runs)
    assert "| 4 | `loket web`: accept and handle |" in markdown(results)


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
    run = searching.measured(database, rounds=1)
    database.close()
    assert len(run.took) == len(run.found) == len(titles.MEANT)
    other = searching.Run(run.filled, run.took, run.found[1:])
    assert "found the same;" in searching.markdown({"SQLite": run, "PostgreSQL": run})
    assert "**not** the same" in searching.markdown({"SQLite": run, "PostgreSQL": other})


def test_open_pages_are_measured_beside_ordinary_requests() -> None:
    """The pages hear of what comes in and fetch themselves; every answer was 200."""
    size = live.Size(pages=6, offices=2, rounds=1, seconds=2.0)
    with live_desk.running("", size.offices) as desk:
        halves = live.measured(desk, size)
    assert [len(half.took) for half in halves] == [1, 1]
    assert min(halves[1].mib) > 0
    assert "| SQLite | a ticket |" in live.markdown("SQLite", size, halves)
