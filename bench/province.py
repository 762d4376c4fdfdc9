"""A province's years: hundreds of offices of very different sizes, made by the database itself, set by set.

Every value is a function of a row's number, so that two databases of one size hold the same. The rows are as
turns leave them. A tenth of the tickets is the largest office's, one in 1,400 the smallest's of 500.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import log
from typing import Any

from sqlalchemy import Connection, literal_column, text

from bench import province_rows
from bench.heap import put
from bench.province_rows import beside
from bench.vocabulary import TEXTS, rare, texts
from storage.columns import Base
from storage.mail_tables import Mail
from storage.tables import (
    Address,
    Contact,
    Conversation,
    Membership,
    Message,
    Officer,
    Rating,
    ReadMark,
    Series,
    Ticket,
    TicketEvent,
    Timer,
)
from storage.voice_tables import Complaint

NOON = datetime(2026, 7, 6, 4, 0, tzinfo=UTC)
DRAWS = 10_000
LONG_EVERY, LONG = 2_000, 190
"""One ticket in so many has so many messages more."""


@dataclass(frozen=True, slots=True)
class Province:
    """How much there is, and the share of the largest office. Of the tickets 4 in 100 are open."""

    tickets: int
    messages: int
    offices: int
    largest: float = 0.1

    @property
    def each(self) -> int:
        """The messages of an ordinary ticket."""
        return max(self.messages // self.tickets, 1)

    @property
    def recent(self) -> int:
        """The first ticket of those of which every third is open."""
        return 3 * (self.tickets * 88 // 300 + 1)

    @property
    def open(self) -> int:
        """How many tickets are open."""
        return (self.tickets - self.recent) // 3 + 1

    def code(self, place: int) -> str:
        """The code of an office; the largest has place 0."""
        return str(1101 + place)

    def short_name(self, place: int) -> str:
        """What its ticket numbers begin with."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        return "Q" + letters[place // 676 % 26] + letters[place // 26 % 26] + letters[place % 26]


def _place(draw: int, province: Province) -> int:
    """Whose turn it is in *draw* of ``DRAWS``: shares fall by a power, from the largest on."""
    power = log(province.offices) / -log(province.largest)
    return int(province.offices * ((draw + 0.5) / DRAWS) ** power)


def fill(connection: Connection, province: Province) -> None:
    """Fill an empty database. The caller commits."""
    _stage(connection, province)
    rows = province_rows.Rows(province, NOON, connection.dialect.name)
    tickets, people = province.tickets, (province.tickets + 2) // 3
    officers = province.offices * province_rows.OFFICERS
    made: tuple[tuple[type[Base], int, dict[str, str], str], ...] = (
        (Officer, officers + 1, rows.officer(), ""),
        (Membership, officers, rows.membership(), ""),
        (Membership, province.offices, rows.administrators(), ""),
        (Series, province.offices, rows.series(), ""),
        (Contact, people, rows.contact(), ""),
        (Address, people, rows.address(), ""),
        (Conversation, people, rows.conversation(), ""),
        (Ticket, tickets, rows.ticket(), beside("(n.i - 1) / 3 + 1", "n.i * 31")),
        (Complaint, tickets // province_rows.COMPLAINTS, rows.complaint(), ""),
        (Mail, tickets // 15 * 12, rows.mail(), ""),
        (
            Message,
            tickets * province.each,
            rows.message(),
            beside(f"(n.i - 1) / {3 * province.each} + 1", f"n.i % {TEXTS} * 7907"),
        ),
        (
            Message,
            tickets // LONG_EVERY * LONG,
            rows.more_messages(),
            beside(f"(((n.i - 1) / {LONG} + 1) * {LONG_EVERY} - 1) / 3 + 1", f"n.i % {TEXTS} * 7907"),
        ),
        (TicketEvent, tickets * 3, rows.event(), beside("(n.i - 1) / 9 + 1", "n.i")),
        (Rating, tickets // 3, rows.rating(), ""),
        (Timer, province.open, rows.timer("due"), ""),
        (Timer, province.open, rows.timer("unclaimed"), ""),
        (ReadMark, (province.open + 1) // 2, rows.read_mark(), ""),
    )
    for of, many, columns, joined in made:
        if many:
            put(connection, of, many, _columns(columns), joined)
    if connection.dialect.name != "sqlite":
        _count_on(connection, {each[0].__tablename__ for each in made})


def _columns(columns: dict[str, str]) -> Any:
    return lambda _number: {name: literal_column(value) for name, value in columns.items()}


def _stage(connection: Connection, province: Province) -> None:
    """What the rows are drawn from: offices by their share, texts, names."""
    connection.execute(
        text("CREATE TEMPORARY TABLE drawn (id integer PRIMARY KEY, place integer, office text, short text)")
    )
    connection.execute(text("CREATE TEMPORARY TABLE said (id integer PRIMARY KEY, body text, name text)"))
    places = [_place(draw, province) for draw in range(DRAWS)]
    offices = [
        {"id": draw, "place": place, "office": province.code(place), "short": province.short_name(place)}
        for draw, place in enumerate(places)
    ]
    connection.execute(text("INSERT INTO drawn VALUES (:id, :place, :office, :short)"), offices)
    words = [{"id": number, "body": body, "name": rare(number)} for number, body in enumerate(texts(TEXTS))]
    connection.execute(text("INSERT INTO said VALUES (:id, :body, :name)"), words)


def _count_on(connection: Connection, names: set[str]) -> None:
    """The next ids come after the ones that were written."""
    for name in sorted(names - {"membership", "series", "complaint", "read_mark"}):
        newest = f"(SELECT max(id) FROM {name})"  # noqa: S608  # names of our own
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest})"))
