"""What the virus scanner said of contents, by their SHA-256."""

from datetime import datetime

from sqlalchemy import Connection, Table, select

from storage.columns import AnyRow, table, written
from storage.inserting import insert_into
from storage.media_tables import FileScan

SCAN: Table = table(FileScan)


def find(connection: Connection, sha256: str) -> AnyRow | None:
    """What was said of this content; None when the scanner was never asked."""
    return connection.execute(select(SCAN).where(SCAN.c.sha256 == sha256)).first()


def keep(connection: Connection, sha256: str, verdict: str, virus: str, now: datetime) -> None:
    """The scanner has spoken, or (``unscanned``) could not be asked."""
    row = {"verdict": verdict, "virus": virus[:120], "at": now}
    statement = insert_into(connection, SCAN).values(sha256=sha256, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_=row))


def unscanned(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Contents that nobody could ask about, the longest ago first, asked last before this moment."""
    waiting = select(SCAN.c.sha256).where(SCAN.c.verdict == written("unscanned"), SCAN.c.at <= before)
    return list(connection.execute(waiting.order_by(SCAN.c.at).limit(limit)).scalars())
