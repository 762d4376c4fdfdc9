"""Ratings and questionnaires of a period: sums and counts of one office, never one person's answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot import satisfaction
from bot.satisfaction import Element, Index
from storage.inbox import View
from storage.ratings import RATING, SURVEY
from storage.tables import Ticket


@dataclass(frozen=True, slots=True)
class Ratings:
    """The question after a closing: how often put and answered, how many gave each mark, by closing reason.

    ``by_reason``: of each reason how many were asked, how many gave a mark, and the sum of the marks.
    """

    asked: int
    marks: Mapping[int, int]
    by_reason: Mapping[str, tuple[int, int, int]]

    @property
    def answered(self) -> int:
        """How many gave a mark."""
        return sum(self.marks.values())


def index(connection: Connection, view: View, since: datetime, until: datetime) -> Index | None:
    """The IKM of the questionnaires sent from *since* to before *until*; None where there are none."""
    sums = [func.coalesce(func.sum(SURVEY.c[element.value]), 0).label(element.value) for element in Element]
    mine = (SURVEY.c.office == view.office, SURVEY.c.answered_at >= since, SURVEY.c.answered_at < until)
    row = connection.execute(select(func.count(SURVEY.c.id).label("answers"), *sums).where(*mine)).one()
    totals = {element: int(row._mapping[element.value]) for element in Element}  # noqa: SLF001  # SQLAlchemy's public name
    return satisfaction.index(int(row.answers), totals)


def served(connection: Connection, view: View, since: datetime, until: datetime) -> int:
    """How many people's consultations were closed in the period: those of whom the survey is a sample."""
    mine = (Ticket.office == view.office, Ticket.kind == "consultation", Ticket.status == "closed")
    during = (Ticket.closed_at >= since, Ticket.closed_at < until)
    people = select(func.count(Ticket.contact_id.distinct())).where(*mine, *during)
    return int(connection.execute(people).scalar_one())


def ratings(connection: Connection, view: View, since: datetime, until: datetime) -> Ratings:
    """The questions put from *since* to before *until*, with what was answered to them."""
    mine = (RATING.c.office == view.office, RATING.c.asked_at >= since, RATING.c.asked_at < until)
    grouped = (
        select(RATING.c.close_reason, RATING.c.score, func.count(RATING.c.id).label("many"))
        .where(*mine)
        .group_by(RATING.c.close_reason, RATING.c.score)
    )
    asked, marks = 0, dict.fromkeys(range(1, satisfaction.BEST + 1), 0)
    reasons: dict[str, tuple[int, int, int]] = {}
    for row in connection.execute(grouped):
        before = reasons.get(row.close_reason, (0, 0, 0))
        asked += row.many
        given = row.many if row.score is not None else 0
        added = (row.many, given, given * (row.score or 0))
        reasons[row.close_reason] = (before[0] + added[0], before[1] + added[1], before[2] + added[2])
        if row.score is not None:
            marks[row.score] += row.many
    return Ratings(asked, marks, reasons)
