"""Tickets that were taken apart: who is waited for on one of them is silent from then on, and it closes."""

import pytest

from handlers import linking, splitting
from storage.tickets import Opened
from tests.driver import CITIZEN, Desk
from tests.handlers.test_linking import by_chat, by_mail, goes_on, ticket


def _days_go_by(desk: Desk, number: int) -> None:
    for _ in range(number):
        desk.clock.forward(days=1)
        desk.settle()


@pytest.fixture
def answered(desk: Desk) -> int:
    """A ticket of Monday, 6 July, whose answer has left."""
    about = by_mail(desk)
    desk.replies("Jawaban untuk Anda.", about)
    desk.settle()
    return about


def test_what_a_split_leaves_is_closed_for_its_silence(desk: Desk, answered: int) -> None:
    desk.clock.forward(days=1)
    goes_on(desk, "Satu lagi: data inflasi 2024.")
    opened = splitting.split(desk.runtime, desk.officer(), answered, desk.messages()[-1].id)
    assert isinstance(opened, Opened)
    left = ticket(desk, answered)
    assert (left.waiting_for, left.silent_since) == ("citizen", desk.clock())
    _days_go_by(desk, 3)
    assert ticket(desk, answered).status == "open"
    _days_go_by(desk, 3)  # a weekend: what was due on Friday, at the end of service, is done on Monday
    assert ticket(desk, answered).close_reason == "silence"
    assert (ticket(desk, opened.id).status, ticket(desk, opened.id).silent_since) == ("open", None)


def test_what_was_merged_by_mistake_is_closed_for_its_silence(desk: Desk, answered: int) -> None:
    other = by_chat(desk)
    desk.replies("Jawaban lain.", other)
    desk.settle()
    assert linking.merge(desk.runtime, desk.officer(), answered, other) is None
    assert linking.undo_merge(desk.runtime, desk.officer(), answered) is None
    _days_go_by(desk, 4)
    assert {ticket(desk, each).close_reason for each in (answered, other)} == {"silence"}


def test_nobody_is_silent_about_words_that_have_not_left(desk: Desk, answered: int) -> None:
    other = by_chat(desk)
    _days_go_by(desk, 2)
    desk.replies("Jawaban yang tertahan.", other)
    desk.settle()
    assert desk.messages("out")[-1].delivery == "held"
    assert linking.merge(desk.runtime, desk.officer(), answered, other) is None
    assert linking.undo_merge(desk.runtime, desk.officer(), answered) is None
    assert ticket(desk, other).silent_since is None
    desk.writes("ya", address=CITIZEN)
    assert ticket(desk, other).status == "open"
