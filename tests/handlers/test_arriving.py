"""Messages that come at the same moment: kept once, in their order, whatever is wrong with one of them."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, event, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from channels.contract import Inbound
from channels.whatsapp.reading import read_message
from handlers import arriving, deciding, inbound, receiving
from handlers.arriving import Arrivals
from handlers.inbound import Fate
from handlers.runtime import Runtime
from storage import db, forgotten, later
from storage.db import Database
from storage.tickets import TICKET
from tests.driver import SENDERS, Desk, form_of
from tests.handlers.test_handling import BAD, fates, planted
from tests.handlers.test_worker import wait_for
from tests.storage.test_plans import listening


def message(text: str = "petugas", number: int = 0, **more: str) -> Inbound:
    """What a citizen with this number writes."""
    return read_message(form_of(text, SENDERS["7411"], f"+6281200000{number:03d}", **more))


def at_once(arrivals: Arrivals, messages: Sequence[Inbound]) -> list[Future[Fate]]:
    """What becomes of *messages*, all of which stand at the door, in this order, before one is let in."""
    with ThreadPoolExecutor(len(messages)) as pool:
        coming = standing(pool, arrivals, messages)
        wait(coming)
    return coming


def standing(pool: ThreadPoolExecutor, arrivals: Arrivals, messages: Sequence[Inbound]) -> list[Future[Fate]]:
    """They stand at the door, and it opens."""
    coming: list[Future[Fate]] = []
    with arrivals._inside:
        for each in messages:
            coming.append(pool.submit(arrivals.receive, each))
            wait_for(lambda: len(arrivals._waiting) == len(coming))
    arrivals.call_next()
    return coming


@contextmanager
def commits(desk: Desk) -> Iterator[list[None]]:
    """As many as are made meanwhile."""
    made: list[None] = []
    note = partial(_note, made)
    event.listen(desk.runtime.database.engine, "commit", note)
    yield made
    event.remove(desk.runtime.database.engine, "commit", note)


def _note(made: list[None], _connection: object) -> None:
    made.append(None)


def test_many_at_once_are_each_kept_and_answered_once(desk: Desk) -> None:
    with commits(desk) as made:
        ended = at_once(Arrivals(desk.runtime), [message("halo", number) for number in range(30)])
    assert [each.result() for each in ended] == [Fate.ACCEPTED] * 30
    assert len(made) == 2  # 20 and 10
    assert [row.address[-3:] for row in desk.messages()] == [f"{number:03d}" for number in range(30)]
    assert fates(desk) == [("handled", 0)] * 30
    assert len(desk.messages("out")) == 30


def test_one_that_fails_costs_the_others_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "decide", planted(lambda: RuntimeError(BAD)))
    texts = ["petugas", BAD, "halo", "petugas"]
    ended = at_once(Arrivals(desk.runtime), [message(text, number) for number, text in enumerate(texts)])
    assert [each.result() for each in ended] == [Fate.ACCEPTED] * 4
    assert {row.body: (row.intake, row.tries) for row in desk.messages()} == {
        "petugas": ("handled", 0), BAD: ("pending", 1), "halo": ("handled", 0),
    }  # fmt: skip
    assert len(desk.tickets()) == 2


def test_the_same_message_at_once_is_kept_once(desk: Desk) -> None:
    sid = "SM" + "7" * 32
    twice = [message("petugas", 1, sid=sid), message("petugas", 2), message("petugas", 1, sid=sid)]
    ended = at_once(Arrivals(desk.runtime), twice)
    assert [each.result() for each in ended] == [Fate.ACCEPTED, Fate.ACCEPTED, Fate.DUPLICATE]
    assert len(desk.messages()) == len(desk.tickets()) == len(desk.messages("out")) == 2


def test_what_one_person_writes_stays_in_its_order(desk: Desk) -> None:
    """Also where they are known by another address as well."""
    other = {"ExternalUserId": "whatsapp:ID.1"}
    desk.post(form_of("petugas", SENDERS["7411"], "+6281200000001", **other))
    texts = [f"pesan ke-{number}" for number in range(6)]
    named = [message(text, 1, **(other if number % 2 else {})) for number, text in enumerate(texts)]
    ended = at_once(Arrivals(desk.runtime), [message("halo", 2), *named, message("halo", 3)])
    assert {each.result() for each in ended} == {Fate.ACCEPTED}
    assert [row.body for row in desk.messages() if row.body != "halo"] == ["petugas", *texts]
    assert {row.intake for row in desk.messages()} == {"handled"}


def test_who_is_over_is_not_held_up_by_those_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the second message of somebody stood at the door before them."""
    let_in, go_on = arriving.let_in, threading.Event()

    def slowly(runtime: Runtime, few: Sequence[arriving.Arrival]) -> None:
        if few[0].message.text == "dua":
            assert go_on.wait(30)
        let_in(runtime, few)

    monkeypatch.setattr(arriving, "let_in", slowly)
    arrivals = Arrivals(desk.runtime)
    with ThreadPoolExecutor(3) as pool:
        first, second, other = standing(
            pool, arrivals, [message("satu", 1), message("dua", 1), message(number=2)]
        )
        assert first.result(30) is other.result(30) is Fate.ACCEPTED
        assert not second.done()
        go_on.set()
    assert second.result() is Fate.ACCEPTED


def test_two_numbers_and_messages_with_files_find_their_way(desk: Desk) -> None:
    other = read_message(form_of("halo", SENDERS["6571"], "+6281200000009"))
    file = {"NumMedia": "1", "MediaUrl0": "http://127.0.0.1:9/a", "MediaContentType0": "image/png"}
    arrivals = Arrivals(desk.runtime)
    three = [message("satu", 3), message("dua", 3, **file), message("tiga", 3)]
    ended = at_once(arrivals, [message(number=1), *three, other, message(number=2), other_of_theirs(other)])
    assert {each.result() for each in ended} == {Fate.ACCEPTED}
    assert {(row.office, row.intake) for row in desk.messages()} == {("7411", "handled"), ("6571", "handled")}
    assert len(desk.messages()) == 7
    assert [row.body for row in desk.messages() if row.body in {"satu", "dua", "tiga"}] == [
        "satu",
        "dua",
        "tiga",
    ]


def test_a_thread_that_ends_in_the_middle_answers_for_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stood beside it tries by themselves: nothing is answered with a yes that is not kept."""
    together = arriving._together

    def ended(*_: Any) -> Fate:
        monkeypatch.setattr(arriving, "_together", together)
        raise SystemExit

    monkeypatch.setattr(arriving, "_together", ended)
    ended_so = at_once(Arrivals(desk.runtime), [message("halo", number) for number in range(3)])
    outcomes = [type(each.exception()) if each.exception() else each.result() for each in ended_so]
    assert sorted(map(str, outcomes)) == ["<class 'SystemExit'>", "accepted", "accepted"]
    assert len(desk.messages()) == 2


def other_of_theirs(first: Inbound) -> Inbound:
    """Somebody else's to the same number."""
    return read_message(form_of("p", first.sender, "+6281200000010"))


def test_an_older_message_that_waits_goes_first(desk: Desk) -> None:
    assert inbound.accept(desk.runtime, message("petugas", 1))[0] is Fate.ACCEPTED
    ended = at_once(Arrivals(desk.runtime), [message("dua", 1), message("halo", 2)])
    assert {each.result() for each in ended} == {Fate.ACCEPTED}
    theirs = [row for row in desk.messages() if row.body != "halo"]
    assert [(row.body, row.intake) for row in theirs] == [("petugas", "handled"), ("dua", "handled")]
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_finds_the_door_shut_is_refused_and_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "SECONDS_TO_WAIT", 0.05)
    arrivals = Arrivals(desk.runtime)
    with arrivals._inside, pytest.raises(NoneFree):
        arrivals.receive(message())
    assert not arrivals._waiting
    assert desk.messages() == []
    assert arrivals.receive(message()) is Fate.ACCEPTED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_away_refuses_them_all_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Database("postgresql+psycopg://nobody@/gone?host=/nonexistent", desk.runtime.settings.data_dir)
    with commits(desk) as made, monkeypatch.context() as patch:
        patch.setattr(desk.runtime.database, "engine", gone.engine)
        patch.setattr(desk.runtime.database, "_writer", None)
        patch.setattr(receiving, "receive", None)  # nobody tries by themselves
        ended = at_once(Arrivals(desk.runtime), [message(number=number) for number in range(5)])
    gone.close()
    assert {type(each.exception()) for each in ended} == {OperationalError}
    assert (desk.messages(), made) == ([], [])


def test_who_was_erased_does_not_come_back_with_others(desk: Desk) -> None:
    old = message("petugas", 1)
    with desk.runtime.database.write() as connection:
        forgotten.mark_all(connection, [inbound.mark_of(old)], desk.clock())
    ended = at_once(Arrivals(desk.runtime), [message("halo", 2), old, message("halo", 3)])
    assert [each.result() for each in ended] == [Fate.ACCEPTED, Fate.DUPLICATE, Fate.ACCEPTED]
    assert [row.body for row in desk.messages()] == ["halo", "halo"]


def test_a_lock_that_is_held_too_long_leaves_the_turn_to_the_worker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is kept all the same, and its sender is not kept waiting a second time."""

    def waited(*_: Any, **__: Any) -> None:
        raise OperationalError("UPDATE …", {}, LockNotAvailable("canceling statement due to lock timeout"))

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "turn", waited)
        patch.setattr(inbound, "drain", waited)
        assert Arrivals(desk.runtime).receive(message()) is Fate.ACCEPTED
    assert fates(desk) == [("pending", 0)]
    desk.settle()
    assert fates(desk) == [("handled", 0)]


def asked_for(desk: Desk, people: Sequence[int]) -> None:
    """Each of *people* has a ticket, which waits for the office and is nobody's."""
    for number in people:
        assert Arrivals(desk.runtime).receive(message("petugas", number)) is Fate.ACCEPTED
    assert {(row.waiting_for, row.claimed_by) for row in desk.tickets()} == {("office", None)}


def test_tickets_that_wait_for_the_office_hear_of_a_word_more_together(desk: Desk) -> None:
    asked_for(desk, range(5))
    desk.clock.forward(minutes=10)
    with listening(desk.runtime.database.engine) as heard:
        ended = at_once(Arrivals(desk.runtime), [message("yang per bulan", number) for number in range(5)])
    assert {each.result() for each in ended} == {Fate.ACCEPTED}
    assert sum(statement.startswith("UPDATE ticket ") for statement, _ in heard) == 1
    assert {row.touched_at for row in desk.tickets()} == {desk.clock()}
    assert {row.ticket_id for row in desk.messages() if row.body != "petugas"} == set(range(1, 6))


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("meanwhile", [{"claimed_by": 1}, {"status": "closed"}, {"waiting_for": "citizen"}])
def test_a_ticket_that_changed_meanwhile_is_looked_at_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, people: int, meanwhile: dict[str, object]
) -> None:
    """Nothing was written of what was decided before; each has their turn by themselves."""
    assert desk.officer() == 1
    asked_for(desk, range(people))
    change = later.change
    turns: list[int] = []

    def after_another(connection: Connection, *of: Any) -> None:
        if len(turns) < people:
            turns.append(connection.execute(update(TICKET).values(**meanwhile)).rowcount)
        change(connection, *of)

    monkeypatch.setattr(later, "change", after_another)
    ended = at_once(Arrivals(desk.runtime), [message("segera ya", number) for number in range(people)])
    assert [each.result() for each in ended] == [Fate.ACCEPTED] * people
    assert turns == [people] * people
    told = [(row.address[-1], row.intake) for row in desk.messages() if row.body == "segera ya"]
    assert sorted(told) == [(str(number), "handled") for number in range(people)]
    stand = {(row.status, row.waiting_for, row.claimed_by) for row in desk.tickets()}
    assert stand == {("open", "office", None)}


OFFICES = sorted(SENDERS)


def to_each_office(text: str, number: int) -> list[Inbound]:
    """What somebody with this number writes to every office."""
    return [read_message(form_of(text, SENDERS[code], f"+6281200000{number:03d}")) for code in OFFICES]


def test_messages_to_many_numbers_ask_as_little_as_to_one(desk: Desk) -> None:
    """Each finds its own chat, though the same people have one with the other offices as well."""
    for number in range(len(OFFICES)):
        for each in to_each_office("halo", number):
            assert Arrivals(desk.runtime).receive(each) is Fate.ACCEPTED
    chats = {(row.office, row.address): row.conversation_id for row in desk.messages()}
    words = [to_each_office("terima kasih", number)[number] for number in range(len(OFFICES))]
    with listening(desk.runtime.database.engine) as heard:
        ended = at_once(Arrivals(desk.runtime), words)
    assert {each.result() for each in ended} == {Fate.ACCEPTED}
    asked = [statement for statement, _ in heard if "FROM address" in statement and "JOIN" in statement]
    assert len(asked) == (1 if desk.runtime.database.is_sqlite else 2)
    told = [row for row in desk.messages() if row.body == "terima kasih"]
    assert sorted(row.office for row in told) == OFFICES
    assert all(row.conversation_id == chats[row.office, row.address] for row in told)
    assert len(desk.messages()) == len(chats) + len(OFFICES)
