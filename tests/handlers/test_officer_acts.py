"""What officers do: once however often they press, refused in time, and never across an office's border."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from bot.conversation import Refusal
from handlers import apply, officer
from handlers.officer import Stale
from storage import inbox, officers
from storage.columns import AnyRow, table
from storage.inbox import ListName, View
from storage.tables import Conversation, Message, TicketEvent
from tests.driver import Desk

EVENT, CONVERSATION, MESSAGE = table(TicketEvent), table(Conversation), table(Message)
SEEN_ALL = 10**9


def opened(desk: Desk, text: str = "petugas") -> int:
    """A ticket of a citizen who asked for a human."""
    desk.writes(text)
    return int(desk.tickets()[-1].id)


def complained(desk: Desk, text: str = "petugas loket tidak ramah kepada kami") -> int:
    desk.writes("pengaduan")
    desk.writes(text)
    return int(desk.tickets()[-1].id)


def reply(
    desk: Desk, ticket_id: int, text: str = "Jawaban", *, form: str = "", by: str = "rahma", **more: Any
) -> Any:
    seen = more.pop("seen", SEEN_ALL)
    form = form or str(uuid4())
    return officer.reply(desk.runtime, desk.officer(by), ticket_id, text, form, asks_back=False, seen=seen)


def said(desk: Desk) -> list[str]:
    return [row.body for row in desk.messages("out") if row.author == "officer"]


def ticket(desk: Desk, ticket_id: int) -> AnyRow:
    return next(row for row in desk.tickets() if row.id == ticket_id)


def logged(desk: Desk, ticket_id: int) -> list[str]:
    with desk.runtime.database.read() as connection:
        found = select(EVENT.c.what).where(EVENT.c.ticket_id == ticket_id).order_by(EVENT.c.id)
        return list(connection.execute(found).scalars())


def complaint_in_hand(desk: Desk) -> int | None:
    with desk.runtime.database.read() as connection:
        found: int | None = connection.execute(select(CONVERSATION.c.complaint_id)).scalar_one()
        return found


def test_the_same_form_twice_sends_once(desk: Desk) -> None:
    about, form = opened(desk), str(uuid4())
    assert [reply(desk, about, form=form), reply(desk, about, "anders", form=form)] == [None, None]
    assert said(desk) == ["Jawaban"]
    assert logged(desk, about) == ["opened", "replied"]


def test_the_same_form_many_times_at_once_sends_once(desk: Desk) -> None:
    about, form = opened(desk), str(uuid4())
    desk.officer()
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(lambda _: reply(desk, about, form=form), range(12))) == {None}
    assert said(desk) == ["Jawaban"]
    assert logged(desk, about) == ["opened", "replied"]


def test_a_reply_on_an_old_view_is_not_sent(desk: Desk) -> None:
    about = opened(desk)
    seen = desk.messages()[-1].id
    desk.writes("satu lagi")
    desk.writes("dan satu lagi")
    assert reply(desk, about, seen=seen) == Stale(2)
    assert said(desk) == []
    assert ticket(desk, about).claimed_by is None
    assert reply(desk, about, seen=desk.messages()[-1].id) is None
    assert reply(desk, about, "Saya juga", by="budi", seen=desk.messages()[-1].id) == Stale(1)
    assert reply(desk, about, "Lagi", seen=desk.messages()[-1].id) is None


def test_replying_claims_what_is_free_and_nothing_else(desk: Desk) -> None:
    about = opened(desk)
    reply(desk, about, by="budi")
    reply(desk, about)
    assert ticket(desk, about).claimed_by == desk.officer("budi")
    assert (ticket(desk, about).waiting_for, ticket(desk, about).answered_at) == ("citizen", desk.clock())


def test_of_many_claims_at_once_one_succeeds(desk: Desk) -> None:
    about = opened(desk)
    people = [desk.officer(f"petugas{number}") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda who: officer.claim(desk.runtime, who, about), people))
    assert sorted(map(str, told)) == ["None", *["already"] * 5]
    assert ticket(desk, about).claimed_by == people[told.index(None)]
    assert logged(desk, about) == ["opened", "claimed"]
    assert officer.claim(desk.runtime, people[told.index(None)], about) is None
    assert logged(desk, about) == ["opened", "claimed"]


def test_a_ticket_goes_to_active_colleagues_of_its_office_only(desk: Desk) -> None:
    about, complaint = opened(desk), complained(desk)
    mere = desk.officer("budi", role="officer")
    foreign, gone = desk.officer("asing", office="6302"), desk.officer("pergi")
    with desk.runtime.database.write() as connection:
        officers.disable(connection, gone, desk.clock())
    for whom in (foreign, gone, 999):
        assert officer.transfer(desk.runtime, desk.officer(), about, whom) is Refusal.ALREADY
    assert officer.transfer(desk.runtime, desk.officer(), complaint, mere) is Refusal.ALREADY
    assert ticket(desk, about).claimed_by is None
    assert officer.transfer(desk.runtime, desk.officer(), about, mere) is None
    assert ticket(desk, about).claimed_by == mere
    officer.release(desk.runtime, desk.officer(), about)
    assert ticket(desk, about).claimed_by is None
    assert logged(desk, about) == ["opened", "transferred", "released"]


def test_a_closed_ticket_is_neither_claimed_nor_handed_on(desk: Desk) -> None:
    about = opened(desk)
    desk.closes(about)
    assert officer.claim(desk.runtime, desk.officer(), about) is Refusal.ALREADY
    assert officer.transfer(desk.runtime, desk.officer(), about, desk.officer("budi")) is Refusal.CLOSED


def test_a_note_is_kept_once_a_form_and_never_sent(desk: Desk) -> None:
    about, form = opened(desk), str(uuid4())
    desk.officer()
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda _: officer.note(desk.runtime, desk.officer(), about, "catatan\x00", form), range(8)
            )
        )
    officer.note(desk.runtime, desk.officer(), about, "  ", str(uuid4()))
    assert [row.body for row in desk.messages("note")] == ["catatan"]
    assert logged(desk, about) == ["opened", "noted"]
    assert "catatan" not in " ".join(desk.heard())


def test_closing_reopening_and_clearing_say_why_they_can_t(desk: Desk) -> None:
    about = opened(desk)
    who = desk.officer()
    assert officer.reopen(desk.runtime, who, about) is Refusal.ALREADY
    assert officer.mark_clear(desk.runtime, who, about) is None
    assert officer.mark_clear(desk.runtime, who, about) is Refusal.ALREADY
    assert officer.close(desk.runtime, who, about) is None
    assert officer.close(desk.runtime, who, about) is Refusal.CLOSED
    assert officer.mark_clear(desk.runtime, who, about) is Refusal.CLOSED
    assert reply(desk, about) is Refusal.CLOSED
    for act in (officer.close, officer.reopen, officer.mark_clear):
        assert act(desk.runtime, who, 999) is Refusal.CLOSED
    assert logged(desk, about) == ["opened", "marked_clear", "closed"]
    assert said(desk) == []


def test_no_second_open_consultation_by_reopening(desk: Desk) -> None:
    first = opened(desk)
    desk.closes(first)
    second = opened(desk)
    assert second != first
    assert officer.reopen(desk.runtime, desk.officer(), first) is Refusal.ANOTHER_OPEN
    desk.closes(second)
    assert officer.reopen(desk.runtime, desk.officer(), first) is None
    assert ticket(desk, first).status == "open"


def test_nothing_is_sent_to_whoever_asked_for_silence(desk: Desk) -> None:
    about = opened(desk)
    desk.writes("STOP")
    assert reply(desk, about) is Refusal.OPTED_OUT
    assert said(desk) == []
    assert ticket(desk, about).claimed_by is None


def test_an_empty_reply_changes_nothing(desk: Desk) -> None:
    """Nothing but blanks or broken characters: no answer is recorded that nobody gets."""
    about = opened(desk)
    for text in ("", "   ", "\x00", "\ud800"):
        with pytest.raises(ValueError, match="without words"):
            reply(desk, about, text)
    assert (ticket(desk, about).answered_at, logged(desk, about)) == (None, ["opened"])


def test_the_citizen_s_answer_lands_where_the_officer_spoke(desk: Desk) -> None:
    consultation = opened(desk)
    complaint = complained(desk)
    assert ticket(desk, complaint).kind == "complaint"
    reply(desk, complaint, "Mohon maaf")
    desk.writes("terima kasih, tetapi tetap kecewa")
    reply(desk, consultation, "Datanya ini")
    desk.writes("sudah saya terima datanya")
    about = {row.body: row.ticket_id for row in desk.messages()}
    assert about["terima kasih, tetapi tetap kecewa"] == complaint
    assert about["sudah saya terima datanya"] == consultation


def test_complaints_words_never_join_a_consultation(desk: Desk) -> None:
    """Not even of a complaint that was told and then not filed: a mere officer must not read them."""
    told = "saya mau mengadu, petugas loket tidak ramah kepada kami"
    for text in (told, "tidak", "0"):
        desk.writes(text)
    (consultation,) = desk.tickets()
    about = {row.body: (row.outcome, row.ticket_id) for row in desk.messages()}
    assert consultation.kind == "consultation"
    assert about[told] == ("complaint", None)
    assert about["0"] == ("ticket", consultation.id)
    complaint = complained(desk)
    assert {row.ticket_id for row in desk.messages() if row.outcome == "complaint"} == {complaint}


def test_a_refused_act_on_an_older_complaint_changes_nothing(desk: Desk) -> None:
    """The citizen's next words still belong to the complaint they were about."""
    first = complained(desk)
    second = complained(desk, "sekarang malah lebih lama lagi menunggu")
    assert (first != second, complaint_in_hand(desk)) == (True, second)
    seen = desk.messages()[0].id - 1
    assert isinstance(reply(desk, first, seen=seen), Stale)
    assert complaint_in_hand(desk) == second
    assert officer.reopen(desk.runtime, desk.officer(), first) is Refusal.ALREADY
    assert complaint_in_hand(desk) == second
    assert reply(desk, first) is None
    assert complaint_in_hand(desk) == first


def test_reopened_after_a_question_back_the_promise_counts_on(desk: Desk) -> None:
    """Kotabaru stops its clock while the citizen is asked back; who opens again waits for nobody."""
    desk.writes("petugas", office="6302")
    about, me = int(desk.tickets()[-1].id), desk.officer("rahma", "6302")
    officer.mark_clear(desk.runtime, me, about)
    desk.replies("Tahun berapa?", about, asks_back=True)
    desk.settle()
    desk.clock.forward(days=1)
    assert officer.close(desk.runtime, me, about) is None
    assert desk.tickets()[-1].due_at is None
    assert officer.reopen(desk.runtime, me, about) is None
    row = desk.tickets()[-1]
    assert (row.waiting_for, row.due_at is None, row.pauses[-1][1] is None) == ("office", False, False)
    desk.clock.forward(days=10)
    desk.settle()
    with desk.runtime.database.read() as connection:
        view = View("6302", me, complaints=True)
        overdue = inbox.listed(connection, view, ListName.OVERDUE, desk.clock())
    assert [one.id for one in overdue] == [about]


def loses_its_connection(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, committed: bool) -> None:
    """The commit of the next turn is not answered, and may have happened."""
    dialect, take = desk.runtime.database.engine.dialect, apply.take
    commit = dialect.do_commit

    def lost(connection: Any) -> None:
        monkeypatch.setattr(dialect, "do_commit", commit)
        (commit if committed else dialect.do_rollback)(connection)
        gone = OperationalError("COMMIT", {}, Exception("the server closed the connection"))
        gone.connection_invalidated = True
        raise gone

    def taken(*of: Any, **more: Any) -> Any:
        monkeypatch.setattr(apply, "take", take)
        monkeypatch.setattr(dialect, "do_commit", lost)
        return take(*of, **more)

    monkeypatch.setattr(apply, "take", taken)


@pytest.mark.parametrize("committed", [False, True])
def test_an_act_whose_commit_nobody_heard_of_is_done_once_and_not_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    about, me = opened(desk), desk.officer()
    for act in (officer.mark_clear, officer.close, officer.reopen):
        desk.clock.forward(seconds=1)
        loses_its_connection(desk, monkeypatch, committed=committed)
        assert act(desk.runtime, me, about) is None
    assert logged(desk, about) == ["opened", "marked_clear", "closed", "reopened"]


def test_what_a_colleague_did_is_not_taken_for_one_s_own_act(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, colleague = opened(desk), desk.officer("budi")
    assert officer.close(desk.runtime, colleague, about) is None
    thread_of = officer._thread_of
    tries = [OperationalError("SELECT", {}, Exception("the server closed the connection"))]
    tries[0].connection_invalidated = True

    def at_first_lost(connection: Connection, ticket_id: int) -> Any:
        if tries:
            raise tries.pop()
        return thread_of(connection, ticket_id)

    monkeypatch.setattr(officer, "_thread_of", at_first_lost)
    assert officer.close(desk.runtime, desk.officer(), about) is Refusal.CLOSED
    assert tries == []
