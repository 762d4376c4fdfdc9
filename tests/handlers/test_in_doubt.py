"""A message's chat is read before its lock is waited for: what happened meanwhile is seen all the same."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, text, update

from bot.events import OfficerReplied
from channels.contract import Inbound
from handlers import apply, delivery, inbound, officer, receiving
from handlers.inbound import Fate
from handlers.reply import Reply
from storage import conversations, erasure, intake, people, writers
from storage.columns import table
from storage.tables import Address, Contact, Conversation
from tests.driver import WRITER, Desk
from tests.handlers.test_arriving import message
from tests.handlers.test_routes import also_reached_at, offered
from tests.handlers.test_worker import wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]
ADDRESS, CONTACT, CONVERSATION = table(Address), table(Contact), table(Conversation)
REDONE = "kept before it has its turn"


@pytest.fixture
def known(desk: Desk) -> Desk:
    """A desk to which one person has written."""
    receiving.receive(desk.runtime, message("halo"))
    return desk


def waits(desk: Desk) -> bool:
    """Whether somebody waits for a lock."""
    with desk.runtime.database.read() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


@contextmanager
def coming(desk: Desk, said: Inbound, meanwhile: Callable[[Connection], object]) -> Iterator[Future[Fate]]:
    """*said* comes while somebody else holds the lock of its address, does what they do and commits."""
    with ThreadPoolExecutor(1) as pool:
        with desk.runtime.database.write() as connection:
            for address_id in connection.execute(select(ADDRESS.c.id)).scalars().all():
                conversations.lock(connection, address_id)
            arrived = pool.submit(receiving.receive, desk.runtime, said)
            wait_for(partial(waits, desk))
            meanwhile(connection)
        yield arrived


def handled(desk: Desk, said: Inbound, connection: Connection) -> None:
    """Another process handles *said* in its transaction."""
    runtime, now = desk.runtime, desk.clock()
    office = receiving.office_of(runtime, said)
    assert office
    home = inbound.writer(connection, said, office.code, now)
    receiving.turn(runtime, connection, said, office, home, now)


def test_what_another_process_handles_meanwhile_comes_first(
    known: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with coming(
        known, message("dua hari lagi saya ke kantor"), partial(handled, known, message("petugas"))
    ) as came:
        assert came.result(60) is Fate.ACCEPTED
    (ticket,) = known.tickets()
    said = [(row.body, row.intake, row.ticket_id) for row in known.messages()[1:]]
    assert said == [("petugas", "handled", ticket.id), ("dua hari lagi saya ke kantor", "handled", ticket.id)]
    assert REDONE in caplog.text


def test_an_older_message_that_waits_has_its_turn_first(known: Desk) -> None:
    older = message("petugas")

    def kept(connection: Connection) -> None:
        home = inbound.writer(connection, older, "7411", known.clock())
        intake.add(connection, inbound.row_of(older, "7411", home.address_id, known.clock()))

    with coming(known, message("dua hari lagi saya ke kantor"), kept) as came:
        assert came.result(60) is Fate.ACCEPTED
    (ticket,) = known.tickets()
    said = [(row.body, row.intake, row.ticket_id) for row in known.messages()[1:]]
    assert said == [("petugas", "handled", ticket.id), ("dua hari lagi saya ke kantor", "handled", ticket.id)]


def test_what_changes_without_the_lock_is_not_undone(known: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also between the look and the end of the turn."""
    looked = writers.expect_one

    def changed(connection: Connection, writer: writers.Writer) -> None:
        looked(connection, writer)
        monkeypatch.setattr(writers, "expect_one", looked)
        with known.runtime.database.write() as other:
            other.execute(update(CONVERSATION).values(memory={"misses": 2}))

    monkeypatch.setattr(writers, "expect_one", changed)
    seen: list[int] = []
    load = conversations.value_of

    def noted(row: Any) -> Any:
        value = load(row)
        seen.append(value.misses)
        return value

    monkeypatch.setattr("storage.chats.value_of", noted)
    monkeypatch.setattr(conversations, "value_of", noted)
    assert receiving.receive(known.runtime, message("halo")) is Fate.ACCEPTED
    assert seen == [0, 2]
    assert [row.intake for row in known.messages()] == ["handled"] * 2


def test_who_is_merged_meanwhile_is_one_person(known: Desk) -> None:
    receiving.receive(known.runtime, message("halo", 1))

    def merged(connection: Connection) -> None:
        first, second = connection.execute(select(CONTACT.c.id).order_by(CONTACT.c.id)).scalars().all()
        rows = people.lock(connection, (first, second))
        people.merge(connection, rows[first], rows[second], known.clock(), silence=True)

    with coming(known, message("petugas", 1), merged) as came:
        assert came.result(60) is Fate.ACCEPTED
    with known.runtime.database.read() as connection:
        contacts = connection.execute(select(CONTACT.c.id).order_by(CONTACT.c.id)).scalars().all()
    assert len(contacts) == 2
    assert [row.contact_id for row in known.tickets()] == [contacts[0]]


def test_who_is_erased_meanwhile_writes_anew(known: Desk) -> None:
    def erased(connection: Connection) -> None:
        (contact,) = connection.execute(select(CONTACT.c.id)).scalars().all()
        people.lock(connection, (contact,))
        erasure.erase(connection, (contact,), known.clock())

    with coming(known, message("petugas"), erased) as came:
        assert came.result(60) is Fate.ACCEPTED
    (ticket,) = known.tickets()
    assert [(row.body, row.ticket_id) for row in known.messages()] == [("petugas", ticket.id)]


def test_who_is_asked_back_by_mail_meanwhile_has_answered_and_the_promise_counts_on(known: Desk) -> None:
    """Their own conversation has not changed, only the ticket it leads to."""
    pauses(known)
    receiving.receive(known.runtime, message("petugas"))
    officer.claim(known.runtime, known.officer(), known.tickets()[0].id)
    (ticket,) = known.tickets()
    also_reached_at(known, ticket.id, WRITER)
    way = offered(known, ticket.id)[WRITER].key

    def asked(connection: Connection) -> None:
        runtime, event = known.runtime, OfficerReplied(ticket.id, asks_back=True)
        thread = officer._thread_on(runtime, connection, ticket.id, way)
        words = Reply("Kecamatan apa?", str(uuid4()))
        by = known.officer()
        apply.take(runtime, connection, thread, event, known.clock(), officer_id=by, reply=words)

    with coming(known, message("kecamatan Tirawuta"), asked) as came:
        assert came.result(60) is Fate.ACCEPTED
    (ticket,) = known.tickets()
    assert [ended is not None for _, ended in ticket.pauses] == [True]
    assert (ticket.waiting_for, ticket.due_at is not None) == ("office", True)


def pauses(desk: Desk) -> None:
    """The office's promise stands still while the citizen is asked back."""
    offices = desk.runtime.settings.offices
    sla = replace(offices["7411"].sla, pause_while_waiting_citizen=True)
    offices["7411"] = replace(offices["7411"], sla=sla)


def test_an_answer_that_is_held_meanwhile_is_let_go(known: Desk) -> None:
    receiving.receive(known.runtime, message("petugas"))
    known.replies("Datanya ada di publikasi.")
    answer = known.messages("out")[-1]

    with coming(known, message("ya"), lambda c: delivery._hold(c, answer, known.clock())) as came:
        assert came.result(60) is Fate.ACCEPTED
    assert known.messages("out")[-1].delivery == "queued"


def test_a_chat_that_nobody_else_touches_never_goes_the_long_way(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    doubt = conversations.doubt

    def noted(connection: Connection, conversation_id: int, version: str) -> None:
        told.append(version)
        doubt(connection, conversation_id, version)

    monkeypatch.setattr(conversations, "doubt", noted)
    caplog.set_level("INFO")
    talk = [
        "halo",
        "1",
        "data padi kolaka 2023",
        "ya",
        "petugas",
        "kapan?",
        "pengaduan",
        "petugas lambat",
        "ya",
        "STOP",
        "MULAI",
    ]
    for line in talk:
        assert desk.writes(line) == 200
    assert len(set(told)) == len(told) == len(talk) - 1
    assert REDONE not in caplog.text
