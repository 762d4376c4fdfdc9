"""Long texts leave in parts that lose nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.whatsapp.splitting import LONGEST_PART, split

WORDS = st.text(min_size=1, max_size=12)
TEXTS = st.lists(WORDS | st.sampled_from([" ", "\n", "\n\n", ". ", "🌸", "👩🏽‍🔬"])).map("".join)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def letters(text: str) -> str:
    return "".join(text.replace("\x00", "").split())


@given(TEXTS, st.integers(2, 60))
@example("🌸" * 50, 3)
@example("a" * 100, 2)
@example("é" * 40, 7)
def test_parts_fit_and_lose_nothing(text: str, longest: int) -> None:
    parts = split(text, longest)
    assert all(0 < units(part) <= longest for part in parts)
    assert all(part == part.strip() for part in parts)
    assert letters("".join(parts)) == letters(text)


@given(TEXTS, st.integers(20, 200))
def test_words_that_fit_stay_whole(text: str, longest: int) -> None:
    words = text.replace("\x00", "").split()
    if all(units(word) <= longest for word in words):
        assert " ".join(split(text, longest)).split() == words


@given(st.text())
def test_what_fits_is_not_touched(text: str) -> None:
    kept = text.replace("\x00", "").strip()
    if units(kept) <= LONGEST_PART:
        assert split(text) == ((kept,) if kept else ())


@pytest.mark.parametrize(("text", "longest", "parts"), [
    ("satu dua\n\ntiga empat lima", 20, ("satu dua", "tiga empat lima")),
    ("satu dua.\ntiga empat lima", 20, ("satu dua.", "tiga empat lima")),
    ("Satu dua. Tiga empat lima.", 20, ("Satu dua.", "Tiga empat lima.")),
    ("satu dua tiga empat lima", 15, ("satu dua tiga", "empat lima")),
    ("a\n\nsatu dua tiga empat", 15, ("a\n\nsatu dua", "tiga empat")),
    ("x" * 10, 4, ("xxxx", "xxxx", "xx")),
    ("🌸🌸🌸", 5, ("🌸🌸", "🌸")),
    ("abcde\u0301", 5, ("abcd", "e\u0301")),
    ("👩🏽‍🔬👩🏽‍🔬", 10, ("👩🏽‍🔬", "👩🏽‍🔬")),
    ("\ud800halo\x00", 10, ("halo",)),
    (" \n ", 10, ()),
])  # fmt: skip
def test_parts_end_where_a_reader_would_cut(text: str, longest: int, parts: tuple[str, ...]) -> None:
    assert split(text, longest) == parts


def test_a_long_text_is_split_quickly() -> None:
    text = "Data inflasi bulanan. " * 20_000
    parts = split(text)
    assert len(parts) < 300
    assert all(part.endswith(".") for part in parts)
