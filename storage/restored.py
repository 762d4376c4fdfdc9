"""What must be doubted in a database that comes from a backup: the desk went on after it was made."""

from datetime import datetime

from sqlalchemy import Connection, Table, update

from storage.columns import table, written
from storage.tables import Message, Series

MESSAGE: Table = table(Message)
SERIES: Table = table(Series)


def doubt_unsent(connection: Connection, now: datetime) -> int:
    """What had not left then may have left since: the provider is asked before it leaves. How many."""
    waits = MESSAGE.c.delivery.in_([written("queued"), written("sending")])
    doubted = update(MESSAGE).where(waits).values(delivery="unknown", next_try_at=now, lease_until=None)
    return connection.execute(doubted).rowcount


def skip_numbers(connection: Connection, many: int) -> None:
    """So many numbers of every series may have been given out since, and are never given again."""
    connection.execute(update(SERIES).values(last=SERIES.c.last + many))
