"""Which ticket a mail speaks of that goes to none, so that no complaint is read there by whom it is about.

A notice that comes back quotes what it told; so do an officer's answer from another address, and a machine's
while its officer is away.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.policy import Office
from channels.email.tokens import Purpose, Token
from channels.mime.mail import Mail
from handlers.mailroom.matching import addressed, answered, found_in, numbers_in
from handlers.mailroom.reading import Read
from handlers.runtime import Runtime
from storage import notices, threads, tickets


def ticket_of(runtime: Runtime, connection: Connection, office: Office, read: Read) -> int | None:
    """The ticket that the mail's signed words are about, else the one whose number its subject names."""
    mail = read.mail
    if not isinstance(mail, Mail):
        return None
    tokens = found_in(runtime.tokens, " ".join(_said(read, mail)))
    signed = next(filter(None, (_about(connection, office.code, each) for each in tokens)), None)
    return signed or _numbered(connection, office, mail)


def _said(read: Read, mail: Mail) -> Iterator[str]:
    yield addressed(mail.envelope)
    yield answered(mail.envelope)
    yield from read.bounce.message_ids if read.bounce else ()
    yield mail.text


def _about(connection: Connection, office: str, token: Token) -> int | None:
    match token.purpose:
        case Purpose.OFFICER | Purpose.NOTE:
            row = tickets.find(connection, token.about)
            return int(row.id) if row else None
        case Purpose.NOTICE:
            notice = notices.find(connection, token.about)
            return notice.ticket_id if notice and (notice.officer_id or 0) == token.by else None
        case Purpose.THREAD | Purpose.BOUNCE:
            message = threads.our_mail(connection, office, token.about, token.by)
            return message.ticket_id if message else None
        case _:
            return None


def _numbered(connection: Connection, office: Office, mail: Mail) -> int | None:
    numbers = numbers_in(mail.envelope.subject, office)
    named = threads.by_reference(connection, office.code, numbers) if numbers else None
    return named.ticket_id if named else None
