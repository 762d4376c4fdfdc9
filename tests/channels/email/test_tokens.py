"""Signed words: they come back as they went, and nothing else is believed."""

import pytest

from channels.email.tokens import Purpose, Token, Tokens, message_id, tagged, untagged

OLD, NEW = "o" * 40, "n" * 40
THREAD = Token(Purpose.THREAD, 1234567, 89)
RUBBISH = ["", "t.1.1.", "t" * 500, "x.1.1." + "a" * 16, "t.1.1.\u0661" + "a" * 15, "\x00"]


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize(("about", "by"), [(0, 0), (1, 35), (36, 36**8 - 1), (2**53, 7)])
def test_comes_back_as_it_went(purpose: Purpose, about: int, by: int) -> None:
    tokens = Tokens([NEW])
    said = tokens.sign(Token(purpose, about, by))
    assert tokens.read(said) == Token(purpose, about, by)
    assert tokens.read(said.upper()) == Token(purpose, about, by)


def test_is_short_enough_for_an_address() -> None:
    said = Tokens([NEW]).sign(Token(Purpose.BOUNCE, 36**8 - 1, 36**8 - 1))
    assert len(said) <= 44
    assert len(f"bps6302+{said}") <= 64


def test_every_changed_letter_is_noticed() -> None:
    tokens = Tokens([NEW])
    said = tokens.sign(THREAD)
    for place, letter in enumerate(said):
        other = "a" if letter != "a" else "b"
        assert tokens.read(said[:place] + other + said[place + 1 :]) is None


def test_a_key_is_replaced_without_losing_what_is_on_its_way() -> None:
    said = Tokens([OLD]).sign(THREAD)
    assert Tokens([NEW, OLD]).read(said) == THREAD
    assert Tokens([NEW]).read(said) is None
    assert Tokens([NEW, OLD]).sign(THREAD) == Tokens([NEW]).sign(THREAD)


def test_the_mark_of_the_installation_outlives_its_key() -> None:
    assert Tokens([NEW, OLD]).marks == (*Tokens([NEW]).marks, *Tokens([OLD]).marks)
    assert Tokens([NEW]).marks == (Tokens([NEW]).sign(Token(Purpose.PROBE, 0)),)


@pytest.mark.parametrize("text", RUBBISH)
def test_rubbish_is_nothing(text: str) -> None:
    assert Tokens([NEW]).read(text) is None
    assert not list(Tokens([NEW]).find(text))


def test_found_in_addresses_ids_and_words() -> None:
    tokens = Tokens([NEW])
    said = tokens.sign(THREAD)
    places = (f"<{tagged('bps@bps.go.id', said)}>", message_id(said, "bps@bps.go.id"), f"lihat {said}, ya")
    for text in places:
        assert list(tokens.find(text)) == [THREAD]
    assert list(tokens.find(f"x{said} {said}9")) == []


def test_finding_takes_linear_time() -> None:
    assert list(Tokens([NEW]).find("t.1.1." * 1_000_000)) == []


def test_addresses_with_and_without_their_tag() -> None:
    assert tagged("bps@bps.go.id", "x.y") == "bps+x.y@bps.go.id"
    assert untagged("BPS+x.y@BPS.go.id") == "bps@bps.go.id"
    assert untagged("bps@bps.go.id") == "bps@bps.go.id"
