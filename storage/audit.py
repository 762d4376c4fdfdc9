"""The audit log, to be read: newest first, narrowed to an officer, a kind and a span of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.columns import AnyRow, table
from storage.tables import Audit, Officer

AUDIT = table(Audit)
PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None leaves everything in. *before*: the id that the page before ended with."""

    officer_id: int | None = None
    kinds: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def listed(connection: Connection, wanted: Wanted) -> list[AnyRow]:
    """A page of it, and one row more where there is another page."""
    names = {
        "officer": AUDIT.c.officer_id == wanted.officer_id if wanted.officer_id is not None else None,
        "kinds": AUDIT.c.what.in_(wanted.kinds) if wanted.kinds is not None else None,
        "since": AUDIT.c.at >= wanted.since if wanted.since else None,
        "until": AUDIT.c.at < wanted.until if wanted.until else None,
        "before": AUDIT.c.id < wanted.before if wanted.before is not None else None,
    }
    narrowed = [each for each in names.values() if each is not None]
    rows = select(AUDIT, Officer.name.label("name")).outerjoin(Officer, Officer.id == AUDIT.c.officer_id)
    return list(connection.execute(rows.where(*narrowed).order_by(AUDIT.c.id.desc()).limit(PAGE + 1)))
