"""Files that leave by an address: with a message of ours, or behind a link in an answer."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, insert, select

from storage.columns import AnyRow, table, written
from storage.media_tables import FileLink
from storage.tables import Message, Ticket

LINK: Table = table(FileLink)
MESSAGE: Table = table(Message)
TICKET: Table = table(Ticket)


def add(
    connection: Connection,
    office: str,
    ticket_id: int,
    file: Mapping[str, str],
    language: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    """A file is to be had by a link until it expires; the link's id."""
    row = {
        "office": office,
        "ticket_id": ticket_id,
        "language": language,
        "at": now,
        "expires_at": expires_at,
    }
    row |= {
        "sha256": file["file"],
        "name": file["name"],
        "kind": file["content_type"],
        "size": int(file["size"]),
    }
    return int(connection.execute(insert(LINK).values(**row).returning(LINK.c.id)).scalar_one())


def find(connection: Connection, link_id: int) -> AnyRow | None:
    """The link, with the number of its ticket; None when there is none."""
    with_ticket = select(LINK, TICKET.c.reference).join(TICKET, TICKET.c.id == LINK.c.ticket_id)
    return connection.execute(with_ticket.where(LINK.c.id == link_id)).first()


def media_of_message(connection: Connection, message_id: int) -> list[dict[str, str]]:
    """What goes along with a message of ours."""
    ours = select(MESSAGE.c.media).where(MESSAGE.c.id == message_id, MESSAGE.c.direction == written("out"))
    return list(connection.execute(ours).scalar() or [])
