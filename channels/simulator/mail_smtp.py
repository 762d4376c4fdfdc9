"""The SMTP half of the local mail server: it takes mail of those who signed in, for mailboxes of its own."""

import asyncio
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LARGEST = 35 * 2**20


class Office(Protocol):
    """What stands behind the counter."""

    def knows(self, address: str, password: str) -> bool:
        """Whether this is a mailbox here, with its password."""

    def may_send(self, user: str, sender: str) -> bool:
        """Whether who signed in as *user* may write as *sender* (empty for the null sender)."""

    def refusal(self, recipient: str) -> str | None:
        """Why a mail can't be left for *recipient*, as an SMTP answer; None when it can."""

    async def accept(self, user: str, sender: str, recipients: list[str], raw: bytes) -> None:
        """Take a mail."""


class _Session(Session):
    """Without the user name that aiosmtpd keeps beside ``auth_data``, with a line in the log each time."""

    login_data: Any = None


class _Server(SMTP):
    """Not for passing mail on: only known names, and no waiting for DNS."""

    def _create_session(self) -> Session:
        return _Session(self.loop)


class Counter:
    """Opens connections that hand everything to *office*, and closes them all at the end."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._open: list[_Server] = []

    def connection(self) -> asyncio.Protocol:
        """A new connection. For ``loop.create_server``."""
        self._open = [server for server in self._open if server.transport is not None]
        server = _Server(
            self,
            data_size_limit=LARGEST,
            hostname="localhost",
            ident="ready",
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._open.append(server)
        return server

    def close(self) -> None:
        """End every connection."""
        for server in self._open:
            if server.transport is not None:
                server.transport.close()

    async def handle_MAIL(  # noqa: N802  # aiosmtpd finds it by this name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Who writes."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if not self._office.may_send(str(session.auth_data), _sender(address)):
            return "553 5.7.1 This sender belongs to somebody else"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  # as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """For whom."""
        refusal = self._office.refusal(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # as above
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """What."""
        user, sender = str(session.auth_data), _sender(envelope.mail_from or "")
        await self._office.accept(user, sender, envelope.rcpt_tos, bytes(envelope.original_content or b""))
        return "250 2.0.0 OK"

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        user, password = (value.decode("utf-8", "replace") for value in given)
        if not self._office.knows(user, password):
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=user.lower())


def _sender(path: str) -> str:
    """The address of a return path; aiosmtpd gives the null one as it is written."""
    return "" if path == "<>" else path
