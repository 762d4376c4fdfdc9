"""A copy of what was sent in the mailbox's own folder for it, once, where the provider keeps none itself."""

import logging

from channels.contract import Outbound
from channels.email.faults import MailboxError
from channels.email.imap import open_mailbox
from channels.email.writing import mail_bytes
from handlers.runtime import Runtime

log = logging.getLogger(__name__)


def keep(runtime: Runtime, message: Outbound) -> None:
    """Lay a copy of the mail *message* into its mailbox's sent folder, if one is named and none is there.

    Never raises for a server's fault: the mail has left, and a copy is a convenience.
    """
    letter = message.letter
    found = runtime.settings.mailbox_of(message.sender) if letter else None
    if letter is None or found is None or found[1].smtp.sent_folder is None:
        return
    name, folder = found[0], found[1].smtp.sent_folder
    try:
        with open_mailbox(runtime.mailboxes[name]) as opened:
            if not opened.holds(folder, letter.message_id):
                opened.append(folder, mail_bytes(message, letter, runtime.clock()))
    except MailboxError as error:
        log.warning("no copy of message %s in the mailbox %s: %s", message.mid, name, error)
