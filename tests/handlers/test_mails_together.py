"""Mails that wait get their turns together, and one that can't go along has its own."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event, func, select, update

from handlers.mailroom import filing, handling
from handlers.mailroom.reading import Read, Reader
from handlers.runtime import Runtime
from storage import alarms, mails, officers
from storage.columns import AnyRow, table
from storage.db import Database
from storage.mail_tables import Mail
from storage.tables import Message
from tests.driver import Clock
from tests.mailboxes import BOX, OFFICE, kept, reading

MAIL: Table = table(Mail)
MESSAGE: Table = table(Message)
UIDS = iter(range(1, 10**6))


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def runtime(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A desk whose mailbox is nowhere: mails are kept by hand."""
    with reading(tmp_path, database_url, "nowhere", 9, clock=clock) as wired:
        yield wired


def citizen(number: int, text: str = "Mohon data penduduk Kotabaru tahun 2020.") -> bytes:
    """A citizen's mail."""
    head = f"From: Ani <ani{number}@contoh.id>\r\nTo: bps6302@bps.go.id\r\nSubject: Data {number}\r\n"
    return f"{head}Message-ID: <{number}@contoh.id>\r\n\r\n{text}\r\n".encode()


def arrive(runtime: Runtime, raws: list[bytes]) -> None:
    """They are kept as if fetched, and all get their turns."""
    keep(runtime, raws)
    turns(runtime)


def keep(runtime: Runtime, raws: list[bytes], *, elsewhere: bool = False) -> None:
    """They are kept as if fetched; *elsewhere*: their bytes in a file, where nobody has put them."""
    rows = [
        {"office": OFFICE, "uid": next(UIDS), "size": len(raw), "whole": True}
        | {"raw": None if elsewhere else raw}
        | {"sha256": sha256(raw).hexdigest(), "received_at": None}
        for raw in raws
    ]
    with runtime.database.write() as connection:
        mails.keep(connection, BOX, rows, 1, 1, runtime.clock())


def turns(runtime: Runtime) -> None:
    """All mails that are due get their turns."""
    with Reader(handling.ours(runtime)) as reader:
        handling.handle_waiting(runtime, reader, BOX)


def ends(runtime: Runtime) -> list[str]:
    """How each mail ended, in the order they came."""
    return [row.intake for row in kept(runtime)]


@pytest.mark.parametrize("known", [0, 1, 20])
def test_one_transaction_for_many(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, known: int) -> None:
    arrive(runtime, [citizen(number).replace(b"Data", b"Peta") for number in range(known)])
    writes: list[int] = []
    write, many = Database.write, handling.TOGETHER + 5

    def counted(database: Database) -> AbstractContextManager[Connection]:
        writes.append(1)
        return write(database)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", counted)
        arrive(runtime, [citizen(number) for number in range(many)])
    assert len(writes) == 1 + 2, "one that keeps them, then all turns that share one, and five"
    assert ends(runtime) == ["handled"] * (many + known)
    assert len({row.ticket_id for row in kept(runtime)}) == many + known


def test_answers_to_mails_before_ask_together(runtime: Runtime) -> None:
    """None costs a statement of its own, where its ticket waits for the office already."""
    arrive(runtime, [citizen(number) for number in range(20)])
    few, many = (_statements(runtime, range(*of)) for of in ((0, 4), (4, 20)))
    assert many == few
    assert len({row.ticket_id for row in kept(runtime)}) == 20


def _statements(runtime: Runtime, numbers: range) -> int:
    """How many are executed when these citizens answer in their threads."""
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    keep(runtime, [_answer(number) for number in numbers])
    event.listen(runtime.database.engine, "before_cursor_execute", count)
    turns(runtime)
    event.remove(runtime.database.engine, "before_cursor_execute", count)
    return len(counted)


def _answer(number: int) -> bytes:
    in_reply_to = f"In-Reply-To: <{number}@contoh.id>\r\nMessage-ID: <answer{number}@contoh.id>".encode()
    return citizen(number, "Terima kasih.").replace(f"Message-ID: <{number}@contoh.id>".encode(), in_reply_to)


def test_copies_and_answers_among_them_find_each_other(runtime: Runtime) -> None:
    answer = citizen(1).replace(b"<1@contoh.id>", b"<2@contoh.id>\r\nIn-Reply-To: <1@contoh.id>")
    arrive(runtime, [citizen(1), answer, citizen(1)])
    first, second, third = kept(runtime)
    assert (first.ticket_id, first.conversation_id) == (second.ticket_id, second.conversation_id)
    assert (third.intake, third.kind) == ("filed", "duplicate")


def test_a_bug_in_one_turn_fails_that_mail_alone(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizens = filing._citizens

    def buggy(*of: object) -> object:
        if of[3].envelope.subject == "Data 3":  # type: ignore[attr-defined]
            raise KeyError("a bug")
        return citizens(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(filing, "_citizens", buggy)
    arrive(runtime, [citizen(number) for number in range(6)])
    assert ends(runtime) == ["handled"] * 3 + ["pending"] + ["handled"] * 2
    assert [row.tries for row in kept(runtime)] == [0, 0, 0, 1, 0, 0]
    for _ in range(2):
        clock.forward(seconds=10)
        turns(runtime)
    assert ends(runtime) == ["handled"] * 3 + ["shunted"] + ["handled"] * 2


def test_a_mail_whose_bytes_are_gone_waits_alone(runtime: Runtime) -> None:
    for number in range(5):
        keep(runtime, [citizen(number)], elsewhere=number in {0, 3})
    turns(runtime)
    assert ends(runtime) == ["pending", "handled", "handled", "pending", "handled"]
    found = [(row.tries, row.subject) for row in kept(runtime)]
    assert found == [(1, ""), (0, "Data 1"), (0, "Data 2"), (1, ""), (0, "Data 4")]


@pytest.mark.parametrize("known", [0, 1])
def test_every_pile_has_its_turn(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, known: int) -> None:
    """More than are looked for at once, or may be held in memory together."""
    monkeypatch.setattr(handling, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(handling, "HEAVIEST", 2 * len(citizen(0)) - 1)
    keep(runtime, [citizen(number) for number in range(9 + known)])
    turns(runtime)
    assert ends(runtime) == ["handled"] * (9 + known)


@pytest.mark.parametrize("many", [1, 6, 7])
def test_other_mailboxes_have_their_turn_between(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """They share the process that reads, which is given free after so many mails."""
    monkeypatch.setattr(handling, "MOST_IN_A_ROW", 3)
    turns_at_it = []
    read_many = Reader.read_many

    def counted(reader: Reader, *of: Any) -> Iterator[Read]:
        turns_at_it.append(1)
        return read_many(reader, *of)

    monkeypatch.setattr(Reader, "read_many", counted)
    arrive(runtime, [citizen(number) for number in range(many)])
    assert ends(runtime) == ["handled"] * many
    assert len(turns_at_it) == many // 3 + 1


def test_an_officer_s_mail_and_an_unreadable_one_do_not_hold_up_the_others(runtime: Runtime) -> None:
    with runtime.database.write() as connection:
        added = officers.add(
            connection, email="rahma@bps.go.id", name="Rahma", password_hash="x", now=runtime.clock()
        )
        officers.set_role(connection, added, OFFICE, "officer")
    hers = citizen(2).replace(b"Ani <ani2@contoh.id>", b"Rahma <rahma@bps.go.id>")
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth)
        for depth in range(60)
    )
    arrive(runtime, [citizen(1), hers, citizen(3), b"From: a@contoh.id\r\n" + nested, citizen(5)])
    found: list[AnyRow] = kept(runtime)
    assert [found[number].intake for number in (0, 2, 4)] == ["handled"] * 3
    assert found[1].kind == "officer"
    assert found[3].intake == "shunted"


def test_answers_of_one_transaction_count_for_the_budget(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = runtime.settings.channels.email.budget
    monkeypatch.setitem(vars(budget), "total_hour", 4)
    arrive(runtime, [citizen(number) for number in range(9)])
    with runtime.database.read() as connection:
        said = select(func.count()).select_from(MESSAGE).where(MESSAGE.c.direction == "out")
        assert connection.execute(said).scalar_one() == 4
        assert [alarm.what for alarm in alarms.open_alarms(connection, OFFICE)] == ["mail_total_hour"]


def test_what_was_heard_stands_before_its_answer_and_is_heard_once(runtime: Runtime) -> None:
    arrive(runtime, [citizen(number) for number in range(3)])
    first = kept(runtime)[0]
    with runtime.database.write() as connection:
        connection.execute(update(MAIL).where(MAIL.c.id == first.id).values(intake="pending"))
    turns(runtime)
    again = kept(runtime)[0]
    assert (again.intake, again.rule) == ("filed", "handled before")
    with runtime.database.read() as connection:
        rows = connection.execute(select(MESSAGE).order_by(MESSAGE.c.id)).all()
    for thread in {row.conversation_id for row in rows}:
        assert [row.direction for row in rows if row.conversation_id == thread] == ["in", "out"]
