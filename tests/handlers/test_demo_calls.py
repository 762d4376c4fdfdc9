"""The phones of a demo that starts again show what they showed: a call, and what it released later."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from channels.simulator import LocalTwilio
from handlers.demo import past
from handlers.demo.desk import DemoRuntime
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, PUBLIC_URL, SID, TOKEN, Desk, running_desk


@pytest.fixture
def desk(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose database makes no difference."""
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


def test_a_call_and_a_late_answer_come_back(desk: Desk) -> None:
    desk.approves()
    desk.writes("petugas")
    desk.settle()
    desk.clock.forward(days=2)
    desk.replies("Jawaban kami")
    for _ in range(3):
        desk.settle()
    desk.clock.forward(hours=1)
    desk.writes("ya")
    shown = desk.heard()
    assert len(shown) == 3
    fresh = LocalTwilio(SID, TOKEN, clock=desk.clock, public_url=PUBLIC_URL, desk_url=desk.twilio.desk_url)
    for content in desk.twilio.contents.all():
        fresh.contents.put(content.sid, content.body)
    time = SimpleNamespace(set_to=lambda moment: setattr(desk.clock, "at", moment))
    again = SimpleNamespace(clock=desk.clock, database=desk.runtime.database, twilio=fresh, time=time)
    now = desk.clock()
    past._remember(cast("DemoRuntime", again))
    assert [message.text for message in fresh.phone(CITIZEN)] == shown
    assert desk.clock() == now
    fresh.close()
