"""What was sent lies in the mailbox's own folder too: once, and never at the mail's expense."""

import logging

import pytest

from channels.email.imap import ImapAccount
from handlers.mailroom import copies, letters
from tests.channels.email.letters import parsed
from tests.dovecot import PASSWORD, Dovecot, new_user
from tests.driver import Desk
from tests.handlers.test_letters import answered

BOX = "bps7411"


def keeping(desk: Desk, account: ImapAccount, folder: str = "Terkirim") -> None:
    """From here on the desk keeps copies in *folder* of *account*."""
    boxes, kept = desk.runtime.settings.channels.email.mailboxes, desk.runtime.mailboxes
    assert isinstance(kept, dict)
    kept[BOX] = account
    smtp = boxes[BOX].smtp.model_copy(update={"sent_folder": folder})
    boxes[BOX] = boxes[BOX].model_copy(update={"smtp": smtp})


def test_what_was_sent_is_kept_once(desk: Desk, dovecot: Dovecot) -> None:
    user = new_user()
    account = ImapAccount("127.0.0.1", user, dovecot.port, "none", password=lambda: PASSWORD)
    keeping(desk, account)
    arrived = answered(desk)
    row = desk.messages("out")[-1]
    copies.keep(desk.runtime, letters.outbound(desk.runtime, row))
    ids = [parsed(raw)["Message-ID"] for raw in dovecot.mails(user, "Terkirim").values()]
    assert ids.count(arrived.mail["Message-ID"]) == 1
    assert len(ids) == len(desk.letters())
    assert all("\\Seen" in flags for flags in dovecot.flags(user, "Terkirim").values())
    assert dovecot.mails(user) == {}


def test_a_mailbox_that_is_away_keeps_no_mail_from_leaving(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    keeping(desk, ImapAccount("127.0.0.1", "x", 9, "none", password=lambda: PASSWORD))
    with caplog.at_level(logging.WARNING):
        answered(desk)
    assert {row.delivery for row in desk.messages("out")} == {"sent"}
    assert "no copy of message" in caplog.text
    assert "contoh.id" not in caplog.text


def test_without_a_folder_nobody_asks_the_mailbox(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        answered(desk)
    assert "no copy" not in caplog.text
