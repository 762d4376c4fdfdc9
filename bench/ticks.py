"""What a tick reads when much is stored: ``python -m bench.ticks [--small]``.

The same 50 timers are due in a small desk and in a big one. Of every statement of the tick the plan is asked
for, and what it reads is counted: pages of PostgreSQL's buffers, steps of SQLite's virtual machine.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from bench.databases import running_postgres, with_tables
from bench.heap import NOON, OFFICE, VERSION, Heap, fill, settle
from bot.events import TimerKind
from storage import clocks, conversations, timers
from storage.db import Database
from storage.tables import CLOSABLE, OWED

FEW, MANY = Heap(closed=100, open=900), Heap(closed=1_000_000, open=20_000)
ROUNDS = 15
Work = Callable[[Connection], object]


def _list(condition: str, order: str) -> Work:
    """A page of a list that officers look at, through its partial index."""
    wanted = f"handled_by = :office AND {condition} ORDER BY {order}, id LIMIT 51"
    statement = text(f"SELECT id FROM ticket WHERE {wanted}")  # noqa: S608  # words of our own only
    return lambda connection: connection.execute(statement, {"office": OFFICE}).all()


WORK: dict[str, Work] = {
    "what is due": lambda connection: timers.due(connection, NOON),
    "take a timer": lambda connection: timers.take(connection, 7, TimerKind.DUE, NOON),
    "load its turn": lambda connection: conversations.by_id(connection, 7),
    "counted with an older calendar": lambda connection: clocks.counted_before(connection, OFFICE, VERSION),
    "the promises that end first": _list(OWED, "due_at"),
    "may be closed": _list(CLOSABLE, "closable_at"),
}


@dataclass
class Cost:
    """What a piece of work came to: its plans, what it read, and how long it took (milliseconds)."""

    plans: list[str] = field(default_factory=list)
    rows: int = 0
    read: int = 0
    took: float = 0.0


def costs(database: Database) -> dict[str, Cost]:
    """The cost of every piece of work, each in a transaction that is rolled back."""
    return {name: _cost(database, work) for name, work in WORK.items()}


def _cost(database: Database, work: Work) -> Cost:
    cost = Cost(took=median(_timed(database, work) for _ in range(ROUNDS)))
    with undone(database) as connection, listening(database.engine) as heard:
        work(connection)
    with undone(database) as connection:
        for statement, parameters in heard:
            (explained if database.is_sqlite else analysed)(connection, statement, parameters, cost)
    if database.is_sqlite:
        with undone(database) as connection:
            cost.read = steps(connection, work)
    return cost


def _timed(database: Database, work: Work) -> float:
    with undone(database) as connection:
        began = time.perf_counter()
        work(connection)
        return (time.perf_counter() - began) * 1000


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.exec_driver_sql("ROLLBACK")


@contextmanager
def listening(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements executed meanwhile, with their parameters."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def explained(connection: Connection, statement: str, parameters: Any, cost: Cost) -> None:
    """Add SQLite's plan of a statement to *cost*."""
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    cost.plans += [str(row[3]) for row in plan]


def analysed(connection: Connection, statement: str, parameters: Any, cost: Cost) -> None:
    """Execute a statement on PostgreSQL and add its plan, and what it read, to *cost*."""
    asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
    told = connection.exec_driver_sql(asked, parameters).scalar_one()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    cost.plans.append(_shape(plan))
    cost.rows += _rows(plan)
    cost.read += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _shape(plan: dict[str, Any]) -> str:
    inner = ", ".join(_shape(each) for each in plan.get("Plans", []))
    through = plan.get("Index Name") or plan.get("Relation Name") or ""
    return " ".join(part for part in (plan["Node Type"], through, f"({inner})" if inner else "") if part)


def _rows(plan: dict[str, Any]) -> int:
    mine = int((plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"])
    return mine + sum(_rows(each) for each in plan.get("Plans", []))


def steps(connection: Connection, work: Work, every: int = 1) -> int:
    """The steps of SQLite's virtual machine: *every* so many calls back."""
    driver, counted = connection.connection.driver_connection, 0
    assert driver is not None  # noqa: S101  # it is connected

    def step() -> int:
        nonlocal counted
        counted += every
        return 0

    driver.set_progress_handler(step, every)
    work(connection)
    driver.set_progress_handler(None, 1)
    return counted


def main(arguments: Sequence[str]) -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.ticks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the tickets")
    many = Heap(100_000, 2_000) if parser.parse_args(arguments).small else MANY
    with tempfile.TemporaryDirectory(prefix="loket-ticks-") as folder, running_postgres() as postgres:
        for kind in ("SQLite", "PostgreSQL"):
            found = []
            for heap in (FEW, many):
                place = Path(folder) / f"{kind}{heap.open}"
                place.mkdir()
                name = f"ticks{heap.open}"
                url = f"sqlite:///{place}/loket.db" if kind == "SQLite" else postgres.make(name)
                found.append(measured(with_tables(url, place), place, heap))
            print(markdown(kind, many, *found))


def measured(url: str, folder: Path, heap: Heap) -> dict[str, Cost]:
    """The costs in a fresh database at *url*, filled with *heap*."""
    database = Database(url, folder)
    began = time.monotonic()
    with database.write() as connection:
        fill(connection, heap)
    with database.engine.connect() as connection:
        settle(connection)
    print(f"{heap} filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
    found = costs(database)
    database.close()
    return found


def markdown(kind: str, many: Heap, small: dict[str, Cost], big: dict[str, Cost]) -> str:
    """The two desks beside each other, as a table."""
    what = "steps" if kind == "SQLite" else "pages"
    lines = [
        f"### On {kind}",
        "",
        f"| what | {what}, 1,000 tickets | {many.closed + many.open:,} | ratio | time, ratio | same plan |",
        "| --- | --: | --: | --: | --: | --- |",
    ]
    for name, few in small.items():
        much = big[name]
        ratio, took = much.read / max(few.read, 1), much.took / few.took
        same = "yes" if few.plans == much.plans else "**no**"
        lines.append(f"| {name} | {few.read} | {much.read} | {ratio:.2f} | {took:.2f} | {same} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main(sys.argv[1:])
