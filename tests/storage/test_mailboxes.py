"""One reads a mailbox at a time, its cursor only goes on, and its health is told."""

from datetime import UTC, datetime, timedelta

from storage import mailboxes
from storage.db import Database

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
BOX = "pst"


def test_a_lease_has_one_holder(database: Database) -> None:
    with database.write() as connection:
        assert mailboxes.take(connection, BOX, "a", NOW)
        assert not mailboxes.take(connection, BOX, "b", NOW)
        assert mailboxes.take(connection, "ppid", "b", NOW)
        later = NOW + timedelta(seconds=60)
        assert mailboxes.take(connection, BOX, "a", later), "renewed"
        assert not mailboxes.take(connection, BOX, "b", NOW + mailboxes.LEASE)
        lapsed = later + mailboxes.LEASE + timedelta(seconds=1)
        assert mailboxes.take(connection, BOX, "b", lapsed)
        assert not mailboxes.take(connection, BOX, "a", lapsed)


def test_a_lease_is_given_back_by_its_holder_only(database: Database) -> None:
    with database.write() as connection:
        mailboxes.take(connection, BOX, "a", NOW)
        mailboxes.release(connection, BOX, "b")
        assert not mailboxes.take(connection, BOX, "b", NOW)
        mailboxes.release(connection, BOX, "a")
        assert mailboxes.take(connection, BOX, "b", NOW)


def test_a_cursor_goes_on_only_unless_the_server_counts_anew(database: Database) -> None:
    with database.write() as connection:
        assert mailboxes.cursor(connection, BOX) == (None, 0)
        mailboxes.advance(connection, BOX, 7, 10)
        mailboxes.advance(connection, BOX, 7, 5)
        assert mailboxes.cursor(connection, BOX) == (7, 10)
        mailboxes.advance(connection, BOX, 8, 2)
        assert mailboxes.cursor(connection, BOX) == (8, 2)


def test_a_row_made_by_its_lease_has_a_cursor_too(database: Database) -> None:
    with database.write() as connection:
        mailboxes.take(connection, BOX, "a", NOW)
        assert mailboxes.cursor(connection, BOX) == (None, 0)
        mailboxes.advance(connection, BOX, 7, 10)
        assert mailboxes.cursor(connection, BOX) == (7, 10)


def test_failing_is_counted_from_its_beginning_and_ends_with_a_poll(database: Database) -> None:
    with database.write() as connection:
        assert not mailboxes.polled(connection, BOX, NOW)
        later = NOW + timedelta(minutes=5)
        assert mailboxes.failing(connection, BOX, "no answer", later) == (later, 1)
        assert mailboxes.failing(connection, BOX, "x" * 999, later + timedelta(minutes=5)) == (later, 2)
        (row,) = mailboxes.health(connection)
        assert (row.polled_at, row.failing_since, row.failures) == (NOW, later, 2)
        assert len(row.error) == 255
        assert mailboxes.polled(connection, BOX, later)
        (row,) = mailboxes.health(connection)
        assert (row.polled_at, row.failing_since, row.failures, row.error) == (later, None, 0, "")


def test_a_refresh_token_is_replaced(database: Database) -> None:
    with database.write() as connection:
        assert mailboxes.refresh_token(connection, BOX) == ""
        mailboxes.keep_refresh_token(connection, BOX, "one")
        mailboxes.keep_refresh_token(connection, BOX, "two")
        assert mailboxes.refresh_token(connection, BOX) == "two"
        assert mailboxes.refresh_token(connection, "ppid") == ""


def test_a_probe_comes_back_once(database: Database) -> None:
    with database.write() as connection:
        assert not mailboxes.probe_returned(connection, BOX, "p.1", NOW)
        mailboxes.probe_left(connection, BOX, "p.1", NOW)
        assert not mailboxes.probe_returned(connection, BOX, "p.2", NOW)
        assert mailboxes.probe_returned(connection, BOX, "p.1", NOW)
        assert not mailboxes.probe_returned(connection, BOX, "p.1", NOW)
        mailboxes.probe_left(connection, BOX, "p.2", NOW)
        row = mailboxes.find(connection, BOX)
        assert row is not None
        assert (row.probe_sent_at, row.probe_seen_at) == (NOW, None)
