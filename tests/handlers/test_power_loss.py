"""Power is lost at any of the desk's writes: the database is whole, and holds what had been answered 200."""

import random
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests import power, storm
from tests.databases import SqliteTemplate
from tests.driver import running_desk
from tests.flushing import IN_SERVICE, prepared, with_synchronous
from tests.tape import Act, Tape, recording

INTAKE = "SELECT external_id FROM message WHERE direction = 'in'"


class Recorded:
    """The desk's files before a day of it, all it did to them, and whom it answered 200."""

    def __init__(
        self,
        template: SqliteTemplate,
        folder: Path,
        citizens: int,
        *,
        clients: int = 1,
        pragmas: Sequence[str] = IN_SERVICE,
    ) -> None:
        url = template.copy(folder)
        self.before = {"loket.db": (folder / "loket.db").read_bytes()}
        self._forms = storm.messages(citizens, 8)
        with (
            prepared(pragmas),
            recording() as tape,
            running_desk(url, folder) as desk,
            ThreadPoolExecutor(clients) as pool,
        ):

            def post(form: dict[str, str]) -> int:
                status = desk.post(form)
                tape.said(form["MessageSid"])
                return status

            answers = list(pool.map(post, self._forms))
            desk.settle()
        assert set(answers) == {200}
        self.tape: Tape = tape
        self.sent = {form["MessageSid"] for form in self._forms}

    @property
    def acts(self) -> list[Act]:
        """All that happened to the files."""
        return self.tape.acts


def after_losses(recorded: Recorded, folder: Path, how_many: int) -> Iterator[tuple[set[str], Path]]:
    """For every cut whom the desk had answered 200, and a folder with what is found afterwards."""
    chance = random.Random(4)  # noqa: S311  # the same cuts every time
    at = power.cuts(recorded.acts, how_many, chance)
    for promised, files in power.after_each(recorded.acts, recorded.before, at, chance):
        power.lay_out(files, folder, chance)
        yield promised, folder
        shutil.rmtree(folder)


def kept(folder: Path) -> list[str]:
    """The messages in the database, which must be whole."""
    with closing(sqlite3.connect(folder / "loket.db")) as found:
        found.execute("PRAGMA synchronous=OFF")  # nothing more gets lost, and closing need not wait
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert found.execute("PRAGMA foreign_key_check").fetchall() == []
        return [row[0] for row in found.execute(INTAKE)]


def expect_nothing_lost(recorded: Recorded, folder: Path, how_many: int) -> None:
    """After each of so many cuts."""
    for promised, place in after_losses(recorded, folder / "found", how_many):
        found = kept(place)
        assert promised <= set(found) <= recorded.sent
        assert len(found) == len(set(found))


@pytest.fixture(scope="module")
def recorded(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """An hour of the desk, with a checkpoint, for which service waits four times as long."""
    sooner = (*IN_SERVICE, "wal_autocheckpoint=1000")
    return Recorded(sqlite_template, tmp_path_factory.mktemp("recorded"), citizens=8, pragmas=sooner)


def test_nothing_promised_is_lost_with_the_power(recorded: Recorded, tmp_path: Path) -> None:
    kinds = {(act.kind, act.name) for act in recorded.acts}
    assert {("write", "loket.db"), ("sync", "loket.db"), ("sync", "loket.db-wal")} <= kinds, "a checkpoint"
    expect_nothing_lost(recorded, tmp_path, 150)


def test_a_desk_goes_on_after_a_loss(recorded: Recorded, tmp_path: Path) -> None:
    """What was accepted and not handled is handled."""
    for promised, place in after_losses(recorded, tmp_path / "found", 3):
        with running_desk(f"sqlite:///{place / 'loket.db'}", place) as desk:
            desk.settle()
            rows = desk.messages("in")
            assert promised <= {row.external_id for row in rows}
            assert {row.intake for row in rows} <= {"handled", "filed"}


def test_without_flushing_it_would_be_noticed(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    """Whether the simulation can fail: with ``synchronous=NORMAL`` a commit is not flushed."""
    recorded = Recorded(sqlite_template, tmp_path, citizens=1, pragmas=with_synchronous("NORMAL"))
    lost = [promised - set(kept(place)) for promised, place in after_losses(recorded, tmp_path / "found", 20)]
    assert any(lost)


@pytest.mark.stress
@pytest.mark.timeout(1100)
def test_thousands_of_losses_under_load(sqlite_template: SqliteTemplate, tmp_path: Path) -> None:
    recorded = Recorded(sqlite_template, tmp_path, citizens=40, clients=8)
    expect_nothing_lost(recorded, tmp_path, 5_000)
