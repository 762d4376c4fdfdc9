"""A real SMTP server on loopback that keeps what it is handed: one for all tests of a process."""

import atexit
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.dovecot import PASSWORD
from tests.ports import free_port


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it was handed over: the envelope's two addresses, and the mail."""

    bounces_to: str
    recipient: str
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """The mail, parsed."""
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        """Its plain text, with ``\\n`` line ends."""
        part = self.mail.get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class PostOffice:
    """What was handed over so far; a recipient gets its ``refusals`` first, a line each time."""

    letters: list[Letter] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    port: int = 0

    def to(self, address: str) -> list[Letter]:
        """The mails to one address, oldest first."""
        return [letter for letter in self.letters if letter.recipient == address]

    def clear(self) -> None:
        """Forget everything."""
        self.letters.clear()
        self.refusals.clear()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, unless a refusal waits for it."""
        del server, options
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if waiting := self.refusals.get(address):
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Keep the mail."""
        del server, session
        raw: Any = envelope.content
        self.letters += [Letter(envelope.mail_from or "", to, bytes(raw)) for to in envelope.rcpt_tos]
        return f"250 2.0.0 Ok: queued as {len(self.letters):06X}"


@cache
def post_office() -> PostOffice:
    """The post office of this process, opened on first use. It ends with the process."""
    office = PostOffice()
    office.port = free_port()
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        authenticator=_known,
        auth_require_tls=False,
        ready_timeout=120,
    )
    controller.start()
    atexit.register(controller.stop)
    return office


def _known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    del server, session, envelope, mechanism
    return AuthResult(success=given.password == PASSWORD.encode(), auth_data=given.login)


def lines(letters: list[Letter]) -> Iterator[str]:
    """What the letters say, for a failed assertion to show."""
    for letter in letters:
        yield f"{letter.recipient}: {letter.mail['Subject']}"
