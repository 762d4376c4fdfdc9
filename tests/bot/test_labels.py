"""Lines with a label: filled, left empty, several on a line, with the bullets of any mail program."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.labels import LABELS, read

FILLED = {"name": "Siti Aminah", "institution_category": "Unhas", "years": "2020"}


@pytest.mark.parametrize(
    "text",
    [
        "Nama: Siti Aminah\nInstansi/asal: Unhas\nTahun: 2020",
        "Nama : Siti Aminah\nInstansi = Unhas\nTAHUN :2020",
        "- Nama: Siti Aminah\n• Asal: Unhas\n* Tahun: 2020",
        "1. Nama: Siti Aminah\n2) Instansi: Unhas\n3. Tahun: 2020",
        "> Nama: Siti Aminah\n> > Instansi: Unhas\n> Tahun: 2020",
        "*Nama:* Siti Aminah\n_Instansi_: Unhas\n**Tahun**: 2020",
        "Nama: Siti Aminah, Instansi: Unhas; Tahun: 2020",
        "Nama: Siti Aminah Instansi: Unhas Tahun: 2020",
        "Nama: Siti Aminah | Instansi: Unhas | Tahun: 2020",
        "Nama (lengkap): Siti Aminah\nInstansi (misalnya kampus): Unhas\nTahun data: 2020",
        "Name: Siti Aminah\r\nInstitution: Unhas\r\nYears: 2020",
        "Nama:\nNama: Siti Aminah\nInstansi: ....\nInstansi: Unhas\nTahun: 2020\nTahun: 2021",
    ],
)
def test_filled_labels_are_read(text: str) -> None:
    assert read(text).told == FILLED


@pytest.mark.parametrize("text", ["Nama:", "Nama: ....", "Nama: ___", "Nama: -", "Nama: …\nTahun:", ""])
def test_what_is_left_empty_tells_nothing(text: str) -> None:
    assert read(text).told == {}


@pytest.mark.parametrize(
    "text",
    [
        "Mohon data: jumlah penduduk",
        "nama saya Siti",
        "catatan: nama belum ada",
        "https://contoh.id/data:1",
        "rename: x",
    ],
)
def test_a_word_within_a_sentence_is_no_label(text: str) -> None:
    assert read(text).told == {}
    assert read(text).rest == text


def test_what_stands_between_the_labels_is_left() -> None:
    letter = read("Baik pak,\nNama: Siti\n\nsaya tunggu ya\nTahun:")
    assert (letter.told, letter.rest) == ({"name": "Siti"}, "Baik pak,\n\nsaya tunggu ya")


@given(st.text(alphabet="namtu: (>*\n=asl", max_size=200))
def test_nothing_is_read_twice_or_raised(text: str) -> None:
    letter = read(text)
    assert set(letter.told) <= set(LABELS)
    assert all(letter.told.values())


@pytest.mark.parametrize(
    "piece", ["nama ", "nama (", "nama: a ", ">", "data   ", "1. ", "(", "=:", "instansi/"]
)
def test_no_text_takes_long(piece: str) -> None:
    started = time.thread_time()
    read(piece * 20_000)
    assert time.thread_time() - started < 1
