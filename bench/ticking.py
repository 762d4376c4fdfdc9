"""What a tick asks the database, as Loket asks it and as plain SQL on the driver."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time

from bench.heap import NOON, Heap, fill, settle
from bench.rawpages import asking
from storage import timers
from storage.db import Database

DUE = "SELECT conversation_id, kind FROM timer WHERE due_at <= ? ORDER BY due_at LIMIT 50"
TIMES = 300


@dataclass(frozen=True, slots=True)
class Run:
    """Ticks a second, and milliseconds of each."""

    rate: float
    p50: float
    p99: float
    cpu: float


def measured(address: str, folder: Path, heap: Heap, times: int = TIMES) -> tuple[Run, Run]:
    """Loket's look at what is due, and the floor's, on a fresh desk filled with *heap*."""
    database = Database(address, folder)
    with database.write() as connection:
        fill(connection, heap)
    with database.engine.connect() as connection:
        settle(connection)
    ask, now = asking(address), str(NOON.replace(tzinfo=None)) if database.is_sqlite else NOON

    def tick() -> None:
        with database.read() as connection:
            timers.due(connection, NOON)

    runs = _run(tick, times), _run(lambda: ask(DUE, [now]), times)
    database.close()
    return runs


def _run(work: Callable[[], object], times: int) -> Run:
    took, used = [], process_time()
    for _ in range(times):
        began = perf_counter()
        work()
        took.append((perf_counter() - began) * 1000)
    cpu = (process_time() - used) * 1000 / times
    cuts = quantiles(took, n=100)
    return Run(1000 * times / sum(took), cuts[49], cuts[98], cpu)
