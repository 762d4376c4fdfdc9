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


def was_said(connection: Connection, ticket_id: int, word: str) -> bool:
    """Whether a message of ours on this ticket holds *word*, the end of a link."""
    ours = (MESSAGE.c.ticket_id == ticket_id, MESSAGE.c.direction == written("out"))
    said = select(MESSAGE.c.id).where(*ours, MESSAGE.c.body.contains(f"/{word}", autoescape=True)).limit(1)
    return connection.execute(said).first() is not None


def media_of_message(connection: Connection, message_id: int, by: datetime) -> list[dict[str, str]]:
    """What goes along with a message of ours that was there *by* then."""
    ours = (MESSAGE.c.id == message_id, MESSAGE.c.direction == written("out"))
    row = connection.execute(select(MESSAGE.c.media, MESSAGE.c.at).where(*ours)).first()
    # To the second, as the address tells it.
    there = row is not None and row.at.replace(microsecond=0) <= by
    return list(row.media or []) if row is not None and there else []
