"""A mail of ours came back: the message failed with a reason, and an address that is gone is not used again.

Which message: by our signed word in the envelope's sender first, then in the ids of the mail that was sent
back, then anywhere in the words of the report. A bounce that names none of ours changes nothing.

The ids are known to everybody to whom a citizen's answer went as well, and so prove nothing once there was
one: who answers a mail has got it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from bot.policy import Office
from channels.email.tokens import Purpose, Token
from channels.mime.bounces import Bounce, Failure, Outcome
from channels.mime.mail import Mail, Unread
from handlers import silence, undelivered
from handlers.mailroom.matching import addressed, answered, found_in
from handlers.mailroom.officer_mail import Filed
from handlers.mailroom.reading import Read
from handlers.runtime import Runtime
from storage import alarms, contacts, notices, outbox, receipts, threads, tickets
from storage.columns import AnyRow

_OF_A_MESSAGE = {Purpose.BOUNCE, Purpose.THREAD}
_OF_A_NOTICE = {Purpose.NOTICE}


def file(runtime: Runtime, connection: Connection, read: Read, office: Office, now: datetime) -> Filed:
    """File a bounce, at the ticket of the message that it is about."""
    if isinstance(read.mail, Unread) or read.bounce is None:
        return Filed("filed", "bounce", "unreadable report")
    for token in _tokens(runtime, read.mail, read.bounce):
        if token.purpose in _OF_A_MESSAGE:
            message = threads.our_mail(connection, office.code, token.about, token.by)
            if message is not None and _is_disproved(connection, token, message):
                return _filed(message, Outcome.DELIVERED)
            if message is not None:
                return _about(connection, message, read.bounce, office, now)
        elif token.purpose in _OF_A_NOTICE and _notice_failed(connection, token, read.bounce, office, now):
            return Filed("filed", "bounce", "about a notice")
    return Filed("filed", "bounce", "names none of our mails")


def _tokens(runtime: Runtime, mail: Mail, bounce: Bounce) -> Iterator[Token]:
    ids = " ".join(bounce.message_ids)
    for text in (addressed(mail.envelope), ids, answered(mail.envelope), mail.text):
        yield from found_in(runtime.tokens, text)


def _about(connection: Connection, message: AnyRow, bounce: Bounce, office: Office, now: datetime) -> Filed:
    failure = _worst(bounce, message.address)
    if failure.outcome is Outcome.PERMANENT:
        silence.ends(connection, message)
        if outbox.bounced(connection, message.id, failure.status or "bounced", failure.detail, now):
            undelivered.noted(connection, message, failure.status, now)
        _log(connection, message, office, failure, now)
        if failure.address_gone and _is_theirs(failure, message.address):
            contacts.bury(connection, message.address_id, failure.status or "bounced", now)
    elif failure.outcome is not Outcome.DELIVERED:
        receipts.keep_error(connection, message.id, (failure.status or "delayed")[:32], failure.detail[:500])
    return _filed(message, failure.outcome)


def _filed(message: AnyRow, outcome: Outcome) -> Filed:
    return Filed("filed", "bounce", str(outcome), message.ticket_id, message.conversation_id)


def _is_disproved(connection: Connection, token: Token, message: AnyRow) -> bool:
    return token.purpose is Purpose.THREAD and threads.was_read(connection, message)


def _worst(bounce: Bounce, address: str) -> Failure:
    """What the report says about this very address, else its first word."""
    return next((each for each in bounce.failures if _is_theirs(each, address)), bounce.failures[0])


def _is_theirs(failure: Failure, address: str) -> bool:
    return failure.address is not None and failure.address.lower() == address.lower()


def _log(connection: Connection, message: AnyRow, office: Office, failure: Failure, now: datetime) -> None:
    if message.ticket_id is not None:
        detail = {"status": failure.status, "gone": failure.address_gone}
        tickets.log(connection, office.code, message.ticket_id, "mail_bounced", now, None, detail)
        tickets.touch(connection, message.ticket_id, now)


def _notice_failed(
    connection: Connection, token: Token, bounce: Bounce, office: Office, now: datetime
) -> bool:
    if bounce.failures[0].outcome is not Outcome.PERMANENT:
        return False
    if not notices.bounced(connection, token.about, token.by, bounce.failures[0].detail[:255]):
        return False
    alarms.raise_alarm(connection, f"notice:{office.code}", office.code, "notice_bounced", {}, now)
    return True


def note(connection: Connection, office: str, ticket_id: int, what: str, now: datetime) -> None:
    """A machine's mail came to this ticket: a row in its log, nothing else."""
    tickets.log(connection, office, ticket_id, what, now, None)
    tickets.touch(connection, ticket_id, now)
