"""SQLite prepares a statement once, however often it is executed: not anew for each set of parameters."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from storage.columns import table, written
from storage.db import Database
from storage.tables import Ticket
from tests.databases import SqliteTemplate
from tests.year.whole import played

TICKET = table(Ticket)


class Watched(Counter[str]):
    """How often each statement was executed; ``prepared``: how often SQLite had to prepare it for that."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: Counter[str] = Counter()
        self._asked = 0

    def connects(self, driver: Any, _record: object) -> None:
        """SQLite asks its authorizer while it prepares, and at no other time."""

        def allow(*_: object) -> int:
            self._asked += 1
            return 0

        driver.set_authorizer(allow)

    def begins(self, *_: object) -> None:
        """A statement is going to be executed."""
        self._asked = 0

    def ends(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        """It was executed."""
        self[statement] += 1
        self.prepared[statement] += self._asked > 0


@contextmanager
def watched() -> Iterator[Watched]:
    """All SQLite databases opened in this block."""
    seen = Watched()
    listeners: dict[str, Callable[..., None]] = {
        "connect": seen.connects,
        "before_cursor_execute": seen.begins,
        "after_cursor_execute": seen.ends,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


@pytest.mark.parametrize("code", ["1905", "7411"])
def test_what_tickets_need_is_prepared_once(
    code: str, sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    with watched() as seen:
        played(code, sqlite_template.copy(tmp_path), tmp_path, 20)
    often = {statement: times for statement, times in seen.items() if times >= 10}
    assert len(often) > 40
    assert [one for one, times in often.items() if seen.prepared[one] > times / 2] == []


def test_a_parameter_in_the_place_of_a_written_word_is_told(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    as_parameter = select(TICKET.c.id).where(TICKET.c.status == "open")
    as_written = select(TICKET.c.id).where(TICKET.c.status == written("open"))
    with watched() as seen:
        database = Database(sqlite_template.copy(tmp_path), tmp_path)
        with database.read() as connection:
            for _ in range(10):
                connection.execute(as_parameter)
                connection.execute(as_written)
        database.close()
    assert sorted(seen.prepared[one] for one, times in seen.items() if times == 10) == [1, 10]


@pytest.mark.parametrize("word", ["it's", "a b", "'", "a;--"])
def test_only_words_of_our_own_are_written(word: str) -> None:
    with pytest.raises(ValueError, match="written"):
        written(word)
