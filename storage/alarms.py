"""What a person must look at: raised once while it lasts, counted, and settled by a person or by recovery."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, or_, select, update

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


def open_alarms(connection: Connection, office: str | None, *, installation: bool = False) -> list[AnyRow]:
    """What is not settled for this office, newest first; *installation*: what belongs to none, too."""
    mine = ALARM.c.office == office
    wanted = or_(mine, ALARM.c.office.is_(None)) if installation else mine
    return list(
        connection.execute(
            select(ALARM).where(wanted, ALARM.c.settled_at.is_(None)).order_by(ALARM.c.last_at.desc())
        )
    )
