"""What must be doubted in a database that comes from a backup: the desk went on after it was made."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import product

from sqlalchemy import Connection, Table, func, insert, select, update

from bot.conversation import TicketKind
from storage.columns import Base, table, written
from storage.tables import Installation, Message, Series

MESSAGE: Table = table(Message)
SERIES: Table = table(Series)
INSTALLATION: Table = table(Installation)
NAMED = frozenset(
    {
        *("conversation", "message", "ticket", "notice", "officer"),
        *("rating", "privacy_request", "file_link"),
    }
)
"""The tables whose rows are named by number in what the desk has signed."""
_RESTORED = "restored "
_EARLIEST_ZONE = timedelta(hours=9)
"""Indonesia's east has the new year first."""


def doubt_unsent(connection: Connection, now: datetime) -> int:
    """What had not left then may have left since: the provider is asked before it leaves. How many."""
    waits = MESSAGE.c.delivery.in_([written("queued"), written("sending")])
    doubted = update(MESSAGE).where(waits).values(delivery="unknown", next_try_at=now, lease_until=None)
    return connection.execute(doubted).rowcount


def skip_numbers(connection: Connection, many: int, offices: Iterable[str], now: datetime) -> None:
    """So many numbers of every series may have been given out since, and are never given again.

    Also of one that had not begun: an office's first complaint, everybody's first ticket of the year.
    """
    connection.execute(update(SERIES).values(last=SERIES.c.last + many))
    begun = {(row.office, row.kind, row.year) for row in connection.execute(select(SERIES))}
    years = {now.year, (now + _EARLIEST_ZONE).year}
    could_be = product({*offices, *(office for office, _, _ in begun)}, map(str, TicketKind), years)
    fresh = [dict(zip(("office", "kind", "year"), key, strict=True)) for key in sorted({*could_be} - begun)]
    if many and fresh:
        connection.execute(insert(SERIES), [{**series, "last": many} for series in fresh])


def close_numbers(connection: Connection, there: Collection[str]) -> None:
    """Note the highest id of each of the tables that are *there*: rows above it are others than they were.

    Each restore has a name of its own. Were they counted only, the same backup restored twice would look
    like once.
    """
    highest = {name: _highest(connection, Base.metadata.tables[name]) for name in sorted(NAMED & {*there})}
    noted = {"key": _RESTORED + secrets.token_hex(8), "value": json.dumps(highest, separators=(",", ":"))}
    connection.execute(insert(INSTALLATION).values(**noted))


def _highest(connection: Connection, of: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(of.c.id), 0))).scalar_one())


def closed(connection: Connection) -> dict[str, Mapping[str, int]]:
    """Of each restore, by its name, the highest id that each table had then."""
    noted = select(INSTALLATION).where(INSTALLATION.c.key.startswith(_RESTORED)).order_by(INSTALLATION.c.key)
    return {row.key.removeprefix(_RESTORED): json.loads(row.value) for row in connection.execute(noted)}
