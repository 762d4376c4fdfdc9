"""Checks of the mailboxes that need no network: secrets, certificates, owners, leave to sign in."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.policy import Mode, Office
from handlers import secrets
from handlers.checking.findings import Finding, error, fine, warning
from handlers.checking.installation import looking_at, secret_problem
from handlers.secrets import SecretError
from handlers.settings import Settings
from handlers.settings.shape import Mailbox
from storage import mailboxes

_OPEN = {Mode.CONSULT, Mode.COMPLAINT_ONLY}
_HOME = "channels.email.mailboxes"


def served(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Each mailbox: whose it is, its secrets, its certificates."""
    for name, box in settings.channels.email.mailboxes.items():
        faults = [*_owner(settings, name, box), *_secrets(box, environ), *_certificates(name, box)]
        yield from faults
        if not faults:
            yield fine(
                f"Kotak surat {name}: {box.address}, rahasianya ada.",
                f"Mailbox {name}: {box.address}, its secrets are there.",
            )


def offices(settings: Settings) -> Iterator[Finding]:
    """Each office that is open by e-mail has an address, and each address a mailbox."""
    opened = [office for office in settings.offices.values() if office.mode("email") in _OPEN]
    if opened and not settings.channels.email.mailboxes:
        names = ", ".join(office.short_name for office in opened)
        yield warning(
            f"Email dibuka ({names}) tetapi belum ada kotak surat ({_HOME}).",
            f"E-mail is open ({names}) but there is no mailbox yet ({_HOME}).",
        )
        return
    for office in opened:
        yield from _unserved(settings, office)


def _unserved(settings: Settings, office: Office) -> Iterator[Finding]:
    path = f"offices.{office.code}.senders.email"
    if not office.senders.email:
        yield warning(
            f"{path}: {office.short_name} membuka email tetapi alamatnya belum ada.",
            f"{path}: {office.short_name} is open by e-mail but has no address yet.",
        )
    for index, address in enumerate(office.senders.email):
        if settings.mailbox_of(address) is None:
            yield warning(
                f"{path}.{index}: belum ada kotak surat untuk {address} ({_HOME}).",
                f"{path}.{index}: there is no mailbox for {address} yet ({_HOME}).",
            )


def authorized(settings: Settings) -> Iterator[Finding]:
    """Each mailbox that signs in with tokens has been given leave."""
    boxes = settings.channels.email.mailboxes.items()
    waiting = [name for name, box in boxes if box.oauth and not _has_token(settings, name)]
    for name in waiting:
        yield error(
            f"Kotak surat {name} belum diberi izin masuk: jalankan loket mailbox authorize {name}.",
            f"Mailbox {name} may not sign in yet: run loket mailbox authorize {name}.",
        )


def _owner(settings: Settings, name: str, box: Mailbox) -> Iterator[Finding]:
    office = settings.office_of("email", box.address)
    path = f"{_HOME}.{name}.address"
    if office is None:
        yield error(
            f"{path}: {box.address} bukan milik kantor mana pun; cantumkan pada senders.email kantornya.",
            f"{path}: no office owns {box.address}; name it in its office's senders.email.",
        )
    elif office.mode("email") not in _OPEN:
        yield warning(
            f"{path}: {office.short_name} tidak membuka email; warga hanya diberi tahu jalan lain.",
            f"{path}: {office.short_name} is not open by e-mail; citizens are only told another way.",
        )


def _secrets(box: Mailbox, environ: Mapping[str, str]) -> Iterator[Finding]:
    wanted = [box.password, box.oauth.client_secret if box.oauth else None]
    for reference in wanted:
        try:
            if reference is not None:
                secrets.need(secrets.named_by(reference) or "", environ)
        except SecretError as problem:
            yield secret_problem(problem)


def _certificates(name: str, box: Mailbox) -> Iterator[Finding]:
    for part, server in (("imap", box.imap), ("smtp", box.smtp)):
        if server.ca_file is not None and not _holds_certificates(server.ca_file):
            path = f"{_HOME}.{name}.{part}.ca_file"
            yield error(
                f"{path}: {server.ca_file} tidak berisi sertifikat yang dapat dibaca.",
                f"{path}: {server.ca_file} holds no certificate that can be read.",
            )


def _holds_certificates(file: Path) -> bool:
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError):
        return False
    return True


def _has_token(settings: Settings, name: str) -> bool:
    try:
        with looking_at(settings) as connection:
            return connection is not None and bool(mailboxes.refresh_token(connection, name))
    except SQLAlchemyError:
        return True  # what is wrong with the database is told where it is looked at
