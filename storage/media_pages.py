"""Files of WhatsApp messages as officers' pages show them. Every query is confined by a ``View``."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, select

from storage.asked import made_once
from storage.columns import AnyRow
from storage.inbox import View, asked_by, known
from storage.media_tables import FileScan, Media
from storage.tables import Message, Ticket


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a message. ``verdict`` is empty where no scanner was asked."""

    id: int
    message_id: int
    state: str
    reason: str
    tries: int
    next_try_at: datetime | None
    said_type: str
    kind: str
    name: str
    size: int
    sha256: str | None
    shown: str | None
    verdict: str
    virus: str


def media_of_ticket(connection: Connection, view: View, ticket_id: int) -> Mapping[int, tuple[Kept, ...]]:
    """The files of this ticket's messages, by the message."""
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in connection.execute(_files(view), asked_by(view, ticket_id=ticket_id)):
        kept = _kept(row)
        found[kept.message_id].append(kept)
    return {message_id: tuple(files) for message_id, files in found.items()}


def one_of_ticket(connection: Connection, view: View, ticket_id: int, media_id: int) -> Kept | None:
    """One of them; None when there is none that they may see."""
    row = connection.execute(_file(view), asked_by(view, ticket_id=ticket_id, media_id=media_id)).first()
    return None if row is None else _kept(row)


@made_once
def _files(view: View) -> Select[*tuple[object, ...]]:
    return _of(view).order_by(Media.id)


@made_once
def _file(view: View) -> Select[*tuple[object, ...]]:
    return _of(view).where(Media.id == bindparam("media_id"))


def _of(view: View) -> Select[*tuple[object, ...]]:
    return (
        select(
            *(Media.id, Media.message_id, Media.state, Media.reason, Media.tries, Media.next_try_at),
            *(Media.said_type, Media.kind, Media.name, Media.size, Media.sha256, Media.shown),
            *(FileScan.verdict, FileScan.virus),
        )
        .join(Message, Message.id == Media.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(FileScan, FileScan.sha256 == Media.sha256)
        .where(Ticket.id == bindparam("ticket_id"), known(view))
    )


def _kept(row: AnyRow) -> Kept:
    told = row._mapping  # noqa: SLF001  # SQLAlchemy's public name
    return Kept(**{**told, "verdict": row.verdict or "", "virus": row.virus or ""})
