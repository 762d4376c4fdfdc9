"""A ticket that holds two requests is split: by mail at once, on chat once the old one is closed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.events import TimerKind
from handlers import erasing, linking, officer, splitting
from handlers.linking import Obstacle
from storage import complaints, timers
from storage.columns import AnyRow, table
from storage.tables import Conversation
from storage.tickets import Opened
from tests.driver import CITIZEN, Desk
from tests.handlers.test_linking import (
    ASKS,
    bodies,
    by_chat,
    by_mail,
    complaint,
    goes_on,
    logged,
    merge,
    ticket,
)
from tests.handlers.test_uniting import outcomes

CONVERSATION = table(Conversation)
SECOND = "Satu lagi: berapa tarif data mikro?"


def said(desk: Desk, text: str) -> int:
    """The message of a citizen with these words."""
    return next(int(row.id) for row in desk.messages() if row.body == text)


def split(desk: Desk, ticket_id: int, text: str) -> Opened | Obstacle:
    return splitting.split(desk.runtime, desk.officer(), ticket_id, said(desk, text))


def undo(desk: Desk, ticket_id: int) -> Obstacle | None:
    return splitting.undo_split(desk.runtime, desk.officer(), ticket_id)


def threads(desk: Desk) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(CONVERSATION).order_by(CONVERSATION.c.id)))


def two_requests(desk: Desk) -> tuple[int, int]:
    """A ticket by mail with two requests, the second one split off."""
    old = by_mail(desk)
    desk.clock.forward(hours=1)
    goes_on(desk, SECOND)
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    return old, opened.id


def test_a_split_of_somebody_who_was_erased_is_not_undone(desk: Desk) -> None:
    about = by_mail(desk)
    goes_on(desk, SECOND)
    opened = split(desk, about, SECOND)
    assert isinstance(opened, Opened)
    assert erasing.erase(desk.runtime, "7411", ticket(desk, about).contact_id, desk.officer())
    assert undo(desk, opened.id) is Obstacle.GONE


def test_by_mail_both_stand_open_each_in_a_thread_of_its_own(desk: Desk) -> None:
    old, new = two_requests(desk)
    assert (bodies(desk, old), bodies(desk, new)) == ([ASKS], [SECOND])
    first, second = threads(desk)
    assert (first.ticket_id, second.ticket_id) == (old, new)
    assert (first.address_id, first.reply_to, first.sender) == (
        second.address_id,
        second.reply_to,
        second.sender,
    )
    row = ticket(desk, new)
    assert (row.status, row.reference, row.linked_to, row.conversation_id) == (
        "open",
        "KTM-2026-00002",
        old,
        second.id,
    )
    assert (row.subject, row.confirmed, row.waiting_for) == (SECOND, False, "office")
    assert (logged(desk, old), logged(desk, new)) == (["opened", "split"], ["opened", "split_here"])


def test_an_answer_to_either_finds_its_own_ticket(desk: Desk) -> None:
    old, new = two_requests(desk)
    desk.replies("Tarifnya tercantum di silastik.", new)
    desk.mails("Terima kasih tarifnya.", answers=desk.letters()[-1])
    assert bodies(desk, new)[-1] == "Terima kasih tarifnya."
    desk.replies("PDRB terlampir.", old)
    desk.mails("Terima kasih PDRB-nya.", answers=desk.letters()[-1])
    assert bodies(desk, old)[-1] == "Terima kasih PDRB-nya."


def test_an_answer_to_a_letter_that_was_split_off_goes_with_it(desk: Desk) -> None:
    """The letter names the thread it was written in; where its message stands now counts."""
    old = by_mail(desk)
    desk.clock.forward(hours=1)
    goes_on(desk, SECOND)
    desk.replies("Tarifnya tercantum di silastik.", old)
    letter = desk.letters()[-1]
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    assert bodies(desk, opened.id, "out") == ["Tarifnya tercantum di silastik."]
    desk.mails("Terima kasih tarifnya.", answers=letter)
    assert bodies(desk, opened.id)[-1] == "Terima kasih tarifnya."
    goes_on(desk, "Dan PDRB-nya?")
    assert bodies(desk, old)[-1] == "Dan PDRB-nya?"


def test_who_owes_the_next_word_is_read_anew(desk: Desk) -> None:
    old = by_mail(desk)
    desk.clock.forward(hours=1)
    desk.replies("PDRB terlampir.", old)
    answered = ticket(desk, old).answered_at
    desk.clock.forward(hours=1)
    goes_on(desk, SECOND)
    desk.settle()
    asked = ticket(desk, old).waiting_since
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    left, new = ticket(desk, old), ticket(desk, opened.id)
    assert (left.waiting_for, left.waiting_since, left.answered_at) == ("citizen", answered, answered)
    assert (new.waiting_for, new.answered_at) == ("office", None)
    assert asked == desk.clock()


def test_undone_everything_is_in_the_old_ticket_again(desk: Desk) -> None:
    old, new = two_requests(desk)
    desk.replies("Tarifnya tercantum di silastik.", new)
    letter = desk.letters()[-1]
    assert undo(desk, new) is None
    assert bodies(desk, old) == [ASKS, SECOND]
    assert bodies(desk, old, "out")[-1] == "Tarifnya tercantum di silastik."
    row = ticket(desk, new)
    assert (row.status, row.close_reason, row.merged_into) == ("closed", "merged", old)
    desk.mails("Terima kasih tarifnya.", answers=letter)
    goes_on(desk, "Dan PDRB-nya?")
    assert bodies(desk, old)[-2:] == ["Terima kasih tarifnya.", "Dan PDRB-nya?"]
    assert undo(desk, new) is Obstacle.MERGED
    assert logged(desk, new)[-1] == logged(desk, old)[-1] == "split_undone"
    assert linking.undo_merge(desk.runtime, desk.officer(), new) is Obstacle.NOT_MERGED
    again = split(desk, old, SECOND)
    assert isinstance(again, Opened)
    assert again.reference == "KTM-2026-00003"


def test_undoing_is_refused_once_it_can_t_be_done(desk: Desk) -> None:
    old, new = two_requests(desk)
    other = by_mail(desk, "budi@contoh.id")
    assert undo(desk, old) is Obstacle.GONE
    assert merge(desk, other, new) is None
    assert undo(desk, new) is Obstacle.HOLDS_ANOTHER
    assert linking.undo_merge(desk.runtime, desk.officer(), other) is None
    assert merge(desk, old, other) is None
    assert undo(desk, new) is Obstacle.MERGED_ON
    assert linking.undo_merge(desk.runtime, desk.officer(), old) is None
    desk.closes(new)
    assert undo(desk, new) is Obstacle.NOT_OPEN
    officer.reopen(desk.runtime, desk.officer(), new)
    assert undo(desk, new) is None


def test_something_must_be_left(desk: Desk) -> None:
    old = by_mail(desk)
    assert split(desk, old, ASKS) is Obstacle.NOTHING_LEFT
    assert splitting.split(desk.runtime, desk.officer(), old, 999_999) is Obstacle.GONE
    assert logged(desk, old) == ["opened"]


def test_not_while_a_letter_is_on_its_way(desk: Desk) -> None:
    old = by_mail(desk)
    goes_on(desk, SECOND)
    desk.replies("Tunggu sebentar.", old)
    assert split(desk, old, SECOND) is Obstacle.UNDER_WAY
    desk.settle()
    assert isinstance(split(desk, old, SECOND), Opened)


def test_on_chat_the_old_ticket_must_be_closed_first(desk: Desk) -> None:
    old = by_chat(desk)
    desk.writes(SECOND)
    desk.settle()
    assert split(desk, old, SECOND) is Obstacle.ON_CHAT
    desk.closes(old)
    desk.settle()
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    desk.writes("jadi bagaimana?")
    assert bodies(desk, opened.id) == [SECOND, "jadi bagaimana?"]
    assert ticket(desk, old).status == "closed"
    assert undo(desk, opened.id) is None
    assert bodies(desk, old) == ["petugas", SECOND, "jadi bagaimana?"]
    desk.writes("terima kasih")
    assert (desk.messages()[-1].outcome, len(desk.tickets())) == ("filed", 2)


def test_on_chat_not_while_the_citizen_writes_or_has_another_ticket(desk: Desk) -> None:
    old = by_chat(desk)
    desk.writes(SECOND)
    desk.closes(old)
    desk.writes("data penduduk")
    desk.settle()
    assert split(desk, old, SECOND) is Obstacle.WRITING_NEW
    desk.writes("petugas")
    desk.settle()
    assert split(desk, old, SECOND) is Obstacle.ANOTHER_OPEN


def test_a_participants_words_take_their_conversation_with_them(desk: Desk) -> None:
    into, gone = by_mail(desk), by_chat(desk)
    merge(desk, gone, into)
    desk.writes("masih menunggu")
    desk.settle()
    opened = split(desk, into, "petugas")
    assert isinstance(opened, Opened)
    assert bodies(desk, opened.id) == ["petugas", "masih menunggu"]
    desk.writes("jadi bagaimana?")
    assert bodies(desk, opened.id)[-1] == "jadi bagaimana?"
    assert ticket(desk, opened.id).contact_id == ticket(desk, gone).contact_id
    assert linking.undo_merge(desk.runtime, desk.officer(), gone) is Obstacle.ANOTHER_OPEN
    assert undo(desk, opened.id) is None
    assert linking.undo_merge(desk.runtime, desk.officer(), gone) is None
    assert bodies(desk, gone) == ["petugas", "masih menunggu", "jadi bagaimana?"]


def test_what_was_split_off_keeps_a_merge_from_being_undone(desk: Desk) -> None:
    into, gone = by_mail(desk), by_mail(desk, "budi@contoh.id")
    goes_on(desk, SECOND, "budi@contoh.id")
    merge(desk, gone, into)
    opened = split(desk, into, SECOND)
    assert isinstance(opened, Opened)
    assert linking.undo_merge(desk.runtime, desk.officer(), gone) is Obstacle.TAKEN_APART
    assert bodies(desk, into) == [ASKS, ASKS]


def test_a_complaint_split_stays_a_complaint(desk: Desk) -> None:
    old = complaint(desk)
    desk.writes(SECOND)
    desk.settle()
    assert bodies(desk, old)[-1] == SECOND
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    assert (ticket(desk, opened.id).kind, opened.reference) == ("complaint", "KTM-P-2026-00002")
    with desk.runtime.database.read() as connection:
        row = complaints.find(connection, opened.id)
        assert row is not None
        assert (row.acknowledged_at, row.tells_at is None) == (desk.clock(), False)
    assert ticket(desk, opened.id).due_at is not None
    desk.writes("jadi bagaimana?")
    assert bodies(desk, opened.id)[-1] == "jadi bagaimana?"


@pytest.mark.parametrize("_again", range(2))
def test_of_many_splits_at_once_one_happens(desk: Desk, _again: int) -> None:
    old = by_mail(desk)
    desk.clock.forward(hours=1)
    goes_on(desk, SECOND)
    officer_id, message = desk.officer(), said(desk, SECOND)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: splitting.split(desk.runtime, officer_id, old, message), range(6)))
    (opened,) = (each for each in results if isinstance(each, Opened))
    assert opened.reference == "KTM-2026-00002"
    assert [row.reference for row in desk.tickets()] == ["KTM-2026-00001", "KTM-2026-00002"]
    with ThreadPoolExecutor(6) as pool:
        undone = list(pool.map(lambda _: splitting.undo_split(desk.runtime, officer_id, opened.id), range(6)))
    assert undone.count(None) == 1
    assert bodies(desk, old) == [ASKS, SECOND]


def test_only_words_of_the_citizen_are_a_place_to_split_at(desk: Desk) -> None:
    old = by_chat(desk)
    desk.writes(SECOND, address=CITIZEN)
    desk.replies("Jawaban", old)
    desk.closes(old)
    desk.settle()
    answer = next(row.id for row in desk.messages("out") if row.body == "Jawaban")
    assert splitting.split(desk.runtime, desk.officer(), old, answer) is Obstacle.GONE


def ways_left(desk: Desk, ticket_id: int) -> set[TimerKind]:
    """The deadlines of the ticket's conversation."""
    talk = ticket(desk, ticket_id).conversation_id
    with desk.runtime.database.read() as connection:
        return set(timers.standing(connection, [talk])[talk])


def answered_with_the_second(desk: Desk) -> tuple[int, int]:
    """A ticket by mail whose only answer went with the request that was split off."""
    old = by_mail(desk)
    desk.clock.forward(hours=1)
    goes_on(desk, SECOND)
    desk.clock.forward(hours=1)
    desk.replies("Tarifnya tercantum di silastik.", old)
    desk.settle()
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    return old, opened.id


def test_what_is_split_off_is_promised_since_it_came(desk: Desk) -> None:
    """Kolaka Timur promises three working days from the receipt, whatever else stands in the letter."""
    old = by_mail(desk)
    desk.clock.forward(days=1)
    goes_on(desk, SECOND)
    came = desk.clock()
    desk.clock.forward(days=1)
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    row = ticket(desk, opened.id)
    assert (row.clock_from, row.opened_at) == (came, desk.clock())
    assert row.due_at > ticket(desk, old).due_at
    assert ways_left(desk, opened.id) == {TimerKind.DUE, TimerKind.UNCLAIMED}
    desk.clock.forward(days=8)
    desk.settle()
    assert {"unclaimed", "overdue"} <= set(logged(desk, opened.id))
    assert "overdue" in logged(desk, old)


def test_an_office_that_counts_from_the_clear_request_promises_nothing_yet(desk: Desk) -> None:
    desk.mails(ASKS, office="6302")
    old = int(desk.tickets()[-1].id)
    goes_on(desk, SECOND, office="6302")
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    assert (ticket(desk, opened.id).clock_from, ticket(desk, opened.id).due_at) == (None, None)
    assert officer.mark_clear(desk.runtime, desk.officer("wati", "6302"), opened.id) is None
    assert ticket(desk, opened.id).due_at is not None


def test_who_lost_the_answer_by_splitting_owes_one_again(desk: Desk) -> None:
    old, new = answered_with_the_second(desk)
    assert (ticket(desk, old).answered_at, ticket(desk, old).waiting_for) == (None, "office")
    assert TimerKind.DUE in ways_left(desk, old)
    desk.clock.forward(days=10)
    desk.settle()
    assert "overdue" in logged(desk, old)
    assert "overdue" not in logged(desk, new)
    assert outcomes(desk) == {"kept": 1, "missed": 1}


def test_undone_the_answer_is_one_to_the_old_ticket_again(desk: Desk) -> None:
    old, new = answered_with_the_second(desk)
    given = ticket(desk, new).answered_at
    assert undo(desk, new) is None
    assert (ticket(desk, old).answered_at, ticket(desk, old).waiting_for) == (given, "citizen")
    assert outcomes(desk) == {"kept": 1}


def test_undoing_hides_no_promise_that_was_missed(desk: Desk) -> None:
    old, new = two_requests(desk)
    desk.replies("PDRB terlampir.", old)
    desk.settle()
    desk.clock.forward(days=10)
    assert outcomes(desk) == {"kept": 1, "missed": 1}
    assert undo(desk, new) is None
    assert outcomes(desk) == {"kept": 1, "missed": 1}


def test_a_complaint_that_lost_its_answer_is_due_again(desk: Desk) -> None:
    old = complaint(desk)
    desk.clock.forward(hours=1)
    desk.writes(SECOND)
    due = ticket(desk, old).due_at
    desk.clock.forward(hours=1)
    desk.replies("Kami periksa.", old)
    desk.settle()
    assert ticket(desk, old).due_at > due
    opened = split(desk, old, SECOND)
    assert isinstance(opened, Opened)
    assert (ticket(desk, old).answered_at, ticket(desk, opened.id).answered_at is None) == (None, False)
    assert ticket(desk, old).due_at < ticket(desk, opened.id).due_at
