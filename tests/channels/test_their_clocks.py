"""What others' clocks say of ours: only what the round trip can't explain, and only when it is said again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from channels.their_clocks import ENOUGH, TheirClocks, compared

NOW = datetime(2026, 7, 6, 1, 0, 30, 700_000, tzinfo=UTC)
NONE = timedelta()


def answer(date: str | None, *, took: float = 0.2, host: str = "api.twilio.com", **headers: str) -> Response:
    """An answer that has come now, after *took* seconds."""
    made = Response()
    made.url, made.elapsed = f"https://{host}:443/2010-04-01", timedelta(seconds=took)
    made.headers.update(headers | ({"Date": date} if date is not None else {}))
    return made


def dated(apart: timedelta = NONE) -> str:
    """The moment as a host says it from whose clock ours is *apart*."""
    return format_datetime((NOW - apart).replace(microsecond=0), usegmt=True)


@pytest.mark.parametrize(("date", "took", "apart"), [
    (dated(), 0.2, NONE),
    (dated(timedelta(seconds=9)), 10, NONE),
    (dated(timedelta(seconds=-1)), 0.2, timedelta(milliseconds=-300)),
    (dated(timedelta(minutes=5)), 0.2, timedelta(minutes=5, seconds=-0.5)),
    (dated(timedelta(minutes=5)), 20.7, timedelta(minutes=5, seconds=-21)),
    (dated(timedelta(days=-365)), 0.2, timedelta(days=-365, seconds=0.7)),
    ("Monday, 06-Jul-26 00:55:30 GMT", 0.7, timedelta(minutes=5, seconds=-1)),
])  # fmt: skip
def test_how_far_our_clock_is_at_least(date: str, took: float, apart: timedelta) -> None:
    found = compared(answer(date, took=took), NOW)
    assert found is not None
    assert (found.host, found.apart) == ("api.twilio.com", apart)


@pytest.mark.parametrize(
    "date", [None, "", "soon", "Mon, 06 Jul", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"]
)
def test_where_no_moment_is_told_nothing_is_known(date: str | None) -> None:
    assert compared(answer(date), NOW) is None


def test_an_answer_from_a_store_tells_nothing() -> None:
    assert compared(answer(dated(timedelta(hours=1)), Age="3600"), NOW) is None


@given(st.text(max_size=60))
def test_no_header_makes_the_answer_fail(date: str) -> None:
    TheirClocks(lambda: NOW).heard(answer(date))


HOUR = timedelta(hours=1)


def heard(*said: tuple[str, timedelta]) -> TheirClocks:
    clocks = TheirClocks(lambda: NOW)
    for host, apart in said:
        clocks.heard(answer(dated(apart), host=host), timeout=10)
    return clocks


def side(clocks: TheirClocks) -> int | None:
    """What is the matter with our clock; None while nothing is known."""
    verdict = clocks.verdict()
    return verdict.side if verdict else None


@pytest.mark.parametrize(("apart", "wrong"), [
    (NONE, 0),
    (timedelta(seconds=119), 0),
    (timedelta(seconds=123), 1),
    (timedelta(seconds=-123), -1),
    (HOUR, 1),
])  # fmt: skip
def test_several_answers_in_a_row_are_a_word(apart: timedelta, wrong: int) -> None:
    assert side(heard(*[("a", apart)] * (ENOUGH - 1))) is None
    assert side(heard(*[("a", apart)] * ENOUGH)) == wrong


def test_one_odd_answer_is_none_and_neither_are_two_directions() -> None:
    right, fast, slow = ("a", NONE), ("a", HOUR), ("a", -HOUR)
    alike = {(each,) * ENOUGH: word for each, word in ((right, 0), (fast, 1), (slow, -1))}
    for many in product((right, fast, slow), repeat=ENOUGH):
        assert side(heard(*many)) == alike.get(many)
    assert side(heard(fast, fast, right, right, right)) == 0


def test_who_says_right_is_believed_first() -> None:
    wrong = [("webapi.bps.go.id", HOUR)] * ENOUGH
    assert side(heard(*wrong, ("api.twilio.com", NONE))) == 1
    assert side(heard(*wrong, *[("api.twilio.com", NONE)] * ENOUGH)) == 0
    assert side(heard(*[("api.twilio.com", NONE)] * ENOUGH, *wrong)) == 0


def test_nothing_new_is_no_word() -> None:
    clocks = heard(*[("a", HOUR)] * ENOUGH)
    assert (side(clocks), side(clocks)) == (1, None)
    clocks.heard(answer(dated(HOUR), host="a"))
    assert side(clocks) == 1
