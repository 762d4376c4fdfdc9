"""A mail host on loopback: SMTP by aiosmtpd, which lays what it takes into a real Dovecot."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.dovecot import PASSWORD, Dovecot, new_user
from tests.ports import free_port

ADDRESS = "bps7411@bps.go.id"


@dataclass
class MailHost:
    """One mailbox, and how the host treats mail to it.

    ``loses``: what is taken never arrives. ``folder``: where it arrives. ``plus``: whether tags do, else they
    are refused. ``stamp``: lines the host writes above each mail.
    """

    dovecot: Dovecot
    user: str = field(default_factory=new_user)
    loses: bool = False
    folder: str = "INBOX"
    plus: bool = True
    stamp: bytes = b""
    sender_refused: str = ""
    port: int = 0
    taken: list[bytes] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - the same
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender, or say why not."""
        del server, options
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.sender_refused:
            return self.sender_refused
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the same
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient; one with a tag only where tags arrive."""
        del server, session, options
        if "+" in address and not self.plus:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Deliver."""
        del server, session
        raw: Any = envelope.content
        self.taken.append(bytes(raw))
        if not self.loses:
            self.dovecot.put(self.user, [self.stamp + bytes(raw)], self.folder)
        return "250 2.0.0 queued as 1"

    def known(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        """Everybody with the one password."""
        del server, session, envelope, mechanism
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False, auth_data=given.login)

    def mailbox(self, **changes: Any) -> dict[str, Any]:
        """The settings of this mailbox, over the plain ports of this machine."""
        imap = {"host": "127.0.0.1", "port": self.dovecot.port, "security": "none"}
        smtp = {"host": "127.0.0.1", "port": self.port, "security": "none"}
        return {
            "address": ADDRESS,
            "user": self.user,
            "imap": imap,
            "smtp": smtp,
            "password": "env:MAIL_PASSWORD",
            "plus_addressing": True,
            **changes,
        }


@contextmanager
def running_mail_host(dovecot: Dovecot, tls: ssl.SSLContext | None = None, **more: Any) -> Iterator[MailHost]:
    """The host, until the end of the block. *tls*: it offers STARTTLS with this certificate."""
    host = MailHost(dovecot, **more)
    host.port = free_port()
    controller = Controller(
        host,
        hostname="127.0.0.1",
        port=host.port,
        authenticator=host.known,
        auth_required=tls is not None,
        auth_require_tls=tls is not None,
        tls_context=tls,
        ready_timeout=120,
    )
    controller.start()
    try:
        yield host
    finally:
        controller.stop()


def environment() -> dict[str, str]:
    """The secrets of a desk with such mailboxes."""
    return {"LOKET_SECRET_KEY": "k" * 40, "MAIL_PASSWORD": PASSWORD}


def write_config(
    folder: Path, mailboxes: Mapping[str, Mapping[str, Any]], database_url: str | None = None
) -> Path:
    """The configuration of a desk for one office with these mailboxes."""
    content: dict[str, Any] = {
        "public_url": "https://loket.go.id",
        "channels": {"email": {"mailboxes": {name: dict(box) for name, box in mailboxes.items()}}},
        "offices": {
            "7411": {
                "short_name": "KTM",
                "name": {"id": "BPS Kabupaten Kolaka Timur", "en": "BPS-Statistics Kolaka Timur Regency"},
                "timezone": "Asia/Makassar",
                "modes": {"email": "consult"},
                "senders": {"email": [ADDRESS]},
                "hours": {"status": "confirmed"},
            }
        },
    }
    if database_url:
        content["database"] = {"url": database_url}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path
