"""Ticket numbers have no gaps, and what must be unique is kept so by the database itself."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot.conversation import CloseReason, Request, TicketKind
from storage import contacts, conversations, ratings, tickets
from storage.columns import table
from storage.db import Database
from storage.tables import Conversation, Ticket
from storage.tickets import Opening
from tests.driver import Desk

NOW = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
TICKET = table(Ticket)
CONSULTATION, COMPLAINT = TicketKind.CONSULTATION, TicketKind.COMPLAINT


class ChangedItsMind(Exception):
    """The transaction is rolled back after it had a number."""


def opening(database: Database, number: int = 0) -> Opening:
    """What opens a ticket for the *number*-th citizen, whose conversation is made here."""
    with database.write() as connection:
        home = contacts.home(connection, "7411", "whatsapp", f"+62812{number:06d}", (), "Siti", NOW)
        made = connection.execute(
            insert(table(Conversation)).values(
                office="7411", channel="whatsapp", sender="+62", address_id=home.address_id, memory={},
                contact_id=home.contact_id, reply_to="+62812", created_at=NOW,
            ).returning(conversations.CONVERSATION.c.id)
        ).scalar_one()  # fmt: skip
    return Opening("7411", "KTM", 2026, made, home.contact_id, CONSULTATION, Request("padi"), True, None)


def references(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(TICKET.c.reference).order_by(TICKET.c.reference)).scalars())


def test_numbers_have_no_gaps_however_many_at_once_and_whoever_gives_up(database: Database) -> None:
    wanted = [opening(database, number) for number in range(40)]
    gives_up = range(0, 39, 3)

    def open_one(number: int) -> None:
        with database.write() as connection:
            tickets.open_ticket(connection, wanted[number], NOW)
            if number in gives_up:
                raise ChangedItsMind

    with ThreadPoolExecutor(8) as pool:
        ended = [pool.submit(open_one, number) for number in range(40)]
    assert sum(isinstance(each.exception(), ChangedItsMind) for each in ended) == 13
    assert references(database) == [f"KTM-2026-{number:05d}" for number in range(1, 28)]


def test_each_office_year_and_kind_counts_for_itself(database: Database) -> None:
    with database.write() as connection:
        told = [
            tickets.next_number(connection, office, kind, year)
            for _ in range(2)
            for office in ("7411", "6571")
            for kind in TicketKind
            for year in (2026, 2027)
        ]
    assert told == [1] * 8 + [2] * 8


def test_a_second_open_consultation_is_impossible(database: Database) -> None:
    one = opening(database)
    with database.write() as connection:
        first = tickets.open_ticket(connection, one, NOW)
        complaint = tickets.open_ticket(connection, replace(one, kind=COMPLAINT), NOW)
        tickets.open_ticket(connection, replace(one, kind=COMPLAINT), NOW)
    assert complaint.reference == "KTM-P-2026-00001"
    with pytest.raises(IntegrityError), database.write() as connection:
        tickets.open_ticket(connection, one, NOW)
    with database.write() as connection:
        tickets.close(connection, first.id, CloseReason.OFFICER, NOW)
        tickets.open_ticket(connection, one, NOW)
    with pytest.raises(IntegrityError), database.write() as connection:
        tickets.reopen(connection, first.id, NOW)


def test_the_rating_question_is_put_once_a_closing(database: Database) -> None:
    one = opening(database)
    with database.write() as connection:
        ticket = tickets.open_ticket(connection, one, NOW)
        tickets.close(connection, ticket.id, CloseReason.OFFICER, NOW)
        ratings.ask(connection, ticket.id, NOW)
    with pytest.raises(IntegrityError), database.write() as connection:
        ratings.ask(connection, ticket.id, NOW)
    with database.write() as connection:
        tickets.reopen(connection, ticket.id, NOW)
        tickets.close(connection, ticket.id, CloseReason.OFFICER, NOW)
        ratings.ask(connection, ticket.id, NOW)


def test_the_year_is_the_office_s_own(desk: Desk) -> None:
    """New Year comes to Makassar (UTC+8) an hour earlier than to Jakarta (UTC+7)."""
    desk.clock.at = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    desk.writes("petugas", address="+6281200000001")
    desk.clock.at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    desk.writes("petugas", address="+6281200000002")
    for text in ("pengaduan", "petugas loket tidak ramah kepada kami"):
        desk.writes(text, address="+6281200000003", office="1905")
    told = [ticket.reference for ticket in desk.tickets()]
    assert told == ["KTM-2026-00001", "KTM-2027-00001", "BSL-P-2026-00001"]


@pytest.mark.parametrize(
    ("what", "text", "subject"),
    [
        ("[pesan suara]", "[pesan suara]\ndata padi 2023", "data padi 2023"),
        ("", "[gambar]", "[gambar]"),
        ("luas panen", "[dokumen]\nmohon luas panen", "luas panen"),
        ("", "", ""),
    ],
)
def test_a_ticket_is_named_by_words_before_marks(what: str, text: str, subject: str) -> None:
    assert tickets._subject(Request(text=text, what=what)) == subject
