"""The lists of the inbox: which tickets, in which order, with which words, and what is unread."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from storage import desk, inbox, officers, tallies, ticket_page
from storage.columns import table
from storage.db import Database
from storage.inbox import ListName, View
from storage.tables import Conversation
from tests.storage.seeding import NOON, Thread, looks_at, officer
from tests.storage.test_plans import listening

HOUR = timedelta(hours=1)
CONVERSATION = table(Conversation)


def test_who_waits_longest_stands_first(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        late = Thread(connection, "7411").ticket(waiting_since=NOON)
        early = Thread(connection, "7411").ticket(waiting_since=NOON - HOUR)
        asked = Thread(connection, "7411").ticket(waiting_for="citizen", waiting_since=NOON - 2 * HOUR)
        order = {name: [row.id for row in inbox.listed(connection, view, name, NOON)] for name in ListName}
    assert order[ListName.WAITING] == [early, late]
    assert order[ListName.CITIZEN] == [asked]
    assert order[ListName.OPEN] == order[ListName.UNASSIGNED] == [early, late, asked]
    assert order[ListName.MINE] == order[ListName.CLOSED] == []


def test_mine_are_the_claimed_ones(database: Database) -> None:
    with database.write() as connection:
        me, other = officer(connection, "rahma", "7411"), officer(connection, "jufri", "7411")
        mine = Thread(connection, "7411").ticket(claimed_by=me)
        Thread(connection, "7411").ticket(claimed_by=other)
        rows = inbox.listed(connection, View("7411", me, False), ListName.MINE, NOON)
    assert [(row.id, row.claimer) for row in rows] == [(mine, "rahma")]


def test_closed_tickets_come_newest_first_in_pages(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        ids = [
            Thread(connection, "7411").ticket(status="closed", closed_at=NOON + number * HOUR)
            for number in range(5)
        ]
        pages = [
            inbox.listed(connection, view, ListName.CLOSED, NOON, page=page, size=2) for page in range(3)
        ]
    assert [row.id for page in pages for row in page] == ids[::-1]


def test_what_comes_along_of_the_next_page_stands_there_too(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        thread = Thread(connection, "7411", "banyak")
        ids = [thread.ticket(status="closed", closed_at=NOON) for _ in range(5)]
        pages = [
            inbox.listed(connection, view, ListName.CLOSED, NOON, page=page, size=2, ahead=1)
            for page in (0, 1, 2)
        ]
    assert [[one.id for one in page] for page in pages] == [ids[:1:-1], ids[2::-1], ids[:1]]


def test_last_words_are_a_persons_since_the_opening(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        thread.says("Mohon tahun 2024 juga", ticket)
        thread.says("Terima kasih, sudah kami catat.", ticket, direction="out", author="bot", delivery="sent")
        thread.says("cek Pak Jufri", ticket, direction="note", author="officer")
        row = inbox.listed(connection, view, ListName.OPEN, NOON)[0]
    assert (row.last_body, row.last_direction) == ("Mohon tahun 2024 juga", "in")


def test_unread_until_the_officer_has_had_it_on_the_screen(database: Database) -> None:
    with database.write() as connection:
        me, other = officer(connection, "rahma", "7411"), officer(connection, "jufri", "7411")
        view = View("7411", me, False)
        thread = Thread(connection, "7411")
        ticket = thread.ticket()
        assert inbox.listed(connection, view, ListName.OPEN, NOON)[0].unread
        last = ticket_page.messages(connection, view, ticket)[-1].id
        desk.mark_read(connection, me, ticket, last)
        desk.mark_read(connection, me, ticket, 1)
        assert not inbox.listed(connection, view, ListName.OPEN, NOON)[0].unread
        assert inbox.listed(connection, View("7411", other, False), ListName.OPEN, NOON)[0].unread
        thread.says("balasan petugas", ticket, direction="out", author="officer")
        assert not inbox.listed(connection, view, ListName.OPEN, NOON)[0].unread
        thread.says("satu lagi", ticket)
        assert inbox.listed(connection, view, ListName.OPEN, NOON)[0].unread


def test_a_page_shows_only_its_own_ticket(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        thread = Thread(connection, "7411")
        closed = thread.ticket(status="closed", closed_at=NOON)
        opened = thread.ticket()
        thread.says("hanya di yang kedua", opened)
        thread.says("di luar tiket")
        bodies = [line.body for line in ticket_page.messages(connection, view, opened)]
        assert bodies == ["Pesan biasa", "Catatan biasa", "hanya di yang kedua"]
        assert [one.id for one in ticket_page.earlier(connection, view, opened)] == [closed]
        assert ticket_page.earlier(connection, view, opened)[0].score == 4
        assert [line.body for line in ticket_page.messages(connection, view, opened, limit=1)] == bodies[-1:]


def test_who_left_the_page_is_no_longer_shown(database: Database) -> None:
    with database.write() as connection:
        me, other = officer(connection, "rahma", "7411"), officer(connection, "jufri", "7411")
        ticket = Thread(connection, "7411").ticket()
        for one in (me, other):
            looks_at(connection, one, ticket)
        view = View("7411", me, False)
        assert [viewer.name for viewer in ticket_page.viewers(connection, view, ticket, NOON)] == ["jufri"]
        assert ticket_page.viewers(connection, view, ticket, NOON + HOUR) == ()


def test_a_disabled_officer_gives_tickets_back_and_is_signed_out(database: Database) -> None:
    with database.write() as connection:
        me = officer(connection, "rahma", "7411", "supervisor")
        kept = Thread(connection, "7411").ticket(claimed_by=me, status="closed", closed_at=NOON)
        ticket = Thread(connection, "7411").ticket(claimed_by=me)
        officers.disable(connection, me, NOON)
        account = officers.find_by_email(connection, " RAHMA@bps.go.id ")
        view = View("7411", me, True)
        found, closed = (ticket_page.find(connection, view, one) for one in (ticket, kept))
        events = ticket_page.events(connection, view, ticket)
    assert account is not None
    assert (account.disabled, account.sessions, dict(account.roles)) == (True, 2, {"7411": "supervisor"})
    assert found is not None
    assert closed is not None
    assert (found.claimed_by, closed.claimed_by) == (None, me)
    assert events[-1].what == "released"


def test_a_lost_membership_gives_back_only_that_offices_tickets(database: Database) -> None:
    with database.write() as connection:
        me = officer(connection, "rahma", "7411")
        officers.set_role(connection, me, "6571", "supervisor")
        here, there = (Thread(connection, office).ticket(claimed_by=me) for office in ("7411", "6571"))
        officers.remove_role(connection, me, "7411", NOON)
        account = officers.find(connection, me)
        left = [
            ticket_page.find(connection, View(office, me, True), ticket)
            for office, ticket in (("7411", here), ("6571", there))
        ]
        members = officers.colleagues(connection, "6571")
    assert account is not None
    assert account.roles == {"6571": "supervisor"}
    assert [found.claimed_by for found in left if found] == [None, me]
    assert [(one.name, one.role) for one in members] == [("rahma", "supervisor")]


def test_what_is_due_comes_before_what_has_no_promise(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        old = Thread(connection, "7411").ticket(waiting_since=NOON - 9 * HOUR)
        later = Thread(connection, "7411").ticket(waiting_since=NOON - 8 * HOUR, due_at=NOON + HOUR)
        soon = Thread(connection, "7411").ticket(waiting_since=NOON, due_at=NOON - HOUR)
        kept = Thread(connection, "7411").ticket(
            waiting_since=NOON - 2 * HOUR, due_at=NOON - 3 * HOUR, answered_at=NOON - 4 * HOUR
        )
        rows = {name: inbox.listed(connection, view, name, NOON) for name in ListName}
    for name in (ListName.WAITING, ListName.OPEN, ListName.UNASSIGNED):
        assert [row.id for row in rows[name]] == [soon, later, old, kept], name
    assert [row.due_at for row in rows[ListName.OPEN]] == [NOON - HOUR, NOON + HOUR, None, None]


def test_only_what_is_owed_and_over_is_overdue(database: Database) -> None:
    over: dict[str, Any] = {"due_at": NOON - HOUR}
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        thread = Thread(connection, "7411")
        late = thread.ticket(**over, waiting_for="citizen")  # asked back where that stops no clock
        later = Thread(connection, "7411").ticket(due_at=NOON - 2 * HOUR)
        Thread(connection, "7411").ticket(due_at=NOON)
        Thread(connection, "7411").ticket(**over, answered_at=NOON)
        Thread(connection, "7411").ticket(**over, status="closed", closed_at=NOON)
        Thread(connection, "6571").ticket(**over)
        passed_on = Thread(connection, "6571").ticket(**over, handled_by="7411")
        found = [row.id for row in inbox.listed(connection, view, ListName.OVERDUE, NOON)]
        number = tallies.beside(connection, view, NOON).counts["overdue"]
    assert (found, number) == ([later, late, passed_on], 3)


def test_a_late_decision_is_overdue_though_the_complaint_was_answered(database: Database) -> None:
    """Of a complaint the next deadline counts; only supervisors see it."""
    over: dict[str, Any] = {"kind": "complaint", "due_at": NOON - HOUR, "answered_at": NOON - 9 * HOUR}
    with database.write() as connection:
        officer_id = officer(connection, "rahma", "7411")
        view, plain = View("7411", officer_id, True), View("7411", officer_id, False)
        late = Thread(connection, "7411").ticket(**over)
        decided = over | {"due_at": None}
        Thread(connection, "7411").ticket(**decided)
        Thread(connection, "7411").ticket(**over, status="closed", closed_at=NOON)
        Thread(connection, "7411").ticket(due_at=NOON - HOUR, answered_at=NOON)
        asked = Thread(connection, "7411").ticket(due_at=NOON - 2 * HOUR)
        rows = inbox.listed(connection, view, ListName.OVERDUE, NOON)
        assert [(row.id, row.due_at) for row in rows] == [(asked, NOON - 2 * HOUR), (late, NOON - HOUR)]
        assert [row.id for row in inbox.listed(connection, plain, ListName.OVERDUE, NOON)] == [asked]
        counts = [tallies.beside(connection, each, NOON).counts["overdue"] for each in (view, plain)]
        first = inbox.listed(connection, view, ListName.COMPLAINTS, NOON)[0]
    assert (counts, first.id) == ([2, 1], late)


def test_what_may_be_closed_for_silence(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        Thread(connection, "7411").ticket()
        second = Thread(connection, "7411").ticket(waiting_for="citizen", closable_at=NOON)
        first = Thread(connection, "7411").ticket(waiting_for="citizen", closable_at=NOON - HOUR)
        Thread(connection, "7411").ticket(status="closed", closed_at=NOON, closable_at=NOON)
        found = [row.id for row in inbox.listed(connection, view, ListName.CLOSABLE, NOON)]
        number = tallies.beside(connection, view, NOON).counts["closable"]
    assert (found, number) == ([first, second], 2)


@pytest.mark.parametrize(
    ("name", "index"), [(ListName.OVERDUE, "ix_ticket_due"), (ListName.CLOSABLE, "ix_ticket_closable")]
)
def test_short_lists_are_read_through_their_own_index(database: Database, name: ListName, index: str) -> None:
    """On both databases, though most tickets are neither late nor silent."""
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        for number in range(60):
            late: dict[str, Any] = {"due_at": NOON - HOUR, "closable_at": NOON} if number % 20 == 0 else {}
            Thread(connection, "7411").ticket(**late)
        lite = connection.dialect.name == "sqlite"
        if not lite:
            connection.exec_driver_sql("ANALYZE")
        with listening(database.engine) as heard:
            assert len(inbox.listed(connection, view, name, NOON)) == 3
        (statement, parameters), *_ = [one for one in heard if one[0].startswith("SELECT")]
        explain = "EXPLAIN QUERY PLAN" if lite else "EXPLAIN"
        if not lite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
    assert index in str(plan)


def test_windows_come_in_the_order_in_which_they_shut(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        threads = [Thread(connection, "7411", str(number)) for number in range(4)]
        ids = [thread.ticket() for thread in threads]
        changes: list[dict[str, Any]] = [
            {"last_inbound_at": NOON - 2 * HOUR},
            {"last_inbound_at": NOON - 30 * HOUR},
            {"last_inbound_at": NOON - 9 * HOUR},
            {"channel": "email"},
        ]
        for thread, change in zip(threads, changes, strict=True):
            mine = CONVERSATION.c.id == thread.conversation
            connection.execute(update(CONVERSATION).where(mine).values(**change))
        shut = {"whatsapp": NOON - 24 * HOUR}
        with listening(database.engine) as heard:
            rows = inbox.listed(connection, view, ListName.WAITING, NOON, by_window=shut)
    assert [row.id for row in rows] == [ids[2], ids[0], ids[1], ids[3]]
    assert [row.last_inbound_at for row in rows[:1]] == [NOON - 9 * HOUR]
    if database.is_sqlite:
        statement, parameters = heard[0]
        with database.read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        assert not [row for row in plan if str(row[3]).startswith("SCAN conversation")]


def test_open_tickets_with_held_answers_are_listed(database: Database) -> None:
    with database.write() as connection:
        view = View("7411", officer(connection, "rahma", "7411"), False)
        thread = Thread(connection, "7411")
        held, sent, closed = thread.ticket(), thread.ticket(status="closed"), thread.ticket(status="closed")
        for ticket, delivery in ((held, "held"), (sent, "sent"), (closed, "held")):
            thread.says("ini", ticket, direction="out", author="officer", delivery=delivery)
        assert [row.id for row in inbox.listed(connection, view, ListName.HELD, NOON)] == [held]
        assert tallies.beside(connection, view, NOON).counts[ListName.HELD] == 1


def test_beside_each_list_stands_how_many_open_ones_it_has(database: Database) -> None:
    with database.write() as connection:
        me = officer(connection, "rahma", "7411", "supervisor")
        view = View("7411", me, True)
        thread = Thread(connection, "7411")
        closed = {"status": "closed", "closed_at": NOON, "claimed_by": me, "closable_at": NOON}
        many: list[dict[str, Any]] = [
            {"claimed_by": me, "due_at": NOON - HOUR},
            {"waiting_for": "citizen", "closable_at": NOON},
            {"waiting_for": "citizen", "due_at": NOON - HOUR, "answered_at": NOON},
            {"kind": "complaint", "due_at": NOON - HOUR},
            {"office": "6571", "handled_by": "7411", "due_at": NOON + HOUR},
            {"handled_by": "6571"},
        ]
        for one in (*many, closed, closed | {"kind": "complaint"}, closed | {"handled_by": "6571"}):
            ticket = Thread(connection, "7411").ticket(**one)
            thread.says("ini", ticket, direction="out", author="officer", delivery="held")
        lists = {
            name: sum(row.open for row in inbox.listed(connection, view, name, NOON))
            for name in ListName
            if name is not ListName.CLOSED
        }
        counts = tallies.beside(connection, view, NOON).counts
    assert {name: counts[name] for name in lists} == lists
    assert lists == {
        "waiting": 3, "overdue": 2, "mine": 1, "unassigned": 4, "citizen": 2, "closable": 1, "open": 5,
        "complaints": 1, "forwarded": 1, "held": 5,
    }  # fmt: skip
