"""What four hundred messages want: the table of the service, and those written for this project."""

from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from bot import after_closing, details
from bot.conversation import Conversation, State
from bot.events import Content, MessageReceived
from bot.texts import Text
from bot.understanding import Intent, complains, read, read_elsewhere
from tests.bot.desk import after
from tests.bot.table import ROWS, Row

MESSAGES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("messages.yaml").read_text("utf-8"))
NEIGHBOURS = {
    "BPS Kabupaten Bulungan": ("bulungan", "tanjung selor"),
    "BPS Kabupaten Nunukan": ("nunukan", "sebatik"),
    "BPS Kabupaten Malinau": ("malinau",),
    "BPS Kabupaten Tana Tidung": ("tana tidung", "tideng pale"),
}
TARAKAN = "BPS Kota Tarakan"


def taken_for(text: str, office: str = TARAKAN) -> str:
    """The name of what *text* is taken for. A concept is told from figures by the rule that found it."""
    reading = read(text, details.place_of(office), NEIGHBOURS)
    if reading.intent is Intent.CONTENT:
        return "meta" if reading.rule == "concept" else "ask"
    return {Intent.INJECTION: "inject"}.get(reading.intent, reading.intent.value)


def in_half(text: str) -> int:
    """The half of the list that a message belongs to, whatever stands beside it."""
    return sha256(text.encode()).digest()[-1] & 1


def wrong(half: int) -> list[tuple[str, str, str]]:
    """The messages of one half that are misunderstood: what is right, what it was taken for, the words."""
    told = ((right, text) for right, texts in MESSAGES.items() for text in texts if in_half(text) == half)
    judged = ((right, taken_for(text.strip()), text) for right, text in told)
    return [(right, got, text) for right, got, text in judged if got not in right.split("|")]


def size(half: int) -> int:
    """How many messages one half has."""
    return sum(in_half(text) == half for texts in MESSAGES.values() for text in texts)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.pending], ids=lambda row: str(row.number))
def test_a_row_of_the_table_is_understood(row: Row) -> None:
    """All of them: the table asks for 95 of 100, and for no row that is silenced or accuses by mistake."""
    assert taken_for(row.text, row.office) in row.accepted


def test_a_number_rates_only_while_a_rating_is_waited_for() -> None:
    row = next(row for row in ROWS if row.pending == "rating")
    said = MessageReceived(row.text)
    assert after_closing.is_rating(Conversation(state=State.RATING), said)
    assert not after_closing.is_rating(Conversation(state=State.CHOOSING), said)


def test_a_voice_note_says_nothing_and_is_kept_for_an_officer() -> None:
    shell = after("p")
    shell.hears("", Content.VOICE)
    assert shell.said == [Text.MEDIA_KEPT]
    assert "[pesan suara]" in shell.value.draft.text


def test_the_list_is_long_and_in_two_halves() -> None:
    texts = [text for texts in MESSAGES.values() for text in texts]
    assert len(texts) == len(set(texts)) >= 300
    assert min(size(0), size(1)) > 150


def test_the_half_that_was_tuned_on_is_understood() -> None:
    assert len(wrong(0)) <= size(0) * 0.02, wrong(0)


def test_the_half_that_was_never_tuned_on_is_understood() -> None:
    """Only the numbers are told, so that nobody tunes on them unawares."""
    assert len(wrong(1)) <= size(1) * 0.1


@pytest.mark.parametrize("intent", ["opt_out", "complain"])
def test_nobody_is_silenced_and_nobody_accuses_by_mistake(intent: str) -> None:
    assert [text for half in (0, 1) for right, got, text in wrong(half) if got == intent] == []


def test_only_the_beginning_of_a_long_text_is_judged() -> None:
    long = "STOP" + " " * 10_000 + "dulu pak"
    assert read(long).intent is not Intent.OPT_OUT
    assert read("saya mau komplain " + "x " * 500_000).intent is Intent.COMPLAIN


def test_what_is_sooner_told_is_the_same() -> None:
    place, said = details.place_of(TARAKAN), [text for texts in MESSAGES.values() for text in texts]
    padded = [" ".join([text, *["data penduduk tarakan"] * 9]) for text in said]
    for text in [*said, *padded, *map(" ".join, zip(said, reversed(said), strict=True))]:
        assert complains(text) is (read(text).intent is Intent.COMPLAIN)
        for neighbours in (NEIGHBOURS, {}):
            whole = read(text, place, neighbours)
            told = read_elsewhere(text, place, neighbours)
            assert told == (whole if whole.intent is Intent.ELSEWHERE else None)
