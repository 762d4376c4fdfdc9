"""The IKM of a period as the database holds it: the worked data set, a period's borders, one office."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from bot.satisfaction import Band, Element
from storage import satisfaction
from storage.db import Database
from storage.inbox import View
from storage.tables import Rating
from storage.voice_tables import Survey
from tests.bot.test_satisfaction import WORKED
from tests.storage.seeding import NOON, Thread, officer, put

SINCE, UNTIL = NOON - timedelta(days=1), NOON + timedelta(days=1)


def sheets(answers: int, totals: dict[Element, int]) -> list[dict[str, int]]:
    """So many questionnaires whose marks have these sums."""
    marks = {element: [total // answers] * answers for element, total in totals.items()}
    for element, total in totals.items():
        for place in range(total % answers):
            marks[element][place] += 1
    return [{element.value: marks[element][place] for element in totals} for place in range(answers)]


def answers(connection: Connection, office: str, at: datetime, *filled: dict[str, int]) -> None:
    """Questionnaires of people whose consultations were closed at that moment."""
    for number, marks in enumerate(filled):
        ticket = Thread(connection, office, f"orang{number}{at.timestamp()}").ticket(
            status="closed", closed_at=at
        )
        put(connection, Survey, office=office, ticket_id=ticket, closing=1, answered_at=at, **marks)


def view(connection: Connection) -> View:
    return View("7411", officer(connection, "rahma", "7411"), False)


def test_the_worked_data_set_comes_out_of_the_database(database: Database) -> None:
    with database.write() as connection:
        mine = view(connection)
        answers(connection, "7411", NOON, *sheets(29, WORKED))
        found = satisfaction.index(connection, mine, SINCE, UNTIL)
        assert satisfaction.served(connection, mine, SINCE, UNTIL) == 29
    assert found is not None
    assert (found.answers, found.points, found.band) == (29, Decimal("91.48"), Band.A)


def test_only_the_period_and_the_office_count(database: Database) -> None:
    best, worst = ({element.value: mark for element in Element} for mark in (4, 1))
    with database.write() as connection:
        mine = view(connection)
        answers(connection, "7411", SINCE, best)
        answers(connection, "7411", UNTIL, worst)
        answers(connection, "7411", SINCE - timedelta(seconds=1), worst)
        answers(connection, "6571", NOON, worst)
        found = satisfaction.index(connection, mine, SINCE, UNTIL)
        assert satisfaction.served(connection, mine, SINCE, UNTIL) == 1
        assert satisfaction.index(connection, mine, UNTIL + timedelta(1), UNTIL + timedelta(2)) is None
    assert found is not None
    assert (found.answers, found.points) == (1, Decimal("100.00"))


def test_ratings_by_mark_and_by_the_reason_of_closing(database: Database) -> None:
    with database.write() as connection:
        mine, thread = view(connection), Thread(connection, "7411", "dinilai")
        ticket = thread.ticket(status="closed", closed_at=NOON)
        told = (("officer", 4), ("officer", 3), ("officer", None), ("silence", 1), ("silence", None))
        for closing, (reason, score) in enumerate(told, 100):
            put(
                connection, Rating, office="7411", ticket_id=ticket, closing=closing, close_reason=reason,
                score=score, asked_at=UNTIL - timedelta(hours=1),
            )  # fmt: skip
        found = satisfaction.ratings(connection, mine, UNTIL - timedelta(hours=2), UNTIL)
    assert (found.asked, found.answered) == (5, 3)
    assert found.marks == {1: 1, 2: 0, 3: 1, 4: 1}
    assert found.by_reason == {"officer": (3, 2, 7), "silence": (2, 1, 1)}
