"""Watching mailboxes on a real Dovecot: mails come at once, one watches at a time, and faults are told."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from channels.email.imap import OpenMailbox
from handlers.mailroom import holding, watching
from handlers.mailroom.watching import Watcher
from handlers.runtime import Runtime
from handlers.web.app import create_app
from storage import alarms, mailboxes
from storage.columns import AnyRow
from tests.dovecot import PASSWORD, Dovecot, new_user, running_dovecot
from tests.driver import Clock
from tests.handlers.test_worker import wait_for
from tests.mailboxes import BOX, OFFICE, kept, mail, reading, state
from tests.wire import wire_to

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _long_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens at once happens long before a round of waiting is over, however slow the machine is."""
    monkeypatch.setattr(watching, "SECONDS_OF_WAITING", 250.0)


@pytest.fixture
def user() -> str:
    """A mailbox of its own for each test."""
    return new_user()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock(NOW)


@pytest.fixture
def runtime(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str, clock: Clock
) -> Iterator[Runtime]:
    """A desk whose mailbox is *user*'s."""
    with reading(tmp_path, database_url, user, dovecot.port, clock=clock) as wired:
        yield wired


@contextmanager
def watching_with(runtime: Runtime, handle: Callable[[str], object] = print) -> Iterator[Watcher]:
    """A watcher at work, stopped at the end, long before a round of waiting is over."""
    watcher = Watcher(runtime, handle)
    watcher.start()
    try:
        yield watcher
    finally:
        assert watcher.stop()


def holder_of(runtime: Runtime) -> str:
    """Who holds the lease."""
    with runtime.database.read() as connection:
        row = mailboxes.find(connection, BOX)
    return str(row.lease_owner) if row else ""


def is_healthy(runtime: Runtime) -> bool:
    """Whether it was read to its end, and nothing was wrong since."""
    with runtime.database.read() as connection:
        row = mailboxes.find(connection, BOX)
    return row is not None and row.polled_at is not None and row.failing_since is None


def told(runtime: Runtime) -> list[AnyRow]:
    """The open alarms of the office."""
    with runtime.database.read() as connection:
        return alarms.open_alarms(connection, OFFICE)


def with_password(runtime: Runtime, password: Callable[[], str]) -> Runtime:
    """The desk with another password for its mailbox."""
    return replace(runtime, mailboxes={BOX: replace(runtime.mailboxes[BOX], password=password)})


def test_mails_are_fetched_and_handled_as_they_come(runtime: Runtime, dovecot: Dovecot, user: str) -> None:
    handled: list[int] = []
    dovecot.put(user, [mail(1)])
    with watching_with(runtime, lambda name: handled.append(len(kept(runtime)) if name == BOX else -1)):
        wait_for(lambda: is_healthy(runtime))
        wait_for(lambda: 1 in handled)
        dovecot.put(user, [mail(2)])
        wait_for(lambda: 2 in handled)  # IDLE tells at once
        assert state(runtime).polled_at == NOW
    assert holder_of(runtime) == ""


def test_one_watches_at_a_time_and_another_goes_on(
    runtime: Runtime, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SECONDS_TO_LOOK_AGAIN", 0.1)
    handled: list[str] = []
    with watching_with(runtime, lambda _: handled.append("first")):
        wait_for(lambda: "first" in handled)
        first = holder_of(runtime)
        with watching_with(runtime, lambda _: handled.append("second")):
            dovecot.put(user, [mail(1)])
            wait_for(lambda: len(kept(runtime)) == 1)
            assert holder_of(runtime) == first
            assert "second" not in handled
    with watching_with(runtime, lambda _: handled.append("third")):
        wait_for(lambda: "third" in handled)


def test_a_lease_that_lapsed_is_taken_over(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SECONDS_TO_LOOK_AGAIN", 0.1)
    with runtime.database.write() as connection:
        assert mailboxes.take(connection, BOX, "other-machine.1.2.3.4", clock())
    with watching_with(runtime):
        time.sleep(0.5)
        assert holder_of(runtime) == "other-machine.1.2.3.4"
        clock.forward(seconds=91)
        wait_for(lambda: is_healthy(runtime))
        assert holder_of(runtime) != "other-machine.1.2.3.4"


def test_who_lost_the_lease_lets_go(
    runtime: Runtime, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SECONDS_TO_LOOK_AGAIN", 0.1)
    monkeypatch.setattr(holding, "SECONDS_TO_RENEW", 0)
    with watching_with(runtime):
        wait_for(lambda: is_healthy(runtime))
        with runtime.database.write() as connection:
            mailboxes.release(connection, BOX, holder_of(runtime))
            assert mailboxes.take(connection, BOX, "other-machine.1.2.3.4", runtime.clock())
        dovecot.put(user, [mail(1)])
        time.sleep(1.5)
        assert holder_of(runtime) == "other-machine.1.2.3.4"
    assert holder_of(runtime) == "other-machine.1.2.3.4"


def test_the_lease_of_a_process_that_was_killed_is_taken_at_once(runtime: Runtime) -> None:
    says = "from handlers.mailroom.holding import holder; print(holder(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", says], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert not holding.is_dead(name)
        with runtime.database.write() as connection:
            assert mailboxes.take(connection, BOX, name, runtime.clock())
        process.kill()
    assert holding.is_dead(name)
    with watching_with(runtime):
        wait_for(lambda: is_healthy(runtime))


@pytest.mark.parametrize(
    "name", ["", "x", "a.b.c.d.e", "1.2.3.4", pytest.param(holding.holder(), id="this process")]
)
def test_nobody_is_taken_for_dead_without_proof(name: str) -> None:
    assert not holding.is_dead(name)


def test_a_process_that_took_the_number_of_another_is_not_that_one() -> None:
    home, room, pid, _, word = holding.holder().split(".")
    assert holding.is_dead(f"{home}.{room}.{pid}.1.{word}")
    assert not holding.is_dead(f"{home}.9{room}.{pid}.1.{word}"), "another room counts anew"


def test_a_refused_sign_in_is_tried_three_times_and_told(
    database_url: str, tmp_path: Path, user: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "pause", lambda _times: 0.05)
    passwords = ["salah"]
    with (
        running_dovecot() as server,
        reading(tmp_path, database_url, user, server.port, clock=clock) as wired,
    ):
        runtime = with_password(wired, lambda: passwords[-1])
        with watching_with(runtime):
            wait_for(lambda: told(runtime))
            wait_for(lambda: server.log().count("auth failed, 1 attempts") >= 3)
            time.sleep(0.5)
            assert state(runtime).failures == 3
            assert server.log().count("auth failed, 1 attempts") == 3
        (alarm,) = told(runtime)
        assert (alarm.key, alarm.what, alarm.about["mailbox"]) == ("mailbox:pst", "mailbox_refused", BOX)
        assert "AUTHENTICATIONFAILED" in alarm.about["error"]
        passwords.append(PASSWORD)
        with watching_with(runtime):
            wait_for(lambda: is_healthy(runtime))
            assert told(runtime) == []


def test_a_server_that_is_away_is_told_of_when_it_lasts(
    database_url: str, tmp_path: Path, user: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "pause", lambda _times: 0.05)
    with (
        running_dovecot(started=False) as server,
        reading(tmp_path, database_url, user, server.port, clock=clock) as runtime,
        watching_with(runtime),
    ):
        wait_for(lambda: holder_of(runtime) and state(runtime).failures >= 2)
        assert "ConnectionRefused" in state(runtime).error
        assert state(runtime).failing_since == NOW
        assert told(runtime) == []
        clock.forward(minutes=10)
        wait_for(lambda: told(runtime))
        (alarm,) = told(runtime)
        assert alarm.what == "mailbox_away"
        server.put(user, [mail(1)])
        server.start()
        wait_for(lambda: is_healthy(runtime))
        assert told(runtime) == []
        assert len(kept(runtime)) == 1
        assert (state(runtime).failures, state(runtime).error) == (0, "")


def test_a_server_that_ends_a_session_now_and_then_is_not_failing(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SHORTEST_SESSION", 0.2)
    waiting, wait = threading.Event(), OpenMailbox.wait

    def told_of(self: OpenMailbox, seconds: float, stopping: threading.Event) -> bool:
        waiting.set()
        return wait(self, seconds, stopping)

    monkeypatch.setattr(OpenMailbox, "wait", told_of)
    with (
        wire_to(dovecot.port) as wire,
        reading(tmp_path, database_url, user, wire.port) as runtime,
        watching_with(runtime),
    ):
        assert waiting.wait(60)
        time.sleep(0.5)
        wire.cut()
        dovecot.put(user, [mail(1)])
        wait_for(lambda: len(kept(runtime)) == 1)
        assert state(runtime).failures == 0


def test_a_bug_in_handling_keeps_no_mail_from_being_fetched(
    runtime: Runtime, dovecot: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_name: str) -> None:
        raise ValueError("rahasia warga")

    dovecot.put(user, [mail(1)])
    with watching_with(runtime, broken):
        wait_for(lambda: is_healthy(runtime))
        dovecot.put(user, [mail(2)])
        wait_for(lambda: len(kept(runtime)) == 2)
        wait_for(lambda: "ValueError at test_watching.py" in caplog.text)
    assert "rahasia" not in caplog.text


def test_a_database_that_is_away_for_a_moment(
    runtime: Runtime, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = [OperationalError("x", {}, Exception("x")), RuntimeError("x")]
    polled = mailboxes.polled

    def unreliable(*arguments: Any) -> bool:
        if faults:
            raise faults.pop()
        return polled(*arguments)

    monkeypatch.setattr(mailboxes, "polled", unreliable)
    monkeypatch.setattr(watching, "SECONDS_TO_LOOK_AGAIN", 0.1)
    dovecot.put(user, [mail(1)])
    with watching_with(runtime):
        wait_for(lambda: is_healthy(runtime))
    assert faults == []


def test_a_mailbox_that_no_office_owns_is_left_alone(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    with reading(tmp_path, database_url, user, dovecot.port, owned=False) as runtime, watching_with(runtime):
        assert holder_of(runtime) == ""
    assert "no office owns its address" in caplog.text


def test_rests_grow_and_differ() -> None:
    assert all(2 ** (times - 1) * 0.7 < watching.pause(times) <= 2 ** (times - 1) for times in range(1, 9))
    assert all(200 < watching.pause(times) <= 300 for times in (10, 1000))
    assert len({watching.pause(10) for _ in range(20)}) > 1


def test_readyz_names_a_mailbox_that_nobody_reads(runtime: Runtime, clock: Clock) -> None:
    client = create_app(runtime).test_client()

    def unread() -> list[str]:
        answer = client.get("/readyz", environ_base={"REMOTE_ADDR": "127.0.0.1"})
        assert answer.status_code == 200
        return list(answer.get_json()["unread_mailboxes"])

    assert unread() == [BOX]
    with watching_with(runtime):
        wait_for(lambda: is_healthy(runtime))
        assert unread() == []
    clock.forward(minutes=10)
    assert unread() == []
    clock.forward(seconds=1)
    assert unread() == [BOX]
