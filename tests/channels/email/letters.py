"""A letter to send, and reading back what was written."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from channels.contract import Letter, Outbound

MAILBOX, CITIZEN = "bps7411@bps.go.id", "siti.contoh@example.org"
MORNING = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
OWN_ID = "<t.1.2.abcdefghijklmnop@bps.go.id>"
LETTER = Letter(
    subject="Re: Data luas panen [KTM-2026-00001]",
    from_name="BPS Kabupaten Kolaka Timur",
    html="<p>Selamat pagi</p>",
    message_id=OWN_ID,
    mark="p.0.0.abcdefghijklmnop",
)
MESSAGE = Outbound("mid-1", MAILBOX, CITIZEN, "Selamat pagi", LETTER)


def letter(**changed: Any) -> Outbound:
    """The message with another letter."""
    return replace(MESSAGE, letter=replace(LETTER, **changed))


def parsed(content: bytes) -> EmailMessage:
    """A mail as the standard library understands it."""
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(content: bytes) -> str:
    """The plain text of a mail, with ``\\n`` line ends and without the one at its end."""
    part = parsed(content).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").removesuffix("\n")
