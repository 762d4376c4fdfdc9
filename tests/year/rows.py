"""A year of an office written straight into the tables, with everything that a report has to tell apart."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, delete, update

from storage.catalogue_tables import Searched
from storage.columns import table
from storage.tables import Contact, Conversation, Rating, TicketEvent
from storage.voice_tables import Complaint, Survey
from tests.storage.seeding import Thread, put

CONTACT, CONVERSATION, RATING = table(Contact), table(Conversation), table(Rating)
ELEMENTS = (
    *("requirements", "procedure", "time", "cost", "product", "competence", "behaviour", "complaints"),
    "facilities",
)
TOPICS = ("", "", "harga", "kependudukan", "=HYPERLINK(1)")
USES = ("", "tugas", "tugas", "penelitian", "pemerintahan", "+62811 kata warga sendiri")
ORIGINS = ("", "pendidikan", "pemda", "swasta")
QUERIES = ("Inflasi 2025", "inflasi 2025", "=1+1", "nama saya Siti, {}")
CLOSED_BY = ("officer", "silence")


def write_a_year(
    connection: Connection, office: str, other: str, zone: timedelta, number: int, seed: int = 7
) -> None:
    """So many tickets of 2026 for *office*, a tenth as many for *other*, and what must not be counted."""
    chance = Random(seed)  # noqa: S311  # the same year every time
    made: list[int] = []
    for at in _moments(chance, number):
        made.append(_ticket(connection, chance, office, (at, zone), other=other, earlier=made))
    for at in _moments(chance, number // 10):
        _ticket(connection, chance, other, (at, zone), other=office, earlier=[])
        _search(connection, chance, office, (at - zone).replace(tzinfo=UTC))
        _complaint(connection, chance, office, (at - zone).replace(tzinfo=UTC))


def _moments(chance: Random, number: int) -> list[datetime]:
    """Anywhere in the year; and a second before and at the midnights between its months."""
    year = datetime.combine(date(2026, 1, 1), time())
    found = [year + timedelta(seconds=chance.randrange(365 * 86_400)) for _ in range(number)]
    midnights = [datetime.combine(date(2026, month, 1), time()) for month in range(1, 13)]
    return [*found, *midnights, *(at - timedelta(seconds=1) for at in midnights)]


def _ticket(
    connection: Connection,
    chance: Random,
    office: str,
    at: tuple[datetime, timedelta],
    *,
    other: str,
    earlier: list[int],
) -> int:
    local, zone = at
    opened = (local - zone).replace(tzinfo=UTC)
    thread = _person(connection, chance, office)
    course = _course(chance, opened)
    course |= {
        "topic": chance.choice(TOPICS),
        "opened_at": opened,
        "year": local.year,
    }
    if chance.random() < 0.08:
        course["handled_by"] = other
    if earlier and chance.random() < 0.05:
        course |= {"merged_into": chance.choice(earlier), "status": "closed", "closed_at": opened}
    ticket = thread.ticket(**course)
    _rated(connection, chance, office, ticket, opened)
    if course["status"] == "open" and chance.random() < 0.15:
        _asked_on(connection, chance, office, ticket, opened)
    if earlier and len(earlier) % 9 == 0:
        _joined(connection, office, ticket, opened, other=earlier[-1])
    return ticket


def _rated(connection: Connection, chance: Random, office: str, ticket: int, opened: datetime) -> None:
    """What was asked after a closing and perhaps answered; some send the nine questions, too."""
    asked = opened + timedelta(seconds=chance.randrange(20 * 86_400))
    told = {"asked_at": asked, "score": chance.choice((None, 1, 2, 3, 3, 4, 4)), "close_reason": "silence"}
    connection.execute(update(RATING).where(RATING.c.ticket_id == ticket).values(**told))
    if chance.random() < 0.2:
        marks = {element: chance.choice((2, 3, 4, 4)) for element in ELEMENTS}
        sent = asked + timedelta(hours=chance.randrange(48))
        put(connection, Survey, office=office, ticket_id=ticket, closing=1, answered_at=sent, **marks)


def _search(connection: Connection, chance: Random, office: str, at: datetime) -> None:
    """What somebody searched before a ticket opened, or did not."""
    query, answered = chance.choice(QUERIES), chance.choice((True, False, False, None))
    conversation = Thread(connection, office, "pencari").conversation
    told = {"query": query.format(at), "found": 2, "answered": answered, "at": at}
    put(connection, Searched, office=office, conversation_id=conversation, **told)


def _complaint(connection: Connection, chance: Random, office: str, opened: datetime) -> None:
    """A complaint, and the register's row of it. Nobody is asked how content they were with it."""
    ticket = Thread(connection, office, "pengaduan").ticket(kind="complaint", opened_at=opened)
    connection.execute(delete(RATING).where(RATING.c.ticket_id == ticket))
    put(connection, Complaint, ticket_id=ticket, office=office, category=chance.choice(("", *ELEMENTS)))


def _person(connection: Connection, chance: Random, office: str) -> Thread:
    thread = Thread(connection, office, "=SUM(A1)")
    told = {"main_use": chance.choice(USES), "institution_category": chance.choice(ORIGINS)}
    connection.execute(update(CONTACT).where(CONTACT.c.id == thread.contact).values(**told))
    if chance.random() < 0.4:
        mine = CONVERSATION.c.id == thread.conversation
        connection.execute(
            update(CONVERSATION).where(mine).values(channel="email", reply_to="@siti@contoh.id")
        )
    return thread


def _course(chance: Random, opened: datetime) -> dict[str, Any]:
    """When it was promised, answered and closed, if ever; now and then at the very moment of its end."""
    found: dict[str, Any] = {"status": "open"}
    if chance.random() < 0.85:
        found["clock_from"] = opened + timedelta(hours=chance.randrange(20))
    if "clock_from" in found and chance.random() < 0.9:
        found["due_at"] = found["clock_from"] + timedelta(hours=chance.randrange(24, 200))
    if chance.random() < 0.8:
        found["answered_at"] = opened + timedelta(seconds=chance.randrange(9 * 86_400))
        if "due_at" in found and chance.random() < 0.1:
            found["answered_at"] = found["due_at"]
    if chance.random() < 0.7:
        over = found.get("answered_at", opened) + timedelta(seconds=chance.randrange(9 * 86_400))
        found |= {"status": "closed", "closed_at": over, "close_reason": chance.choice(CLOSED_BY)}
    return found


def _asked_on(connection: Connection, chance: Random, office: str, ticket: int, opened: datetime) -> None:
    """What was promised before, as the log keeps it when a citizen asks on after the closing."""
    due = opened + timedelta(hours=chance.randrange(24, 120)) if chance.random() < 0.8 else None
    answered = opened + timedelta(hours=chance.randrange(120)) if chance.random() < 0.7 else None
    over = (answered or opened) + timedelta(hours=chance.randrange(1, 90))
    common = {"office": office, "ticket_id": ticket}
    put(connection, TicketEvent, **common, at=over, what="closed", detail={"reason": "officer"})
    before = {"due_at": due and due.isoformat(), "answered_at": answered and answered.isoformat()}
    put(connection, TicketEvent, **common, at=over + timedelta(days=1), what="asked_on", detail=before)


def _joined(connection: Connection, office: str, ticket: int, opened: datetime, *, other: int) -> None:
    """Another ticket came to this one, with promises that stand nowhere else; some went away again."""
    chance = Random(ticket)  # noqa: S311  # the same year every time
    at = opened + timedelta(hours=chance.randrange(1, 100))
    due = opened + timedelta(hours=chance.randrange(24, 120))
    answered = opened + timedelta(hours=chance.randrange(120)) if chance.random() < 0.5 else None
    moments = {"due_at": due.isoformat(), "answered_at": answered and answered.isoformat()}
    promise = moments | {"over_at": at.isoformat(), "here": chance.random() < 0.5}
    common = {"office": office, "ticket_id": ticket, "at": at}
    detail = {"ticket": other, "promises": [promise, promise | {"due_at": None}][: chance.randrange(3)]}
    put(connection, TicketEvent, **common, what="merged_here", detail=detail)
    if chance.random() < 0.3:
        put(connection, TicketEvent, **common, what="merge_undone", detail={"ticket": other})
