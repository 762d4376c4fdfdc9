"""What a tick reads does not grow with what is stored: the same plans, and the same steps and pages.

``make stress`` fills a million closed tickets, as ``python -m bench.ticks`` does; an ordinary run some fewer.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.heap import Heap
from bench.ticks import FEW, MANY, WORK, Cost, markdown, measured
from storage.timers import TIMER
from tests.databases import Postgres, SqliteTemplate

MORE = Heap(closed=20_000, open=2_000)
Fresh = Callable[[str], tuple[str, Path]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Makes an empty database of that name."""

    def make(name: str) -> tuple[str, Path]:
        folder = tmp_path / name
        folder.mkdir()
        if request.param == "sqlite":
            template: SqliteTemplate = request.getfixturevalue("sqlite_template")
            return template.copy(folder), folder
        server: Postgres = request.getfixturevalue("postgres")
        return server.copy(), folder

    return make


def grown(small: dict[str, Cost], big: dict[str, Cost]) -> list[str]:
    """What has another plan in the big desk, or reads more than a fifth more."""
    found = []
    for name, few in small.items():
        much = big[name]
        if few.plans != much.plans:
            found.append(f"{name}: {few.plans} became {much.plans}")
        if much.read > few.read * 1.2 or much.rows > few.rows * 1.2:
            found.append(f"{name}: {few.read} became {much.read}, {few.rows} rows {much.rows}")
    return found


def test_a_tick_reads_no_more_of_a_big_desk(fresh: Fresh) -> None:
    small, big = (measured(*fresh(str(heap.open)), heap) for heap in (FEW, MORE))
    assert grown(small, big) == []
    assert max(big["what is due"].read, big["what is due"].rows) >= MORE.due


@pytest.mark.stress
@pytest.mark.timeout(1100)
def test_nor_of_one_with_a_million_tickets(fresh: Fresh) -> None:
    small, big = (measured(*fresh(str(heap.open)), heap) for heap in (FEW, MANY))
    print(markdown("both", MANY, small, big))  # noqa: T201
    assert grown(small, big) == []


def test_a_statement_that_reads_a_table_is_told(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = TIMER.select().where(TIMER.c.tries > 5)
    monkeypatch.setattr("bench.ticks.WORK", {"all": lambda connection: connection.execute(whole).all()})
    small, big = (measured(*fresh(str(heap.open)), heap) for heap in (Heap(0, 300), Heap(0, 900)))
    assert len(grown(small, big)) == 1
    assert "all" not in WORK
