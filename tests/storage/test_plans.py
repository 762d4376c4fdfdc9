"""A tick and a turn cost what is due, never what is stored: no statement reads a whole table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from channels.clamd import Clamd
from handlers import jobs, linking, routes, splitting
from handlers import people as merging
from handlers.inbound import Fate
from handlers.prospects import Prospects
from storage import held, kin, media_pages, outbox, reports, tickets
from storage.inbox import View
from tests.databases import SqliteTemplate
from tests.driver import CITIZEN, WRITER, Desk, running_desk
from tests.handlers.correspondence import answers, mail_to, noticed
from tests.handlers.site import Site
from tests.handlers.test_chats_alike import let_in, rounds
from tests.handlers.test_routes import also_reached_at

GROWING = (
    "message",
    "ticket",
    "conversation",
    "contact",
    "address",
    "ticket_event",
    "receipt",
    "rating",
    "complaint",
    "survey",
    "media",
    "file_scan",
    "file_link",
)
GROWING_BY_MAIL = ("mail", "notice", "proof")


@contextmanager
def listening(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements executed meanwhile, with their parameters."""
    heard: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def scans(desk: Desk | Site, statements: list[tuple[str, Any]]) -> list[str]:
    """Where SQLite would read a whole growing table."""
    found = []
    with desk.runtime.database.read() as connection:
        for statement, parameters in statements:
            if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                continue
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found += [f"{row[3]}: {statement}" for row in plan if _whole(row[3])]
    return found


def _whole(step: str) -> bool:
    words = step.split()
    return words[0] == "SCAN" and words[1] in (*GROWING, *GROWING_BY_MAIL, "earlier") and "INDEX" not in words


@pytest.fixture
def desk(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(sqlite_template.copy(tmp_path), tmp_path) as running:
        yield running


def test_a_tick_reads_no_whole_table(desk: Desk) -> None:
    desk.writes("petugas")
    desk.settle()
    desk.replies("satu")
    with listening(desk.runtime.database.engine) as heard:
        desk.settle()
        jobs.run_all(desk.runtime)
        jobs.tidy(desk.runtime)
    assert len(heard) > 10
    assert scans(desk, heard) == []


def test_fetching_and_showing_a_file_reads_no_whole_table(desk: Desk) -> None:
    desk.writes("petugas")
    sender, view = desk.sender("7411", "whatsapp"), View("7411", desk.officer(), complaints=True)
    ticket = desk.tickets()[0].id
    object.__setattr__(desk.runtime, "scanner", Clamd("tcp:127.0.0.1:1", seconds=1))
    with listening(desk.runtime.database.engine) as heard:
        desk.twilio.citizen_writes(CITIZEN, sender, "", media="text/vcard")
        desk.settle()
        desk.clock.forward(minutes=2)
        jobs.scan_again(desk.runtime)
        with desk.runtime.database.read() as connection:
            assert media_pages.media_of_ticket(connection, view, ticket)
            assert media_pages.one_of_ticket(connection, view, ticket, 1)
    assert len(heard) > 20
    assert scans(desk, heard) == []


def test_an_officers_mail_reads_no_whole_table(desk: Desk) -> None:
    letter = noticed(desk)
    with listening(desk.runtime.database.engine) as heard:
        answers(desk, letter, "#salah")
        answers(desk, letter, "#tanya\nTahun berapa?")
        mail_to(desk, "rahma")
    assert len(heard) > 40
    assert scans(desk, heard) == []


SAYINGS = ("data penduduk kolaka timur 2023 untuk tugas", "1", "STOP", "MULAI", "pengaduan", "lama sekali")


def test_a_turn_reads_no_whole_table(desk: Desk) -> None:
    with listening(desk.runtime.database.engine) as heard:
        for words in SAYINGS:
            desk.writes(words)
    ticket = desk.tickets()[0].id
    with listening(desk.runtime.database.engine) as officers:
        desk.replies("satu", ticket)
        desk.closes(ticket)
        desk.writes("4")
    assert len(heard + officers) > 40
    assert scans(desk, heard + officers) == []


def test_bringing_tickets_together_reads_no_whole_table(desk: Desk) -> None:
    desk.writes("petugas")
    desk.writes("petugas", address="+6281299998888")
    desk.writes("satu lagi", address="+6281299998888")
    first, second = (row.id for row in desk.tickets())
    message, view = desk.messages()[-1].id, View("7411", desk.officer(), complaints=True)
    people = [row.contact_id for row in desk.tickets()]
    with listening(desk.runtime.database.engine) as heard:
        done = [
            linking.link(desk.runtime, view.officer_id, first, second),
            linking.merge(desk.runtime, view.officer_id, second, first),
            splitting.split(desk.runtime, view.officer_id, first, message),
            linking.undo_merge(desk.runtime, view.officer_id, second),
            merging.merge(desk.runtime, view.officer_id, "7411", *people),
        ]
        with desk.runtime.database.read() as connection:
            for look in (kin.family, kin.participants, kin.split_points):
                look(connection, view, first)
            row = tickets.find(connection, first)
            assert row is not None
            routes.choices(desk.runtime, connection, row, desk.clock())
    assert [done[0], done[1], done[4]] == [None, None, None]
    assert len(heard) > 40
    assert scans(desk, heard) == []


def test_the_check_sees_a_scan(desk: Desk) -> None:
    assert scans(desk, [("SELECT * FROM message WHERE delivery = 'queued'", ())])


def test_the_outbox_is_read_through_its_index(desk: Desk) -> None:
    with listening(desk.runtime.database.engine) as heard, desk.runtime.database.write() as connection:
        outbox.claim(connection, desk.clock(), "whatsapp")
    (statement, parameters), *_ = [one for one in heard if one[0].startswith("WITH")]
    with desk.runtime.database.read() as connection:
        plan = [
            str(row[3]) for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]
    assert any("ix_message_outbox" in step for step in plan), plan


def test_a_mails_turn_reads_no_whole_table(desk: Desk) -> None:
    with listening(desk.runtime.database.engine) as heard:
        first = desk.mails("mohon data penduduk Kolaka Timur tahun 2023 untuk skripsi")
        letter = desk.letters()[-1]
        desk.mails("Tambahan: per kecamatan.", answers=letter)
        desk.mails("Saya sedang cuti.", answers=letter, Auto_Submitted="auto-replied")
        desk.mails("Satu lagi.", In_Reply_To=first.message_id)
        desk.mails("Saya juga.", subject="Re: [KTM-2026-00001]", address="lain@contoh.net")
    assert len(heard) > 80
    assert scans(desk, heard) == []


def test_a_report_reads_no_whole_table(desk: Desk) -> None:
    desk.writes("petugas")
    view = View("7411", desk.officer(), complaints=True)
    year = (datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))
    with listening(desk.runtime.database.engine) as heard, desk.runtime.database.read() as connection:
        for query in (reports.consultations, reports.merged, reports.taken_on, reports.citizens):
            query(connection, view, *year)
    assert len(heard) > 4
    assert scans(desk, heard) == []


def test_what_becomes_of_held_answers_reads_no_whole_table(desk: Desk) -> None:
    desk.approves()
    desk.writes("petugas")
    about = int(desk.tickets()[-1].id)
    also_reached_at(desk, about, WRITER)
    desk.clock.forward(days=2)
    with listening(desk.runtime.database.engine) as heard:
        desk.replies("satu", about)
        for hours in (0, 0, 25, 0):
            desk.clock.forward(hours=hours)
            desk.settle()
        with desk.runtime.database.read() as connection:
            row = tickets.find(connection, about)
            assert row is not None
            prospects = Prospects(desk.runtime, connection, row, desk.clock())
            ahead = [prospects.outlook(each.route) for each in prospects.choices]
            assert (len(ahead), prospects.of_held()) == (2, [])
        with desk.runtime.database.write() as connection:
            held.wake_all(connection, desk.clock())
    assert len(desk.letters()) == 1
    assert scans(desk, heard) == []


def test_chats_at_once_read_no_whole_table(desk: Desk) -> None:
    with listening(desk.runtime.database.engine) as heard:
        for messages in rounds():
            assert set(let_in(desk, messages)) == {Fate.ACCEPTED}
    assert len(heard) > 40
    assert scans(desk, heard) == []
