"""How long a search takes among 20,000 titles: ``python -m bench.searching``.

The same searches on SQLite and on PostgreSQL, each asked several times; what they find is compared, too.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from bench import titles
from bench.databases import running_postgres, with_tables
from storage import catalogue_search
from storage.catalogue_search import Hit
from storage.catalogue_terms import query_of
from storage.db import Database

ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Run:
    """One database: seconds to fill it, milliseconds of every search, and what each search found."""

    filled: float
    took: tuple[float, ...]
    found: tuple[tuple[Hit, ...], ...]


def measured(database: Database, rounds: int = ROUNDS) -> Run:
    """Fill *database* and search it."""
    filled = _seconds(lambda: titles.fill(database))
    took: list[float] = []
    found: list[tuple[Hit, ...]] = []
    with database.read() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("ANALYZE catalogue_item")
        for _ in range(rounds):
            found = []
            for said, _ in titles.MEANT:
                began = time.perf_counter()
                found.append(catalogue_search.search(connection, said, titles.OFFICES, "Kotabaru"))
                took.append((time.perf_counter() - began) * 1000)
    return Run(filled, tuple(took), tuple(found))


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def markdown(runs: dict[str, Run]) -> str:
    """A table, and whether all found the same."""
    head = "| database | fill, s | search p50 ms | p95 ms | slowest ms |"
    rows = [
        f"| {name} | {run.filled:.1f} | {median(run.took):.1f} | {quantiles(run.took, n=20)[-1]:.1f}"
        f" | {max(run.took):.1f} |"
        for name, run in runs.items()
    ]
    same = len({run.found for run in runs.values()}) == 1
    reading = _seconds(lambda: [query_of(said) for said, _ in titles.MEANT]) * 1000 / len(titles.MEANT)
    found = "the same" if same else "**not** the same"
    told = f"{titles.SIZE:,} titles, {len(titles.MEANT)} searches, all found {found};"
    told += f" reading what was written took {reading:.2f} ms of each."
    return "\n".join([head, "| --- | --: | --: | --: | --: |", *rows, "", told])


def main(_words: Sequence[str]) -> None:
    """Measure both and print a table."""
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as name, running_postgres() as postgres:
        folder = Path(name)
        urls = {"SQLite": f"sqlite:///{folder / 'loket.db'}", "PostgreSQL": postgres.make("searching")}
        for label, url in urls.items():
            with_tables(url, folder / label)
            database = Database(url, folder / label)
            runs[label] = measured(database)
            database.close()
    print(markdown(runs))


if __name__ == "__main__":
    main(sys.argv[1:])
