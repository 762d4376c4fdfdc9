"""A demo that starts again shows what its phones showed, and skips no time while something is on its way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from channels.simulator import LocalTwilio
from handlers import delivery, jobs
from handlers.demo import moving, past
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


def test_time_is_skipped_when_what_is_being_sent_has_arrived(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "run_all", lambda _runtime: None)
    monkeypatch.setattr(moving, "_MOST_LOOKS", 5000)
    desk.mails("Mohon data inflasi Kolaka Timur 2024 untuk skripsi.")
    (leaving,) = delivery.claim(desk.runtime, "email")
    skipped: list[timedelta] = []
    time = SimpleNamespace(forward=skipped.append)
    demo = SimpleNamespace(clock=desk.clock, database=desk.runtime.database, time=time)
    with ThreadPoolExecutor(1) as pool:
        moved = pool.submit(moving.forward, cast("DemoRuntime", demo), timedelta(hours=1))
        with pytest.raises(TimeoutError):
            moved.result(0.3)
        assert skipped == []
        delivery.deliver(desk.runtime, leaving)
        moved.result(60)
    assert skipped == [timedelta(hours=1)]
