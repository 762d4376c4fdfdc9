"""Mails are kept once, have one turn, and add up."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import mailboxes, mails
from storage.columns import AnyRow
from storage.db import Database
from tests.storage.seeding import officer
from tests.storage.test_plans import listening

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
BOX, VALIDITY = "pst", 1_700_000_000


def row(uid: int, **changes: Any) -> dict[str, Any]:
    """A mail as the fetcher keeps it."""
    content = f"mail {uid}".encode()
    kept = {"uid": uid, "office": "6302", "size": len(content), "whole": True, "sha256": f"{uid:064}"}
    return {**kept, "raw": content, "received_at": NOW, **changes}


def settle(connection: Connection, mail_id: int, intake: str = "handled", **changes: Any) -> None:
    """Its turn ends."""
    plain: dict[str, Any] = {"kind": "personal", "rule": "", "conversation_id": None, "ticket_id": None}
    plain |= {"message_id": None, "fingerprint": None, "author": "", "subject": ""}
    mails.settle(connection, mail_id, intake=intake, **(plain | changes))


def keep(connection: Connection, *uids: int, box: str = BOX, validity: int = VALIDITY, **more: Any) -> int:
    """Keep mails with these UIDs."""
    rows = [row(uid, **more) for uid in uids]
    return mails.keep(connection, box, rows, validity, max(uids), NOW)


def pending(connection: Connection, now: datetime = NOW, box: str = BOX) -> list[AnyRow]:
    """What waits."""
    return mails.pending(connection, box, now, 100)


def test_a_mail_is_kept_once_and_the_cursor_moves_along(database: Database) -> None:
    with database.write() as connection:
        assert keep(connection, 1, 2, 3) == 3
        assert mailboxes.cursor(connection, BOX) == (VALIDITY, 3)
        assert keep(connection, 2, 3, 4) == 1
        assert mailboxes.cursor(connection, BOX) == (VALIDITY, 4)
        assert [mail.uid for mail in pending(connection)] == [1, 2, 3, 4]
        first = pending(connection)[0]
    assert (first.raw, first.received_at, first.at, first.intake) == (b"mail 1", NOW, NOW, "pending")


def test_mails_and_cursor_are_one_transaction(database: Database) -> None:
    with suppress(RuntimeError), database.write() as connection:
        keep(connection, 1, 2)
        raise RuntimeError("the power went out")
    with database.read() as connection:
        assert mailboxes.cursor(connection, BOX) == (None, 0)
        assert pending(connection) == []


def test_the_same_uid_elsewhere_is_another_mail(database: Database) -> None:
    with database.write() as connection:
        assert keep(connection, 1) == keep(connection, 1, box="ppid") == 1
        assert keep(connection, 1, validity=VALIDITY + 1) == 1
        assert len(pending(connection)) == 2
        assert len(pending(connection, box="ppid")) == 1


def test_a_step_over_vanished_mails_moves_the_cursor_alone(database: Database) -> None:
    with database.write() as connection:
        assert mails.keep(connection, BOX, [], VALIDITY, 9, NOW) == 0
        assert mailboxes.cursor(connection, BOX) == (VALIDITY, 9)


def test_what_is_moved_is_not_moved_again(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1, 2, 3)
        keep(connection, 1, box="ppid")
        mails.moved(connection, BOX, VALIDITY, [1, 3], NOW)
        assert mails.unmoved(connection, BOX, VALIDITY) == [2]
        assert mails.unmoved(connection, "ppid", VALIDITY) == [1]
        assert mails.unmoved(connection, BOX, VALIDITY + 1) == []


def test_mails_of_another_count_are_given_up(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1, 2)
        keep(connection, 1, validity=VALIDITY + 1)
        mails.unreachable(connection, BOX, VALIDITY + 1, NOW)
        assert mails.unmoved(connection, BOX, VALIDITY) == []
        assert mails.unmoved(connection, BOX, VALIDITY + 1) == [1]


def test_a_turn_ends_once(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1)
        mail_id = pending(connection)[0].id
        assert mails.is_pending(connection, mail_id)
        settle(connection, mail_id, author="ani@contoh.id", subject="Data", rule="token")
        settle(connection, mail_id, "filed")
        assert not mails.is_pending(connection, mail_id)
        assert mails.balance(connection) == {"pending": 0, "handled": 1, "filed": 0, "shunted": 0}


def test_a_failed_mail_waits_while_others_go_on_and_is_shunted_at_last(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1, 2)
        bad, good = (mail.id for mail in pending(connection))
        assert not mails.failed(connection, bad, "ValueError at x.py:1", NOW)
        assert [mail.id for mail in pending(connection)] == [good]
        after = NOW + timedelta(seconds=2)
        assert [mail.id for mail in pending(connection, after)] == [bad, good]
        assert not mails.failed(connection, bad, "ValueError at x.py:1", after)
        assert [mail.id for mail in pending(connection, after + timedelta(seconds=3))] == [good]
        assert mails.failed(connection, bad, "x" * 1000, after)
        assert [mail.id for mail in pending(connection, NOW + timedelta(days=1))] == [good]
        assert mails.balance(connection)["shunted"] == 1
        assert mails.retry(connection, bad) == BOX
        assert mails.retry(connection, bad) is None
        assert len(pending(connection)) == 2
        assert not mails.failed(connection, bad, "again", NOW)


def test_a_settled_mail_can_not_fail(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1)
        mail_id = pending(connection)[0].id
        settle(connection, mail_id)
        assert not mails.failed(connection, mail_id, "late", NOW)
        assert mails.balance(connection)["handled"] == 1


@pytest.mark.parametrize(
    ("changes", "is_copy"),
    [
        ({"sha256": "a" * 64}, True),
        ({"sha256": "a" * 64, "message_id": None, "fingerprint": None}, True),
        ({}, True),
        ({"fingerprint": "g"}, False),
        ({"fingerprint": None}, False),
        ({"message_id": "<2@x>"}, False),
        ({"message_id": None}, False),
    ],
)
def test_a_copy_has_the_same_bytes_or_the_same_id_and_content(
    changes: dict[str, Any], is_copy: bool, database: Database
) -> None:
    seen = {"sha256": "b" * 64, "message_id": "<1@x>", "fingerprint": "f"}
    with database.write() as connection:
        keep(connection, 1, sha256="a" * 64)
        keep(connection, 2)
        first, second = (mail.id for mail in pending(connection))
        settle(connection, first, message_id="<1@x>", fingerprint="f")
        assert mails.known_copy(connection, second, **(seen | changes)) is is_copy
        asked = mails.Seen(**(seen | changes), author="ani@contoh.id")
        turn = mails.begin_turn(connection, second, asked, NOW, 100)
        assert turn == mails.InTurn(is_copy=is_copy, by_officer=False, lately=0)
        assert mails.begin_turn(connection, first, asked, NOW, 100) is None, "it had its turn"
        assert not mails.known_copy(connection, first, "a" * 64, "<1@x>", "f"), "no copy of itself"


def test_two_mailboxes_each_keep_their_copy(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1, sha256="a" * 64)
        keep(connection, 1, box="ppid", sha256="a" * 64)
        (other,) = pending(connection, box="ppid")
        assert not mails.known_copy(connection, other.id, "a" * 64, None, None)


@pytest.mark.parametrize(("office", "by_officer"), [("6302", True), ("7411", False)])
def test_a_turn_knows_the_officers_of_its_office(office: str, by_officer: bool, database: Database) -> None:
    with database.write() as connection:
        officer(connection, "rahma", "6302")
        keep(connection, 1, office=office)
        (mail,) = pending(connection)
        asked = mails.Seen("a" * 64, None, None, "rahma@bps.go.id")
        turn = mails.begin_turn(connection, mail.id, asked, NOW, 100)
        assert turn == mails.InTurn(is_copy=False, by_officer=by_officer, lately=0)


def test_a_turn_knows_how_much_its_author_wrote_of_late(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1, 2, 3, 4, 5)
        keep(connection, 1, box="ppid")
        *earlier, last = pending(connection)
        for mail, author in zip([*earlier, *pending(connection, box="ppid")], "aabaa", strict=True):
            settle(connection, mail.id, "filed", author=f"{author}@contoh.id")
        asked = mails.Seen("a" * 64, None, None, "a@contoh.id")
        minute = timedelta(minutes=1)
        for since, most, many in ((NOW - minute, 100, 3), (NOW - minute, 2, 2), (NOW, 100, 0)):
            turn = mails.begin_turn(connection, last.id, asked, since, most)
            assert turn is not None
            assert turn.lately == many


def test_those_kept_after_another_are_found(database: Database) -> None:
    with database.write() as connection:
        keep(connection, *range(1, 6))
        first, second, *others = pending(connection)
        settle(connection, others[0].id)
        after = mails.pending(connection, BOX, NOW, 1, after=first.id)
        assert [mail.id for mail in after] == [second.id]
        after = mails.pending(connection, BOX, NOW, 9, after=second.id)
        assert [mail.id for mail in after] == [mail.id for mail in others[1:]]
        assert mails.pending(connection, BOX, NOW, 9, after=others[-1].id) == []


def test_a_mail_in_its_turn_is_found_by_its_key(database: Database) -> None:
    """Even where the database believes that hardly any waits."""
    with database.write() as connection:
        keep(connection, *range(1, 301))
        for mail in mails.pending(connection, BOX, NOW, 300):
            settle(connection, mail.id)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    with database.write() as connection, listening(database.engine) as heard:
        keep(connection, 301)
        (mail,) = pending(connection)
        mails.begin_turn(connection, mail.id, mails.Seen("x", None, None, ""), NOW, 100)
        settle(connection, mail.id)
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.read() as connection:
        for statement, parameters in heard[-2:]:
            plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
            assert "ix_mail_pending" not in plan, plan
            assert "ix_mail_ends" not in plan, plan


def test_several_turns_begin_with_what_each_would_know_alone(database: Database) -> None:
    with database.write() as connection:
        keep(connection, 1, 2, 3)
        keep(connection, 4, sha256=f"{2:064}")
        first, *waiting = pending(connection)
        settle(connection, first.id, "filed", author="ani@contoh.id", message_id="<1@x>", fingerprint="f")
        seen = {mail.id: mails.Seen(mail.sha256, None, None, "ani@contoh.id") for mail in (first, *waiting)}
        seen[waiting[1].id] = mails.Seen(waiting[1].sha256, "<1@x>", "f", "budi@contoh.id")
        since = NOW - timedelta(hours=1)
        begun = mails.begin_turns(connection, first.mailbox, first.office, seen, since)
        alone = {
            mail_id: mails.begin_turn(connection, mail_id, seen[mail_id], since, 100) for mail_id in seen
        }
    assert alone.pop(first.id) is None
    assert begun == alone
    assert [(turn.is_copy, turn.lately) for turn in begun.values()] == [(False, 1), (True, 0), (True, 1)]
