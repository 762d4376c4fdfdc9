"""Officers are warned of what is due, late or nobody's: once, by day, and only those whom it concerns."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.events import TimerKind
from handlers import jobs, linking, officer
from storage import officers
from storage.columns import AnyRow, table
from storage.mail_tables import Notice
from storage.officers import MailWishes
from storage.tables import TicketEvent
from tests.driver import Desk
from tests.handlers.test_timers_fire import TIMER, timers

EVENT, NOTICE = table(TicketEvent), table(Notice)
WITA = ZoneInfo("Asia/Makassar")
CLAIMER, COLLEAGUE, SUPERVISOR, QUIET = "jufri", "wati", "rahma", "diam"


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=WITA).astimezone(UTC)


@pytest.fixture
def office(desk: Desk) -> Desk:
    """An office with people of every kind, and a request of Monday 6 July, 9.00: due on Thursday, 15.30."""
    for name in (CLAIMER, COLLEAGUE, QUIET):
        desk.officer(name, role="officer")
    desk.officer(SUPERVISOR)
    with desk.runtime.database.write() as connection:
        for name in (CLAIMER, COLLEAGUE, SUPERVISOR, QUIET):
            wishes = MailWishes(reminders=name != QUIET)
            officers.set_mail_wishes(connection, desk.officer_ids[name], "7411", wishes)
    desk.writes("petugas")
    return desk


def when(desk: Desk, moment: str) -> None:
    desk.clock.at = at(moment)
    desk.settle()


def told(desk: Desk, about: str) -> list[str]:
    """Who got a mail whose subject names *about*."""
    letters = [(name, each) for name in desk.officer_ids for each in desk.postbox.to(f"{name}@bps.go.id")]
    return sorted(name for name, letter in letters if about in str(letter.mail["Subject"]))


def logged(desk: Desk, what: str) -> list[AnyRow]:
    with desk.runtime.database.read() as connection:
        return list(connection.execute(select(EVENT).where(EVENT.c.what == what)))


def test_a_free_ticket_is_everybodys_until_it_is_late(office: Desk) -> None:
    when(office, "2026-07-06 14:01")
    assert told(office, "Belum ada yang mengambil") == [CLAIMER, SUPERVISOR, COLLEAGUE]
    when(office, "2026-07-08 08:00")
    assert told(office, "Tenggat jawaban") == [CLAIMER, SUPERVISOR, COLLEAGUE]
    when(office, "2026-07-10 08:00")
    assert told(office, "Lewat tenggat sejak") == [CLAIMER, SUPERVISOR, COLLEAGUE]
    assert [len(logged(office, what)) for what in ("unclaimed", "due_soon", "overdue")] == [1, 1, 1]


def test_who_has_the_ticket_is_warned_and_supervisors_when_it_is_late(office: Desk) -> None:
    officer.claim(office.runtime, office.officer_ids[CLAIMER], office.tickets()[-1].id)
    when(office, "2026-07-08 08:00")
    assert told(office, "Tenggat jawaban Kamis, 9 Juli 2026") == [CLAIMER]
    when(office, "2026-07-10 08:00")
    assert told(office, "Lewat tenggat sejak Kamis, 9 Juli 2026") == [CLAIMER, SUPERVISOR]
    assert told(office, "Belum ada yang mengambil") == []


@pytest.mark.parametrize("night", ["2026-07-07 22:00", "2026-07-08 07:59", "2026-07-11 10:00"])
def test_nobody_is_mailed_outside_service_hours(office: Desk, night: str) -> None:
    office.clock.at = at(night)
    jobs.fire_timers(office.runtime)
    jobs.send_notices(office.runtime)
    for about in ("Tenggat jawaban", "Lewat tenggat", "Belum ada yang mengambil"):
        assert told(office, about) == []
    assert logged(office, "due_soon") == logged(office, "overdue") == logged(office, "unclaimed") == []


def test_an_answer_in_time_spares_everybody(office: Desk) -> None:
    office.replies("Terlampir.", by=CLAIMER)
    for moment in ("2026-07-06 14:01", "2026-07-08 08:00", "2026-07-10 08:00"):
        when(office, moment)
    assert told(office, "KTM-2026") == []
    assert not {row.kind for row in timers(office)} & {TimerKind.DUE, TimerKind.UNCLAIMED}


def test_a_mail_that_has_not_left_is_cancelled_by_the_answer(office: Desk) -> None:
    office.clock.at = at("2026-07-08 08:00")
    jobs.fire_timers(office.runtime)
    assert len(logged(office, "due_soon")) == 1
    office.replies("Terlampir.", by=CLAIMER)
    office.settle()
    assert told(office, "Tenggat jawaban") == []
    with office.runtime.database.read() as connection:
        due = select(NOTICE.c.delivery).where(NOTICE.c.purpose == "due_soon")
        assert set(connection.execute(due).scalars()) == {"cancelled"}


def test_a_timer_that_comes_twice_tells_once(office: Desk) -> None:
    """Two threads may lead to one ticket, each with a timer of its own."""
    when(office, "2026-07-08 08:00")
    conversation = office.tickets()[-1].conversation_id
    with office.runtime.database.write() as connection:
        connection.execute(update(TIMER).where(TIMER.c.kind == "due").values(due_at=office.clock()))
    jobs._turn(office.runtime, conversation, TimerKind.DUE)
    office.settle()
    assert told(office, "Tenggat jawaban") == [CLAIMER, SUPERVISOR, COLLEAGUE]
    assert len(logged(office, "due_soon")) == 1


def test_a_ticket_that_stands_by_itself_again_is_watched_again(office: Desk) -> None:
    """Its deadline was used up while it was merged: the promise to its citizen stands all the same."""
    office.writes("petugas", address="+6281299998888")
    into, gone = (row.id for row in office.tickets())
    linking.merge(office.runtime, office.officer_ids[SUPERVISOR], gone, into)
    office.replies("Terlampir.", into, by=CLAIMER)
    when(office, "2026-07-08 08:00")
    assert linking.undo_merge(office.runtime, office.officer_ids[SUPERVISOR], gone) is None
    when(office, "2026-07-08 08:01")
    assert [row.ticket_id for row in logged(office, "due_soon")] == [gone]


def test_a_ticket_closed_by_mistake_is_watched_again(office: Desk) -> None:
    about = office.tickets()[-1].id
    assert office.closes(about) is None
    assert officer.reopen(office.runtime, office.officer_ids[SUPERVISOR], about) is None
    when(office, "2026-07-08 08:00")
    when(office, "2026-07-10 08:00")
    assert [len(logged(office, what)) for what in ("due_soon", "overdue")] == [1, 1]
