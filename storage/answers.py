"""The office's own questions and answers, drafted and published by its officers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from storage.catalogue_tables import Answer
from storage.columns import AnyRow, table
from storage.inbox import View, known
from storage.officer_tables import Officer
from storage.tables import Message, Ticket

ANSWER, OFFICER = table(Answer), table(Officer)
_TICKET: Table = table(Ticket)
_MESSAGE: Table = table(Message)


def listed(connection: Connection, view: View) -> list[AnyRow]:
    """All answers of the office, the one changed last first."""
    joined = ANSWER.outerjoin(OFFICER, OFFICER.c.id == ANSWER.c.written_by)
    columns = (ANSWER, OFFICER.c.name.label("writer"))
    statement = select(*columns).select_from(joined).where(ANSWER.c.office == view.office)
    return list(connection.execute(statement.order_by(ANSWER.c.changed_at.desc(), ANSWER.c.id.desc())))


def find(connection: Connection, view: View, answer_id: int) -> AnyRow | None:
    """One answer of this office."""
    mine = (ANSWER.c.id == answer_id, ANSWER.c.office == view.office)
    return connection.execute(select(ANSWER).where(*mine)).first()


def lock(connection: Connection, view: View, answer_id: int) -> AnyRow | None:
    """The same, and nobody else changes it until this transaction ends."""
    mine = (ANSWER.c.id == answer_id, ANSWER.c.office == view.office)
    return connection.execute(select(ANSWER).where(*mine).with_for_update()).first()


def published(connection: Connection, office: str, answer_id: int) -> AnyRow | None:
    """An answer that everybody may read."""
    open_to_all = (ANSWER.c.id == answer_id, ANSWER.c.office == office, ANSWER.c.published_at.is_not(None))
    return connection.execute(select(ANSWER).where(*open_to_all)).first()


def add(connection: Connection, view: View, values: dict[str, Any], now: datetime) -> int:
    """Keep a new answer; its id."""
    row = {**values, "office": view.office, "written_by": view.officer_id, "changed_at": now}
    return int(connection.execute(insert(ANSWER).values(**row).returning(ANSWER.c.id)).scalar_one())


def change(connection: Connection, view: View, answer_id: int, values: dict[str, Any], now: datetime) -> bool:
    """Change an answer; False when this office has none of that id."""
    row = {**values, "written_by": view.officer_id, "changed_at": now}
    mine = (ANSWER.c.id == answer_id, ANSWER.c.office == view.office)
    return connection.execute(update(ANSWER).where(*mine).values(**row)).rowcount == 1


def last_reply(connection: Connection, view: View, ticket_id: int) -> str:
    """What an officer answered last on a ticket that this officer may know of; empty when nobody did."""
    theirs = (_MESSAGE.c.ticket_id == ticket_id, _MESSAGE.c.author == "officer", _MESSAGE.c.answers.is_(True))
    joined = _MESSAGE.join(_TICKET, _TICKET.c.id == _MESSAGE.c.ticket_id)
    statement = select(_MESSAGE.c.body).select_from(joined).where(*theirs, known(view))
    return str(connection.execute(statement.order_by(_MESSAGE.c.id.desc()).limit(1)).scalar() or "")
