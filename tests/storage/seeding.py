"""Rows of a small desk, written straight into the tables: for tests of what is read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert

from storage import officers, search
from storage.columns import table
from storage.mail_tables import Mail
from storage.tables import (
    Address,
    Contact,
    Conversation,
    Message,
    Presence,
    Rating,
    ReadMark,
    Ticket,
    TicketEvent,
    Unrouted,
)

NOON = datetime(2026, 7, 6, 4, 0, tzinfo=UTC)
_numbers = count(1)


def put(connection: Connection, row_of: Any, **values: Any) -> int:
    """One row of that table; its id."""
    of = table(row_of)
    statement = insert(of).values(**values)
    if "id" not in of.c:
        connection.execute(statement)
        return 0
    return int(connection.execute(statement.returning(of.c.id)).scalar_one())


@dataclass
class Thread:
    """A citizen of an office, and what they have said. ``mark`` stands in every text of theirs."""

    connection: Connection
    office: str
    mark: str = "biasa"
    contact: int = field(init=False)
    address: int = field(init=False)
    conversation: int = field(init=False)

    def __post_init__(self) -> None:
        """A contact with one address and one conversation."""
        number = f"+62812{next(_numbers):08d}"
        common = {"office": self.office, "created_at": NOON}
        self.contact = put(
            self.connection, Contact, **common, name=f"Nama {self.mark}", profile_name=self.mark
        )
        self.address = put(
            self.connection, Address, **common, contact_id=self.contact, kind="whatsapp", value=number
        )
        self.conversation = put(
            self.connection, Conversation, **common, channel="whatsapp", sender="+62811",
            address_id=self.address, contact_id=self.contact, reply_to=number, last_inbound_at=NOON,
        )  # fmt: skip

    def ticket(self, *, kind: str = "consultation", **changes: Any) -> int:
        """A ticket with a message of the citizen, a note, a row of the log and a rating."""
        number = next(_numbers)
        letter = "KTB-P" if kind == "complaint" else "KTB"
        values = {
            "office": self.office,
            "handled_by": self.office,
            "conversation_id": self.conversation,
            "contact_id": self.contact,
            "kind": kind,
            "year": 2026,
            "number": number,
            "reference": f"{letter}-2026-{number:05d}",
            "waiting_since": NOON,
            "opened_at": NOON,
            "subject": f"Perihal {self.mark}",
            "request": {"what": self.mark},
            "touched_at": NOON,
        } | changes
        values.setdefault("search_text", f"{values['reference']} Nama {self.mark} Perihal {self.mark}")
        ticket = put(self.connection, Ticket, **values)
        self.says(f"Pesan {self.mark}", ticket)
        self.says(f"Catatan {self.mark}", ticket, direction="note", author="officer")
        common = {"office": self.office, "ticket_id": ticket}
        put(self.connection, TicketEvent, **common, at=NOON, what=self.mark)
        put(
            self.connection, Rating, **common, closing=1, close_reason="officer", score=4, comment=self.mark,
            asked_at=NOON, answered_at=NOON,
        )  # fmt: skip
        return ticket

    def says(self, body: str, ticket: int | None = None, **changes: Any) -> int:
        """A message, in the search index already: the citizen's, unless *changes* tell otherwise."""
        message = self.writes(body, ticket, **changes)
        search.take_in(self.connection)
        return message

    def writes(self, body: str, ticket: int | None = None, **changes: Any) -> int:
        """The same a moment earlier: on SQLite the index does not have it yet."""
        number = next(_numbers)
        values = {
            "mid": f"m{number}",
            "office": self.office,
            "direction": "in",
            "author": "citizen",
            "channel": "whatsapp",
            "account": "AC",
            "external_id": f"SM{number}",
            "address_id": self.address,
            "conversation_id": self.conversation,
            "ticket_id": ticket,
            "sender": "+62811",
            "address": "+62812",
            "body": body,
            "at": NOON + timedelta(seconds=number),
            "intake": "handled",
        } | changes
        if values["direction"] != "in":
            values |= {"intake": None, "external_id": None}
        return put(self.connection, Message, **values)


def mail(connection: Connection, office: str, mark: str, **changes: Any) -> int:
    """A mail to that office, shunted unless *changes* tell otherwise; *mark* stands in all of its words."""
    number = next(_numbers)
    values = {
        "mailbox": f"kotak{office}",
        "office": office,
        "uidvalidity": 1,
        "uid": number,
        "size": 1000,
        "sha256": f"{number:064x}",
        "raw": f"Subject: {mark}\r\n\r\n{mark}".encode(),
        "at": NOON,
        "intake": "shunted",
        "author": f"{mark}@contoh.id",
        "subject": f"Perihal {mark}",
    } | changes
    return put(connection, Mail, **values)


def officer(connection: Connection, name: str, office: str | None = None, role: str = "officer") -> int:
    """An account, and its membership when *office* is given."""
    added = officers.add(
        connection,
        email=f"{name}@bps.go.id",
        name=name,
        password_hash="x",
        now=NOON,
        administrator=name == "admin",
    )
    if office:
        officers.set_role(connection, added, office, role)
    return added


def looks_at(connection: Connection, officer_id: int, ticket: int, *, writing: bool = False) -> None:
    """The officer has the ticket open and has read a little of it."""
    put(connection, Presence, officer_id=officer_id, ticket_id=ticket, writing=writing, seen_at=NOON)
    put(connection, ReadMark, officer_id=officer_id, ticket_id=ticket, message_id=1)


def stray(connection: Connection, body: str) -> int:
    """A message for no office."""
    return put(
        connection, Unrouted, channel="whatsapp", account="AC", external_id=f"SM{next(_numbers)}",
        sender="+62899", address="+62812", raw={"Body": body}, at=NOON,
    )  # fmt: skip
