"""What a person must look at: raised once while it lasts, counted, and settled by a person or by recovery."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from storage.columns import AnyRow, table
from storage.inserting import insert_into
from storage.mail_tables import Alarm

ALARM: Table = table(Alarm)


def raise_alarm(
    connection: Connection, key: str, office: str | None, what: str, about: dict[str, Any], now: datetime
) -> None:
    """Let people know of *what*; *key* names the one thing that it is about. Again, it only counts.

    *office* is None for what only the installation's administrator can mend. *about* holds words to print,
    never a citizen's.
    """
    row = {"key": key, "office": office, "what": what, "about": about, "since": now, "last_at": now}
    over = ALARM.c.settled_at.is_not(None)
    again = {
        "about": about,
        "last_at": now,
        "since": case((over, now), else_=ALARM.c.since),
        "times": case((over, 1), else_=ALARM.c.times + 1),
        "settled_at": None,
        "settled_by": None,
    }
    statement = insert_into(connection, ALARM).values(**row, times=1)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=again))


_SETTLE = (
    update(ALARM)
    .where(ALARM.c.key == bindparam("of"), ALARM.c.settled_at.is_(None))
    .values(settled_at=bindparam("now"), settled_by=bindparam("by"))
)


def settle(connection: Connection, key: str, officer_id: int | None, now: datetime) -> bool:
    """It is over, or somebody has seen it; False when it was settled before."""
    return connection.execute(_SETTLE, {"of": key, "by": officer_id, "now": now}).rowcount == 1


def find(connection: Connection, key: str) -> AnyRow | None:
    """The alarm of this key, settled or not."""
    return connection.execute(select(ALARM).where(ALARM.c.key == key)).first()


def offices_with(connection: Connection, what: str) -> set[str]:
    """The offices that have an alarm of this kind which is not settled."""
    found = select(ALARM.c.office).where(ALARM.c.what == what, ALARM.c.settled_at.is_(None))
    return {row.office for row in connection.execute(found) if row.office}


def _open(whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(ALARM).where(whose, ALARM.c.settled_at.is_(None)).order_by(ALARM.c.last_at.desc())


_OF_NONE, _OF_OFFICE = ALARM.c.office.is_(None), ALARM.c.office == bindparam("of")
_OPEN_OF_NONE, _OPEN_OF_OFFICE, _OPEN_OF_BOTH = map(_open, (_OF_NONE, _OF_OFFICE, or_(_OF_OFFICE, _OF_NONE)))


def open_alarms(connection: Connection, office: str | None, *, installation: bool = False) -> list[AnyRow]:
    """What is not settled for this office, newest first; *installation*: what belongs to none, too."""
    if office is None:
        return list(connection.execute(_OPEN_OF_NONE))
    wanted = _OPEN_OF_BOTH if installation else _OPEN_OF_OFFICE
    return list(connection.execute(wanted, {"of": office}))


def last_told(connection: Connection) -> datetime | None:
    """When administrators were last told of anything by mail."""
    moments = (func.max(ALARM.c.told_at), func.max(ALARM.c.over_told_at))
    return max(filter(None, connection.execute(select(*moments)).one()), default=None)


def untold(
    connection: Connection, since: datetime, also: Collection[str]
) -> tuple[list[AnyRow], list[AnyRow]]:
    """What administrators do not know yet of the installation: what lasts since then or longer, what is over.

    *also*: what concerns them even where it is an office's. What a person settled needs no word, nor does
    the end of what nobody was told of.
    """
    ours = or_(ALARM.c.office.is_(None), ALARM.c.what.in_(also))
    knows = ALARM.c.told_at >= ALARM.c.since
    new = and_(ALARM.c.settled_at.is_(None), ALARM.c.since <= since, or_(ALARM.c.told_at.is_(None), ~knows))
    known_over = ALARM.c.over_told_at >= ALARM.c.settled_at
    by_itself = and_(ALARM.c.settled_at.is_not(None), ALARM.c.settled_by.is_(None))
    over = and_(by_itself, knows, or_(ALARM.c.over_told_at.is_(None), ~known_over))
    found = [select(ALARM).where(ours, each).order_by(ALARM.c.since, ALARM.c.key) for each in (new, over)]
    lasting, ended = (list(connection.execute(each)) for each in found)
    return lasting, ended


def told(connection: Connection, new: list[str], over: list[str], now: datetime) -> None:
    """Administrators have been told of these, by their keys."""
    connection.execute(update(ALARM).where(ALARM.c.key.in_(new)).values(told_at=now))
    connection.execute(update(ALARM).where(ALARM.c.key.in_(over)).values(over_told_at=now))
