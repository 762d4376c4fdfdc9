"""A complaint's own course: its receipt, its deadlines, and that it does not exist for whom it is about."""

from dataclasses import fields, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from handlers import complaints, jobs, linking, officer
from handlers.complaints import Sheet
from storage import officers
from storage.alarms import open_alarms
from storage.columns import table
from storage.complaints import COMPLAINT, Treatment, accused
from storage.mail_tables import Notice
from storage.officers import MailWishes
from storage.tables import TicketEvent
from tests.driver import Desk
from tests.handlers import correspondence
from tests.handlers.correspondence import mail_to, subjects

WITA = ZoneInfo("Asia/Makassar")
EVENT, NOTICE = table(TicketEvent), table(Notice)
PLAN = Treatment("behaviour", "usual", "Memanggil petugas", "Kepala Kantor", None)
OTHER = Treatment("time", "simple", "Rencana lain", "", None)
ABOUT = "petugas meminta uang kepada saya"


def complains(desk: Desk, text: str = ABOUT, **where: str) -> int:
    """A citizen complains; the ticket's id."""
    for said in ("pengaduan", text):
        desk.writes(said, **where)
    return int(desk.tickets()[-1].id)


def row(desk: Desk, ticket_id: int) -> dict[str, object]:
    """What the register keeps of the complaint."""
    with desk.runtime.database.read() as connection:
        found = connection.execute(select(COMPLAINT).where(COMPLAINT.c.ticket_id == ticket_id)).one()
        return dict(found._mapping)


def kept_from(desk: Desk, ticket_id: int) -> dict[int, str]:
    with desk.runtime.database.read() as connection:
        return accused(connection, ticket_id)


def shows(desk: Desk, ticket_id: int) -> Sheet:
    """What a supervisor's form shows now."""
    kept = row(desk, ticket_id)
    told = Treatment(**{field.name: kept[field.name] for field in fields(Treatment)})  # type: ignore[arg-type]
    return Sheet(told, frozenset(kept_from(desk, ticket_id)))


def treats(
    desk: Desk,
    by: int,
    ticket_id: int,
    told: Treatment = PLAN,
    accused: tuple[int, ...] = (),
    shown: Sheet | None = None,
) -> bool:
    """A supervisor saves the form, as it was *shown*: a moment ago, or before others saved it."""
    entered = Sheet(told, frozenset(accused))
    return complaints.treat(desk.runtime, by, ticket_id, entered, shown or shows(desk, ticket_id))


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=WITA)


def log(desk: Desk, ticket_id: int) -> list[tuple[str, str]]:
    """What supervisors were told of it, by the log: what, and of which step."""
    told = select(EVENT.c.what, EVENT.c.detail).where(
        EVENT.c.ticket_id == ticket_id, EVENT.c.what.in_(("due_soon", "overdue"))
    )
    with desk.runtime.database.read() as connection:
        return [(one.what, one.detail["step"]) for one in connection.execute(told.order_by(EVENT.c.id))]


def test_the_receipt_is_the_acknowledgement_and_the_stricter_answer_is_due(desk: Desk) -> None:
    ticket = complains(desk)
    assert row(desk, ticket)["acknowledged_at"] == desk.clock()
    # Received on Monday, 6 July 2026: five working days on.
    assert desk.tickets()[-1].due_at == on("2026-07-13 15:30")


@pytest.mark.parametrize("said", ["4", "9", "puas dengan petugasnya"])
def test_what_is_said_about_a_mark_is_not_said_about_the_complaint(desk: Desk, said: str) -> None:
    complaint = complains(desk)
    desk.writes("petugas")
    consultation = desk.tickets()[-1].id
    desk.replies("Ini jawabannya", consultation)
    desk.settle()
    desk.closes(consultation)
    desk.settle()
    desk.writes(said)
    assert "KTM-P-" not in desk.heard()[-1]
    assert desk.messages("out")[-1].ticket_id != complaint


def test_an_unconfirmed_complaint_has_no_receipt_yet(desk: Desk) -> None:
    desk.writes(f"mau komplain, {ABOUT}")
    desk.clock.forward(days=4)
    desk.settle()
    ticket = desk.tickets()[-1]
    assert (ticket.kind, row(desk, ticket.id)["acknowledged_at"]) == ("complaint", None)
    assert ticket.due_at == on("2026-07-13 15:30")  # a working day after it was filed, on Friday


def test_the_weight_moves_the_answer_and_the_complete_file_the_decision(desk: Desk) -> None:
    ticket, by = complains(desk), desk.officer()
    treats(desk, by, ticket)
    assert desk.tickets()[-1].due_at == on("2026-07-20 15:30")  # fourteen days: is it complete?
    desk.clock.forward(days=2)
    assert complaints.complete(desk.runtime, by, ticket)
    assert not complaints.complete(desk.runtime, by, ticket)
    assert desk.tickets()[-1].due_at == on("2026-07-24 16:00")  # fourteen working days
    desk.replies("Sudah kami tindak lanjuti.", ticket)
    assert desk.tickets()[-1].due_at == on("2026-09-04 16:00")  # sixty days after 8 July, a Sunday's Friday
    desk.closes(ticket)
    assert desk.tickets()[-1].due_at is None
    assert row(desk, ticket)["tells_at"] is None


def test_supervisors_are_told_once_before_and_once_after(desk: Desk) -> None:
    ticket = complains(desk)
    desk.officer("rahma")
    for _ in range(12):
        desk.clock.forward(days=1)
        jobs.remind_of_complaints(desk.runtime)
        jobs.remind_of_complaints(desk.runtime)
    assert log(desk, ticket) == [("due_soon", "answer"), ("overdue", "answer"), ("due_soon", "completeness")]


def test_nobody_is_told_at_night(desk: Desk) -> None:
    ticket = complains(desk)
    desk.clock.at = on("2026-07-10 20:00")
    jobs.remind_of_complaints(desk.runtime)
    assert log(desk, ticket) == []
    desk.clock.at = on("2026-07-13 08:01")
    jobs.remind_of_complaints(desk.runtime)
    assert log(desk, ticket) == [("due_soon", "answer")]


def test_who_served_the_citizen_does_not_learn_of_it(desk: Desk) -> None:
    holder, other = desk.officer("rahma"), desk.officer("jufri")
    desk.writes("petugas")
    desk.replies("Ada yang bisa kami bantu?", by="rahma")
    ticket = complains(desk, "jawaban lambat sekali dan tidak ramah")
    assert kept_from(desk, ticket) == {holder: "served"}
    assert other not in kept_from(desk, ticket)


def test_who_is_named_does_not_learn_of_it(desk: Desk) -> None:
    named, _ = desk.officer("rahma"), desk.officer("jufri")
    assert kept_from(desk, complains(desk, "Bu RAHMA minta uang kepada saya")) == {named: "named"}


def test_where_nobody_may_read_it_the_administrator_is_told_without_a_word_of_it(desk: Desk) -> None:
    desk.officer("rahma")
    ticket = complains(desk, "Ibu Rahma minta uang")
    with desk.runtime.database.read() as connection:
        assert open_alarms(connection, "7411") == []
        (alarm,) = open_alarms(connection, None, installation=True)
    assert (alarm.what, alarm.about) == (
        "complaint_unread",
        {"number": desk.tickets()[-1].reference, "office": "7411"},
    )
    another = desk.officer("jufri")
    treats(desk, another, ticket, accused=(desk.officer("rahma"),))
    with desk.runtime.database.read() as connection:
        assert open_alarms(connection, None, installation=True) == []


def test_a_supervisor_says_whom_it_is_about(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri")
    ticket = complains(desk)
    assert officer.claim(desk.runtime, jufri, ticket) is None
    treats(desk, rahma, ticket, accused=(jufri, 10**9))
    assert kept_from(desk, ticket) == {jufri: "said"}
    assert desk.tickets()[-1].claimed_by is None
    assert officer.transfer(desk.runtime, rahma, ticket, jufri) is not None
    treats(desk, rahma, ticket)
    assert kept_from(desk, ticket) == {}
    assert officer.transfer(desk.runtime, rahma, ticket, jufri) is None


def test_an_old_form_shows_it_to_nobody_whom_a_colleague_has_added_since(desk: Desk) -> None:
    rahma, wati, jufri = desk.officer("rahma"), desk.officer("wati"), desk.officer("jufri")
    ticket = complains(desk)
    old = shows(desk, ticket)
    assert treats(desk, wati, ticket, accused=(jufri,))
    assert treats(desk, rahma, ticket, shown=Sheet(PLAN))
    assert kept_from(desk, ticket) == {jufri: "said"}
    assert not treats(desk, rahma, ticket, OTHER, shown=old)
    assert (kept_from(desk, ticket), row(desk, ticket)["plan"]) == ({jufri: "said"}, PLAN.plan)


def test_an_old_form_keeps_it_from_nobody_whom_a_colleague_has_let_in_since(desk: Desk) -> None:
    rahma, wati, jufri = desk.officer("rahma"), desk.officer("wati"), desk.officer("jufri")
    ticket = complains(desk)
    treats(desk, rahma, ticket, accused=(jufri,))
    old = shows(desk, ticket)
    treats(desk, wati, ticket)
    assert officer.claim(desk.runtime, jufri, ticket) is None
    assert treats(desk, rahma, ticket, accused=(jufri,), shown=old)
    assert (kept_from(desk, ticket), desk.tickets()[-1].claimed_by) == ({}, jufri)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, category="time"),
        replace(PLAN, weight="simple"),
        replace(PLAN, plan="Rencana lain"),
        replace(PLAN, plan_by="Orang lain"),
        replace(PLAN, plan_due=date(2026, 7, 20)),
    ],
)
def test_a_treatment_that_a_colleague_has_changed_is_not_overwritten(other: Treatment, desk: Desk) -> None:
    rahma, wati, ticket = desk.officer("rahma"), desk.officer("wati"), complains(desk)
    treats(desk, rahma, ticket)
    old = shows(desk, ticket)
    treats(desk, wati, ticket, other)
    assert not treats(desk, rahma, ticket, OTHER, shown=old)
    assert shows(desk, ticket).treatment == other
    assert treats(desk, rahma, ticket, OTHER)


def test_a_form_sent_twice_is_kept_once_and_said_so_twice(desk: Desk) -> None:
    by, ticket = desk.officer(), complains(desk)
    old = shows(desk, ticket)
    assert treats(desk, by, ticket, replace(PLAN, plan="satu\r\ndua"), shown=old)
    assert treats(desk, by, ticket, replace(PLAN, plan="satu\ndua"), shown=old)


@pytest.fixture
def wishing(desk: Desk) -> Desk:
    """A desk whose two supervisors want every mail there is."""
    for name in ("rahma", "jufri"):
        one, wishes = desk.officer(name), officers.MailWishes(new=True, mine=True, reminders=True)
        with desk.runtime.database.write() as connection:
            officers.set_mail_wishes(connection, one, "7411", wishes)
    return desk


def test_a_mail_names_the_deadline_it_is_about(wishing: Desk) -> None:
    """A step that was missed stays undone, and is due before the one that comes next."""
    complains(wishing)
    for _ in range(12):
        wishing.clock.forward(days=1)
        wishing.settle()
    about = [subject for subject in subjects(mail_to(wishing, "jufri")) if "enggat" in subject]
    assert [subject.removeprefix("[KTM-P-2026-00001] ") for subject in about] == [
        "Tenggat jawaban Senin, 13 Juli 2026 pukul 15.30 WITA",
        "Lewat tenggat sejak Senin, 13 Juli 2026 pukul 15.30 WITA",
        "Tenggat jawaban Senin, 20 Juli 2026 pukul 15.30 WITA",
    ]


def _recipients(desk: Desk) -> set[int]:
    with desk.runtime.database.read() as connection:
        return set(connection.execute(select(NOTICE.c.officer_id)).scalars())


def test_no_mail_about_it_leaves_to_whom_it_is_about(wishing: Desk) -> None:
    jufri = wishing.officer("jufri")
    complains(wishing, "Bu Rahma minta uang kepada saya")
    for _ in range(12):
        wishing.clock.forward(days=1)
        wishing.settle()
    assert _recipients(wishing) == {jufri}
    assert wishing.letters("rahma@bps.go.id") == []
    assert any("-P-" in str(it.mail["Subject"]) for it in wishing.letters("jufri@bps.go.id"))


def test_a_plan_is_kept_and_done_once(desk: Desk) -> None:
    ticket, by = complains(desk), desk.officer()
    assert not complaints.plan_done(desk.runtime, by, ticket)
    treats(desk, by, ticket)
    assert complaints.plan_done(desk.runtime, by, ticket)
    assert not complaints.plan_done(desk.runtime, by, ticket)
    treats(desk, by, ticket)
    assert row(desk, ticket)["plan_done_at"] == desk.clock()
    treats(desk, by, ticket, OTHER)
    assert row(desk, ticket)["plan_done_at"] is None


def test_a_complaint_that_stands_alone_again_is_watched_again(desk: Desk) -> None:
    by = desk.officer()
    first, second = complains(desk), complains(desk, address="+6281299990001")
    assert linking.merge(desk.runtime, by, first, second) is None
    desk.clock.at = on("2026-07-10 09:00")
    jobs.remind_of_complaints(desk.runtime)
    assert row(desk, first)["tells_at"] is None
    assert linking.undo_merge(desk.runtime, by, first) is None
    assert row(desk, first)["tells_at"] is not None
    jobs.remind_of_complaints(desk.runtime)
    assert log(desk, first) == [("due_soon", "answer")]


def test_words_that_go_to_another_complaint_stay_hidden_from_whom_they_are_about(desk: Desk) -> None:
    by, named = desk.officer("jufri"), desk.officer("rahma")
    first = complains(desk, "Bu Rahma minta uang kepada saya")
    second = complains(desk, "ruang tunggu kotor sekali", address="+6281299990001")
    assert kept_from(desk, second) == {}
    assert linking.merge(desk.runtime, by, first, second) is None
    assert kept_from(desk, second) == {named: "named"}


def test_a_complaint_by_mail_is_not_told_to_the_officer_it_is_about(desk: Desk) -> None:
    correspondence.wishing(desk, "budi", MailWishes(new=True))
    correspondence.wishing(desk, "rahma", MailWishes(new=True), role="supervisor")
    said = (
        "Yth. Kepala BPS, saya mau mengadukan petugas Budi yang meminta uang.\nMohon ditindaklanjuti.\nSiti"
    )
    desk.mails(said, subject="Mohon perhatian")
    assert mail_to(desk, "budi") == []
    assert "Pengaduan baru" in subjects(mail_to(desk, "rahma"))[0]
