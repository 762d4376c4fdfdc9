"""A real SMTP server on loopback for tests, that can be told to refuse, to hang up and to be slow."""

import asyncio
import base64
import smtplib
import ssl
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD, ACCESS = "bps7411@bps.go.id", "sandi rahasia", "ya29.akses"
DROP, HANG = "drop", "hang"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as the server took it. ``greeted``: what the client called itself."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    greeted: str
    encrypted: bool
    signed_in: bool


@dataclass
class PostBox:
    """What the server does: takes mails, or answers what it was told to. Read it from the test's thread.

    ``scripts`` holds the next answers by command (MAIL, RCPT, END): a line of SMTP, ``DROP`` or ``HANG``.
    END is the answer to the mail itself: dropped then, it has been taken all the same. ``released`` ends
    every silence.
    """

    arrived: list[Arrived] = field(default_factory=list)
    scripts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    tried: list[str] = field(default_factory=list)
    port: int = 0
    host: str = "127.0.0.1"
    released: bool = False

    def answer(self, command: str, *lines: str) -> None:
        """Answer the next commands of this name so."""
        self.scripts[command].extend(lines)

    async def _next(self, server: SMTP, command: str) -> str | None:
        line = self.scripts[command].pop(0) if self.scripts[command] else None
        return await self._gone(server, line) if line in (DROP, HANG) else line

    async def _gone(self, server: SMTP, how: str | None) -> str:
        if how == HANG:
            for _ in range(5000):
                if not self.released:
                    await asyncio.sleep(0.05)
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
        return "421 gone"

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried.append(address)
        refused = await self._next(server, "MAIL")
        if refused:
            return refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refused = await self._next(server, "RCPT")
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.scripts["END"].pop(0) if self.scripts["END"] else None
        if answer and answer not in (DROP, HANG):
            return answer
        self.arrived.append(
            Arrived(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                envelope.original_content or b"",
                session.host_name or "",
                server.transport is not None and server.transport.get_extra_info("ssl_object") is not None,
                bool(session.authenticated),
            )
        )
        if answer:
            return await self._gone(server, answer)
        return f"250 2.0.0 Ok: queued as 4F{len(self.arrived)}"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        wanted = f"user={USER}\x01auth=Bearer {ACCESS}\x01\x01"
        if base64.b64decode(args[1]).decode() == wanted:
            return AuthResult(success=True, auth_data=LoginPassword(USER.encode(), b""))
        answer = await server.challenge_auth(b'{"status":"400"}', encode_to_b64=True)
        assert answer == b""
        return AuthResult(success=False, handled=False, auth_data=None)


def _signs_in(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, told: Any) -> AuthResult:
    right = isinstance(told, LoginPassword) and (told.login, told.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False, auth_data=told)


class _Controller(Controller):
    """Finds out which port the system gave it."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def hasty_after_the_mail(patch: pytest.MonkeyPatch) -> None:
    """From here on a server has as long as it likes for every answer, and a second for the one to a mail."""
    send = smtplib.SMTP.send

    def sent(self: smtplib.SMTP, said: Any) -> None:
        send(self, said)
        if self.sock and isinstance(said, bytes) and said.endswith(b"\r\n.\r\n"):
            self.sock.settimeout(1)

    patch.setattr(smtplib.SMTP, "send", sent)


@contextmanager
def post_box(
    *,
    starttls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    auth: bool = False,
    size: int | None = None,
) -> Iterator[PostBox]:
    """A server that takes mail for everybody; with *auth* only from who signs in."""
    box = PostBox()
    how: dict[str, Any] = {
        "data_size_limit": size,
        "enable_SMTPUTF8": False,
        "tls_context": starttls,
        "ready_timeout": 120,
        "require_starttls": starttls is not None,
    }
    if auth:
        how |= {"authenticator": _signs_in, "auth_required": True, "auth_require_tls": starttls is not None}
    controller = _Controller(
        box,
        hostname=box.host,
        port=0,
        ssl_context=implicit,
        server_hostname="mail.test",
        **how,
    )
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        box.released = True
        controller.stop()
