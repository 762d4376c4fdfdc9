"""One spelling for many, and the two words that mean one thing or another."""

import pytest

from bot.spelling import spelt, spelt_out


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("brp", "berapa"),
        ("gmn", "bagaimana"),
        ("gaaa", "tidak"),
        ("haloooo", "halo"),
        ("survei2", "survei"),
        ("datanya", "data"),
        ("bisakah", "bisa"),
        ("punya", "punya"),
        ("jumlah", "jumlah"),
        ("100000", "100000"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_word_is_compared_as_it_is_usually_written(written: str, usual: str) -> None:
    assert spelt(written) == usual


@pytest.mark.parametrize(
    ("sentence", "usual"),
    [
        ("pdrb 2020 sd 2023", "pdrb 2020 sampai 2023"),
        ("jml sekolah sd", "jumlah sekolah sd"),
        ("anak sd 2023", "anak sd 2023"),
        ("hallo min", "hallo min"),
        ("min ada data ipm", "min ada data ipm"),
        ("suhu min dan max", "suhu minimum dan max"),
        ("umur min 15", "umur minimum 15"),
    ],
)
def test_neighbours_tell_what_sd_and_min_mean(sentence: str, usual: str) -> None:
    assert " ".join(spelt_out(tuple(sentence.split()))) == usual
