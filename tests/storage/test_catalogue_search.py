"""Short, misspelt, abbreviated searches find what is meant among 20,000 titles, the same on both."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bench import titles
from bench.titles import MEANT, OFFICES
from storage import catalogue, catalogue_search
from storage.catalogue import Item
from storage.catalogue_search import Hit
from storage.catalogue_terms import query_of, terms_of
from storage.db import Database
from tests.databases import Postgres, SqliteTemplate
from tests.storage.test_plans import listening

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
NOT_OURS = (
    "bansos pkh cair kapan",
    "nomor togel",
    "cara buat ktp gmn",
    "kodok loncat",
    "halo",
    "",
    "%_'\"&|!*()",
)


@pytest.fixture(scope="module")
def filled(
    sqlite_template: SqliteTemplate, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Database]]:
    """The same catalogue on both databases."""
    folder: Path = tmp_path_factory.mktemp("catalogue")
    with postgres.lent() as url:
        both = {
            "sqlite": Database(sqlite_template.copy(folder), folder / "sqlite"),
            "postgresql": Database(url, folder / "postgresql"),
        }
        for database in both.values():
            titles.fill(database)
        yield both
        for database in both.values():
            database.close()


def found(database: Database, said: str, offices: tuple[str, ...] = OFFICES) -> tuple[Hit, ...]:
    with database.read() as connection:
        return catalogue_search.search(connection, said, offices, "Kotabaru")


def test_there_are_enough(filled: dict[str, Database]) -> None:
    assert titles.SIZE == 20_000
    assert len(MEANT) > 31
    with filled["sqlite"].read() as connection:
        assert sum(catalogue.counts(connection, OFFICES).values()) == titles.SIZE


@pytest.mark.parametrize(("said", "meant"), MEANT)
def test_what_is_meant_is_found_first_and_the_same_on_both(
    filled: dict[str, Database], said: str, meant: str
) -> None:
    hits = {name: found(database, said) for name, database in filled.items()}
    assert hits["sqlite"][0].title == meant
    assert hits["sqlite"] == hits["postgresql"]
    assert len(hits["sqlite"]) <= catalogue_search.SHOWN


@pytest.mark.parametrize("said", NOT_OURS)
def test_nothing_is_shown_where_nothing_fits(filled: dict[str, Database], said: str) -> None:
    assert [found(database, said) for database in filled.values()] == [(), ()]


@pytest.mark.parametrize("said", ["kodok loncat pagar listrik 2021", "kodok loncat"])
def test_what_is_not_there_is_asked_for_twice(database: Database, said: str) -> None:
    with listening(database.engine) as heard:
        assert found(database, said) == ()
    assert len([statement for statement, _ in heard if "catalogue_item" in statement]) == 2


def test_only_the_offices_that_are_named_are_looked_in(filled: dict[str, Database]) -> None:
    for database in filled.values():
        assert found(database, "penduduk tarakan", OFFICES[:1]) == ()
        assert found(database, "penduduk kotabaru", OFFICES[:1]) != ()


def test_the_place_need_not_stand_in_the_title(database: Database) -> None:
    item = Item("publication", "1", "Statistik Pemuda 2024", "https://contoh.id/1", date(2025, 1, 1))
    with database.write() as connection:
        catalogue.keep(connection, "6302", "webapi", [item], "Kotabaru", NOW)
    assert [hit.title for hit in found(database, "data pemuda kotabaru")] == ["Statistik Pemuda 2024"]


def test_what_was_read_again_is_found_by_its_new_title_only(database: Database) -> None:
    first = Item("news", "7", "Pelatihan Petugas Sensus", "https://contoh.id/7")
    again = Item("news", "7", "Pelantikan Pejabat Baru", "https://contoh.id/7b", summary="di aula kantor")
    with database.write() as connection:
        catalogue.keep(connection, "6302", "webapi", [first], "Kotabaru", NOW)
        catalogue.keep(connection, "6302", "webapi", [again], "Kotabaru", NOW)
    assert found(database, "pelatihan sensus") == ()
    assert [hit.link for hit in found(database, "pelantikan pejabat")] == ["https://contoh.id/7b"]
    assert [hit.link for hit in found(database, "aula")] == ["https://contoh.id/7b"]
    with database.write() as connection:
        assert catalogue.forget_others(connection, "6302", "webapi", "news", set()) == 1
    assert found(database, "pelantikan pejabat") == ()


def test_one_publication_from_two_sources_is_shown_once(database: Database) -> None:
    title = "Kabupaten Kotabaru Dalam Angka 2025"
    with database.write() as connection:
        for source, number in (("webapi", "a"), ("csv", "b")):
            item = Item("publication", number, title, f"https://contoh.id/{number}")
            catalogue.keep(connection, "6302", source, [item], "Kotabaru", NOW)
    assert len(found(database, "kotabaru dalam angka 2025")) == 1


def test_what_has_no_title_or_too_long_a_link_is_left_out(database: Database) -> None:
    items = [Item("news", "1", "  ", "https://a.id"), Item("news", "2", "Judul", f"https://a.id/{'x' * 300}")]
    with database.write() as connection:
        catalogue.keep(connection, "6302", "csv", items, "Kotabaru", NOW)
        assert catalogue.counts(connection, ("6302",)) == {}


def test_the_same_item_is_kept_once(database: Database) -> None:
    row = {"office": "6302", "source": "csv", "kind": "news", "external_id": "1", "title": "a", "link": "b"}
    row |= {"summary": "", "title_terms": "a", "more_terms": ""}
    with database.write() as connection:
        connection.execute(insert(catalogue.ITEM), row | {"changed_at": NOW})
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(catalogue.ITEM), row | {"changed_at": NOW})


@pytest.mark.parametrize(
    ("said", "needed", "years"),
    [
        ("jml sd di kotabaru 2020 sd 2022", {"seko", "dasar", "kotabaru"}, {"2020", "2021", "2022"}),
        ("suhu min kotabaru", {"suhu", "kotabaru"}, set()),
        ("halo min, ipm 2019–2021", {"ipm"}, {"2019", "2020", "2021"}),
        ("kependudukan", {"duduk"}, set()),
        ("jumlah", {"jumlah"}, set()),
        ("2024", {"2024"}, {"2024"}),
    ],
)
def test_what_a_search_is_about(said: str, needed: set[str], years: set[str]) -> None:
    query = query_of(said)
    assert (set(query.needed), set(query.years)) == (needed, years)


def test_terms_are_plain_words_whatever_is_written() -> None:
    terms = terms_of("Éspérance — PDRB (2019–2021) 100% 😀 \x00 'quoted\" words_x", "Kotabaru")
    assert terms.isascii()
    assert all(term.isalnum() for term in terms.split())
    assert {"pdrb", "2020", "kotabaru", "bruto"} <= set(terms.split())


def test_another_region_is_never_left_out(database: Database) -> None:
    item = Item(
        "statictable",
        "1",
        "Luas Panen dan Produksi Padi Kabupaten Kotabaru 2023",
        "https://contoh.id/1",
        None,
    )
    with database.write() as connection:
        catalogue.keep(connection, "6302", "webapi", [item], "Kotabaru", NOW)
    for place in ("kabupaten bulungan", "kab. bulungan", "di bulungan"):
        assert found(database, f"luas panen padi {place} 2023") == ()
    assert found(database, "luas panen padi rusak 2023") != ()
