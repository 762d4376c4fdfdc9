"""A message that arrives late says what its citizen wanted then, and not what they want now."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.columns import table
from storage.tables import Contact
from tests.driver import Desk, running_desk
from tests.handlers.test_intake_cloud import message, messages, post
from tests.storage.test_plans import listening


@pytest.fixture
def meta(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk behind Meta, which tells when a message was written."""
    with running_desk(database_url, tmp_path, provider="cloud") as desk:
        yield desk


def arrives(desk: Desk, text: str, wrote: datetime) -> None:
    said = messages(message(text, timestamp=str(int(wrote.timestamp()))))
    assert post(desk, said).status_code == 200
    desk.settle()


def goes_by(desk: Desk, minutes: float) -> datetime:
    """The moment until which so many minutes have gone."""
    desk.settle()
    desk.clock.forward(minutes=minutes)
    return desk.clock()


def is_silenced(desk: Desk) -> bool:
    with desk.runtime.database.read() as connection:
        return connection.execute(select(table(Contact).c.opted_out_at)).scalar() is not None


def test_an_older_start_lifts_no_stop(meta: Desk) -> None:
    meta.writes("petugas")
    wrote = goes_by(meta, 10)
    goes_by(meta, 10)
    meta.writes("STOP")
    goes_by(meta, 10)
    arrives(meta, "MULAI", wrote)
    assert is_silenced(meta)
    arrives(meta, "MULAI", meta.clock())
    assert not is_silenced(meta)


def test_a_start_after_a_stop_lifts_it_though_both_are_late(meta: Desk) -> None:
    meta.writes("petugas")
    stopped = goes_by(meta, 1)
    started = goes_by(meta, 1)
    goes_by(meta, 30)
    arrives(meta, "STOP", stopped)
    assert is_silenced(meta)
    arrives(meta, "MULAI", started)
    assert not is_silenced(meta)


def test_an_older_number_is_no_mark(meta: Desk) -> None:
    meta.writes("petugas")
    meta.settle()
    meta.replies("Pilih 1 atau 2?")
    wrote = goes_by(meta, 5)
    goes_by(meta, 5)
    meta.closes()
    goes_by(meta, 5)
    arrives(meta, "1", wrote)
    assert meta.messages()[-1].outcome == "answered"
    assert "ditulis sebelum pertanyaan ini" in meta.heard()[-1]
    arrives(meta, "1", meta.clock())
    assert meta.messages()[-1].outcome == "rating"


def test_an_older_number_confirms_no_summary(meta: Desk) -> None:
    wrote = goes_by(meta, 2)
    goes_by(meta, 2)
    meta.writes("Data jumlah penduduk Kolaka Timur 2023 untuk skripsi")
    meta.settle()
    arrives(meta, "1", wrote)
    assert meta.tickets() == []


@pytest.mark.parametrize("minutes", [0.5, 30])
def test_an_answer_to_the_question_counts_however_late_it_is(meta: Desk, minutes: float) -> None:
    meta.writes("Data jumlah penduduk Kolaka Timur 2023 untuk skripsi")
    wrote = goes_by(meta, 1)
    goes_by(meta, minutes)
    arrives(meta, "1", wrote)
    assert len(meta.tickets()) == 1


def test_nothing_more_is_asked_about_what_comes_in_time(meta: Desk) -> None:
    meta.writes("petugas")
    goes_by(meta, 5)
    counts = []
    for late in (0, 0, 5):
        wrote = meta.clock()
        meta.clock.forward(minutes=late)
        with listening(meta.runtime.database.engine) as heard:
            said = messages(message("dan tahun 2022", timestamp=str(int(wrote.timestamp()))))
            assert post(meta, said).status_code == 200
        counts.append(len(heard))
        meta.settle()
    assert counts[2] - counts[1] <= 1
