"""A ticket goes to another office of the installation: for the citizen nothing changes."""

from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, select

from bot.conversation import Refusal
from handlers import assigning, officer
from storage import clocks, inbox, officers, tickets
from storage import desk as stored_desk
from storage.columns import AnyRow, table
from storage.inbox import ListName, View
from storage.officers import MailWishes
from storage.tables import Message, TicketEvent
from tests.driver import SENDERS, Desk
from tests.handlers.correspondence import EVERYTHING, answers, asks, complains, mail_to, subjects, wishing
from tests.handlers.duties import TOPICS, logged, on_leave, shares

MESSAGE, EVENT = table(Message), table(TicketEvent)
WHY = "Yang ditanyakan data Kota Tarakan"


def _forward(desk: Desk, ticket: int, office: str = "6571", why: str = WHY, form: str = "") -> Refusal | None:
    return officer.forward(desk.runtime, desk.officer("rahma"), ticket, office, why, form or str(uuid4()))


def _tarakan(
    desk: Desk, name: str = "nuning", wishes: MailWishes | None = None, role: str = "officer"
) -> int:
    """An officer of Tarakan."""
    officer_id = desk.officer(name, "6571", role)
    if wishes:
        with desk.runtime.database.write() as connection:
            officers.set_mail_wishes(connection, officer_id, "6571", wishes)
    return officer_id


def _row(desk: Desk, ticket: int) -> AnyRow:
    return next(row for row in desk.tickets() if row.id == ticket)


def _notes(desk: Desk) -> list[str]:
    return [row.body for row in desk.messages("note")]


def _marks(desk: Desk) -> tuple[int, int]:
    """How many messages and log rows there are."""
    with desk.runtime.database.read() as connection:
        count = [
            connection.execute(select(func.count()).select_from(of)).scalar_one() for of in (MESSAGE, EVENT)
        ]
    return count[0], count[1]


def _lists(desk: Desk, ticket: int, office: str) -> set[ListName]:
    view = View(office, desk.officer("rahma"), True)
    with desk.runtime.database.read() as connection:
        return {
            name
            for name in ListName
            if ticket in [row.id for row in inbox.listed(connection, view, name, desk.clock())]
        }


def test_number_promise_and_route_stay_and_the_citizen_is_told(desk: Desk) -> None:
    nuning, ticket = _tarakan(desk), asks(desk)
    officer.claim(desk.runtime, desk.officer("rahma"), ticket)
    before = _row(desk, ticket)
    assert before.due_at is not None
    assert _forward(desk, ticket) is None
    after = _row(desk, ticket)
    assert (after.office, after.handled_by, after.claimed_by) == ("7411", "6571", None)
    assert (after.reference, after.due_at, after.clock_from) == (
        before.reference,
        before.due_at,
        before.clock_from,
    )
    assert "nomor *KTM-2026-00001* kami teruskan ke BPS Kota Tarakan" in desk.heard()[-1]
    assert _notes(desk) == [WHY]
    assert logged(desk.runtime, ticket, "forwarded") == [{"to": "6571"}]
    assert desk.replies("Penduduk Tarakan 250.000 jiwa", ticket, by="nuning") is None
    desk.settle()
    assert [message.text for message in desk.phone()][-1] == "Penduduk Tarakan 250.000 jiwa"
    sent = desk.messages("out")[-1]
    assert (sent.sender, sent.office, sent.officer_id) == (SENDERS["7411"], "7411", nuning)
    assert _row(desk, ticket).claimed_by == nuning
    desk.writes("Terima kasih, satu lagi: tahun 2023?")
    assert _row(desk, ticket).waiting_for == "office"


def test_it_stands_in_the_lists_of_the_receiver_and_apart_at_home(desk: Desk) -> None:
    _tarakan(desk)
    ticket = asks(desk)
    _forward(desk, ticket)
    assert _lists(desk, ticket, "7411") == {ListName.FORWARDED}
    assert _lists(desk, ticket, "6571") == {ListName.WAITING, ListName.UNASSIGNED, ListName.OPEN}
    assert _lists(desk, ticket, "1905") == set()


def test_it_can_be_taken_back(desk: Desk) -> None:
    nuning, ticket = _tarakan(desk), asks(desk)
    _forward(desk, ticket)
    officer.claim(desk.runtime, nuning, ticket)
    assert _forward(desk, ticket, "7411", "Ditarik kembali.") is None
    row = _row(desk, ticket)
    assert (row.handled_by, row.claimed_by) == ("7411", None)
    assert ListName.WAITING in _lists(desk, ticket, "7411")
    assert _lists(desk, ticket, "6571") == set()


@pytest.mark.parametrize("office", ["7411", "1905", "9999", "", "7411 "])
def test_an_office_that_can_t_receive_it_is_refused(desk: Desk, office: str) -> None:
    _tarakan(desk)
    gone = _tarakan(desk, "gone")
    with desk.runtime.database.write() as connection:
        officers.set_role(connection, gone, "1905", "officer")
        officers.disable(connection, gone, desk.clock())
    ticket = asks(desk)
    before = _marks(desk)
    assert _forward(desk, ticket, office) is Refusal.NO_OFFICE
    assert _row(desk, ticket).handled_by == "7411"
    assert _marks(desk) == before


def test_a_complaint_stays(desk: Desk) -> None:
    _tarakan(desk)
    complaint = complains(desk)
    before = _marks(desk)
    assert _forward(desk, complaint) is Refusal.NOT_FORWARDED
    assert _row(desk, complaint).handled_by == "7411"
    assert _marks(desk) == before


def test_a_closed_ticket_stays_and_leaves_no_note(desk: Desk) -> None:
    _tarakan(desk)
    ticket = asks(desk)
    desk.closes(ticket)
    before = _marks(desk)
    assert _forward(desk, ticket) is Refusal.CLOSED
    assert (_row(desk, ticket).handled_by, _marks(desk), _notes(desk)) == ("7411", before, [])


def test_a_form_sent_twice_forwards_once(desk: Desk) -> None:
    _tarakan(desk)
    ticket, form = asks(desk), str(uuid4())
    assert _forward(desk, ticket, form=form) is None
    assert _forward(desk, ticket, "7411", form=form) is None
    assert _row(desk, ticket).handled_by == "6571"
    assert len(logged(desk.runtime, ticket, "forwarded")) == 1


def test_the_receiver_s_topics_and_rules_count(desk: Desk) -> None:
    nuning, budi = _tarakan(desk), _tarakan(desk, "budi")
    on_leave(desk.runtime, budi, "2026-07-06 am", "2026-07-10 pm", office="6571")
    shares(desk.runtime, "7411", topics={"tani": TOPICS["harga"]})
    shares(desk.runtime, "6571", assign="turns", topics=TOPICS)
    ticket = asks(desk)
    _forward(desk, ticket)
    row = _row(desk, ticket)
    assert (row.claimed_by, row.topic) == (nuning, "tani")


def test_leave_and_lack_of_takers_at_the_receiver_are_the_receiver_s(desk: Desk) -> None:
    nuning = _tarakan(desk)
    _tarakan(desk, "kepala", EVERYTHING, role="supervisor")
    wishing(desk, "rahma", role="supervisor")
    ticket = asks(desk)
    _forward(desk, ticket)
    officer.claim(desk.runtime, nuning, ticket)
    on_leave(desk.runtime, nuning, "2026-07-06 am", "2026-07-10 pm", office="6571")
    assert _row(desk, ticket).claimed_by is None
    desk.clock.forward(days=1)
    told = [name for name in ("kepala", "rahma") if _late(mail_to(desk, name))]
    assert told == ["kepala"]


def _late(letters: list[Any]) -> bool:
    return "[KTM-2026-00001] Belum ada yang mengambil" in subjects(letters)


def test_the_receiver_answers_by_mail_and_the_office_that_passed_it_on_no_more(desk: Desk) -> None:
    wishing(desk, "rahma", role="supervisor")
    _tarakan(desk, wishes=EVERYTHING)
    ticket = asks(desk)
    old = mail_to(desk, "rahma")[0]
    _forward(desk, ticket)
    told = mail_to(desk, "nuning")
    assert subjects(told) == ["[KTM-2026-00001] BPS Kabupaten Kolaka Timur meneruskan tiket Siti Contoh"]
    assert str(told[0].mail["From"]).endswith("<bps6571@bps.go.id>")
    assert "/inbox/6571/tickets/" in told[0].text
    row = answers(desk, told[0], "Penduduk Tarakan 250.000 jiwa", by="nuning", office="6571")
    assert (row.intake, row.kind, row.ticket_id) == ("handled", "officer", ticket)
    assert desk.heard()[-1] == "Penduduk Tarakan 250.000 jiwa"
    late = answers(desk, old, "Jawaban dari kantor yang lama")
    assert (late.intake, late.rule) == ("filed", "no_access")
    assert desk.heard()[-1] == "Penduduk Tarakan 250.000 jiwa"
    assert any("tidak mempunyai akses" in letter.text for letter in mail_to(desk, "rahma"))


def test_a_mail_that_had_not_left_when_the_ticket_was_passed_on_does_not_leave(desk: Desk) -> None:
    wishing(desk, "rahma", role="supervisor")
    _tarakan(desk)
    ticket = asks(desk)
    _forward(desk, ticket)
    assert mail_to(desk, "rahma") == []


def test_back_and_forth_is_told_each_time(desk: Desk) -> None:
    wishing(desk, "rahma", role="supervisor")
    _tarakan(desk, wishes=EVERYTHING)
    ticket = asks(desk)
    mail_to(desk, "rahma")
    for office in ("6571", "7411", "6571"):
        _forward(desk, ticket, office)
        mail_to(desk, "rahma")
    assert len(mail_to(desk, "nuning")) == 2
    assert len(mail_to(desk, "rahma")) == 2


def test_a_ticket_split_off_stays_with_the_office_that_works_on_it(desk: Desk) -> None:
    from handlers import splitting
    from storage.tickets import Opened

    _tarakan(desk)
    desk.mails("Mohon data padi 2024")
    ticket = int(desk.tickets()[-1].id)
    _forward(desk, ticket)
    letter = desk.letters()[-1]
    message = desk.mails("Mohon juga data inflasi 2024", answers=letter)
    said = next(row.id for row in desk.messages() if row.mail_id == message.id)
    opened = splitting.split(desk.runtime, desk.officer("nuning"), ticket, said)
    assert isinstance(opened, Opened)
    assert (_row(desk, opened.id).office, _row(desk, opened.id).handled_by) == ("7411", "6571")
    _forward(desk, ticket, "7411")
    stopped = splitting.undo_split(desk.runtime, desk.officer("rahma"), opened.id)
    assert stopped is not None
    assert _row(desk, opened.id).status == "open"


def test_an_office_that_left_the_configuration_breaks_nothing(desk: Desk) -> None:
    _tarakan(desk)
    ticket = asks(desk)
    _forward(desk, ticket)
    del desk.runtime.settings.offices["6571"]
    with desk.runtime.database.write() as connection:
        assigning.anew(desk.runtime, connection, [ticket], desk.clock())
    desk.writes("Bagaimana kabarnya?")
    desk.clock.forward(days=1)
    desk.settle()
    assert _row(desk, ticket).handled_by == "6571"
    assert _forward(desk, ticket, "7411") is None


def _log(desk: Desk, ticket: int) -> list[str]:
    with desk.runtime.database.read() as connection:
        found = select(EVENT.c.what).where(EVENT.c.ticket_id == ticket).order_by(EVENT.c.id)
        return list(connection.execute(found).scalars())


def _while(desk: Desk, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, ticket: int) -> None:
    """The ticket goes to Tarakan after an act has looked at it, and before it writes."""
    looked = getattr(module, name)

    def slowly(connection: Connection, *rest: Any) -> Any:
        found = looked(connection, *rest)
        clocks.forward(connection, ticket, "6571", desk.clock())
        return found

    monkeypatch.setattr(module, name, slowly)


def test_what_is_forwarded_at_this_moment_is_not_handed_to_a_colleague(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tarakan(desk)
    ticket, colleague = asks(desk), desk.officer("budi", role="officer")
    before = _log(desk, ticket)
    with monkeypatch.context() as patched:
        _while(desk, patched, stored_desk, "_may_have", ticket)
        assert officer.transfer(desk.runtime, desk.officer(), ticket, colleague) is Refusal.ALREADY
    assert (_row(desk, ticket).handled_by, _row(desk, ticket).claimed_by) == ("6571", None)
    assert _log(desk, ticket) == before


def test_what_is_forwarded_at_this_moment_is_not_given_back_by_whom_it_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tarakan(desk)
    ticket = asks(desk)
    assert officer.claim(desk.runtime, desk.officer(), ticket) is None
    before = _log(desk, ticket)
    with monkeypatch.context() as patched:
        _while(desk, patched, tickets, "find", ticket)
        officer.release(desk.runtime, desk.officer(), ticket)
    assert _log(desk, ticket) == before


def test_what_was_forwarded_since_the_page_was_loaded_is_claimed_by_its_new_office_only(desk: Desk) -> None:
    new = _tarakan(desk)
    ticket = asks(desk)
    _forward(desk, ticket)
    assert officer.claim(desk.runtime, desk.officer("budi"), ticket) is Refusal.ALREADY
    assert officer.claim(desk.runtime, new, ticket) is None


def test_what_is_forwarded_at_this_moment_gets_no_topic_of_the_office_it_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tarakan(desk)
    ticket = asks(desk)
    with monkeypatch.context() as patched:
        _while(desk, patched, tickets, "find", ticket)
        officer.set_topic(desk.runtime, desk.officer(), ticket, "harga")
    assert _row(desk, ticket).topic == ""
    assert "topic_set" not in _log(desk, ticket)
