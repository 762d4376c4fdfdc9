"""Words are found however many tickets there are: among the newest, and through the index of their office."""

from datetime import timedelta

import pytest

from storage import finding, search
from storage.db import Database
from storage.inbox import View
from tests.storage.seeding import NOON, Thread, officer


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if three tickets were many."""
    monkeypatch.setattr(finding, "NEWEST", 3)
    monkeypatch.setattr(finding, "COMMON", 2)


def test_rare_words_lead_to_old_tickets_and_common_ones_to_new(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        threads = [Thread(connection, "7411") for _ in range(8)]
        ids = [
            thread.ticket(touched_at=NOON + timedelta(hours=number)) for number, thread in enumerate(threads)
        ]
        for thread, ticket in zip(threads, ids, strict=True):
            thread.says("mohon data padi", ticket)
        threads[0].says("luas panen GABAH-nya", ids[0])
        threads[1].says("gabah", ids[1])
        threads[1].says("dan jagung", ids[1])
        asked = ("data", "gabah", "data gabah", "jagung data gabah", "jagung panen", "nihil data")
        found = {query: [row.id for row in finding.found(connection, view, query, 2)] for query in asked}
    assert found == {
        "data": ids[:5:-1],
        "gabah": [ids[1], ids[0]],
        "data gabah": [ids[1], ids[0]],
        "jagung data gabah": [ids[1]],
        "jagung panen": [],
        "nihil data": [],
    }


def test_what_went_from_office_to_office_is_found_at_both(database: Database) -> None:
    with database.write() as connection:
        views = [
            View(office, officer(connection, f"o{office}", office), False) for office in ("7411", "6571")
        ]
        thread = Thread(connection, "6571")
        passed = thread.ticket(handled_by="7411", touched_at=NOON - timedelta(days=9))
        thread.says("rumput laut", passed)
        own = Thread(connection, "6571").ticket(search_text="rumput tetangga")
        for _ in range(4):
            Thread(connection, "7411").ticket()
        asked = ("rumput", "rumput laut", "laut")
        found = [
            [{row.id for row in finding.found(connection, view, words)} for words in asked] for view in views
        ]
    assert found == [[{passed}] * 3, [{passed, own}, {passed}, {passed}]]


@pytest.mark.parametrize("others", [3, 9])
def test_what_went_between_offices_long_ago_is_found_by_rare_and_by_common_words(
    database: Database, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """Beyond what changed last, where nothing but their being passed on leads to them."""
    monkeypatch.setattr(finding, "NEWEST", others)
    monkeypatch.setattr(finding, "COMMON", 4)
    with database.write() as connection:
        views = [
            View(office, officer(connection, f"o{office}", office), False) for office in ("7411", "6571")
        ]
        thread = Thread(connection, "6571")
        passed = thread.ticket(handled_by="7411", touched_at=NOON - timedelta(days=9))
        thread.says("rumput laut", passed)
        for office in ("7411", "6571"):
            for _ in range(others):
                newer = Thread(connection, office)
                newer.says("rumput", newer.ticket(touched_at=NOON))
        found = [[row.id for row in finding.found(connection, view, "rumput laut")] for view in views]
        each = [{row.id for row in finding.found(connection, view, "rumput", 40)} for view in views]
    assert found == [[passed], [passed]]
    assert all(passed in ids and len(ids) == others + 1 for ids in each)


def test_of_what_changed_in_the_same_moment_the_newest_are_found(database: Database) -> None:
    """On any database, and on the one that a backup was brought back to."""
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        threads = [Thread(connection, "7411") for _ in range(12)]
        tickets = [thread.ticket(touched_at=NOON) for thread in threads]
        for thread, ticket in zip(reversed(threads), reversed(tickets), strict=True):
            thread.says("mohon data padi", ticket)
        found = [row.id for row in finding.found(connection, view, "padi", 2)]
    assert found == tickets[:-3:-1]


@pytest.mark.parametrize("at_once", [2, 4, 250])
def test_so_many_tickets_are_looked_through_and_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Each of them once, however many are read at once."""
    monkeypatch.setattr(finding, "FURTHER", 6)
    monkeypatch.setattr(finding, "_AT_ONCE", at_once)
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        ids = [
            Thread(connection, "7411").ticket(
                touched_at=NOON + timedelta(hours=number), search_text="mohon data padi"
            )
            for number in range(12)
        ]
        found = [row.id for row in finding.found(connection, view, "padi data")]
        few = [row.id for row in finding.found(connection, view, "padi data", 4)]
    assert found == ids[:2:-1]
    assert few == ids[:-5:-1]


def test_of_a_long_text_so_many_letters_count(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters, not bytes, which on PostgreSQL are told apart."""
    monkeypatch.setattr(finding, "COMMON", 1)
    long = search.INDEXED_CHARACTERS
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        threads = [Thread(connection, "7411") for _ in range(3)]
        ids = [thread.ticket(search_text="mohon") for thread in threads]
        threads[0].says("é " * (long // 2 - 10) + "gabah", ids[0])
        threads[1].says("e " * (long // 2) + "gabah", ids[1])
        threads[2].says("e " * (long // 2 - 10) + "gabah", ids[2])
        found = [row.id for row in finding.found(connection, view, "gabah")]
    assert found == [ids[2], ids[0]]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("gabah", True),
        ("dua gabahnya", True),
        ("segabah", False),
        ("segabah, gabah-nya", True),
        ("_gabah", True),
        ("2gabah", False),
        ("“gabah”", True),
        ("ségabah", False),
        ("GÁBAH", True),
        ("", False),
    ],
)
def test_a_word_is_found_where_one_begins(text: str, word: bool) -> None:
    words = finding._Words(("gabah",))
    words.look([(7, text, None), (8, "nihil", text)])
    assert words.whole == ({7, 8} if word else set())
