"""Offices that share their tickets out, in tests: rules, rosters, leave."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select, update

from bot.policy import Routing, Topic
from bot.routing import Absence, Half, HalfDay
from handlers import rostering
from handlers.rostering import Editor
from handlers.runtime import Runtime
from storage import duty
from storage.columns import AnyRow, table
from storage.tables import Membership, TicketEvent

EVENT, MEMBERSHIP = table(TicketEvent), table(Membership)
TOPICS = {
    "tani": Topic({"id": "Pertanian", "en": "Agriculture"}, ("padi", "luas panen")),
    "harga": Topic({"id": "Harga dan inflasi", "en": "Prices"}, ("inflasi", "harga")),
}


def shares(runtime: Runtime, office: str = "7411", **rule: Any) -> None:
    """From now on the office gives tickets by this rule."""
    offices = runtime.settings.offices
    offices[office] = replace(offices[office], routing=Routing(**rule))


def logged(runtime: Runtime, ticket_id: int, what: str) -> list[dict[str, Any]]:
    """The details of the rows of that kind in a ticket's log."""
    wanted = select(EVENT.c.detail).where(EVENT.c.ticket_id == ticket_id, EVENT.c.what == what)
    with runtime.database.read() as connection:
        return list(connection.execute(wanted.order_by(EVENT.c.id)).scalars())


def away(first: str, last: str) -> Absence:
    """``2026-07-06 am`` to ``2026-07-07 pm``."""
    return Absence(_half_day(first), _half_day(last))


def _half_day(written: str) -> HalfDay:
    day, half = written.split()
    return HalfDay(date.fromisoformat(day), Half(half))


def on_leave(runtime: Runtime, officer_id: int, first: str, last: str, office: str = "7411") -> None:
    """The officer enters a leave of their own."""
    assert rostering.add_leave(Editor(runtime, office, officer_id), officer_id, away(first, last), "") is None


def knows(runtime: Runtime, officer_id: int, *topics: str, takes: bool = True, office: str = "7411") -> None:
    """What the officer answers."""
    with runtime.database.write() as connection:
        duty.set_sharing(connection, office, officer_id, topics=topics, takes=takes)


def member(runtime: Runtime, officer_id: int, office: str = "7411") -> AnyRow:
    """The officer's membership."""
    mine = (MEMBERSHIP.c.officer_id == officer_id, MEMBERSHIP.c.office == office)
    with runtime.database.read() as connection:
        return connection.execute(select(MEMBERSHIP).where(*mine)).one()


def was_given(runtime: Runtime, officer_id: int, at: Any, office: str = "7411") -> None:
    """The officer was given a ticket then."""
    mine = (MEMBERSHIP.c.officer_id == officer_id, MEMBERSHIP.c.office == office)
    with runtime.database.write() as connection:
        connection.execute(update(MEMBERSHIP).where(*mine).values(given_at=at))
