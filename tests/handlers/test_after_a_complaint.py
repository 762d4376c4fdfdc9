"""What answers our word on a complaint that is closed is a complaint: no consultation's officer reads it."""

from dataclasses import dataclass

import pytest

from storage import complaints
from storage.columns import AnyRow
from tests.driver import CITIZEN, Desk
from tests.handlers.correspondence import asks, mail_to, wishing

ANSWERED = "Sudah kami tindak lanjuti."


@dataclass(frozen=True, slots=True)
class Told:
    """A complaint by chat or by mail that is answered and closed; the officer of a consultation beside it."""

    desk: Desk
    complaint: int
    by_mail: bool

    def answers(self, text: str, said: str = ANSWERED) -> AnyRow:
        """The citizen answers the officer's words; the ticket that this came to."""
        if self.by_mail:
            letter = next(each for each in self.desk.letters() if said in each.text)
            self.desk.mails(text, answers=letter)
        else:
            sid = next(row.external_id for row in self.desk.messages("out") if row.body == said)
            self.desk.writes(text, OriginalRepliedMessageSid=sid)
        self.desk.settle()
        went = self.desk.messages()[-1].ticket_id
        return next(row for row in self.desk.tickets() if row.id == went)


def _asked(desk: Desk, *, by_mail: bool) -> int:
    if not by_mail:
        return asks(desk)
    desk.mails("Mohon data penduduk Kolaka Timur 2024 untuk skripsi")
    return int(desk.tickets()[-1].id)


@pytest.fixture(params=[False, True], ids=["chat", "mail"])
def told(request: pytest.FixtureRequest, desk: Desk) -> Told:
    by_mail = bool(request.param)
    wishing(desk, "sari")
    consultation = _asked(desk, by_mail=by_mail)
    desk.replies("Data yang mana?", consultation, by="sari", asks_back=True)
    if by_mail:
        desk.mails("PENGADUAN: petugas itu kasar kemarin.", answers=desk.letters()[-1])
    else:
        _complains_by_chat(desk)
    return Told(desk, _answered_and_closed(desk), by_mail)


def _complains_by_chat(desk: Desk) -> None:
    desk.writes("pengaduan")
    desk.writes("Petugas itu kasar kemarin")


def _answered_and_closed(desk: Desk) -> int:
    """The complaint that was opened last."""
    complaint = int(desk.tickets()[-1].id)
    desk.replies(ANSWERED, complaint)
    desk.settle()
    desk.closes(complaint)
    desk.settle()
    return complaint


def test_it_is_a_complaint_of_its_own_kept_from_the_same_people(told: Told) -> None:
    budi = wishing(told.desk, "budi", role="supervisor")
    with told.desk.runtime.database.write() as connection:
        complaints.keep_from(connection, told.complaint, [budi], "said", told.desk.clock())
    again = told.answers("Orangnya masih seperti zebra kalau ditanya")
    assert (again.kind, again.status, again.linked_to) == ("complaint", "open", told.complaint)
    with told.desk.runtime.database.read() as connection:
        assert budi in complaints.accused(connection, again.id)
    for officer in ("sari", "budi"):
        assert not any("zebra" in letter.text for letter in mail_to(told.desk, officer))


@pytest.mark.parametrize("text", ["Terima kasih banyak", "minta data penduduk Kolaka Timur 2023 juga"])
def test_thanks_and_a_wish_for_data_are_none(told: Told, text: str) -> None:
    assert told.answers(text).kind == "consultation"


def test_what_answers_the_officer_of_the_consultation_goes_there(told: Told) -> None:
    told.desk.replies("Ini datanya.", told.desk.tickets()[0].id, by="sari")
    told.desk.settle()
    assert told.answers("Orangnya ramah sekali kemarin", "Ini datanya.").kind == "consultation"


def test_without_a_consultation_it_is_one_all_the_same(desk: Desk) -> None:
    _complains_by_chat(desk)
    complaint = _answered_and_closed(desk)
    again = Told(desk, complaint, by_mail=False).answers("Orangnya masih seperti zebra kalau ditanya")
    assert (again.kind, again.linked_to) == ("complaint", complaint)
    assert "KTM-P-2026-00002" in desk.heard(CITIZEN)[-1]
