"""Tickets that were taken apart: their promises count, and who is waited for is silent from then on."""

from datetime import UTC, date, datetime

import pytest

from bot.calendar import DayKind
from handlers import calendar_changes, linking, splitting
from handlers.calendar_changes import Change, Said
from storage.tickets import Opened
from tests.driver import CITIZEN, Desk
from tests.handlers.test_linking import by_chat, by_mail, goes_on, ticket
from tests.handlers.test_uniting import outcomes


def days_go_by(desk: Desk, number: int) -> None:
    """So many days, each with what it brings."""
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
    days_go_by(desk, 3)
    assert ticket(desk, answered).status == "open"
    days_go_by(desk, 3)  # a weekend: what was due on Friday, at the end of service, is done on Monday
    assert ticket(desk, answered).close_reason == "silence"
    assert (ticket(desk, opened.id).status, ticket(desk, opened.id).silent_since) == ("open", None)


def test_what_was_merged_by_mistake_is_closed_for_its_silence(desk: Desk, answered: int) -> None:
    other = by_chat(desk)
    desk.replies("Jawaban lain.", other)
    desk.settle()
    assert linking.merge(desk.runtime, desk.officer(), answered, other) is None
    assert linking.undo_merge(desk.runtime, desk.officer(), answered) is None
    days_go_by(desk, 4)
    assert {ticket(desk, each).close_reason for each in (answered, other)} == {"silence"}


def test_nobody_is_silent_about_words_that_have_not_left(desk: Desk, answered: int) -> None:
    other = by_chat(desk)
    days_go_by(desk, 2)
    desk.replies("Jawaban yang tertahan.", other)
    desk.settle()
    assert desk.messages("out")[-1].delivery == "held"
    assert linking.merge(desk.runtime, desk.officer(), answered, other) is None
    assert linking.undo_merge(desk.runtime, desk.officer(), answered) is None
    assert ticket(desk, other).silent_since is None
    desk.writes("ya", address=CITIZEN)
    assert ticket(desk, other).status == "open"


def test_a_promise_that_is_owed_again_counts_with_the_calendar_of_today(desk: Desk) -> None:
    """The office closes on a day while the ticket is answered: nothing of it is counted anew then."""
    about = by_mail(desk)
    desk.clock.forward(minutes=1)
    goes_on(desk, "Tambahan: per kecamatan.")
    desk.replies("Jawaban untuk Anda.", about)
    desk.settle()
    closes = Change(days={date(2026, 7, 8): Said(kind=DayKind.CLOSED, name="Listrik padam")})
    calendar_changes.save(desk.runtime, desk.officer(), "7411", closes)
    (_, added) = [row for row in desk.messages() if row.ticket_id == about]
    opened = splitting.split(desk.runtime, desk.officer(), about, added.id)
    assert isinstance(opened, Opened)
    assert ticket(desk, about).answered_at is None
    due = datetime(2026, 7, 10, 8, 0, tzinfo=UTC)  # Friday, 16.00; it had been Thursday
    assert [ticket(desk, each).due_at for each in (about, opened.id)] == [due, due]


def test_a_split_that_is_undone_at_once_leaves_the_figures_as_they_were(desk: Desk, answered: int) -> None:
    """What was split off counts since it was received, ten days before: nobody could have kept that."""
    goes_on(desk, "Satu lagi: data inflasi 2024.")
    days_go_by(desk, 10)
    before = outcomes(desk)
    opened = splitting.split(desk.runtime, desk.officer(), answered, desk.messages()[-1].id)
    assert isinstance(opened, Opened)
    assert splitting.undo_split(desk.runtime, desk.officer(), opened.id) is None
    assert outcomes(desk) == before == {"kept": 1}


def test_an_answer_to_another_request_is_none_to_this_one(desk: Desk, answered: int) -> None:
    """It came with a merge, went with a split, and is here again when that is undone."""
    owed = by_chat(desk)
    assert linking.merge(desk.runtime, desk.officer(), answered, owed) is None
    (letter,) = [row for row in desk.messages() if row.channel == "email"]
    for _ in range(2):
        desk.clock.forward(minutes=1)
        assert (ticket(desk, owed).answered_at, outcomes(desk)) == (None, {"kept": 1, "running": 1})
        opened = splitting.split(desk.runtime, desk.officer(), owed, letter.id)
        assert isinstance(opened, Opened)
        assert splitting.undo_split(desk.runtime, desk.officer(), opened.id) is None
    desk.clock.forward(minutes=1)
    desk.replies("Jawaban untuk yang kedua.", owed)
    assert ticket(desk, owed).answered_at == desk.clock()
