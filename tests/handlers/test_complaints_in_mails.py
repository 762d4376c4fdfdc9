"""Mails that were kept without an answer tell nothing of a complaint to the supervisor whom it is about."""

from collections.abc import Callable
from typing import Any

import pytest

from handlers.web.app import create_app
from storage import complaints
from storage.columns import AnyRow
from tests.driver import Desk
from tests.handlers.correspondence import answers, mail_to, noticed, wishing
from tests.handlers.test_mail_turns import bounce
from tests.post import Letter
from tests.sessions import sign_in

COMPLAINT = (
    b"From: Siti <siti@contoh.id>\r\nTo: bps7411@bps.go.id\r\nSubject: Pengaduan zebra\r\n"
    b"Message-ID: <satu@contoh.id>\r\n\r\nPENGADUAN: petugas itu kasar seperti zebra kemarin."
)


def _told(desk: Desk) -> Letter:
    """What one supervisor hears of a complaint about the other."""
    wishing(desk, "rahma", role="supervisor")
    budi = wishing(desk, "budi", role="supervisor")
    desk.mail_arrives(COMPLAINT)
    with desk.runtime.database.write() as connection:
        complaints.keep_from(connection, desk.tickets()[-1].id, [budi], "said", desk.clock())
    [letter] = mail_to(desk, "rahma")
    assert "zebra" in letter.text
    assert mail_to(desk, "budi") == []
    return letter


def _comes_back(desk: Desk, letter: Letter) -> AnyRow:
    return bounce(desk, to=letter.bounces_to, about=f"Subject: {letter.mail['Subject']}\r\nX-Said: zebra")


def _comes_back_late(desk: Desk, letter: Letter) -> AnyRow:
    about = f"Message-ID: {letter.mail['Message-ID']}\r\nX-Said: zebra"
    return bounce(desk, to="bps7411@bps.go.id", about=about, status="4.4.7")


def _is_answered_from_home(desk: Desk, letter: Letter) -> AnyRow:
    return answers(desk, letter, "Akan saya periksa.", From="Rahma <rahma@rumah.example>")


def _is_answered_by_a_machine(desk: Desk, letter: Letter) -> AnyRow:
    return answers(desk, letter, "Saya cuti.", Auto_Submitted="auto-replied")


def _is_handed_on(desk: Desk, letter: Letter) -> AnyRow:
    without: dict[str, Any] = {"To": "bps7411@bps.go.id", "In_Reply_To": "<x@bps.go.id>"}
    return answers(desk, letter, "Mohon ditindaklanjuti.", **without)


def _came_twice(desk: Desk, _letter: Letter) -> AnyRow:
    return desk.mail_arrives(COMPLAINT)


def _shown(desk: Desk, name: str, mail: int) -> str:
    client = sign_in(create_app(desk.runtime).test_client(), desk.runtime, desk.officer(name))
    ends = ("", "/mails", f"/mails/{mail}", f"/mails/{mail}/raw")
    return "".join(client.get(f"/inbox/7411/unhandled{end}").text for end in ends)


@pytest.mark.parametrize(
    "happens",
    [
        _comes_back, _comes_back_late, _is_answered_from_home, _is_answered_by_a_machine, _is_handed_on,
        _came_twice,
    ],
)  # fmt: skip
def test_a_mail_about_a_complaint_is_kept_from_whom_the_complaint_is(
    happens: Callable[[Desk, Letter], AnyRow], desk: Desk
) -> None:
    mail = happens(desk, _told(desk))
    assert mail.intake == "filed"
    assert "zebra" in _shown(desk, "rahma", mail.id)
    hidden = _shown(desk, "budi", mail.id)
    for words in ("zebra", "KTM-P-", "Siti", "Akan saya", "Saya cuti", "Undelivered"):
        assert words not in hidden


def test_a_mail_about_a_consultation_is_shown_with_its_number(lone: Desk) -> None:
    letter = noticed(lone)
    wishing(lone, "budi", role="supervisor")
    mail = answers(lone, letter, "Akan saya periksa.", From="Rahma <rahma@rumah.example>")
    assert mail.ticket_id == lone.tickets()[-1].id
    assert "KTM-2026-00001</a>" in _shown(lone, "budi", mail.id)
