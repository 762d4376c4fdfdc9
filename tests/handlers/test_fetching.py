"""Fetching from a real Dovecot into both databases: every mail once, whatever breaks off on the way."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.email.attentive import AttentiveClient
from channels.email.faults import MailboxAway
from channels.email.imap import open_mailbox
from handlers.mailroom import fetching
from handlers.mailroom.fetching import Trouble, walk
from handlers.mailroom.room import Mailroom
from handlers.runtime import Runtime
from storage.columns import AnyRow
from tests.dovecot import Dovecot, new_user, running_dovecot
from tests.mailboxes import BOX, OFFICE, config_of, contents, fetch_once, kept, mail, reading, state
from tests.wire import wire_to

AT = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
LARGE = 2 * 1024 * 1024


@pytest.fixture
def user() -> str:
    """A mailbox of its own for each test."""
    return new_user()


@pytest.fixture
def runtime(database_url: str, tmp_path: Path, dovecot: Dovecot, user: str) -> Iterator[Runtime]:
    """A desk whose mailbox is *user*'s, and which moves what it keeps to ``Diproses``."""
    with reading(tmp_path, database_url, user, dovecot.port) as wired:
        yield wired


def uids(rows: list[AnyRow]) -> list[int]:
    """The UIDs of *rows*."""
    return [row.uid for row in rows]


def test_new_mails_are_kept_as_they_are_and_moved(runtime: Runtime, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, [mail(1), mail(2, 70_000)], at=AT)
    assert fetch_once(runtime) == 2
    small, large = kept(runtime)
    assert (small.mailbox, small.office, small.uid, small.raw) == (BOX, OFFICE, 1, mail(1))
    assert (small.size, small.whole, small.received_at, small.intake) == (len(mail(1)), True, AT, "pending")
    assert small.sha256 == hashlib.sha256(mail(1)).hexdigest()
    assert large.raw is None
    assert runtime.files.get(large.sha256) == mail(2, 70_000)
    assert all(row.moved_at is not None for row in (small, large))
    assert dovecot.mails(user) == {}
    assert list(dovecot.mails(user, "Diproses").values()) == [mail(1), mail(2, 70_000)]
    assert fetch_once(runtime) == 0
    dovecot.put(user, [mail(3)])
    assert fetch_once(runtime) == 1
    assert state(runtime).last_uid == 3


def test_without_a_folder_to_move_to_nothing_is_touched(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, [mail(1), mail(2)])
    with reading(tmp_path, database_url, user, dovecot.port, processed=None) as runtime:
        assert [fetch_once(runtime), fetch_once(runtime)] == [2, 0]
        dovecot.put(user, [mail(3)])
        assert fetch_once(runtime) == 1
        assert uids(kept(runtime)) == [1, 2, 3]
    assert dovecot.flags(user) == {1: set(), 2: set(), 3: set()}
    assert dovecot.folders(user) == ["INBOX", "Sent"]


def test_what_was_left_is_moved_once_a_folder_is_named(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, [mail(1), mail(2)])
    with reading(tmp_path, database_url, user, dovecot.port, processed=None) as runtime:
        fetch_once(runtime)
    with reading(tmp_path, database_url, user, dovecot.port) as runtime:
        assert fetch_once(runtime) == 0
    assert list(dovecot.mails(user, "Diproses").values()) == [mail(1), mail(2)]


def test_many_mails_come_in_batches(runtime: Runtime, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, [mail(number) for number in range(450)])
    with open_mailbox(runtime.mailboxes[BOX]) as opened:
        assert list(walk(runtime, BOX, opened, Trouble())) == [100, 100, 100, 100, 50]
    assert contents(runtime) == [mail(number) for number in range(450)]
    assert dovecot.mails(user) == {}
    assert len(dovecot.mails(user, "Diproses")) == 450


def test_batches_are_bounded_by_bytes_too(
    runtime: Runtime, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "HEAVIEST", 250_000)
    dovecot.put(user, [mail(number, 100_000) for number in range(5)])
    with open_mailbox(runtime.mailboxes[BOX]) as opened:
        assert list(walk(runtime, BOX, opened, Trouble())) == [2, 2, 1]


def test_of_a_mail_beyond_the_limit_only_the_beginning_is_kept(
    runtime: Runtime, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, [mail(1), mail(2, LARGE), mail(3)])
    assert fetch_once(runtime) == 3
    before, large, after = kept(runtime)
    assert (before.whole, large.whole, after.whole) == (True, False, True)
    assert large.size == len(mail(2, LARGE))
    beginning = contents(runtime)[1]
    assert mail(2, LARGE).startswith(beginning)
    assert 64 * 1024 <= len(beginning) < 66 * 1024
    assert [len(each) for each in dovecot.mails(user, "Diproses").values()] == [
        len(mail(1)),
        len(mail(2, LARGE)),
        len(mail(3)),
    ]


def test_when_the_server_counts_anew_all_is_walked_again(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, [mail(1), mail(2), mail(3)])
    with reading(tmp_path, database_url, user, dovecot.port, processed=None) as runtime:
        fetch_once(runtime)
        before = state(runtime)
        dovecot.renew(user)
        dovecot.put(user, [mail(4)])
        assert fetch_once(runtime) == 4
        assert state(runtime).uidvalidity != before.uidvalidity
        assert state(runtime).last_uid == 4
        # The same three again: their turn files them as copies, by their bytes.
        shas = [row.sha256 for row in kept(runtime)]
        assert shas[:3] == shas[3:6]
        assert all(row.moved_at for row in kept(runtime)[:3])
        assert fetch_once(runtime) == 0


def test_when_the_server_counts_anew_and_nothing_is_there(
    runtime: Runtime, dovecot: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    dovecot.put(user, [mail(1)])
    fetch_once(runtime)
    dovecot.renew(user)
    assert [fetch_once(runtime), fetch_once(runtime)] == [0, 0]
    assert state(runtime).last_uid == 0
    assert len([record for record in caplog.records if "counts its mails anew" in record.message]) == 1


def test_mails_that_vanish_on_the_way_are_passed_over(runtime: Runtime, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, [mail(number) for number in range(250)])
    with open_mailbox(runtime.mailboxes[BOX]) as opened:
        steps = walk(runtime, BOX, opened, Trouble())
        assert next(steps) == 100
        with dovecot.client(user) as other:
            other.select_folder("INBOX")
            other.delete_messages([*range(120, 140), 220, 250])
            other.expunge()
        assert list(steps) == [80, 48]
    gone = {*range(120, 140), 220, 250}
    assert uids(kept(runtime)) == [uid for uid in range(1, 251) if uid not in gone]
    assert dovecot.mails(user) == {}
    assert fetch_once(runtime) == 0


@contextmanager
def child(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that fetches."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fetcher", str(config)], stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("word", "heard", "kept_before"),
    [(b"BODY.PEEK[]", True, 0), (b"UID MOVE", False, 3), (b"UID MOVE", True, 3)],
    ids=["before the commit", "before the move", "after the move"],
)
def test_killed_on_the_way(
    word: bytes, heard: bool, kept_before: int, database_url: str, tmp_path: Path, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, [mail(1), mail(2), mail(3)])
    with wire_to(dovecot.port) as wire:
        wire.stop_at(word, heard=heard)
        config = config_of(tmp_path, database_url, user, wire.port, "Diproses")
        with child(config) as process:
            assert wire.stopped.wait(120)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    with reading(tmp_path, database_url, user, dovecot.port) as runtime:
        assert uids(kept(runtime)) == [1, 2, 3][:kept_before]
        assert all(row.moved_at is None for row in kept(runtime))
        assert fetch_once(runtime) == 3 - kept_before
        assert contents(runtime) == [mail(1), mail(2), mail(3)]
        assert all(row.moved_at is not None for row in kept(runtime))
    assert dovecot.mails(user) == {}
    assert list(dovecot.mails(user, "Diproses").values()) == [mail(1), mail(2), mail(3)]


def test_a_mail_that_stands_in_both_folders_is_kept_once(
    runtime: Runtime, dovecot: Dovecot, user: str
) -> None:
    """As a server leaves it that was killed in the middle of a move."""
    dovecot.put(user, [mail(1), mail(2)])
    dovecot.put(user, [mail(1)], "Diproses")
    assert fetch_once(runtime) == 2
    assert fetch_once(runtime) == 0
    assert contents(runtime) == [mail(1), mail(2)]
    assert dovecot.mails(user) == {}


def test_killed_servers_lose_nothing_and_double_nothing(database_url: str, tmp_path: Path, user: str) -> None:
    with running_dovecot(fsync="optimized") as server:
        server.put(user, [mail(number) for number in range(450)])
        with reading(tmp_path, database_url, user, server.port) as runtime:
            for batches in (1, 2):
                with pytest.raises(MailboxAway):
                    _fetch_until_killed(runtime, server, batches)
                server.start()
            while fetch_once(runtime):
                pass
            assert contents(runtime) == [mail(number) for number in range(450)]
            assert server.mails(user) == {}
            assert set(server.mails(user, "Diproses").values()) == {mail(number) for number in range(450)}


def _fetch_until_killed(runtime: Runtime, server: Dovecot, batches: int) -> None:
    with open_mailbox(runtime.mailboxes[BOX]) as opened:
        for number, _ in enumerate(walk(runtime, BOX, opened, Trouble()), 1):
            if number == batches:
                server.kill()


def test_a_folder_that_can_not_be_made_does_not_stop_fetching(
    database_url: str, tmp_path: Path, user: str
) -> None:
    with running_dovecot() as server:
        server.put(user, [mail(number) for number in range(150)])
        wanted = "x" * 300  # longer than any name may be
        with reading(tmp_path, database_url, user, server.port, processed=wanted) as runtime:
            for _ in range(2):
                with pytest.raises(MailboxAway):
                    fetch_once(runtime)
            assert uids(kept(runtime)) == list(range(1, 151))
        with reading(tmp_path, database_url, user, server.port) as runtime:
            fetch_once(runtime)
        assert len(server.mails(user, "Diproses")) == 150


def test_a_mail_that_breaks_the_session_each_time_stops_only_itself(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str
) -> None:
    """One mail holds a word at which a broken proxy hangs up, wherever in the mail it stands."""
    poisoned = mail(2, 100_000) + b"POISON\r\n"
    dovecot.put(user, [mail(1), poisoned, mail(3)])
    trouble = Trouble()
    for _ in range(6):
        with wire_to(dovecot.port) as wire:
            wire.cut_at(b"POISON")
            with reading(tmp_path, database_url, user, wire.port) as runtime:
                try:
                    with open_mailbox(runtime.mailboxes[BOX]) as opened:
                        list(walk(runtime, BOX, opened, trouble))
                except MailboxAway:
                    continue
                break
    with reading(tmp_path, database_url, user, dovecot.port) as runtime:
        assert uids(kept(runtime)) == [1, 2, 3]
        assert [row.whole for row in kept(runtime)] == [True, False, True]
        beginning = contents(runtime)[1]
        assert poisoned.startswith(beginning)
        assert len(beginning) > 60_000
        assert fetch_once(runtime) == 0
    assert trouble == Trouble()


def test_a_mail_of_which_nothing_can_be_had_is_at_least_shown(
    database_url: str, tmp_path: Path, dovecot: Dovecot, user: str
) -> None:
    dovecot.put(user, [mail(1), b"POISON: x\r\n" + mail(2)])
    trouble, sessions = Trouble(), 0
    with wire_to(dovecot.port) as wire, reading(tmp_path, database_url, user, wire.port) as runtime:
        wire.cut_at(b"POISON")
        while len(kept(runtime)) < 2:
            sessions += 1
            assert sessions < 10
            try:
                with open_mailbox(runtime.mailboxes[BOX]) as opened:
                    list(walk(runtime, BOX, opened, trouble))
            except MailboxAway:
                continue
        assert [row.whole for row in kept(runtime)] == [True, False]
        assert contents(runtime)[1] == b""
        assert kept(runtime)[1].size > 0


def test_what_lay_there_before_is_never_answered_not_even_when_the_server_counts_anew(
    database_url: str, tmp_path: Path, dovecot: Dovecot
) -> None:
    user = new_user()
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    dovecot.put(user, [mail(1), mail(2)], at=long_ago)
    with reading(tmp_path, database_url, user, dovecot.port, start="new") as runtime:
        assert fetch_once(runtime) == 0
        dovecot.put(user, [mail(3)])
        assert fetch_once(runtime) == 1
        dovecot.renew(user)
        fetch_once(runtime)
        rows = kept(runtime)
        assert [row.kind for row in rows if row.received_at == long_ago] == ["old", "old"]
        room = Mailroom(runtime)
        room.handle(BOX)
        room.close()
        ends = [(row.intake, row.kind) for row in kept(runtime)]
        assert sorted(ends) == [("filed", "old"), ("filed", "old"), ("handled", "personal")]
    assert len(dovecot.mails(user)) == 2


@pytest.mark.parametrize("before", [0, 2])
def test_a_server_that_does_not_say_how_the_next_mail_is_called(
    database_url: str,
    tmp_path: Path,
    dovecot: Dovecot,
    user: str,
    before: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Some leave UIDNEXT out: what lies there already is left alone all the same."""
    select = AttentiveClient.select_folder

    def without(client: AttentiveClient, *told: Any, **how: Any) -> dict[bytes, Any]:
        return {name: said for name, said in select(client, *told, **how).items() if name != b"UIDNEXT"}

    monkeypatch.setattr(AttentiveClient, "select_folder", without)
    dovecot.put(user, [mail(number) for number in range(before)])
    with reading(tmp_path, database_url, user, dovecot.port, start="new") as runtime:
        assert fetch_once(runtime) == 0
        dovecot.put(user, [mail(before)])
        assert fetch_once(runtime) == 1
        assert state(runtime).last_uid == before + 1
