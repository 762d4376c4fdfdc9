"""Tickets brought together: by any officer, under the log, undone while nothing has happened since."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.conversation import CloseReason, Refusal
from bot.events import TimerKind
from handlers import erasing, linking, officer
from handlers.linking import Obstacle
from storage import hearing, tickets
from storage.columns import AnyRow, table
from storage.mail_tables import Mail
from storage.tables import Conversation, TicketEvent, Timer
from tests.driver import CITIZEN, WRITER, Desk

EVENT, CONVERSATION, MAIL, TIMER = table(TicketEvent), table(Conversation), table(Mail), table(Timer)
ASKS = "Saya ingin bicara dengan petugas tentang PDRB"
OTHER = "+6281299998888"
SOMEBODY = "budi@contoh.id"


def by_mail(desk: Desk, address: str = WRITER, text: str = ASKS) -> int:
    """A ticket of a citizen who writes mails."""
    desk.mails(text, address=address)
    return int(desk.tickets()[-1].id)


def goes_on(desk: Desk, text: str, address: str = WRITER, office: str = "7411") -> None:
    """The next mail of the thread that this citizen began."""
    with desk.runtime.database.read() as connection:
        wanted = select(MAIL.c.message_id).where(MAIL.c.author == address).order_by(MAIL.c.id)
        first = connection.execute(wanted).scalars().first()
    desk.mails(text, office=office, address=address, subject="Re: Permohonan data", In_Reply_To=str(first))


def by_chat(desk: Desk, address: str = CITIZEN) -> int:
    """A ticket of a citizen who asked for a human."""
    desk.writes("petugas", address=address)
    return int(desk.tickets()[-1].id)


def complaint(desk: Desk, address: str = CITIZEN) -> int:
    desk.writes("pengaduan", address=address)
    desk.writes("petugas loket tidak ramah kepada kami", address=address)
    return int(desk.tickets()[-1].id)


def ticket(desk: Desk, ticket_id: int) -> AnyRow:
    return next(row for row in desk.tickets() if row.id == ticket_id)


def bodies(desk: Desk, ticket_id: int, direction: str = "in") -> list[str]:
    return [row.body for row in desk.messages(direction) if row.ticket_id == ticket_id]


def logged(desk: Desk, ticket_id: int) -> list[str]:
    with desk.runtime.database.read() as connection:
        found = select(EVENT.c.what).where(EVENT.c.ticket_id == ticket_id).order_by(EVENT.c.id)
        return list(connection.execute(found).scalars())


def merge(desk: Desk, ticket_id: int, into_id: int) -> Obstacle | None:
    return linking.merge(desk.runtime, desk.officer(), ticket_id, into_id)


def undo(desk: Desk, ticket_id: int) -> Obstacle | None:
    return linking.undo_merge(desk.runtime, desk.officer(), ticket_id)


def test_a_link_is_shown_on_both_and_can_be_taken_away(desk: Desk) -> None:
    first, second = by_chat(desk), by_mail(desk)
    assert linking.link(desk.runtime, desk.officer(), first, second) is None
    assert (ticket(desk, second).linked_to, ticket(desk, first).linked_to) == (first, None)
    assert linking.link(desk.runtime, desk.officer(), second, first) is Obstacle.LINKED
    assert logged(desk, first)[-1] == logged(desk, second)[-1] == "linked"
    assert linking.unlink(desk.runtime, desk.officer(), first, second) is None
    assert ticket(desk, second).linked_to is None
    assert logged(desk, first)[-1] == logged(desk, second)[-1] == "unlinked"
    assert linking.unlink(desk.runtime, desk.officer(), first, second) is Obstacle.CHANGED


def test_a_ticket_that_names_one_already_is_named_by_the_other(desk: Desk) -> None:
    first, second, third = by_chat(desk), by_mail(desk), by_mail(desk, SOMEBODY)
    assert linking.link(desk.runtime, desk.officer(), second, third) is None
    assert linking.link(desk.runtime, desk.officer(), third, first) is None
    assert [ticket(desk, each).linked_to for each in (first, second, third)] == [third, None, second]
    assert linking.link(desk.runtime, desk.officer(), first, second) is None
    assert ticket(desk, second).linked_to == first


def test_merged_words_go_to_the_other_ticket_and_so_do_later_ones(desk: Desk) -> None:
    """Two people: answers go to the one whose ticket it is, the other's mails come in as before."""
    into, gone = by_chat(desk), by_mail(desk)
    assert merge(desk, gone, into) is None
    assert bodies(desk, into) == ["petugas", ASKS]
    assert bodies(desk, gone) == []
    closed = ticket(desk, gone)
    assert (closed.status, closed.close_reason, closed.merged_into) == ("closed", "merged", into)
    goes_on(desk, "Tambahan: per kecamatan.")
    assert bodies(desk, into)[-1] == "Tambahan: per kecamatan."
    assert len(desk.tickets()) == 2
    desk.replies("Jawaban untuk Anda.", into)
    assert desk.heard()[-1] == "Jawaban untuk Anda."
    assert desk.messages("out")[-1].address == CITIZEN
    assert logged(desk, gone) == ["opened", "merged"]
    assert logged(desk, into) == ["opened", "merged_here", "replied"]


def test_a_merged_ticket_can_t_be_worked_on(desk: Desk) -> None:
    into, gone = by_chat(desk), by_mail(desk)
    merge(desk, gone, into)
    assert desk.replies("Halo", gone) is Refusal.MERGED
    assert officer.reopen(desk.runtime, desk.officer(), gone) is Refusal.MERGED
    assert officer.close(desk.runtime, desk.officer(), gone) is Refusal.MERGED
    assert merge(desk, gone, into) is Obstacle.MERGED
    officer.note(desk.runtime, desk.officer(), gone, "digabung karena sama", "n" * 36)
    assert bodies(desk, gone, "note") == ["digabung karena sama"]


def test_who_waits_for_the_office_still_does_after_the_merge(desk: Desk) -> None:
    gone = by_mail(desk)
    waits = ticket(desk, gone).waiting_since
    desk.clock.forward(hours=2)
    into = by_chat(desk)
    desk.replies("Sedang kami cari.", into)
    assert ticket(desk, into).waiting_for == "citizen"
    merge(desk, gone, into)
    assert (ticket(desk, into).waiting_for, ticket(desk, into).waiting_since) == ("office", waits)


def test_undone_everything_is_where_it_was_and_what_came_since_goes_with_it(desk: Desk) -> None:
    into, gone = by_chat(desk), by_mail(desk)
    desk.clock.forward(hours=1)
    merge(desk, gone, into)
    desk.clock.forward(hours=1)
    goes_on(desk, "Tambahan: per kecamatan.")
    desk.writes("masih menunggu")
    assert undo(desk, gone) is None
    assert bodies(desk, into) == ["petugas", "masih menunggu"]
    assert bodies(desk, gone) == [ASKS, "Tambahan: per kecamatan."]
    back = ticket(desk, gone)
    assert (back.status, back.close_reason, back.merged_into) == ("open", None, None)
    assert (back.waiting_for, back.waiting_since) == ("office", back.opened_at)
    goes_on(desk, "Satu lagi.")
    assert bodies(desk, gone)[-1] == "Satu lagi."
    assert logged(desk, gone)[-1] == logged(desk, into)[-1] == "merge_undone"
    assert undo(desk, gone) is Obstacle.NOT_MERGED
    assert merge(desk, gone, into) is None


def test_a_merge_into_a_closed_ticket_and_into_itself_is_refused(desk: Desk) -> None:
    into, gone = by_chat(desk), by_mail(desk)
    assert merge(desk, gone, gone) is Obstacle.NOT_ALIKE
    desk.closes(into)
    assert merge(desk, gone, into) is Obstacle.NOT_OPEN
    assert merge(desk, gone, 999_999) is Obstacle.GONE
    assert ticket(desk, gone).status == "open"


def test_a_complaint_never_joins_a_consultation(desk: Desk) -> None:
    consultation, other = by_mail(desk), complaint(desk)
    for act in (linking.merge, linking.link):
        assert act(desk.runtime, desk.officer(), consultation, other) is Obstacle.NOT_ALIKE
        assert act(desk.runtime, desk.officer(), other, consultation) is Obstacle.NOT_ALIKE
    assert logged(desk, consultation) == ["opened"]


def test_complaints_of_one_citizen_can_be_merged(desk: Desk) -> None:
    first = complaint(desk)
    desk.writes("pengaduan")
    desk.writes("sekarang malah lebih lama lagi menunggu")
    second = int(desk.tickets()[-1].id)
    assert merge(desk, second, first) is None
    desk.writes("mohon segera ditanggapi")
    assert bodies(desk, first)[-1] == "mohon segera ditanggapi"
    assert undo(desk, second) is None
    assert "sekarang malah lebih lama lagi menunggu" in bodies(desk, second)


def test_offices_never_meet(desk: Desk) -> None:
    here = by_mail(desk)
    desk.mails(ASKS, office="6302", address=SOMEBODY)
    there = int(desk.tickets()[-1].id)
    assert ticket(desk, there).office == "6302"
    for act in (linking.merge, linking.link):
        assert act(desk.runtime, desk.officer(), here, there) is Obstacle.GONE
        assert act(desk.runtime, desk.officer(), there, here) is Obstacle.GONE
    assert (logged(desk, here), logged(desk, there)) == (["opened"], ["opened"])


def test_undoing_is_refused_once_it_can_t_be_done_and_says_why(desk: Desk) -> None:
    first, second, third = by_chat(desk), by_mail(desk), by_mail(desk, SOMEBODY)
    merge(desk, third, second)
    merge(desk, second, first)
    assert len(bodies(desk, first)) == 3
    assert undo(desk, third) is Obstacle.MERGED_ON
    assert undo(desk, second) is None
    assert undo(desk, third) is None
    assert [len(bodies(desk, each)) for each in (first, second, third)] == [1, 1, 1]


def test_a_merge_with_somebody_who_was_erased_is_not_undone(desk: Desk) -> None:
    ours, theirs = by_mail(desk), by_mail(desk, SOMEBODY)
    merge(desk, theirs, ours)
    assert erasing.erase(desk.runtime, "7411", ticket(desk, theirs).contact_id, desk.officer())
    assert undo(desk, theirs) is Obstacle.GONE
    assert ticket(desk, theirs).merged_into == ours


def test_undoing_waits_for_a_citizen_who_has_begun_another_request(desk: Desk) -> None:
    into, gone = by_mail(desk), by_chat(desk)
    merge(desk, gone, into)
    desk.closes(into)
    desk.writes("data penduduk")
    assert undo(desk, gone) is Obstacle.WRITING_NEW
    desk.writes("petugas")
    assert undo(desk, gone) is Obstacle.ANOTHER_OPEN
    desk.closes()
    assert undo(desk, gone) is None
    assert ticket(desk, gone).status == "open"
    desk.writes("jadi bagaimana?")
    assert bodies(desk, gone)[-1] == "jadi bagaimana?"


def test_a_participant_learns_of_the_closing_with_their_next_words(desk: Desk) -> None:
    """Thanks after the closing open nothing, on whichever conversation they come."""
    into, gone = by_mail(desk), by_chat(desk)
    merge(desk, gone, into)
    desk.closes(into)
    desk.writes("terima kasih banyak")
    assert (len(desk.tickets()), desk.messages()[-1].outcome) == (2, "filed")
    officer.reopen(desk.runtime, desk.officer(), into)


def test_reopened_the_participant_is_still_there(desk: Desk) -> None:
    into, gone = by_mail(desk), by_chat(desk)
    merge(desk, gone, into)
    desk.closes(into)
    assert officer.reopen(desk.runtime, desk.officer(), into) is None
    desk.writes("jadi bagaimana?")
    assert bodies(desk, into)[-1] == "jadi bagaimana?"


def test_a_silence_from_before_the_merge_closes_nothing(desk: Desk) -> None:
    """Kotabaru closes after seven days of silence; the merged ticket's own clock must not run on."""
    desk.writes("petugas", office="6302")
    gone = int(desk.tickets()[-1].id)
    desk.replies("Tahun berapa?", gone, asks_back=True, by="wati")
    desk.settle()
    desk.clock.forward(days=5)
    desk.writes("petugas", office="6302", address=OTHER)
    into = int(desk.tickets()[-1].id)
    assert merge(desk, gone, into) is None
    desk.replies("Tahun berapa?", into, asks_back=True, by="wati")
    desk.settle()
    desk.clock.forward(days=3)
    desk.settle()
    assert ticket(desk, into).status == "open"
    for _ in range(2):  # what ends on a Saturday ends on Monday, when the office opens
        desk.clock.forward(days=3)
        desk.settle()
    assert ticket(desk, into).status == "closed"


def counted_in(desk: Desk) -> list[int]:
    """The conversations in which a silence is counted."""
    with desk.runtime.database.read() as connection:
        found = select(TIMER.c.conversation_id).where(TIMER.c.kind == TimerKind.IDLE_CLOSE)
        return list(connection.execute(found).scalars())


def test_a_silence_is_counted_once_wherever_they_turn_to_something_else(lone: Desk) -> None:
    into, gone = by_mail(lone), by_chat(lone)
    mails, chats = (ticket(lone, each).conversation_id for each in (into, gone))
    merge(lone, gone, into)
    lone.replies("Tahun berapa?", into, asks_back=True)
    lone.settle()
    assert counted_in(lone) == [mails]
    lone.writes("data saya")
    assert counted_in(lone) == [chats]
    goes_on(lone, "data saya")
    assert counted_in(lone) == [mails]
    lone.writes("pengaduan")
    assert counted_in(lone) == []
    lone.writes("batal")
    assert counted_in(lone) == [chats]


def test_the_status_of_a_merged_ticket_is_that_of_the_other(desk: Desk) -> None:
    into, gone = by_mail(desk), by_chat(desk)
    number = ticket(desk, gone).reference
    merge(desk, gone, into)
    with desk.runtime.database.read() as connection:
        (found,) = tickets.of_contact(connection, ticket(desk, gone).contact_id)
    assert (found.reference, found.open, found.answered) == (number, True, False)


def test_the_status_of_a_ticket_that_was_merged_twice_is_that_of_the_last(desk: Desk) -> None:
    """Its other one was merged itself, and is closed for that alone."""
    first, second, last = by_chat(desk), by_mail(desk), by_mail(desk, SOMEBODY)
    number = ticket(desk, first).reference
    merge(desk, first, second)
    merge(desk, second, last)
    with desk.runtime.database.read() as connection:
        (found,) = tickets.of_contact(connection, ticket(desk, first).contact_id)
    assert (found.reference, found.open, found.answered) == (number, True, False)


def test_a_guess_is_refused_once(desk: Desk) -> None:
    first = by_chat(desk)
    number = ticket(desk, first).reference
    desk.mails(ASKS, subject=f"Re: {number}", address=SOMEBODY)
    guessed = int(desk.tickets()[-1].id)
    assert ticket(desk, guessed).perhaps_of == first
    for _ in range(2):
        linking.refuse_guess(desk.runtime, desk.officer(), guessed)
    assert ticket(desk, guessed).perhaps_of is None
    assert logged(desk, guessed).count("guess_refused") == 1


def test_a_turn_that_another_conversation_has_overtaken_is_taken_anew(desk: Desk) -> None:
    """Two conversations are not locked together: what one has decided on may be gone when it writes."""
    about = by_chat(desk)
    for overtaken in (_closed_for_a_silence_that_ended, _written_to_a_closed_one):
        with pytest.raises(tickets.Overtaken), desk.runtime.database.write() as connection:
            overtaken(connection, about, desk)
    assert ticket(desk, about).status == "open"


def _closed_for_a_silence_that_ended(connection: Connection, about: int, desk: Desk) -> None:
    hearing.citizen_wrote(connection, about, desk.clock())
    tickets.close(connection, about, CloseReason.SILENCE, desk.clock())


def _written_to_a_closed_one(connection: Connection, about: int, desk: Desk) -> None:
    tickets.close(connection, about, CloseReason.OFFICER, desk.clock())
    hearing.citizen_wrote(connection, about, desk.clock())


@pytest.mark.parametrize("_again", range(3))
def test_of_many_merges_at_once_one_happens(desk: Desk, _again: int) -> None:
    first, second, third = by_chat(desk), by_mail(desk), by_mail(desk, SOMEBODY)
    officer_id = desk.officer()
    acts: list[Any] = [(first, second), (second, first), (second, third), (third, second)] * 2
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda pair: linking.merge(desk.runtime, officer_id, *pair), acts))
    done = [pair for pair, result in zip(acts, results, strict=True) if result is None]
    merged = {row.id: row.merged_into for row in desk.tickets() if row.merged_into}
    assert dict(done) == merged
    (left,) = {first, second, third} - merged.keys() if len(merged) == 2 else (None,)
    if left:
        assert len(bodies(desk, left)) == 3
    assert sum(len(bodies(desk, each)) for each in (first, second, third)) == 3
    for each in (first, second, third):
        assert bool(bodies(desk, each)) == (each not in merged)


def test_of_many_undoings_at_once_one_happens_while_its_citizen_writes(desk: Desk) -> None:
    into, gone = by_mail(desk), by_chat(desk)
    officer_id = desk.officer()
    merge(desk, gone, into)
    desk.clock.forward(seconds=1)
    with ThreadPoolExecutor(8) as pool:
        said = [pool.submit(desk.writes, f"pesan {number}") for number in range(6)]
        undone = [pool.submit(linking.undo_merge, desk.runtime, officer_id, gone) for _ in range(4)]
        results = [each.result() for each in undone]
        assert {each.result() for each in said} == {200}
    assert results.count(None) == 1
    desk.settle()
    assert sorted(bodies(desk, gone)) == [
        "pesan 0",
        "pesan 1",
        "pesan 2",
        "pesan 3",
        "pesan 4",
        "pesan 5",
        "petugas",
    ]
    assert bodies(desk, into) == [ASKS]
    assert logged(desk, gone).count("merge_undone") == 1
    with desk.runtime.database.read() as connection:
        where = select(CONVERSATION.c.ticket_id).where(CONVERSATION.c.channel == "whatsapp")
        assert connection.execute(where).scalar_one() == gone
