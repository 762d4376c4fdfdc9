"""Erased words stand in no byte of SQLite's files: neither in its search index nor in its log."""

import pytest
from sqlalchemy import text

from handlers import erasing, jobs, retaining
from handlers.settings.retention import Retention
from storage import catalogue_search, own, traces
from tests.handlers.site import Site
from tests.handlers.test_person_page import _contact

PHONE, WORD = "+6281234567890", b"qwzyrtul"
ASKED = "Mohon data qwzyrtul luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi"


def stands(site: Site, word: bytes) -> set[str]:
    """The files and indexes in whose bytes *word* still stands."""
    folder = site.runtime.settings.data_dir.parent
    places = {path.name: path.read_bytes().lower() for path in folder.glob("loket.db*")}
    with site.runtime.database.read() as connection:
        for name in ("message", "ticket"):
            rows = connection.execute(text(f"SELECT block FROM {name}_search_data"))  # noqa: S608  # our names
            places[name] = b"".join(row.block for row in rows)
    return {place for place, said in places.items() if word in said}


def remembered(site: Site) -> str | None:
    with site.runtime.database.read() as connection:
        return own.word(connection, traces.LEFT)


def erase(site: Site) -> None:
    jobs.take_in_words(site.runtime)
    assert erasing.erase(site.runtime, "7411", _contact(site, site.newest_ticket()), None)


def clean_up(site: Site) -> None:
    erasing.clean_up(site.runtime.database, site.runtime.files)


@pytest.mark.parametrize("pages", [1, 200])
def test_who_never_sent_a_file_leaves_none(pages: int, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a large index, which is tidied in many steps."""
    monkeypatch.setattr(traces, "_PAGES", pages)
    for number in range(60):
        site.writes(f"halo tetangga {number} " + "kata " * 30, address=f"+62812000{number:05}")
    site.asks(ASKED)
    site.writes("tambahan: qwzyrtul per kecamatan")
    assert stands(site, WORD)
    erase(site)
    jobs.run_all(site.runtime)
    assert stands(site, WORD) == set()
    assert stands(site, PHONE[1:].encode()) == set()
    assert stands(site, b"tetangga")
    with site.runtime.database.read() as connection:
        connection.execute(text("INSERT INTO message_search(message_search) VALUES('integrity-check')"))


def test_whose_words_are_not_in_the_index_yet_leaves_none(site: Site) -> None:
    site.asks(ASKED)
    assert stands(site, WORD) == {"loket.db-wal", "ticket"}
    assert erasing.erase(site.runtime, "7411", _contact(site, site.newest_ticket()), None)
    jobs.take_in_words(site.runtime)
    clean_up(site)
    assert stands(site, WORD) == set()


def test_who_was_silent_for_long_leaves_none(site: Site) -> None:
    ticket = site.asks(ASKED)
    site.signed_in("officer").post(f"/inbox/7411/tickets/{ticket}/close")
    jobs.take_in_words(site.runtime)
    site.clock.forward(days=400)
    object.__setattr__(site.runtime.settings, "retention", Retention(person=365))
    assert retaining.run(site.runtime)["people"] == 1
    assert stands(site, WORD) == set()


def test_a_reader_makes_it_wait_for_the_next_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "_MILLISECONDS_FOR_READERS", 10)
    site.asks(ASKED)
    with site.runtime.database.engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.execute(text("SELECT count(*) FROM message")).scalar_one()
        erase(site)
        clean_up(site)
        assert "loket.db-wal" in stands(site, WORD)
        assert remembered(site)
        reader.exec_driver_sql("ROLLBACK")
    clean_up(site)
    assert stands(site, WORD) == set()
    assert remembered(site) == ""


def test_a_desk_in_use_is_tidied_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older version erased people who had sent no file, and left what it found."""
    site.asks(ASKED)
    monkeypatch.setattr(traces, "leave", lambda *_: None)
    erase(site)
    assert remembered(site) is None
    assert stands(site, WORD)
    clean_up(site)
    assert stands(site, WORD) == set()
    monkeypatch.setattr(traces, "_merge", lambda *_: pytest.fail("it was tidied already"))
    clean_up(site)


def test_who_is_erased_meanwhile_is_not_overlooked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.asks(ASKED.replace("qwzyrtul ", ""), address="+6281299998888")
    erase(site)
    site.asks(ASKED)
    empty = traces._empty_log

    def emptied_while_another_goes(_database: object) -> bool:
        monkeypatch.setattr(traces, "_empty_log", empty)
        site.clock.forward(seconds=1)
        erase(site)
        return True

    monkeypatch.setattr(traces, "_empty_log", emptied_while_another_goes)
    clean_up(site)
    assert remembered(site)
    clean_up(site)
    assert stands(site, WORD) == set()


def test_an_index_that_is_lost_keeps_none_of_the_others(site: Site) -> None:
    site.asks(ASKED)
    with site.runtime.database.write() as connection:
        catalogue_search.drop_index(connection)
    erase(site)
    clean_up(site)
    assert stands(site, WORD) == set()
    assert remembered(site) == ""
