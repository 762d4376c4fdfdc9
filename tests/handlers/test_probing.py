"""The heartbeat: a mail to ourselves that comes back, or an alarm."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from channels.email.imap import open_mailbox
from handlers import compose, worker
from handlers.mailroom import handling, probing
from handlers.mailroom.fetching import fetch
from handlers.mailroom.reading import Reader
from handlers.runtime import Runtime
from handlers.settings import load
from storage import alarms, mailboxes, probes
from storage.columns import AnyRow, table
from storage.mail_tables import Mail
from tests.dovecot import Dovecot
from tests.driver import Clock
from tests.handlers.test_worker import wait_for
from tests.mail_host import MailHost, environment, running_mail_host, write_config

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


class Heart:
    """A desk with one mailbox, whose clock stands still, and what its worker and its watcher would do."""

    def __init__(self, runtime: Runtime, host: MailHost, clock: Clock) -> None:
        self.runtime, self.host, self.clock = runtime, host, clock
        self.since = clock()
        self._reader = Reader(handling.ours(runtime))

    def beats(self, **time: float) -> None:
        """So much time goes by, then the worker's tick."""
        self.clock.forward(**time)
        probing.beat(self.runtime, self.since)

    def reads(self) -> None:
        """The mailbox is read to its end."""
        with open_mailbox(self.runtime.mailboxes["koltim"]) as opened:
            fetch(self.runtime, "koltim", opened)
        handling.handle_waiting(self.runtime, self._reader, "koltim")

    def alarms(self) -> list[str]:
        """What people are told now."""
        with self.runtime.database.read() as connection:
            return [row.what for row in alarms.open_alarms(connection, "7411")]

    def last(self) -> AnyRow | None:
        """The latest probe."""
        with self.runtime.database.read() as connection:
            return probes.last(connection, "koltim")

    def kept(self) -> int:
        """How many mails the desk keeps."""
        with self.runtime.database.read() as connection:
            return len(connection.execute(select(table(Mail).c.id)).all())

    def close(self) -> None:
        """End the reader's child, and give everything back."""
        self._reader.close()
        self.runtime.database.close()


@contextmanager
def heart(folder: Path, database_url: str, dovecot: Dovecot, **box: Any) -> Iterator[Heart]:
    with running_mail_host(dovecot) as host:
        mailbox = host.mailbox(**box)
        mailbox["imap"] = {**mailbox["imap"], "start": "all"}
        config = write_config(folder, {"koltim": mailbox}, database_url)
        clock = Clock(START)
        beating = Heart(compose.compose(load(config, {}), environment(), clock=clock), host, clock)
        try:
            yield beating
        finally:
            beating.close()


def test_a_probe_goes_round_and_leaves_no_trace(tmp_path: Path, database_url: str, dovecot: Dovecot) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.beats(seconds=59)
        assert desk.host.taken == []
        desk.beats(seconds=1)
        assert len(desk.host.taken) == 1
        desk.clock.forward(seconds=4)
        desk.reads()
        assert desk.kept() == 1
        desk.beats(seconds=30)
        row = desk.last()
        assert row is not None
        assert (row.probe, (row.probe_seen_at - row.probe_sent_at).total_seconds()) == ("", 4)
        assert (desk.kept(), dovecot.mails(desk.host.user), desk.alarms()) == (0, {}, [])


def test_the_next_one_leaves_when_its_time_has_come(
    tmp_path: Path, database_url: str, dovecot: Dovecot
) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        for minutes, sent in ((1, 1), (1, 1), (28, 1), (1, 2), (29, 2), (1, 3)):
            desk.beats(minutes=minutes)
            desk.reads()
            assert len(desk.host.taken) == sent
        assert desk.alarms() == []


def test_one_that_stays_away_raises_one_alarm_and_its_return_settles_it(
    tmp_path: Path, database_url: str, dovecot: Dovecot
) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.host.loses = True
        desk.beats(minutes=1)
        desk.reads()
        desk.beats(minutes=14)
        assert desk.alarms() == []
        desk.beats(minutes=1)
        desk.beats(minutes=1)
        assert desk.alarms() == ["mail_probe"]
        desk.host.loses = False
        desk.beats(minutes=14)
        desk.reads()
        desk.beats(minutes=1)
        assert desk.alarms() == []
        with desk.runtime.database.read() as connection:
            (row,) = connection.execute(alarms.ALARM.select()).all()
        assert (row.times, row.about) == (1, {"mailbox": "koltim"})


def test_a_late_one_settles_its_own_alarm(tmp_path: Path, database_url: str, dovecot: Dovecot) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.beats(minutes=1)
        desk.beats(minutes=15)
        assert desk.alarms() == ["mail_probe"]
        desk.reads()
        desk.beats(seconds=30)
        assert desk.alarms() == []
        assert dovecot.mails(desk.host.user) == {}


def test_one_that_can_not_leave_is_missed_like_one_that_was_lost(
    tmp_path: Path, database_url: str, dovecot: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.host.sender_refused = "550 5.7.1 not today"
        desk.beats(minutes=1)
        assert "mailbox koltim: a mail to ourselves did not leave: sender" in caplog.text
        desk.beats(minutes=15)
        assert desk.alarms() == ["mail_probe"]


def test_after_a_rest_of_the_whole_desk_nobody_is_alarmed_at_once(
    tmp_path: Path, database_url: str, dovecot: Dovecot
) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.beats(minutes=1)
        desk.clock.forward(hours=3)
        desk.since = desk.clock()
        desk.beats(seconds=30)
        assert desk.alarms() == []
        desk.reads()
        desk.beats(seconds=20)
        assert (desk.alarms(), dovecot.mails(desk.host.user)) == ([], {})


def test_a_mailbox_that_can_not_be_read_has_its_own_alarm(
    tmp_path: Path, database_url: str, dovecot: Dovecot
) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.beats(minutes=1)
        with desk.runtime.database.write() as connection:
            mailboxes.failing(connection, "koltim", "the connection broke off", desk.clock())
        desk.beats(minutes=60)
        assert (desk.alarms(), len(desk.host.taken)) == ([], 1)


def test_moved_mails_are_taken_away_too(tmp_path: Path, database_url: str, dovecot: Dovecot) -> None:
    imap = {"host": "127.0.0.1", "port": dovecot.port, "security": "none", "processed": "Loket"}
    with heart(tmp_path, database_url, dovecot, imap=imap) as desk:
        desk.beats(minutes=1)
        desk.reads()
        assert len(dovecot.mails(desk.host.user, "Loket")) == 1
        desk.beats(seconds=30)
        assert dovecot.mails(desk.host.user, "Loket") == {}


def test_no_heart_beats_where_nobody_wants_one(tmp_path: Path, database_url: str, dovecot: Dovecot) -> None:
    with heart(tmp_path, database_url, dovecot, probe_minutes=0) as desk:
        desk.beats(hours=1)
        assert (desk.host.taken, desk.last()) == ([], None)


def test_a_mail_server_that_is_gone_when_the_probe_shall_be_taken_away(
    tmp_path: Path, database_url: str, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with heart(tmp_path, database_url, dovecot) as desk:
        desk.beats(minutes=1)
        desk.reads()
        account = desk.runtime.mailboxes["koltim"]
        monkeypatch.setitem(desk.runtime.mailboxes, "koltim", type(account)("127.0.0.1", "x", 1, "none"))
        desk.beats(seconds=30)
        row = desk.last()
        assert row is not None
        assert (row.probe, desk.alarms()) == ("", [])


def test_a_worker_does_all_of_it_by_itself(
    tmp_path: Path, database_url: str, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_TICKS", (("probes", 0.2),))
    monkeypatch.setattr(probing, "AFTER_START", timedelta(0))
    with heart(tmp_path, database_url, dovecot) as desk:
        at_work = worker.Worker(desk.runtime)
        at_work.start()
        try:
            wait_for(lambda: (row := desk.last()) and row.probe_seen_at and not row.probe)
        finally:
            at_work.stop()
        assert (dovecot.mails(desk.host.user), desk.alarms(), desk.kept()) == ({}, [], 0)
