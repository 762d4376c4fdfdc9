"""What was promised survives that tickets become one, and stands as before where they part again."""

from datetime import UTC, datetime

from bot.calendar import WorkingCalendar
from bot.conversation import Clock
from bot.events import TimerKind
from bot.periods import Period
from handlers import officer, reports
from handlers.report_voice import Grievances
from storage import clocks, complaints, inbox, timers
from storage.inbox import ListName, View
from tests.driver import Desk
from tests.handlers.test_linking import OTHER, by_chat, by_mail, complaint, logged, merge, ticket, undo

SOMEBODY = "budi@contoh.id"


def report(desk: Desk, office: str = "7411") -> reports.Report:
    with desk.runtime.database.read() as connection:
        calendar: WorkingCalendar = desk.runtime.calendars.of(connection, office)
        day = calendar.local_date(desk.clock())
        view = View(office, desk.officer(), complaints=True)
        return reports.assemble(desk.runtime, connection, view, Period(day.replace(month=7, day=1), 3))


def outcomes(desk: Desk, office: str = "7411") -> dict[str, int]:
    """What became of the office's promises."""
    return {what.value: many for what, many in report(desk, office).promises.items() if many}


def grievances(desk: Desk) -> dict[str, int]:
    """What became of the time in which complaints had to be answered."""
    found: Grievances | None = report(desk).voice.grievances
    assert found is not None
    return {what.value: many for what, many in found.answers.items() if many}


def overdue(desk: Desk, office: str = "7411") -> list[int]:
    view = View(office, desk.officer(), complaints=True)
    with desk.runtime.database.read() as connection:
        return [one.id for one in inbox.listed(connection, view, ListName.OVERDUE, desk.clock())]


def waits_for(desk: Desk, ticket_id: int) -> set[TimerKind]:
    """The deadlines of the ticket's conversation."""
    talk = ticket(desk, ticket_id).conversation_id
    with desk.runtime.database.read() as connection:
        return set(timers.standing(connection, [talk])[talk])


def answered(desk: Desk) -> int:
    about = by_chat(desk)
    desk.replies("Ini jawaban untuk permintaan pertama.", about)
    desk.settle()
    desk.clock.forward(hours=2)
    return about


def test_a_promise_survives_in_a_ticket_that_was_answered(desk: Desk) -> None:
    into = answered(desk)
    gone = by_mail(desk)
    promised = ticket(desk, gone).due_at
    assert merge(desk, gone, into) is None
    row = ticket(desk, into)
    assert (row.due_at, row.answered_at, row.waiting_for) == (promised, None, "office")
    assert outcomes(desk) == {"kept": 1, "running": 1}
    desk.clock.forward(days=10)
    desk.settle()
    assert {"due_soon", "overdue"} & set(logged(desk, into))
    assert overdue(desk) == [into]
    assert outcomes(desk) == {"kept": 1, "missed": 1}
    desk.replies("Maaf terlambat.", into)
    assert outcomes(desk) == {"kept": 1, "missed": 1}
    # The first answer was to this ticket, and within its first hours.
    assert [wait.total_seconds() for wait in report(desk).waits] == [0]


def test_no_promise_that_was_missed_is_hidden(desk: Desk) -> None:
    late = by_mail(desk)
    desk.clock.forward(days=10)
    desk.settle()
    assert outcomes(desk) == {"missed": 1}
    fresh = by_chat(desk)
    assert merge(desk, late, fresh) is None
    desk.settle()
    assert overdue(desk) == [fresh]
    assert "overdue" in logged(desk, fresh)
    desk.replies("Ini jawabannya.", fresh)
    assert outcomes(desk) == {"missed": 1, "dropped": 1}


def test_an_overdue_ticket_that_others_join_stays_so(desk: Desk) -> None:
    late = by_mail(desk)
    before = ticket(desk, late)
    desk.clock.forward(days=10)
    fresh = by_chat(desk)
    assert merge(desk, fresh, late) is None
    assert ticket(desk, late).due_at == before.due_at
    desk.replies("Ini jawabannya.", late)
    assert outcomes(desk) == {"missed": 1, "dropped": 1}


def test_what_was_kept_or_missed_before_comes_along(desk: Desk) -> None:
    """Through two merges, and answers given to others are none of this citizen's."""
    first = by_mail(desk)
    desk.clock.forward(days=10)
    desk.replies("Maaf terlambat.", first)
    second = answered(desk)
    third = by_mail(desk, SOMEBODY)
    assert merge(desk, first, second) is None
    assert merge(desk, second, third) is None
    assert outcomes(desk) == {"missed": 1, "kept": 1, "running": 1}
    assert report(desk).waits == ()
    desk.replies("Untuk semua.", third)
    assert outcomes(desk) == {"missed": 1, "kept": 2}


def test_undone_each_has_its_own_promise_again(desk: Desk) -> None:
    into = answered(desk)
    gone = by_mail(desk)
    before = {each: ticket(desk, each) for each in (into, gone)}
    assert merge(desk, gone, into) is None
    desk.clock.forward(hours=1)
    assert undo(desk, gone) is None
    for each, row in before.items():
        now = ticket(desk, each)
        assert (now.clock_from, now.due_at, now.answered_at) == (row.clock_from, row.due_at, row.answered_at)
    assert TimerKind.DUE in waits_for(desk, gone)
    assert outcomes(desk) == {"kept": 1, "running": 1}
    assert merge(desk, gone, into) is None
    assert outcomes(desk) == {"kept": 1, "running": 1}


def test_undone_after_an_answer_the_other_promise_is_owed_still(desk: Desk) -> None:
    into, gone = by_chat(desk), by_mail(desk)
    desk.clock.forward(hours=1)
    assert merge(desk, gone, into) is None
    desk.clock.forward(hours=1)
    desk.replies("Jawaban.", into)
    desk.settle()
    assert undo(desk, gone) is None
    assert ticket(desk, into).answered_at is not None
    assert (ticket(desk, gone).answered_at, ticket(desk, gone).waiting_for) == (None, "office")
    desk.clock.forward(days=10)
    desk.settle()
    assert "overdue" in logged(desk, gone)
    assert outcomes(desk) == {"kept": 1, "missed": 1}


def test_undone_a_ticket_is_not_taken_for_answered_by_what_was_said_before_its_promise(desk: Desk) -> None:
    """Asked on after the closing: the answer from before is none to the new question."""
    into = answered(desk)
    ends = datetime(2026, 7, 9, 7, 30, tzinfo=UTC)  # three working days: Thursday, 15.30
    with desk.runtime.database.write() as connection:
        clocks.restart(connection, into, desk.clock())
        clocks.keep(connection, into, Clock(desk.clock(), ends), 1)
    gone = by_mail(desk)
    assert merge(desk, gone, into) is None
    assert undo(desk, gone) is None
    row = ticket(desk, into)
    assert (row.answered_at, row.due_at) == (None, ends)
    assert outcomes(desk) == {"kept": 1, "running": 2}


def asked_back(desk: Desk) -> int:
    """A ticket of Kotabaru, which stops its clock while it waits for the citizen."""
    desk.writes("petugas", office="6302")
    about = int(desk.tickets()[-1].id)
    officer.mark_clear(desk.runtime, desk.officer("wati", "6302"), about)
    desk.clock.forward(days=1)
    desk.replies("Tahun berapa?", about, asks_back=True, by="wati")
    desk.settle()
    assert ticket(desk, about).due_at is None
    return about


def other_request(desk: Desk, clear: bool = True) -> int:
    desk.writes("petugas", office="6302", address=OTHER)
    about = int(desk.tickets()[-1].id)
    if clear:
        officer.mark_clear(desk.runtime, desk.officer("wati", "6302"), about)
    return about


def test_a_clock_that_stood_still_goes_on_where_the_other_waits_for_the_office(desk: Desk) -> None:
    paused = asked_back(desk)
    desk.clock.forward(days=1)
    other = other_request(desk, clear=False)
    assert merge(desk, other, paused) is None
    row = ticket(desk, paused)
    assert row.waiting_for == "office"
    assert row.due_at is not None
    assert TimerKind.DUE in waits_for(desk, paused)
    assert undo(desk, other) is None
    assert (ticket(desk, paused).due_at, ticket(desk, paused).waiting_for) == (None, "citizen")


def test_the_one_that_stood_still_may_be_the_first_to_end(desk: Desk) -> None:
    paused = asked_back(desk)
    desk.clock.forward(days=3)
    other = other_request(desk)
    far = ticket(desk, other).due_at
    assert merge(desk, paused, other) is None
    row = ticket(desk, other)
    assert row.due_at is not None
    assert row.due_at < far
    assert (row.clock_from, row.pauses[-1][1] is None) == (ticket(desk, paused).clock_from, False)
    assert outcomes(desk, "6302") == {"running": 1, "dropped": 1}


def test_complaints_are_answered_where_they_went_and_in_their_own_time(desk: Desk) -> None:
    first, second = complaint(desk), complaint(desk, OTHER)
    desk.clock.forward(days=2)
    assert merge(desk, second, first) is None
    assert grievances(desk) == {"running": 2}
    desk.replies("Kami periksa.", first)
    assert grievances(desk) == {"kept": 2}


def test_the_deadline_of_the_older_complaint_counts(desk: Desk) -> None:
    older = complaint(desk)
    desk.clock.forward(days=4)
    desk.settle()
    younger = complaint(desk, OTHER)
    ends = ticket(desk, older).due_at
    assert ticket(desk, younger).due_at > ends
    assert merge(desk, older, younger) is None
    assert ticket(desk, younger).due_at == ends
    assert undo(desk, older) is None
    assert ticket(desk, younger).due_at > ends
    assert merge(desk, older, younger) is None
    desk.clock.forward(days=90)
    desk.settle()
    assert "overdue" in logged(desk, younger)
    assert grievances(desk) == {"missed": 2}


def test_an_answer_from_before_is_none_to_a_complaint_that_came_later(desk: Desk) -> None:
    first = complaint(desk)
    desk.replies("Kami periksa.", first)
    desk.clock.forward(days=1)
    second = complaint(desk, OTHER)
    desk.clock.forward(days=1)
    assert merge(desk, second, first) is None
    assert grievances(desk) == {"kept": 1, "running": 1}
    with desk.runtime.database.read() as connection:
        row = complaints.find(connection, first)
        assert row is not None
        assert [bool(one.answered_at) for one in complaints.courses(connection, row)] == [True, False]
    desk.replies("Kami periksa yang ini juga.", first)
    assert grievances(desk) == {"kept": 2}
