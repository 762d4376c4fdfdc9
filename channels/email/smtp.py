"""One mail handed to one server over SMTP (RFC 5321), and exactly what is known when that fails."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from channels.contract import SendError, Trouble
from channels.email import errors

SECONDS_TO_CONNECT = 15.0
SECONDS_TO_ANSWER = 60.0
SECONDS_TO_PART = 5.0
_PIECE = 64 * 1024
_DOTS = re.compile(rb"^\.", re.MULTILINE)
_GO_ON = 354
_ACCEPTED = 250
_SIZE = (552, 523)

Secret = Callable[[], str]
"""Gives a password or an access token when it is needed. May raise ``SendError``."""


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where a mailbox hands its mail over. Signs in when there is a *password* or a *token* (XOAUTH2).

    *disbelieved* is told when the server did not take the token. *ca_file*: certificates to trust instead of
    the system's. *seconds*: how long each answer may take.
    """

    host: str
    port: int
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: str = ""
    password: Secret | None = field(default=None, repr=False)
    token: Secret | None = field(default=None, repr=False)
    disbelieved: Callable[[], None] | None = None
    ca_file: Path | None = None
    seconds: float = SECONDS_TO_ANSWER


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail for one recipient. ``bounces_to`` is the envelope's sender, ``sender`` the mailbox itself."""

    sender: str
    bounces_to: str
    recipient: str
    content: bytes


def hand_over(account: SmtpAccount, parcel: Parcel) -> str:
    """Hand *parcel* to the server, and give its last words ("2.0.0 Ok: queued as 4F2A").

    Raises ``SendError`` and nothing else. The outcome is unknown only from the moment the mail's last byte
    may have left until the server's answer: what breaks off before is not taken by any server (4.1.1.4).
    """
    server = _connected(account, parcel.sender)
    try:
        _sign_in(server, account)
        _name_the_ends(server, parcel)
        return _deliver(server, parcel)
    finally:
        _part(server)


def try_signing_in(account: SmtpAccount, sender: str) -> None:
    """Sign in and part again; no mail leaves. Raises ``SendError`` and nothing else."""
    server = _connected(account, sender)
    try:
        _sign_in(server, account)
    finally:
        _part(server)


def _connected(account: SmtpAccount, sender: str) -> smtplib.SMTP:
    with _before_the_mail():
        server = _called(account, sender.rpartition("@")[2] or "localhost")
        try:
            if account.security == "starttls":
                server.starttls(context=_trust(account))
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
    _patient(server, account.seconds)
    return server


def _called(account: SmtpAccount, domain: str) -> smtplib.SMTP:
    within = min(SECONDS_TO_CONNECT, account.seconds)
    if account.security == "tls":
        return smtplib.SMTP_SSL(account.host, account.port, domain, timeout=within, context=_trust(account))
    return smtplib.SMTP(account.host, account.port, domain, timeout=within)


def _trust(account: SmtpAccount) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=account.ca_file)


def _patient(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock:
        server.sock.settimeout(seconds)


def _sign_in(server: smtplib.SMTP, account: SmtpAccount) -> None:
    if account.token:
        _show(server, account, account.token())
    elif account.password:
        password = account.password()
        with _before_the_mail(account.user):
            server.login(account.user, password)


def _show(server: smtplib.SMTP, account: SmtpAccount, token: str) -> None:
    try:
        with _before_the_mail(account.user):
            server.auth("XOAUTH2", lambda asked=None: _bearer(account.user, token) if asked is None else "")
    except SendError as error:
        if error.code == errors.AUTH and account.disbelieved:
            account.disbelieved()
        raise


def _bearer(user: str, token: str) -> str:
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def _name_the_ends(server: smtplib.SMTP, parcel: Parcel) -> None:
    """Sender and recipient. A provider that refuses a tagged sender is given the mailbox itself."""
    with _before_the_mail():
        answer = server.mail(parcel.bounces_to, _options(server, parcel))
        if answer[0] // 100 == 5 and parcel.bounces_to != parcel.sender and answer[0] not in _SIZE:
            server.rset()
            answer = server.mail(parcel.sender, _options(server, parcel))
        if answer[0] != _ACCEPTED:
            raise _sender_refused(answer, parcel)
        answer = server.rcpt(parcel.recipient)
        if answer[0] not in (_ACCEPTED, 251):
            raise _refused(answer, parcel)


def _options(server: smtplib.SMTP, parcel: Parcel) -> list[str]:
    return [f"SIZE={len(parcel.content)}"] if server.has_extn("size") else []


def _deliver(server: smtplib.SMTP, parcel: Parcel) -> str:
    with _before_the_mail():
        answer = server.docmd("DATA")
        if answer[0] != _GO_ON:
            raise _refused(answer, parcel)
        *pieces, last = _pieces(_DOTS.sub(b"..", parcel.content))
        for piece in pieces:
            server.send(piece)
    try:
        server.send(last)
        answer = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise errors.failure(errors.NO_ANSWER, type(error).__name__) from None
    if answer[0] // 100 not in (2, 4, 5):
        raise errors.failure(errors.NO_ANSWER)
    if answer[0] // 100 != 2:
        raise _refused(answer, parcel)
    return errors.told(answer[1], parcel.recipient)


def _pieces(content: bytes) -> Iterator[bytes]:
    """*content* with the line that ends a mail, in pieces that a thin line can carry in time."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    whole += b".\r\n"
    yield from (whole[at : at + _PIECE] for at in range(0, len(whole), _PIECE))


def _part(server: smtplib.SMTP) -> None:
    """Say goodbye. What the server makes of that no longer matters."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        _patient(server, SECONDS_TO_PART)
        server.quit()
    server.close()


def _refused(answer: tuple[int, bytes], parcel: Parcel) -> SendError:
    return errors.refusal(*answer, parcel.recipient)


def _sender_refused(answer: tuple[int, bytes], parcel: Parcel) -> SendError:
    """Who may send, and how much, is between us and our server: the mail itself is not to blame."""
    refused = _refused(answer, parcel)
    if refused.trouble is Trouble.PERMANENT and answer[0] not in _SIZE:
        return errors.failure(errors.SENDER_REFUSED, refused.detail)
    return refused


@contextlib.contextmanager
def _before_the_mail(user: str = "") -> Iterator[None]:
    """Whatever goes wrong in here, the mail has certainly not left."""
    try:
        yield
    except SendError:
        raise
    except smtplib.SMTPNotSupportedError as error:
        raise errors.failure(errors.NOT_OFFERED, type(error).__name__) from None
    except smtplib.SMTPAuthenticationError as error:
        raise errors.sign_in_refused(error.smtp_code, _bytes(error.smtp_error), user) from None
    except smtplib.SMTPResponseException as error:
        raise errors.failure(errors.UNREACHABLE, str(error.smtp_code)) from None
    except ssl.SSLError as error:
        raise errors.failure(errors.NOT_TRUSTED, _about_tls(error)) from None
    except UnicodeError as error:
        raise errors.failure(errors.AUTH, type(error).__name__) from None
    except (OSError, smtplib.SMTPException) as error:
        raise errors.failure(errors.UNREACHABLE, type(error).__name__) from None


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _about_tls(error: ssl.SSLError) -> str:
    """Whether the name, the issuer or the date is wrong, or it is no TLS at all."""
    return str(getattr(error, "verify_message", "") or error.reason or type(error).__name__)
