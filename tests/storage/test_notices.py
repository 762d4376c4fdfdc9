"""Mails outside of any thread: told once, claimed by one, tried again, never lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import notices, officers
from storage.db import Database
from tests.storage.seeding import NOON, Thread

LATER = NOON + timedelta(minutes=5)


def _queue(database: Database, key: str = "code:1", **more: Any) -> int | None:
    common: dict[str, Any] = {
        "office": "7411",
        "mailbox": "bps7411@bps.go.id",
        "recipient": "siti@example.org",
    }
    with database.write() as connection:
        return notices.queue(connection, key=key, purpose="code", now=NOON, **common, **more)


def _claimed(database: Database, at: Any = NOON) -> list[Any]:
    with database.write() as connection:
        return notices.claim(connection, at)


def _delivery(database: Database, notice_id: int) -> str:
    with database.read() as connection:
        row = notices.find(connection, notice_id)
    assert row is not None
    return str(row.delivery)


def test_one_thing_is_told_once(database: Database) -> None:
    first = _queue(database, about={"code": "123456"})
    assert first is not None
    assert _queue(database, about={"code": "654321"}) is None
    with database.read() as connection:
        row = notices.find_by_key(connection, "code:1")
    assert row is not None
    assert (row.id, row.about, row.language) == (first, {"code": "123456"}, "id")


def test_what_is_claimed_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    _queue(database)
    [row] = _claimed(database)
    assert (row.delivery, row.tries) == ("sending", 1)
    assert _claimed(database) == []
    assert _claimed(database, NOON + notices.LEASE) == []
    [again] = _claimed(database, NOON + notices.LEASE + timedelta(seconds=1))
    assert (again.id, again.tries) == (row.id, 2)


def test_what_leaves_later_waits(database: Database) -> None:
    _queue(database, leaves_at=LATER)
    assert _claimed(database) == []
    assert len(_claimed(database, LATER)) == 1


def test_what_is_settled_is_not_claimed_again(database: Database) -> None:
    fates: dict[str, Callable[[Connection, int], None]] = {
        "sent": lambda c, notice_id: notices.sent(c, notice_id, NOON),
        "failed": lambda c, notice_id: notices.failed(c, notice_id, "550"),
        "cancelled": notices.cancel,
    }
    for key, settle in fates.items():
        _queue(database, key)
        [row] = _claimed(database)
        with database.write() as connection:
            settle(connection, row.id)
        assert _delivery(database, row.id) == key
    assert _claimed(database, NOON + timedelta(days=1)) == []


def test_what_was_put_back_leaves_again_when_it_may(database: Database) -> None:
    _queue(database)
    [row] = _claimed(database)
    with database.write() as connection:
        notices.put_back(connection, row.id, "x" * 400, LATER)
    assert _claimed(database) == []
    [again] = _claimed(database, LATER)
    assert (again.tries, len(again.error_text)) == (2, 255)
    with database.write() as connection:
        notices.give_back(connection, again)
    assert [each.tries for each in _claimed(database, LATER)] == [2]


def test_what_was_settled_by_another_stays_so(database: Database) -> None:
    """A sender whose lease had ended comes back late."""
    _queue(database)
    [row] = _claimed(database)
    with database.write() as connection:
        notices.sent(connection, row.id, NOON)
        notices.put_back(connection, row.id, "late", LATER)
    assert _delivery(database, row.id) == "sent"


def test_what_came_back_has_failed(database: Database) -> None:
    _queue(database)
    [row] = _claimed(database)
    with database.write() as connection:
        notices.sent(connection, row.id, NOON)
        officer = row.officer_id or 0
        assert notices.bounced(connection, row.id, officer + 1, "5.1.1") is None, "to somebody else"
        assert notices.bounced(connection, 999, officer, "5.1.1") is None
        came_back = notices.bounced(connection, row.id, officer, "5.1.1")
    assert came_back is not None
    assert (came_back.delivery, came_back.error_text) == ("failed", "5.1.1")


def test_what_still_waits_is_locked_until_more_is_said(database: Database) -> None:
    """Else a mail could leave with the words as they were, just before new ones are written."""
    _queue(database, officer_id=None, ticket_id=None)
    with database.write() as connection:
        added = officers.add(connection, email="a@bps.go.id", name="A", password_hash="x", now=NOON)
        ticket = Thread(connection, "7411").ticket()
    common: dict[str, Any] = {"officer_id": added, "ticket_id": ticket}
    mine = _queue(database, "wrote:1", **common)
    with database.write() as connection:
        assert notices.waits(connection, ticket, added, "code")
        assert not notices.waits(connection, ticket, added, "late")
        if not database.is_sqlite:
            assert mine not in [row.id for row in _claimed(database)]
    assert mine in [row.id for row in _claimed(database, NOON + notices.LEASE + timedelta(seconds=1))]
    with database.write() as connection:
        assert not notices.waits(connection, ticket, added, "code")


@pytest.mark.parametrize("limit", [1, 3])
def test_a_claim_is_bounded_and_oldest_first(database: Database, limit: int) -> None:
    for number in range(5):
        _queue(database, f"code:{number}", leaves_at=LATER - timedelta(minutes=number))
    with database.write() as connection:
        keys = {row.key for row in notices.claim(connection, LATER, limit)}
    assert keys == {f"code:{4 - number}" for number in range(limit)}
