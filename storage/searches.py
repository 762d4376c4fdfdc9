"""What citizens searched, and what came of it."""

from datetime import datetime

from sqlalchemy import Connection, Table, and_, func, or_, select, update

from storage import later
from storage.catalogue_tables import LONGEST_TITLE, Searched
from storage.columns import AnyRow, table
from storage.inbox import View
from storage.inserting import adding

SEARCHED: Table = table(Searched)
MOST_LISTED = 100
_ADD = adding(SEARCHED)
_TOLD = SEARCHED.c.query != ""
"""Words that were erased still count, but nobody can deal with them."""
_UNANSWERED = or_(SEARCHED.c.answered.is_(False), SEARCHED.c.found.is_(None))


def add(
    connection: Connection, office: str, conversation_id: int, query: str, found: int | None, now: datetime
) -> None:
    """A citizen has searched; *found* is None where the search failed. Nothing found answers nothing."""
    row = {
        "office": office,
        "conversation_id": conversation_id,
        "query": " ".join(query.split())[:LONGEST_TITLE],
        "found": found,
        "answered": None if found else False,
        "at": now,
    }
    later.put(connection, _ADD, [row])


def settle(connection: Connection, conversation_id: int, *, answered: bool) -> None:
    """The citizen told whether what they were shown last was an answer."""
    last = select(func.max(SEARCHED.c.id)).where(SEARCHED.c.conversation_id == conversation_id)
    waits = and_(SEARCHED.c.id == last.scalar_subquery(), SEARCHED.c.answered.is_(None))
    connection.execute(update(SEARCHED).where(waits).values(answered=answered))


def unanswered(connection: Connection, view: View) -> list[AnyRow]:
    """What did not lead to an answer and nobody has dealt with, newest first."""
    mine = (SEARCHED.c.office == view.office, SEARCHED.c.settled_at.is_(None), _UNANSWERED, _TOLD)
    statement = select(SEARCHED).where(*mine).order_by(SEARCHED.c.at.desc(), SEARCHED.c.id.desc())
    return list(connection.execute(statement.limit(MOST_LISTED)))


def answered(connection: Connection, view: View, earliest: datetime) -> list[AnyRow]:
    """The searches since *earliest* that led to an answer, or to a silence, newest first."""
    mine = (SEARCHED.c.office == view.office, SEARCHED.c.at >= earliest, SEARCHED.c.found > 0, _TOLD)
    happy = or_(SEARCHED.c.answered.is_(True), SEARCHED.c.answered.is_(None))
    statement = select(SEARCHED).where(*mine, happy).order_by(SEARCHED.c.id.desc())
    return list(connection.execute(statement.limit(MOST_LISTED)))


def find(connection: Connection, view: View, searched_id: int) -> AnyRow | None:
    """One search of this office."""
    mine = (SEARCHED.c.id == searched_id, SEARCHED.c.office == view.office)
    return connection.execute(select(SEARCHED).where(*mine)).first()


def put_aside(connection: Connection, view: View, searched_id: int, now: datetime) -> bool:
    """The office has dealt with it; False when there is none, or it was before."""
    mine = (SEARCHED.c.id == searched_id, SEARCHED.c.office == view.office, SEARCHED.c.settled_at.is_(None))
    done = connection.execute(
        update(SEARCHED).where(*mine).values(settled_at=now, settled_by=view.officer_id)
    )
    return done.rowcount == 1


def tally(connection: Connection, view: View, earliest: datetime) -> dict[str, int]:
    """How many searches there were since *earliest*: answered, unanswered, and without a word after them."""
    meant = {True: "answered", False: "unanswered", None: "silent"}
    counted = select(SEARCHED.c.answered, func.count().label("number"))
    mine = (SEARCHED.c.office == view.office, SEARCHED.c.at >= earliest)
    rows = connection.execute(counted.where(*mine).group_by(SEARCHED.c.answered))
    return dict.fromkeys(meant.values(), 0) | {meant[row.answered]: row.number for row in rows}
