"""Tickets find their officer, when they open and when nobody has them; else supervisors hear of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.routing import Half
from handlers import assigning, officer, rostering
from handlers.rostering import Editor
from storage import desk as stored_desk
from storage import duty, inbox, officers
from storage.inbox import ListName, View
from storage.tickets import Opened
from tests.driver import Desk
from tests.handlers.correspondence import mail_to, subjects, wishing
from tests.handlers.duties import TOPICS, knows, logged, member, on_leave, shares, was_given
from tests.handlers.test_linking import by_mail, goes_on
from tests.handlers.test_splitting import split
from tests.storage.test_plans import listening

RICE = "Mohon data luas panen padi 2021-2024 kabupaten Kolaka Timur untuk skripsi"
OTHERS = [f"+62812000000{number:02d}" for number in range(20)]


def asks(desk: Desk, text: str = RICE, number: int = 0) -> int:
    """A citizen asks; the ticket."""
    desk.writes(text, address=OTHERS[number])
    desk.writes("ya", address=OTHERS[number])
    return int(desk.tickets()[-1].id)


def holder(desk: Desk, ticket_id: int) -> int | None:
    found: int | None = next(row.claimed_by for row in desk.tickets() if row.id == ticket_id)
    return found


def test_in_turns_two_tickets_go_to_two_officers(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    shares(desk.runtime, assign="turns")
    first, second = asks(desk), asks(desk, number=1)
    assert {holder(desk, first), holder(desk, second)} == {rahma, jufri}
    desk.clock.forward(minutes=1)
    third = asks(desk, number=2)
    assert holder(desk, third) == holder(desk, first)
    assert member(desk.runtime, holder(desk, third) or 0).given_at == desk.clock()
    assert logged(desk.runtime, first, "assigned") == [
        {"to": holder(desk, first), "why": "turns", "topic": "", "by_topic": False, "tied": []}
    ]


def test_whom_it_is_given_to_takes_it_from_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An officer takes it while the desk looks whose turn it is."""
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    ticket = asks(desk)
    shares(desk.runtime, assign="turns")
    look = duty.candidates

    def slowly(connection: Connection, office: str) -> Any:
        found = look(connection, office)
        assert stored_desk.claim(connection, ticket, rahma, desk.clock()) is None
        return found

    monkeypatch.setattr(duty, "candidates", slowly)
    with desk.runtime.database.write() as connection:
        assigning.anew(desk.runtime, connection, [ticket], desk.clock())
    assert holder(desk, ticket) == rahma
    assert logged(desk.runtime, ticket, "assigned") == []
    assert {member(desk.runtime, one).given_at for one in (rahma, jufri)} == {None}


def test_the_officer_gets_a_mail_that_is_nobody_s_act(desk: Desk) -> None:
    wishing(desk, "rahma")
    shares(desk.runtime, assign="load")
    asks(desk)
    letters = mail_to(desk, "rahma")
    assert subjects(letters) == ["[KTM-2026-00001] Giliran Anda: tiket Siti Contoh"]
    text = letters[0].text
    assert "Loket memberikan tiket KTM-2026-00001 dari Siti Contoh kepada Anda" in " ".join(text.split())
    assert "Rekan Anda" not in text


def test_a_topic_is_found_and_its_officer_preferred(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    shares(desk.runtime, assign="turns", topics=TOPICS)
    knows(desk.runtime, rahma, "harga")
    knows(desk.runtime, jufri, "tani")
    was_given(desk.runtime, jufri, desk.clock())
    ticket = asks(desk)
    assert (desk.tickets()[-1].topic, holder(desk, ticket)) == ("tani", jufri)
    assert logged(desk.runtime, ticket, "assigned")[0]["by_topic"]


def test_what_is_split_off_finds_its_own_officer(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    shares(desk.runtime, assign="turns", topics=TOPICS)
    knows(desk.runtime, rahma, "tani")
    knows(desk.runtime, jufri, "harga")
    old = by_mail(desk, text=f"Saya ingin bicara dengan petugas. {RICE}")
    desk.clock.forward(minutes=1)
    goes_on(desk, "Satu lagi: berapa inflasi tahun 2025?")
    opened = split(desk, old, "Satu lagi: berapa inflasi tahun 2025?")
    assert isinstance(opened, Opened)
    assert (holder(desk, old), holder(desk, opened.id)) == (rahma, jufri)
    assert desk.tickets()[-1].topic == "harga"


def test_an_office_that_gives_nothing_may_still_name_topics(desk: Desk) -> None:
    desk.officer("rahma")
    shares(desk.runtime, topics=TOPICS)
    ticket = asks(desk, "Mohon data inflasi dan padi 2024 kabupaten Kolaka Timur untuk skripsi")
    assert (desk.tickets()[-1].topic, holder(desk, ticket)) == ("tani", None)


def test_an_office_that_gives_nothing_pays_nothing(desk: Desk) -> None:
    desk.officer("rahma")
    desk.writes(RICE)
    with listening(desk.runtime.database.engine) as heard:
        desk.writes("ya")
    assert desk.tickets()[-1].claimed_by is None
    words = ("membership.given_at", "FROM duty", "FROM leave \n", "GROUP BY ticket.claimed_by")
    assert [statement for statement, _ in heard if any(word in statement for word in words)] == []


def test_nobody_is_given_more_than_the_cap_and_the_log_says_so(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    shares(desk.runtime, assign="turns", cap=1)
    assert holder(desk, asks(desk)) == rahma
    second = asks(desk, number=1)
    assert holder(desk, second) is None
    assert [one["why"] for one in logged(desk.runtime, second, "not_assigned")] == ["full"]


def test_who_does_not_take_is_disabled_or_away_is_given_nothing(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    sari, budi = desk.officer("sari", role="officer"), desk.officer("budi", role="officer")
    shares(desk.runtime, assign="turns")
    knows(desk.runtime, rahma, takes=False)
    on_leave(desk.runtime, sari, "2026-07-06 am", "2026-07-06 am")
    with desk.runtime.database.write() as connection:
        officers.disable(connection, budi, desk.clock())
    assert {holder(desk, asks(desk, number=number)) for number in range(3)} == {jufri}


def test_at_night_it_goes_to_who_serves_next(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    shares(desk.runtime, assign="turns")
    on_leave(desk.runtime, rahma, "2026-07-07 am", "2026-07-07 pm")
    desk.clock.forward(hours=12)
    assert {holder(desk, asks(desk, number=number)) for number in range(3)} == {jufri}
    desk.clock.forward(hours=24)
    assert holder(desk, asks(desk, number=5)) == rahma


def test_two_tickets_at_once_go_to_two_officers(desk: Desk) -> None:
    people = {desk.officer(name, role="officer") for name in ("rahma", "jufri", "sari", "budi")}
    shares(desk.runtime, assign="load")
    for number in range(4):
        desk.writes(RICE, address=OTHERS[number])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: desk.writes("ya", address=OTHERS[number]), range(4)))
    assert {row.claimed_by for row in desk.tickets()} == people


def test_a_complaint_is_given_to_nobody(desk: Desk) -> None:
    desk.officer("rahma")
    shares(desk.runtime, assign="turns", topics=TOPICS)
    for text in ("pengaduan", "Surat padi kami seminggu tidak dijawab, mohon perhatian", "ya"):
        desk.writes(text)
    row = desk.tickets()[-1]
    assert (row.kind, row.claimed_by, row.topic) == ("complaint", None, "")


def test_tickets_of_a_disabled_officer_find_another(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    shares(desk.runtime, assign="turns")
    ticket = asks(desk)
    jufri = desk.officer("jufri", role="officer")
    with desk.runtime.database.write() as connection:
        officers.disable(connection, rahma, desk.clock())
    assert holder(desk, ticket) is None
    desk.settle()
    assert holder(desk, ticket) == jufri


def test_what_nobody_took_is_tried_once_more_and_then_told_to_supervisors(desk: Desk) -> None:
    wishing(desk, "rahma", role="supervisor")
    desk.clock.forward(hours=1)  # 10.00; four hours of service end at 15.00, after lunch
    ticket = asks(desk)
    desk.clock.forward(hours=4, minutes=59)
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []
    desk.clock.forward(minutes=1)
    desk.settle()
    assert len(logged(desk.runtime, ticket, "unclaimed")) == 1
    assert "[KTM-2026-00001] Belum ada yang mengambil" in subjects(mail_to(desk, "rahma"))
    assert _marked(desk) == {ticket}
    desk.clock.forward(days=5)
    desk.settle()
    assert len(logged(desk.runtime, ticket, "unclaimed")) == 1


def _marked(desk: Desk) -> set[int]:
    with desk.runtime.database.read() as connection:
        rows = inbox.listed(
            connection, View("7411", desk.officer("rahma"), True), ListName.UNASSIGNED, desk.clock()
        )
    return {row.id for row in rows if row.escalated}


def test_a_claim_keeps_it_quiet_and_a_release_begins_anew(desk: Desk) -> None:
    rahma, ticket = desk.officer("rahma"), asks(desk)
    officer.claim(desk.runtime, rahma, ticket)
    desk.clock.forward(days=1)
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []
    officer.release(desk.runtime, rahma, ticket)
    desk.clock.forward(hours=3)
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []
    desk.clock.forward(days=1)
    desk.settle()
    assert len(logged(desk.runtime, ticket, "unclaimed")) == 1
    assert _marked(desk) == {ticket}
    officer.claim(desk.runtime, rahma, ticket)
    officer.release(desk.runtime, rahma, ticket)
    assert _marked(desk) == set()
    desk.clock.forward(days=1)
    desk.settle()
    assert len(logged(desk.runtime, ticket, "unclaimed")) == 2
    assert _marked(desk) == {ticket}


def test_a_ticket_handed_to_a_colleague_is_nobody_s_no_more(desk: Desk) -> None:
    rahma, jufri, ticket = desk.officer("rahma"), desk.officer("jufri", role="officer"), asks(desk)
    officer.transfer(desk.runtime, rahma, ticket, jufri)
    desk.clock.forward(days=2)
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []


def test_an_office_that_never_escalates_tells_nobody(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    shares(desk.runtime, escalate_after_hours=0)
    ticket = asks(desk)
    officer.claim(desk.runtime, rahma, ticket)
    with desk.runtime.database.write() as connection:
        officers.disable(connection, rahma, desk.clock())
    desk.clock.forward(days=3)
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []


def test_a_full_desk_gets_its_ticket_as_soon_as_the_timer_finds_room(desk: Desk) -> None:
    rahma = desk.officer("rahma")
    shares(desk.runtime, assign="turns", cap=1)
    first, second = asks(desk), asks(desk, number=1)
    desk.replies("Ini datanya", first)
    desk.clock.forward(days=1)
    desk.settle()
    assert holder(desk, second) == rahma
    assert logged(desk.runtime, second, "unclaimed") == []


def test_a_ticket_released_while_the_citizen_owed_the_answer_is_given_when_they_write(desk: Desk) -> None:
    rahma, ticket = desk.officer("rahma"), asks(desk)
    desk.replies("Tahun berapa?", ticket, asks_back=True)
    officer.release(desk.runtime, rahma, ticket)
    desk.clock.forward(days=1)
    desk.settle()
    assert logged(desk.runtime, ticket, "unclaimed") == []
    shares(desk.runtime, assign="turns")
    desk.writes("2024", address=OTHERS[0])
    assert holder(desk, ticket) == rahma


def test_asking_on_after_closing_finds_somebody_who_is_there(desk: Desk) -> None:
    rahma, jufri = desk.officer("rahma"), desk.officer("jufri", role="officer")
    ticket = asks(desk)
    desk.replies("Ini datanya", ticket)
    desk.closes(ticket)
    on_leave(desk.runtime, rahma, "2026-07-06 am", "2026-07-10 pm")
    shares(desk.runtime, assign="turns")
    assert officer.reopen(desk.runtime, jufri, ticket) is None
    assert holder(desk, ticket) == jufri


def test_the_duty_of_somebody_who_has_left_keeps_nobody_off_duty(desk: Desk) -> None:
    rahma, gone = desk.officer("rahma"), desk.officer("gone", role="officer")
    shares(desk.runtime, assign="turns")
    rostering.change_duty(Editor(desk.runtime, "7411", rahma), {(gone, 0, Half.AM)}, set())
    assert holder(desk, asks(desk)) == gone
    with desk.runtime.database.write() as connection:
        officers.remove_role(connection, gone, "7411", desk.clock())
    assert holder(desk, asks(desk, number=1)) == rahma
