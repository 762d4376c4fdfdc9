"""What supervisors do with mails that were put aside."""

from handlers.mailroom import handling
from handlers.mailroom.reading import Reader, ReaderUnavailable
from handlers.runtime import Runtime
from storage import alarms, mail_pages, mails, officers, shunted_mails
from storage.inbox import View


def retry(runtime: Runtime, reader: Reader, view: View, mail_id: int) -> None:
    """Put the mail back in line, and give it its turn now; it stays in line when nothing can be read now."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        mailbox = mails.retry(connection, mail_id)
        if mailbox is None:
            return
        officers.record(connection, "mail_retried", now, view.officer_id, {"mail": mail_id})
    try:
        handling.handle_waiting(runtime, reader, mailbox)
    except ReaderUnavailable:
        return
    quieten(runtime, view)


def settle(runtime: Runtime, view: View, mail_id: int) -> None:
    """The mail was dealt with by other means."""
    now = runtime.clock()
    with runtime.database.write() as connection:
        if shunted_mails.take(connection, mail_id, view.officer_id):
            officers.record(connection, "mail_settled", now, view.officer_id, {"mail": mail_id})
    quieten(runtime, view)


def open_as_ticket(runtime: Runtime, view: View, mail_id: int) -> int | None:
    """A ticket with the mail as its file; None when the mail is gone, or nobody knows who wrote it."""
    ticket = handling.open_as_ticket(runtime, view.officer_id, mail_id)
    quieten(runtime, view)
    return ticket


def quieten(runtime: Runtime, view: View) -> None:
    """End the alarm about such mails when none is left at this office."""
    with runtime.database.write() as connection:
        if not mail_pages.shunted_mails(connection, view):
            alarms.settle(connection, f"shunted:{view.office}", view.officer_id, runtime.clock())
