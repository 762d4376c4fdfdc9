"""Administrators are told by mail what no longer works, once, and that it works again; never in a storm."""

from collections.abc import Callable
from threading import Event

import pytest

from handlers import alerts
from handlers.mailroom import notice_sending
from storage import alarms, mailboxes, officers
from tests.driver import Desk
from tests.post import Letter

CHIEF = "kepala@bps.go.id"


@pytest.fixture
def told(desk: Desk) -> Callable[..., list[Letter]]:
    """Let minutes go by, each with its tick; the mails to the administrator since the last time."""
    desk.officer("budi")
    with desk.runtime.database.write() as connection:
        chief = officers.add(
            connection, email=CHIEF, name="Kepala", password_hash="", now=desk.clock(), administrator=True
        )
        officers.set_role(connection, chief, "7411", "supervisor")
    seen = 0

    def after(minutes: int = 1, *, ticking: bool = True) -> list[Letter]:
        nonlocal seen
        for _ in range(minutes):
            desk.clock.forward(minutes=1)
            if ticking:
                tick(desk)
        letters = desk.postbox.to(CHIEF)[seen:]
        seen += len(letters)
        return letters

    after()
    return after


def tick(desk: Desk) -> None:
    """What the worker does every minute."""
    alerts.look(desk.runtime)
    notice_sending.send_due(desk.runtime, Event())


def raised(desk: Desk, key: str = "smtp:x", what: str = "mail_unsent", office: str | None = None) -> None:
    with desk.runtime.database.write() as connection:
        alarms.raise_alarm(connection, key, office, what, {"mailbox": "pst"}, desk.clock())


def settled(desk: Desk, key: str = "smtp:x", by: int | None = None) -> None:
    with desk.runtime.database.write() as connection:
        assert alarms.settle(connection, key, by, desk.clock())


def test_what_lasts_is_told_once_and_so_is_its_end(desk: Desk, told: Callable[..., list[Letter]]) -> None:
    raised(desk)
    assert told() == []
    [letter] = told(2)
    assert letter.mail["Subject"] == "Loket: ada yang perlu dilihat"
    assert "- Kotak surat tidak dapat mengirim (pst), Senin, 6 Juli 2026 pukul" in letter.text
    assert "Buka halaman pengelola: https://bot.example.org/administration" in letter.text
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    raised(desk)
    assert told(20) == [], "it goes on, which they know"
    settled(desk)
    [letter] = told(2)
    assert letter.mail["Subject"] == "Loket: sudah pulih"
    assert "Kotak surat tidak dapat mengirim (pst)" in letter.text
    assert told(30) == []
    raised(desk)
    assert len(told(3)) == 1, "anew"
    assert desk.postbox.to("budi@bps.go.id") == [], "no administrator"


def test_what_soon_is_over_and_what_a_person_settled_needs_no_mail(
    desk: Desk, told: Callable[..., list[Letter]]
) -> None:
    raised(desk)
    told()
    settled(desk)
    assert told(30) == []
    raised(desk)
    assert len(told(3)) == 1
    settled(desk, by=desk.officer("budi"))
    assert told(30) == []


def test_much_at_once_is_one_mail_and_the_next_comes_later(
    desk: Desk, told: Callable[..., list[Letter]]
) -> None:
    for number in range(40):
        raised(desk, f"one:{number}", "whatsapp_limited")
    [letter] = told(3)
    assert letter.text.count("WhatsApp membatasi pengiriman") == 40
    for number in range(30):
        raised(desk, f"two:{number}", "something_new")
        settled(desk, f"one:{number}")
        assert told() == [] or number >= 13
    letters = told(30)
    assert len(letters) <= 2
    raised(desk, "office", "mail_flood", "7411")
    assert told(30) == [], "the office's own"
    raised(desk, "mailbox", "mailbox_away", "7411")
    assert len(told(3)) == 1, "what no officer can mend"


def test_a_desk_that_stood_still_says_so(told: Callable[..., list[Letter]]) -> None:
    assert told(12) == []
    assert told(9, ticking=False) == []
    assert told(5) == [], "a restart"
    assert told(90, ticking=False) == []
    [letter] = told(4)
    assert "Loket sempat berhenti bekerja" in letter.text


def test_messages_that_do_not_leave_are_told_and_that_they_have(
    desk: Desk, told: Callable[..., list[Letter]]
) -> None:
    desk.twilio.citizen_writes("+6281234567890", "+6282188887411", "halo")
    assert told(15) == []
    [letter] = told(4)
    assert "Ada pesan yang lebih dari 15 menit belum terkirim" in letter.text
    desk.settle()
    [letter] = told(20)
    assert letter.mail["Subject"] == "Loket: sudah pulih"


def test_a_mailbox_that_nobody_reads_is_told(desk: Desk, told: Callable[..., list[Letter]]) -> None:
    with desk.runtime.database.write() as connection:
        mailboxes.add(connection, "bps7411")
        mailboxes.polled(connection, "bps7411", desk.clock())
    assert told(10) == []
    [letter] = told(5)
    assert "Kotak surat tidak dibaca (bps7411)" in letter.text
