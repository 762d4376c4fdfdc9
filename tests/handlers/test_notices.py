"""What officers are told by mail: what they asked for, once, in one mail, and nothing that is not theirs."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from bot.calendar import Day, DayKind, WorkingCalendar
from handlers import jobs, officer
from handlers.mailroom.notice_sending import patience_ends
from storage import calendar, officers
from storage.officers import MailWishes
from tests.driver import Desk
from tests.handlers.correspondence import (
    QUESTION,
    alarmed,
    asks,
    complains,
    mail_to,
    notices_of,
    reply_to,
    subjects,
    wishing,
)


def test_a_new_ticket_is_told_to_those_who_want_to_know(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    wishing(desk, "budi", MailWishes(mine=True, reminders=True))
    desk.officer("sari")
    desk.officer("tono", office="6571")
    asks(desk)
    [letter] = mail_to(desk, "rahma")
    assert subjects([letter]) == ["[KTM-2026-00001] Tiket baru dari Siti Contoh"]
    assert f"| {QUESTION}" in letter.text
    assert "https://bot.example.org/inbox/7411/tickets/1" in letter.text
    assert "Balas email ini untuk menjawab warga lewat WhatsApp." in letter.text
    assert letter.text.startswith("## Balas di atas baris ini ##\n")
    for name in ("budi", "sari", "tono"):
        assert mail_to(desk, name) == []


def test_what_a_citizens_mail_is_about_stands_above_its_words(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    desk.mails("Terlampir.", subject="Permohonan data luas panen")
    [letter] = mail_to(desk, "rahma")
    assert "| Perihal: Permohonan data luas panen\n| Terlampir." in letter.text


def test_a_mail_says_whose_it_is_and_that_a_machine_wrote_it(desk: Desk) -> None:
    rahma = wishing(desk, "rahma")
    ticket = asks(desk)
    [letter] = mail_to(desk, "rahma")
    word, tokens = f"o.{ticket}.{rahma}.", desk.runtime.tokens
    assert reply_to(letter).startswith(f"bps7411+{word}")
    assert str(letter.mail["Message-ID"]).startswith(f"<{word}")
    assert [token.purpose.name for token in tokens.find(str(letter.mail["Message-ID"]))] == [
        "OFFICER",
        "NOTICE",
    ]
    assert str(letter.mail["References"]).startswith(f"<{word}")
    assert letter.bounces_to.startswith("bps7411+i.1.")
    assert letter.mail["From"] == "BPS Kabupaten Kolaka Timur <bps7411@bps.go.id>"
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    assert letter.mail["X-Loket-Mark"] in tokens.marks
    html = letter.mail.get_body(("html",))
    assert html is not None
    assert QUESTION in html.get_content()


def test_a_burst_of_messages_is_one_mail(desk: Desk) -> None:
    rahma = wishing(desk, "rahma", MailWishes(mine=True))
    ticket = asks(desk)
    desk.replies("Baik, tahun berapa?", ticket)
    for number in range(1, 6):
        desk.writes(f"Tambahan nomor {number}")
        desk.clock.forward(seconds=20)
        desk.settle()
    assert desk.postbox.to("rahma@bps.go.id") == []
    [letter] = mail_to(desk, "rahma")
    assert subjects([letter]) == ["[KTM-2026-00001] Siti Contoh menulis lewat WhatsApp"]
    assert [f"Tambahan nomor {number}" in letter.text for number in range(1, 6)] == [True] * 5
    new, before = letter.text.split("SEBELUMNYA")
    assert "Baik, tahun berapa?" not in new
    assert "Rahma (petugas)" in before
    assert QUESTION in before
    desk.writes("Satu lagi")
    assert len(mail_to(desk, "rahma")) == 2
    assert [row.officer_id for row in notices_of(desk, purpose="wrote")] == [rahma, rahma]


def test_words_that_were_read_and_answered_meanwhile_need_no_mail(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(mine=True))
    ticket = asks(desk)
    desk.replies("Baik", ticket)
    desk.writes("Terima kasih, tahun 2022 saja")
    desk.replies("Ini datanya", ticket)
    assert mail_to(desk, "rahma") == []
    assert [row.delivery for row in notices_of(desk)] == ["cancelled"]


def test_a_ticket_taken_within_the_moment_is_no_news(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    ticket = asks(desk)
    assert officer.claim(desk.runtime, desk.officer("budi"), ticket) is None
    assert mail_to(desk, "rahma") == []


def test_a_ticket_handed_over_is_told_to_the_receiver_and_to_nobody_else(desk: Desk) -> None:
    rahma, budi = wishing(desk, "rahma"), wishing(desk, "budi", MailWishes(mine=True))
    ticket = asks(desk)
    officer.claim(desk.runtime, rahma, ticket)
    officer.note(desk.runtime, rahma, ticket, "Rahasia: nomor rumahnya 12", str(uuid4()))
    officer.transfer(desk.runtime, rahma, ticket, budi)
    [letter] = mail_to(desk, "budi")
    assert subjects([letter]) == ["[KTM-2026-00001] Tiket Siti Contoh dialihkan kepada Anda"]
    assert "Rahma mengalihkan tiket KTM-2026-00001" in letter.text
    assert "Ada catatan internal di halaman tiket." in letter.text
    assert "Rahasia" not in letter.mail.as_string()
    assert mail_to(desk, "rahma") == []
    officer.transfer(desk.runtime, budi, ticket, budi)
    assert len(mail_to(desk, "budi")) == 1


def test_a_note_is_told_with_a_word_that_stays_inside(desk: Desk) -> None:
    rahma, budi = wishing(desk, "rahma"), desk.officer("budi")
    ticket, form = asks(desk), str(uuid4())
    officer.claim(desk.runtime, rahma, ticket)
    for _ in range(2):
        officer.note(desk.runtime, budi, ticket, "Sudah saya telepon", form)
    officer.note(desk.runtime, rahma, ticket, "Catatan sendiri", str(uuid4()))
    [letter] = mail_to(desk, "rahma")
    assert subjects([letter]) == ["[KTM-2026-00001] Catatan dari Budi"]
    assert "| Sudah saya telepon" in letter.text
    assert "Balasan Anda tetap di dalam kantor" in letter.text
    assert "#tutup" not in letter.text
    assert reply_to(letter).startswith(f"bps7411+n.{ticket}.{rahma}.")


def test_a_complaint_is_told_to_supervisors_only(desk: Desk) -> None:
    wishing(desk, "rahma", role="supervisor")
    wishing(desk, "budi", role="officer")
    complains(desk)
    assert subjects(mail_to(desk, "rahma")) == ["[KTM-P-2026-00001] Pengaduan baru dari Siti Contoh"]
    desk.clock.forward(days=2)
    assert len(mail_to(desk, "rahma")) == 2
    assert mail_to(desk, "budi") == []


def test_who_loses_access_before_the_mail_leaves_gets_none(desk: Desk) -> None:
    names = ("rahma", "budi", "sari")
    rahma, budi, sari = (wishing(desk, name, role="supervisor") for name in names)
    complains(desk)
    with desk.runtime.database.write() as connection:
        officers.disable(connection, rahma, desk.clock())
        officers.remove_role(connection, budi, "7411", desk.clock())
        officers.set_role(connection, sari, "7411", "officer")
    assert [mail_to(desk, name) for name in names] == [[], [], []]
    assert {row.delivery for row in notices_of(desk)} == {"cancelled"}


def reminders(desk: Desk, name: str) -> list[str]:
    """The reminders in an officer's mailbox, without what the clock of the promise says."""
    return [one for one in subjects(mail_to(desk, name)) if one.endswith("masih menunggu jawaban")]


def test_a_ticket_that_waits_for_a_working_day_is_told_once_each_time(desk: Desk) -> None:
    rahma = wishing(desk, "rahma", MailWishes(reminders=True))
    wishing(desk, "budi", MailWishes(reminders=True))
    ticket = asks(desk)
    desk.clock.forward(hours=23)
    assert reminders(desk, "rahma") == []
    desk.clock.forward(hours=1)
    assert reminders(desk, "rahma") == ["[KTM-2026-00001] Siti Contoh masih menunggu jawaban"]
    assert len(reminders(desk, "budi")) == 1
    desk.clock.forward(hours=3)
    assert len(reminders(desk, "rahma")) == 1
    desk.replies("Sebentar", ticket, by="rahma")
    desk.writes("Baik, saya tunggu")
    desk.clock.forward(days=1, hours=1)
    assert len(reminders(desk, "rahma")) == 2
    assert len(reminders(desk, "budi")) == 1
    assert [row.officer_id for row in notices_of(desk, purpose="late")][-1] == rahma


def test_nobody_is_reminded_at_night(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(reminders=True))
    asks(desk)
    desk.clock.forward(days=1, hours=12)
    assert reminders(desk, "rahma") == []
    desk.clock.forward(hours=12)
    assert len(reminders(desk, "rahma")) == 1


def test_nobody_is_reminded_on_a_day_that_the_office_has_closed(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(reminders=True))
    asks(desk)
    with desk.runtime.database.write() as connection:
        calendar.count_up(connection, "7411")
        calendar.put_day(connection, "7411", date(2026, 7, 7), DayKind.CLOSED, "Banjir", desk.clock())
    desk.clock.forward(days=1, hours=2)
    assert reminders(desk, "rahma") == []
    desk.clock.forward(days=1)
    assert len(reminders(desk, "rahma")) == 1


@pytest.mark.parametrize(
    ("since", "ends"),
    [("2026-07-06T09:00", "2026-07-07T09:00"), ("2026-07-10T09:00", "2026-07-13T09:00"),
     ("2026-07-11T20:00", "2026-07-13T20:00"), ("2026-07-12T07:00", "2026-07-13T07:00"),
     ("2026-08-14T10:00", "2026-08-19T10:00")],
)  # fmt: skip
def test_a_day_that_is_not_worked_is_no_waiting(since: str, ends: str) -> None:
    zone = ZoneInfo("Asia/Makassar")
    closed = dict.fromkeys((date(2026, 8, 17), date(2026, 8, 18)), Day(DayKind.CLOSED))
    began = datetime.fromisoformat(since).replace(tzinfo=zone).astimezone(UTC)
    found = patience_ends(began, WorkingCalendar(zone, days=closed))
    assert found.astimezone(zone).isoformat()[:16] == ends


def test_a_mail_that_can_not_leave_is_tried_for_a_day_and_then_told_of(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    desk.postbox.refusals["rahma@bps.go.id"] = ["451 4.3.0 later"] * 40
    asks(desk)
    tried: list[timedelta] = []
    began = desk.clock.at
    for _ in range(27 * 12):
        before = len(desk.postbox.refusals["rahma@bps.go.id"])
        desk.clock.forward(minutes=5)
        jobs.send_notices(desk.runtime)
        if len(desk.postbox.refusals["rahma@bps.go.id"]) < before:
            tried.append(desk.clock.at - began)
    [row] = notices_of(desk)
    assert [int(after.total_seconds() / 60) for after in tried[:6]] == [5, 10, 15, 30, 90, 150]
    assert row.tries == len(tried) == 28
    assert (row.delivery, alarmed(desk)) == ("failed", ["notice_failed"])
    assert "Siti" not in row.error_text


def test_an_address_that_is_refused_for_good_is_told_of_at_once(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    desk.postbox.refusals["rahma@bps.go.id"] = ["550 5.1.1 no such user"]
    asks(desk)
    assert mail_to(desk, "rahma") == []
    assert [row.delivery for row in notices_of(desk)] == ["failed"]
    assert alarmed(desk) == ["notice_failed"]


def test_an_officer_reads_their_own_language(desk: Desk) -> None:
    rahma = wishing(desk, "rahma", MailWishes(new=True))
    with desk.runtime.database.write() as connection:
        officers.set_language(connection, rahma, "en")
    asks(desk)
    [letter] = mail_to(desk, "rahma")
    assert subjects([letter]) == ["[KTM-2026-00001] New ticket from Siti Contoh"]
    assert letter.text.startswith("## Reply above this line ##\n")
    assert "#close = send the answer below, then close the ticket" in letter.text


def test_an_officer_whose_address_is_a_mailbox_of_ours_gets_none(desk: Desk) -> None:
    wishing(desk, "bps7411", MailWishes(new=True))
    asks(desk)
    desk.clock.forward(minutes=3)
    desk.settle()
    assert notices_of(desk) == []


def test_a_citizen_can_not_write_what_looks_like_ours(desk: Desk) -> None:
    wishing(desk, "rahma", MailWishes(new=True))
    asks(desk)
    desk.writes("PERINTAH\n\nBuka tiket: https://jahat.example/masuk\n\n## Balas di atas baris ini ##")
    [letter] = mail_to(desk, "rahma")
    html = letter.mail.get_body(("html",))
    assert html is not None
    assert 'href="https://jahat' not in html.get_content()
    assert "| Buka tiket: https://jahat.example/masuk" in letter.text
