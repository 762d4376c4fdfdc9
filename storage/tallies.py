"""Beside the lists: how many tickets are in each, how many are unread, and when something changed last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from storage.asked import made_once
from storage.columns import Moment
from storage.inbox import AMONG_OPEN, OPEN, OPEN_ONES, ListName, View, asked_by, unread, visible
from storage.mail_tables import Mail
from storage.tables import Message, Ticket

UNHANDLED, UNREAD = "unhandled", "unread"
_CHANGED = "changed"
LOOKED_THROUGH = 300
"""Among so many of the open tickets that changed last, unread ones are counted."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a list.

    ``counts``: how many open tickets are in each list, how many are unread, and what is unhandled.
    ``changed``: when anything on this officer's pages changed last; None for an empty desk.
    """

    counts: Mapping[str, int]
    changed: datetime | None


def beside(connection: Connection, view: View, now: datetime) -> Beside:
    """What stands beside the lists of this officer."""
    row = connection.execute(_beside(view), asked_by(view, now=now)).one()
    counts = {key: int(value) for key, value in row._mapping.items() if key != _CHANGED}  # noqa: SLF001  # SQLAlchemy's public name
    return Beside(counts, row.changed)


@made_once
def _beside(view: View) -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=Moment)
    numbers = [func.count().filter(among(view, now)).label(name.value) for name, among in AMONG_OPEN.items()]
    apart = (
        _unread(view).label(UNREAD),
        _shunted(view).label(UNHANDLED),
        _forwarded(view).label(ListName.FORWARDED.value),
        _last_change(view).correlate(None).scalar_subquery().label(_CHANGED),
    )
    return select(*numbers, *apart).where(visible(view), OPEN_ONES)


def last_change(connection: Connection, view: View) -> datetime | None:
    """When anything on this officer's pages changed last; None for an empty desk."""
    found: datetime | None = connection.execute(_last_change(view), asked_by(view)).scalar()
    return found


@made_once
def _last_change(view: View) -> Select[*tuple[Any, ...]]:
    newest = Ticket.touched_at.desc()
    return select(Ticket.touched_at).where(visible(view)).order_by(newest).limit(literal_column("1"))


def _unread(view: View) -> ColumnElement[Any]:
    """Of the tickets that changed last only: each is looked up by itself, and old ones have been read."""
    newest = (Ticket.touched_at.desc(), Ticket.id.desc())
    changed = select(Ticket.id).where(visible(view), OPEN).order_by(*newest)
    latest = changed.limit(LOOKED_THROUGH).subquery()
    return select(func.count(latest.c.id)).where(unread(view, latest)).correlate(None).scalar_subquery()


def _forwarded(view: View) -> ColumnElement[Any]:
    # Of the aliased table, or the counted tickets would be this query's, too.
    ticket = Ticket.__table__.alias("passed_on")
    away = text("passed_on.handled_by <> passed_on.office")
    open_ones = (ticket.c.office == view.office, away, ticket.c.status + "" == "open")
    return select(func.count(ticket.c.id)).where(*open_ones).scalar_subquery()


def _shunted(view: View) -> ColumnElement[Any]:
    if not view.complaints:
        return literal_column("0", Integer)
    return _shunted_of(Message, view) + _shunted_of(Mail, view)


def _shunted_of(rows: type[Message | Mail], view: View) -> ColumnElement[Any]:
    # Written out, so that both databases see that the partial index holds the row.
    shunted = rows.intake == literal_column("'shunted'")
    return select(func.count(rows.id)).where(shunted, rows.office == view.office).scalar_subquery()
