"""A silence that rested for a complaint counts again, also where that one was merged and ends elsewhere."""

import pytest

from tests.driver import CITIZEN, Desk
from tests.handlers.test_linking import SOMEBODY, by_chat, by_mail, complaint, merge, ticket
from tests.handlers.test_taken_apart import days_go_by

SAME = "PENGADUAN: petugas loket tidak ramah kepada kami"


@pytest.fixture
def waiting(desk: Desk) -> int:
    """A consultation whose citizen is waited for; their complaint was merged into somebody else's."""
    consultation = by_chat(desk)
    desk.replies("Jawaban untuk Anda.", consultation)
    desk.settle()
    first, other = complaint(desk), by_mail(desk, SOMEBODY, SAME)
    assert merge(desk, first, other) is None
    desk.replies("Sudah kami tindak.", other)
    desk.settle()
    return consultation


def test_whose_complaint_ends_with_another_is_waited_for_again(desk: Desk, waiting: int) -> None:
    days_go_by(desk, 7)
    assert ticket(desk, waiting).status == "open"
    desk.closes(desk.tickets()[-1].id)
    assert ticket(desk, waiting).silent_since == desk.clock()
    days_go_by(desk, 2)
    assert ticket(desk, waiting).status == "open"
    days_go_by(desk, 3)
    assert ticket(desk, waiting).close_reason == "silence"


def test_who_wants_no_messages_is_not(desk: Desk, waiting: int) -> None:
    desk.writes("STOP", address=CITIZEN)
    desk.closes(desk.tickets()[-1].id)
    days_go_by(desk, 7)
    assert ticket(desk, waiting).status == "open"
