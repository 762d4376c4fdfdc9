"""Nobody can keep the desk busy with a long text: reading one takes time in proportion to its length."""

import time
from collections.abc import Callable

import pytest

from bot import answers, details, introductions, labels, opening, understanding, words
from bot.conversation import Profile, Request
from bot.labels import Labelled
from tests.bot.desk import REGISTERING_BY_MAIL, Shell

SMALL, LARGE = 8_192, 65_536
WORDS = (
    *(
        "a",
        "1",
        ".",
        ",",
        "_",
        "-",
        "4 ",
        "2020",
        "2020 ",
        "2020-",
        "kab ",
        "kab",
        "kota \n",
        "untuk ",
        "tahun ",
    ),
    *(
        "nama saya ",
        "perkenalkan saya a ",
        "saya dari ",
        "nama (",
        "kepada\n",
        "nama ",
        "data: ",
        "1. ",
        "1.",
        "ab : ",
        "é",
        "👍",
        "stop ",
        "petugas ",
        "s.d.",
        "dari ",
        "?",
    ),
    *("jangan kirim pesan ", "petugas tidak ", "hapus data saya ", "umk ", "2020 sd ", "wk"),
    *("pulau laut ", "a\n", "salam\n", "@", "a@", "a.", "@a.", "a@b", "x@y.", "buat\t", "2020 s", "0.0 "),
)
BLANKS = (" ", "\n", "\t", "\u200b", "\u00a0")
AROUND_BLANKS = ("{}", "4{}", "2020{}x", "nama{}", "ab{}", "untuk{}.", "kab{}", "a@b{}c.id")
TEXTS = (
    *(("{}", word) for word in WORDS),
    *((around, blank) for blank in BLANKS for around in AROUND_BLANKS),
    *(("{}@contoh.id", "a"), ("a@{}", "b"), ("a@{}", "b."), ("2020{}", "sd"), ("4{}", "4")),
)
MISSING = Request(text="data")
FIELDS = ("name", "institution_category", "main_use")


def _first_letter(text: str) -> None:
    Shell(REGISTERING_BY_MAIL).mails(text, text[:250], whole=text)


READERS: tuple[Callable[[str], object], ...] = (
    understanding.intent,
    understanding.command,
    understanding.is_request,
    answers.rating,
    answers.name,
    answers.email,
    answers.number,
    answers.tells,
    answers.confirmation,
    lambda text: answers.choice(text, words.INSTITUTIONS, words.INSTITUTION_WORDS),
    lambda text: details.read(text, "Kolaka Timur"),
    lambda text: details.answer(MISSING, text, "Kolaka Timur"),
    lambda text: details.correct(MISSING, text, "Kolaka Timur", anew=True),
    lambda text: introductions.tell(Profile(), FIELDS, labels.read(text), text),
    lambda text: introductions.tell(Profile(), FIELDS, Labelled({}, text), text),
    lambda text: introductions.answer(Profile(), FIELDS, text),
    opening.heart_of,
    _first_letter,
)


def _cost(read: Callable[[str], object], text: str) -> float:
    """Seconds of our own processor time, since others share the machine."""
    started = time.thread_time()
    read(text)
    return time.thread_time() - started


def _in_proportion(read: Callable[[str], object], small: str, large: str) -> bool:
    # Below a millisecond a clock says nothing about a text.
    return _cost(read, large) < 40 * max(_cost(read, small), 0.001)


@pytest.mark.parametrize(("around", "unit"), TEXTS, ids=repr)
def test_reading_takes_time_in_proportion(around: str, unit: str) -> None:
    """Eight times the text may cost forty times the time: far from the sixty-four of a square."""
    small, large = (around.format(unit * (size // len(unit))) for size in (SMALL, LARGE))
    for read in READERS:
        assert any(_in_proportion(read, small, large) for _ in range(3))
