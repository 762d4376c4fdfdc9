"""A tick in which nothing is due costs a hub of many offices no more than a single office."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from handlers import jobs
from tests.driver import Desk


@contextmanager
def heard(desk: Desk) -> Iterator[list[str]]:
    """The statements that the desk executes within the block."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, text: str, *_: object) -> None:
        said.append(text)

    engine = desk.runtime.database.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_a_hundred_more_offices_cost_no_statement(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.writes("halo")
    desk.settle()
    with heard(desk) as before:
        jobs.run_all(desk.runtime)
    offices = desk.runtime.settings.offices
    for number in range(100):
        code = f"99{number:02}"
        monkeypatch.setitem(offices, code, replace(offices["7411"], code=code))
    with heard(desk) as after:
        jobs.run_all(desk.runtime)
    assert len(after) == len(before) > 10
