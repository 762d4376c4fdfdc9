"""What is found afterwards: in the database, on the phones, in the mailboxes and at the mail server."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesHeaderParser
from typing import Any

from sqlalchemy import select

from bench.havoc.ledger import Ledger
from channels.simulator import LocalTwilio, PhoneMessage
from storage.columns import AnyRow, table
from storage.db import Database
from storage.mail_tables import Mail
from storage.tables import Conversation, Message, ReceiptRow, Series, Ticket, TicketEvent, Timer, Unrouted
from tests.post import Letter

_MESSAGE, _MAIL, _TICKET = table(Message), table(Mail), table(Ticket)
_MESSAGE_COLUMNS = (
    *("id", "mid", "office", "direction", "author", "channel", "external_id", "address", "sender"),
    *("conversation_id", "ticket_id", "body", "intake", "outcome", "delivery", "doubts", "error_code"),
    *("error_text", "raw", "template", "mail_id", "next_try_at"),
)
_MAIL_COLUMNS = ("id", "mailbox", "uid", "message_id", "intake", "kind", "rule", "conversation_id")
_HEADER = BytesHeaderParser()


@dataclass
class Evidence:
    """Everything that the auditor compares. ``turns``: the messages in the order of their turns.

    ``closing``: the offices where a citizen's silence closes tickets.
    ``lying``: the Message-IDs of all mails in the mailboxes. ``ends``: the moment of the audit.
    """

    ledger: Ledger
    ends: datetime
    closing: Collection[str]
    messages: list[AnyRow] = field(default_factory=list)
    tickets: list[AnyRow] = field(default_factory=list)
    series: list[AnyRow] = field(default_factory=list)
    conversations: list[AnyRow] = field(default_factory=list)
    timers: list[AnyRow] = field(default_factory=list)
    told: list[AnyRow] = field(default_factory=list)
    receipts: list[AnyRow] = field(default_factory=list)
    unrouted: list[AnyRow] = field(default_factory=list)
    mails: list[AnyRow] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    phones: list[PhoneMessage] = field(default_factory=list)
    lying: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def of(self, direction: str, channel: str = "") -> list[AnyRow]:
        """The messages of one direction (and channel), in the order of their ids."""
        return [row for row in self.messages if row.direction == direction and channel in ("", row.channel)]


def gathered(
    database: Database,
    ledger: Ledger,
    twilio: LocalTwilio,
    lying: Iterable[bytes],
    letters: Sequence[Letter],
    now: datetime,
    closing: Collection[str],
    turns: Iterable[int],
) -> Evidence:
    """Read all of it."""
    found = Evidence(ledger, now, closing, turns=list(turns), letters=list(letters))
    found.phones = [message for message in twilio.search(None, None)[::-1] if not message.from_citizen]
    found.lying = [message_id_of(raw) for raw in lying]
    with database.read() as connection:

        def rows(model: Any, *names: str) -> list[AnyRow]:
            columns = [table(model).c[name] for name in names] or list(table(model).c)
            order = [table(model).c.id] if "id" in table(model).c else []
            return list(connection.execute(select(*columns).order_by(*order)))

        found.messages = rows(Message, *_MESSAGE_COLUMNS)
        found.mails = rows(Mail, *_MAIL_COLUMNS)
        found.tickets, found.series = rows(Ticket), rows(Series)
        found.conversations, found.timers = rows(Conversation), rows(Timer)
        found.told = rows(TicketEvent, "id", "ticket_id", "what", "detail")
        found.receipts = rows(ReceiptRow, "id", "external_id", "status")
        found.unrouted = rows(Unrouted, "id", "external_id")
    return found


def message_id_of(raw: bytes) -> str:
    """The Message-ID in a mail's head."""
    return str(_HEADER.parsebytes(raw)["Message-ID"] or "").strip()
