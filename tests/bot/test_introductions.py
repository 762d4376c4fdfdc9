"""What a letter tells about its writer, and what it does not."""

import pytest

from bot import introductions, labels
from bot.conversation import Profile

EVERYTHING = ("name", "institution_category", "main_use")
NOBODY = Profile()


@pytest.mark.parametrize(
    ("text", "name", "institution"),
    [
        ("Perkenalkan, nama saya Siti Aminah, mahasiswa Unlam.", "Siti Aminah", "pendidikan"),
        ("Perkenalkan saya Rudi Hartono dari Bappeda Kotabaru.", "Rudi Hartono", "pemda"),
        ("Dengan hormat, saya dosen Universitas Borneo.", "", "pendidikan"),
        ("Kami dari Dinas Sosial membutuhkan data desil.", "", "pemda"),
        ("My name is John Doe and I am a student at Unhas.", "John Doe", "pendidikan"),
        ("nama saya I Wayan Sudarta\nsaya wartawan", "I Wayan Sudarta", "swasta"),
        ("Saya butuh data sekolah dari dinas pendidikan", "", ""),
        ("Kami mohon data perusahaan swasta tahun 2020", "", ""),
        ("Apakah saya bisa meminta data untuk pemda?", "", ""),
        ("Nama saya tidak ada di daftar", "", ""),
        ("Data mahasiswa 2020", "", ""),
    ],
)
def test_who_introduces_themselves(text: str, name: str, institution: str) -> None:
    told = introductions.tell(NOBODY, EVERYTHING, labels.read(text), "")
    assert (told.name, told.institution_category) == (name, institution)


def test_a_use_that_was_told_is_the_main_use() -> None:
    letter = labels.read("mohon data ipm untuk skripsi")
    assert introductions.tell(NOBODY, EVERYTHING, letter, "skripsi saya").main_use == "tugas"
    assert introductions.tell(NOBODY, (), letter, "skripsi saya").main_use == ""


def test_labels_are_believed_also_when_nobody_asked() -> None:
    letter = labels.read(
        "Nama: Siti Aminah, S.E.\nInstansi: Yayasan Harapan\nEmail: Siti@Contoh.id\nKeperluan: x"
    )
    told = introductions.tell(NOBODY, (), letter, "")
    assert told == Profile("Siti Aminah, S.E.", "lainnya", "", "siti@contoh.id")


def test_what_was_told_earlier_stays() -> None:
    known = Profile(name="Budi", institution_category="swasta")
    letter = labels.read("Nama: Siti\nInstansi: Unhas")
    assert introductions.tell(known, EVERYTHING, letter, "") == known


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Siti Aminah, mahasiswa, skripsi", ("Siti Aminah", "pendidikan", "tugas")),
        ("1. Siti Aminah\n2. Bappeda Kotabaru\n3. perencanaan", ("Siti Aminah", "pemda", "pemerintahan")),
        ("Siti Aminah\nYayasan Harapan\npenelitian", ("Siti Aminah", "lainnya", "penelitian")),
        ("nama saya Siti Aminah, saya dari PT Maju untuk bisnis", ("Siti Aminah", "swasta", "komersial")),
        ("mahasiswa, untuk tugas kuliah", ("", "pendidikan", "tugas")),
        ("Siti Aminah", ("Siti Aminah", "", "")),
        ("Baik pak, terima kasih, saya tunggu", ("", "", "")),
        ("Kapan datanya bisa dikirim?", ("", "", "")),
        ("Mohon ditunggu", ("", "", "")),
    ],
)
def test_answers_in_free_words(text: str, told: tuple[str, str, str]) -> None:
    got = introductions.answer(NOBODY, EVERYTHING, text)
    assert (got.name, got.institution_category, got.main_use) == told
