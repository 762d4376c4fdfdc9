"""On SQLite what people say comes into the search index some seconds later; nothing in it is ever wrong."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update

from storage import finding, schema, search
from storage.columns import table
from storage.db import Database
from storage.inbox import View
from storage.tables import Message
from tests.databases import SqliteTemplate
from tests.storage.seeding import Thread, officer

MESSAGE = table(Message)
# With 1, FTS5 compares its index with what the view shows now (sqlite.org/fts5.html, "integrity-check").
_COMPARED = text("INSERT INTO message_search(message_search, rank) VALUES('integrity-check', 1)")


@pytest.fixture
def sqlite_database(tmp_path: Path, sqlite_template: SqliteTemplate) -> Iterator[Database]:
    """A desk on SQLite."""
    with closing(Database(sqlite_template.copy(tmp_path), tmp_path)) as database:
        yield database


def led_to(database: Database, word: str) -> set[int]:
    """The tickets that the index knows for *word*."""
    with database.read() as connection:
        return search.of_office(connection, "7411", word, 100)


def test_what_was_just_said_is_found_and_comes_into_the_index_later(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        thread.writes("luas panen GABAH", ticket)
        thread.writes("gabah kami cari", ticket, author="bot", direction="out")
    with database.read() as connection:
        assert [row.id for row in finding.found(connection, view, "gabah panen")] == [ticket]
    assert led_to(database, "gabah") == (set() if database.is_sqlite else {ticket})
    assert search.catch_up(database) == (1 if database.is_sqlite else 0)
    assert led_to(database, "gabah") == {ticket}
    assert led_to(database, "kami") == set()
    assert search.catch_up(database) == 0


def test_very_many_come_in_one_after_the_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "AT_ONCE", 3)
    with database.write() as connection:
        thread = Thread(connection, "7411")
        tickets = [thread.ticket(kind="complaint") for _ in range(4)]
        for number in range(8):
            thread.writes(f"jagung kata{number}", tickets[number % 4])
    assert search.catch_up(database) == (8 if database.is_sqlite else 0)
    assert led_to(database, "jagung") == set(tickets)
    assert led_to(database, "kata6") == {tickets[2]}


def test_two_processes_that_catch_up_at_once_take_each_text_once(sqlite_database: Database) -> None:
    database = sqlite_database
    with database.write() as connection:
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        for _ in range(50):
            thread.writes("jagung", ticket)
    caught: list[int] = []
    both = [threading.Thread(target=lambda: caught.append(search.catch_up(database))) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sum(caught) == 50
    with database.write() as connection:
        connection.execute(_COMPARED)


def test_what_changes_or_goes_before_it_is_in_leaves_nothing(sqlite_database: Database) -> None:
    database = sqlite_database
    with database.write() as connection:
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        changed, gone = thread.writes("rahasia", ticket), thread.writes("rahasia", ticket)
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == changed).values(body="jagung"))
        connection.execute(delete(MESSAGE).where(MESSAGE.c.id == gone))
        again = thread.writes("kedelai", ticket)
    assert again == gone, "SQLite gives the number of the newest message once more"
    search.catch_up(database)
    assert [led_to(database, word) for word in ("rahasia", "jagung", "kedelai")] == [
        set(),
        {ticket},
        {ticket},
    ]


def test_the_number_of_a_newest_one_that_was_in_and_went_is_given_again(sqlite_database: Database) -> None:
    database = sqlite_database
    with database.write() as connection:
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        gone = thread.says("rahasia", ticket)
        connection.execute(delete(MESSAGE).where(MESSAGE.c.id == gone))
        assert thread.writes("kedelai", ticket) == gone
    assert led_to(database, "rahasia") == set()
    search.catch_up(database)
    assert led_to(database, "kedelai") == {ticket}


_WORDS = st.sampled_from(["padi", "jagung kuning", "", "désa", "12/BPS"])
_ACTS = st.one_of(
    st.tuples(st.just("write"), _WORDS),
    st.tuples(st.just("bot"), _WORDS),
    st.tuples(st.just("change"), st.integers(0, 5)),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("take in"), st.integers(1, 3)),
)


@settings(max_examples=60, deadline=None)
@given(acts=st.lists(_ACTS, max_size=25))
def test_whatever_happens_the_index_has_what_was_said(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("words")
    with closing(Database(sqlite_template.copy(folder), folder)) as database, database.write() as connection:
        thread = Thread(connection, "7411")
        for act, how in acts:
            _do(connection, thread, act, how)
        while search.take_in(connection):
            pass
        connection.execute(_COMPARED)


def _do(connection: Connection, thread: Thread, act: str, how: object) -> None:
    newest = select(MESSAGE.c.id).order_by(MESSAGE.c.id.desc()).limit(1)
    if act in {"write", "bot"}:
        thread.writes(str(how), author="bot" if act == "bot" else "citizen")
    elif act == "take in":
        search.take_in(connection, int(str(how)))
    else:
        chosen = connection.execute(newest.offset(int(str(how)))).scalar()
        changed = update(MESSAGE).values(body="kedelai") if act == "change" else delete(MESSAGE)
        connection.execute(changed.where(MESSAGE.c.id == chosen))


def test_a_step_back_brings_in_what_waits_and_every_further_one_at_once(database: Database) -> None:
    with database.write() as connection:
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        thread.writes("padi", ticket)
    schema.downgrade(database, "0017")
    assert led_to(database, "padi") == {ticket}
    with database.write() as connection:
        before = Thread(connection, "7411").writes("jagung", ticket)
    assert led_to(database, "jagung") == {ticket}
    schema.upgrade(database)
    with database.write() as connection:
        Thread(connection, "7411").writes("kedelai", ticket)
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == before).values(body="kopi"))
    search.catch_up(database)
    found = [led_to(database, word) for word in ("padi", "jagung", "kopi", "kedelai")]
    assert found == [{ticket}, set(), {ticket}, {ticket}]
