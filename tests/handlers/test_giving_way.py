"""Whose act had to let another transaction go first is not told that the database is away."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from bot.conversation import Refusal, TicketKind
from handlers import complaints, linking, officer, people, proving, rostering, splitting
from handlers.complaints import Sheet
from handlers.linking import Obstacle
from handlers.rostering import Editor
from storage import complaints as stored
from storage import duty, links
from storage.complaints import Treatment
from storage.db import Database
from storage.tickets import Opened
from tests.driver import CITIZEN, Desk
from tests.handlers.duties import away, knows, shares
from tests.handlers.test_worker import wait_for

OTHER = "+6281234567891"
FORM = str(uuid4())
NOTHING = Sheet(Treatment("", "", "", "", None), frozenset())
PLANNED = Sheet(Treatment("", "", "menelepon warga", "", None), frozenset())


def two(desk: Desk) -> None:
    """Two people with a ticket each, the second one's on the desk of Budi."""
    for address in (CITIZEN, OTHER):
        desk.writes("petugas", address=address)
    desk.writes("data padi 2023", address=OTHER)
    for name in ("rahma", "budi"):
        desk.officer(name)
    officer.claim(desk.runtime, desk.officer("budi"), desk.tickets()[-1].id)


@contextmanager
def too_late(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    """The first transaction fails at its end, when all is written."""
    write, failed = Database.write, list[None]()

    @contextmanager
    def once(self: Database) -> Iterator[Connection]:
        with write(self) as connection:
            yield connection
            if not failed:
                failed.append(None)
                raise error

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", once)
        yield
    assert failed


def deadlock() -> OperationalError:
    return OperationalError("UPDATE", {}, DeadlockDetected())


ACTS: dict[str, Callable[[Desk, int, int, int], Any]] = {
    "claim": lambda desk, me, first, _: officer.claim(desk.runtime, me, first),
    "release": lambda desk, me, _, second: officer.release(desk.runtime, me, second),
    "transfer": lambda desk, me, _, second: officer.transfer(desk.runtime, me, second, me),
    "note": lambda desk, me, first, _: officer.note(desk.runtime, me, first, "catatan", FORM),
    "link": lambda desk, me, first, second: linking.link(desk.runtime, me, first, second),
    "merge": lambda desk, me, first, second: linking.merge(desk.runtime, me, second, first),
    "leave": lambda desk, me, *_: rostering.add_leave(
        Editor(desk.runtime, "7411", me), me, away("2026-07-06 am", "2026-07-06 pm"), ""
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_act_is_done_once(
    lone: Desk, monkeypatch: pytest.MonkeyPatch, act: Callable[[Desk, int, int, int], Any]
) -> None:
    two(lone)
    first, second = (row.id for row in lone.tickets())
    with too_late(monkeypatch, deadlock()):
        assert act(lone, lone.officer(), first, second) is None
    with lone.runtime.database.read() as connection:
        told = connection.execute(text("SELECT ticket_id, what FROM ticket_event")).all()
    assert len(told) == len(set(told))


def test_people_are_merged_and_taken_apart_once(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    two(lone)
    first, second = (row.contact_id for row in lone.tickets())
    with too_late(monkeypatch, deadlock()):
        assert people.merge(lone.runtime, lone.officer(), "7411", first, second) is None
    with lone.runtime.database.read() as connection:
        merged = connection.execute(text("SELECT id FROM audit WHERE what = 'contacts_merged'")).scalar_one()
    with too_late(monkeypatch, deadlock()):
        assert people.undo(lone.runtime, lone.officer(), "7411", merged) is None
    assert [row.contact_id for row in lone.tickets()] == [first, second]


def test_what_is_split_off_is_the_ticket_that_stands(lone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lone.mails("Mohon data padi 2023.")
    lone.mails("Dan data jagung.", answers=lone.letters()[-1])
    last, me = lone.messages()[-1].id, lone.officer()
    with too_late(monkeypatch, deadlock()):
        opened = splitting.split(lone.runtime, me, lone.tickets()[0].id, last)
    assert isinstance(opened, Opened)
    assert (opened.id, opened.reference) == (lone.tickets()[-1].id, lone.tickets()[-1].reference)


@pytest.mark.parametrize("error", [deadlock(), links.Moved()], ids=["deadlock", "moved"])
def test_a_complaint_is_treated_although_its_people_changed(
    lone: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for words in ("pengaduan", "petugas lambat membalas", "ya"):
        lone.writes(words)
    about, me = next(row.id for row in lone.tickets() if row.kind == TicketKind.COMPLAINT), lone.officer()
    with too_late(monkeypatch, error):
        assert complaints.treat(lone.runtime, me, about, PLANNED, NOTHING)
    with too_late(monkeypatch, error):
        assert complaints.complete(lone.runtime, me, about)
    with too_late(monkeypatch, error):
        assert proving.connect(lone.runtime, me, about) is not None
    with lone.runtime.database.read() as connection:
        row = stored.find(connection, about)
    assert row is not None
    assert row.plan == "menelepon warga"


def test_who_came_in_meanwhile_is_told_of_where_words_would_go_to_them(
    lone: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    two(lone)
    first, second = (row.id for row in lone.tickets())
    with too_late(monkeypatch, links.Moved()):
        assert linking.merge(lone.runtime, lone.officer(), second, first) is Obstacle.CHANGED


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_leave_of_today_and_a_ticket_that_is_given_away(desk: Desk) -> None:
    """Each has locked one of the two officers, and wants the other."""
    two(desk)
    shares(desk.runtime, assign="turns")
    rahma, budi = desk.officer("rahma"), desk.officer("budi")
    for each in (rahma, budi):
        knows(desk.runtime, each)
    editor, today = Editor(desk.runtime, "7411", rahma), away("2026-07-06 am", "2026-07-06 pm")
    with ThreadPoolExecutor(1) as pool:
        with desk.runtime.database.write() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # the other one finds out
            duty.lock_member(connection, "7411", rahma)
            leave = pool.submit(rostering.add_leave, editor, budi, today, "")
            wait_for(partial(waits, desk))
            duty.lock_member(connection, "7411", budi)
        assert leave.result(60) is None
    assert desk.tickets()[-1].claimed_by == rahma


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_complaint_is_not_handed_to_whom_it_is_said_to_be_about_just_then(desk: Desk) -> None:
    for words in ("pengaduan", "petugas lambat membalas", "ya"):
        desk.writes(words)
    about = next(row.id for row in desk.tickets() if row.kind == TicketKind.COMPLAINT)
    rahma, budi = desk.officer("rahma"), desk.officer("budi")
    with ThreadPoolExecutor(1) as pool:
        with desk.runtime.database.write() as connection:
            links.lock(connection, (about,))
            handed = pool.submit(officer.transfer, desk.runtime, rahma, about, budi)
            wait_for(partial(waits, desk))
            stored.keep_from(connection, about, [budi], "said", desk.clock())
        assert handed.result(60) is Refusal.ALREADY
    assert next(row for row in desk.tickets() if row.id == about).claimed_by is None


def waits(desk: Desk) -> bool:
    """Whether somebody waits for a lock."""
    with desk.runtime.database.read() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())
