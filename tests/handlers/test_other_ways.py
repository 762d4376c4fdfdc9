"""What silence brings is told where free text may leave at that moment, once, and never to the wrong ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.conversation import Refusal
from bot.events import TimerKind
from handlers import apply, jobs, officer
from storage.columns import AnyRow, table
from storage.tables import Address, Contact, Conversation, Rating
from tests.driver import WRITER, Desk
from tests.handlers.test_linking import ticket
from tests.handlers.test_routes import also_reached_at
from tests.handlers.test_timers_fire import logged, timers

ADDRESS, CONTACT, RATING, CONVERSATION = table(Address), table(Contact), table(Rating), table(Conversation)
OFFICE = "7411"  # closes by itself after three working days
SHUT = "skipped:idle_warning:window_closed"


def silent(desk: Desk, *, proved: bool = True) -> int:
    """A ticket by chat, answered on Monday morning, whose citizen also has an address for mail."""
    desk.writes("petugas", office=OFFICE)
    desk.officer(office=OFFICE)
    desk.replies("Datanya ada di publikasi, sudah cukup?")
    desk.settle()
    about = int(desk.tickets()[-1].id)
    also_reached_at(desk, about, WRITER, proved=proved)
    return about


def warned(desk: Desk) -> None:
    """Wednesday morning, one working day before the end; WhatsApp's window has closed."""
    desk.clock.forward(days=1, hours=23)
    desk.settle()


def ended(desk: Desk) -> None:
    """The end of service on Thursday."""
    desk.clock.forward(days=1, hours=7, minutes=30)
    desk.settle()


def subjects(desk: Desk) -> list[str]:
    return [str(letter.mail["Subject"]) for letter in desk.letters()]


def state_of(desk: Desk, channel: str) -> list[str]:
    with desk.runtime.database.read() as connection:
        found = select(CONVERSATION.c.state).where(CONVERSATION.c.channel == channel)
        return list(connection.execute(found.order_by(CONVERSATION.c.id)).scalars())


def test_warning_closing_and_rating_go_by_mail_under_the_same_number(desk: Desk) -> None:
    about = silent(desk)
    warned(desk)
    (letter,) = desk.letters()
    assert "Kami belum menerima balasan" in letter.text
    assert ticket(desk, about).reference in str(letter.mail["Subject"])
    assert {row.kind for row in timers(desk)} == {"idle_close"}
    ended(desk)
    assert (ticket(desk, about).status, ticket(desk, about).close_reason) == ("closed", "silence")
    assert "kami tutup otomatis karena tidak ada balasan" in desk.letters()[-1].text
    assert len(set(subjects(desk))) == 1
    assert state_of(desk, "email") == ["rating"]
    desk.mails("4", answers=desk.letters()[-1])
    with desk.runtime.database.read() as connection:
        assert [row.score for row in connection.execute(select(RATING))] == [4]
    assert not any(what.startswith("skipped") for what in logged(desk))
    assert [message.text for message in desk.phone()][1:] == ["Datanya ada di publikasi, sudah cukup?"]


def test_an_answer_to_the_letter_comes_back_and_ends_the_silence(desk: Desk) -> None:
    about = silent(desk)
    warned(desk)
    desk.mails("Masih, mohon per kecamatan.", answers=desk.letters()[-1])
    assert ticket(desk, about).waiting_for == "office"
    ended(desk)
    desk.clock.forward(days=9)
    desk.settle()
    assert ticket(desk, about).status == "open"
    assert len(desk.tickets()) == 1


def test_the_chat_learns_that_its_ticket_was_closed(desk: Desk) -> None:
    about = silent(desk)
    warned(desk)
    ended(desk)
    desk.writes("terima kasih banyak", office=OFFICE)
    assert [row.outcome for row in desk.messages()][-1] == "filed"
    assert desk.messages()[-1].ticket_id == about
    desk.writes("mohon data inflasi 2024 kolaka timur untuk skripsi", office=OFFICE)
    desk.writes("1", office=OFFICE)
    assert len(desk.tickets()) == 2
    assert desk.tickets()[-1].linked_to == about


@pytest.mark.parametrize("why", ["unproved", "dead", "no way"])
def test_without_an_open_way_it_stays_untold_and_recorded(desk: Desk, why: str) -> None:
    silent(desk, proved=why != "unproved")
    changes: dict[str, Any] = {"dead": {"dead_at": desk.clock(), "dead_why": "5.1.1"}}.get(why, {})
    with desk.runtime.database.write() as connection:
        mine = ADDRESS.c.value == WRITER
        if changes:
            connection.execute(update(ADDRESS).where(mine).values(**changes))
        if why == "no way":
            connection.execute(ADDRESS.delete().where(mine))
    warned(desk)
    assert logged(desk)[-1] == SHUT
    ended(desk)
    assert logged(desk)[-2:] == ["closed", "skipped:closed_by_silence:window_closed"]
    assert (desk.letters(), state_of(desk, "email")) == ([], [])


@pytest.mark.parametrize("why", ["opted_out_at", "blocked_at"])
def test_who_wants_no_word_hears_none(desk: Desk, why: str) -> None:
    silent(desk)
    with desk.runtime.database.write() as connection:
        connection.execute(update(CONTACT).values({why: desk.clock()}))
    warned(desk)
    ended(desk)
    assert desk.letters() == []
    assert logged(desk)[-2:] == ["closed", "skipped:closed_by_silence:opted_out"]


def test_another_persons_address_is_no_way(desk: Desk) -> None:
    silent(desk)
    desk.writes("petugas", office=OFFICE, address="+6281299998888")
    other = desk.tickets()[-1].contact_id
    with desk.runtime.database.write() as connection:
        connection.execute(update(ADDRESS).where(ADDRESS.c.value == WRITER).values(contact_id=other))
    warned(desk)
    assert desk.letters() == []
    assert SHUT in logged(desk)


def test_while_the_window_is_open_it_is_told_in_the_chat(desk: Desk) -> None:
    silent(desk)
    desk.clock.forward(days=1, hours=23)
    with desk.runtime.database.write() as connection:
        lately = desk.clock() - timedelta(hours=20)
        connection.execute(update(CONVERSATION).values(last_inbound_at=lately))
    desk.settle()
    last = desk.messages("out")[-1]
    assert (last.channel, last.text_key) == ("whatsapp", "idle_warning")
    assert desk.letters() == []


def test_nothing_is_told_at_night_by_mail_either(desk: Desk) -> None:
    about = silent(desk)
    desk.clock.forward(days=2, hours=12)  # Wednesday, 21.00
    desk.settle()
    assert desk.letters() == []
    assert {row.kind for row in timers(desk)} == {"idle_warn", "idle_close"}
    desk.clock.forward(hours=11)
    desk.settle()
    assert len(desk.letters()) == 1
    assert ticket(desk, about).status == "open"


def test_a_late_warning_by_mail_puts_the_closing_off_where_it_is_counted(desk: Desk) -> None:
    about = silent(desk)
    desk.clock.forward(days=4)  # Friday, 9.00: the end was on Thursday
    jobs._fire(desk.runtime, ticket(desk, about).conversation_id, TimerKind.IDLE_WARN)
    (left,) = timers(desk)
    assert (left.kind, left.conversation_id) == ("idle_close", ticket(desk, about).conversation_id)
    assert left.due_at == desk.clock() + timedelta(days=3, hours=6, minutes=30)
    desk.settle()
    assert ticket(desk, about).status == "open"


def test_two_workers_tell_it_once(desk: Desk) -> None:
    about = silent(desk)
    warned(desk)
    desk.clock.forward(days=1, hours=7, minutes=30)
    with ThreadPoolExecutor(6) as pool:
        fired = [pool.submit(jobs.fire_timers, desk.runtime) for _ in range(6)]
    assert [each.exception() for each in fired] == [None] * 6
    assert (logged(desk).count("closed"), ticket(desk, about).closings) == (1, 1)
    assert len(desk.letters()) == 2
    assert timers_of(desk, "idle_close") == []


def timers_of(desk: Desk, kind: str) -> list[AnyRow]:
    return [row for row in timers(desk) if row.kind == kind]


def test_a_worker_that_dies_in_between_leaves_all_of_it_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = silent(desk)
    desk.clock.forward(days=1, hours=23)
    with monkeypatch.context() as patch:
        patch.setattr(apply, "_remember", _dies)
        with pytest.raises(KeyboardInterrupt):
            jobs._turn(desk.runtime, ticket(desk, about).conversation_id, TimerKind.IDLE_WARN)
    assert len(timers_of(desk, "idle_warn")) == 1
    assert state_of(desk, "email") == []
    desk.settle()
    assert len(desk.letters()) == 1
    assert timers_of(desk, "idle_warn") == []


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("by_mail", [False, True])
def test_a_citizen_who_writes_at_the_same_moment_is_not_closed_out(desk: Desk, *, by_mail: bool) -> None:
    """Whichever is first: the words and an open ticket, or a closed one and the words as a new request."""
    about = silent(desk)
    warned(desk)
    (letter,) = desk.letters()
    desk.clock.forward(days=1, hours=7, minutes=30)
    with ThreadPoolExecutor(5) as pool:
        fired = [pool.submit(jobs.fire_timers, desk.runtime) for _ in range(4)]
        words = "Masih perlu per kecamatan 2023"
        if by_mail:
            pool.submit(desk.mails, words, answers=letter).result()
        else:
            pool.submit(desk.writes, words, office=OFFICE).result()
    assert [each.exception() for each in fired] == [None] * 4
    desk.settle()
    row, last = ticket(desk, about), desk.messages()[-1]
    assert last.intake == "handled"
    if row.status == "open":
        assert (row.waiting_for, last.ticket_id) == ("office", about)
        assert "closed" not in logged(desk)
    else:
        assert logged(desk).count("closed") == 1
        assert last.ticket_id != about or last.outcome != "ticket"


def test_who_came_in_meanwhile_makes_it_wait_for_the_next_tick(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import links

    silent(desk)
    desk.clock.forward(days=1, hours=23)

    def moved(*_: Any, **__: Any) -> Any:
        raise links.Moved

    with monkeypatch.context() as patch:
        patch.setattr(links, "lock", moved)
        jobs.fire_timers(desk.runtime)
    (left,) = timers_of(desk, "idle_warn")
    assert (left.tries, left.due_at) == (0, desk.clock())
    desk.settle()
    assert len(desk.letters()) == 1


# --- an officer's click ---


def closable(desk: Desk) -> int:
    """A ticket that an officer may close: the office's rule is such from here."""
    about = silent(desk)
    office = desk.runtime.settings.offices[OFFICE]
    object.__setattr__(office.autoclose, "by", "officer")
    warned(desk)
    ended(desk)
    assert ticket(desk, about).closable_at == desk.clock()
    return about


def test_a_click_closes_for_silence_and_tells_it_by_mail(desk: Desk) -> None:
    about = closable(desk)
    assert officer.close_silent(desk.runtime, desk.officer(), about) is None
    assert (ticket(desk, about).close_reason, ticket(desk, about).closable_at) == ("silence", None)
    assert "kami tutup karena tidak ada balasan" in desk.letters()[-1].text
    assert officer.close_silent(desk.runtime, desk.officer(), about) is Refusal.ALREADY


def test_a_click_that_a_word_of_the_citizen_overtook_closes_nothing(desk: Desk) -> None:
    about = closable(desk)
    desk.writes("maaf, baru sempat", office=OFFICE)
    assert officer.close_silent(desk.runtime, desk.officer(), about) is Refusal.ALREADY
    assert ticket(desk, about).status == "open"


def test_a_click_and_a_word_at_once(desk: Desk) -> None:
    about = closable(desk)
    with ThreadPoolExecutor(4) as pool:
        clicks = [pool.submit(officer.close_silent, desk.runtime, desk.officer(), about) for _ in range(3)]
        pool.submit(desk.writes, "maaf, baru sempat membalas", office=OFFICE).result()
    results = [each.result() for each in clicks]
    assert results.count(None) == logged(desk).count("closed") <= 1
    if ticket(desk, about).status == "open":
        assert ticket(desk, about).waiting_for == "office"


def test_a_ticket_that_does_not_wait_long_enough_is_not_closed_so(desk: Desk) -> None:
    about = silent(desk)
    assert officer.close_silent(desk.runtime, desk.officer(), about) is Refusal.ALREADY
    assert officer.close_silent(desk.runtime, desk.officer(), 10**9) is Refusal.ALREADY
    assert ticket(desk, about).status == "open"
