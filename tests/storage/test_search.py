"""Full-text search on both databases: numbers in any form, beginnings of words, and words that mean harm."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, text

from storage import finding, search
from storage.db import Database
from storage.inbox import View
from tests.storage.seeding import Thread, officer


@dataclass
class _Found:
    connection: Connection
    view: View
    rice: int
    people: int

    def by(self, query: str) -> list[int]:
        return [row.id for row in finding.found(self.connection, self.view, query)]


@pytest.fixture
def found(database: Database) -> Iterator[_Found]:
    """An office with two tickets."""
    with database.write() as connection:
        view = View("6302", officer(connection, "rahma", "6302"), False)
        rice, people = Thread(connection, "6302", "padi"), Thread(connection, "6302", "penduduk")
        first = rice.ticket(number=12, reference="KTB-2026-00012")
        second = people.ticket(number=120, reference="KTB-2026-00120")
        rice.says("Mohon luas panen, juga produksi GABAH; terima kasih!", first)
        people.says("nomor surat 12/BPS/2026 dari Désa Suka", second)
        yield _Found(connection, view, first, second)


@pytest.mark.parametrize(
    "query", ["KTB-2026-00012", "ktb 12", "2026-00012", "00012", "gabah", "GAB", "panen padi", "luas, panen!"]
)
def test_a_ticket_is_found(found: _Found, query: str) -> None:
    assert found.rice in found.by(query)


@pytest.mark.parametrize("query", ["KTB-2026-00012", "2026-00012", "gabah", "nama padi produksi"])
def test_and_no_other(found: _Found, query: str) -> None:
    assert found.by(query) == [found.rice]


def test_a_number_in_a_text_is_found_too(found: _Found) -> None:
    assert set(found.by("12")) == {found.rice, found.people}
    assert found.by("12/BPS") == [found.people]


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "!!!", '"', "'", "-", "***", "_", "%", "()", ":*", "&|!<->", "\\", "\x00"),
        *('" OR * NEAR(', "gabah AND NOTHING_SUCH", 'body: "x', "zzz' OR '1'='1", "{a b} : c", "^gabahzz"),
        *("a\u0301\u0302", "²", "ﬁ", "٣", "𝟘", "🙏", "x" * 5000),
    ],
)
def test_no_words_and_hostile_words_find_nothing_and_break_nothing(found: _Found, query: str) -> None:
    assert found.by(query) == []


@pytest.mark.parametrize("query", ["gabah OR", "gabah*", '"gabah"', "gabah NEAR luas"])
def test_operators_are_words_or_nothing(found: _Found, query: str) -> None:
    assert found.by(query) in ([found.rice], [])


def test_a_changed_text_is_found_by_its_new_words_only(found: _Found) -> None:
    found.connection.execute(text("UPDATE message SET body = 'jagung' WHERE body LIKE '%GABAH%'"))
    assert found.by("gabah") == []
    assert found.by("jagung") == [found.rice]
    found.connection.execute(text("DELETE FROM message WHERE body = 'jagung'"))
    assert found.by("jagung") == []


def test_a_text_beyond_all_limits_is_stored_and_its_beginning_found(found: _Found) -> None:
    thread = Thread(found.connection, "6302", "panjang")
    ticket = thread.ticket()
    words = " ".join(f"kata{number}" for number in range(250_000))
    thread.says("awalan " + words + " akhiran", ticket)
    thread.says("é" * 3_000_000, ticket)
    assert found.by("awalan") == [ticket]
    assert found.by("akhiran") == []
    found.connection.execute(text("UPDATE message SET body = 'pendek' WHERE body LIKE 'awalan%'"))
    assert found.by("awalan") == []


def test_the_index_can_be_taken_away_and_built_again(found: _Found) -> None:
    search.drop_search(found.connection)
    search.create_search(found.connection)
    assert found.by("gabah") == [found.rice]


def test_accents_do_not_hide_a_word_from_its_own_spelling(found: _Found) -> None:
    assert found.by("désa") == [found.people]
